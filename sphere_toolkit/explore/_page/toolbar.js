// What every explorer can do besides: fill the screen, begin again, give its link, be taken home.

import { html, isLab, svg } from "./dom.js";

/** Milliseconds for which it stands that something is done. */
const SAID = 4000;

/** Strokes of the pictures on the buttons, in a square of 16. */
const ICONS = {
  present: "M2 6V2.5h4M10 2.5h4V6M14 10v3.5h-4M6 13.5H2V10",
  hall: "M13 9.7A5.6 5.6 0 1 1 6.3 3a4.6 4.6 0 0 0 6.7 6.7Z",
  reset: "M3 3v3.6h3.6M3.3 6.4A5.2 5.2 0 1 1 3 9.6",
  code: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5M13.5 9.5v1M9.5 13.5h1.5M13.5 12.5v1",
  link: "M6.6 9.4 9.4 6.6M7.2 4.6l1.6-1.6a2.9 2.9 0 0 1 4.2 4.2l-1.6 1.6M8.8 11.4 7.2 13a2.9 2.9 0 0 1-4.2-4.2l1.6-1.6",
  save: "M8 2v7.6M4.8 6.8 8 10l3.2-3.2M2.5 10.5v3h11v-3",
};

/**
 * A button with a picture and words that are heard, and seen while the pointer rests on it.
 * @param {keyof typeof ICONS} action
 * @param {string} label
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
function tool(action, label, act) {
  const button = html("button", {
    type: "button", class: "st-tool", "data-action": action, "aria-label": label, title: label, onclick: act,
  });
  const icon = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  icon.append(svg("path", { d: ICONS[action] }));
  button.append(icon);
  return button;
}

/**
 * The toolbar of an explorer.
 * @param {ExplorerView} view
 * @returns {HTMLElement}
 */
export function toolbar(view) {
  const { menu, permalink, presenter } = view;
  const save = tool("save", "Take home pictures and numbers", () => menu.toggle());
  save.setAttribute("aria-expanded", "false");
  menu.opener = save;
  const tools = [
    tool("present", "Fill the screen (F)", () => presenter.toggle()),
    tool("hall", "Dark hall", () => presenter.darken()),
    tool("reset", "Begin again", () => permalink.reset()),
    save,
  ];
  if (!isLab()) {
    const link = tool("link", "Copy a link to this state", () => copyLink(view));
    tools.splice(3, 0, link, tool("code", "QR code of the link", () => showCode(view)));
  }
  // Where an explorer opens files, its button is one of these; what became of a file is said below.
  const open = view.body.querySelector("[data-action=open]");
  const file = view.root.querySelector(":scope > .st-file");
  if (open instanceof HTMLButtonElement) tools.push(open);
  const bar = html("div", { class: "st-tools", role: "toolbar", "aria-label": "This explorer" }, ...tools);
  return html("div", { class: "st-foot" }, bar, menu.element, view.note, ...(file ? [file] : []));
}

/**
 * The list of what can be taken home; it is made when it is opened.
 * @param {ExplorerView} view
 */
export function saveMenu(view) {
  const element = html("div", { class: "st-menu", role: "group", "aria-label": "Take home", hidden: "" });
  const menu = {
    element,
    opener: /** @type {HTMLElement | null} */ (null),
    async toggle() {
      view.say("");
      element.hidden = !element.hidden;
      menu.opener?.setAttribute("aria-expanded", `${!element.hidden}`);
      if (element.hidden) return;
      await view.later().then(
        ({ entries }) => element.replaceChildren(...entries(view)),
        (error) => view.say(`Nothing can be taken home: ${error.message}.`),
      );
    },
  };
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.toggle();
    menu.opener?.focus();
  });
  return menu;
}

/**
 * Shows the link as a QR code, or hides it.
 * @param {ExplorerView} view
 */
function showCode(view) {
  view.later().then(
    ({ LinkCode }) => (view.code ??= new LinkCode(view)).toggle(),
    (error) => view.say(`There is no QR code: ${error.message}.`),
  );
}

/**
 * Copies the link, or shows it to be copied where the page may not.
 * @param {ExplorerView} view
 */
async function copyLink(view) {
  const link = view.permalink.link();
  view.root.dataset.link = link;
  try {
    await navigator.clipboard.writeText(link);
    view.say("The link is copied.");
    setTimeout(() => view.note.textContent === "The link is copied." && view.say(""), SAID);
  } catch {
    const field = html("input", { type: "text", readonly: "", value: link, "aria-label": "Link to this state" });
    view.say("Copy this link: ", field);
    field.select();
  }
}
