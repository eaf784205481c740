/* What a person did, kept in this browser until the service has it: sent one at a time, in order, by one tab.

An entry is {id, path, body, undo}: what to POST where, and what would undo it. It is written to localStorage before
anything else, under a key of tenant and person that sorts by time, and removed when the service has answered that it is
kept. A refused entry stays, with the reason, until the person dismisses it. An entry that may have reached the service
is sent again until there is an answer; the service counts it once by the ids in it. */
import { MOUNT, logInAgain } from "./frame.js";

const TIMEOUT_MS = 15_000, FIRST_WAIT_MS = 1_000, LONGEST_WAIT_MS = 30_000;
const PERSON = document.body.dataset.person, PREFIX = `dog-outbox:${PERSON}:`;
const RETRIED = new Set([408, 425, 429]);  // of the statuses below 500
const MOST_FAULTS = 8;  // answers 500 to one action, after which it is refused, as the others behind it wait

/** Dispatches `change`, and `settled` with {entry, kept, answer, message}, for the actions of all tabs. */
export const outbox = new EventTarget();
const tabs = new BroadcastChannel(PREFIX);
let failures = 0, waitMs = 0, wake = () => {}, lastTime = 0;

/** Why nothing is sent now: "", "offline", "away" (the service), "person" (another one is logged in). */
export let trouble = "";

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).sort();
const read = (key) => ({ ...JSON.parse(localStorage.getItem(key)), key });
const find = (id) => entries().find((entry) => entry.id === id);

/** Return all entries in order, the refused ones too. */
export const entries = () => keys().map(read);

/** Keep an action, to be sent; throw where the browser has no space for it. */
export function put(path, body, { id = crypto.randomUUID(), undo = null } = {}) {
  lastTime = Math.max(Date.now(), lastTime + 1, timeOf(keys().at(-1)) + 1);
  write({ key: `${PREFIX}${String(lastTime).padStart(15, "0")}:${id}`, id, path, body, undo });
  changed();
  wakeUnlessFailing();
}

/** Undo an entry: drop it where it was never sent, else send what undoes it; return whether there was one. */
export function undo(id) {
  const entry = find(id);
  if (!entry) return false;
  if (entry.attempted && !entry.refused) put(entry.undo.path, entry.undo.body);
  else localStorage.removeItem(entry.key);
  changed();
  return true;
}

/** Try at once, not after the pause that follows a failure. */
export function tryNow() {
  failures = 0;
  wake();
}

function write({ key, ...entry }) {
  localStorage.setItem(key, JSON.stringify(entry));
}

function timeOf(key) {
  return key ? Number(key.slice(PREFIX.length, PREFIX.length + 15)) : 0;
}

function changed() {
  outbox.dispatchEvent(new Event("change"));
}

function wakeUnlessFailing() {
  if (!failures) wake();
}

function pause(ms) {
  return new Promise((resolve) => {
    wake = resolve;
    if (ms !== undefined) setTimeout(resolve, ms);
  });
}

function first() {
  return entries().find((entry) => !entry.refused);
}

/** Send what waits until there is nothing more, or one attempt has failed; return why. */
async function drain() {
  for (let entry = first(); entry; entry = first()) {
    write({ ...entry, attempted: true });
    const { why, faulty, ...outcome } = await post(entry);
    if (faulty && localStorage.getItem(entry.key)) write({ ...entry, attempted: true, faults: (entry.faults ?? 0) + 1 });
    if (why) return why;
    failures = 0;
    setTrouble("");
    settle(entry, outcome);
  }
  return "";
}

/** POST an entry; return {why} where nobody knows whether it is kept, else {kept, answer} or {kept, message}. */
async function post({ path, body, faults = 0 }) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-Person": PERSON };
  waitMs = 0;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(MOUNT + path, { method: "POST", headers, body: JSON.stringify(body), signal });
    const text = await answer.text();
    if (answer.ok) return { kept: true, answer: JSON.parse(text) };  // a page of a proxy is not JSON: try again
    if (answer.status === 401) return { why: "log-in" };
    if (answer.status === 412) return { why: "person" };
    const isFaulty = answer.status === 500;
    if (isFaulty && faults < MOST_FAULTS) return { why: "away", faulty: true };
    if (isFaulty || (answer.status < 500 && !RETRIED.has(answer.status))) return { kept: false, message: text.trim(), isUnsure: isFaulty };
    waitMs = 1000 * Number(answer.headers.get("Retry-After")) || 0;
  } catch { /* no answer within the time, or none that is ours */ }
  return { why: navigator.onLine ? "away" : "offline" };
}

function settle(entry, outcome) {
  const isHere = localStorage.getItem(entry.key) !== null;
  if (outcome.kept || !isHere) localStorage.removeItem(entry.key);
  else write({ ...entry, attempted: true, refused: outcome.message });
  const isUndone = !isHere && outcome.kept;  // in another tab meanwhile
  if ((isUndone || outcome.isUnsure) && entry.undo) put(entry.undo.path, entry.undo.body);
  const detail = { entry, ...outcome };
  tabs.postMessage(detail);
  outbox.dispatchEvent(new CustomEvent("settled", { detail }));
  changed();
}

function setTrouble(why) {
  if (why === trouble) return;
  trouble = why;
  changed();
}

async function run() {
  for (;;) {
    if (failures) await pause(Math.max(waitMs, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2)));
    else if (!first()) await pause();
    const why = await navigator.locks.request(`${PREFIX}sender`, drain);
    if (why === "log-in") {
      failures = 0;
      await (document.hidden ? pause() : logInAgain());  // a tab that is seen asks
    } else if (why) {
      failures += 1;
      setTrouble(why);
    }
  }
}

tabs.onmessage = ({ data }) => {
  outbox.dispatchEvent(new CustomEvent("settled", { detail: data }));
  changed();
};
addEventListener("storage", ({ key }) => {
  if (key !== null && !key.startsWith(PREFIX)) return;
  changed();
  wakeUnlessFailing();
});
addEventListener("online", () => {
  setTrouble("");
  tryNow();
});
addEventListener("offline", () => setTrouble("offline"));
document.addEventListener("visibilitychange", () => { if (!document.hidden) tryNow(); });
run();
