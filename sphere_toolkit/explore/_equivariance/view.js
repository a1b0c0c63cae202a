// Rotate, then scatter, or scatter, then rotate?

import { Commutator } from "../_page/commutator.js";
import { errorText, html, number, ROUNDING } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, extremes, LinkedFigures, SphereFigure, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { DEGREE, inRadians, matrixFromEuler } from "../_page/rotation.js";
import { TransformCache } from "../_page/cache.js";
import { pathsOf, ScatteringNetwork } from "../_page/scattering.js";
import { readBank } from "../_page/state.js";
import { eulerRow } from "../_page/euler.js";
import { turnByDragging } from "../_page/turning.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";

/** Rings of the grid that is drawn. */
const SHOWN_RINGS = 128;

/** The difference is drawn with colours that span this part of those of the results. */
const MAGNIFIED = 1 / 20;

const NOTHING = "This signal has nothing on this path.";

/** Coastlines as points on the unit sphere, to be turned with the signal. */
class TurningCoast {
  /** @param {Int16Array} lines as `SphereView.drawCoast` takes them */
  constructor(lines) {
    this.lines = lines;
    this.turned = lines.slice();
    this.points = new Float32Array((3 * lines.length) / 2);
    for (let k = 0; k < lines.length / 2; k++) {
      const [east, north] = [lines[2 * k] * (DEGREE / 100), lines[2 * k + 1] * (DEGREE / 100)];
      this.points[3 * k] = Math.cos(north) * Math.cos(east);
      this.points[3 * k + 1] = Math.cos(north) * Math.sin(east);
      this.points[3 * k + 2] = Math.sin(north);
    }
  }

  /** The coastlines turned by a matrix; ends of lines stay as they are.
   * @param {number[]} r
   * @returns {Int16Array} */
  turn(r) {
    const { lines, points, turned } = this;
    for (let k = 0, p = 0; k < lines.length; k += 2, p += 3) {
      if (lines[k] > 18000) continue;
      const [x, y, z] = [points[p], points[p + 1], points[p + 2]];
      const north = Math.asin(Math.max(-1, Math.min(1, r[6] * x + r[7] * y + r[8] * z)));
      const east = Math.atan2(r[3] * x + r[4] * y + r[5] * z, r[0] * x + r[1] * y + r[2] * z);
      turned[k] = Math.round((100 * east) / DEGREE);
      turned[k + 1] = Math.round((100 * north) / DEGREE);
    }
    return turned;
  }
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L, coastlines } } = view;
  const bank = readBank(view.model, L);
  const cache = new TransformCache();
  const network = new ScatteringNetwork(L, pathsOf(bank.scales, 2), bank, cache);
  const core = new Commutator(L, network.Lout);
  const coast = new TurningCoast(coastlines);
  const projection = new Projection(SHOWN_RINGS, 2 * SHOWN_RINGS);
  const figures = TITLES.map((title) => new SphereFigure(projection, title));
  new LinkedFigures(view, figures, { kind: "globe", draggable: false });
  turnByDragging(view, figures);
  const columns = html("div", { class: "st-four" }, ...figures.map((figure) => figure.cell()));
  const euler = eulerRow(controls.angles);
  view.body.append(
    view.row(controls.signal, controls.nonlinearity, controls.path, controls.oversampling, openButton(view, { marked: false })),
    euler.element, columns, view.result, view.caption(ADVICE),
  );
  const prepare = memo((alm, k, kind, oversampling) => {
    /** @type {import("../_page/commutator.js").Operator} */
    const scatter = (signal, out) => {
      network.begin(signal, kind, oversampling);
      out.set(network.average(k));
    };
    core.prepare(alm, scatter);
    return scatter;
  });
  view.start(() => {
    const { alm, coastlines: lines } = view.signal;
    const [kind, oversampling] = [controls.nonlinearity.value, controls.oversampling.value];
    const k = controls.path.index + 1; // the network's paths begin with the empty one
    const turn = inRadians(controls.angles.value);
    euler.show(turn);
    core.rotate(alm, turn, prepare(alm, k, kind, oversampling));
    cache.transform(L, SHOWN_RINGS).inverse(core.rotated, figures[0].samples);
    const small = cache.transform(network.Lout, SHOWN_RINGS);
    for (const n of [1, 2, 3]) small.inverse(core.outputs[n], figures[n].samples);
    figures[0].coast(lines && coast.turn(matrixFromEuler(...turn)));
    paint(view, figures);
    view.result.replaceChildren(...errorWords(core.error, kind, oversampling));
    Object.assign(view.root.dataset, {
      error: core.error, signal: view.signal.name, path: controls.path.value.join(","),
      nonlinearity: kind, oversampling, angles: controls.angles.value.join(","),
    });
  }, equation);
}

/** What the globes show. */
const TITLES = ["Signal, rotated", "Rotate, then scatter", "Scatter, then rotate", "Difference × 20"];

/**
 * @param {ExplorerView} view
 * @param {SphereFigure[]} figures
 */
function paint(view, figures) {
  const { name, norm, unit } = view.signal;
  const path = view.controls.path.value;
  // Each square squares the unit.
  const power = view.controls.nonlinearity.value === "square" ? 2 ** path.length : 1;
  const out = {
    norm: norm ** power,
    unit: unit && power > 1 ? `${unit}${power === 2 ? "²" : "⁴"}` : unit,
  };
  const [lowest, highest] = extremes(figures[2].samples);
  const limit = Math.max(-lowest, highest);
  // No nonlinearity leaves anything negative, but an average may swing below zero.
  for (const figure of figures.slice(1, 3)) figure.setSigned(lowest < -0.05 * highest);
  const output = `scattering coefficients of path (${path.join(", ")})`;
  figures[0].paint({ limit: COLOUR_SPAN * UNIT_RMS, norm, unit, what: `the rotated signal: ${name}` });
  figures[1].paint({ ...out, limit, empty: NOTHING, what: `the ${output} of the rotated signal` });
  figures[2].paint({ ...out, limit, empty: NOTHING, what: `the rotated ${output} of the signal` });
  figures[3].paint({ ...out, limit: MAGNIFIED * limit, what: "their difference, 20 times stronger" });
}

/**
 * The error, and what theory says about it.
 * @param {number} error
 * @param {string} nonlinearity
 * @param {number} oversampling
 * @returns {(Node | string)[]}
 */
function errorWords(error, nonlinearity, oversampling) {
  if (Number.isNaN(error)) return ["This signal has nothing on this path: choose another."];
  const exact = error < ROUNDING;
  const carried = nonlinearity === "square" && oversampling >= 2;
  const smooth = nonlinearity === "rms"; // its aliasing may be less than rounding
  const why = {
    square: carried
      ? "The square of a signal of band-limit B has band-limit 2B − 1, and a grid of twice B carries it: exact."
      : "The square has twice the band-limit, and this grid is too coarse for it: it aliases.",
    modulus: "|x| has a kink wherever x changes sign, hence no band-limit: every grid aliases, a finer one less.",
    relu: "max(x, 0) has a kink like |x|, of which it is half, hence no band-limit: a finer grid aliases less.",
    envelope: "The envelope has no band-limit either, but no kinks along lines: its aliasing falls much faster.",
    rms: "The root mean square around each point is smooth: its square has a band-limit, and the root hardly aliases.",
  }[/** @type {"square" | "modulus" | "relu" | "envelope" | "rms"} */ (nonlinearity)];
  const size = number(errorText(error));
  if (!exact) return ["Relative error: ", size, ". ", why];
  const same = "This rotation carries the grid into itself, so that both orders do the same.";
  return ["Relative error: ", size, " to the page's rounding. ", carried || smooth ? why : same];
}

const ADVICE =
  "Drag a globe, or move the angles, and watch the difference. Then raise the oversampling: how " +
  "fast does the error fall? Choose the square at oversampling 2, and explain what you see. Set " +
  "β and γ to 0 and α to 45°: why is nothing left, even of the modulus?";

export default explorer("equivariance", "Rotate, then scatter, or scatter, then rotate?", build);
