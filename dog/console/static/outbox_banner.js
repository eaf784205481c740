/* The line above the inbox: how many answers wait, and why nothing is sent. */
import { texts } from "./inbox_texts.js";
import { entries, outbox, trouble, tryNow } from "./outbox.js";

const PAUSE_MS = 1_000;
const banner = document.getElementById("outbox"), text = banner.querySelector("span"), button = banner.querySelector("button");
let timer = 0;

/** Show the line; while nothing is wrong only where answers wait for more than a moment. */
function draw() {
  const waiting = entries().filter((entry) => !entry.refused);
  const count = waiting.filter((entry) => entry.path !== "/inbox/decision").length;  // a person knows of answers alone
  const answers = texts.waiting[count === 1 ? 0 : 1].replace("%(n)s", count);
  const said = texts.trouble[trouble].replace("%(answers)s", answers);
  banner.dataset.waiting = waiting.length;
  if (text.textContent !== said) text.textContent = said;
  banner.classList.toggle("warns", trouble !== "");
  button.hidden = trouble === "";
  clearTimeout(timer);
  if (trouble) banner.hidden = false;
  else if (!count) banner.hidden = true;
  else timer = setTimeout(() => { banner.hidden = false; }, PAUSE_MS);
}

button.addEventListener("click", tryNow);
outbox.addEventListener("change", draw);
draw();
