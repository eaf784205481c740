/* The window's name and the mark of the current page follow the page. */
(function () {
  "use strict";
  new MutationObserver(() => {
    document.querySelectorAll("#navigation a").forEach((link) => {
      const here = link.classList.contains("here");
      if (!here) link.removeAttribute("aria-current");
      else if (!link.hasAttribute("aria-current")) link.setAttribute("aria-current", "page");
      if (here && document.title !== `${link.textContent} · DOG`) document.title = `${link.textContent} · DOG`;
    });
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });
})();
