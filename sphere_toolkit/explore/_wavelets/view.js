// What does a wavelet see? The windows on the degrees, one wavelet, and a signal seen through it.

import { degreeAxis } from "../_page/chart.js";
import { Slider } from "../_page/controls.js";
import { degreesWords, html, indexed, math, number, percent, short, superscript } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, Panel, peakOf } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { coefficientLength, energyPerDegree, windowInto } from "../_page/coefficients.js";
import { SphericalHarmonics } from "../_page/sht.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import { finestScale, WaveletWindows } from "../_page/windows.js";
import {
  EnergyChart, linkOf, PROFILE_END, PROFILE_STEP, ProfileChart, scaleName, SQUARES, WindowsChart,
} from "./charts.js";

/** Rings of the pictures' grid, of which there are half as many as longitudes. */
const RINGS = 256;

/** The mathematics: windows, the wavelet as a function, coefficients and energies. */
export class Wavelets {
  /**
   * @param {number} L exclusive band-limit of the signals, at most 128
   * @param {number} leastDilation the smallest lam to come
   * @param {Float32Array[]} [samples] room for the wavelet and for the coefficients, on 256 rings
   */
  constructor(L, leastDilation, samples = [0, 1].map(() => new Float32Array(2 * RINGS * RINGS))) {
    this.L = L;
    this.windows = new WaveletWindows(L, leastDilation);
    this.transform = new SphericalHarmonics(L, RINGS, 2 * RINGS);
    this.alm = new Float32Array(coefficientLength(L));
    this.wavelet = samples[0];
    this.samples = samples[1];
    this.degreeEnergies = new Float64Array(L);
    this.ringValues = new Float64Array(RINGS);
    const n = PROFILE_END / PROFILE_STEP + 1;
    this.angles = Float64Array.from({ length: n }, (_, k) => Math.cos((k * PROFILE_STEP * Math.PI) / 180));
    this.profile = new Float64Array(n);
    /** @type {number[]} */
    this.energies = [];
    this.peak = 0;
    this.spread = NaN;
  }

  /**
   * Windows, and the shares of the signal's energy that they let pass, in the order of scales.
   * @param {number} lam
   * @param {number} J_min
   * @param {Float32Array} signal
   */
  bank(lam, J_min, signal) {
    this.windows.update(lam, J_min);
    energyPerDegree(signal, this.degreeEnergies);
    const all = this.degreeEnergies.reduce((sum, e) => sum + e, 0);
    this.energies = this.windows.windows.map((window) => {
      let sum = 0;
      for (let l = 0; l < this.L; l++) sum += window[l] * window[l] * this.degreeEnergies[l];
      return sum / all;
    });
  }

  /** The wavelet, or the scaling function, around the north pole.
   * @param {number | null} scale */
  shape(scale) {
    const { windows, ringValues, wavelet, transform } = this;
    const window = windows.window(scale);
    const band = windows.band(scale);
    zonal(window, band[0], band[1], transform.cosTheta, ringValues);
    zonal(window, band[0], band[1], this.angles, this.profile);
    for (let i = 0; i < RINGS; i++) wavelet.fill(ringValues[i], i * 2 * RINGS, (i + 1) * 2 * RINGS);
    this.peak = peakOf(this.profile);
    this.spread = angularSpread(window);
  }

  /** The signal seen through it.
   * @param {Float32Array} signal
   * @param {number | null} scale */
  look(signal, scale) {
    windowInto(signal, this.L, this.windows.window(scale), this.alm);
    const [first, end] = this.windows.band(scale);
    this.transform.inverse(this.alm, this.samples, first, end);
  }
}

/**
 * Values of a zonal function, sum over l of (2 l + 1) / (4 pi) window_l P_l(cos theta).
 * @param {Float64Array} window (L,)
 * @param {number} first degrees below it are zero
 * @param {number} end so are degrees from here on
 * @param {Float64Array} cosines of the colatitudes
 * @param {Float64Array} out one value for each, overwritten
 */
export function zonal(window, first, end, cosines, out) {
  for (let i = 0; i < cosines.length; i++) {
    const x = cosines[i];
    let [p0, p1, sum] = [0, 1, 0];
    for (let l = 0; l < end; l++) {
      if (l >= first) sum += ((2 * l + 1) / (4 * Math.PI)) * window[l] * p1;
      const p2 = ((2 * l + 1) * x * p1 - l * p0) / (l + 1);
      p0 = p1;
      p1 = p2;
    }
    out[i] = sum;
  }
}

/**
 * Angle whose cosine is the mean of cos theta, weighted by the square of a zonal function.
 * @param {Float64Array} window as for `zonal`
 * @returns {number} degrees; NaN where the window is zero
 */
export function angularSpread(window) {
  let [mean, all, before] = [0, 0, 0];
  for (let l = 0; l < window.length; l++) {
    const here = Math.sqrt(2 * l + 1) * window[l];
    // cos theta Y_l0 has a part of l / sqrt(4 l^2 - 1) in Y_(l-1)0, and as much goes the other way.
    if (l > 0) mean += ((2 * l) / Math.sqrt(4 * l * l - 1)) * here * before;
    all += here * here;
    before = here;
  }
  return (Math.acos(Math.max(-1, Math.min(1, mean / all))) * 180) / Math.PI;
}

/**
 * Writes at most eleven marks below a slider.
 * @param {Slider} slider
 * @param {number} first
 * @param {number} last
 * @param {string} lowest name of the first
 */
function mark({ marks }, first, last, lowest) {
  const step = Math.ceil((last - first) / 10) || 1;
  const texts = Array.from({ length: last - first + 1 }, (_, k) => (k ? `${first + k}` : lowest));
  marks.replaceChildren(...texts.map((text, k) => html("span", {}, k % step ? "" : text)));
}

/** Sliders of scale, dilation and coarsest scale, which move each other. */
class Sliders {
  /** @param {ExplorerView} view */
  constructor(view) {
    const { lam, J_min, scale } = view.controls;
    this.controls = view.controls;
    this.view = view;
    /** The degree near which the wavelet stays, and what was chosen when it was remembered.
     * @type {{degree?: number, lam?: number, scale?: number | null}} */
    this.kept = {};
    const J = finestScale(view.state.L, lam.value);
    this.scale = new Slider(view, scale.declared.label, { min: -1, max: J }, (position) => {
      this.pick(position < J_min.value ? null : position);
    });
    const finest = (/** @type {any} */ chosen) => finestScale(view.state.L, chosen.lam);
    J_min.offered = (/** @type {any} */ chosen) => ({ max: finest(chosen) });
    scale.offered = (/** @type {any} */ chosen) => {
      const n = Math.max(0, finest(chosen) - chosen.J_min + 1);
      return { options: [null, ...Array.from({ length: n }, (_, k) => chosen.J_min + k)] };
    };
    lam.choose = (/** @type {number} */ value) => this.follow(value, J_min.value);
    J_min.choose = (/** @type {number} */ value) => this.follow(lam.value, value);
    this.element = view.row(this.scale, lam, J_min);
    this.element.classList.add("st-sliders");
    this.markCoarsest = memo((last) => mark(J_min.slider, 0, last, "0"));
    this.markScale = memo((first, last) => mark(this.scale, first, last, "Φ"));
  }

  /**
   * @param {string} trait
   * @param {number | null} value
   */
  set(trait, value) {
    if (this.controls[trait].value !== value) this.view.choose(trait, value);
  }

  /** A scale that the reader chooses.
   * @param {number | null} scale */
  pick(scale) {
    this.kept = {};
    this.set("scale", scale);
  }

  /**
   * A new dilation or coarsest scale keeps the wavelet near the degree at which it was chosen:
   * remembered until somebody else, the reader or Python, chooses another one.
   * @param {number} lam
   * @param {number} J_min
   */
  follow(lam, J_min) {
    const [before, scale] = [this.controls.lam.value, this.controls.scale.value];
    if (this.kept.lam !== before || this.kept.scale !== scale) this.kept = { degree: before ** scale };
    const J = finestScale(this.view.state.L, lam);
    const coarsest = Math.min(J_min, J);
    const near = Math.round(Math.log(this.kept.degree ?? 1) / Math.log(lam));
    this.set("J_min", coarsest);
    this.set("lam", lam);
    if (scale !== null) this.set("scale", Math.max(coarsest, Math.min(J, near)));
    Object.assign(this.kept, { lam, scale: this.controls.scale.value });
  }

  /** Says what the model says.
   * @param {WaveletWindows} windows */
  update(windows) {
    const { lam, J_min, scale } = this.controls;
    const least = windows.J_min - 1;
    this.scale.show(scale.value ?? least, least, windows.J);
    this.scale.say(`${scaleName(scale.value)}, ${degreesWords(...windows.band(scale.value))}`);
    this.markScale(least, windows.J);
    lam.say(`${Number(lam.value.toPrecision(4))}`);
    J_min.say(`${windows.J_min}, Φ: ${degreesWords(...windows.band(null))}`);
    this.markCoarsest(windows.J);
  }
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const globe = new Projection(RINGS, 2 * RINGS);
  globe.turn(0, 1.15); // the pole, where the wavelet is, stands a little above the middle
  const panels = [new Panel(globe), new Panel(new Projection(RINGS, 2 * RINGS))];
  const [shape, seen] = panels.map((panel) => panel.figure);
  shape.bare = true;
  new LinkedFigures(view, [shape], { kind: "globe" });
  const linked = new LinkedFigures(view, [seen]);
  const core = new Wavelets(L, controls.lam.declared.min, [shape.samples, seen.samples]);
  const charts = { windows: new WindowsChart(), profile: new ProfileChart(), energy: new EnergyChart() };
  const sliders = new Sliders(view);
  const overview = html("div", { class: "st-overview" }, charts.windows.element);
  const columns = html("div", { class: "st-panels" }, ...panels.map((panel) => panel.element));
  view.body.append(
    view.row(controls.signal, controls.view, openButton(view)), sliders.element,
    overview, columns, view.result, view.caption(ADVICE),
  );
  overview.addEventListener("click", (event) => {
    const left = charts.windows.element.getBoundingClientRect().left;
    sliders.pick(charts.windows.nearest(core.windows, event.clientX - left));
  });
  charts.energy.element.classList.add("st-pick");
  charts.energy.element.addEventListener("click", (event) => {
    const { left } = charts.energy.element.getBoundingClientRect();
    sliders.pick(charts.energy.nearest(/** @type {MouseEvent} */ (event).clientX - left));
  });
  const bank = memo((alm, lam, J_min) => {
    core.bank(lam, J_min, alm);
    return {};
  });
  const look = memo((_, alm, scale) => {
    core.shape(scale);
    core.look(alm, scale);
  });
  const degrees = degreeAxis(L);
  view.start(() => {
    const { alm, coastlines } = view.signal;
    const [lam, J_min, scale] = [controls.lam.value, controls.J_min.value, controls.scale.value];
    look(bank(alm, lam, J_min), alm, scale);
    linked.coast(coastlines);
    sliders.update(core.windows);
    for (const panel of panels) panel.link(linkOf(scale));
    charts.windows.fit(overview.clientWidth, degrees, SQUARES);
    charts.windows.draw(core.windows, scale);
    showWavelet(core, scale, panels[0], charts.profile);
    showCoefficients(view, core, scale, panels[1], charts.energy);
    describe(view, core, scale, charts.windows.element);
  }, equation);
}

/**
 * @param {number | null} scale
 * @returns {string}
 */
function nameOf(scale) {
  return scale === null ? "the scaling function Φ" : `the wavelet of scale ${scale}`;
}

/**
 * The wavelet itself.
 * @param {Wavelets} core
 * @param {number | null} scale
 * @param {Panel} panel
 * @param {ProfileChart} chart
 */
function showWavelet({ windows, peak, spread, profile }, scale, panel, chart) {
  const empty = !windows.window(scale).some((value) => value > 0);
  const symbol = scale === null ? math(html("i", {}, "Φ")) : indexed("Ψ", scale);
  panel.figure.title.replaceChildren(scale === null ? "The scaling function " : "The wavelet ", symbol);
  panel.figure.paint({
    limit: peak, norm: peak ? 1 / peak : 0, what: `${nameOf(scale)} around the pole`,
    empty: "No degree lies in its band.",
  });
  panel.number.replaceChildren(...spreadWords(empty, spread));
  const angle = empty ? "it lets no degree pass" : `it spreads ${short(spread)} degrees`;
  panel.show(chart, `Profile of ${nameOf(scale)}: ${angle}.`, chart.axis, chart.values);
  chart.draw(profile, peak);
}

/**
 * The signal seen through it.
 * @param {ExplorerView} view
 * @param {Wavelets} core
 * @param {number | null} scale
 * @param {Panel} panel
 * @param {EnergyChart} chart
 */
function showCoefficients(view, { windows, energies }, scale, panel, chart) {
  const { name, norm, unit } = view.signal;
  const at = windows.scales.indexOf(scale);
  panel.figure.title.replaceChildren("What it sees, ", indexed("W", scale ?? "Φ"));
  const limit = COLOUR_SPAN * Math.sqrt(energies[at] / (4 * Math.PI));
  panel.figure.paint({ limit, norm, unit, what: `${name} seen by ${nameOf(scale)}`, empty: "No energy at this scale." });
  const of = ` of the energy, ${degreesWords(...windows.band(scale))}`;
  panel.number.replaceChildren(number(percent(energies[at])), of);
  const wavelets = /** @type {number[]} */ (windows.scales.slice(1));
  const step = Math.ceil(wavelets.length / 12);
  /** @type {[number, string][]} */
  const ticks = wavelets.filter((_, k) => k % step === 0).map((j) => [j, `${j}`]);
  const across = { from: wavelets[0] - 0.6, to: wavelets[wavelets.length - 1] + 0.6, ticks };
  const parts = windows.scales.map((j, k) => `${scaleName(j)} ${percent(energies[k])}`).join(", ");
  const title = `energy of each wavelet's coefficients (Φ: ${percent(energies[0])})`;
  panel.show(chart, `Energy of each part: ${parts}.`, across, chart.axisFor(energies), title);
  chart.draw(energies, windows.scales, at);
}

/**
 * What all windows do together, and the data attributes.
 * @param {ExplorerView} view
 * @param {Wavelets} core
 * @param {number | null} scale
 * @param {SVGElement} overview
 */
function describe(view, { windows, energies, spread }, scale, overview) {
  const n = energies.length - 1;
  const total = energies.reduce((sum, share) => sum + share, 0);
  overview.setAttribute(
    "aria-label",
    `Squared windows of the scaling function and of ${n} wavelets by degree; they add up to 1. ` +
      `${nameOf(scale)} is filled: ${degreesWords(...windows.band(scale))}.`,
  );
  view.result.replaceChildren(
    "Φ keeps ", html("b", {}, percent(energies[0])), ` of the energy, the ${n} wavelets `,
    html("b", {}, percent(total - energies[0])), "; together ", html("b", {}, percent(total)),
    `, for the squared windows add up to 1 at every degree (to ${power(windows.tightness)}).`,
  );
  Object.assign(view.root.dataset, {
    scale: scale ?? "scaling", signal: view.signal.name, lam: windows.lam, jMin: windows.J_min,
    j: windows.J, share: energies[windows.scales.indexOf(scale)], total, spread,
    tightness: windows.tightness, energies: JSON.stringify(energies),
  });
}

/**
 * @param {boolean} empty
 * @param {number} spread degrees
 * @returns {(Node | string)[]}
 */
function spreadWords(empty, spread) {
  if (empty) return ["No degree lies in its band: choose another scale."];
  return [number(`${short(spread)}°`, "st-big"), " is how far it spreads from its centre"];
}

/** A tiny number as a multiple of a power of ten.
 * @param {number} value
 * @returns {string} */
function power(value) {
  if (value === 0) return "the last digit";
  const [digits, exponent] = value.toExponential(0).split("e");
  return `${digits} · 10${superscript(Number(exponent))}`;
}

const ADVICE =
  "Drag the scale: the window moves up the degrees, the wavelet narrows (except at the finest scale " +
  "or two, where the band-limit cuts the window), and the signal's finer parts appear. Then drag λ " +
  "towards 1: narrower windows cost wider wavelets. Does anything you do " +
  "change the sum of the squares, or of the energies?";

export default explorer("wavelets", "What does a wavelet see?", build);
