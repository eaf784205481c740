/* The editor of a policy: line numbers, the place of each fault, and buttons that wait for a valid draft. */
const text = () => document.getElementById("policy-text");

/** Number the lines of the text, mark those with a fault, and let a draft with faults not be stored. */
function showCheck() {
  const found = document.getElementById("policy-checked"), editor = text();
  const wrong = new Set([...found.querySelectorAll("[data-line]")].map((fault) => Number(fault.dataset.line)));
  const count = editor.value.split("\n").length;
  editor.rows = Math.max(count, 24);
  document.getElementById("policy-lines").replaceChildren(...Array.from({ length: count }, (_, place) => {
    const number = Object.assign(document.createElement("span"), { textContent: `${place + 1}\n` });
    number.classList.toggle("wrong", wrong.has(place + 1));
    return number;
  }));
  for (const button of document.querySelectorAll("button[data-valid]")) button.disabled = !("valid" in found.dataset);
}

/** Select the text from a fault to the end of its line. */
function goTo(fault) {
  const editor = text(), lines = editor.value.split("\n"), line = Number(fault.dataset.line);
  const column = Number(fault.dataset.column);
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  editor.focus();
  editor.setSelectionRange(start, start + Math.max(1, (lines[line - 1] || "").length - column + 1));
}

/** Let a text be checked that was edited before the page was ready, or that the browser has kept over a reload. */
function checkChanged() {
  if (text().value !== text().defaultValue) text().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const fault = event.target.closest("[data-line]");
  if (fault) goTo(fault);
});
if (text()) {
  document.getElementById("policy").addEventListener("submit", (event) => event.preventDefault());
  document.body.addEventListener("htmx:afterSettle", showCheck);
  document.addEventListener("input", (event) => { if (event.target === text()) showCheck(); });
  document.addEventListener("DOMContentLoaded", checkChanged);
  showCheck();
}
