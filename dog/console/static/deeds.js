/* What this person did today: from the service, and from the outbox what waits. Each can be undone. */
import { say, send, showFault } from "./frame.js";
import { entries, outbox, put, undo } from "./outbox.js";
import { texts } from "./inbox_texts.js";

const SHOWN = 30, RETRY_MS = 5_000, UNDOING = new Set(["/inbox/retract", "/inbox/unsnooze"]);
const deeds = new Map(), undone = new Set(), takenBack = [];
let showsAll = false;

/** Dispatches `change`, `undone` with a deed, and `settled` with {deed, kept}. */
export const done = new EventTarget();

/** Return what was done to a contact and not undone, oldest first. */
export const deedsOf = (contactId) => inOrder().filter((deed) => deed.contactId === contactId && deed.state !== "refused");

/** Return whether a deed of some type to a contact's product was undone since the page was opened. */
export const wasUndone = (contactId, productId, type) => takenBack.some((deed) => deed.contactId === contactId && deed.productId === productId && deed.type === type);

/** Return the latest deed; undefined without one. */
export const latest = () => inOrder().filter((deed) => deed.state !== "refused").at(-1);

/** Keep an event, `names` as {product, contact}; return whether this browser could. */
export function act(event, names) {
  const done = deedsOf(event.contact_id).map((deed) => deed.productId);
  const retract = { path: "/inbox/retract", body: { event_id: event.event_id, ...names } };
  return keep("/inbox/event", { event, ...names, done }, { id: event.event_id, undo: retract });
}

/** Put off a contact, or one of its products, until a day; return whether this browser could keep that. */
export function snooze(what) {
  const id = crypto.randomUUID();
  return keep("/inbox/snooze", what, { id, undo: { path: "/inbox/unsnooze", body: { ...what, deed_id: id } } });
}

/** Put a deed into the outbox; say so where this browser has no space for it. */
export function keep(path, body, options) {
  try {
    put(path, body, options);
    return true;
  } catch {
    showFault(texts.full);
    return false;
  }
}

/** Undo a deed: what waits is dropped, what may be kept is taken back; a refused one is dismissed. */
export function takeBack(deed) {
  undone.add(deed.id);
  if (!undo(deed.id)) put(deed.undo.path, deed.undo.body);
  changed();
  done.dispatchEvent(new CustomEvent("undone", { detail: deed }));
}

/** Read today's deeds from the service. */
export async function loadDeeds() {
  const answer = await send("/inbox/today").catch(() => null);
  if (!answer?.ok) return void setTimeout(loadDeeds, RETRY_MS);
  for (const deed of await answer.json()) {
    const { id, product, contact } = deed, retract = { path: "/inbox/retract", body: { event_id: id, product, contact } };
    if (!deeds.has(id)) deeds.set(id, { ...deed, state: "kept", message: "", undo: retract });
  }
  changed();
}

const inOrder = () => [...deeds.values()].sort((one, other) => one.at - other.at);

/** Return the deed of an entry of the outbox; null where it is none that is listed. */
function deedOf({ id, path, body, refused, undo: undoing }) {
  const what = { "/inbox/event": body.event, "/inbox/snooze": { ...body, type: "snooze" } }[path];
  if (!what) return null;
  const { contact, product } = body, state = refused ? "refused" : "waiting";
  const { type, contact_id: contactId, product_id: productId } = what;
  return { id, type, contactId, productId, contact, product, at: Date.parse(what.occurred_at), state, message: refused ?? "", undo: undoing };
}

function changed() {
  for (const entry of entries()) {
    const deed = deedOf(entry);
    if (deed && !undone.has(deed.id)) deeds.set(deed.id, deed);
    else if (UNDOING.has(entry.path)) undone.add(entry.body.deed_id ?? entry.body.event_id);
  }
  for (const id of undone) {
    if (deeds.has(id)) takenBack.push(deeds.get(id));
    deeds.delete(id);
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
  if (!deedOf(entry) || undone.has(entry.id)) return;
  const deed = { ...deedOf(entry), state: kept ? "kept" : "refused", message: kept ? answer.said : message };
  deeds.set(deed.id, deed);
  if (kept) say(answer.said);
  else showFault(message);
  done.dispatchEvent(new CustomEvent("settled", { detail: { deed, kept } }));
});

/* the list of today */
const list = document.getElementById("done"), line = document.getElementById("deed-line"), all = document.getElementById("all-done");

function draw() {
  const newest = inOrder().reverse(), shown = showsAll ? newest : newest.slice(0, SHOWN);
  list.replaceChildren(...shown.map(lineOf));
  document.getElementById("none-done").hidden = newest.length > 0;
  all.hidden = shown.length === newest.length;
}

function lineOf(deed) {
  const shown = line.content.cloneNode(true), button = shown.querySelector("button");
  const verb = texts.verbs[deed.type], about = deed.product || deed.contact;
  shown.querySelector("li").dataset.state = deed.state;
  shown.querySelector(".verb").textContent = verb;
  shown.querySelector(".about").textContent = about;
  shown.querySelector(".whom").textContent = deed.contact;
  shown.querySelector(".state").textContent = deed.state === "waiting" ? texts.waits : deed.message;
  button.textContent = deed.state === "refused" ? texts.dismiss : texts.undo;
  button.setAttribute("aria-label", `${button.textContent}: ${verb} ${about}, ${deed.contact}`);
  button.addEventListener("click", () => takeBack(deed));
  return shown;
}

all.addEventListener("click", () => {
  showsAll = true;
  draw();
});
