/* The number beside each slider, in the reader's language. */
const form = document.getElementById("curve");
const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

form?.addEventListener("input", ({ target }) => {
  if (target.type === "range") form.querySelector(`output[for=${target.id}]`).value = numbers.format(target.valueAsNumber);
});
