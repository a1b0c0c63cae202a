// Where do grids put their samples, and what aliases?

import { html, indexed, number, percent } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { LinkedFigures, peakOf, SphereFigure } from "../_page/figures.js";
import { TransformCache } from "../_page/cache.js";
import { coefficientLength, energyPerDegree, orderOffset } from "../_page/coefficients.js";
import { binary, requireList } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";

/** Rings of the grid that is drawn. */
const DRAWN_RINGS = 128;

/** Less of a harmonic's energy than this counts as none: the table comes in single precision. */
const NOTHING = 1e-9;

/** @param {ExplorerView} view */
function build(view) {
  const { controls, model, state: { L: twice } } = view;
  const L = model.get("grid_band_limit");
  if (2 * L !== twice) throw new Error(`no grid_band_limit “${L}”`);
  const isCount = (/** @type {any} */ n) => Number.isInteger(n) && n > 0;
  const counts = requireList(model, "counts", isCount, controls.scheme.declared.options.length);
  const all = counts.reduce((sum, n) => sum + n, 0);
  const points = binary(model, "points", Float32Array, 2 * all);
  const size = coefficientLength(L);
  const harmonics = (twice * (twice + 1)) / 2;
  const aliases = binary(model, "aliases", Float32Array, counts.length * harmonics * size);
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  const figures = ["", "What the grid takes it for"].map((title) => new SphereFigure(projection, title));
  new LinkedFigures(view, figures, { kind: "globe" });
  const cache = new TransformCache();
  const harmonic = new Float32Array(coefficientLength(twice));
  const energies = new Float64Array(L);
  controls.degree.choose = (/** @type {number} */ l) => {
    if (controls.order.value > l) view.choose("order", l);
    view.choose("degree", l);
  };
  controls.order.offered = (/** @type {any} */ { degree }) => ({ max: degree });
  controls.order.slider.marks.replaceChildren(); // its range changes with the degree
  const sliders = view.row(controls.degree, controls.order);
  sliders.classList.add("st-sliders");
  const columns = html("div", { class: "st-panels" }, ...figures.map((figure) => figure.cell()));
  view.body.append(
    view.row(controls.scheme), sliders, columns, view.result, view.caption(ADVICE),
  );
  view.start(() => {
    const [at, l, m] = [controls.scheme.index, controls.degree.value, controls.order.value];
    controls.degree.say(l < L ? `${l}, below the band-limit ${L}` : `${l}, not below the band-limit ${L}`);
    controls.order.say(`${m}`);
    const row = at * harmonics + (l * (l + 1)) / 2 + m;
    const alias = aliases.subarray(row * size, (row + 1) * size);
    harmonic.fill(0);
    harmonic[2 * (orderOffset(twice, m) + l - m)] = m ? Math.SQRT1_2 : 1;
    cache.transform(twice, DRAWN_RINGS).inverse(harmonic, figures[0].samples);
    cache.transform(L, DRAWN_RINGS).inverse(alias, figures[1].samples);
    const limit = peakOf(figures[0].samples);
    figures[0].title.replaceChildren("The harmonic ", indexed("Y", `${l}, ${m}`));
    figures[0].paint({ limit, what: `the harmonic of degree ${l} and order ${m}` });
    figures[1].paint({ limit, what: `the signal of degrees below ${L} with the same samples` });
    const before = counts.slice(0, at).reduce((sum, n) => sum + n, 0);
    const samples = points.subarray(2 * before, 2 * (before + counts[at]));
    for (const figure of figures) drawSamples(figure, samples);
    energyPerDegree(alias, energies);
    const share = energies.reduce((sum, e) => sum + e, 0);
    const strongest = energies.indexOf(Math.max(...energies));
    const name = controls.scheme.declared.words[at];
    view.result.replaceChildren(
      `${name} takes `, html("b", {}, `${counts[at]} samples`), ` for band-limit ${L}. `,
      ...verdict(l < L, share, strongest),
    );
    Object.assign(view.root.dataset, {
      scheme: controls.scheme.value, degree: l, order: m, samples: counts[at], share, strongest,
    });
  }, equation);
}

/**
 * Draws the samples that can be seen.
 * @param {SphereFigure} figure
 * @param {Float32Array} samples colatitude and longitude of each
 */
function drawSamples({ sphere: { projection, coast } }, samples) {
  const context = /** @type {CanvasRenderingContext2D} */ (coast.getContext("2d"));
  const at = new Float64Array(2);
  const radius = Math.max(2, coast.width / 140);
  context.clearRect(0, 0, coast.width, coast.height);
  context.fillStyle = "#fff";
  context.strokeStyle = "#24292f";
  context.lineWidth = radius / 2;
  for (let k = 0; k < samples.length; k += 2) {
    if (!projection.place(samples[k + 1], Math.PI / 2 - samples[k], at)) continue;
    context.beginPath();
    context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/**
 * What the grid makes of the harmonic.
 * @param {boolean} carried whether its degree is below the band-limit
 * @param {number} share of its energy
 * @param {number} strongest degree of what it is taken for
 * @returns {(Node | string)[]}
 */
function verdict(carried, share, strongest) {
  if (carried) return ["It carries this degree: ", number(percent(share)), " of the energy is found."];
  if (share < NOTHING) return ["Of this harmonic it finds ", number("nothing"), "."];
  return [
    "It takes this harmonic for a signal with ", number(percent(share)),
    " of its energy, most of it at degree ", html("b", {}, `${strongest}`), ".",
  ];
}

const ADVICE =
  "Raise the degree to the band-limit and beyond: from where on do the two globes differ? With order " +
  "12 and 16 samples on a ring, why is it order 4 that is found, and what is found with 15? Then take the " +
  "first degree that the grids do not carry, and go through its orders: how much does each grid find?";

export default explorer("sampling", "Where are the samples, and what aliases?", build);
