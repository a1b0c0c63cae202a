// The spectrum of a signal, and where a wavelet's band lies in it.

import { degreeAxis, LineChart, octaveEdge, octaveMiddle, UNIT } from "./chart.js";
import { finePercent, set, svg } from "./dom.js";

/** Degrees are drawn in steps of at least this many octaves: finer ones would only look noisy. */
const STEP = 1 / 8;

/** Upper ends that a spectrum's vertical axis may have, shares per half octave: a density, which may pass 1. */
const TOPS = [0.8, 1.2, 2, 4, 8, 20, 40, 80, 200, 400];

/**
 * Shares of energy by degree, on a logarithmic axis of degrees, with a wavelet's band marked.
 *
 * Areas are shares: a step from degree a to b is as high as the share of its degrees, divided by
 * its width in octaves and times half an octave. So the vertical axis is no share, and has no end at 100 %.
 */
export class SpectrumChart extends LineChart {
  /**
   * @param {number} L exclusive band-limit of the axis
   * @param {string} title of the vertical axis
   */
  constructor(L, title) {
    super(title, "degree ℓ", [200, 250, 0.52]);
    this.L = L;
    this.degrees = degreeAxis(L);
    this.band = svg("rect", { class: "st-band", "data-link": "within" });
    this.element.prepend(this.band);
    this.area = this.add("path", "st-area", { "data-link": "within" });
    this.above = this.add("path", "st-area", { "data-link": "above" });
    this.moved = this.add("path", "st-moved", { "data-link": "below" });
    this.ghost = this.add("path", "st-ghost");
    this.curve = this.add("path", "st-line");
    this.bandLabel = this.add("text", "st-band-label");
  }

  /**
   * Draws one spectrum.
   * @param {Float64Array} share (L,) share of energy at each degree
   * @param {number} first first degree of the wavelet's band
   * @param {number} end degree after its last one
   * @param {Float64Array | null} ghost (L,) a spectrum to compare with, drawn thin
   */
  draw(share, first, end, ghost) {
    const left = this.x(octaveEdge(first));
    const right = this.x(octaveEdge(end));
    const [top, bottom] = [this.y(this.up.to), this.y(0)];
    set(this.band, { x: left, width: Math.max(0, right - left), y: top, height: bottom - top });
    const crowded = this.width - (left + right) / 2 < 40 * this.type;
    this.bandLabel.textContent = bandWords(first, end);
    set(this.bandLabel, {
      class: `st-band-label ${crowded ? "st-right" : "st-middle"}`,
      x: crowded ? this.width - 8 : (left + right) / 2, y: top + 14 * this.type,
    });
    const below = this.densities(share, 0, first);
    const within = this.densities(share, first, end);
    const above = this.densities(share, end, this.L);
    /** @type {(path: string, from: number) => string} */
    const close = (path, from) => path && `M${path.slice(1)}V${bottom}H${this.x(octaveEdge(from))}Z`;
    set(this.curve, { d: `M${(below + within + above).slice(1)}` });
    set(this.moved, { d: close(below, 0) });
    set(this.area, { d: close(within, first) });
    set(this.above, { d: close(above, end) });
    this.places = () => this.read(share, first, end);
    const other = ghost
      ? this.densities(ghost, 0, first) + this.densities(ghost, first, end) + this.densities(ghost, end, this.L)
      : "";
    set(this.ghost, { d: other && `M${other.slice(1)}` });
  }

  /** What each step holds.
   * @param {Float64Array} share
   * @param {number} first
   * @param {number} end
   * @returns {import("./chart.js").Place[]} */
  read(share, first, end) {
    const places = [];
    for (let l = 0; l < this.L; ) {
      const link = l < first ? "below" : l < end ? "within" : "above";
      const stop = nextStep(l, l < first ? first : l < end ? end : this.L);
      const sum = share.subarray(l, stop).reduce((all, one) => all + one, 0);
      const words = [finePercent(sum), `of the energy at ${bandWords(l, stop)}`];
      places.push({ x: octaveMiddle(l, stop), ys: [density(share, l, stop)], words, link });
      l = stop;
    }
    return places;
  }

  /** Path of the step line over degrees from .. to - 1, as a continuation ("L...") of another.
   * @param {Float64Array} share
   * @param {number} from
   * @param {number} to
   * @returns {string} */
  densities(share, from, to) {
    let path = "";
    for (let l = from; l < to; ) {
      const stop = nextStep(l, to);
      path += `L${this.point(octaveEdge(l), density(share, l, stop))}H${this.x(octaveEdge(stop)).toFixed(1)}`;
      l = stop;
    }
    return path;
  }
}

/**
 * The degrees of a wavelet's band.
 * @param {number} first
 * @param {number} end degree after the last one
 * @returns {string}
 */
export function bandWords(first, end) {
  return end - first === 1 ? `ℓ = ${first}` : `ℓ = ${first}–${end - 1}`;
}

/** Degree at which the step that starts at degree l ends; `to` bounds it.
 * @param {number} l
 * @param {number} to
 * @returns {number} */
function nextStep(l, to) {
  let stop = l + 1;
  while (stop < to && octaveEdge(stop) - octaveEdge(l) < STEP) stop++;
  return stop;
}

/** Share per half octave over degrees from .. to - 1.
 * @param {Float64Array} share
 * @param {number} from
 * @param {number} to
 * @returns {number} */
function density(share, from, to) {
  let sum = 0;
  for (let l = from; l < to; l++) sum += share[l];
  return (UNIT * sum) / (octaveEdge(to) - octaveEdge(from));
}

/** The vertical axes of spectra. @type {Axis[]} */
const SPECTRUM_AXES = TOPS.map((top) => ({
  from: 0, to: top,
  ticks: [0, 1, 2, 3, 4].map((k) => [(k * top) / 4, `${Number(((k * top) / 4).toPrecision(2))}`]),
}));

/**
 * The vertical axis on which several spectra fit.
 * @param {Float64Array[]} shares each (L,)
 * @param {number} first first degree of the wavelet's band
 * @param {number} end degree after its last one
 * @returns {Axis}
 */
export function spectrumAxis(shares, first, end) {
  let most = 0;
  for (const share of shares) {
    for (let l = 0; l < share.length; ) {
      const stop = nextStep(l, l < first ? first : l < end ? end : share.length);
      most = Math.max(most, density(share, l, stop));
      l = stop;
    }
  }
  const axes = SPECTRUM_AXES;
  return axes.find(({ to }) => most <= to) ?? axes[axes.length - 1];
}
