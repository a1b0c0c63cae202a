// What do scattering coefficients remember of a signal?

import { LineChart } from "../_page/chart.js";
import { finePercent, html, number, signed } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, Panel, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { coefficientLength } from "../_page/coefficients.js";
import { pathsOf } from "../_page/scattering.js";
import { binary, readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { Descent, PathMeans } from "./descent.js";
import { equation } from "./equation.js";

/** Rings of the grid that is drawn. */
const DRAWN_RINGS = 128;

/** Longest path of the network. */
const DEPTH = 2;

/** Milliseconds of a frame that go to steps, and always to one of them. */
const BUDGET = 20;

/** The vertical axis of errors, in decades from 1000 % down. @type {import("../_page/chart.js").Axis} */
const DECADES = { from: -4, to: 1, ticks: [[1, "1000 %"], [0, "100 %"], [-1, "10 %"], [-2, "1 %"], [-3, "0.1 %"], [-4, "0.01 %"]] };

/** The ratios that are shown, in octaves. @type {import("../_page/chart.js").Axis} */
const OCTAVES = { from: -2, to: 2, ticks: [[-2, "¼"], [-1, "½"], [0, "1"], [1, "2"], [2, "4"]] };

/** The means of the paths: those of what is drawn over those of the original. */
class Ratios extends LineChart {
  /** @param {number[][]} paths all but the empty one */
  constructor(paths) {
    super("mean over the original's", "path", [200, 240, 0.5]);
    this.names = paths.map((path) => path.join(", "));
    /** @type {[number, string][]} */
    const ticks = this.names.map((name, p) => [p + 0.5, name]);
    this.axis = { from: 0, to: paths.length, ticks };
    this.bars = this.names.map(() => this.add("path", "st-moved"));
    this.one = this.add("path", "st-line");
  }

  /** @param {Float64Array} ratios */
  draw(ratios) {
    const heights = ratios.map((ratio) => Math.log2(Math.max(ratio, 1e-9)));
    this.bars.forEach((bar, p) => bar.setAttribute("d", this.barAt(p + 0.5, heights[p])));
    this.one.setAttribute("d", this.line([[0, 0], [this.names.length, 0]]));
    this.places = () => this.names.map((name, p) => ({
      x: p + 0.5, ys: [heights[p]], words: [`${ratios[p].toFixed(3)} times the original's`, `mean at path ${name}`],
    }));
  }
}

/** How far the means are off, step by step. */
class Errors extends LineChart {
  /** @param {number} steps */
  constructor(steps) {
    super("typical error of the means", "step", [200, 240, 0.5]);
    /** @type {[number, string][]} */
    const ticks = [0, 1, 2, 3, 4].map((k) => [(k * steps) / 4, `${(k * steps) / 4}`]);
    this.axis = { from: 0, to: steps, ticks };
    this.curve = this.add("path", "st-line");
    this.dot = this.add("circle", "st-dot");
  }

  /**
   * @param {import("./descent.js").State[]} states
   * @param {number} step that is shown
   */
  draw(states, step) {
    /** @type {[number, number][]} */
    const points = states.map(({ error }, k) => [k, Math.log10(Math.max(error, 1e-9))]);
    this.curve.setAttribute("d", this.line(points));
    this.dot.setAttribute("cx", `${this.x(step)}`);
    this.dot.setAttribute("cy", `${this.y(points[step][1])}`);
    this.places = () => points.map(([x, y], k) => ({
      x, ys: [y], words: [finePercent(states[k].error), `off, after step ${k}`],
    }));
  }
}

/**
 * Skewness of samples, without the mean.
 * @param {Float32Array} samples
 * @param {import("../_page/sht.js").SphericalHarmonics} grid
 * @returns {number}
 */
function skewness(samples, { rings, longitudes, weights }) {
  const sums = [0, 0, 0];
  for (let i = 0, q = 0; i < rings; i++) {
    const weight = weights[i] / (2 * longitudes);
    for (const stop = q + longitudes; q < stop; q++) {
      for (let k = 0, power = weight; k < 3; k++) sums[k] += (power *= samples[q]);
    }
  }
  const [mean, second, third] = sums;
  const variance = second - mean * mean;
  return (third - 3 * mean * second + 2 * mean ** 3) / variance ** 1.5;
}

/** @param {import("../_page/explorer.js").ExplorerView} view */
function build(view) {
  const { controls, state: { L }, model } = view;
  const bank = readBank(model, L);
  const cache = new TransformCache();
  const paths = pathsOf(bank.scales, DEPTH);
  const means = new PathMeans(L, paths, bank, cache);
  const descent = new Descent(L, binary(model, "noise", Float32Array, coefficientLength(L)));
  const transform = cache.transform(L, DRAWN_RINGS);
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const panels = [new Panel(projection), new Panel(projection)];
  const [original, drawn] = panels.map(({ figure }) => figure);
  original.title.textContent = "The original";
  drawn.bare = true;
  const linked = new LinkedFigures(view, [original, drawn]);
  const [ratios, errors] = [new Ratios(paths.slice(1)), new Errors(controls.step.declared.max)];
  view.body.append(
    view.row(controls.signal, controls.match, controls.view, openButton(view), controls.step),
    html("div", { class: "st-panels" }, ...panels.map(({ element }) => element)),
    view.result, view.caption(ADVICE),
  );
  const take = memo((alm, match) => {
    descent.take(alm, means, match !== "spectrum");
    transform.inverse(alm, original.samples);
    return { skewness: skewness(original.samples, transform) };
  });
  const show = memo((state) => {
    transform.inverse(state.alm, drawn.samples);
    return skewness(drawn.samples, transform);
  });
  view.equation = () => equation(view);
  view.start(() => {
    const { alm, name, norm, unit, coastlines } = view.signal;
    const [match, wanted] = [controls.match.value, controls.step.value];
    const taken = take(alm, match);
    const step = descent.reach(wanted, BUDGET);
    const state = descent.states[step];
    const skew = show(state);
    linked.coast(coastlines);
    const limit = COLOUR_SPAN * UNIT_RMS;
    original.paint({ limit, norm, unit, what: name });
    drawn.title.textContent = step ? `Drawn, after step ${step}` : "The noise to begin with";
    drawn.paint({ limit, norm, unit, what: `what is drawn after step ${step}` });
    panels[0].show(ratios, `Means of ${paths.length - 1} paths over the original's.`, ratios.axis, OCTAVES);
    panels[1].show(errors, `Error of the means at each step; now ${finePercent(state.error)}.`, errors.axis, DECADES);
    ratios.draw(state.ratios);
    errors.draw(descent.states, step);
    controls.step.say(`${wanted}`);
    [taken.skewness, skew].forEach((one, k) => panels[k].number.replaceChildren("skewness ", number(signed(one.toFixed(2)))));
    view.result.replaceChildren(...resultWords(match, step, descent, state.error));
    Object.assign(view.root.dataset, { signal: name, match, step, error: state.error, skewness: skew, original: taken.skewness });
    if (step < wanted) view.schedule();
  }, () => linked.layout());
}

/**
 * @param {string} match
 * @param {number} step
 * @param {Descent} descent
 * @param {number} error
 * @returns {(Node | string)[]}
 */
function resultWords(match, step, { states, known }, error) {
  const off = [`${known} means of the network are off by `, number(finePercent(error)), ", typically"];
  if (match === "spectrum") {
    return ["The noise has the spectrum of the signal, and nothing else is matched: the ", ...off, "."];
  }
  return [`After ${step} steps the `, ...off, `; in the noise it was ${finePercent(states[0].error)}.`];
}

const ADVICE =
  "Play the steps, and stop them. The noise has the original's spectrum all along; each step changes it until " +
  "the means of the paths agree too. What of the original comes back? Then take the ring, whose means are far " +
  "from those of noise. The skewness is not matched: the modulus does not tell a signal from its negative.";

export default explorer("synthesis", "What do the coefficients remember?", build);
