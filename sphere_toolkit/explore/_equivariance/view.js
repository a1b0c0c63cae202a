// Rotate, then scatter, or scatter, then rotate?

import { coefficientLength, energyPerDegree } from "../_page/sht.js";
import { Projection } from "../_page/draw.js";
import { PathOperator, Workshop } from "../_page/path_operator.js";
import { matrixFromEuler, Rotator } from "../_page/rotation.js";
import { Picture } from "../_page/picture.js";
import { readBank, readPaths, readScaling } from "../_page/bank.js";
import { readSignals, requireKnown, requireList } from "../_page/signals.js";
import { angleSliders, DEGREE, makeTurnable, turnAngles } from "../_page/turning.js";
import { choices, explorer, html, isDark, menu } from "../_page/ui.js";

/** Rings of the grid that is drawn. */
const SHOWN = 128;

/** Colours of the signal span this many times its root mean square. */
const SPREAD = 3;

/** The difference is drawn with colours that span this part of those of the results. */
const MAGNIFIED = 1 / 20;

/** Less energy than this on a path, of a signal of unit energy, counts as none. */
const NOTHING = 1e-20;

/** Errors below this are the page's own rounding, in single precision. */
const ROUNDING = 2e-6;

/** The mathematics: both orders of rotation and scattering, and how far apart they end. */
export class Commutator {
  /**
   * @param {number} L band-limit
   * @param {PathOperator} operator
   */
  constructor(L, operator) {
    this.operator = operator;
    this.rotators = [new Rotator(L), new Rotator(operator.Lout)];
    this.rotated = new Float32Array(coefficientLength(L));
    const output = () => new Float32Array(coefficientLength(operator.Lout));
    /** Coefficients of: scattered; rotated, then scattered; scattered, then rotated; difference. */
    this.outputs = [output(), output(), output(), output()];
    this.energies = new Float64Array(operator.Lout);
    this.error = 0;
  }

  /** Scatters the signal itself, whatever the rotation. */
  prepare(alm, path, nonlinearity, oversampling) {
    this.choice = [path, nonlinearity, oversampling];
    this.operator.scatter(alm, ...this.choice, this.outputs[0]);
    this.size = this.energy(this.outputs[0]);
  }

  /** Rotates by Euler angles, degrees, in both orders; the error is NaN where nothing is left. */
  rotate(alm, angles) {
    const [scattered, first, second, difference] = this.outputs;
    const turn = angles.map((angle) => angle * DEGREE);
    this.rotators[0].rotate(alm, ...turn, this.rotated);
    this.operator.scatter(this.rotated, ...this.choice, first);
    this.rotators[1].rotate(scattered, ...turn, second);
    for (let k = 0; k < difference.length; k++) difference[k] = first[k] - second[k];
    this.error = this.size > NOTHING ? Math.sqrt(this.energy(difference) / this.size) : NaN;
  }

  energy(alm) {
    energyPerDegree(alm, this.energies);
    return this.energies.reduce((sum, one) => sum + one, 0);
  }
}

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

  /** The coastlines turned by a matrix; ends of lines stay as they are. */
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

/** Reads and checks what Python sent beyond the signals. */
function readOperator(model, L) {
  const { scales, bands, windows } = readBank(model, L);
  const paths = readPaths(model, scales);
  requireKnown({ get: () => `${model.get("path")}` }, "path", paths.map(String));
  requireKnown(model, "nonlinearity", ["modulus", "square", "ReLU"]);
  requireKnown(model, "oversampling", [1, 2, 4]);
  requireList(model, "angles", Number.isFinite, 3);
  const scaling = readScaling(model, windows);
  const operator = new PathOperator(L, scales, windows, bands, scaling, new Workshop());
  return { scales, paths, operator };
}

/** The controls, each of which follows the model and changes it. */
function makeControls(model, stage, { names, paths }, changed) {
  const label = (path) => `(${path.join(", ")})`;
  const choose = (trait) => (value) => stage.choose(model, trait, value);
  const signals = menu("Signal", names, model.get("signal"), choose("signal"));
  const path = menu("Path", paths.map(label), label(model.get("path")), (text) => {
    stage.choose(model, "path", paths.find((one) => label(one) === text));
  });
  const rho = { modulus: "modulus", square: "square", ReLU: "ReLU" };
  const kinds = choices("Nonlinearity", rho, model.get("nonlinearity"), choose("nonlinearity"));
  const factors = { 1: "1", 2: "2", 4: "4" };
  const grid = choices("Oversampling", factors, `${model.get("oversampling")}`, (value) => {
    stage.choose(model, "oversampling", Number(value));
  });
  const follow = (trait, update) => stage.follow(model, trait, () => {
    update(model.get(trait));
    changed(true);
  });
  follow("signal", (value) => (signals.input.value = value));
  follow("path", (value) => (path.input.value = label(value)));
  follow("nonlinearity", kinds.choose);
  follow("oversampling", (value) => grid.choose(`${value}`));
  const first = html("div", { class: "st-controls" });
  if (names.length > 1) first.append(signals.element);
  first.append(path.element, kinds.element, grid.element);
  return [first, angleSliders(model, stage, () => changed(false))];
}

/** Builds the explorer in its stage. */
function build(model, stage) {
  const state = { ...readSignals(model) };
  Object.assign(state, readOperator(model, state.L));
  const { L, names, operator } = state;
  const core = new Commutator(L, operator);
  const projection = new Projection(SHOWN, 2 * SHOWN);
  const pictures = ["Signal, rotated", "Rotate, then scatter", "Scatter, then rotate", "Difference × 20"]
    .map((words) => {
      const picture = new Picture(projection);
      picture.title.textContent = words;
      return picture;
    });
  const samples = pictures.map(() => new Float32Array(2 * SHOWN * SHOWN));
  const coast = new TurningCoast(state.coastlines);
  let stale = true; // whether the signal itself has to be scattered again

  const changed = (all) => {
    stale ||= all;
    stage.schedule();
  };
  const number = html("p", { class: "st-result", "aria-live": "polite" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), captionText());
  const cells = pictures.map(({ head, sphere }) => html("div", { class: "st-cell" }, head, sphere.element));
  const columns = html("div", { class: "st-four" }, ...cells);
  stage.body.append(...makeControls(model, stage, state, changed), columns, number, caption);
  const turned = turnAngles(model, stage);
  for (const picture of pictures) makeTurnable(picture, turned);

  const relayout = () => {
    for (const picture of pictures) picture.layout("globe", state.colours[isDark() ? 1 : 0]);
  };
  stage.start(() => {
    const which = names.indexOf(model.get("signal"));
    const alm = state.signals[which];
    const choice = [model.get("path"), model.get("nonlinearity"), model.get("oversampling")];
    if (stale) core.prepare(alm, ...choice);
    stale = false;
    core.rotate(alm, model.get("angles"));
    const { workshop } = operator;
    workshop.transform(L, SHOWN).inverse(core.rotated, samples[0]);
    const small = workshop.transform(operator.Lout, SHOWN);
    for (let k = 1; k < 4; k++) small.inverse(core.outputs[k], samples[k]);
    const turn = matrixFromEuler(...model.get("angles").map((angle) => angle * DEGREE));
    pictures[0].coast(state.onEarth[which] ? coast.turn(turn) : null, isDark());
    show(stage.root, pictures, samples, core, describe(model, state, which));
    number.replaceChildren(...errorWords(core, choice));
  }, relayout);
}

/** Names and units of what is shown. */
function describe(model, state, which) {
  const [path, nonlinearity] = [model.get("path"), model.get("nonlinearity")];
  // Each square squares the unit.
  const power = nonlinearity === "square" ? 2 ** path.length : 1;
  const unit = state.units[which];
  return {
    name: state.names[which], path, nonlinearity,
    oversampling: model.get("oversampling"),
    angles: model.get("angles"),
    norm: state.norms[which],
    unit,
    outNorm: state.norms[which] ** power,
    outUnit: unit && power > 1 ? `${unit}${power === 2 ? "²" : "⁴"}` : unit,
  };
}

/** Brings pictures and data attributes up to date. */
function show(root, pictures, samples, core, view) {
  const [lowest, highest] = ends(samples[2]);
  const limit = Math.max(-lowest, highest);
  // No nonlinearity leaves anything negative, but an average may swing below zero.
  for (const picture of pictures.slice(1, 3)) picture.setSigned(lowest < -0.05 * highest);
  const rms = 1 / Math.sqrt(4 * Math.PI); // of every signal: they have unit energy
  const { name, norm, unit, outNorm, outUnit } = view;
  pictures[0].paint(samples[0], SPREAD * rms, norm, unit, `the rotated signal: ${name}`);
  const output = `scattering coefficients of path (${view.path.join(", ")})`;
  pictures[1].paint(samples[1], limit, outNorm, outUnit, `the ${output} of the rotated signal`);
  pictures[2].paint(samples[2], limit, outNorm, outUnit, `the rotated ${output} of the signal`);
  pictures[3].paint(samples[3], MAGNIFIED * limit, outNorm, outUnit, "their difference, 20 times stronger");
  Object.assign(root.dataset, {
    error: core.error, signal: name, path: view.path.join(","), nonlinearity: view.nonlinearity,
    oversampling: view.oversampling, angles: view.angles.join(","),
  });
}

function ends(values) {
  let [lowest, highest] = [0, 0];
  for (let k = 0; k < values.length; k++) {
    if (values[k] < lowest) lowest = values[k];
    if (values[k] > highest) highest = values[k];
  }
  return [lowest, highest];
}

/** The error, and what theory says about it. */
function errorWords({ error }, [path, nonlinearity, oversampling]) {
  if (Number.isNaN(error)) return ["This signal has nothing on this path: choose another."];
  const exact = error < ROUNDING;
  const number = html("b", { class: "st-number" }, exact ? "0" : `${(100 * error).toPrecision(2)}\u00a0%`);
  const words = {
    square: oversampling >= 2
      ? "The square of a signal of band-limit B has band-limit 2B − 1, and a grid of twice B carries it: exact."
      : "The square has twice the band-limit, and this grid is too coarse for it: it aliases.",
    modulus: "|x| has a kink wherever x changes sign, hence no band-limit: every grid aliases, a finer one less.",
    ReLU: "max(x, 0) has a kink like |x|, of which it is half, hence no band-limit: a finer grid aliases less.",
  };
  if (!exact) return ["Relative error: ", number, ". ", words[nonlinearity]];
  const carried = nonlinearity === "square" && oversampling >= 2;
  const why = carried ? words.square : "This rotation carries the grid into itself, so that both orders do the same.";
  return ["Relative error: ", number, " to the page's rounding. ", why];
}

function captionText() {
  return (
    "Drag a globe, or move the angles, and watch the difference. Then raise the oversampling: how " +
    "fast does the error fall? Choose the square at oversampling 2, and explain what you see. Set " +
    "β and γ to 0 and α to 45°: why is nothing left, even of the modulus?"
  );
}

export default explorer("equivariance", "Rotate, then scatter, or scatter, then rotate?", build);
