/* What this person did today: from the service, and from the outbox what waits. Each can be undone. */
import { say, send, showFault } from "./frame.js";
import { entries, outbox, put, undo } from "./outbox.js";
import { texts } from "./inbox_texts.js";

const SHOWN = 30;
const deeds = new Map(), undone = new Set();
let showsAll = false;

/** Dispatches `change`, and `settled` with {deed, kept} for events. */
export const done = new EventTarget();

/** Return what was done to a contact and not undone, oldest first. */
export const deedsOf = (contactId) => inOrder().filter((deed) => deed.contactId === contactId && deed.state !== "refused");

/** Return the latest deed; undefined without one. */
export const latest = () => inOrder().filter((deed) => deed.state !== "refused").at(-1);

/** Do something to a contact's product, `names` as {product, contact}; return the event's id, null where it cannot be kept. */
export function act(event, names) {
  const what = { event_id: event.event_id, ...names };
  const done = deedsOf(event.contact_id).map((deed) => deed.productId);
  try {
    put("/inbox/event", { event, ...names, done }, { id: event.event_id, undo: { path: "/inbox/retract", body: what } });
  } catch {
    showFault(texts.full);
    return null;
  }
  return event.event_id;
}

/** Undo a deed: what waits is dropped, what may be kept is taken back; a refused one is dismissed. */
export function takeBack(deed) {
  undone.add(deed.id);
  if (!undo(deed.id)) put("/inbox/retract", { event_id: deed.id, product: deed.product, contact: deed.contact });
  deeds.delete(deed.id);
  changed();
}

/** Read today's deeds from the service. */
export async function loadDeeds() {
  const answer = await send("/inbox/today");
  if (!answer.ok) return showFault(await answer.text());
  for (const deed of await answer.json()) if (!deeds.has(deed.id)) deeds.set(deed.id, { ...deed, state: "kept", message: "" });
  changed();
}

const inOrder = () => [...deeds.values()].sort((one, other) => one.at - other.at);

function deedOf({ body, refused }) {
  const { event_id: id, type, contact_id: contactId, product_id: productId, occurred_at: at } = body.event;
  const state = refused ? "refused" : "waiting";
  return { id, type, contactId, productId, contact: body.contact, product: body.product, at: Date.parse(at), state, message: refused ?? "" };
}

function changed() {
  for (const entry of entries()) {
    if (entry.path === "/inbox/event" && !undone.has(entry.id)) deeds.set(entry.id, deedOf(entry));
    else if (entry.path === "/inbox/retract") undone.add(entry.body.event_id);
  }
  for (const id of undone) deeds.delete(id);
  draw();
  done.dispatchEvent(new Event("change"));
}

outbox.addEventListener("change", changed);
outbox.addEventListener("settled", ({ detail: { entry, kept, answer, message } }) => {
  if (entry.path === "/inbox/retract") return kept ? say(answer.said) : showFault(message);
  if (entry.path !== "/inbox/event" || undone.has(entry.id)) return;
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
