// What the theme's pages miss: for a screen reader or a keyboard (tests/browser/axe.py
// checks that with axe-core), and where there is no server.
(() => {
  "use strict";

  // The search shows a summary of each page that it finds, if it may read them.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  /** A formula wider than its column scrolls, so the keyboard has to reach it. */
  function reachFormulas() {
    const wide =
      "div.math, mjx-container[display], :is(dl.field-list, .st-sheet ~ section) span.math";
    // All are read before one is changed, or the page would be laid out anew for each.
    const formulas = [...document.querySelectorAll(wide)];
    const scroll = formulas.map((formula) => formula.scrollWidth > formula.clientWidth);
    formulas.forEach((formula, n) => {
      if (scroll[n]) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    // The arrow that unfolds a part of the sidebar is an icon only.
    for (const summary of document.querySelectorAll(".bd-sidebar-primary summary")) {
      const entry = summary.closest("li").querySelector("a");
      summary.setAttribute("aria-label", `Pages of ${entry.textContent.trim()}`);
    }
    // A name that hides what is written on the thing: the text itself is the better name.
    for (const named of document.querySelectorAll(".search-button-field, .bd-article summary")) {
      named.removeAttribute("aria-label");
    }
    // The icons of the theme's switch bear titles that are not its name.
    for (const icon of document.querySelectorAll(".theme-switch")) {
      icon.removeAttribute("title");
      icon.removeAttribute("aria-labelledby");
      icon.querySelector("title")?.remove();
      icon.setAttribute("aria-hidden", "true");
    }
    const sidebar = document.querySelector(".bd-sidebar-primary");
    // Explorers need the width of a small screen; the theme's own button brings the list back.
    const hasExplorers = document.querySelector('script[type$="widget-view+json"]');
    if (hasExplorers && matchMedia("(min-width: 992px) and (max-width: 1599px)").matches) {
      sidebar?.classList.add("pst-sidebar-hidden");
    }
    sidebar?.setAttribute("role", "region");
    sidebar?.setAttribute("aria-label", "Book");
    // The references are a list of items; the role that they come with is no longer one.
    for (const item of document.querySelectorAll(".citation-list .citation")) {
      item.setAttribute("role", "listitem");
    }
    // Their width is known when they are typeset and their fonts have arrived.
    window.MathJax?.startup?.promise?.then(() => document.fonts.ready).then(reachFormulas);
    // Not by the window's size: the column becomes narrower once more when a sidebar has come.
    let width = 0;
    const column = document.querySelector(".bd-article");
    if (column) {
      new ResizeObserver(() => {
        if (column.clientWidth !== width) {
          width = column.clientWidth;
          reachFormulas();
        }
      }).observe(column);
    }
  });
})();
