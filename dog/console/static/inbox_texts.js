/* The texts of the inbox's scripts, in the reader's language. */
export const texts = JSON.parse(document.getElementById("inbox-texts").textContent);
