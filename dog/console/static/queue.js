/* The contacts that follow, with their lists: some are fetched ahead, so that the next one shows at once. */
import { setClock } from "./clock.js";
import { send, showFault } from "./frame.js";

const AHEAD = 3, TIMEOUT_MS = 15_000, FIRST_WAIT_MS = 1_000, LONGEST_WAIT_MS = 30_000, MOST_LEFT_OUT = 500;
const INBOX_ID = (sessionStorage.inboxId ??= crypto.randomUUID());  // the same after a reload, another in each tab
const filters = document.getElementById("queue-filters");
const ahead = [];
let isOver = false, filtered = 0, asks = 0, running = false, inUse = [], wake = () => {};

/** Dispatches `arrived` when a contact has come, or when it is known that none is left. */
export const arrivals = new EventTarget();

/** Return whether no contact is left, as far as is known. */
export const isEmpty = () => isOver && ahead.length === 0;

/** Take the next contact, or one by its id; undefined where it is not at hand. */
export function take(contactId) {
  const at = contactId === undefined ? 0 : ahead.findIndex((section) => section.dataset.contact === contactId);
  return at < 0 ? undefined : ahead.splice(at, 1)[0];
}

/** Put a contact back, as the next one. */
export const giveBack = (section) => ahead.unshift(section);

/** Fetch contacts until enough are at hand, without those in use; try again while the service is away. */
export async function keepAhead(contactsInUse) {
  inUse = contactsInUse;
  isOver = false;
  asks += 1;
  if (running) return;
  running = true;
  for (let failures = 0; ahead.length < AHEAD && !isOver;) {
    const number = filtered, asked = asks, isAlone = ahead.length === 0, count = isAlone ? 1 : AHEAD - ahead.length;  // one comes sooner
    let found = await fetchFollowing(count, false).catch(() => null);
    if (isAlone && found?.length === 0) found = await fetchFollowing(count, true).catch(() => null);
    failures = found ? 0 : failures + 1;
    if (number !== filtered) continue;  // by filters that hold no more
    if (found) add(found, asked === asks);
    else await pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)));
  }
  running = false;
}

async function fetchFollowing(count, shares) {
  const without = [...inUse.slice(-MOST_LEFT_OUT), ...ahead.map((section) => section.dataset.contact)];
  const decision_ids = Array.from({ length: count }, () => crypto.randomUUID());
  const asked = { filters: Object.fromEntries(new FormData(filters)), without, decision_ids, inbox_id: INBOX_ID, shares };
  const headers = { "Content-Type": "application/json" };
  const answer = await send("/inbox/next", { method: "POST", headers, body: JSON.stringify(asked), signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.status >= 500 || answer.status === 429) throw new Error(answer.text);
  return sectionsOf(answer);
}

/** Add contacts; none is the end, unless more was asked for meanwhile. */
function add(sections, isLast) {
  const known = new Set([...inUse, ...ahead.map((section) => section.dataset.contact)]);
  isOver = isLast && sections.length === 0;
  ahead.push(...sections.filter((section) => !known.has(section.dataset.contact)));
  arrivals.dispatchEvent(new Event("arrived"));
}

function sectionsOf({ ok, text }) {
  if (!ok) {
    showFault(text);
    return [];
  }
  const shown = Object.assign(document.createElement("template"), { innerHTML: text }).content;
  const sections = [...shown.querySelectorAll(".contact-list")];
  for (const section of sections) setClock(Number(section.dataset.now));
  return sections;
}

/** Fetch the list of one contact, without some products; undefined where it cannot be had now. */
export async function fetchContact(contactId, decisionId, exclude = []) {
  const asked = new URLSearchParams([["contact_id", contactId], ["decision_id", decisionId], ...exclude.map((product) => ["exclude", product])]);
  const answer = await send(`/inbox/contact?${asked}`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  if (!answer) showFault(document.body.dataset.away);
  return answer ? sectionsOf(answer)[0] : undefined;
}

/** Forget what was fetched, and fetch by the filters as they are now. */
export function restart() {
  ahead.length = 0;
  filtered += 1;
  return keepAhead(inUse);
}

function pause(ms) {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms);
  });
}

addEventListener("online", () => wake());
filters.addEventListener("change", restart);
