/* The inbox: one contact's list at a time. Every key presses a button that the mouse or a finger could press as well. */
import { act, actionsOf, done, keep, latest, loadActions, snooze, takeBack, wasUndone } from "./actions.js";
import { now } from "./clock.js";
import { say, showFault } from "./frame.js";
import { texts } from "./inbox_texts.js";
import { entries, outbox, undo } from "./outbox.js";
import { openPalette } from "./palette.js";
import * as queue from "./queue.js";
import { askSnooze } from "./snooze.js";
import "./outbox_banner.js";

const place = document.getElementById("contact"), announcer = document.getElementById("announce");
const back = document.querySelector("[data-do=back]");
const visited = [];
let current = null, wantsNext = true, lastMs = 0;

const cards = () => [...place.querySelectorAll("article[data-product]")].filter((card) => !card.hidden);
const typing = (at) => at.closest("input, textarea, select, [contenteditable=true]");
const cardOf = (product) => cards().find((card) => card.dataset.product === product);

function announce(text) {
  announcer.textContent = "";
  announcer.textContent = text;
}

/** Return when a key was pressed by the service's clock; each press is later than those before, on other pages too. */
function pressTime() {
  lastMs = Math.max(lastMs + 1, (latest()?.at ?? 0) + 1, now());
  return new Date(lastMs).toISOString();
}

/* contacts */
function open(section) {
  wantsNext = false;
  if (current && current !== section) visited.push(current);
  current = section;
  show(section);
  if (section.dataset.kept) return;
  section.dataset.kept = "yes";
  const { contact: contact_id, decision: decision_id, exclude } = section.dataset;
  keep("/inbox/decision", { contact_id, decision_id, exclude: JSON.parse(exclude) }, { id: decision_id });
}

function show(section) {
  place.replaceChildren(section);
  back.disabled = visited.length === 0;
  draw();
  focus(cards()[0]);
  scrollTo(0, 0);
  announce(texts.shown.replace("%(name)s", section.dataset.name).replace("%(n)s", cards().length));
  queue.keepAhead(inUse());
}

function openNext() {
  if (current) visited.push(current);
  current = null;
  wantsNext = true;
  queue.keepAhead(inUse());
  openArrived();
}

/** Open the next contact, or show that it is awaited or that none is left. */
function openArrived() {
  const section = queue.take();
  if (section) return open(section);
  place.replaceChildren(document.getElementById(queue.isEmpty() ? "queue-over" : "queue-loading").content.cloneNode(true));
  back.disabled = visited.length === 0;
  announce(place.textContent.trim());
}

function openBefore() {
  if (!visited.length) return;
  if (current) queue.giveBack(current);
  current = visited.pop();
  wantsNext = false;
  show(current);
}

async function openContact(contactId) {
  const before = visited.find((section) => section.dataset.contact === contactId);
  const section = before ?? queue.take(contactId) ?? await queue.fetchContact(contactId, crypto.randomUUID());
  if (before) visited.splice(visited.indexOf(before), 1);
  if (section) open(section);
}

function inUse() {
  const unsent = entries().filter((entry) => entry.path === "/inbox/decision").map((entry) => entry.body.contact_id);
  return [...(current ? [current] : []), ...visited].map((section) => section.dataset.contact).concat(unsent);
}

/** Rank what is left again, after a verdict that changes the other options. */
async function refresh(section) {
  const { contact, decision } = section.dataset;
  const without = actionsOf(contact).map((action) => action.productId);
  const fresh = await queue.fetchContact(contact, decision, without);
  if (!fresh || section !== current || entries().some((entry) => entry.body.event?.contact_id === contact)) return;
  const product = document.activeElement.closest("article")?.dataset.product, menu = place.querySelector(".menu.open");
  if (menu || typing(document.activeElement)) return;  // somebody is choosing
  const listed = new Set(listedIn(section));
  for (const card of fresh.querySelectorAll(".options article")) card.dataset.unlisted = listed.has(card.dataset.product) ? "" : "yes";
  section.querySelector(".list-body").replaceWith(fresh.querySelector(".list-body"));
  draw();
  if (product !== undefined) focus(cardOf(product) ?? cards()[0]);
}

const listedIn = (section) => (section.dataset.listed ??= JSON.stringify(
  [...section.querySelectorAll(".options article")].map((card) => card.dataset.product))) && JSON.parse(section.dataset.listed);

/** Show what is left of the current contact: no option with a verdict, and what was accepted as "to do". */
function draw() {
  if (!current) return;
  const states = statesOf(current.dataset.contact), todo = current.querySelector(".todo");
  let room = Number(current.dataset.shown);
  for (const card of current.querySelectorAll(".options article")) {
    card.hidden = states.has(card.dataset.product) || room <= 0;
    if (!card.hidden) room -= 1;
  }
  for (const item of todo.querySelectorAll("article[data-made]")) if (!states.get(item.dataset.product)?.open) item.remove();
  for (const item of todo.querySelectorAll("article:not([data-made])")) {  // as the service knew it
    item.hidden = wasUndone(current.dataset.contact, item.dataset.product, "accept");
    if (wasUndone(current.dataset.contact, item.dataset.product, "pitch")) showPitch(item, "");
  }
  for (const [product, state] of states) {
    const item = todo.querySelector(`article[data-product="${CSS.escape(product)}"]`) ?? (state.open ? addTodo(todo, product, state) : null);
    if (!item) continue;
    item.hidden = !state.open;
    showPitch(item, state.pitch);
  }
  todo.hidden = !todo.querySelector("article:not([hidden])");
  current.querySelector(".nothing-left").hidden = cards().length > 0 || Boolean(current.querySelector(".rests"));
}

function showPitch(item, pitchId) {
  item.dataset.pitch = pitchId;
  item.querySelector("[data-do=pitch]").hidden = Boolean(pitchId);
  item.querySelector(".pitched").hidden = !pitchId;
}

/** Return by product what today's actions have made of it: `open` while it is to do, `pitch` once it is pitched. */
function statesOf(contactId) {
  const states = new Map();
  for (const { id, type, productId, product } of actionsOf(contactId)) {
    const isOpen = type === "accept" || type === "pitch";
    states.set(productId, { open: isOpen, pitch: type === "pitch" ? id : "", name: product });
  }
  return states;
}

function addTodo(todo, product, { name }) {
  const item = document.getElementById("todo-item").content.cloneNode(true).querySelector("article");
  Object.assign(item.dataset, { product, name, made: "yes" });
  item.querySelector("h3").textContent = name;
  item.setAttribute("aria-label", name);
  todo.append(item);
  return item;
}

function focus(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", behavior: "auto" });
}

function closeMenus() {
  for (const menu of place.querySelectorAll(".menu.open")) menu.classList.remove("open");
  for (const button of place.querySelectorAll("[data-opens][aria-expanded=true]")) button.setAttribute("aria-expanded", "false");
}

/* what buttons do */
function verdict(button, more = {}) {
  const card = button.closest("article"), { product, name, pitch, unlisted } = card.dataset, type = button.dataset.do;
  const adds = { ...JSON.parse(button.dataset.adds ?? "{}"), ...more }, note = card.querySelector("[data-note]")?.value.trim();
  const event = { event_id: crypto.randomUUID(), type, contact_id: current.dataset.contact, product_id: product, occurred_at: pressTime(), ...adds };
  if (note) event.reason = { ...event.reason, note };
  if (card.closest(".options") && !unlisted) event.decision_id = current.dataset.decision;
  if (pitch && type !== "pitch") event.pitch_id = pitch;
  listedIn(current);
  closeMenus();
  const rest = restAfter(card);
  if (!act(event, { product: name, contact: current.dataset.name })) return;
  announce(`${texts.verbs[type]}: ${name}`);
  focus(cardOf(product)?.closest(".todo") && type === "pitch" ? cardOf(product) : rest.find((other) => other.isConnected && !other.hidden));
}

/** Return the other cards in the order in which they get the focus when one is gone. */
function restAfter(card) {
  const all = cards(), at = all.indexOf(card);
  return all.slice(at + 1).concat(all.slice(0, Math.max(at, 0)).reverse());
}

/** Return the card that has the focus, else the first. */
function cardAt() {
  const all = cards(), held = document.activeElement.closest("article");
  return all.includes(held) ? held : all[0];
}

function undoLatest() {
  const action = latest();
  if (!action) return say(texts.nothingToUndo);
  takeBack(action);
  say(texts.takenBack.replace("%(product)s", action.product).replace("%(contact)s", action.contact));
}

function toggle(button) {
  const card = button.closest("article"), menu = card.querySelector(`.menu.${button.dataset.opens}`);
  const opens = !menu.classList.contains("open");
  closeMenus();
  focus(card);
  if (!opens) return;
  menu.classList.add("open");
  button.setAttribute("aria-expanded", "true");
  menu.querySelector("[data-autofocus]")?.focus();
  const isTall = menu.offsetHeight > innerHeight / 2;
  menu.scrollIntoView({ block: isTall ? "start" : "nearest", behavior: "auto" });
}

/** Ask until when the card that has the focus, or its contact, is put off. */
function putOff() {
  if (!current) return;
  const card = cardAt(), { contact: contact_id, name: contact } = current.dataset;
  const { product: product_id = "", name: product = "" } = card?.dataset ?? {};
  askSnooze({ contact, product, nowMs: now() }, (until, isWhole) => {
    const what = isWhole ? { product_id: "", product: "" } : { product_id, product };
    const rest = restAfter(card);
    if (!snooze({ contact_id, contact, ...what, until, occurred_at: pressTime() })) return;
    if (isWhole) openNext();
    else focus(rest.find((other) => other.isConnected && !other.hidden));
  });
}

const COMMANDS = {
  snooze: putOff,
  next: openNext,
  back: openBefore,
  undo: undoLatest,
  search: () => openPalette(openContact),
  keys: () => document.getElementById("keys").showModal(),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button:is([data-do], [data-opens], [data-open])");
  if (!button || event.detail > 1) return;  // the second click of two would hit what has moved below the pointer
  if (button.dataset.open) openContact(button.dataset.open);
  else if (button.dataset.opens) toggle(button);
  else if (COMMANDS[button.dataset.do]) COMMANDS[button.dataset.do]();
  else verdict(button);
});

/* A form in a card, such as the value of a win, sends its fields with the event. */
place.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = event.target.elements.value.value.trim();
  verdict(event.target, text ? { value: Number(text.replace(",", ".")) } : {});
  event.target.reset();  // an undo brings the form back
});

document.addEventListener("keydown", (event) => {
  const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  if (isPalette) {
    event.preventDefault();
    return openPalette(openContact);
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") {
      const card = event.target.closest("article");
      closeMenus();
      focus(card ?? cards()[0]);
    }
    return;
  }
  const key = event.getModifierState("CapsLock") ? event.key.toLowerCase() : event.key;
  if (event.repeat && key !== "j" && key !== "k") return;  // a key that is held gives one answer
  if (press(key, event.shiftKey)) event.preventDefault();
});

/** Do what a key does; return whether it does anything. */
function press(key, shift) {
  const all = cards(), at = all.indexOf(document.activeElement.closest("article")), card = cardAt();
  const menu = place.querySelector(".menu.open");
  const chosen = menu?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (key === "Escape") closeMenus();
  else if (chosen) chosen.click();
  else if (key === "j") move(all[Math.min(at + 1, all.length - 1)]);
  else if (key === "k") move(all[Math.max(at - 1, 0)]);
  else if (key === "b" || (shift && key === "N")) openBefore();
  else if (key === "n") openNext();
  else if (key === "u") undoLatest();
  else if (key === "/") openPalette(openContact);
  else if (key === "?") COMMANDS.keys();
  else if (key === "z") putOff();
  else if (key === "o" && card?.querySelector("details")) card.querySelector("details").open = !card.querySelector("details").open;
  else {
    const button = card?.querySelector(`.card-actions [data-key="${CSS.escape(key)}"]:not([hidden])`);
    button?.click();
    return Boolean(button);
  }
  return true;
}

function move(card) {
  closeMenus();
  focus(card);
}

/* what comes from elsewhere */
done.addEventListener("change", draw);
done.addEventListener("undone", ({ detail: { contactId, productId } }) => {
  focus((contactId === current?.dataset.contact && cardOf(productId)) || cardAt());
});
done.addEventListener("settled", ({ detail: { action, kept } }) => {
  if (!current || action.contactId !== current.dataset.contact) return;
  draw();
  if (!kept) focus(cardOf(action.productId));
  else if (action.type === "discard" || action.type === "restructure") refresh(current);
});
outbox.addEventListener("settled", ({ detail: { entry, kept, message } }) => {
  if (entry.path !== "/inbox/decision" || kept) return;
  undo(entry.id);
  showFault(message);
});
queue.arrivals.addEventListener("arrived", () => {
  if (wantsNext) openArrived();
});

loadActions();
const asked = new URLSearchParams(location.search).get("contact");
if (asked) await openContact(asked);
if (!current) queue.keepAhead(inUse());
