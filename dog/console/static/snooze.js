/* The dialog that asks until when a recommendation, or its whole contact, is put off. */
const dialog = document.getElementById("snooze"), form = dialog.querySelector("form"), { what, until } = form.elements;
let chosen = () => {}, now = () => 0;

/** Ask until when; `onChoice` is given the day, as 2026-11-30, and whether it is for the whole contact. */
export function askSnooze({ contact, product, nowMs }, onChoice) {
  dialog.querySelector(".of-contact").textContent = contact;
  dialog.querySelector(".of-product").textContent = product;
  dialog.querySelector(".for-product").hidden = !product;
  what.value = product ? "product" : "contact";
  chosen = onChoice;
  now = () => nowMs;
  until.min = dayAfter({ days: 1 });
  until.value = "";
  dialog.showModal();
}

function dayAfter({ days = 0, months = 0 }) {
  const at = new Date(now());
  const day = new Date(Date.UTC(at.getFullYear(), at.getMonth() + months, at.getDate() + days));
  return day.toISOString().slice(0, 10);
}

/** Return the days of the buttons: tomorrow, next Monday, in a month. */
const DAYS = {
  tomorrow: () => dayAfter({ days: 1 }),
  week: () => dayAfter({ days: 8 - (new Date(now()).getDay() || 7) }),
  month: () => dayAfter({ months: 1 }),
};

function choose(day) {
  dialog.close();
  chosen(day, what.value === "contact");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (until.value) choose(until.value);
});
dialog.addEventListener("click", (event) => {
  const button = event.target.closest("[data-until]");
  if (button) choose(DAYS[button.dataset.until]());
});
dialog.addEventListener("keydown", (event) => {
  const button = event.target === until ? null : dialog.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
