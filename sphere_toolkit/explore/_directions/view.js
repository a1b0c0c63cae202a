// In which direction does a wavelet respond most?

import { degreesWords, html, math, number, percent } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, peakOf, SphereFigure, UNIT_RMS } from "../_page/figures.js";
import { openButton } from "../_page/files.js";
import { memo } from "../_page/memo.js";
import { envelopeWeights } from "../_page/nonlinearity.js";
import { DEGREE, Rotator } from "../_page/rotation.js";
import { TransformCache } from "../_page/cache.js";
import { coefficientLength, orderOffset, totalEnergy, windowInto } from "../_page/coefficients.js";
import { readBank } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";

const NO_ENERGY = "No energy at this scale.";

/** From one stroke to the next, radians. */
const SPACING = 6 * DEGREE;

/** A stroke has its full length from this many times the root mean square strength on. */
const FULL = 1.5;

/**
 * A signal seen through complex directional wavelets, `DirectionalWaveletBank(kind="complex")`.
 *
 * With V_n the spin-n signal of the weighted coefficients and V_-n = (-1)^n conj(V_n), the response
 * is sum_n V_n exp(-i n c), -N < n < N, where c is the direction of the crests, gamma - pi/2.
 */
export class Directions {
  /**
   * @param {number} L band-limit of the signals
   * @param {number} G rings of the grid
   * @param {Bank} bank
   * @param {TransformCache} cache
   */
  constructor(L, G, bank, cache) {
    this.L = L;
    this.G = G;
    this.bank = bank;
    this.cache = cache;
    this.transform = cache.transform(L, G);
    this.alm = new Float32Array(coefficientLength(L));
    /** V_n, real and imaginary parts. @type {Float32Array[][]} */
    this.parts = [];
    /** Q, see `field`. */
    this.square = ["Q real", "Q imaginary"].map((name) => cache.samples(G, name));
    /** Mean energy of the response over all directions. */
    this.energy = 0;
    this.place = { at: 0, N: 1 };
  }

  /**
   * Windows of the signals V_n, without their sign.
   * @returns {Float64Array[]} */
  windows() {
    const { L, bank, place: { at, N } } = this;
    return envelopeWeights(N - 1, L).map((weights, n) => (
      weights.map((weight, l) => weight * bank.windows[at][l] * (n ? Math.SQRT1_2 : 1))
    ));
  }

  /**
   * Takes a signal, a scale and an azimuthal band-limit.
   * @param {Float32Array} signal
   * @param {number} at place of the scale
   * @param {number} N
   */
  take(signal, at, N) {
    const { L, G, bank, cache, alm } = this;
    const [first, end] = bank.bands[at];
    this.place = { at, N };
    windowInto(signal, L, bank.windows[at], alm);
    this.energy = totalEnergy(alm, L);
    this.parts = this.windows().map((window, n) => {
      const [real, imaginary] = [0, 1].map((k) => cache.samples(G, `V${n} ${k}`));
      // A spin-n signal has a minus sign for n > 0.
      windowInto(signal, L, n ? window.map((factor) => -factor) : window, alm);
      if (n) cache.spin(L, G, n).inverse(alm, real, imaginary, first, end);
      else this.transform.inverse(alm, real, first, end); // its imaginary part stays zero
      return [real, imaginary];
    });
  }

  /**
   * The response of the wavelet turned by an angle.
   * @param {number} gamma radians, from south to east
   * @param {Float32Array} real overwritten with its real part
   * @returns {number} energy of the response
   */
  respond(gamma, real) {
    const imaginary = this.cache.samples(this.G, "imaginary");
    real.set(this.parts[0][0]);
    imaginary.fill(0);
    this.parts.forEach(([re, im], n) => {
      if (n === 0) return;
      const [cos, sin] = [2 * Math.cos(n * (gamma - Math.PI / 2)), 2 * Math.sin(n * (gamma - Math.PI / 2))];
      if (n % 2) for (let i = 0; i < re.length; i++) imaginary[i] += im[i] * cos - re[i] * sin;
      else for (let i = 0; i < re.length; i++) real[i] += re[i] * cos + im[i] * sin;
    });
    return this.transform.integralOfSquare(real) + this.transform.integralOfSquare(imaginary);
  }

  /**
   * Where a wavelet responds most: Q = sum_n V_(n+2) conj(V_n), whose angle is twice the direction of
   * the crests, and the strength sqrt(2 |Q|).
   * @param {Float32Array} strength overwritten
   */
  field(strength) {
    const { parts, square: [re, im] } = this;
    const [a, b] = parts[1]; // n = -1
    for (let i = 0; i < re.length; i++) {
      re[i] = b[i] * b[i] - a[i] * a[i];
      im[i] = -2 * a[i] * b[i];
    }
    for (let n = 0; n + 2 < parts.length; n++) { // and -n - 2, which gives the same
      const [[c, d], [e, f]] = [parts[n], parts[n + 2]];
      for (let i = 0; i < re.length; i++) {
        re[i] += 2 * (e[i] * c[i] + f[i] * d[i]);
        im[i] += 2 * (f[i] * c[i] - e[i] * d[i]);
      }
    }
    for (let i = 0; i < re.length; i++) {
      strength[i] = Math.sqrt(2 * Math.sqrt(re[i] * re[i] + im[i] * im[i]));
    }
  }

  /**
   * The wavelet itself, turned by an angle around longitude 0 on the equator: its real part.
   * @param {number} gamma
   * @param {Float32Array} samples overwritten
   */
  wavelet(gamma, samples) {
    const { G, bank, cache, place: { at } } = this;
    const end = bank.bands[at][1];
    const alm = cache.coefficients(end).fill(0);
    this.windows().forEach((window, m) => {
      if (m % 2) return; // the imaginary part
      for (let l = m; l < end; l++) {
        const size = Math.sqrt((2 * l + 1) / (4 * Math.PI)) * window[l];
        alm[2 * (orderOffset(end, m) + l - m)] = m % 4 ? -size : size;
      }
    });
    cache.known(`rotator ${end}`, () => new Rotator(end)).rotate(alm, 0, Math.PI / 2, gamma, alm);
    cache.transform(end, G).inverse(alm, samples);
  }
}

/** Places of strokes, alike far from each other. @returns {[number, number][]} colatitude, longitude */
function lattice() {
  /** @type {[number, number][]} */
  const places = [];
  const rows = Math.round(Math.PI / SPACING);
  for (let row = 0; row < rows; row++) {
    const theta = ((row + 0.5) * Math.PI) / rows;
    const count = Math.round((2 * Math.PI * Math.sin(theta)) / SPACING);
    for (let k = 0; k < count; k++) places.push([theta, ((k + (row % 2) / 2) * 2 * Math.PI) / count - Math.PI]);
  }
  return places;
}

/**
 * Draws lines on the canvas above a figure's pixels.
 * @param {SphereFigure} figure
 * @param {number[][]} lines x and y of both ends, pixels
 */
function drawLines({ sphere: { coast } }, lines) {
  const context = /** @type {CanvasRenderingContext2D} */ (coast.getContext("2d"));
  context.beginPath();
  for (const [x0, y0, x1, y1] of lines) {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.save(); // the next coastlines would have round ends, too
  context.lineWidth = Math.max(1, coast.width / 400);
  context.lineCap = "round";
  context.strokeStyle = "#14181c";
  context.stroke();
  context.restore();
}

/** Draws in which direction the waves run that the wavelet sees.
 * @param {SphereFigure} figure a globe
 * @param {number} gamma */
function drawNeedle(figure, gamma) {
  const middle = figure.sphere.coast.width / 2;
  const end = (/** @type {number} */ part) => [
    middle * (1 + part * Math.sin(gamma)), middle * (1 + part * Math.cos(gamma)),
  ];
  figure.coast(null);
  drawLines(figure, [[0.55, 0.9], [-0.55, -0.9]].map(([from, to]) => [...end(from), ...end(to)]));
}

/**
 * Draws a stroke along the crests at every place, the longer the more direction matters there.
 * @param {SphereFigure} figure its samples are the strength
 * @param {Directions} core
 * @param {[number, number][]} places
 * @param {number} full strength of the longest strokes
 */
function drawCrests(figure, core, places, full) {
  const { samples, sphere: { projection } } = figure;
  const [re, im] = core.square;
  const ends = [new Float64Array(2), new Float64Array(2)];
  /** @type {number[][]} */
  const lines = [];
  for (const [theta, phi] of places) {
    const i = projection.sampleAt(theta, phi);
    const crest = Math.atan2(im[i], re[i]) / 2; // from south to east
    const half = 0.45 * SPACING * Math.min(1, samples[i] / full);
    const seen = [half, -half].every((step, k) => projection.place(
      phi + (step * Math.sin(crest)) / Math.sin(theta), Math.PI / 2 - theta - step * Math.cos(crest), ends[k],
    ));
    if (seen) lines.push([...ends[0], ...ends[1]]);
  }
  drawLines(figure, lines);
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state: { L } } = view;
  const bank = readBank(view.model, L);
  const G = view.model.get("grid_band_limit");
  const core = new Directions(L, G, bank, new TransformCache());
  const [projection, around] = [0, 1].map(() => new Projection(G, 2 * G));
  const wavelet = new SphereFigure(around, "Wavelet");
  const titles = ["Its response", "Crests of the strongest response"];
  const [response, strength] = titles.map((title) => new SphereFigure(projection, title));
  const linked = new LinkedFigures(view, [response, strength]);
  new LinkedFigures(view, [wavelet], { kind: "globe", draggable: false });
  around.turn(0, 0);
  wavelet.keys = false;
  wavelet.bare = true;
  strength.setSigned(false);
  const places = lattice();
  const sliders = view.row(controls.scale, controls.gamma);
  sliders.classList.add("st-sliders");
  const figures = [wavelet, response, strength].map((figure) => figure.cell());
  view.body.append(
    view.row(controls.signal, controls.N, controls.view, openButton(view)), sliders,
    html("div", { class: "st-steering" }, ...figures), view.result, view.caption(ADVICE),
  );
  const take = memo((alm, at, N) => {
    core.take(alm, at, N);
    core.field(strength.samples);
    return { swing: core.transform.integralOfSquare(strength.samples) };
  });
  const turn = memo((_, gamma) => {
    core.wavelet(gamma, wavelet.samples);
    return { energy: core.respond(gamma, response.samples), peak: peakOf(wavelet.samples) };
  });
  const markCrests = memo((taken, lines, ..._) => {
    strength.coast(lines);
    drawCrests(strength, core, places, FULL * Math.sqrt(taken.swing / (4 * Math.PI)));
  });
  view.start(() => {
    const { alm, name, norm, unit, coastlines } = view.signal;
    const [j, degrees, N] = ["scale", "gamma", "N"].map((key) => controls[key].value);
    const [first, end] = bank.bands[controls.scale.index];
    const taken = take(alm, controls.scale.index, N);
    const { energy, peak } = turn(taken, degrees * DEGREE);
    const { kind, width, longitude, latitude } = projection;
    linked.coast(coastlines);
    markCrests(taken, coastlines, kind, width, longitude, latitude);
    drawNeedle(wavelet, degrees * DEGREE);
    const limit = COLOUR_SPAN * UNIT_RMS * Math.sqrt(core.energy);
    wavelet.paint({ limit: peak, what: `the wavelet of scale ${j}, turned by ${degrees}°` });
    response.paint({ limit, norm, unit, what: `its response to: ${name}`, empty: NO_ENERGY });
    strength.paint({ limit: 2 * limit, norm, unit, what: `how much direction matters to the response to: ${name}`, empty: NO_ENERGY });
    controls.scale.say(`${j}, ${degreesWords(first, end)}`);
    controls.gamma.say(`${degrees}°`);
    const [found, swing] = [energy, taken.swing].map((one) => (core.energy > NOTHING ? one / core.energy : NaN));
    view.result.replaceChildren(...resultWords(degrees, found, swing));
    Object.assign(view.root.dataset, { signal: name, scale: j, gamma: degrees, bandLimit: N, found, swing });
  }, equation);
}

/** Less energy than this at a scale, of a signal of unit energy, counts as none. */
const NOTHING = 1e-20;

/**
 * @param {number} degrees
 * @param {number} found energy of the response over the mean of all directions
 * @param {number} swing of the energy at one place, over its mean
 * @returns {(Node | string)[]}
 */
function resultWords(degrees, found, swing) {
  if (Number.isNaN(found)) return ["This signal has no energy at this scale: choose another."];
  return [
    "In the direction ", math(html("i", {}, "γ"), ` = ${degrees}°`), " the wavelet finds ", html("b", {}, percent(found)),
    " of what it finds in the mean of all directions. While it turns at one place, the energy of its response swings by ",
    number(percent(swing)), " about its mean, on average over the sphere.",
  ];
}

const ADVICE =
  "Turn the wavelet. At γ = 90° it sees waves that run east, whose crests run north and south, as the " +
  "Andes do; at γ = 0 those with crests from west to east. A stroke lies along the crests to which the " +
  "wavelet responds most; the longer it is, the more the direction matters. Which strokes light up in " +
  "the response? Then choose the noise: its strokes are hardly shorter, but do they line up?";

export default explorer("directions", "In which direction does a wavelet respond most?", build);
