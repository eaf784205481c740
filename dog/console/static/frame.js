/* What every page has: the theme, messages, faults of requests, and the log-in over a page whose session has expired. */
const THEMES = ["system", "light", "dark"];
export const MOUNT = "/console";

/** Show a message at the foot of the page; screen readers announce it. */
export function say(text) {
  const line = Object.assign(document.createElement("span"), { textContent: text });
  document.getElementById("said").replaceChildren(line);
}

/** Show a fault above the page until the next request succeeds. */
export function showFault(text) {
  document.getElementById("notice").textContent = text;
}

document.getElementById("insecure")?.toggleAttribute("hidden", isSecureContext);
document.querySelector("#navigation .here")?.scrollIntoView({ inline: "center", block: "nearest" });

let asking = null;

/** Ask for the log-in in a dialog; resolve once there is a session again. */
export function logInAgain() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("log-in-again");
    const goOn = () => {
      window.removeEventListener("focus", look);
      dialog.close();
      asking = null;
      resolve();
    };
    const look = async () => {  // after a log-in in another tab
      const answer = await fetch(`${MOUNT}/session`, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.ok && dialog.open) goOn();
    };
    window.addEventListener("focus", look);
    const form = dialog.querySelector("form"), key = form.querySelector("input"), fault = form.querySelector(".fault");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.onsubmit = async (event) => {
      event.preventDefault();
      const answer = await fetch(`${MOUNT}/log-in`, {
        method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ key: key.value }),
      }).catch(() => null);
      if (!answer || !answer.ok) {
        fault.textContent = await answer?.text().catch(() => null) ?? document.body.dataset.away;
        return;
      }
      key.value = fault.textContent = "";
      goOn();
    };
    dialog.showModal();
    key.focus();
  });
  return asking;
}

/** Send a request of a script and return its whole answer; ask for the log-in and send it again where the session has expired. */
export async function send(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  const answer = await fetch(MOUNT + path, { ...options, headers });
  if (answer.status !== 401) return { ok: answer.ok, status: answer.status, text: await readText(answer) };
  await logInAgain();
  return send(path, options);
}

async function readText(answer) {
  const text = await answer.text();
  if (answer.status === 200 && !text) throw new TypeError("The answer was cut off.");  // Chrome takes half a head for a whole one
  return text;
}

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement, next = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
  root.dataset.theme = next;
  document.cookie = `theme=${next}; path=${MOUNT}; max-age=31536000; samesite=strict`;
});

/* A phone has no Escape: a dialog is closed by its button, and by a touch beside it. */
document.addEventListener("click", ({ target, clientX: x, clientY: y }) => {
  const dialog = target.closest("dialog");
  if (!dialog || dialog.id === "log-in-again") return;
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  const isBeside = target === dialog && (x < left || x > right || y < top || y > bottom);
  if (isBeside || target.closest("[data-close]")) dialog.close();
});

document.body.addEventListener("htmx:responseError", async (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401) return showFault(xhr.responseText);
  await logInAgain();
  window.htmx.ajax(requestConfig.verb, requestConfig.path, {
    source: event.detail.elt, target: event.detail.target, values: requestConfig.parameters,
  });
});
document.body.addEventListener("htmx:sendError", () => showFault(document.body.dataset.away));
document.body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) showFault(""); });
