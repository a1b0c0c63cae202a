// The charts of the wavelets' explorer: windows on the degrees, a profile, energies by scale.

import { octaveEdge, svg } from "../_page/chart.js";
import { LineChart } from "../_page/lines.js";
import { percent, short } from "../_page/ui.js";
import { generatingFunction } from "../_page/windows.js";

/** The profile of a wavelet is drawn in steps of this many degrees of angle, to both sides. */
export const PROFILE_STEP = 0.5;
export const PROFILE_END = 90;

/** Points of a window's flank; all flanks have one shape on a logarithmic axis. */
const FLANK = 24;

/** The axis of squared windows leaves room above 1 for their names. */
export const SQUARES = { from: 0, to: 1.1, ticks: [[0, "0"], [0.5, "½"], [1, "1"]] };

/** The squared windows on the axis of degrees, and their sum. */
export class WindowsChart extends LineChart {
  constructor() {
    super("squared windows, and their sum (the line at 1)", "degree ℓ");
    this.others = this.add("path", "st-window");
    this.scaling = this.add("path", "st-window st-dashed");
    this.area = this.add("path", "st-moved");
    this.sum = this.add("path", "st-line");
    this.dots = this.add("path", "st-dots");
    this.labels = this.add("g", "st-window-labels");
    this.element.classList.add("st-pick");
  }

  /** Draws all windows and fills the chosen one. */
  draw(windows, chosen) {
    const { L, lam, scales, sums } = windows;
    if (this.lam !== lam) {
      // On this axis all flanks are one curve, k(lam^(x - 1)) for x from 0 to 1.
      this.lam = lam;
      this.flank = Array.from({ length: FLANK + 1 }, (_, n) => generatingFunction(lam ** (n / FLANK - 1), lam));
    }
    const others = scales.slice(1).filter((j) => j !== chosen);
    this.others.setAttribute("d", others.map((j) => this.curve(windows, j)).join(""));
    this.scaling.setAttribute("d", chosen === null ? "" : this.curve(windows, null));
    this.area.setAttribute("d", `${this.curve(windows, chosen)}V${this.y(0)}H${this.x(this.across.from)}`);
    let sum = "";
    for (let l = 0; l < L; l++) sum += `L${this.point(octaveEdge(l), sums[l])}H${this.x(octaveEdge(l + 1))}`;
    this.sum.setAttribute("d", `M${sum.slice(1)}`);
    const window = windows.window(chosen);
    let dots = "";
    for (let [l, end] = windows.band(chosen); l < end; l++) {
      if (l > 0 && this.x(Math.log2(l + 1)) - this.x(Math.log2(l)) < 5) break;
      dots += `M${this.point(middle(l), window[l] ** 2)}h0`;
    }
    this.dots.setAttribute("d", dots);
    this.label(windows, chosen);
  }

  /** Path of a squared window from left to right. */
  curve({ L, lam, J_min }, scale) {
    const octave = Math.log2(lam);
    const points = [];
    // Degree 0, at the left, belongs to the scaling function alone.
    const add = (x, y) => {
      points.push(this.point(Math.max(octaveEdge(1), Math.min(octaveEdge(L), x)), y));
    };
    if (scale === null) points.push(this.point(octaveEdge(0), 1));
    else this.flank.forEach(([, rising], n) => add((scale - 1 + n / FLANK) * octave, rising));
    const top = scale ?? J_min - 1;
    this.flank.forEach(([falling], n) => add((top + n / FLANK) * octave, falling));
    return `M${points.join("L")}`;
  }

  /** Names of the windows above their peaks, as many as there is room for. */
  label(windows, chosen) {
    const room = 20;
    const centre = (scale) => this.x(peakOctave(windows, scale));
    const words = [];
    const add = (scale) => {
      const text = svg("text", { x: centre(scale), y: this.y(1) - 5, class: "st-middle" }, scaleName(scale));
      if (scale === chosen) text.classList.add("st-chosen");
      words.push(text);
    };
    add(chosen);
    const taken = [centre(chosen)];
    for (const scale of windows.scales) {
      const x = centre(scale);
      if (taken.some((other) => Math.abs(other - x) < room)) continue;
      taken.push(x);
      add(scale);
    }
    this.labels.replaceChildren(...words);
  }

  /** The scale whose peak is nearest to a place in the chart. */
  nearest(windows, pixel) {
    const distance = (scale) => Math.abs(this.x(peakOctave(windows, scale)) - pixel);
    return windows.scales.reduce((best, scale) => (distance(scale) < distance(best) ? scale : best));
  }
}

/** Where a degree stands on the axis of octaves. */
function middle(l) {
  return l === 0 ? (octaveEdge(0) + octaveEdge(1)) / 2 : Math.log2(l);
}

/** Where a window has its peak, or the scaling function the middle of what it lets pass. */
function peakOctave({ L, lam, J_min }, scale) {
  const octave = Math.log2(lam);
  const last = octaveEdge(L);
  if (scale !== null) return Math.min(last, scale * octave);
  return (octaveEdge(0) + Math.max(octaveEdge(1), (J_min - 1) * octave)) / 2;
}

export function scaleName(scale) {
  return scale === null ? "Φ" : `${scale}`;
}

/** The wavelet along a great circle through its centre. */
export class ProfileChart extends LineChart {
  constructor() {
    super("its value along a great circle, peak = 1", "angle from its centre");
    this.area = this.add("path", "st-area");
    this.line = this.add("path", "st-line");
    this.axis = {
      from: -PROFILE_END, to: PROFILE_END,
      ticks: [-90, -60, -30, 0, 30, 60, 90].map((angle) => [angle, `${Math.abs(angle)}°`]),
    };
    this.values = { from: -0.5, to: 1, ticks: [-0.5, 0, 0.5, 1].map((v) => [v, `${v}`.replace("-", "−")]) };
  }

  draw(profile, peak) {
    let path = "";
    for (let k = 1 - profile.length; k < profile.length; k++) {
      path += `L${this.point(k * PROFILE_STEP, peak ? profile[Math.abs(k)] / peak : 0)}`;
    }
    const line = `M${path.slice(1)}`;
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", `${line}V${this.y(0)}H${this.x(-PROFILE_END)}Z`);
  }
}

/** Upper ends that the axis of energies may have, shares. */
const TOP_SHARES = [0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 1].map((to) => ({
  from: 0, to, ticks: [0, 1, 2].map((k) => [(k * to) / 2, `${short(50 * k * to)}${k === 2 ? " %" : ""}`]),
}));

/** The energy of each wavelet's coefficients as a bar. */
export class EnergyChart extends LineChart {
  constructor() {
    super("", "scale j");
    this.bars = this.add("path", "st-area");
    this.chosen = this.add("path", "st-moved");
    this.labels = this.add("g", "");
  }

  /** The vertical axis on which shares fit. */
  axisFor(energies) {
    const most = Math.max(...energies.slice(1));
    return TOP_SHARES.find(({ to }) => 0.95 * to >= most) ?? TOP_SHARES.at(-1);
  }

  /**
   * @param {number[]} energies shares; the first, of the scaling function, has no bar
   * @param {(number | null)[]} scales
   * @param {number} chosen index of the filled bar
   */
  draw(energies, scales, chosen) {
    const bars = ["", ""];
    const labels = [];
    const roomy = this.x(1) - this.x(0) > 34;
    for (let k = 1; k < energies.length; k++) {
      const [bottom, top] = [this.y(0), this.y(energies[k])];
      const [left, right] = [this.x(scales[k] - 0.4).toFixed(1), this.x(scales[k] + 0.4).toFixed(1)];
      bars[k === chosen ? 1 : 0] += `M${left} ${bottom}V${top.toFixed(1)}H${right}V${bottom}Z`;
      if (!roomy) continue;
      const text = svg("text", { x: this.x(scales[k]), y: top - 4, class: "st-middle" }, percent(energies[k]));
      if (k === chosen) text.classList.add("st-chosen");
      labels.push(text);
    }
    this.bars.setAttribute("d", bars[0]);
    this.chosen.setAttribute("d", bars[1]);
    this.labels.replaceChildren(...labels);
  }
}
