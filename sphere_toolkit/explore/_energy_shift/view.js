// Where does the energy of wavelet coefficients go when you take the modulus, the square or ReLU?

import { SpectrumChart, spectrumAxis } from "../_page/chart.js";
import { html, indexed, math, number, percent, ShareBar } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, Panel } from "../_page/figures.js";
import { memo } from "../_page/memo.js";
import { NONLINEARITIES } from "../_page/scattering.js";
import { applyWindow, coefficientLength, energyPerDegree, SphericalHarmonics } from "../_page/sht.js";
import { readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";

/** Below this share of the signal's energy a scale counts as empty. */
const EMPTY = 1e-20;

/**
 * The nonlinearities in the reader's order: heading, and the function as mathematics.
 * @type {Object<string, {heading: string, noun: string, formula: (j: number) => (Node | string)[]}>}
 */
const KINDS = {
  modulus: { heading: "Their modulus", noun: "modulus", formula: (j) => [indexed("W", j, true)] },
  square: { heading: "Their square", noun: "square", formula: (j) => [indexed("W", j), "²"] },
  relu: { heading: "Their ReLU", noun: "ReLU", formula: (j) => ["max(", indexed("W", j), ", 0)"] },
};

/**
 * The mathematics of the explorer: wavelet coefficients, what the nonlinearities make of them, and
 * how the energy of each is spread over degrees. `energy_by_degree` in Python is the same definition.
 */
export class EnergyShift {
  /**
   * @param {number} L exclusive band-limit of the signal, at most 128
   * @param {number} G band-limit of the Gauss-Legendre grid that samples the nonlinearity: G rings
   *   of 2 G longitudes
   * @param {Float32Array[]} [samples] two arrays of 2 G G numbers, for the wavelet coefficients on
   *   the grid, and for what the chosen nonlinearity makes of them
   */
  constructor(L, G, samples = [0, 1].map(() => new Float32Array(2 * G * G))) {
    this.samples = samples;
    this.transform = new SphericalHarmonics(L, G, 2 * G);
    this.wavelet = new Float32Array(coefficientLength(L));
    this.alm = new Float32Array(coefficientLength(L));
    this.before = new Float64Array(L);
    /** Shares of energy at each degree, each relative to the energy of what it is the share of.
     * @type {Object<string, Float64Array>} */
    this.after = {};
    for (const kind in KINDS) this.after[kind] = new Float64Array(L);
    /** Energy of what each nonlinearity returns, as a share of that of the wavelet coefficients.
     * @type {Object<string, number>} */
    this.kept = {};
    this.rms = 0;
  }

  /**
   * Computes samples and shares.
   * @param {Float32Array} signal L (L + 1) numbers, of unit energy
   * @param {Float32Array} window (L,) factors
   * @param {number} first first degree at which the window is not zero
   * @param {number} end degree from which on it is zero again
   */
  compute(signal, window, first, end) {
    const { transform, wavelet, alm, samples, before, after } = this;
    applyWindow(signal, window, wavelet);
    energyPerDegree(wavelet, before);
    const energy = before.reduce((sum, e) => sum + e, 0);
    this.rms = Math.sqrt(energy / (4 * Math.PI));
    transform.inverse(wavelet, samples[0], first, end);
    this.apply("square");
    transform.forward(samples[1], alm);
    this.share("square", energy);
    this.apply("modulus");
    transform.forward(samples[1], alm);
    this.share("modulus", energy);
    // ReLU(x) = (x + |x|) / 2, and both are known.
    for (let q = 0; q < alm.length; q++) alm[q] = (alm[q] + wavelet[q]) / 2;
    this.apply("relu");
    this.share("relu", energy);
    scaleBy(before, energy > EMPTY ? 1 / energy : 0);
    if (energy <= EMPTY) for (const kind in KINDS) after[kind].fill(0);
  }

  /**
   * Fills the second samples with what a nonlinearity makes of the first.
   * @param {string} kind
   */
  apply(kind) {
    this.samples[1].set(this.samples[0]);
    NONLINEARITIES[kind](this.samples[1]);
  }

  /**
   * Shares of the coefficients and samples that are there now.
   * @param {string} kind
   * @param {number} energy of the wavelet coefficients
   */
  share(kind, energy) {
    const total = this.integralOfSquare(this.samples[1]);
    energyPerDegree(this.alm, this.after[kind]);
    scaleBy(this.after[kind], total > 0 ? 1 / total : 0);
    this.kept[kind] = energy > 0 ? total / energy : 0;
  }

  /**
   * The integral of squared samples, by quadrature.
   * @param {Float32Array} samples
   * @returns {number}
   */
  integralOfSquare(samples) {
    const { rings, longitudes, weights } = this.transform;
    let sum = 0;
    for (let i = 0, q = 0; i < rings; i++) {
      let ring = 0;
      for (const stop = q + longitudes; q < stop; q++) ring += samples[q] * samples[q];
      sum += weights[i] * ring;
    }
    return (sum * 2 * Math.PI) / longitudes;
  }
}

/**
 * Multiplies in place.
 * @param {Float64Array} values
 * @param {number} factor
 */
function scaleBy(values, factor) {
  for (let l = 0; l < values.length; l++) values[l] *= factor;
}

/**
 * Sum of shares over degrees from .. to - 1.
 * @param {Float64Array} share
 * @param {number} from
 * @param {number} to
 * @returns {number}
 */
export function sumShares(share, from, to) {
  let sum = 0;
  for (let l = from; l < to; l++) sum += share[l];
  return sum;
}

/** A radio button for each nonlinearity, with its shares as a bar and as numbers. */
class Comparison {
  /** @param {any} control of the nonlinearity */
  constructor(control) {
    this.control = control;
    const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
    this.rows = Object.keys(KINDS).map((kind) => {
      const input = html("input", {
        type: "radio", name, value: kind, onchange: () => control.choose(kind),
      });
      const formula = math();
      const bar = new ShareBar();
      const numbers = bar.parts.map(() => html("span", { class: "st-part-share" }));
      const label = html("span", { class: "st-kind" }, `${KINDS[kind].noun} `, formula);
      const element = html("label", {}, input, label, bar.element, ...numbers);
      return { kind, input, formula, bar, numbers, element };
    });
    const heads = ["", "share of its energy", "below", "in the band", "above"];
    const words = html("div", { class: "st-heads", "aria-hidden": "true" });
    words.append(html("span"), ...heads.map((head) => html("span", {}, head)));
    const group = { class: "st-comparison", role: "radiogroup", "aria-label": "Nonlinearity" };
    this.element = html("div", group, words, ...this.rows.map((row) => row.element));
  }

  /**
   * @param {Object<string, {below: number, within: number, above: number}>} shares
   * @param {number} j scale
   */
  show(shares, j) {
    for (const { kind, input, formula, bar, numbers, element } of this.rows) {
      const { below, within, above } = shares[kind];
      input.checked = kind === this.control.value;
      formula.replaceChildren(...KINDS[kind].formula(j));
      bar.show([below, within, above]);
      [below, within, above].forEach((part, k) => (numbers[k].textContent = percent(part)));
      Object.assign(element.dataset, { nonlinearity: kind, below, within, above });
    }
  }
}

/** @param {import("../_page/explorer.js").ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const bank = readBank(view.model, L);
  const G = view.model.get("grid_band_limit");
  const projection = new Projection(G, 2 * G);
  const panels = [new Panel(projection), new Panel(projection)];
  const core = new EnergyShift(L, G, panels.map((panel) => panel.figure.samples));
  const axis = "share of energy per half octave";
  const charts = [axis, `${axis} (dashed: before)`].map((title) => new SpectrumChart(L, title));
  const figures = new LinkedFigures(view, panels.map((panel) => panel.figure));
  panels[1].figure.setSigned(false);
  const comparison = new Comparison(controls.nonlinearity);
  const columns = html("div", { class: "st-panels" }, ...panels.map((panel) => panel.element));
  view.body.append(
    view.row(controls.signal, controls.view, controls.scale),
    columns, comparison.element, view.result, view.caption(ADVICE),
  );
  const compute = memo((alm, at, kind) => {
    core.compute(alm, bank.windows[at], bank.bands[at][0], bank.bands[at][1]);
    core.apply(kind);
  });
  view.start(() => {
    const at = controls.scale.index;
    const [first, end] = bank.bands[at];
    const [j, kind] = [controls.scale.value, controls.nonlinearity.value];
    compute(view.signal.alm, at, kind);
    figures.coast(view.signal.coastlines);
    const shares = sharesAround(core, first, end);
    showPanels(view, panels, charts, core, { j, kind, first, end, shares });
    controls.scale.say(`${j}, degrees ${first} to ${end - 1}`);
    comparison.show(shares, j);
    const empty = sumShares(core.before, 0, L) === 0;
    view.result.replaceChildren(...resultWords(core, { empty, j, first, kind, shares }));
    const { below, within, above } = shares[kind];
    Object.assign(view.root.dataset, {
      scale: j, signal: view.signal.name, nonlinearity: kind, after: below, within, above,
      before: sumShares(core.before, 0, first),
    });
  }, () => figures.layout());
}

/**
 * Per nonlinearity the shares of energy below, within and above a band of degrees.
 * @param {EnergyShift} core
 * @param {number} first
 * @param {number} end
 */
function sharesAround({ before, after }, first, end) {
  const empty = sumShares(before, 0, before.length) === 0;
  return Object.fromEntries(Object.entries(after).map(([kind, share]) => {
    const below = sumShares(share, 0, first);
    const within = sumShares(share, first, end);
    return [kind, { below, within, above: empty ? 0 : Math.max(0, 1 - below - within) }];
  }));
}

/**
 * A unit to the power of two.
 * @param {string} unit
 * @returns {string}
 */
function squared(unit) {
  if (!unit) return "";
  return /^[\p{L}°]+$/u.test(unit) ? `${unit}²` : `(${unit})²`;
}

/**
 * Brings pictures and spectra up to date.
 * @param {import("../_page/explorer.js").ExplorerView} view
 * @param {Panel[]} panels
 * @param {SpectrumChart[]} charts
 * @param {EnergyShift} core
 * @param {object} chosen
 * @param {number} chosen.j
 * @param {string} chosen.kind
 * @param {number} chosen.first
 * @param {number} chosen.end
 * @param {Object<string, {below: number}>} chosen.shares
 */
function showPanels(view, panels, charts, core, { j, kind, first, end, shares }) {
  const { name, norm, unit } = view.signal;
  const spectra = [core.before, core.after[kind]];
  const up = spectrumAxis(spectra, first, end);
  const band = end - first === 1 ? `ℓ = ${first}` : `ℓ = ${first}–${end - 1}`;
  const { heading, noun, formula } = KINDS[kind];
  const headings = [["Wavelet coefficients ", indexed("W", j)], [`${heading} `, math(...formula(j))]];
  panels.forEach(({ figure, number: words }, k) => {
    // Colours end at the same wavelet coefficient.
    const power = k && kind === "square" ? 2 : 1;
    const share = k ? shares[kind].below : sumShares(core.before, 0, first);
    const what = k ? `${noun} of W${j}` : `wavelet coefficients W${j}`;
    figure.paint({
      limit: (COLOUR_SPAN * core.rms) ** power, norm: norm ** power,
      unit: power === 2 ? squared(unit) : unit, what: `the ${what} of: ${name}`,
    });
    figure.title.replaceChildren(...headings[k]);
    const label = `Energy of the ${what} by degree: ${percent(share)} at degrees up to ${first - 1}; ` +
      `the wavelet's band is ${band}.`;
    panels[k].show(charts[k], label, charts[k].degrees, up);
    charts[k].draw(spectra[k], first, end, band, k ? core.before : null);
    words.replaceChildren(number(percent(share)), ` of the energy at ℓ ≤ ${first - 1}`);
  });
}

/**
 * What became of the energy, in words.
 * @param {EnergyShift} core
 * @param {any} chosen as in `build`
 * @returns {(Node | string)[]}
 */
function resultWords(core, { empty, j, first, kind, shares }) {
  if (empty) return ["This signal has no energy at scale ", html("b", {}, `${j}`), ": choose another."];
  const { below, within, above } = shares[kind];
  const begin = {
    modulus: "The modulus keeps the energy but moves it: ",
    square: "The square has an energy of its own, the signal's unit to the fourth; of it ",
    relu: `ReLU keeps ${percent(core.kept.relu)} of the energy, the positive part; of that `,
  }[/** @type {"modulus" | "square" | "relu"} */ (kind)];
  return [
    begin, number(percent(below)), ` goes down to degrees ℓ ≤ ${first - 1}, `,
    html("b", {}, percent(within)), " stays in the wavelet's band, ",
    html("b", {}, percent(above)), " goes up.",
  ];
}

const ADVICE =
  "Drag the scale from fine to coarse, and watch the orange area, the energy that the modulus " +
  "has moved below the wavelet's band. Then change the signal, and compare with the square and " +
  "with ReLU: which one moves most? An area is a share of the energy; the first bar is degree " +
  "ℓ = 0, the mean.";

export default explorer("energy_shift", "Where the modulus moves energy", build);
