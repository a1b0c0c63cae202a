// What does a wavelet see? The windows on the degrees, one wavelet, and a signal seen through it.

import { applyWindow, coefficientLength, energyPerDegree, SphericalHarmonics } from "../_page/sht.js";
import { makeDraggable, Projection } from "../_page/draw.js";
import { degreeAxis, superscript } from "../_page/lines.js";
import { Picture } from "../_page/picture.js";
import { Pictures } from "../_page/pictures.js";
import { readSignals } from "../_page/signals.js";
import { explorer, html, indexed, isDark, menu, percent, short, slider } from "../_page/ui.js";
import {
  EnergyChart, PROFILE_END, PROFILE_STEP, ProfileChart, scaleName, SQUARES, WindowsChart,
} from "./charts.js";
import { finestScale, WaveletWindows } from "../_page/windows.js";

/** Rings of the pictures' grid, of which there are half as many as longitudes. */
const RINGS = 256;

/** Colours span this many times the root mean square of the wavelet coefficients. */
const SPAN = 3;

/** The mathematics: windows, the wavelet as a function, coefficients and energies. */
export class Wavelets {
  /**
   * @param {number} L exclusive band-limit of the signals, at most 128
   * @param {number} leastDilation the smallest lam to come
   */
  constructor(L, leastDilation) {
    this.L = L;
    this.windows = new WaveletWindows(L, leastDilation);
    this.transform = new SphericalHarmonics(L, RINGS, 2 * RINGS);
    this.alm = new Float32Array(coefficientLength(L));
    this.wavelet = new Float32Array(2 * RINGS * RINGS);
    this.samples = new Float32Array(2 * RINGS * RINGS);
    this.degreeEnergies = new Float64Array(L);
    this.ringValues = new Float64Array(RINGS);
    const n = PROFILE_END / PROFILE_STEP + 1;
    this.angles = Float64Array.from({ length: n }, (_, k) => Math.cos((k * PROFILE_STEP * Math.PI) / 180));
    this.profile = new Float64Array(n);
  }

  /** Windows, and the shares of the signal's energy that they let pass, in the order of scales. */
  bank(lam, J_min, signal) {
    this.windows.update(lam, J_min);
    energyPerDegree(signal, this.degreeEnergies);
    const all = this.degreeEnergies.reduce((sum, e) => sum + e, 0);
    this.energies = this.windows.windows.map((window) => {
      let sum = 0;
      for (let l = 0; l < this.L; l++) sum += window[l] * window[l] * this.degreeEnergies[l];
      return sum / all;
    });
  }

  /** The wavelet, or the scaling function, around the north pole. */
  shape(scale) {
    const { windows, ringValues, wavelet, transform } = this;
    const window = windows.window(scale);
    const band = windows.band(scale);
    zonal(window, ...band, transform.cosTheta, ringValues);
    zonal(window, ...band, this.angles, this.profile);
    for (let i = 0; i < RINGS; i++) wavelet.fill(ringValues[i], i * 2 * RINGS, (i + 1) * 2 * RINGS);
    this.peak = this.profile.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    this.spread = angularSpread(window);
  }

  /** The signal seen through it. */
  look(signal, scale) {
    applyWindow(signal, this.windows.window(scale), this.alm);
    this.transform.inverse(this.alm, this.samples, ...this.windows.band(scale));
  }
}

/**
 * Values of a zonal function, sum over l of (2 l + 1) / (4 pi) window_l P_l(cos theta).
 * @param {Float64Array} window (L,)
 * @param {number} first degrees below it are zero
 * @param {number} end so are degrees from here on
 * @param {Float64Array} cosines of the colatitudes
 * @param {Float64Array} out one value for each, overwritten
 */
export function zonal(window, first, end, cosines, out) {
  for (let i = 0; i < cosines.length; i++) {
    const x = cosines[i];
    let [p0, p1, sum] = [0, 1, 0];
    for (let l = 0; l < end; l++) {
      if (l >= first) sum += ((2 * l + 1) / (4 * Math.PI)) * window[l] * p1;
      const p2 = ((2 * l + 1) * x * p1 - l * p0) / (l + 1);
      p0 = p1;
      p1 = p2;
    }
    out[i] = sum;
  }
}

/**
 * Angle whose cosine is the mean of cos theta, weighted by the square of a zonal function.
 * @param {Float64Array} window as for `zonal`
 * @returns {number} degrees; NaN where the window is zero
 */
export function angularSpread(window) {
  let [mean, all, before] = [0, 0, 0];
  for (let l = 0; l < window.length; l++) {
    const here = Math.sqrt(2 * l + 1) * window[l];
    // cos theta Y_l0 has a part of l / sqrt(4 l^2 - 1) in Y_(l-1)0, and as much goes the other way.
    if (l > 0) mean += ((2 * l) / Math.sqrt(4 * l * l - 1)) * here * before;
    all += here * here;
    before = here;
  }
  return (Math.acos(Math.max(-1, Math.min(1, mean / all))) * 180) / Math.PI;
}

/** Reads and checks what Python sent. */
function readState(model) {
  const state = readSignals(model);
  const [least, most] = (state.range = model.get("lam_range") ?? []);
  const [lam, J_min, scale] = ["lam", "J_min", "scale"].map((trait) => model.get(trait));
  if (!(lam >= least && lam <= most && least > 1)) throw new Error(`no dilation “${lam}”`);
  const J = finestScale(state.L, lam);
  if (!(Number.isInteger(J_min) && J_min >= 0 && J_min <= J)) throw new Error(`no J_min “${J_min}”`);
  if (scale !== null && !(Number.isInteger(scale) && scale >= J_min && scale <= J)) {
    throw new Error(`no scale “${scale}”`);
  }
  return state;
}

/** One of the two columns: picture, number, chart. */
class Panel {
  constructor(projection, chart) {
    this.picture = new Picture(projection);
    this.chart = chart;
    this.number = html("p", { class: "st-share" });
    this.plot = html("div", { class: "st-plot" }, chart.element);
    const { head, sphere } = this.picture;
    this.element = html("div", { class: "st-panel" }, head, sphere.element, this.number, this.plot);
  }

  layoutChart(across, up, title) {
    const wide = this.plot.clientWidth;
    this.chart.layout(wide, Math.max(180, Math.min(200, 0.45 * wide)), across, up, title);
  }
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const state = readState(model);
  const { L, names } = state;
  const core = new Wavelets(L, state.range[0]);
  const overview = new WindowsChart();
  const top = html("div", { class: "st-overview" }, overview.element);
  const globe = new Projection(RINGS, 2 * RINGS);
  globe.turn(0, 1.15); // the pole, where the wavelet is, stands a little above the middle
  const panels = [
    new Panel(globe, new ProfileChart()),
    new Panel(new Projection(RINGS, 2 * RINGS), new EnergyChart()),
  ];
  const pictures = new Pictures(model, stage, [panels[1].picture], state);
  makeDraggable(panels[0].picture.sphere, () => stage.schedule());
  const controls = makeControls(model, stage, state, pictures.button);
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), ADVICE);
  const columns = html("div", { class: "st-panels" }, panels[0].element, panels[1].element);
  stage.body.append(...controls.elements, top, columns, result, caption);
  overview.element.addEventListener("click", (event) => {
    const left = overview.element.getBoundingClientRect().left;
    controls.pick(overview.nearest(core.windows, event.clientX - left));
  });

  const axes = { degrees: degreeAxis(L), squares: SQUARES };
  const done = {}; // what was computed last
  stage.start(() => {
    const [lam, J_min, scale] = ["lam", "J_min", "scale"].map((trait) => model.get(trait));
    const which = names.indexOf(model.get("signal"));
    const bank = `${lam},${J_min}`;
    const fresh = bank !== done.bank || which !== done.which;
    if (which !== done.which) pictures.drawCoasts();
    if (fresh) core.bank(lam, J_min, state.signals[which]);
    if (fresh || scale !== done.scale) {
      core.shape(scale);
      core.look(state.signals[which], scale);
    }
    Object.assign(done, { bank, which, scale });
    controls.update(core.windows);
    overview.layout(top.clientWidth, 176, axes.degrees, axes.squares);
    overview.draw(core.windows, scale);
    show(stage.root, core, describe(state, core, which, scale), { overview, panels, result });
  }, () => {
    panels[0].picture.layout("globe", state.colours[isDark() ? 1 : 0]);
    pictures.layout();
  });
  for (const trait of ["signal", "lam", "J_min", "scale"]) {
    stage.follow(model, trait, () => stage.schedule());
  }
}

/** Menu, button and sliders; `update` makes them say what the model says. */
function makeControls(model, stage, { L, names, range }, view) {
  const choose = (trait, value) => {
    if (model.get(trait) !== value) stage.choose(model, trait, value);
  };
  // A new dilation or coarsest scale keeps the wavelet near the degree at which it was chosen:
  // remembered until somebody else, the reader or Python, chooses another one.
  let kept = {};
  const follow = (lam, J_min) => {
    const [before, scale] = [model.get("lam"), model.get("scale")];
    if (kept.lam !== before || kept.scale !== scale) kept = { degree: before ** scale };
    const J = finestScale(L, lam);
    const coarsest = Math.min(J_min, J);
    const near = Math.round(Math.log(kept.degree) / Math.log(lam));
    choose("J_min", coarsest);
    choose("lam", lam);
    if (scale !== null) choose("scale", Math.max(coarsest, Math.min(J, near)));
    Object.assign(kept, { lam, scale: model.get("scale") });
  };
  const pick = (scale) => {
    kept = {};
    choose("scale", scale);
  };
  const signal = menu("Signal", names, model.get("signal"), (name) => choose("signal", name));
  const J = finestScale(L, model.get("lam"));
  const scale = slider("Scale j", { min: -1, max: J, step: 1, value: 0 }, (position) => {
    pick(position < model.get("J_min") ? null : position);
  });
  const lam = slider("Dilation λ", { min: range[0], max: range[1], step: 0.05, value: 0 }, (value) => {
    follow(value, model.get("J_min"));
  });
  const coarsest = slider("Coarsest scale J_min", { min: 0, max: J, step: 1, value: 0 }, (value) => {
    follow(model.get("lam"), value);
  });
  const element = html("div", { class: "st-controls" });
  if (names.length > 1) element.append(signal.element);
  element.append(view);
  const sliders = html("div", { class: "st-controls st-sliders" });
  sliders.append(scale.element, lam.element, coarsest.element);

  const set = ({ input, output, marks }, [min, max], value, words, mark) => {
    Object.assign(input, { min, max, value });
    output.replaceChildren(` = ${words}`);
    input.setAttribute("aria-valuetext", words);
    const span = max - min;
    const step = Math.ceil(span / 10) || 1;
    const places = mark ? Array.from({ length: span + 1 }, (_, k) => (k % step ? "" : mark(min + k))) : [];
    marks.replaceChildren(...places.map((text) => html("span", {}, text)));
  };
  let shown = "";
  const update = (windows) => {
    const [now, chosen] = [model.get("lam"), model.get("scale")];
    const wanted = [now, windows.J_min, chosen, model.get("signal")].join();
    if (wanted === shown) return;
    shown = wanted;
    signal.input.value = model.get("signal");
    const least = windows.J_min - 1;
    const name = chosen === null ? "Φ" : `${chosen}`;
    const words = `${name}, ${bandWords(windows.band(chosen))}`;
    set(scale, [least, windows.J], chosen ?? least, words, (j) => (j === least ? "Φ" : `${j}`));
    set(lam, range, now, `${Number(now.toPrecision(4))}`);
    const scaling = `${windows.J_min}, Φ: ${bandWords(windows.band(null))}`;
    set(coarsest, [0, windows.J], windows.J_min, scaling, (j) => `${j}`);
  };
  return { elements: [element, sliders], update, pick };
}

function bandWords([first, end]) {
  if (end <= first) return "no degree";
  return end - first === 1 ? `degree ${first}` : `degrees ${first} to ${end - 1}`;
}

/** What the reader sees as numbers and words. */
function describe(state, core, which, scale) {
  const { windows, energies } = core;
  const at = windows.scales.indexOf(scale);
  const band = windows.band(scale);
  return {
    scale, at, band, name: state.names[which], unit: state.units[which], norm: state.norms[which],
    share: energies[at],
    total: energies.reduce((sum, share) => sum + share, 0),
    empty: !windows.window(scale).some((value) => value > 0),
    words: scale === null ? "the scaling function Φ" : `the wavelet of scale ${scale}`,
  };
}

/** Brings pictures, charts and words up to date. */
function show(root, core, view, { overview, panels, result }) {
  const { windows, energies, spread, peak } = core;
  const { scale, at, band, name, words, share, total, empty } = view;
  const [shape, seen] = panels;
  const symbol = (letter) => indexed(letter, scale ?? "Φ");
  const own = scale === null ? html("span", { class: "st-math" }, html("i", {}, "Φ")) : symbol("Ψ");
  shape.picture.title.replaceChildren(scale === null ? "The scaling function " : "The wavelet ", own);
  shape.picture.paint(core.wavelet, peak, peak ? 1 / peak : 0, "", `${words} around the pole`);
  shape.number.replaceChildren(...spreadWords(empty, spread));
  shape.layoutChart(shape.chart.axis, shape.chart.values);
  shape.chart.draw(core.profile, peak);
  const angle = empty ? "it lets no degree pass" : `it spreads ${short(spread)} degrees`;
  shape.chart.element.setAttribute("aria-label", `Profile of ${words}: ${angle}.`);
  seen.picture.title.replaceChildren("What it sees, ", symbol("W"));
  const rms = Math.sqrt(share / (4 * Math.PI));
  seen.picture.paint(core.samples, SPAN * rms, view.norm, view.unit, `${name} seen by ${words}`);
  const of = ` of the energy, ${bandWords(band)}`;
  seen.number.replaceChildren(html("b", { class: "st-number" }, percent(share)), of);
  const wavelets = windows.scales.slice(1);
  const step = Math.ceil(wavelets.length / 12);
  const ticks = wavelets.filter((_, k) => k % step === 0).map((j) => [j, `${j}`]);
  const across = { from: wavelets[0] - 0.6, to: wavelets.at(-1) + 0.6, ticks };
  seen.layoutChart(across, seen.chart.axisFor(energies), `energy of each wavelet's coefficients (Φ: ${percent(energies[0])})`);
  seen.chart.draw(energies, windows.scales, at);
  const parts = windows.scales.map((j, k) => `${scaleName(j)} ${percent(energies[k])}`).join(", ");
  seen.chart.element.setAttribute("aria-label", `Energy of each part: ${parts}.`);
  const n = wavelets.length;
  overview.element.setAttribute(
    "aria-label",
    `Squared windows of the scaling function and of ${n} wavelets by degree; they add up to 1. ` +
      `${words} is filled: ${bandWords(band)}.`,
  );
  result.replaceChildren(
    "Φ keeps ", html("b", {}, percent(energies[0])), ` of the energy, the ${n} wavelets `,
    html("b", {}, percent(total - energies[0])), "; together ", html("b", {}, percent(total)),
    `, for the squared windows add up to 1 at every degree (to ${power(windows.tightness)}).`,
  );
  Object.assign(root.dataset, {
    scale: scale ?? "scaling", signal: name, lam: windows.lam, jMin: windows.J_min, j: windows.J,
    share, total, spread, tightness: windows.tightness, energies: JSON.stringify(energies),
  });
}

function spreadWords(empty, spread) {
  if (empty) return ["No degree lies in its band: choose another scale."];
  return [html("b", { class: "st-big" }, `${short(spread)}°`), " is how far it spreads from its centre"];
}

/** A tiny number as a multiple of a power of ten. */
function power(value) {
  if (value === 0) return "the last digit";
  const [digits, exponent] = value.toExponential(0).split("e");
  return `${digits} · 10${superscript(Number(exponent))}`;
}

const ADVICE =
  "Drag the scale: the window moves up the degrees, the wavelet narrows, and the signal's finer " +
  "parts appear. Then drag λ towards 1: narrower windows cost wider wavelets. Does anything you do " +
  "change the sum of the squares, or of the energies?";

export default explorer("wavelets", "What does a wavelet see?", build);
