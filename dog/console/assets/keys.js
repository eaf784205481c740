/* The inbox by keyboard: every key presses a button that the mouse could press as well. */
(function () {
  "use strict";
  const waiting = [], pending = new Set();
  let sent = 0, place = 0, actions = 0;

  const cards = () => Array.from(document.querySelectorAll("article.option")).filter((c) => !pending.has(c.dataset.item));
  const typing = (at) => at.closest("input, textarea, select, [contenteditable=true], .cm-editor");

  function current() {
    const all = cards();
    const held = document.activeElement && document.activeElement.closest("article.option");
    return all.includes(held) ? held : all[Math.min(place, all.length - 1)];
  }

  function focus(card) {
    if (!card) return;
    place = cards().indexOf(card);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: "auto" });
  }

  function close() {
    document.querySelectorAll(".menu.open").forEach((menu) => menu.classList.remove("open"));
    document.querySelectorAll("[data-opens][aria-expanded=true]").forEach((b) => b.setAttribute("aria-expanded", "false"));
  }

  function send() {
    if (sent || !waiting.length) return;
    const action = waiting.shift();
    sent = action.n;
    window.dash_clientside.set_props("action", { data: action });
  }

  function press(button) {
    const card = button.closest("article.option");
    if (button.dataset.opens) {
      const menu = card.querySelector(".menu." + button.dataset.opens), open = menu.classList.contains("open");
      close();
      focus(card);
      if (!open) { menu.classList.add("open"); button.setAttribute("aria-expanded", "true"); }
      return;
    }
    const { do: what, item, name } = button.dataset;
    if (card) {
      const next = cards().indexOf(card);
      card.classList.add("gone");
      pending.add(item);
      focus(cards()[Math.min(next, cards().length - 1)]);
      place = next;
    } else { place = 0; }
    close();
    waiting.push({ do: what, item: item, name: name, with: button.dataset.with, n: ++actions });
    send();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do], [data-opens]");
    if (button) press(button);
  });

  document.addEventListener("keydown", (event) => {
    if (!document.querySelector(".inbox") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") { event.target.blur(); focus(current()); }
      if (event.key === "Enter" && event.target.id === "search") {
        const first = document.querySelector("#found button");
        if (first) { event.preventDefault(); event.target.blur(); press(first); }
      }
      return;
    }
    const card = current(), menu = document.querySelector(".menu.open"), all = cards();
    let handled = true;
    if (event.key === "Escape") close();
    else if (menu && menu.querySelector(`[data-key="${CSS.escape(event.key)}"]`)) {
      press(menu.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
    } else if (event.key === "j") { close(); focus(document.activeElement === card ? all[Math.min(all.indexOf(card) + 1, all.length - 1)] : card); }
    else if (event.key === "k") { close(); focus(all[Math.max(all.indexOf(card) - 1, 0)]); }
    else if (card && "adr".includes(event.key)) press(card.querySelector(`.card-actions [data-key="${event.key}"]`));
    else if (event.key === "o" && card) { const d = card.querySelector("details"); d.open = !d.open; }
    else if (event.key === "u") { waiting.push({ do: "undo", n: ++actions }); send(); }
    else if (event.key === "n") press(document.querySelector(".find [data-do=next]"));
    else if (event.key === "/") document.getElementById("search").focus();
    else handled = false;
    if (handled) event.preventDefault();
  });

  /* A receipt is long and seldom read: laid out when it is opened. */
  document.addEventListener("toggle", (event) => {
    const receipt = event.target;
    if (!receipt.dataset || !receipt.dataset.receipt || receipt.querySelector("table")) return;
    const table = receipt.appendChild(Object.assign(document.createElement("table"), { className: "receipt numbers" }));
    JSON.parse(receipt.dataset.receipt).forEach(([name, value]) => {
      const row = table.insertRow();
      row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: name }));
      row.insertCell().textContent = value;
    });
  }, true);

  /* An answer has come when its number is on the page: the place is kept, the next action goes out. */
  new MutationObserver(() => {
    const answered = document.querySelector(".answered");
    if (!sent && document.activeElement === document.body) return focus(current());
    if (!sent || !answered || Number(answered.textContent) !== sent) return;
    sent = 0;
    if (waiting.length) return send();
    pending.clear();
    if (!typing(document.activeElement)) focus(cards()[Math.min(place, cards().length - 1)]);
  }).observe(document.body, { childList: true, characterData: true, subtree: true });

  const fetched = window.fetch;
  window.fetch = async function (...asked) {
    const answer = await fetched.apply(this, asked);
    if (answer.status === 401) window.location.assign("/console/log-in");
    return answer;
  };
})();
