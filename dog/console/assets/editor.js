/* A fault in the list leads to its place in the text. */
document.addEventListener("click", (event) => {
  const fault = event.target.closest("[data-line]");
  const text = document.querySelector(".editor textarea");
  if (!fault || !text) return;
  const lines = text.value.split("\n"), line = Number(fault.dataset.line);
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + Number(fault.dataset.column) - 1;
  text.focus();
  text.setSelectionRange(start, start + Math.max(1, (lines[line - 1] || "").length - Number(fault.dataset.column) + 1));
});
