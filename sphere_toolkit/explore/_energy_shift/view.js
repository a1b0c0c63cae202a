// Where does the energy of wavelet coefficients go when you take the modulus, the square or ReLU?

import { applyWindow, coefficientLength, energyPerDegree, SphericalHarmonics } from "../_page/sht.js";
import { Projection } from "../_page/draw.js";
import { axisTop, SpectrumChart } from "../_page/chart.js";
import { NONLINEARITIES } from "../_page/path_operator.js";
import { Picture } from "../_page/picture.js";
import { Pictures } from "../_page/pictures.js";
import { readBank } from "../_page/bank.js";
import { readSignals, requireKnown } from "../_page/signals.js";
import { explorer, html, indexed, menu, percent, slider } from "../_page/ui.js";

/** Below this share of the signal's energy a scale counts as empty. */
const EMPTY = 1e-20;

/** Colours span this many times the root mean square of the wavelet coefficients. */
const SPAN = 3;

/** The nonlinearities in the reader's order: heading, and the function as mathematics. */
const KINDS = {
  modulus: { heading: "Their modulus", noun: "modulus", math: (j) => [indexed("W", j, true)] },
  square: { heading: "Their square", noun: "square", math: (j) => [indexed("W", j), "²"] },
  relu: { heading: "Their ReLU", noun: "ReLU", math: (j) => ["max(", indexed("W", j), ", 0)"] },
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
   */
  constructor(L, G) {
    this.transform = new SphericalHarmonics(L, G, 2 * G);
    this.wavelet = new Float32Array(coefficientLength(L));
    this.alm = new Float32Array(coefficientLength(L));
    /** Wavelet coefficients on the grid, and what the chosen nonlinearity makes of them. */
    this.samples = [new Float32Array(2 * G * G), new Float32Array(2 * G * G)];
    this.before = new Float64Array(L);
    /** Shares of energy at each degree: each relative to the energy of what it is the share of. */
    this.after = {};
    for (const kind in KINDS) this.after[kind] = new Float64Array(L);
    /** Energy of what each nonlinearity returns, as a share of that of the wavelet coefficients. */
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

  /** Fills the second samples with what a nonlinearity makes of the first. */
  apply(kind) {
    this.samples[1].set(this.samples[0]);
    NONLINEARITIES[kind === "relu" ? "ReLU" : kind](this.samples[1]);
  }

  /** Shares of the coefficients and samples that are there now. */
  share(kind, energy) {
    const total = this.integralOfSquare(this.samples[1]);
    energyPerDegree(this.alm, this.after[kind]);
    scaleBy(this.after[kind], total > 0 ? 1 / total : 0);
    this.kept[kind] = energy > 0 ? total / energy : 0;
  }

  /** The integral of squared samples, by quadrature. */
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

/** Multiplies in place. */
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

/** Reads and checks what Python sent. */
function readState(model) {
  const signals = readSignals(model);
  const { L } = signals;
  const bank = readBank(model, L);
  requireKnown(model, "scale", bank.scales);
  requireKnown(model, "nonlinearity", Object.keys(KINDS));
  return { ...signals, ...bank, G: model.get("grid_band_limit") };
}

/** One of the two columns: heading with colour bar, picture, number, spectrum. */
class Panel {
  constructor(L, projection, axis) {
    this.picture = new Picture(projection);
    this.chart = new SpectrumChart(L, axis);
    this.share = html("p", { class: "st-share" });
    this.plot = html("div", { class: "st-plot" }, this.chart.element);
    const { head, sphere } = this.picture;
    this.element = html("div", { class: "st-panel" }, head, sphere.element, this.share, this.plot);
  }
}

/** A radio button for each nonlinearity, with its shares as a bar and as numbers. */
class Comparison {
  constructor(value, changed) {
    const name = `st-${Math.random().toString(36).slice(2)}`; // a group per view
    this.rows = Object.keys(KINDS).map((kind) => {
      const input = html("input", { type: "radio", name, value: kind, onchange: () => changed(kind) });
      const math = html("span", { class: "st-math" });
      const parts = ["below", "within", "above"].map((part) => html("span", { class: `st-${part}` }));
      const bar = html("span", { class: "st-parts", "aria-hidden": "true" }, ...parts);
      const numbers = parts.map(() => html("span", { class: "st-part-share" }));
      const label = html("span", { class: "st-kind" }, `${KINDS[kind].noun} `, math);
      const element = html("label", {}, input, label, bar, ...numbers);
      return { kind, input, math, parts, numbers, element };
    });
    const heads = ["", "share of its energy", "below", "in the band", "above"];
    const words = html("div", { class: "st-heads", "aria-hidden": "true" });
    words.append(html("span"), ...heads.map((head) => html("span", {}, head)));
    const group = { class: "st-comparison", role: "radiogroup", "aria-label": "Nonlinearity" };
    this.element = html("div", group, words, ...this.rows.map((row) => row.element));
    this.choose(value);
  }

  choose(value) {
    for (const { kind, input } of this.rows) input.checked = kind === value;
  }

  show(shares, j) {
    for (const { kind, math, parts, numbers, element } of this.rows) {
      const { below, within, above } = shares[kind];
      math.replaceChildren(...KINDS[kind].math(j));
      [below, within, above].forEach((part, k) => {
        parts[k].style.width = `${100 * part}%`;
        numbers[k].textContent = percent(part);
      });
      Object.assign(element.dataset, { nonlinearity: kind, below, within, above });
    }
  }
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const state = readState(model);
  const { L, G, names, scales } = state;
  const core = new EnergyShift(L, G);
  const projection = new Projection(G, 2 * G);
  const axis = "share of energy per half octave";
  const panels = [axis, `${axis} (dashed: before)`].map((title) => new Panel(L, projection, title));
  const pictures = new Pictures(model, stage, panels.map((panel) => panel.picture), state);
  panels[1].picture.setSigned(false);
  let stale = true; // whether the mathematics has to be done again

  const choose = (trait) => (value) => stage.choose(model, trait, value);
  const signals = menu("Signal", names, model.get("signal"), choose("signal"));
  const range = { min: scales[0], max: scales.at(-1), step: 1, value: model.get("scale") };
  const scale = slider("Scale j", range, choose("scale"));
  const comparison = new Comparison(model.get("nonlinearity"), choose("nonlinearity"));
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), captionText());
  const controls = html("div", { class: "st-controls" });
  if (names.length > 1) controls.append(signals.element);
  controls.append(pictures.button, scale.element);
  const columns = html("div", { class: "st-panels" }, panels[0].element, panels[1].element);
  stage.body.append(controls, columns, comparison.element, result, caption);

  const inputs = { scale: scale.input, signal: signals.input };
  for (const trait of ["scale", "signal", "nonlinearity"]) {
    stage.follow(model, trait, () => {
      if (inputs[trait]) inputs[trait].value = model.get(trait);
      comparison.choose(model.get("nonlinearity"));
      if (trait === "signal") pictures.drawCoasts();
      stale = true;
      stage.schedule();
    });
  }
  stage.start(() => {
    const at = scales.indexOf(model.get("scale"));
    const which = names.indexOf(model.get("signal"));
    const kind = model.get("nonlinearity");
    if (stale) {
      core.compute(state.signals[which], state.windows[at], ...state.bands[at]);
      core.apply(kind);
    }
    stale = false;
    const view = describe(state, core, { which, at, kind });
    show(stage.root, panels, core, view, { scale, result });
    comparison.show(view.shares, view.j);
  }, () => pictures.layout());
}

/** What the reader sees as numbers and words at one choice of signal, scale and nonlinearity. */
function describe(state, core, { which, at, kind }) {
  const [first, end] = state.bands[at];
  const empty = sumShares(core.before, 0, state.L) === 0;
  const shares = {};
  for (const each in KINDS) {
    const below = sumShares(core.after[each], 0, first);
    const within = sumShares(core.after[each], first, end);
    shares[each] = { below, within, above: empty ? 0 : Math.max(0, 1 - below - within) };
  }
  const unit = state.units[which];
  return {
    j: state.scales[at], first, end, kind, empty, shares, name: state.names[which],
    before: sumShares(core.before, 0, first),
    norm: state.norms[which],
    units: [unit, kind === "square" ? squared(unit) : unit],
    kept: core.kept[kind],
  };
}

/** A unit to the power of two. */
function squared(unit) {
  if (!unit) return "";
  return /^[\p{L}°]+$/u.test(unit) ? `${unit}²` : `(${unit})²`;
}

/** Brings pictures, spectra and words up to date. */
function show(root, panels, core, view, { scale, result }) {
  const { j, first, end, kind, norm, units } = view;
  const spectra = [core.before, core.after[kind]];
  const top = axisTop(spectra, first, end);
  const wide = panels[0].plot.clientWidth;
  const span = SPAN * core.rms;
  const power = kind === "square" ? 2 : 1; // colours end at the same wavelet coefficient
  const { heading, noun, math } = KINDS[kind];
  const headings = [["Wavelet coefficients ", indexed("W", j)], [`${heading} `, mathSpan(math(j))]];
  panels.forEach((panel, k) => {
    const share = k === 0 ? view.before : view.shares[kind].below;
    const what = k === 0 ? `wavelet coefficients W${j}` : `${noun} of W${j}`;
    const exponent = k === 0 ? 1 : power;
    const spoken = `the ${what} of: ${view.name}`;
    panel.picture.paint(core.samples[k], span ** exponent, norm ** exponent, units[k], spoken);
    panel.picture.title.replaceChildren(...headings[k]);
    panel.chart.layout(wide, Math.max(200, Math.min(250, 0.52 * wide)), top);
    panel.chart.draw(spectra[k], first, end, bandLabel(first, end), k ? core.before : null);
    const number = html("b", { class: "st-number" }, percent(share));
    panel.share.replaceChildren(number, ` of the energy at ℓ ≤ ${first - 1}`);
    const spectrum = `Energy of the ${what} by degree: ${percent(share)} at degrees up to ${first - 1}`;
    panel.chart.element.setAttribute("aria-label", `${spectrum}; the wavelet's band is ${bandLabel(first, end)}.`);
  });
  scale.output.replaceChildren(` = ${j}, degrees ${first} to ${end - 1}`);
  scale.input.setAttribute("aria-valuetext", `${j}, degrees ${first} to ${end - 1}`);
  result.replaceChildren(...resultWords(view));
  const { below, within, above } = view.shares[kind];
  Object.assign(root.dataset, {
    scale: j, signal: view.name, nonlinearity: kind, before: view.before, after: below, within, above,
  });
}

function mathSpan(parts) {
  return html("span", { class: "st-math" }, ...parts);
}

function bandLabel(first, end) {
  return end - first === 1 ? `ℓ = ${first}` : `ℓ = ${first}–${end - 1}`;
}

function resultWords({ empty, j, first, kind, kept, shares }) {
  if (empty) return ["This signal has no energy at scale ", html("b", {}, `${j}`), ": choose another."];
  const { below, within, above } = shares[kind];
  const begin = {
    modulus: "The modulus keeps the energy but moves it: ",
    square: "The square has an energy of its own, the signal's unit to the fourth; of it ",
    relu: `ReLU keeps ${percent(kept)} of the energy, the positive part; of that `,
  };
  return [
    begin[kind], html("b", { class: "st-number" }, percent(below)),
    ` goes down to degrees ℓ ≤ ${first - 1}, `,
    html("b", {}, percent(within)), " stays in the wavelet's band, ",
    html("b", {}, percent(above)), " goes up.",
  ];
}

function captionText() {
  return (
    "Drag the scale from fine to coarse, and watch the orange area, the energy that the modulus " +
    "has moved below the wavelet's band. Then change the signal, and compare with the square and " +
    "with ReLU: which one moves most? An area is a share of the energy; the first bar is degree " +
    "ℓ = 0, the mean."
  );
}

export default explorer("energy_shift", "Where the modulus moves energy", build);
