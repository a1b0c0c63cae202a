// A question in a chapter: predict, then reveal what follows; or check an answer.

import { html, keepKeys } from "../_page/dom.js";
import { isRight, unseal } from "./grading.js";
import { INPUTS, words } from "./inputs.js";

/** How many questions an element waits for. */
const WAITS = "data-st-waits";

/** What follows a question, hidden until it is answered: all up to the next heading. */
class Rest {
  /** @param {HTMLElement} root of the question */
  constructor(root) {
    this.root = root;
    /** @type {Set<Element>} */
    this.held = new Set();
    this.arrival = new ResizeObserver(() => this.hold()); // called once the root is in the page
    this.arrival.observe(root);
    this.more = new MutationObserver(() => this.hold()); // JupyterLab adds cells as one scrolls
  }

  hold() {
    const cell = this.root.closest(".jp-Cell, .cell"); // of JupyterLab, of the book
    if (!cell?.parentElement) return;
    this.more.observe(cell.parentElement, { childList: true });
    for (let next = cell.nextElementSibling; next && !hasHeading(next); next = next.nextElementSibling) {
      if (!this.held.has(next)) count(next, 1);
      this.held.add(next);
    }
  }

  /** Shows it again. */
  release() {
    this.arrival.disconnect();
    this.more.disconnect();
    for (const element of this.held) count(element, -1);
    this.held.clear();
  }

  /** Shows it for good, with an explanation that comes first unfolded. */
  reveal() {
    const [first] = this.held;
    const inCell = first?.querySelector(".jp-RenderedMarkdown > details:first-child");
    (first?.matches("details") ? first : inCell)?.setAttribute("open", "");
    this.release();
    dispatchEvent(new Event("resize")); // of what is wide now, the book asks whether it scrolls
  }
}

/** Whether an element of the book, or a cell of JupyterLab, begins another section.
 * @param {Element} element */
function hasHeading(element) {
  return element.matches("section, h1, h2, h3, h4, h5, h6") ||
    Boolean(element.matches(".jp-MarkdownCell") && element.querySelector("h1, h2, h3, h4, h5, h6"));
}

/** @param {Element} element @param {number} more */
function count(element, more) {
  const waits = Number(element.getAttribute(WAITS)) + more;
  if (waits > 0) element.setAttribute(WAITS, `${waits}`);
  else element.removeAttribute(WAITS);
}

/**
 * Reads what Python sent; throws where that is damaged.
 * @param {Model} model
 */
function read(model) {
  const isText = (/** @type {any} */ one) => typeof one === "string";
  const [kind, prompt, unit, options, span, sealed] =
    ["kind", "prompt", "unit", "options", "span", "sealed"].map((trait) => model.get(trait));
  const curve = kind === "curve";
  const complete = Object.hasOwn(INPUTS, kind) && isText(prompt) && isText(unit) &&
    Array.isArray(options) && options.every(isText) && (kind === "number" || options.length > 1) &&
    Array.isArray(span) && (!curve || span[1] > span[0]) && ArrayBuffer.isView(sealed);
  if (!complete) throw new Error("its state is damaged");
  const bytes = new Uint8Array(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  return { kind, prompt, unit, options, span, secret: unseal(bytes, model.get("salt")), waits: model.get("waits") };
}

/**
 * Builds the form of a question.
 * @param {{model: Model, root: HTMLElement}} view
 * @returns {() => void} ends the view
 */
function build({ model, root }) {
  const { kind, prompt, secret, waits, ...declared } = read(model);
  const input = INPUTS[kind](declared);
  const verdict = html("p", { class: "st-verdict", role: "status", tabindex: "-1" });
  const legend = html("legend", {}, html("b", {}, waits ? "Your prediction. " : "Check yourself. "), ...words(prompt));
  const fields = html("fieldset", {}, legend, input.element);
  const button = (/** @type {string} */ action, /** @type {string} */ type, /** @type {string} */ text) =>
    html("button", { type, class: "st-button", "data-action": action, onclick: () => action === "skip" && give(null) }, text);
  const actions = html("div", { class: "st-actions" }, button("commit", "submit", waits ? "That is my prediction" : "Check"));
  if (waits) actions.append(button("skip", "button", "Skip and show"), "The rest of this section waits for you.");
  const form = html("form", { novalidate: "" }, fields, actions);
  root.append(html("div", { class: "st-body" }, form, verdict));
  const rest = waits ? new Rest(root) : null;
  const show = () => {
    const given = model.get("given");
    if (!given) return;
    if (given.value !== null) input.show(given.value);
    verdict.replaceChildren(...(waits ? outcome(secret, input, given.value) : grade(secret, given.value)));
    root.dataset.state = !waits && isRight(secret, given.value) ? "right" : "given";
    fields.disabled = actions.hidden = waits;
    rest?.reveal();
  };
  // Set, but not sent to the kernel: all views of the question have it, and a reload forgets it.
  const give = (/** @type {any} */ value) => {
    model.set("given", { value });
    show();
    verdict.focus(); // a button that had it is gone
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value, missing } = input.read();
    if (missing) verdict.textContent = missing;
    else give(value);
  });
  form.addEventListener("input", () => {
    delete root.dataset.state;
    verdict.replaceChildren();
  });
  model.on("change:given", show);
  show();
  return () => {
    model.off("change:given", show);
    rest?.release();
  };
}

/**
 * What is said of a prediction, or of none.
 * @param {import("./grading.js").Secret} secret
 * @param {import("./inputs.js").Input} input
 * @param {any} value
 */
function outcome({ answer, replies, why }, input, value) {
  const said = value === null ? [] : ["You said ", ...input.say(value, true), ". "];
  const known = answer === null ? [] : ["It is ", html("b", {}, ...input.say(answer, false)), ". "];
  if (answer !== null) input.compare?.(answer);
  return [...said, ...known, ...words(`${replies[value] ?? ""} ${why}`)];
}

/**
 * What is said of an answer.
 * @param {import("./grading.js").Secret} secret
 * @param {any} value
 */
function grade(secret, value) {
  const right = isRight(secret, value);
  const reply = secret.replies[value] || (right ? "" : secret.hint);
  return [html("b", {}, right ? "Right. " : "Not yet. "), ...words(`${reply} ${right ? secret.why : ""}`)];
}

export default {
  /** @param {{model: Model, el: HTMLElement}} mount */
  render({ model, el }) {
    const root = html("section", { class: "st-asked" });
    keepKeys(root);
    el.append(root);
    try {
      return build({ model, root });
    } catch (error) {
      const message = `This question cannot be shown: ${/** @type {Error} */ (error).message}.`;
      root.replaceChildren(html("p", { class: "st-error", role: "alert" }, message));
      return () => {};
    }
  },
};
