// What is a band-limit? One harmonic, one degree of a signal, and all of it up to a degree.

import { degreeAxis } from "../_page/chart.js";
import { grouped, html, indexed, math, number, percent, short, signed, withUnit } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, Panel, peakOf } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { coefficientLength, energyPerDegree, orderOffset } from "../_page/coefficients.js";
import { SphericalHarmonics } from "../_page/sht.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import { logarithmic, Orders, Residual, Spectrum } from "./charts.js";

/** Band-limit of the grid: rings of a picture, of which there are half as many as longitudes. */
const RINGS = 256;

/** The mathematics: a signal cut at a degree, one of its degrees, and one harmonic. */
export class Harmonics {
  /**
   * @param {number} L exclusive band-limit of the signals, at most 128
   * @param {Float32Array[]} [samples] room for what the two pictures show, on 256 rings
   */
  constructor(L, samples = [0, 1].map(() => new Float32Array(2 * RINGS * RINGS))) {
    this.L = L;
    this.samples = samples;
    this.transform = new SphericalHarmonics(L, RINGS, 2 * RINGS);
    this.whole = new Float32Array(2 * RINGS * RINGS);
    /** @type {Float32Array} */
    this.signal = new Float32Array(coefficientLength(L));
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

  /** The signal below degree B, and the rest.
   * @param {number} B */
  cut(B) {
    const { whole, samples } = this;
    this.transform.inverse(this.signal, samples[0], 0, B);
    if (B === this.L) samples[1].fill(0);
    else for (let i = 0; i < whole.length; i++) samples[1][i] = whole[i] - samples[0][i];
  }

  /** One real harmonic, and the signal's degree l: all of that degree's harmonics together.
   * @param {number} l
   * @param {number} m */
  pick(l, m) {
    const { L, one, orders, signal, samples, transform } = this;
    const place = (/** @type {number} */ order) => 2 * (orderOffset(L, order) + l - order);
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

/** Sliders of either mode, which say what their values mean. */
class Sliders {
  /** @param {ExplorerView} view */
  constructor(view) {
    const { band_limit, degree, order } = view.controls;
    this.rows = {
      signal: view.row(band_limit),
      harmonic: view.row(degree, order),
    };
    this.element = html("div", { class: "st-controls" });
    this.controls = view.controls;
    order.offered = (/** @type {any} */ { degree: l }) => ({ min: -l, max: l });
    order.slider.marks.replaceChildren(); // its range changes with the degree
    degree.choose = (/** @type {number} */ l) => {
      const m = order.value;
      if (Math.abs(m) > l) view.choose("order", Math.sign(m) * l);
      view.choose("degree", l);
    };
  }

  update() {
    const { mode, band_limit, degree, order } = this.controls;
    const row = this.rows[/** @type {"signal" | "harmonic"} */ (mode.value)];
    if (this.element.firstChild !== row) this.element.replaceChildren(row);
    const [B, l, m] = [band_limit.value, degree.value, order.value];
    if (Math.abs(m) > l) throw new Error(`no order “${m}” at degree ${l}`);
    band_limit.say(`${B}, ${B === 1 ? "degree 0 only, the mean" : `degrees 0 to ${B - 1}`}`);
    degree.say(`${l}`);
    order.say(`${m}, ${m === 0 ? "zonal" : `varies as ${m > 0 ? "cos" : "sin"} ${Math.abs(m)}φ`}`);
  }
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const projection = new Projection(RINGS, 2 * RINGS);
  const panels = [new Panel(projection), new Panel(projection)];
  const figures = new LinkedFigures(view, panels.map((panel) => panel.figure));
  const core = new Harmonics(L, panels.map((panel) => panel.figure.samples));
  const charts = { spectrum: new Spectrum(), residual: new Residual(L), orders: new Orders() };
  panels.forEach((panel, k) => panel.link(["first", "second"][k]));
  const sliders = new Sliders(view);
  const advice = html("span");
  const columns = html("div", { class: "st-panels" }, ...panels.map((panel) => panel.element));
  view.body.append(
    view.row(controls.mode, controls.signal, controls.view, openButton(view)), sliders.element,
    columns, view.result, view.caption(advice),
  );
  const use = memo((alm) => {
    core.use(alm);
    return { shares: logarithmic(core.shares), left: logarithmic(core.residual), degrees: degreeAxis(L) };
  });
  const compute = memo((_, mode, B, l, m) => (mode === "signal" ? core.cut(B) : core.pick(l, m)));
  view.start(() => {
    sliders.update();
    const isSignal = controls.mode.value === "signal";
    const [B, l, m] = [controls.band_limit.value, controls.degree.value, controls.order.value];
    const curves = use(view.signal.alm);
    compute(curves, controls.mode.value, isSignal && B, !isSignal && l, !isSignal && m);
    panels[0].figure.bare = !isSignal;
    figures.coast(view.signal.coastlines);
    Object.assign(view.root.dataset, { mode: controls.mode.value, signal: view.signal.name });
    if (isSignal) showSignal(view, core, B, panels, charts, curves);
    else showHarmonic(view, core, [l, m], panels, charts, curves);
    advice.textContent = isSignal ? SIGNAL_ADVICE : HARMONIC_ADVICE;
  }, equation);
}

/**
 * Root mean square over the sphere of a share of a unit of energy.
 * @param {number} share
 * @returns {number}
 */
function rms(share) {
  return Math.sqrt(share / (4 * Math.PI));
}

/**
 * The signal up to a degree.
 * @param {ExplorerView} view
 * @param {Harmonics} core
 * @param {number} B
 * @param {Panel[]} panels
 * @param {{spectrum: Spectrum, residual: Residual}} charts
 * @param {any} curves as in `build`
 */
function showSignal(view, core, B, [rebuilt, missing], charts, { shares, left, degrees }) {
  const { name, unit, norm } = view.signal;
  const residual = core.residual[B];
  const kept = 1 - residual;
  rebuilt.figure.title.replaceChildren("Rebuilt from degrees ", math(`ℓ < ${B}`));
  const what = `${name}, rebuilt from degrees below ${B}`;
  rebuilt.figure.paint({ limit: COLOUR_SPAN * rms(1), norm, unit, what });
  rebuilt.number.replaceChildren(number(percent(kept), "st-big"), " of the energy is kept");
  missing.figure.title.replaceChildren("Left out: degrees ", math(`ℓ ≥ ${B}`));
  missing.figure.paint({
    limit: COLOUR_SPAN * rms(residual), norm, unit, what: `what is left out, degrees from ${B}`,
    empty: "Nothing is left out.",
  });
  const off = withUnit(short(rms(residual) * norm), unit);
  missing.number.replaceChildren(number(percent(residual)), ` is left out: off by ${off} rms`);
  const words = `Energy of ${name} by degree, logarithmic: ${percent(kept)} lies below degree ${B}.`;
  rebuilt.show(charts.spectrum, words, degrees, shares.axis);
  charts.spectrum.draw(shares.values, B, core.L);
  const curve = `Energy left out by band-limit, logarithmic: ${percent(residual)} at ${B}.`;
  missing.show(charts.residual, curve, charts.residual.limits, left.axis);
  charts.residual.draw(left.values, B);
  const finest = `details down to about ${short(180 / (B - 1))}°: the shortest half wave`;
  view.result.replaceChildren(
    "A signal of band-limit ", html("b", {}, `${B}`), ` is ${grouped(B * B)} `,
    `${B === 1 ? "number" : "numbers"}. It shows ${B === 1 ? "nothing but the mean" : finest}.`,
  );
  Object.assign(view.root.dataset, { bandLimit: B, kept, residual, rms: rms(residual) * norm });
}

/**
 * One harmonic, and the degree that it belongs to.
 * @param {ExplorerView} view
 * @param {Harmonics} core
 * @param {[number, number]} chosen degree and order
 * @param {Panel[]} panels
 * @param {{spectrum: Spectrum, orders: Orders}} charts
 * @param {any} curves as in `build`
 */
function showHarmonic(view, core, [l, m], [harmonic, degree], charts, { shares, degrees }) {
  const { name, unit, norm } = view.signal;
  const { orders } = core;
  const energy = core.shares[l];
  const coefficient = orders[l + m] * norm;
  harmonic.figure.title.replaceChildren("One real harmonic, ", indexed("Y", `${l}, ${signed(m)}`));
  const what = `the real harmonic of degree ${l} and order ${m}`;
  harmonic.figure.paint({ limit: peakOf(harmonic.figure.samples), what });
  harmonic.number.replaceChildren(
    number(withUnit(signed(short(coefficient)), unit), "st-big"), " is its coefficient in this signal",
  );
  degree.figure.title.replaceChildren(l ? `All ${2 * l + 1} of degree ${l}` : "Degree 0, the mean");
  degree.figure.paint({ limit: COLOUR_SPAN * rms(energy), norm, unit, what: `degree ${l} of ${name}`, empty: "No energy at this degree." });
  degree.number.replaceChildren(number(percent(energy)), " of the signal's energy lies at this degree");
  const most = peakOf(orders.subarray(0, 2 * l + 1)) || 1;
  /** @type {(values: number[], words: (k: number) => string) => [number, string][]} */
  const ticks = (values, words) => values.map((k) => [k, words(k)]);
  const up = { from: -most, to: most, ticks: ticks([-most, 0, most], (k) => signed(short(k * norm))) };
  const across = { from: -l - 0.5, to: l + 0.5, ticks: ticks([...new Set([-l, 0, l])], signed) };
  const words = `Coefficients of degree ${l} by order; order ${m} has ${withUnit(short(coefficient), unit)}.`;
  harmonic.show(charts.orders, words, across, up, `coefficients of degree ${l}${unit && `, ${unit}`}`);
  charts.orders.draw(orders, l, m, (value) => withUnit(signed(short(value * norm)), unit));
  const spectrum = `Energy of ${name} by degree, logarithmic: ${percent(energy)} at degree ${l}.`;
  degree.show(charts.spectrum, spectrum, degrees, shares.axis);
  charts.spectrum.draw(shares.values, l, l + 1);
  const great = Math.abs(m);
  view.result.replaceChildren(
    "It is zero along ", html("b", {}, count(great, "great circle")), " through the poles and ",
    html("b", {}, count(l - great, "parallel")), `: ${great} + ${l - great} = ${l}, the degree.`,
  );
  Object.assign(view.root.dataset, { degree: l, order: m, coefficient, degreeEnergy: energy });
}

/**
 * @param {number} n
 * @param {string} noun
 * @returns {string}
 */
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
