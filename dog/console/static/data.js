/* Upload a file in parts, each written at its offset: a part that is sent again changes nothing. */
import { send, showFault } from "./frame.js";

const PART_BYTES = 2 << 20, TRIES = 5;
const form = document.getElementById("upload-form"), bar = form?.querySelector("progress");

async function checked(path, options) {
  for (let tried = 1; ; tried += 1) {
    const answer = await send(path, { method: "POST", ...options }).catch(() => null);
    if (answer?.ok) return JSON.parse(answer.text);
    if (answer && answer.status < 500) throw new Error(answer.text);
    if (tried === TRIES) throw new Error(document.body.dataset.away);
    await new Promise((resolve) => { setTimeout(resolve, 1000 * tried); });
  }
}

async function upload(kind, file) {
  const { id } = await checked("/data/uploads", { body: new URLSearchParams({ kind, name: file.name }) });
  for (let offset = 0; offset < file.size; offset += PART_BYTES) {
    await checked(`/data/uploads/${id}/parts?offset=${offset}`, { body: file.slice(offset, offset + PART_BYTES) });
    bar.value = Math.min(1, (offset + PART_BYTES) / file.size);
  }
  return id;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0], button = form.querySelector("button");
  if (file.size > Number(form.dataset.most)) return showFault(form.dataset.large);
  showFault("");
  button.disabled = true;
  bar.hidden = false;
  try {
    window.location.assign(`${form.action}/${await upload(form.elements.kind.value, file)}`);
  } catch (error) {
    showFault(error.message);
    bar.hidden = true;
  }
  button.disabled = false;
});
