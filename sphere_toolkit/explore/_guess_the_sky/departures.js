// How far skies depart from Gaussian ones: in octaves of their spectra, and on scattering paths.
// The same definitions as `_departures.py`.

import { svg } from "../_page/chart.js";
import { LineChart } from "../_page/lines.js";
import { energyPerDegree } from "../_page/sht.js";

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
 * @param {object} network a `Network` that has begun with the sky
 * @returns {number[]}
 */
export function pathStatistics(network) {
  const { paths, parents } = network;
  const mean = (k) => network.node(k).alm[0]; // times the root of 4 pi, which divides out
  return paths.slice(1).map((path, i) => {
    const k = i + 1;
    const expected = path.length === 1 ? Math.sqrt(network.node(k).arriving) : mean(parents[k]);
    return Math.log(mean(k) / expected);
  });
}

/** Root mean square: about 1 for a sky like the others. */
export function typicalSize(departures) {
  return Math.sqrt(departures.reduce((sum, z) => sum + z * z, 0) / departures.length);
}

/** The departures of four skies, side by side in each octave or on each path. */
export class DepartureChart {
  constructor() {
    this.chart = new LineChart("", "");
    this.band = this.chart.add("rect", "st-band");
    this.chart.element.prepend(this.band);
    this.marks = this.chart.add("g", "st-marks-of-skies");
    this.element = this.chart.element;
  }

  /**
   * @param {number} width CSS pixels
   * @param {string[]} names of the columns
   * @param {number[][]} departures per sky and column
   * @param {number} revealed the sky that is marked, or -1
   * @param {string} horizontal what the columns are
   */
  draw(width, names, departures, revealed, horizontal) {
    const { chart, band, marks } = this;
    const most = departures.flat().reduce((top, z) => Math.max(top, Math.abs(z)), 0);
    const end = Math.max(4, 2 * Math.ceil(most / 2));
    const step = end / 2;
    const up = { from: -end, to: end, ticks: [-2, -1, 0, 1, 2].map((k) => [k * step, tickWords(k * step)]) };
    const across = { from: 0, to: names.length, ticks: names.map((name, k) => [k + 0.5, name]) };
    chart.titles[1] = horizontal;
    chart.layout(width, 260, across, up, "standard deviations from Gaussian skies");
    const [left, right] = [chart.x(0), chart.x(names.length)];
    const [top, bottom] = [chart.y(USUAL), chart.y(-USUAL)];
    for (const [key, value] of Object.entries({ x: left, width: right - left, y: top, height: bottom - top })) {
      band.setAttribute(key, value);
    }
    const parts = departures.flatMap((row, sky) => row.flatMap((z, column) => {
      const x = chart.x(column + (sky + 1) / (LETTERS.length + 1));
      const name = `st-sky-${sky}${sky === revealed ? " st-revealed" : ""}`;
      const stem = svg("line", { x1: x, x2: x, y1: chart.y(0), y2: chart.y(z), class: `st-stem ${name}` });
      const disc = svg("circle", { cx: x, cy: chart.y(z), r: 8, class: `st-disc ${name}` });
      disc.dataset.departure = z;
      const letter = { x, y: chart.y(z) + 4, class: "st-middle st-letter" };
      return [stem, disc, svg("text", letter, LETTERS[sky])];
    }));
    marks.replaceChildren(...parts);
  }
}

function tickWords(value) {
  return value === 0 ? "0" : `${value > 0 ? "+" : "−"}${Math.abs(value)}`;
}
