/* The inbox: one contact's list at a time, handled with the keyboard. */
import { send } from "./frame.js";

const place = document.getElementById("contact");

async function openNext() {
  const asked = { filters: {}, without: [], decision_ids: [crypto.randomUUID()] };
  const headers = { "Content-Type": "application/json" };
  const answer = await send("/inbox/next", { method: "POST", headers, body: JSON.stringify(asked) });
  place.innerHTML = await answer.text();
}

openNext();
