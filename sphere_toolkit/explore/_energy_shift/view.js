// Where does the energy of wavelet coefficients go when you take their modulus, or something else?

import { Comparison } from "../_page/comparison.js";
import { degreesWords, html, indexed, math, number, percent } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { EnergyShift, sumShares } from "../_page/energy.js";
import { COLOUR_SPAN, LinkedFigures, Panel } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { bandWords, SpectrumChart, spectrumAxis } from "../_page/spectrum.js";
import { readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";

/**
 * The nonlinearities in the reader's order: heading, and the function as mathematics.
 * @type {Object<string, {heading: string, noun: string, formula: (j: number) => (Node | string)[]}>}
 */
const KINDS = {
  modulus: { heading: "Their modulus", noun: "modulus", formula: (j) => [indexed("W", j, true)] },
  square: { heading: "Their square", noun: "square", formula: (j) => [indexed("W", j), "²"] },
  relu: { heading: "Their ReLU", noun: "ReLU", formula: (j) => ["max(", indexed("W", j), ", 0)"] },
  envelope: { heading: "Their envelope", noun: "envelope", formula: () => [indexed("U", 1)] },
};

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const bank = readBank(view.model, L);
  const G = view.model.get("grid_band_limit");
  const projection = new Projection(G, 2 * G);
  const panels = [new Panel(projection), new Panel(projection)];
  const [before, after] = panels.map((panel) => panel.figure.samples);
  const core = new EnergyShift(L, G, new TransformCache(), before);
  const axis = "density of energy: areas are shares";
  const charts = [axis, `${axis} (dashed: before)`].map((title) => new SpectrumChart(L, title));
  const figures = new LinkedFigures(view, panels.map((panel) => panel.figure));
  panels.forEach((panel, k) => panel.link(["before", "after"][k]));
  charts[0].curve.setAttribute("data-link", "before");
  charts[1].curve.setAttribute("data-link", "after");
  charts[1].ghost.setAttribute("data-link", "before");
  panels[1].figure.setSigned(false);
  const kinds = /** @type {string[]} */ (controls.nonlinearity.declared.options);
  const comparison = new Comparison(
    controls.nonlinearity, kinds.map((kind) => KINDS[kind].noun), "share of its energy",
    ["below", "in the band", "above"],
  );
  const columns = html("div", { class: "st-panels" }, ...panels.map((panel) => panel.element));
  view.body.append(
    view.row(controls.signal, controls.view, openButton(view), controls.scale),
    columns, comparison.element, view.result, view.caption(ADVICE),
  );
  const take = memo((alm, at) => {
    core.take(alm, bank.windows[at], ...bank.bands[at]);
    return Object.fromEntries(kinds.map((kind) => [kind, core.look(kind)]));
  });
  const show = memo((_, kind) => core.look(kind, after));
  view.start(() => {
    const at = controls.scale.index;
    const [first, end] = bank.bands[at];
    const [j, kind] = [controls.scale.value, controls.nonlinearity.value];
    const shares = take(view.signal.alm, at);
    show(shares, kind);
    figures.coast(view.signal.coastlines);
    showPanels(view, panels, charts, core, { j, kind, first, end, shares });
    controls.scale.say(`${j}, ${degreesWords(first, end)}`);
    kinds.forEach((one, k) => {
      const { below, within, above } = shares[one];
      const parts = [below, within, above];
      const data = { nonlinearity: one, below, within, above };
      comparison.show(k, KINDS[one].formula(j), parts, parts.map(percent), data);
    });
    view.result.replaceChildren(...resultWords(core, { j, first, kind, shares }));
    const { below, within, above } = shares[kind];
    Object.assign(view.root.dataset, {
      scale: j, signal: view.signal.name, nonlinearity: kind, after: below, within, above,
      before: sumShares(core.before, 0, first),
    });
  }, equation);
}

/**
 * A unit to the power of two.
 * @param {string} unit
 * @returns {string}
 */
function squared(unit) {
  if (!unit) return "";
  return /^[\p{L}°]+$/u.test(unit) ? `${unit}²` : `(${unit})²`;
}

/**
 * Brings pictures and spectra up to date.
 * @param {ExplorerView} view
 * @param {Panel[]} panels
 * @param {SpectrumChart[]} charts
 * @param {EnergyShift} core
 * @param {object} chosen
 * @param {number} chosen.j
 * @param {string} chosen.kind
 * @param {number} chosen.first
 * @param {number} chosen.end
 * @param {Object<string, import("../_page/energy.js").Shares>} chosen.shares
 */
function showPanels(view, panels, charts, core, { j, kind, first, end, shares }) {
  const { name, norm, unit } = view.signal;
  const spectra = [core.before, shares[kind].after];
  const up = spectrumAxis(spectra, first, end);
  const { heading, noun, formula } = KINDS[kind];
  const headings = [["Wavelet coefficients ", indexed("W", j)], [`${heading} `, math(...formula(j))]];
  panels.forEach(({ figure, number: words }, k) => {
    // Colours end at the same wavelet coefficient.
    const power = k && kind === "square" ? 2 : 1;
    const share = k ? shares[kind].below : sumShares(core.before, 0, first);
    const what = k ? `${noun} of W${j}` : `wavelet coefficients W${j}`;
    figure.paint({
      limit: (COLOUR_SPAN * core.rms) ** power, norm: norm ** power,
      unit: power === 2 ? squared(unit) : unit, what: `the ${what} of: ${name}`,
      empty: "No energy at this scale.",
    });
    figure.title.replaceChildren(...headings[k]);
    const label = `Energy of the ${what} by degree: ${percent(share)} at degrees up to ${first - 1}; ` +
      `the wavelet's band is ${bandWords(first, end)}.`;
    panels[k].show(charts[k], label, charts[k].degrees, up);
    charts[k].draw(spectra[k], first, end, k ? core.before : null);
    words.replaceChildren(number(percent(share)), ` of the energy at ℓ ≤ ${first - 1}`);
  });
}

/**
 * What became of the energy, in words.
 * @param {EnergyShift} core
 * @param {any} chosen as in `build`
 * @returns {(Node | string)[]}
 */
function resultWords({ empty }, { j, first, kind, shares }) {
  if (empty) return ["This signal has no energy at scale ", html("b", {}, `${j}`), ": choose another."];
  const { below, within, above } = shares[kind];
  const begin = {
    modulus: "The modulus keeps the energy but moves it: ",
    square: "The square has an energy of its own, the signal's unit to the fourth; of it ",
    relu: `ReLU keeps ${percent(shares.relu.kept)} of the energy, the positive part; of that `,
    envelope: "The envelope of order 1 keeps the energy, too, but has no hum: ",
  }[/** @type {"modulus" | "square" | "relu" | "envelope"} */ (kind)];
  return [
    begin, number(percent(below)), ` goes down to degrees ℓ ≤ ${first - 1}, `,
    html("b", {}, percent(within)), " stays in the wavelet's band, ",
    html("b", {}, percent(above)), " goes up.",
  ];
}

const ADVICE =
  "Drag the scale from fine to coarse, and watch the orange area, the energy that the modulus " +
  "has moved below the wavelet's band. Then change the signal, and compare with the square, " +
  "ReLU and the envelope: which one moves most? An area is a share of the energy; the first bar " +
  "is degree ℓ = 0, the mean.";

export default explorer("energy_shift", "Where the modulus moves energy", build);
