/* The service's clock: its last answer, and the time since by a clock that nobody sets.

The computer's own clock may be wrong, or be set while the page is open. It alone runs on while the computer sleeps: where
both clocks differ, the service is asked again. */
import { send } from "./frame.js";

const LOOK_MS = 1_000, MOST_DRIFT_MS = 2_000;
let toldMs = Date.now(), ownMs = Date.now(), sinceMs = performance.now(), isAsking = false;

/** Return the time by the service's clock, in milliseconds since 1970. */
export const now = () => Math.round(toldMs + performance.now() - sinceMs);

/** Set the clock by an answer that has just come. */
export function setClock(nowMs) {
  [toldMs, ownMs, sinceMs] = [nowMs, Date.now(), performance.now()];
}

async function look() {
  const drift = Date.now() - ownMs - (performance.now() - sinceMs);
  if (isAsking || Math.abs(drift) < MOST_DRIFT_MS) return;
  isAsking = true;
  const answer = await send("/session").catch(() => null);
  if (answer?.ok) setClock(JSON.parse(answer.text).now_ms);
  isAsking = false;
}

setInterval(look, LOOK_MS);
