/* The palette: contacts, products, pages and actions by a few letters of their name. */
import { MOUNT, send } from "./frame.js";
import { texts } from "./inbox_texts.js";

const PAUSE_MS = 200;
const dialog = document.getElementById("palette"), field = dialog.querySelector("input"), found = dialog.querySelector("[role=listbox]");
let timer = 0, asked = 0, chooseContact = () => {};

/** Open the palette; `onContact` is given the id of a chosen contact. */
export function openPalette(onContact) {
  chooseContact = onContact;
  field.value = "";
  dialog.showModal();
  field.focus();
  search();
}

function pagesAndActions(text) {
  const pages = [...document.querySelectorAll("#navigation a")].map((link) => ({ kind: texts.page, name: link.textContent.trim(), go: () => link.click() }));
  const actions = [...document.querySelectorAll("[data-action]")].map((button) => ({ kind: texts.action, name: button.dataset.action, go: () => button.click() }));
  return [...pages, ...actions].filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
}

async function search() {
  const text = field.value.trim(), number = ++asked;
  const near = pagesAndActions(text);
  show(near);
  if (!text) return answered(text);
  const answer = await send(`/inbox/search?${new URLSearchParams({ text })}`).catch(() => null);
  if (number !== asked) return;
  if (!answer?.ok) return show(near, answer?.text ?? document.body.dataset.away);
  const { contacts, products, complete } = JSON.parse(answer.text);
  const people = contacts.map(({ id, name }) => ({ kind: texts.contact, name, id, go: () => chooseContact(id) }));
  const goods = products.map(({ id, name }) => ({ kind: texts.product, name, id, go: () => chooseProduct(id) }));
  const all = [...people, ...goods, ...near];
  show(all, complete ? (all.length ? "" : texts.nothingFound) : texts.tooMany);
  answered(text);
}

function answered(text) {
  found.dataset.text = text;
}

/** Show the contacts for a product, where the queue can be filtered by one. */
function chooseProduct(id) {
  const filter = document.querySelector("#queue-filters [name=product]");
  if (!filter) return location.assign(`${MOUNT}/pairs?product=${encodeURIComponent(id)}`);
  filter.value = id;
  filter.dispatchEvent(new Event("change", { bubbles: true }));
}

function show(lines, note = "") {
  dialog.querySelector(".note").textContent = note;
  found.replaceChildren(...lines.map(lineOf));
  mark(found.firstElementChild);
}

function lineOf({ kind, name, id, go }, place) {
  const line = Object.assign(document.createElement("div"), { id: `found-${place}`, role: "option", tabIndex: -1 });
  const about = Object.assign(document.createElement("span"), { className: "quiet small", textContent: id && id !== name ? `${kind} · ${id}` : kind });
  line.append(name, about);
  line.addEventListener("click", () => {
    dialog.close();
    go();
  });
  return line;
}

function mark(line) {
  for (const other of found.children) other.setAttribute("aria-selected", other === line);
  field.setAttribute("aria-activedescendant", line?.id ?? "");
  line?.scrollIntoView({ block: "nearest" });
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  asked += 1;
  timer = setTimeout(search, PAUSE_MS);
});
dialog.addEventListener("keydown", async (event) => {
  const marked = found.querySelector("[aria-selected=true]"), step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (step && marked?.[step]) mark(marked[step]);
  if (event.key === "Escape") dialog.close();  // the browser would empty the field first
  if (event.key === "Enter") {
    clearTimeout(timer);
    if (found.dataset.text !== field.value.trim()) await search();
    found.querySelector("[aria-selected=true]")?.click();
  }
  if (step || event.key === "Enter") event.preventDefault();
});
