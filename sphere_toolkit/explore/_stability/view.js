// What does a small deformation of the sphere do to a signal, and to what is known of it?

import { LineChart } from "../_page/chart.js";
import { html, percent, set } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, SphereFigure, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { pathsOf, ScatteringNetwork } from "../_page/scattering.js";
import { coefficientLength, energyPerDegree } from "../_page/coefficients.js";
import { binary, damaged, readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import { Deformation } from "./deformation.js";

/** Rings of the grid that is drawn. */
const DRAWN_RINGS = 128;

/** Sampling of the modulus, over the band-limit. */
const OVERSAMPLING = 2;

const DEPTH = 2;

/**
 * What is compared: name of the number, words, class of its line.
 * @type {["signal" | "amplitudes" | "spectrum" | "scattering" | "means", string, string][]}
 */
const SERIES = [
  ["signal", "the signal and its coefficients", "st-signal"],
  ["amplitudes", "the coefficients’ absolute values", "st-amplitudes"],
  ["spectrum", "the power spectrum", "st-spectrum"],
  ["scattering", "the scattering coefficients", "st-scattering"],
  ["means", "the means of the scattering coefficients", "st-means"],
];

/** The mathematics: a deformed signal and five distances from the one before. */
export class Distances {
  /**
   * @param {number} L band-limit
   * @param {Bank} bank
   * @param {Deformation} deformation
   * @param {TransformCache} cache
   */
  constructor(L, bank, deformation, cache) {
    const paths = pathsOf(bank.scales, DEPTH);
    this.deformation = deformation;
    /** @type {Float32Array} */
    this.alm = new Float32Array(coefficientLength(L));
    this.deformed = new Float32Array(coefficientLength(L));
    this.networks = [0, 1].map(() => new ScatteringNetwork(L, paths, bank, cache));
    this.energies = [new Float64Array(L), new Float64Array(L)];
    /** Relative distances. */
    this.values = { signal: 0, amplitudes: 0, spectrum: 0, scattering: 0, means: 0 };
  }

  /** Takes the signal that is to be deformed.
   * @param {Float32Array} alm */
  take(alm) {
    this.alm = alm;
    this.deformation.take(alm);
    this.networks[0].begin(alm, "modulus", OVERSAMPLING);
    energyPerDegree(alm, this.energies[0]);
  }

  /** Deforms it, and compares.
   * @param {number} size radians */
  deform(size) {
    const { alm, deformed, deformation, networks, energies, values } = this;
    deformation.deform(size, deformed);
    networks[1].begin(deformed, "modulus", OVERSAMPLING);
    energyPerDegree(deformed, energies[1]);
    const L = energies[0].length;
    const total = energies[0].reduce((sum, one) => sum + one, 0);
    let apart = 0;
    energies[0].forEach((one, l) => (apart += (Math.sqrt(energies[1][l]) - Math.sqrt(one)) ** 2));
    values.spectrum = Math.sqrt(apart / total);
    values.signal = Math.sqrt(squares(alm, deformed, L, difference) / total);
    values.amplitudes = Math.sqrt(squares(alm, deformed, L, differenceOfSizes) / total);
    let [between, before, moved, means] = [0, 0, 0, 0];
    networks[0].paths.forEach((_, k) => {
      const [one, other] = networks.map((network) => network.average(k));
      between += squares(one, other, networks[0].Lout, difference);
      before += networks[0].kept(k);
      moved += (other[0] - one[0]) ** 2; // degree 0: the mean, but for a factor
      means += one[0] ** 2;
    });
    values.scattering = Math.sqrt(between / before);
    values.means = means > 0 ? Math.sqrt(moved / means) : 0; // a signal that no wavelet sees has none
  }

  /**
   * Distances at sizes from 0 to the greatest, which Python sends of its own signals.
   * @param {number} most radians
   * @param {number} count of the sizes
   * @returns {Float32Array[]} one curve for each description
   */
  curves(most, count) {
    const curves = SERIES.map(() => new Float32Array(count));
    for (let n = 0; n < count; n++) {
      this.deform((most * n) / (count - 1));
      SERIES.forEach(([key], k) => (curves[k][n] = this.values[key]));
    }
    return curves;
  }
}

/**
 * Sum over all orders, negative ones too, of a function of two coefficients.
 * @param {Float32Array} first
 * @param {Float32Array} second
 * @param {number} L
 * @param {(a: number, b: number, c: number, d: number) => number} of
 * @returns {number}
 */
function squares(first, second, L, of) {
  let [zonal, rest] = [0, 0];
  for (let q = 0; q < first.length; q += 2) {
    const one = of(first[q], first[q + 1], second[q], second[q + 1]);
    if (q < 2 * L) zonal += one;
    else rest += one;
  }
  return zonal + 2 * rest;
}

/** @type {(a: number, b: number, c: number, d: number) => number} */
const difference = (a, b, c, d) => (a - c) * (a - c) + (b - d) * (b - d);

/** @type {(a: number, b: number, c: number, d: number) => number} */
const differenceOfSizes = (a, b, c, d) => (Math.sqrt(a * a + b * b) - Math.sqrt(c * c + d * d)) ** 2;

/** Distances against the size of the deformation, one line for each description. */
class DistanceChart extends LineChart {
  /** @param {number} most greatest size, radians */
  constructor(most) {
    super("relative distance", "greatest displacement, degrees", [220, 300, 0.5]);
    const degrees = (most * 180) / Math.PI;
    /** @type {[number, string][]} */
    const across = [];
    for (let at = 0; at <= degrees; at += 2) across.push([(at * Math.PI) / 180, `${at}°`]);
    this.sizes = { from: 0, to: most, ticks: across };
    this.cursor = this.add("line", "st-cursor");
    this.lines = SERIES.map(([key, , name]) => this.add("path", `st-series ${name}`, { "data-link": key }));
    this.dots = SERIES.map(([key, , name]) => this.add("circle", `st-point ${name}`, { r: 4, "data-link": key }));
    this.axisOf = memo((curves) => {
      const highest = Math.max(...curves.map((/** @type {Float32Array} */ curve) => Math.max(...curve)));
      const top = [0.25, 0.5, 1, 1.5].find((one) => highest <= one) ?? 2;
      /** @type {[number, string][]} */
      const ticks = [0, 1, 2, 3, 4, 5].map((k) => [(k * top) / 5, tickWords((k * top) / 5)]);
      return { from: 0, to: top, ticks };
    });
    this.drawCurves = memo((curves) => curves.forEach((/** @type {Float32Array} */ curve, /** @type {number} */ k) => {
      const step = most / (curve.length - 1);
      set(this.lines[k], { d: this.line([...curve].map((value, n) => [n * step, value])) });
    }));
  }

  /**
   * Draws the curves, and marks a size and the distances there.
   * @param {number} width CSS pixels
   * @param {Float32Array[]} curves distances at sizes from 0 to the greatest
   * @param {number} size
   * @param {Object<string, number>} values the distances at this size
   */
  draw(width, curves, size, values) {
    const up = this.axisOf(curves);
    this.fit(width, this.sizes, up);
    this.drawCurves(curves, width, up);
    this.places = () => Array.from(curves[0], (_, n) => {
      const [at, ys] = [(this.sizes.to * n) / (curves[0].length - 1), curves.map((curve) => curve[n])];
      return { x: at, ys, words: [inDegrees(at), ...SERIES.map(([key], k) => `${key} ${percent(ys[k])}`)] };
    });
    const x = this.x(size);
    this.dots.forEach((dot, k) => set(dot, { cx: x, cy: this.y(values[SERIES[k][0]]) }));
    set(this.cursor, { x1: x, x2: x, y1: this.y(0), y2: this.y(up.to) });
  }
}

/** @param {number} share */
function tickWords(share) {
  return `${Math.round(100 * share)}${share > 0 ? " %" : ""}`;
}

/** The numbers of the descriptions, with a key to the lines. */
class Legend {
  constructor() {
    this.numbers = SERIES.map(() => html("b"));
    this.element = html("ul", { class: "st-legend", "aria-live": "polite" });
    SERIES.forEach(([series, words, name], k) => {
      const key = html("span", { class: `st-key ${name}`, "aria-hidden": "true" });
      this.element.append(html("li", { "data-link": series }, key, this.numbers[k], ` ${words}`));
    });
  }
}

/**
 * Reads and checks the curves of each signal.
 * @param {ExplorerView} view
 * @returns {Float32Array[][]}
 */
function readCurves({ model, state: { names } }) {
  const curves = binary(model, "curves", Float32Array);
  const sizes = curves.length / (SERIES.length * names.length);
  if (!(Number.isInteger(sizes) && sizes > 1)) throw damaged("curves");
  const row = (/** @type {number} */ n) => curves.subarray(n * sizes, (n + 1) * sizes);
  return names.map((_, k) => SERIES.map((__, n) => row(SERIES.length * k + n)));
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const cache = new TransformCache();
  const deformation = new Deformation(L, binary(view.model, "field", Float32Array), cache);
  const core = new Distances(L, readBank(view.model, L), deformation, cache);
  const curves = readCurves(view);
  // The projection is not shared: on a phone the third map is wider than the others.
  const figures = ["Signal", "Deformed signal", "Difference"].map((title) => (
    new SphereFigure(new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS), title)
  ));
  const linked = new LinkedFigures(view, figures, { kind: "map", draggable: false });
  const chart = new DistanceChart(controls.size.declared.max);
  const legend = new Legend();
  const plot = html("div", { class: "st-plot" }, chart.element);
  controls.size.choose = (/** @type {number} */ size) => view.choose("size", Math.round(1e6 * size) / 1e6);
  view.body.append(
    view.row(controls.signal, openButton(view), controls.size),
    html("div", { class: "st-three" }, ...figures.map((figure) => figure.cell())),
    html("div", { class: "st-distances" }, plot, legend.element), view.caption(ADVICE),
  );
  const shown = cache.transform(L, DRAWN_RINGS);
  const take = memo((alm) => {
    core.take(alm);
    shown.inverse(alm, figures[0].samples);
  });
  const curvesOf = memo((_, which) => (
    curves[which] ?? core.curves(controls.size.declared.max, curves[0][0].length)
  ));
  view.start(() => {
    const { which, alm, name, norm, unit, coastlines } = view.signal;
    const size = controls.size.value;
    take(alm);
    const known = curvesOf(alm, which);
    core.deform(size);
    shown.inverse(core.deformed, figures[1].samples);
    const [before, after, apart] = figures.map((figure) => figure.samples);
    for (let n = 0; n < apart.length; n++) apart[n] = after[n] - before[n];
    linked.coast(coastlines); // where they were, above all three
    const moved = `after a deformation by up to ${inDegrees(size)}`;
    const what = [`the signal: ${name}`, `the same ${moved}`, `the difference ${moved}`];
    figures.forEach((figure, k) => {
      figure.paint({ limit: COLOUR_SPAN * UNIT_RMS, norm, unit, what: what[k] });
    });
    chart.draw(plot.clientWidth, known, size, core.values);
    SERIES.forEach(([key], k) => (legend.numbers[k].textContent = percent(core.values[key])));
    controls.size.say(inDegrees(size));
    const words = SERIES.map(([key, series]) => `${series} ${percent(core.values[key])}`).join(", ");
    chart.element.setAttribute("aria-label", `Distances at a displacement of ${inDegrees(size)}: ${words}.`);
    Object.assign(view.root.dataset, { signal: name, size });
    for (const [key] of SERIES) view.root.dataset[`${key}Distance`] = `${core.values[key]}`;
  }, equation);
}

/** @param {number} size radians */
function inDegrees(size) {
  return `${((size * 180) / Math.PI).toFixed(1)}°`;
}

const ADVICE =
  "By eye the first two maps hardly differ; their difference, in the same colours, is not small. " +
  "Which description moves least? Then choose the relief or the band-limited noise, whose " +
  "energy lies at many neighbouring degrees: why does the spectrum move so much less there? The " +
  "scattering coefficients are maps, which move with the places; their means know no places, and " +
  "neither does the spectrum.";

export default explorer("stability", "What does a small deformation do?", build);
