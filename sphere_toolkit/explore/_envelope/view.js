// What does an envelope leave of a wave's hum?

import { LineChart } from "../_page/chart.js";
import { Commutator } from "../_page/commutator.js";
import { Comparison } from "../_page/comparison.js";
import { degreesWords, errorText, finePercent, html, indexed, number, percent, short, signed, withUnit } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { EnergyShift } from "../_page/energy.js";
import { COLOUR_SPAN, LinkedFigures, SphereFigure } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { rectify } from "../_page/nonlinearity.js";
import { samplingBandLimit, TransformCache } from "../_page/cache.js";
import { coefficientLength, windowInto } from "../_page/coefficients.js";
import { bandWords, SpectrumChart, spectrumAxis } from "../_page/spectrum.js";
import { readBank, requireList } from "../_page/state.js";
import { inRadians } from "../_page/rotation.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";

/** The profile runs along the equator, this many degrees to either side of longitude 0. */
const REACH = 60;

/** The curves of the profile, and what they light up. */
const CURVES = ["wave", "modulus", "envelope"];

/** Stands for a number that is not known yet. */
const PENDING = "…";

/** @param {number} order */
const kindOf = (order) => (order === 0 ? "modulus" : `envelope(${order})`);

/**
 * Finds the shares of each order's envelope, and how far it is from commuting with a rotation: the
 * relative error of its coefficients as far as coarser wavelets look at them, as `Envelopes.error` in
 * Python. In steps, none of which takes longer than a picture.
 * @param {EnergyShift} core has the wavelet coefficients, and keeps the shares
 * @param {number[]} orders the first of them first
 * @param {number} Lout coefficients of degrees below it count
 * @param {number} oversampling
 * @param {[number, number, number]} turn Euler angles, radians
 * @param {Map<number, number>} errors filled; NaN where there are no wavelet coefficients
 */
function* findNumbers(core, orders, Lout, oversampling, turn, errors) {
  const { wave, wave: { first, end }, cache } = core;
  const rings = samplingBandLimit(end, oversampling);
  const samples = cache.samples(rings);
  const own = new Float32Array(coefficientLength(end));
  windowInto(wave.alm, wave.L, new Float32Array(end).fill(1), own, end);
  const commutator = cache.known(`commutator ${end} ${Lout}`, () => new Commutator(end, Lout));
  for (const order of new Set(orders)) {
    const kind = kindOf(order);
    if (!core.known.has(kind)) yield core.look(kind);
    /** @type {import("../_page/commutator.js").Operator} */
    const operator = (alm, out) => {
      rectify(kind, { alm, L: end, first, end }, rings, cache, samples);
      cache.transform(Lout, rings).forward(samples, out);
    };
    yield commutator.prepare(own, operator);
    commutator.rotate(own, turn, operator);
    yield errors.set(order, commutator.error);
  }
}

/** Values along the equator: the wave, its modulus, its envelope. */
class Profile extends LineChart {
  constructor() {
    super("", "longitude along the equator", [200, 250, 0.52]);
    /** @type {[number, string][]} */
    const ticks = [-60, -30, 0, 30, 60].map((degrees) => [degrees, signed(`${degrees}°`)]);
    this.longitudes = { from: -REACH, to: REACH, ticks };
    this.curves = ["signal", "spectrum", "scattering"].map((name) => this.add("path", `st-series st-${name}`));
    this.curves.forEach((curve, k) => curve.setAttribute("data-link", CURVES[k]));
    this.axis = memo((limit, norm) => {
      /** @type {[number, string][]} */
      const values = [-1, 0, 1].map((part) => [part * limit, signed(short(part * limit * norm))]);
      return { from: -limit, to: limit, ticks: values };
    });
  }

  /**
   * Draws the curves.
   * @param {number} width CSS pixels
   * @param {Float32Array[]} samples on the same grid
   * @param {number} rings of the grid
   * @param {number} limit of the vertical axis
   * @param {{norm: number, unit: string}} signal
   */
  draw(width, samples, rings, limit, { norm, unit }) {
    this.fit(width, this.longitudes, this.axis(limit || 1, norm), `wave, modulus (dashed), envelope (thick)${unit && ` [${unit}]`}`);
    const most = Math.floor((REACH * rings) / 180);
    const along = samples.map((values) => values.subarray(rings * rings, rings * (rings + 2))); // next to the equator
    this.places = () => Array.from({ length: 2 * most + 1 }, (_, i) => {
      const ys = along.map((ring) => ring.at(i - most) ?? 0);
      const degrees = Math.round((180 * (i - most)) / rings);
      const words = ys.map((y, k) => `${CURVES[k]} ${withUnit(signed(short(y * norm)), unit)}`);
      return { x: (180 * (i - most)) / rings, ys, words: [signed(`${degrees}°`), ...words] };
    });
    along.forEach((ring, k) => {
      /** @type {[number, number][]} */
      const points = [];
      for (let n = -most; n <= most; n++) points.push([(180 * n) / rings, ring.at(n) ?? 0]);
      this.curves[k].setAttribute("d", this.line(points));
    });
  }
}

/** The coastlines, and the line of the profile.
 * @param {Int16Array | null} coastlines */
function withProfile(coastlines) {
  const line = [];
  for (let degrees = -REACH; degrees <= REACH; degrees += 2) line.push(100 * degrees, 0);
  return Int16Array.from([...(coastlines ?? []), ...line]);
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, model, state: { L } } = view;
  const bank = readBank(model, L);
  const turn = inRadians(requireList(model, "angles", Number.isFinite, 3));
  const G = model.get("grid_band_limit");
  const orders = /** @type {number[]} */ (controls.order.declared.options);
  const projection = new Projection(G, 2 * G);
  const figures = [0, 1, 2].map(() => new SphereFigure(projection));
  const samples = figures.map((figure) => figure.samples);
  const linked = new LinkedFigures(view, figures);
  const core = new EnergyShift(L, G, new TransformCache(), samples[0]);
  const profile = new Profile();
  const spectrum = new SpectrumChart(L, "density of energy: areas are shares (dashed: modulus)");
  const plots = [profile, spectrum].map((chart) => html("div", { class: "st-plot" }, chart.element));
  const table = new Comparison(
    controls.order, orders.map((order) => (order ? `order ${order}` : "modulus")),
    "share of its energy", ["below", "in the band", "above", "error"],
  );
  view.body.append(
    view.row(controls.signal, controls.view, openButton(view), controls.scale, controls.oversampling),
    html("div", { class: "st-three" }, ...figures.map((figure) => figure.cell())),
    html("div", { class: "st-panels" }, ...plots), table.element, view.result, view.caption(ADVICE),
  );
  for (const figure of figures.slice(1)) figure.setSigned(false);
  figures.forEach(({ element }, k) => element.setAttribute("data-link", CURVES[k]));
  spectrum.ghost.setAttribute("data-link", "modulus");
  spectrum.curve.setAttribute("data-link", "envelope");
  const take = memo((alm, at) => {
    core.take(alm, bank.windows[at], ...bank.bands[at]);
    core.look("modulus", samples[1]);
    return {};
  });
  let fresh = false; // whether this frame has done its share of work already
  const show = memo((_, order) => {
    core.look(kindOf(order), samples[2]);
    fresh = true;
  });
  const numbersOf = memo((_, at, oversampling) => {
    const Lout = at ? bank.bands[at - 1][1] : bank.scaling.length;
    const errors = new Map(); // by order
    const inTurn = [controls.order.value, ...orders];
    return { errors, steps: findNumbers(core, inTurn, Lout, oversampling, turn, errors) };
  });
  const coast = memo(withProfile);
  view.start(() => {
    const { signal } = view;
    const [j, order, oversampling] = ["scale", "order", "oversampling"].map((key) => controls[key].value);
    const at = controls.scale.index;
    const taken = take(signal.alm, at);
    fresh = false;
    show(taken, order);
    const { errors, steps } = numbersOf(taken, at, oversampling);
    if (!fresh) steps.next();
    if (errors.size < orders.length) view.schedule();
    linked.coast(coast(signal.coastlines));
    paint(figures, signal, core.rms, j, order);
    profile.draw(plots[0].clientWidth, samples, G, COLOUR_SPAN * core.rms, signal);
    const curves = `the wave, its modulus and its envelope of order ${order}, from 60° west to 60° east`;
    profile.element.setAttribute("aria-label", `Values along the equator: ${curves}.`);
    drawSpectrum(spectrum, plots[1].clientWidth, core, order);
    orders.forEach((one, k) => showRow(table, k, one, j, core.known.get(kindOf(one)), errors.get(one)));
    const [modulus, { below, within, above }] = [0, order].map((one) => /** @type {any} */ (core.known.get(kindOf(one))));
    view.result.replaceChildren(...resultWords(core, j, order, above, modulus.above, errors));
    controls.scale.say(`${j}, ${degreesWords(core.wave.first, core.wave.end)}`);
    Object.assign(view.root.dataset, {
      signal: signal.name, scale: j, order, oversampling, below, within, above,
      error: errors.get(order) ?? "", known: errors.size,
    });
  }, equation);
}

/**
 * @param {SphereFigure[]} figures
 * @param {{name: string, norm: number, unit: string}} signal
 * @param {number} rms of the wave
 * @param {number} j
 * @param {number} order
 */
function paint(figures, { name, norm, unit }, rms, j, order) {
  const titles = [
    ["Wave ", indexed("W", j)], ["Modulus ", indexed("W", j, true)], ["Envelope ", indexed("U", order)],
  ];
  const what = ["wave", "modulus of the wave", `envelope of order ${order} of the wave`];
  figures.forEach((figure, k) => {
    const words = `the ${what[k]} at scale ${j} of: ${name}`;
    figure.paint({ limit: COLOUR_SPAN * rms, norm, unit, what: words, empty: "No energy at this scale." });
    figure.title.replaceChildren(...titles[k]);
  });
}

/**
 * The spectrum of the envelope, and that of the modulus.
 * @param {SpectrumChart} chart
 * @param {number} width CSS pixels
 * @param {EnergyShift} core
 * @param {number} order
 */
function drawSpectrum(chart, width, { known, wave: { first, end } }, order) {
  const [modulus, envelope] = [0, order].map((one) => /** @type {any} */ (known.get(kindOf(one))));
  chart.fit(width, chart.degrees, spectrumAxis([modulus.after, envelope.after], first, end));
  chart.draw(envelope.after, first, end, modulus.after);
  const words = `Energy of the envelope of order ${order} by degree: ${percent(envelope.below)} below the wavelet's ` +
    `band, ${bandWords(first, end)}, and ${percent(envelope.above)} above it.`;
  chart.element.setAttribute("aria-label", words);
}

/**
 * @param {Comparison} table
 * @param {number} k row
 * @param {number} order
 * @param {number} j
 * @param {import("../_page/energy.js").Shares | undefined} shares
 * @param {number | undefined} error
 */
function showRow(table, k, order, j, shares, error) {
  const formula = [order ? indexed("U", order) : indexed("W", j, true)];
  const parts = shares ? [shares.below, shares.within, shares.above] : [0, 0, 0];
  const numbers = shares ? parts.map(finePercent) : parts.map(() => PENDING);
  const [below, within, above] = parts;
  table.show(k, formula, parts, [...numbers, errorWords(error)], { order, below, within, above, error: error ?? "" });
}

/** @param {number | undefined} error */
function errorWords(error) {
  return error === undefined || Number.isNaN(error) ? PENDING : errorText(error);
}

/**
 * What the envelope does, in words.
 * @param {EnergyShift} core
 * @param {number} j
 * @param {number} order
 * @param {number} above share of the envelope's energy
 * @param {number} hum share of the modulus's energy
 * @param {Map<number, number>} errors
 * @returns {(Node | string)[]}
 */
function resultWords({ empty }, j, order, above, hum, errors) {
  if (empty) return ["This signal has no energy at scale ", html("b", {}, `${j}`), ": choose another."];
  const [first, second] = [0, order].map((one) => errorWords(errors.get(one)));
  const modulus = [
    "The modulus sends ", html("b", {}, finePercent(hum)),
    " of the energy up, and errs by ", html("b", {}, first), " when the signal is rotated",
  ];
  if (order === 0) return [...modulus, ". It is the envelope of order 0: choose a higher one."];
  const envelope = [number(finePercent(above)), " up and errs by ", number(second), "."];
  return [...modulus, `; the envelope of order ${order} sends `, ...envelope];
}

const ADVICE =
  "Follow the wave along the equator: wherever it changes sign, its modulus has a kink; its envelope " +
  "passes smoothly above. What does the next order change in the spectrum, and what in the " +
  "error? Then choose oversampling 1: which order errs less there than the modulus with 2?";

export default explorer("envelope", "What does an envelope leave of a wave's hum?", build);
