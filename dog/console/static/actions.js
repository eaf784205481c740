/* What this person did today: from the service, and from the outbox what waits. Each can be undone. */
import { say, send, showFault } from "./frame.js";
import { entries, outbox, put, undo } from "./outbox.js";
import { texts } from "./inbox_texts.js";

const SHOWN = 30, RETRY_MS = 5_000, UNDOING = new Set(["/inbox/retract", "/inbox/unsnooze"]);
const actions = new Map(), undone = new Set(), takenBack = [];
let showsAll = false;

/** Dispatches `change`, `undone` with an action, and `settled` with {action, kept}. */
export const done = new EventTarget();

/** Return what was done to a contact and not undone, oldest first. */
export const actionsOf = (contactId) => inOrder().filter((action) => action.contactId === contactId && action.state !== "refused");

/** Return whether an action of some type to a contact's product was undone since the page was opened. */
export const wasUndone = (contactId, productId, type) => takenBack.some((action) => action.contactId === contactId && action.productId === productId && action.type === type);

/** Return the latest action; undefined without one. */
export const latest = () => inOrder().filter((action) => action.state !== "refused").at(-1);

/** Keep an event, `names` as {product, contact}; return whether this browser could. */
export function act(event, names) {
  const done = actionsOf(event.contact_id).map((action) => action.productId);
  const retract = { path: "/inbox/retract", body: { event_id: event.event_id, ...names } };
  return keep("/inbox/event", { event, ...names, done }, { id: event.event_id, undo: retract });
}

/** Put off a contact, or one of its products, until a day; return whether this browser could keep that. */
export function snooze(what) {
  const id = crypto.randomUUID();
  return keep("/inbox/snooze", what, { id, undo: { path: "/inbox/unsnooze", body: { ...what, action_id: id } } });
}

/** Put an action into the outbox; say so where this browser has no space for it. */
export function keep(path, body, options) {
  try {
    put(path, body, options);
    return true;
  } catch {
    showFault(texts.full);
    return false;
  }
}

/** Undo an action: what waits is dropped, what may be kept is taken back; a refused one is dismissed. */
export function takeBack(action) {
  undone.add(action.id);
  if (!undo(action.id)) put(action.undo.path, action.undo.body);
  changed();
  done.dispatchEvent(new CustomEvent("undone", { detail: action }));
}

/** Read today's actions from the service. */
export async function loadActions() {
  const answer = await send("/inbox/today").catch(() => null);
  if (!answer?.ok) return void setTimeout(loadActions, RETRY_MS);
  for (const action of JSON.parse(answer.text)) {
    const { id, product, contact } = action, retract = { path: "/inbox/retract", body: { event_id: id, product, contact } };
    if (!actions.has(id)) actions.set(id, { ...action, state: "kept", message: "", undo: retract });
  }
  changed();
}

const inOrder = () => [...actions.values()].sort((one, other) => one.at - other.at);

/** Return the action of an entry of the outbox; null where it is none that is listed. */
function actionOf({ id, path, body, refused, undo: undoing }) {
  const what = { "/inbox/event": body.event, "/inbox/snooze": { ...body, type: "snooze" } }[path];
  if (!what) return null;
  const { contact, product } = body, state = refused ? "refused" : "waiting";
  const { type, contact_id: contactId, product_id: productId } = what;
  return { id, type, contactId, productId, contact, product, at: Date.parse(what.occurred_at), state, message: refused ?? "", undo: undoing };
}

function changed() {
  for (const entry of entries()) {
    const action = actionOf(entry);
    if (action && !undone.has(action.id)) actions.set(action.id, action);
    else if (UNDOING.has(entry.path)) undone.add(entry.body.action_id ?? entry.body.event_id ?? entry.body.deed_id);  // deed_id: kept by release 0.2
  }
  for (const id of undone) {
    if (actions.has(id)) takenBack.push(actions.get(id));
    actions.delete(id);
  }
  draw();
  done.dispatchEvent(new Event("change"));
}

outbox.addEventListener("change", changed);
outbox.addEventListener("settled", ({ detail: { entry, kept, answer, message } }) => {
  if (UNDOING.has(entry.path)) {
    if (kept) return say(answer.said);
    undo(entry.id);
    return showFault(message);
  }
  if (!actionOf(entry) || undone.has(entry.id)) return;
  const action = { ...actionOf(entry), state: kept ? "kept" : "refused", message: kept ? answer.said : message };
  actions.set(action.id, action);
  if (kept) say(answer.said);
  else showFault(message);
  done.dispatchEvent(new CustomEvent("settled", { detail: { action, kept } }));
});

/* the list of today */
const list = document.getElementById("done"), line = document.getElementById("action-line"), all = document.getElementById("all-done");

function draw() {
  const newest = inOrder().reverse(), shown = showsAll ? newest : newest.slice(0, SHOWN);
  const held = document.activeElement.closest("#done li")?.dataset.action;
  list.replaceChildren(...shown.map(lineOf));
  if (held) list.querySelector(`[data-action="${CSS.escape(held)}"] button`)?.focus();
  document.getElementById("none-done").hidden = newest.length > 0;
  all.hidden = shown.length === newest.length;
}

function lineOf(action) {
  const shown = line.content.cloneNode(true), button = shown.querySelector("button");
  const verb = texts.verbs[action.type], about = action.product || action.contact;
  Object.assign(shown.querySelector("li").dataset, { action: action.id, state: action.state });
  shown.querySelector(".verb").textContent = verb;
  shown.querySelector(".about").textContent = about;
  shown.querySelector(".whom").textContent = action.contact;
  shown.querySelector(".state").textContent = action.state === "waiting" ? texts.waits : action.message;
  button.textContent = action.state === "refused" ? texts.dismiss : texts.undo;
  button.setAttribute("aria-label", `${button.textContent}: ${verb} ${about}, ${action.contact}`);
  button.addEventListener("click", () => takeBack(action));
  return shown;
}

all.addEventListener("click", () => {
  showsAll = true;
  draw();
});
