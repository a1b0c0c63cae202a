// What do scattering coefficients remember of a signal?

import { LineChart } from "../_page/chart.js";
import { finePercent, html, number, set, signed } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, Panel, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { coefficientLength } from "../_page/coefficients.js";
import { pathsOf } from "../_page/scattering.js";
import { binary, readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { Descent } from "./descent.js";
import { DirectionalMeans } from "./directional.js";
import { equation } from "./equation.js";
import { MEAN, PathMeans } from "./means.js";

/** Rings of the grid that is drawn: globes need that many. */
const DRAWN_RINGS = 256;

/** Longest path of the network. */
const DEPTH = 2;

/** Milliseconds of a frame that go to steps, and always to one of them. */
const BUDGET = 20;

/** The vertical axis of errors, in decades: words are per cent. @type {Axis} */
const DECADES = {
  from: -4, to: 1, ticks: [[1, "1000"], [0, "100"], [-1, "10"], [-2, "1"], [-3, "0.1"], [-4, "0.01"]],
};

/** The ratios that are shown, in octaves. @type {Axis} */
const OCTAVES = { from: -2, to: 2, ticks: [[-2, "¼"], [-1, "½"], [0, "1"], [1, "2"], [2, "4"]] };

/** What the horizontal axis calls the paths: of one scale, of two, and of two with direction. */
const KINDS = ["one scale", "two scales", "with direction"];

/** Below this a logarithm does not matter. */
const TINY = 1e-9;

/** A smaller variance, of a signal of unit energy, is none. */
const FLAT = 1e-9;

/** The means of the paths: those of what is drawn over those of the original. */
class Ratios extends LineChart {
  constructor() {
    super("mean of each path, over the original's", "paths");
    this.bars = this.add("path", "st-moved", { "data-link": "drawn" });
    this.one = this.add("path", "st-line", { "data-link": "original" });
    /** @type {Axis} */
    this.axis = OCTAVES;
    /** @type {string[]} */
    this.names = [];
  }

  /** @param {string[]} names of the paths */
  take(names) {
    const kinds = names.map((name) => (name.includes("(") ? 2 : Number(name.includes(","))));
    const ticks = KINDS.map((words, kind) => /** @type {[number, string]} */ (
      [(kinds.indexOf(kind) + kinds.lastIndexOf(kind) + 1) / 2, words]
    ));
    this.names = names;
    this.axis = { from: 0, to: names.length, ticks: ticks.filter((_, kind) => kinds.includes(kind)) };
  }

  /** @param {number[]} ratios */
  draw(ratios) {
    const heights = ratios.map((ratio) => Math.log2(Math.max(ratio, TINY)));
    this.bars.setAttribute("d", heights.map((height, p) => this.barAt(p + 0.5, height)).join(""));
    this.one.setAttribute("d", this.line([[0, 0], [ratios.length, 0]]));
    this.places = () => ratios.map((ratio, p) => ({
      x: p + 0.5, ys: [heights[p]], link: "drawn",
      words: [`${ratio.toPrecision(4)} times the original's`, `mean at path (${this.names[p]})`],
    }));
  }
}

/** How far the means are off, step by step. */
class Errors extends LineChart {
  /** @param {number} steps */
  constructor(steps) {
    super("typical error of the means, %", "step");
    /** @type {[number, string][]} */
    const ticks = [0, 1, 2, 3, 4].map((k) => [(k * steps) / 4, `${(k * steps) / 4}`]);
    this.axis = { from: 0, to: steps, ticks };
    this.curve = this.add("path", "st-line", { "data-link": "drawn" });
    this.dot = this.add("circle", "st-dot", { "data-link": "drawn" });
  }

  /** @param {import("./descent.js").State[]} states up to the one that is shown */
  draw(states) {
    /** @type {[number, number][]} */
    const points = states.map(({ error }, k) => [k, Math.log10(Math.max(error, TINY))]);
    this.curve.setAttribute("d", this.line(points));
    const [step, error] = points[points.length - 1];
    set(this.dot, { cx: this.x(step), cy: this.y(error) });
    this.places = () => points.map(([x, y], k) => ({
      x, ys: [y], words: [finePercent(states[k].error), `off, after ${k} steps`],
    }));
  }
}

/**
 * Skewness and excess kurtosis of samples, both 0 of a Gaussian signal.
 * @param {Float32Array} samples
 * @param {number} mean
 * @param {SphericalHarmonics} grid
 * @returns {number[]}
 */
function shape(samples, mean, { rings, longitudes, weights }) {
  const moments = [2, 3, 4].map(() => 0);
  for (let i = 0, q = 0; i < rings; i++) {
    for (const stop = q + longitudes; q < stop; q++) {
      const away = samples[q] - mean;
      let power = (weights[i] * away) / (2 * longitudes);
      for (let k = 0; k < 3; k++) moments[k] += power *= away;
    }
  }
  const [variance, third, fourth] = moments;
  if (!(variance > FLAT)) return [NaN, NaN];
  return [third / variance ** 1.5, fourth / variance ** 2 - 3];
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L }, model } = view;
  const bank = readBank(model, L);
  const cache = new TransformCache();
  const paths = pathsOf(bank.scales, DEPTH);
  const zonal = new PathMeans(L, paths, bank, cache);
  const directional = new DirectionalMeans(L, paths, bank, cache);
  const descent = new Descent(L, binary(model, "noise", Float32Array, coefficientLength(L)));
  const transform = cache.transform(L, DRAWN_RINGS);
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const panels = [new Panel(projection), new Panel(projection)];
  const [original, drawn] = panels.map(({ figure }) => figure);
  original.title.textContent = "The original";
  drawn.bare = true;
  panels.forEach((panel, k) => panel.link(["original", "drawn"][k]));
  const linked = new LinkedFigures(view, [original, drawn]);
  const [ratios, errors] = [new Ratios(), new Errors(controls.step.declared.max)];
  view.body.append(
    view.row(controls.signal, controls.match, controls.view, openButton(view), controls.step),
    html("div", { class: "st-panels" }, ...panels.map(({ element }) => element)),
    view.result, view.caption(ADVICE),
  );
  /** @type {(figure: SphereFigure, alm: Float32Array) => number[]} */
  const sample = (figure, alm) => {
    transform.inverse(alm, figure.samples);
    return shape(figure.samples, MEAN * alm[0], transform);
  };
  const take = memo((alm, match) => {
    const means = match === "directional" ? directional : zonal;
    descent.take(alm, means, match !== "spectrum");
    ratios.take(means.names);
    return sample(original, alm);
  });
  const show = memo((alm) => sample(drawn, alm));
  view.start(() => {
    const { alm, name, norm, unit, coastlines } = view.signal;
    const [match, wanted] = [controls.match.value, controls.step.value];
    const shapes = [take(alm, match)];
    const step = descent.reach(wanted, BUDGET);
    const { alm: now, error, ratios: found } = descent.states[step];
    shapes.push(show(now));
    const moved = step > 0 && match !== "spectrum";
    linked.coast(coastlines);
    const limit = COLOUR_SPAN * UNIT_RMS;
    drawn.title.textContent = moved ? `Drawn, after ${step} steps` : "Noise with its spectrum";
    original.paint({ limit, norm, unit, what: `the original: ${name}` });
    drawn.paint({ limit, norm, unit, what: `what is drawn after ${step} steps` });
    panels[0].show(ratios, "Means of the paths, over the original's", ratios.axis, OCTAVES);
    panels[1].show(errors, "Error of the means, step by step", errors.axis, DECADES);
    ratios.draw(found);
    errors.draw(descent.states.slice(0, step + 1));
    controls.step.say(`${wanted}`);
    panels.forEach((panel, k) => panel.number.replaceChildren(...shapeWords(shapes[k])));
    const words = step < wanted ? [`On the way to step ${wanted} …`] : resultWords(match, step, descent, error);
    view.result.replaceChildren(...words);
    const [skewness, kurtosis] = shapes[1];
    Object.assign(view.root.dataset, { signal: name, match, step, error, skewness, kurtosis });
    if (step < wanted) view.schedule();
  }, equation);
}

/** @param {number[]} shape
 * @returns {(Node | string)[]} */
function shapeWords([skewness, kurtosis]) {
  if (Number.isNaN(kurtosis)) return ["the same everywhere"];
  const rounded = (/** @type {number} */ one) => signed((Math.abs(one) < 0.005 ? 0 : one).toFixed(2));
  const [third, fourth] = [skewness, kurtosis].map((one) => number(rounded(one)));
  return ["skewness ", third, ", excess kurtosis ", fourth];
}

/**
 * @param {string} match
 * @param {number} step
 * @param {Descent} descent
 * @param {number} error
 * @returns {(Node | string)[]}
 */
function resultWords(match, step, { states, known }, error) {
  if (!known) return ["This signal has no mean at any path: there is nothing to match but its spectrum."];
  const means = known === 1 ? "only mean" : `${known} means`;
  const off = [`typical error of the network's ${means} is `, number(finePercent(error))];
  if (match === "spectrum") return ["Only the spectrum is matched, and it is from the start. The ", ...off, "."];
  return [`After ${step} steps the `, ...off, `. In the noise it was ${finePercent(states[0].error)}.`];
}

const ADVICE =
  "Play the steps. The noise has the original's spectrum all along; each step changes it until the means of " +
  "the network's paths agree, too. What of the original do zonal wavelets bring back, and what directional ones? " +
  "Skewness and excess kurtosis, both 0 for a Gaussian signal, are not matched. Which of them comes back? The " +
  "modulus does not tell f from −f.";

export default explorer("synthesis", "What do the coefficients remember?", build);
