// Where does the energy of wavelet coefficients go when you take the modulus?

import { applyWindow, coefficientLength, energyPerDegree, modulus, SphericalHarmonics } from "./sht.js";
import { makeDraggable, packColours, paintColourBar, Projection, SphereView } from "./draw.js";
import { axisTop, SpectrumChart } from "./chart.js";
import { binary, explorer, html, indexed, isDark, menu, percent, short, slider } from "./ui.js";

/** Below this share of the signal's energy a scale counts as empty. */
const EMPTY = 1e-20;

/** Colours span this many times the root mean square of the wavelet coefficients. */
const SPAN = 3;

/**
 * The mathematics of the explorer: wavelet coefficients, their modulus, and how the energy of each
 * is spread over degrees. `energy_by_degree` in Python is the same definition.
 */
export class EnergyShift {
  /**
   * @param {number} L exclusive band-limit of the signal, at most 128
   * @param {number} G band-limit of the Gauss-Legendre grid that samples the modulus: G rings of
   *   2 G longitudes
   */
  constructor(L, G) {
    this.transform = new SphericalHarmonics(L, G, 2 * G);
    this.alm = new Float32Array(coefficientLength(L));
    /** Wavelet coefficients and their modulus, samples on the grid. */
    this.samples = [new Float32Array(2 * G * G), new Float32Array(2 * G * G)];
    /** Their shares of energy at each degree; both are relative to the same energy. */
    this.shares = [new Float64Array(L), new Float64Array(L)];
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
    const { transform, alm, samples, shares } = this;
    applyWindow(signal, window, alm);
    energyPerDegree(alm, shares[0]);
    let energy = 0;
    for (let l = 0; l < shares[0].length; l++) energy += shares[0][l];
    this.rms = Math.sqrt(energy / (4 * Math.PI));
    transform.inverse(alm, samples[0], first, end);
    modulus(samples[0], samples[1]);
    transform.forward(samples[1], alm);
    energyPerDegree(alm, shares[1]);
    // |W|^2 = W^2: the modulus keeps the energy, so both spectra are shares of one number.
    const factor = energy > EMPTY ? 1 / energy : 0;
    for (const share of shares) for (let l = 0; l < share.length; l++) share[l] *= factor;
  }
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
  const [L, G] = [model.get("L"), model.get("grid_band_limit")];
  const [names, scales] = [model.get("names"), model.get("scales")];
  if (!(Number.isInteger(L) && L > 0 && names?.length && scales?.length)) {
    throw new Error("the explorer's description of its signals is incomplete");
  }
  for (const [trait, known] of [["signal", names], ["scale", scales]]) {
    if (!known.includes(model.get(trait))) throw new Error(`no ${trait} “${model.get(trait)}”`);
  }
  const size = coefficientLength(L);
  const all = binary(model, "coefficients", Float32Array, names.length * size);
  const windows = binary(model, "windows", Float32Array, scales.length * L);
  const colours = binary(model, "colours", Uint8Array, 2 * 3 * 256);
  return {
    L, G, names, scales,
    signals: names.map((_, k) => all.subarray(k * size, (k + 1) * size)),
    windows: scales.map((_, k) => windows.subarray(k * L, (k + 1) * L)),
    colours: [0, 1].map((k) => packColours(colours.subarray(k * 768, (k + 1) * 768))),
    coastlines: binary(model, "coastlines", Int16Array),
    bands: model.get("bands"),
    units: model.get("units"),
    norms: model.get("norms"),
    onEarth: model.get("on_earth"),
  };
}

/** One of the two columns: heading with colour bar, picture, number, spectrum. */
class Panel {
  constructor(L, projection, words, axis) {
    this.words = words;
    this.sphere = new SphereView(projection);
    this.chart = new SpectrumChart(L, axis);
    this.title = html("span", { class: "st-title-text" });
    this.bar = html("canvas", { class: "st-bar", "aria-hidden": "true" });
    this.low = html("span");
    this.high = html("span");
    const bar = html("span", { class: "st-bar-box" }, this.low, this.bar, this.high);
    this.share = html("p", { class: "st-share" });
    const plot = html("div", { class: "st-plot" }, this.chart.element);
    this.plot = plot;
    const head = html("div", { class: "st-head" }, this.title, bar);
    this.element = html("div", { class: "st-panel" }, head, this.sphere.element, this.share, plot);
  }
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const state = readState(model);
  const { L, G, names, scales } = state;
  const core = new EnergyShift(L, G);
  const projection = new Projection(G, 2 * G);
  const axis = "share of energy per half octave";
  const panels = [
    new Panel(L, projection, "Wavelet coefficients", axis),
    new Panel(L, projection, "Their modulus", `${axis} (dashed: before)`),
  ];
  let stale = true; // whether the mathematics has to be done again

  const changed = () => {
    stale = true;
    stage.schedule();
  };
  const signals = menu("Signal", names, model.get("signal"), (name) => stage.choose(model, "signal", name));
  const range = { min: scales[0], max: scales.at(-1), step: 1, value: model.get("scale") };
  const scale = slider("Scale j", range, (j) => stage.choose(model, "scale", j));
  const views = html("button", { type: "button", class: "st-button" });
  views.addEventListener("click", () => {
    stage.choose(model, "view", model.get("view") === "map" ? "globe" : "map");
  });
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), captionText());
  const controls = html("div", { class: "st-controls" });
  if (names.length > 1) controls.append(signals.element);
  controls.append(views, scale.element);
  const columns = html("div", { class: "st-panels" }, panels[0].element, panels[1].element);
  stage.body.append(controls, columns, result, caption);

  const relayout = () => {
    const kind = model.get("view");
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    views.textContent = kind === "map" ? "Show globes" : "Show maps";
    for (const panel of panels) panel.sphere.element.className = `st-sphere st-${kind}`;
    projection.resize(kind, ratio * panels[0].sphere.element.clientWidth);
    const colours = state.colours[isDark() ? 1 : 0];
    paintColourBar(panels[0].bar, colours);
    paintColourBar(panels[1].bar, colours.subarray(128));
    for (const { sphere } of panels) {
      sphere.resize();
      if (kind === "globe") sphere.element.tabIndex = 0;
      else sphere.element.removeAttribute("tabindex");
    }
    drawCoasts();
  };
  const drawCoasts = () => {
    const lines = state.onEarth[names.indexOf(model.get("signal"))] ? state.coastlines : null;
    const colour = isDark() ? "rgb(255 255 255 / 60%)" : "rgb(0 0 0 / 55%)";
    for (const { sphere } of panels) sphere.drawCoast(lines, colour);
  };
  for (const { sphere } of panels) {
    makeDraggable(sphere, () => {
      drawCoasts();
      stage.schedule();
    });
  }

  stage.follow(model, "scale", () => {
    scale.input.value = model.get("scale");
    changed();
  });
  stage.follow(model, "signal", () => {
    signals.input.value = model.get("signal");
    drawCoasts();
    changed();
  });
  stage.follow(model, "view", () => {
    relayout();
    stage.schedule();
  });
  stage.start(() => {
    const at = scales.indexOf(model.get("scale"));
    const which = names.indexOf(model.get("signal"));
    if (stale) core.compute(state.signals[which], state.windows[at], ...state.bands[at]);
    stale = false;
    show(stage.root, panels, core, describe(state, core, which, at), { scale, result });
  }, relayout);
}

/** What the reader sees as numbers and words at one choice of signal and scale. */
function describe(state, core, which, at) {
  const [first, end] = state.bands[at];
  const [before, after] = core.shares;
  const below = sumShares(after, 0, first);
  const within = sumShares(after, first, end);
  return {
    j: state.scales[at], first, end, name: state.names[which],
    limit: SPAN * core.rms * state.norms[which],
    unit: state.units[which] ? ` ${state.units[which]}` : "",
    colours: state.colours[isDark() ? 1 : 0],
    before: sumShares(before, 0, first),
    below, within,
    above: core.rms > 0 ? Math.max(0, 1 - below - within) : 0,
    empty: sumShares(before, 0, state.L) === 0,
  };
}

/** Brings pictures, spectra and words up to date. */
function show(root, panels, core, view, { scale, result }) {
  const { j, first, end, limit, unit, colours } = view;
  const top = axisTop(core.shares, first, end);
  const wide = panels[0].plot.clientWidth;
  const range = `${short(limit)}${unit}`;
  panels.forEach((panel, k) => {
    const share = k === 0 ? view.before : view.below;
    panel.sphere.paint(core.samples[k], SPAN * core.rms, colours);
    panel.chart.layout(wide, Math.max(200, Math.min(250, 0.52 * wide)), top);
    panel.chart.draw(core.shares[k], first, end, bandLabel(first, end), k ? core.shares[0] : null);
    panel.title.replaceChildren(`${panel.words} `, indexed("W", j, k === 1));
    panel.low.textContent = k === 0 ? `−${short(limit)}` : "0";
    panel.high.textContent = range;
    const number = html("b", { class: "st-number" }, percent(share));
    panel.share.replaceChildren(number, ` of the energy at ℓ ≤ ${first - 1}`);
    const what = k === 0 ? `wavelet coefficients W${j}` : `modulus |W${j}|`;
    const picture = panel.sphere.projection.kind === "map" ? "Map" : "Globe, turned by arrow keys,";
    const from = k === 0 ? `−${range}` : "0";
    const label = `${picture} of the ${what} of: ${view.name}. Colours from ${from} to ${range}.`;
    panel.sphere.element.setAttribute("aria-label", label);
    const spectrum = `Energy of the ${what} by degree: ${percent(share)} at degrees up to ${first - 1}`;
    panel.chart.element.setAttribute("aria-label", `${spectrum}; the wavelet's band is ${bandLabel(first, end)}.`);
  });
  scale.output.replaceChildren(` = ${j}, degrees ${first} to ${end - 1}`);
  scale.input.setAttribute("aria-valuetext", `${j}, degrees ${first} to ${end - 1}`);
  result.replaceChildren(...resultWords(view));
  Object.assign(root.dataset, {
    scale: j, signal: view.name, before: view.before, after: view.below,
    within: view.within, above: view.above,
  });
}

function bandLabel(first, end) {
  return end - first === 1 ? `ℓ = ${first}` : `ℓ = ${first}–${end - 1}`;
}

function resultWords({ empty, j, first, below, within, above }) {
  if (empty) return ["This signal has no energy at scale ", html("b", {}, `${j}`), ": choose another."];
  return [
    "The modulus keeps the energy but moves it: ",
    html("b", { class: "st-number" }, percent(below)),
    ` goes down to degrees ℓ ≤ ${first - 1}, `,
    html("b", {}, percent(within)), " stays in the wavelet's band, ",
    html("b", {}, percent(above)), " goes up.",
  ];
}

function captionText() {
  return (
    "Drag the scale from fine to coarse, and watch the orange area, the energy that the modulus " +
    "has moved below the wavelet's band. Then change the signal: which one loses most? An area is a " +
    "share of the energy; the first bar is degree ℓ = 0, the mean."
  );
}

export default explorer("energy_shift", "Where the modulus moves energy", build);
