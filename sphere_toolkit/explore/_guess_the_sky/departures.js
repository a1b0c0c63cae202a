// How far skies depart from Gaussian ones: in octaves of their spectra, and on scattering paths.
// The same definitions as ensemble.py.

import { LineChart } from "../_page/chart.js";
import { set, signed, svg } from "../_page/dom.js";
import { energyPerDegree } from "../_page/coefficients.js";

/** The skies of a round, in the order in which they are drawn. */
export const LETTERS = ["A", "B", "C", "D"];

/** What is usual for a Gaussian sky, in standard deviations. */
const USUAL = 2;

/**
 * Octaves of degrees from 2 up to L.
 * @param {number} L a power of two
 * @returns {[number, number][]} first degree, and the one after the last
 */
export function octaves(L) {
  /** @type {[number, number][]} */
  const found = [];
  for (let first = 2; first < L; first *= 2) found.push([first, 2 * first]);
  return found;
}

/**
 * Power in octaves of degrees against that of the ensemble.
 * @param {Float32Array} alm of unit energy
 * @param {number} norm root of the energy that the sky has
 * @param {Float32Array} spectrum of the ensemble
 * @returns {number[]} standard deviations
 */
export function spectrumDepartures(alm, norm, spectrum) {
  const energies = new Float64Array(spectrum.length);
  energyPerDegree(alm, energies);
  return octaves(spectrum.length).map(([first, end]) => {
    let [modes, sum] = [0, 0];
    for (let l = first; l < end; l++) {
      modes += 2 * l + 1;
      sum += (energies[l] * norm * norm) / spectrum[l];
    }
    return Math.sqrt(modes / 2) * (sum / modes - 1);
  });
}

/**
 * One number per path but the empty one, blind to how strong a sky is at each scale.
 * @param {ScatteringNetwork} network that has begun with the sky
 * @returns {number[]}
 */
export function pathStatistics(network) {
  const { paths, parents } = network;
  const mean = (/** @type {number} */ k) => network.node(k).alm[0]; // times the root of 4 pi, which divides out
  return paths.slice(1).map((path, i) => {
    const k = i + 1;
    const expected = path.length === 1 ? Math.sqrt(network.node(k).arriving) : mean(parents[k]);
    return Math.log(mean(k) / expected);
  });
}

/** Root mean square: about 1 for a sky like the others.
 * @param {number[]} departures
 * @returns {number} */
export function typicalSize(departures) {
  return Math.sqrt(departures.reduce((sum, z) => sum + z * z, 0) / departures.length);
}

/** The departures of four skies, side by side in each octave or on each path. */
export class DepartureChart extends LineChart {
  constructor() {
    super("", "", [260, 260, 0]);
    this.band = svg("rect", { class: "st-band" });
    this.element.prepend(this.band);
    this.marks = this.add("g", "st-marks-of-skies");
  }

  /**
   * @param {number} width CSS pixels
   * @param {string[]} names of the columns
   * @param {number[][]} departures per sky and column
   * @param {number} revealed the sky that is marked, or -1
   * @param {string} horizontal what the columns are
   */
  draw(width, names, departures, revealed, horizontal) {
    const most = departures.flat().reduce((top, z) => Math.max(top, Math.abs(z)), 0);
    const end = Math.max(4, 2 * Math.ceil(most / 2));
    /** @type {(k: number) => [number, string]} */
    const tick = (k) => [(k * end) / 2, tickWords((k * end) / 2)];
    const up = { from: -end, to: end, ticks: [-2, -1, 0, 1, 2].map(tick) };
    /** @type {Axis} */
    const across = { from: 0, to: names.length, ticks: names.map((name, k) => [k + 0.5, name]) };
    this.titles[1] = horizontal;
    this.fit(width, across, up, "standard deviations from Gaussian skies");
    const [left, top] = [this.x(0), this.y(USUAL)];
    set(this.band, { x: left, width: this.x(names.length) - left, y: top, height: this.y(-USUAL) - top });
    const columnOf = (/** @type {number} */ column, /** @type {number} */ sky) => column + (sky + 1) / (LETTERS.length + 1);
    this.places = () => names.flatMap((name, column) => departures.map((row, sky) => ({
      x: columnOf(column, sky), ys: [row[column]], link: linkOf(sky),
      words: [`Sky ${LETTERS[sky]}: ${signed(row[column].toFixed(1))}`, `standard deviations, ${horizontal} ${name}`],
    })));
    const parts = departures.flatMap((row, sky) => row.flatMap((z, column) => {
      const x = this.x(columnOf(column, sky));
      const name = `st-sky-${sky}${sky === revealed ? " st-revealed" : ""}`;
      const stem = svg("line", { x1: x, x2: x, y1: this.y(0), y2: this.y(z), class: `st-stem ${name}`, "data-link": linkOf(sky) });
      const disc = svg("circle", { cx: x, cy: this.y(z), r: 8, class: `st-disc ${name}`, "data-link": linkOf(sky) });
      disc.dataset.departure = `${z}`;
      const letter = { x, y: this.y(z) + 4, class: "st-middle st-letter" };
      return [stem, disc, svg("text", letter, LETTERS[sky])];
    }));
    this.marks.replaceChildren(...parts);
  }
}

/** What belongs to a sky, see links.js.
 * @param {number} sky
 * @returns {string} */
export function linkOf(sky) {
  return `sky-${sky}`;
}

/** @param {number} value */
function tickWords(value) {
  return value === 0 ? "0" : `${value > 0 ? "+" : "−"}${Math.abs(value)}`;
}
