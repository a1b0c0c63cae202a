// What every explorer's page side needs: state, controls, redraws, themes, and a readable failure.

/** Milliseconds without a further change until Python learns of one. */
const SAVE_AFTER = 100;

/** A slider with more steps than this has no marks: they would run into each other. */
const MOST_MARKS = 16;

/**
 * Creates an HTML element.
 * @param {string} tag
 * @param {Object<string, unknown>} [attributes] `on...` functions become listeners
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/**
 * A quantity with an index, as mathematics is set: an italic letter and a lowered number.
 * @param {string} letter
 * @param {string | number} index
 * @param {boolean} [modulus] between bars
 * @returns {HTMLElement}
 */
export function indexed(letter, index, modulus = false) {
  const bar = modulus ? "|" : "";
  const sub = html("sub", {}, `${index}`);
  return html("span", { class: "st-math" }, bar, html("i", {}, letter), sub, bar);
}

/**
 * A copy of binary state as a typed array, wherever the view came from (a DataView in JupyterLab
 * and in the book).
 * @template T
 * @param {object} model the widget's model
 * @param {string} name of the trait
 * @param {new (buffer: ArrayBuffer) => T} Type Float32Array and the like
 * @param {number} [length] expected number of elements
 * @returns {T}
 */
export function binary(model, name, Type, length) {
  const view = model.get(name);
  if (!ArrayBuffer.isView(view) && !(view instanceof ArrayBuffer)) {
    throw new Error(`the explorer's “${name}” is missing`);
  }
  const start = view.byteOffset ?? 0;
  const buffer = (view.buffer ?? view).slice(start, start + view.byteLength);
  const size = Type.BYTES_PER_ELEMENT;
  if (buffer.byteLength % size || (length !== undefined && buffer.byteLength !== length * size)) {
    throw new Error(
      `the explorer's “${name}” has ${buffer.byteLength} bytes, expected ${length * size}`,
    );
  }
  return new Type(buffer);
}

/**
 * A labelled native slider, with a mark at each step where there are few.
 * @param {string} label
 * @param {{min: number, max: number, step: number, value: number}} range
 * @param {(value: number) => void} changed called at each movement
 * @returns {{element: HTMLElement, input: HTMLInputElement, output: HTMLElement, marks: HTMLElement}}
 *   `output` stands beside the label, for the value in words
 */
export function slider(label, range, changed) {
  const output = html("output", { class: "st-value" });
  const input = html("input", { type: "range", ...range, "aria-label": label });
  input.addEventListener("input", () => changed(input.valueAsNumber));
  const head = html("span", { class: "st-label" }, label, output);
  const marks = html("span", { class: "st-marks", "aria-hidden": "true" });
  if ((range.max - range.min) / range.step < MOST_MARKS) {
    for (let v = range.min; v <= range.max; v += range.step) marks.append(html("span", {}, `${v}`));
  }
  const element = html("label", { class: "st-control st-slider" }, head, input, marks);
  return { element, input, output, marks };
}

/**
 * A labelled row of native radio buttons, drawn as one control with a part for each option.
 * @param {string} label
 * @param {Object<string, string>} options words by value
 * @param {string} value
 * @param {(value: string) => void} changed
 * @returns {{element: HTMLElement, choose: (value: string) => void}} `choose` checks an option
 *   without calling `changed`
 */
export function choices(label, options, value, changed) {
  const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
  const inputs = {};
  const row = html("span", { class: "st-choices" });
  for (const [key, words] of Object.entries(options)) {
    inputs[key] = html("input", { type: "radio", name, value: key, onchange: () => changed(key) });
    row.append(html("label", {}, inputs[key], html("span", {}, words)));
  }
  const choose = (key) => (inputs[key].checked = true);
  choose(value);
  const head = html("span", { class: "st-label" }, label);
  const group = { class: "st-control", role: "radiogroup", "aria-label": label };
  return { element: html("div", group, head, row), choose };
}

/**
 * A labelled native menu.
 * @param {string} label
 * @param {string[]} options
 * @param {string} value
 * @param {(value: string) => void} changed
 * @returns {{element: HTMLElement, input: HTMLSelectElement}}
 */
export function menu(label, options, value, changed) {
  const input = html("select", { "aria-label": label });
  for (const name of options) input.append(html("option", { value: name }, name));
  input.value = value;
  input.addEventListener("change", () => changed(input.value));
  const head = html("span", { class: "st-label" }, label);
  return { element: html("label", { class: "st-control" }, head, input), input };
}

/**
 * A number with three significant digits and no exponent where that reads better.
 * @param {number} value
 * @returns {string}
 */
export function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  return Number(value.toPrecision(size < 1000 ? 2 : 3)).toLocaleString("en-GB");
}

/**
 * A share as a percentage with one decimal.
 * @param {number} share 0 .. 1
 * @returns {string}
 */
export function percent(share) {
  return `${(100 * share).toFixed(1)}\u00a0%`; // a no-break space
}

/** Whether the page around the explorer is dark: the book's theme, or JupyterLab's. */
export function isDark() {
  return (
    document.documentElement.dataset.theme === "dark" ||
    document.body.dataset.jpThemeLight === "false"
  );
}

/**
 * The frame of one explorer: its root element, redraws at most once per frame, and the watch over
 * size and theme.
 */
export class Stage {
  /**
   * @param {string} name the explorer's name, for `data-explorer`
   * @param {string} title for assistive technology
   */
  constructor(name, title) {
    this.body = html("div", { class: "st-body" });
    this.root = html("section", { class: "st-explorer", "data-explorer": name, "aria-label": title });
    // JupyterLab's notebook would take the arrow keys that belong to sliders and globes.
    this.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    this.root.append(this.body);
    this.draws = 0;
    this.frame = 0;
    this.endings = [];
  }

  /**
   * Starts drawing.
   * @param {() => void} draw brings the whole picture up to date
   * @param {() => void} relayout called first after a change of size or theme
   */
  start(draw, relayout) {
    this.draw = draw;
    const changed = () => {
      if (this.attempt(relayout)) this.schedule();
    };
    let width = 0;
    const size = new ResizeObserver(() => {
      if (this.body.clientWidth === width) return; // a picture that grew taller is no news
      width = this.body.clientWidth;
      // At once, in the same frame: a canvas of a new size is blank.
      if (this.attempt(relayout)) this.redraw();
    });
    size.observe(this.body);
    const theme = new MutationObserver(changed);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    this.endings.push(() => size.disconnect(), () => theme.disconnect());
  }

  /** Asks for a redraw in the next frame, however often it is called until then. */
  schedule() {
    this.frame ||= requestAnimationFrame(() => this.redraw());
  }

  /** Draws now, and not again in the next frame. */
  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const start = performance.now();
    if (!this.attempt(this.draw)) return;
    this.root.dataset.drawMs = (performance.now() - start).toFixed(3);
    this.root.dataset.draws = ++this.draws;
  }

  /**
   * Takes over what the reader chose: at once in the page, and in the kernel after a pause, for a
   * message per frame would slow the page down.
   */
  choose(model, trait, value) {
    model.set(trait, value);
    clearTimeout(this.saving);
    this.saving = setTimeout(() => model.save_changes(), SAVE_AFTER);
  }

  /** Follows a trait until the view is removed. */
  follow(model, trait, changed) {
    model.on(`change:${trait}`, changed);
    this.endings.push(() => model.off(`change:${trait}`, changed));
  }

  /** Does something, or shows a message in place of the explorer; tells whether it was done. */
  attempt(task) {
    try {
      task();
      return true;
    } catch (error) {
      this.stop();
      const message = `This explorer cannot be shown: ${error.message}.`;
      this.body.replaceChildren(html("p", { class: "st-error", role: "alert" }, message));
      return false;
    }
  }

  /** Ends the view. */
  stop() {
    cancelAnimationFrame(this.frame);
    for (const end of this.endings) end();
  }
}

/**
 * Mounts an explorer, or a message in its place where its state is damaged.
 * @param {string} name the explorer's name
 * @param {string} title for assistive technology
 * @param {(model: object, stage: Stage) => void} build
 * @returns {{render: Function}} what anywidget calls
 */
export function explorer(name, title, build) {
  return {
    render({ model, el }) {
      const stage = new Stage(name, title);
      el.append(stage.root);
      stage.attempt(() => build(model, stage));
      return () => stage.stop();
    },
  };
}
