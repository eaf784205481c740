/* The raw numbers of a receipt, made when they are opened: a list has some hundred of them. */
document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.dataset.receipt || target.querySelector("table")) return;
  const table = document.createElement("table");
  table.className = "receipt numbers";
  for (const [name, value] of JSON.parse(target.dataset.receipt)) {
    const row = table.insertRow(), head = Object.assign(document.createElement("th"), { scope: "row", textContent: name });
    row.append(head);
    row.insertCell().textContent = value;
  }
  target.append(table);
}, true);
