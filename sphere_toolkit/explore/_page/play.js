// Play: a control runs through its values by itself, as long as somebody can see it.

import { html, svg } from "./dom.js";

/** Milliseconds for which a value of few stays, and those of a sweep through many. */
const STAY = 900;
const SWEEP = 8000;

/** Fewer values than this stay; more run by. */
const FEW = 16;

const ICONS = { play: "M5 3.5v9l7.5-4.5Z", pause: "M5 3.5v9M11 3.5v9" };

/**
 * What can run.
 * @typedef {object} Course
 * @property {string} label of the control
 * @property {() => any} get its value
 * @property {(value: any) => void} set
 * @property {() => any[]} values in their order; the first follows the last
 * @property {number} apart values that differ by less are the same
 */

/**
 * The values of a slider.
 * @param {HTMLInputElement} input
 * @returns {number[]}
 */
export function valuesOf({ min, max, step }) {
  const [low, high, by] = [Number(min), Number(max), Number(step) || 1];
  const n = Math.floor((high - low) / by + 1e-9);
  return Array.from({ length: n + 1 }, (_, k) => Number((low + k * by).toPrecision(12)));
}

/** What a slider runs through.
 * @param {string} label
 * @param {HTMLInputElement} input
 * @param {(value: number) => void} moved
 * @returns {Course} */
export function slide(label, input, moved) {
  return {
    label,
    get: () => input.valueAsNumber,
    set: (value) => {
      input.value = `${value}`;
      moved(input.valueAsNumber);
    },
    values: () => valuesOf(input),
    apart: (Number(input.step) || 1) / 2,
  };
}

/** Whether the reader wants no movement. */
function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** A button that plays and stops a control; for readers who want no movement, it makes one step. */
export class Player {
  /**
   * @param {ExplorerView} view
   * @param {Course} course
   */
  constructor(view, course) {
    this.view = view;
    this.course = course;
    this.path = svg("path", { d: ICONS.play });
    const icon = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
    icon.append(this.path);
    this.button = html("button", { type: "button", class: "st-tool st-play", onclick: () => this.press() });
    this.button.append(icon);
    this.timer = 0;
    this.frame = 0;
    /** What was set last: another value is somebody else's choice. */
    this.last = undefined;
    this.seen = new IntersectionObserver(([{ isIntersecting }]) => !isIntersecting && this.stop());
    this.name();
  }

  get playing() {
    return this.view.player === this;
  }

  /** Says what a press will do. */
  name() {
    const { label } = this.course;
    const words = this.playing ? `Stop ${label}` : isStill() ? `Next ${label}` : `Play ${label}`;
    this.button.setAttribute("aria-label", words);
    this.button.title = words;
    this.path.setAttribute("d", this.playing ? ICONS.pause : ICONS.play);
    this.button.classList.toggle("st-playing", this.playing);
  }

  press() {
    if (this.playing) this.stop();
    else if (isStill()) this.advance(1);
    else this.play();
  }

  play() {
    const { view } = this;
    view.player?.stop();
    view.player = this;
    view.result.setAttribute("aria-live", "off"); // it would be read out at every step
    this.last = this.course.get();
    this.name();
    this.seen.observe(this.view.root);
    this.run(performance.now());
  }

  /** Steps when it is time and the last picture has been drawn.
   * @param {number} start */
  run(start) {
    this.frame = requestAnimationFrame((now) => {
      if (!this.isAt(this.last) || document.hidden || !this.button.isConnected) {
        this.stop();
        return;
      }
      const n = this.course.values().length;
      const due = n < FEW ? STAY : SWEEP / n;
      const steps = Math.floor((now - start) / due);
      if (steps < 1 || this.view.frame) {
        this.run(start);
        return;
      }
      this.advance(n < FEW ? 1 : Math.min(steps, Math.ceil(n / FEW)));
      this.run(now);
    });
  }

  /** @param {number} steps */
  advance(steps) {
    const { get, set, values } = this.course;
    const all = values();
    const at = all.findIndex((one) => this.isAt(one));
    // What lies between two values goes on from the one below it.
    const from = at >= 0 ? at : all.findLastIndex((one) => one < get());
    this.last = all[(from + steps) % all.length];
    set(this.last);
  }

  /** @param {any} value */
  isAt(value) {
    const now = this.course.get();
    return now === value || Math.abs(now - value) < this.course.apart;
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.seen.disconnect();
    if (!this.playing) return;
    this.view.player = null;
    this.view.result.setAttribute("aria-live", "polite");
    this.name();
    this.view.permalink?.write();
  }
}
