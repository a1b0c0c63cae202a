// What is a band-limit? One harmonic, one degree of a signal, and all of it up to a degree.

import { coefficientLength, energyPerDegree, orderOffset, SphericalHarmonics } from "../_page/sht.js";
import { Projection } from "../_page/draw.js";
import { logarithms, Orders, Residual, Spectrum } from "./charts.js";
import { degreeAxis } from "../_page/lines.js";
import { Picture } from "../_page/picture.js";
import { Pictures } from "../_page/pictures.js";
import { readSignals, requireKnown } from "../_page/signals.js";
import { choices, explorer, html, indexed, menu, percent, short, slider } from "../_page/ui.js";

/** Band-limit of the grid: rings of a picture, of which there are half as many as longitudes. */
const RINGS = 256;

/** Colours span this many times the root mean square of what is shown. */
const SPAN = 2.5;

const MODES = { signal: "All up to a degree", harmonic: "One harmonic" };

/** The mathematics: a signal cut at a degree, one of its degrees, and one harmonic. */
export class Harmonics {
  /** @param {number} L exclusive band-limit of the signals, at most 128 */
  constructor(L) {
    this.L = L;
    this.transform = new SphericalHarmonics(L, RINGS, 2 * RINGS);
    const samples = () => new Float32Array(2 * RINGS * RINGS);
    this.whole = samples();
    /** What the two pictures show. */
    this.samples = [samples(), samples()];
    this.one = new Float32Array(coefficientLength(L));
    this.shares = new Float64Array(L); // of the energy, per degree
    this.residual = new Float64Array(L + 1); // share of the energy at degrees >= B
    this.orders = new Float64Array(2 * L - 1); // real coefficients of one degree, order -l first
  }

  /** @param {Float32Array} signal L (L + 1) numbers, of unit energy */
  use(signal) {
    const { L, shares, residual } = this;
    this.signal = signal;
    energyPerDegree(signal, shares);
    for (let l = L - 1; l >= 0; l--) residual[l] = residual[l + 1] + shares[l];
    for (let l = 0; l < L; l++) shares[l] /= residual[0];
    for (let l = L; l >= 0; l--) residual[l] /= residual[0] || 1;
    this.transform.inverse(signal, this.whole);
  }

  /** The signal below degree B, and the rest. */
  cut(B) {
    const { whole, samples } = this;
    this.transform.inverse(this.signal, samples[0], 0, B);
    if (B === this.L) samples[1].fill(0);
    else for (let i = 0; i < whole.length; i++) samples[1][i] = whole[i] - samples[0][i];
  }

  /** One real harmonic, and the signal's degree l: all of that degree's harmonics together. */
  pick(l, m) {
    const { L, one, orders, signal, samples, transform } = this;
    const place = (order) => 2 * (orderOffset(L, order) + l - order);
    one.fill(0);
    // As in signals.harmonic: sqrt 2 Re Y for m > 0, sqrt 2 Im Y for m < 0.
    if (m >= 0) one[place(m)] = m === 0 ? 1 : Math.SQRT1_2;
    else one[place(-m) + 1] = -Math.SQRT1_2;
    transform.inverse(one, samples[0], l, l + 1);
    transform.inverse(signal, samples[1], l, l + 1);
    orders[l] = signal[place(0)];
    for (let order = 1; order <= l; order++) {
      orders[l + order] = Math.SQRT2 * signal[place(order)];
      orders[l - order] = -Math.SQRT2 * signal[place(order) + 1];
    }
  }
}

/** Reads and checks what Python sent. */
function readState(model) {
  const state = readSignals(model);
  const range = (from, to) => Array.from({ length: to - from + 1 }, (_, k) => from + k);
  requireKnown(model, "mode", Object.keys(MODES));
  requireKnown(model, "band_limit", range(1, state.L));
  requireKnown(model, "degree", range(0, state.L - 1));
  requireKnown(model, "order", range(-model.get("degree"), model.get("degree")));
  return state;
}

/** One of the two columns: picture, number, and a chart of either mode. */
class Panel {
  constructor(projection) {
    this.picture = new Picture(projection);
    this.number = html("p", { class: "st-share" });
    this.plot = html("div", { class: "st-plot" });
    const { head, sphere } = this.picture;
    this.element = html("div", { class: "st-panel" }, head, sphere.element, this.number, this.plot);
  }

  /** Puts a chart in place. */
  chart(chart, across, up, label, vertical) {
    if (this.plot.firstChild !== chart.element) this.plot.replaceChildren(chart.element);
    const wide = this.plot.clientWidth;
    chart.layout(wide, Math.max(200, Math.min(240, 0.5 * wide)), across, up, vertical);
    chart.element.setAttribute("aria-label", label);
  }
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const state = readState(model);
  const { L, names } = state;
  const core = new Harmonics(L);
  const projection = new Projection(RINGS, 2 * RINGS);
  const panels = [new Panel(projection), new Panel(projection)];
  const charts = { spectrum: new Spectrum(), residual: new Residual(), orders: new Orders() };
  const limits = { from: 0, to: Math.log2(Math.max(2, L)), ticks: [] };
  for (let B = 1; B <= L; B *= 2) limits.ticks.push([Math.log2(B), `${B}`]);
  const axes = { degrees: degreeAxis(L), limits };
  const pictures = new Pictures(model, stage, panels.map((panel) => panel.picture), state);
  const controls = makeControls(model, stage, state, pictures.button);
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const advice = html("span");
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), advice);
  const columns = html("div", { class: "st-panels" }, panels[0].element, panels[1].element);
  stage.body.append(controls.general, controls.sliders, columns, result, caption);

  const which = () => names.indexOf(model.get("signal"));
  const relayout = () => {
    controls.update();
    panels[0].picture.bare = model.get("mode") === "harmonic";
    pictures.layout();
  };
  let used = -1; // the signal whose samples are at hand
  let computed = ""; // and what was computed of it
  stage.start(() => {
    if (used !== which()) {
      used = which();
      core.use(state.signals[used]);
      Object.assign(axes, logarithms(core));
      computed = "";
      pictures.drawCoasts();
    }
    const view = {
      name: names[used], unit: state.units[used], norm: state.norms[used],
      B: model.get("band_limit"), l: model.get("degree"), m: model.get("order"),
    };
    const signal = model.get("mode") === "signal";
    const wanted = signal ? `${view.B}` : `${view.l},${view.m}`;
    if (wanted !== computed) {
      if (signal) core.cut(view.B);
      else core.pick(view.l, view.m);
    }
    computed = wanted;
    Object.assign(stage.root.dataset, { mode: model.get("mode"), signal: view.name });
    (signal ? showSignal : showHarmonic)(stage.root, core, view, panels, charts, axes, result);
    advice.textContent = signal ? SIGNAL_ADVICE : HARMONIC_ADVICE;
  }, relayout);
  stage.follow(model, "mode", () => { relayout(); stage.schedule(); });
  for (const trait of ["signal", "band_limit", "degree", "order"]) {
    stage.follow(model, trait, () => { controls.update(); stage.schedule(); });
  }
}

/** Menus, buttons and sliders; `update` makes them say what the model says. */
function makeControls(model, stage, { L, names }, view) {
  const choose = (trait) => (value) => stage.choose(model, trait, value);
  const mode = choices("Look at", MODES, model.get("mode"), choose("mode"));
  const signal = menu("Signal", names, model.get("signal"), choose("signal"));
  const range = (min, max, value) => ({ min, max, step: 1, value });
  const limit = slider("Band-limit", range(1, L, model.get("band_limit")), choose("band_limit"));
  const degree = slider("Degree ℓ", range(0, L - 1, model.get("degree")), (l) => {
    const m = model.get("order");
    if (Math.abs(m) > l) choose("order")(Math.sign(m) * l);
    choose("degree")(l);
  });
  const order = slider("Order m", range(1 - L, L - 1, model.get("order")), choose("order"));
  const general = html("div", { class: "st-controls" }, mode.element);
  if (names.length > 1) general.append(signal.element);
  general.append(view);
  const sliders = html("div", { class: "st-controls" });
  const update = () => {
    const [B, l, m] = ["band_limit", "degree", "order"].map((trait) => model.get(trait));
    mode.choose(model.get("mode"));
    signal.input.value = model.get("signal");
    const shown = model.get("mode") === "signal" ? [limit] : [degree, order];
    if (sliders.firstChild !== shown[0].element) {
      sliders.replaceChildren(...shown.map(({ element }) => element));
    }
    Object.assign(order.input, { min: -l, max: l });
    for (const [{ input, output }, value, words] of [
      [limit, B, B === 1 ? "degree 0 only, the mean" : `degrees 0 to ${B - 1}`],
      [degree, l, ""],
      [order, m, m === 0 ? "zonal" : `varies as ${m > 0 ? "cos" : "sin"} ${Math.abs(m)}φ`],
    ]) {
      input.value = value;
      const text = `${value}${words && `, ${words}`}`;
      output.replaceChildren(` = ${text}`);
      input.setAttribute("aria-valuetext", text);
    }
  };
  return { general, sliders, update };
}

/** Root mean square over the sphere of a share of a unit of energy. */
function rms(share) {
  return Math.sqrt(share / (4 * Math.PI));
}

function showSignal(root, core, { name, unit, norm, B }, panels, charts, axes, result) {
  const { L, samples, residual } = core;
  const left = residual[B];
  const kept = 1 - left;
  const off = `${short(rms(left) * norm)}${unit && ` ${unit}`}`;
  const [rebuilt, missing] = panels;
  rebuilt.picture.title.replaceChildren("Rebuilt from degrees ", math("ℓ < ", B));
  rebuilt.picture.paint(samples[0], SPAN * rms(1), norm, unit, `${name}, rebuilt from degrees below ${B}`);
  rebuilt.number.replaceChildren(html("b", { class: "st-big" }, percent(kept)), " of the energy is kept");
  missing.picture.title.replaceChildren("Left out: degrees ", math("ℓ ≥ ", B));
  missing.picture.paint(samples[1], SPAN * rms(left), norm, unit, `what is left out, degrees from ${B}`);
  const share = html("b", { class: "st-number" }, percent(left));
  missing.number.replaceChildren(share, ` is left out: off by ${off} rms`);
  const words = `Energy of ${name} by degree, logarithmic: ${percent(kept)} lies below degree ${B}.`;
  rebuilt.chart(charts.spectrum, axes.degrees, axes.spectrumAxis, words);
  charts.spectrum.draw(axes.spectrum, B, L);
  const curve = `Energy left out by band-limit, logarithmic: ${percent(left)} at ${B}.`;
  missing.chart(charts.residual, axes.limits, axes.leftAxis, curve);
  charts.residual.draw(axes.left, B);
  const finest = `details down to about ${short(180 / (B - 1))}°: the shortest half wave`;
  result.replaceChildren(
    "A signal of band-limit ", html("b", {}, `${B}`), ` is ${(B * B).toLocaleString("en-GB")} `,
    `${B === 1 ? "number" : "numbers"}. It shows ${B === 1 ? "nothing but the mean" : finest}.`,
  );
  Object.assign(root.dataset, { bandLimit: B, kept, residual: left, rms: rms(left) * norm });
}

function showHarmonic(root, core, { name, unit, norm, l, m }, panels, charts, axes, result) {
  const { samples, orders, shares } = core;
  const value = orders[l + m] * norm;
  const end = unit && ` ${unit}`;
  const [harmonic, degree] = panels;
  const peak = samples[0].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const great = Math.abs(m);
  const parallels = l - great;
  harmonic.picture.title.replaceChildren("One real harmonic, ", indexed("Y", `${l}, ${signed(m)}`));
  harmonic.picture.paint(samples[0], peak, 1, "", `the real harmonic of degree ${l} and order ${m}`);
  harmonic.number.replaceChildren(
    html("b", { class: "st-big" }, `${signed(short(value))}${end}`), " is its coefficient in this signal",
  );
  degree.picture.title.replaceChildren(l ? `All ${2 * l + 1} of degree ${l}` : "Degree 0, the mean");
  degree.picture.paint(samples[1], SPAN * rms(shares[l]), norm, unit, `degree ${l} of ${name}`);
  const share = html("b", { class: "st-number" }, percent(shares[l]));
  degree.number.replaceChildren(share, " of the signal's energy lies at this degree");
  const most = orders.subarray(0, 2 * l + 1).reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const up = { from: -most, to: most, ticks: [-1, 0, 1].map((k) => [k * most, signed(short(k * most * norm))]) };
  const ticks = [...new Set([-l, 0, l])].map((k) => [k, signed(k)]);
  const across = { from: -l - 0.5, to: l + 0.5, ticks };
  const words = `Coefficients of degree ${l} by order; order ${m} has ${short(value)}${end}.`;
  harmonic.chart(charts.orders, across, up, words, `coefficients of degree ${l}${unit && `, ${unit}`}`);
  charts.orders.draw(orders, l, m);
  const spectrum = `Energy of ${name} by degree, logarithmic: ${percent(shares[l])} at degree ${l}.`;
  degree.chart(charts.spectrum, axes.degrees, axes.spectrumAxis, spectrum);
  charts.spectrum.draw(axes.spectrum, l, l + 1);
  result.replaceChildren(
    "It is zero along ", html("b", {}, count(great, "great circle")), " through the poles and ",
    html("b", {}, count(parallels, "parallel")), `: ${great} + ${parallels} = ${l}, the degree.`,
  );
  Object.assign(root.dataset, { degree: l, order: m, coefficient: value, degreeEnergy: shares[l] });
}

function math(letter, value) {
  return html("span", { class: "st-math" }, `${letter}${value}`);
}

function signed(value) {
  return `${value}`.replace("-", "−");
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

const SIGNAL_ADVICE =
  "Drag the band-limit up from 1. Which comes first, continents or coastlines? Find where only 1 % " +
  "of the energy is left out, and look at what is still missing there.";

const HARMONIC_ADVICE =
  "Drag the order from −ℓ to ℓ and count the lines of zeros: why is their number always the degree? " +
  "Then drag the degree: which features of the signal does each degree carry?";

export default explorer("harmonics", "What is a band-limit?", build);
