// What does a small deformation of the sphere do to a signal, and to what is known of it?

import { coefficientLength, energyPerDegree } from "../_page/sht.js";
import { Projection } from "../_page/draw.js";
import { PathOperator, Workshop } from "../_page/path_operator.js";
import { Deformation } from "./deformation.js";
import { LineChart } from "../_page/lines.js";
import { Picture } from "../_page/picture.js";
import { readBank, readPaths, readScaling } from "../_page/bank.js";
import { readSignals } from "../_page/signals.js";
import { binary, explorer, html, isDark, menu, percent, slider } from "../_page/ui.js";

/** Rings of the grid that is drawn. */
const DRAWN_RINGS = 128;

/** Colours of a signal span this many times its root mean square. */
const COLOUR_SPAN = 3;

/** Sampling of the modulus, over the band-limit. */
const OVERSAMPLING = 2;

const DEPTH = 2;

/** What is compared: name of the number, words, class of its line. */
const SERIES = [
  ["signal", "the signal and its coefficients", "st-signal"],
  ["amplitudes", "the coefficients’ absolute values", "st-amplitudes"],
  ["spectrum", "the power spectrum", "st-spectrum"],
  ["scattering", "the scattering coefficients", "st-scattering"],
];

/** The mathematics: a deformed signal and four distances from the one before. */
export class Distances {
  /**
   * @param {number} L band-limit
   * @param {PathOperator} operator
   * @param {string[]} paths as text
   * @param {Deformation} deformation
   */
  constructor(L, operator, paths, deformation) {
    Object.assign(this, { operator, deformation });
    this.deformed = new Float32Array(coefficientLength(L));
    const outputs = () => new Map(paths.map((path) => [path, new Float32Array(coefficientLength(operator.Lout))]));
    this.outputs = [outputs(), outputs()];
    this.energies = [new Float64Array(L), new Float64Array(L)];
    /** By name: relative distances. */
    this.values = { signal: 0, amplitudes: 0, spectrum: 0, scattering: 0 };
  }

  /** Takes the signal that is to be deformed. */
  take(alm) {
    this.alm = alm;
    this.deformation.take(alm);
    this.operator.scatterAll(alm, DEPTH, "modulus", OVERSAMPLING, this.outputs[0]);
    energyPerDegree(alm, this.energies[0]);
  }

  /** Deforms it, and compares. */
  deform(size) {
    const { alm, deformed, deformation, operator, outputs, energies, values } = this;
    deformation.deform(size, deformed);
    operator.scatterAll(deformed, DEPTH, "modulus", OVERSAMPLING, outputs[1]);
    energyPerDegree(deformed, energies[1]);
    const L = energies[0].length;
    const total = energies[0].reduce((sum, one) => sum + one, 0);
    let apart = 0;
    energies[0].forEach((one, l) => (apart += (Math.sqrt(energies[1][l]) - Math.sqrt(one)) ** 2));
    values.spectrum = Math.sqrt(apart / total);
    values.signal = Math.sqrt(squares(alm, deformed, L, difference) / total);
    values.amplitudes = Math.sqrt(squares(alm, deformed, L, differenceOfSizes) / total);
    let [between, size0] = [0, 0];
    for (const [path, before] of outputs[0]) {
      between += squares(before, outputs[1].get(path), operator.Lout, difference);
      size0 += squares(before, before, operator.Lout, (a, b) => a * a + b * b);
    }
    values.scattering = Math.sqrt(between / size0);
  }
}

/** Sum over all orders, negative ones too, of a function of two coefficients. */
function squares(first, second, L, of) {
  let [zonal, rest] = [0, 0];
  for (let q = 0; q < first.length; q += 2) {
    const one = of(first[q], first[q + 1], second[q], second[q + 1]);
    if (q < 2 * L) zonal += one;
    else rest += one;
  }
  return zonal + 2 * rest;
}

function difference(a, b, c, d) {
  return (a - c) * (a - c) + (b - d) * (b - d);
}

function differenceOfSizes(a, b, c, d) {
  const apart = Math.sqrt(a * a + b * b) - Math.sqrt(c * c + d * d);
  return apart * apart;
}

/** Distances against the size of the deformation, one line for each description. */
class DistanceChart extends LineChart {
  /** @param {number} most greatest size */
  constructor(most) {
    super("relative distance", "greatest displacement, degrees");
    const degrees = (most * 180) / Math.PI;
    const ticks = [];
    for (let at = 0; at <= degrees; at += 2) ticks.push([(at * Math.PI) / 180, `${at}°`]);
    this.sizes = { from: 0, to: most, ticks };
    this.cursor = this.add("line", "st-cursor");
    this.lines = SERIES.map(([, , name]) => this.add("path", `st-series ${name}`));
    this.dots = SERIES.map(([, , name]) => this.add("circle", `st-point ${name}`));
    for (const dot of this.dots) dot.setAttribute("r", 4);
  }

  /** Takes a size in CSS pixels and the curves, four rows of distances. */
  begin(width, height, curves) {
    const most = Math.max(...curves.map((curve) => Math.max(...curve)));
    const top = [0.25, 0.5, 1, 1.5].find((one) => most <= one) ?? 2;
    const ticks = [0, 1, 2, 3, 4, 5].map((k) => [(k * top) / 5, percentTick((k * top) / 5)]);
    this.layout(width, height, this.sizes, { from: 0, to: top, ticks });
    curves.forEach((curve, k) => {
      const path = [...curve].map((value, n) =>
        this.point((n * this.sizes.to) / (curve.length - 1), value));
      this.lines[k].setAttribute("d", `M${path.join("L")}`);
    });
    this.cursor.setAttribute("y1", this.y(0));
    this.cursor.setAttribute("y2", this.y(top));
  }

  /** Marks a size and the distances there. */
  mark(size, values) {
    const x = this.x(size);
    this.dots.forEach((dot, k) => {
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", this.y(values[SERIES[k][0]]));
    });
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
  }
}

function percentTick(share) {
  return `${Math.round(100 * share)}${share > 0 ? " %" : ""}`;
}

/** Reads and checks what Python sent beyond the signals. */
function readDeformation(model, { L, names }) {
  const { scales, bands, windows } = readBank(model, L);
  const paths = readPaths(model, scales);
  const [size, most] = [model.get("size"), model.get("max_size")];
  if (!(Number.isFinite(size) && size >= 0 && size <= most)) throw new Error(`no size “${size}”`);
  const workshop = new Workshop();
  const scaling = readScaling(model, windows);
  const operator = new PathOperator(L, scales, windows, bands, scaling, workshop);
  const deformation = new Deformation(L, binary(model, "field", Float32Array), workshop);
  const curves = binary(model, "curves", Float32Array);
  const sizes = curves.length / (4 * names.length);
  if (!(Number.isInteger(sizes) && sizes > 1)) throw new Error("the explorer's “curves” are damaged");
  const row = (k) => curves.subarray(k * sizes, (k + 1) * sizes);
  return {
    most, workshop,
    core: new Distances(L, operator, paths.map(String), deformation),
    curves: names.map((_, k) => SERIES.map((_, n) => row(4 * k + n))),
  };
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const signals = readSignals(model);
  const state = { ...signals, ...readDeformation(model, signals) };
  const { L, names, core, most } = state;
  const pictures = ["Signal", "Deformed signal", "Difference"].map((words) => {
    // Not shared: on a phone the third map is wider than the others.
    const picture = new Picture(new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS));
    picture.title.textContent = words;
    return picture;
  });
  const samples = pictures.map(() => new Float32Array(2 * DRAWN_RINGS ** 2));
  const chart = new DistanceChart(most);
  let taken = -1; // the signal that the mathematics holds
  let stale = true; // whether more has changed than the size

  const chooser = menu("Signal", names, model.get("signal"), (name) => stage.choose(model, "signal", name));
  const range = { min: 0, max: most, step: most / 100, value: model.get("size") };
  const size = slider("Greatest displacement", range, (value) => {
    stage.choose(model, "size", Math.round(1e6 * value) / 1e6);
  });
  const controls = html("div", { class: "st-controls" });
  if (names.length > 1) controls.append(chooser.element);
  controls.append(size.element);
  const panels = pictures.map(({ head, sphere }) => html("div", { class: "st-cell" }, head, sphere.element));
  const columns = html("div", { class: "st-three" }, ...panels);
  const legend = html("ul", { class: "st-legend", "aria-live": "polite" });
  const numbers = SERIES.map(([, words, name]) => {
    const number = html("b");
    const key = html("span", { class: `st-key ${name}`, "aria-hidden": "true" });
    legend.append(html("li", {}, key, number, ` ${words}`));
    return number;
  });
  const plot = html("div", { class: "st-plot" }, chart.element);
  const result = html("div", { class: "st-distances" }, plot, legend);
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), captionText());
  stage.body.append(controls, columns, result, caption);

  stage.follow(model, "signal", () => {
    chooser.input.value = model.get("signal");
    relayout();
    stage.schedule();
  });
  stage.follow(model, "size", () => {
    size.input.value = model.get("size");
    stage.schedule();
  });
  const relayout = () => {
    stale = true;
    const lines = state.onEarth[names.indexOf(model.get("signal"))] ? state.coastlines : null;
    for (const picture of pictures) {
      picture.layout("map", state.colours[isDark() ? 1 : 0]);
      picture.coast(lines, isDark()); // where they were, above all three
    }
  };
  stage.start(() => {
    const which = names.indexOf(model.get("signal"));
    const shown = state.workshop.transform(L, DRAWN_RINGS);
    const view = { name: names[which], norm: state.norms[which], unit: state.units[which], size: model.get("size") };
    if (taken !== which) {
      core.take(state.signals[which]);
      shown.inverse(state.signals[which], samples[0]);
    }
    taken = which;
    core.deform(view.size);
    shown.inverse(core.deformed, samples[1]);
    samples[2].forEach((_, n) => (samples[2][n] = samples[1][n] - samples[0][n]));
    const moved = `after a deformation by up to ${inDegrees(view.size)}`;
    if (stale) paint(pictures[0], samples[0], view, `the signal: ${view.name}`);
    paint(pictures[1], samples[1], view, `the same ${moved}`);
    paint(pictures[2], samples[2], view, `the difference ${moved}`);
    if (stale) {
      const wide = plot.clientWidth;
      chart.begin(wide, Math.max(220, Math.min(300, 0.5 * wide)), state.curves[which]);
    }
    stale = false;
    chart.mark(view.size, core.values);
    tell(stage.root, { chart, numbers, size }, core.values, view);
  }, relayout);
}

function paint(picture, samples, { norm, unit }, what) {
  const limit = COLOUR_SPAN / Math.sqrt(4 * Math.PI); // every signal has unit energy
  picture.paint(samples, limit, norm, unit, what);
}

/** Brings numbers and words up to date. */
function tell(root, { chart, numbers, size: control }, values, { name, size }) {
  SERIES.forEach(([key], k) => (numbers[k].textContent = percent(values[key])));
  control.output.textContent = ` = ${inDegrees(size)}`;
  control.input.setAttribute("aria-valuetext", inDegrees(size));
  const words = SERIES.map(([key, what]) => `${what} ${percent(values[key])}`).join(", ");
  const label = `Distances at a displacement of ${inDegrees(size)}: ${words}.`;
  chart.element.setAttribute("aria-label", label);
  Object.assign(root.dataset, { signal: name, size });
  for (const [key] of SERIES) root.dataset[`${key}Distance`] = values[key];
}

function inDegrees(size) {
  return `${((size * 180) / Math.PI).toFixed(1)}°`;
}

function captionText() {
  return (
    "By eye the first two maps hardly differ; their difference, in the same colours, is not small. " +
    "Which description moves least? Then choose the relief or the band-limited noise, whose " +
    "energy lies at many neighbouring degrees: why does the spectrum move so much less there, and " +
    "at the largest displacements even less than the scattering coefficients?"
  );
}

export default explorer("stability", "What does a small deformation do?", build);
