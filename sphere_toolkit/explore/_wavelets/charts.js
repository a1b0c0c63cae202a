// The charts of the wavelets' explorer: windows on the degrees, a profile, energies by scale.

import { LineChart, octaveEdge, octaveMiddle } from "../_page/chart.js";
import { percent, set, short, signed, svg } from "../_page/dom.js";
import { generatingFunction } from "../_page/windows.js";

/** @typedef {import("../_page/windows.js").WaveletWindows} WaveletWindows */

/** The profile of a wavelet is drawn in steps of this many degrees of angle, to both sides. */
export const PROFILE_STEP = 0.5;
export const PROFILE_END = 90;

/** Height of the charts below the pictures. @type {[number, number, number]} */
const PROPORTION = [180, 200, 0.45];

/** Points of a window's flank; all flanks have one shape on a logarithmic axis. */
const FLANK = 24;

/** The axis of squared windows leaves room above 1 for their names. */
/** @type {Axis} */
export const SQUARES = { from: 0, to: 1.1, ticks: [[0, "0"], [0.5, "½"], [1, "1"]] };

/** The squared windows on the axis of degrees, and their sum. */
export class WindowsChart extends LineChart {
  constructor() {
    super("squared windows, and their sum (the line at 1)", "degree ℓ", [176, 176, 0]);
    this.lam = 0;
    /** @type {[number, number][]} */
    this.flank = [];
    this.others = this.add("path", "st-window");
    this.scaling = this.add("path", "st-window st-dashed");
    this.area = this.add("path", "st-moved");
    this.sum = this.add("path", "st-line");
    this.dots = this.add("path", "st-dots");
    this.lit = this.add("path", "st-window st-lit-window");
    this.labels = this.add("g", "st-window-labels");
    this.element.classList.add("st-pick");
    /** Draws the windows that are lit, see links.js.
     * @type {(names: string[]) => void} */
    this.light = () => {};
  }

  /**
   * Draws all windows and fills the chosen one.
   * @param {WaveletWindows} windows
   * @param {number | null} chosen
   */
  draw(windows, chosen) {
    const { L, lam, scales, sums } = windows;
    if (this.lam !== lam) {
      // On this axis all flanks are one curve, k(lam^(x - 1)) for x from 0 to 1.
      this.lam = lam;
      this.flank = Array.from({ length: FLANK + 1 }, (_, n) => generatingFunction(lam ** (n / FLANK - 1), lam));
    }
    const others = scales.slice(1).filter((j) => j !== chosen);
    set(this.others, { d: others.map((j) => this.curve(windows, j)).join("") });
    set(this.scaling, { d: chosen === null ? "" : this.curve(windows, null) });
    set(this.area, { d: `${this.curve(windows, chosen)}V${this.y(0)}H${this.x(this.across.from)}` });
    let sum = "";
    for (let l = 0; l < L; l++) sum += `L${this.point(octaveEdge(l), sums[l])}H${this.x(octaveEdge(l + 1))}`;
    set(this.sum, { d: `M${sum.slice(1)}` });
    const window = windows.window(chosen);
    let dots = "";
    for (let [l, end] = windows.band(chosen); l < end; l++) {
      if (l > 0 && this.x(Math.log2(l + 1)) - this.x(Math.log2(l)) < 5) break;
      dots += `M${this.point(middle(l), window[l] ** 2)}h0`;
    }
    set(this.dots, { d: dots });
    this.label(windows, chosen);
    this.places = () => Array.from({ length: L }, (_, l) => this.place(windows, l));
    this.light = (names) => {
      const lit = scales.filter((j) => names.includes(linkOf(j)));
      set(this.lit, { d: lit.map((j) => this.curve(windows, j)).join("") });
    };
  }

  /** The windows that let a degree pass.
   * @param {WaveletWindows} windows
   * @param {number} l
   * @returns {import("../_page/chart.js").Place} */
  place(windows, l) {
    /** @type {[number | null, number][]} */
    const all = windows.scales.map((j) => [j, windows.window(j)[l] ** 2]);
    const passing = all.filter(([, square]) => square > 5e-4);
    const [strongest] = passing.reduce((best, one) => (one[1] > best[1] ? one : best));
    const words = passing.map(([j, square]) => `${j === null ? "Φ" : `scale ${j}`}: ${short(square)}`);
    return { x: middle(l), ys: passing.map(([, square]) => square), words: [`ℓ = ${l}`, ...words], link: linkOf(strongest) };
  }

  /** Path of a squared window from left to right.
   * @param {WaveletWindows} windows
   * @param {number | null} scale
   * @returns {string} */
  curve({ L, lam, J_min }, scale) {
    const octave = Math.log2(lam);
    /** @type {string[]} */
    const points = [];
    // Degree 0, at the left, belongs to the scaling function alone.
    const add = (/** @type {number} */ x, /** @type {number} */ y) => {
      points.push(this.point(Math.max(octaveEdge(1), Math.min(octaveEdge(L), x)), y));
    };
    if (scale === null) points.push(this.point(octaveEdge(0), 1));
    else this.flank.forEach(([, rising], n) => add((scale - 1 + n / FLANK) * octave, rising));
    const top = scale ?? J_min - 1;
    this.flank.forEach(([falling], n) => add((top + n / FLANK) * octave, falling));
    return `M${points.join("L")}`;
  }

  /** Names of the windows above their peaks, as many as there is room for.
   * @param {WaveletWindows} windows
   * @param {number | null} chosen */
  label(windows, chosen) {
    const room = 20;
    const centre = (/** @type {number | null} */ scale) => this.x(peakOctave(windows, scale));
    /** @type {SVGElement[]} */
    const words = [];
    const add = (/** @type {number | null} */ scale) => {
      const text = svg("text", { x: centre(scale), y: this.y(1) - 5, class: "st-middle" }, scaleName(scale));
      if (scale === chosen) text.classList.add("st-chosen");
      words.push(text);
    };
    add(chosen);
    const taken = [centre(chosen)];
    for (const scale of windows.scales) {
      const x = centre(scale);
      if (taken.some((other) => Math.abs(other - x) < room)) continue;
      taken.push(x);
      add(scale);
    }
    this.labels.replaceChildren(...words);
  }

  /** The scale whose peak is nearest to a place in the chart.
   * @param {WaveletWindows} windows
   * @param {number} pixel
   * @returns {number | null} */
  nearest(windows, pixel) {
    const distance = (/** @type {number | null} */ scale) => Math.abs(this.x(peakOctave(windows, scale)) - pixel);
    return windows.scales.reduce((best, scale) => (distance(scale) < distance(best) ? scale : best));
  }
}

/** Where a degree stands on the axis of octaves.
 * @param {number} l
 * @returns {number} */
function middle(l) {
  return l === 0 ? octaveMiddle(0) : Math.log2(l);
}

/** Where a window has its peak, or the scaling function the middle of what it lets pass.
 * @param {WaveletWindows} windows
 * @param {number | null} scale
 * @returns {number} */
function peakOctave({ L, lam, J_min }, scale) {
  const octave = Math.log2(lam);
  const last = octaveEdge(L);
  if (scale !== null) return Math.min(last, scale * octave);
  return (octaveEdge(0) + Math.max(octaveEdge(1), (J_min - 1) * octave)) / 2;
}

/** What a scale is called; the scaling function is Φ.
 * @param {number | null} scale
 * @returns {string} */
export function scaleName(scale) {
  return scale === null ? "Φ" : `${scale}`;
}

/** What the window, the bar and the pictures of a scale have in common, see links.js.
 * @param {number | null} scale
 * @returns {string} */
export function linkOf(scale) {
  return `scale-${scale}`;
}

/** The wavelet along a great circle through its centre. */
export class ProfileChart extends LineChart {
  constructor() {
    super("its value along a great circle, peak = 1", "angle from its centre", PROPORTION);
    this.area = this.add("path", "st-area");
    this.curve = this.add("path", "st-line");
    /** @type {Axis} */
    this.axis = {
      from: -PROFILE_END, to: PROFILE_END,
      ticks: [-90, -60, -30, 0, 30, 60, 90].map((angle) => [angle, `${Math.abs(angle)}°`]),
    };
    /** @type {Axis} */
    this.values = { from: -0.5, to: 1, ticks: [-0.5, 0, 0.5, 1].map((v) => [v, signed(v)]) };
  }

  /**
   * @param {Float64Array} profile values at steps of PROFILE_STEP from the centre
   * @param {number} peak its largest absolute value
   */
  draw(profile, peak) {
    /** @type {[number, number][]} */
    const points = [];
    for (let k = 1 - profile.length; k < profile.length; k++) {
      points.push([k * PROFILE_STEP, peak ? profile[Math.abs(k)] / peak : 0]);
    }
    const line = this.line(points);
    this.places = () => points.map(([angle, value]) => ({
      x: angle, ys: [value], words: [signed(short(value)), `${Math.abs(angle)}° from its centre`],
    }));
    set(this.curve, { d: line });
    set(this.area, { d: `${line}V${this.y(0)}H${this.x(-PROFILE_END)}Z` });
  }
}

/** Axes of energies, by their upper ends. @type {Axis[]} */
const TOP_SHARES = [0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1].map((to) => ({
  from: 0, to, ticks: [0, 1, 2].map((k) => [(k * to) / 2, `${short(50 * k * to)}${k === 2 ? " %" : ""}`]),
}));

/** The energy of each wavelet's coefficients as a bar. */
export class EnergyChart extends LineChart {
  constructor() {
    super("", "scale j", PROPORTION);
    this.bars = this.add("g", "");
    this.labels = this.add("g", "");
  }

  /** The vertical axis on which shares fit.
   * @param {number[]} energies
   * @returns {Axis} */
  axisFor(energies) {
    const most = Math.max(...energies.slice(1));
    return TOP_SHARES.find(({ to }) => 0.95 * to >= most) ?? TOP_SHARES[TOP_SHARES.length - 1];
  }

  /**
   * @param {number[]} energies shares; the first, of the scaling function, has no bar
   * @param {(number | null)[]} scales
   * @param {number} chosen index of the filled bar
   */
  draw(energies, scales, chosen) {
    /** @type {SVGElement[]} */
    const bars = [];
    this.places = () => scales.slice(1).map((scale, k) => ({
      x: scale ?? 0, ys: [energies[k + 1]], words: [percent(energies[k + 1]), `of the energy at scale ${scale}`], link: linkOf(scale),
    }));
    /** @type {SVGElement[]} */
    const labels = [];
    const roomy = this.x(1) - this.x(0) > 34;
    for (let k = 1; k < energies.length; k++) {
      const at = scales[k] ?? 0;
      const look = k === chosen ? "st-moved" : "st-area";
      bars.push(svg("path", { class: look, d: this.barAt(at, energies[k]), "data-link": linkOf(scales[k]) }));
      if (!roomy) continue;
      const place = { x: this.x(at), y: this.y(energies[k]) - 4, class: "st-middle" };
      const text = svg("text", place, percent(energies[k]));
      if (k === chosen) text.classList.add("st-chosen");
      labels.push(text);
    }
    this.bars.replaceChildren(...bars);
    this.labels.replaceChildren(...labels);
  }

  /** The scale of the bar at a place.
   * @param {number} pixel
   * @returns {number} */
  nearest(pixel) {
    const places = this.places();
    const apart = (/** @type {{x: number}} */ { x }) => Math.abs(this.x(x) - pixel);
    return places.reduce((best, one) => (apart(one) < apart(best) ? one : best)).x;
  }
}
