// The charts of the harmonics' explorer: energy by degree, energy left out, coefficients by order.

import { LineChart, shareAxis } from "../_page/lines.js";

/** Logarithms of shares end here: powers of ten. */
const LEAST = -9;

/** Energy by degree: some degrees filled, the others too, in the colour of what is left out. */
export class Spectrum extends LineChart {
  constructor() {
    super("energy at each degree, share of all", "degree ℓ");
    this.area = this.add("path", "st-area");
    this.other = this.add("path", "st-moved");
    this.line = this.add("path", "st-line");
  }

  /** Fills degrees from .. to - 1 in the second colour. */
  draw(logarithms, from, to) {
    const L = logarithms.length;
    const rest = this.steps(logarithms, 0, from) + this.steps(logarithms, to, L);
    this.area.setAttribute("d", rest);
    this.other.setAttribute("d", this.steps(logarithms, from, to));
    this.line.setAttribute("d", this.steps(logarithms, 0, L));
  }
}

/** Energy left out by each band-limit, and the one that is chosen. */
export class Residual extends LineChart {
  constructor() {
    super("energy left out, share of all", "band-limit (degrees below it are kept)");
    this.line = this.add("path", "st-line");
    this.rule = this.add("path", "st-ghost");
    this.dot = this.add("circle", "st-dot");
    this.dot.setAttribute("r", 5);
  }

  draw(logarithms, B) {
    const L = logarithms.length - 1;
    let path = "";
    for (let b = 1; b < L; b++) path += `L${this.point(Math.log2(b), logarithms[b])}`;
    this.line.setAttribute("d", path && `M${path.slice(1)}`);
    const [x, y] = [this.x(Math.log2(B)), this.y(logarithms[B])];
    this.rule.setAttribute("d", `M${x} ${this.y(this.up.from)}V${y}`);
    this.dot.setAttribute("cx", x);
    this.dot.setAttribute("cy", y);
  }
}

/** The real coefficients of one degree as bars over the orders. */
export class Orders extends LineChart {
  constructor() {
    super("", "order m");
    this.bars = this.add("path", "st-area");
    this.chosen = this.add("path", "st-moved");
    this.line = this.add("path", "st-line");
  }

  draw(values, l, m) {
    let others = "";
    for (let k = -l; k <= l; k++) {
      const [left, right] = [this.x(k - 0.4).toFixed(1), this.x(k + 0.4).toFixed(1)];
      const zero = this.y(0).toFixed(1);
      const bar = `M${left} ${zero}V${this.y(values[l + k]).toFixed(1)}H${right}V${zero}Z`;
      if (k === m) this.chosen.setAttribute("d", bar);
      else others += bar;
    }
    this.bars.setAttribute("d", others);
    this.line.setAttribute("d", `M${this.x(-l - 0.5)} ${this.y(0)}H${this.x(l + 0.5)}`);
  }
}

/**
 * Logarithms of shares, and axes on which they fit.
 * @param {{shares: Float64Array, residual: Float64Array}} core a `Harmonics`
 * @returns {{spectrum: Float64Array, left: Float64Array, spectrumAxis: object, leftAxis: object}}
 */
export function logarithms({ shares, residual }) {
  const log = (value) => (value > 0 ? Math.max(LEAST, Math.log10(value)) : LEAST);
  const spectrum = shares.map(log);
  const left = residual.map(log);
  const decades = (values) => {
    const least = values.reduce((a, b) => (b > LEAST ? Math.min(a, b) : a), -2);
    return shareAxis(Math.ceil(-least));
  };
  return { spectrum, left, spectrumAxis: decades(spectrum), leftAxis: decades(left) };
}
