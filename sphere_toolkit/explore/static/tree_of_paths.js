// The tree of paths as buttons over lines, and what the network does along it.

import { energyPerDegree, modulus, orderOffset, SphericalHarmonics } from "./sht.js";
import { svg } from "./chart.js";
import { html } from "./ui.js";

/**
 * Coefficients times a window, in the layout of another band-limit.
 * @param {Float32Array} alm of band-limit L
 * @param {number} L
 * @param {Float32Array} window factors; degrees beyond its end become zero
 * @param {Float32Array} out of band-limit outL, overwritten
 * @param {number} outL
 */
export function filterTo(alm, L, window, out, outL) {
  const end = Math.min(L, outL, window.length);
  out.fill(0);
  for (let m = 0; m < end; m++) {
    let from = 2 * orderOffset(L, m);
    let to = 2 * orderOffset(outL, m);
    for (let l = m; l < end; l++, from += 2, to += 2) {
      out[to] = alm[from] * window[l];
      out[to + 1] = alm[from + 1] * window[l];
    }
  }
}

/** Energy of coefficients of band-limit L. */
export function energyOf(alm, L) {
  const energies = new Float64Array(L);
  energyPerDegree(alm, energies);
  return energies.reduce((sum, e) => sum + e, 0);
}

/**
 * A scattering network on one signal, path by path as they are asked for; the same definition as
 * `ScatteringTransform` in Python.
 */
export class Scattering {
  /**
   * @param {number} L band-limit of the signals
   * @param {number[][]} paths by length; the first is the empty one
   * @param {{scales: number[], rings: number[], bands: number[][], windows: Float32Array[]}} bank
   *   per scale the rings of its grid, its first degree and the one after its last, its window
   * @param {Float32Array} scaling window of the average; its length is the band-limit of S[p] f
   */
  constructor(L, paths, bank, scaling) {
    Object.assign(this, { L, paths, scaling });
    const index = new Map(paths.map((path, k) => [`${path}`, k]));
    this.parents = paths.map((path) => (path.length ? index.get(`${path.slice(0, -1)}`) : -1));
    this.children = paths.map((_, k) => paths.flatMap((_, c) => (this.parents[c] === k ? [c] : [])));
    const transforms = new Map();
    this.scales = new Map(bank.scales.map((j, k) => {
      const [first, end] = bank.bands[k];
      const key = `${end} ${bank.rings[k]}`;
      const make = () => new SphericalHarmonics(end, bank.rings[k], 2 * bank.rings[k]);
      if (!transforms.has(key)) transforms.set(key, make());
      // Wavelets of coarser scales look at the degrees below 2^j, the average at fewer.
      const handed = k === 0 ? scaling.length : bank.bands[k - 1][1];
      const transform = transforms.get(key);
      return [j, { first, end, handed, window: bank.windows[k], transform }];
    }));
    this.work = new Float32Array(L * (L + 1));
    const most = Math.max(...bank.rings);
    this.samples = new Float32Array(2 * most * most);
    this.ones = new Float32Array(L).fill(1);
    this.start(new Float32Array(L * (L + 1)));
  }

  /** Begins with a signal, L (L + 1) numbers of unit energy: no path is known. */
  start(signal) {
    this.signal = signal;
    this.nodes = this.paths.map(() => null);
    this.known = 0;
  }

  /** What is known of path k, computed now if it has to be. */
  node(k) {
    this.nodes[k] ??= this.compute(k);
    return this.nodes[k];
  }

  /** The first path that has not been computed, or -1. */
  get missing() {
    return this.nodes.indexOf(null);
  }

  /** Coefficients of the modulus that path k hands down, and the two energies. */
  compute(k) {
    const { L, scaling } = this;
    let alm = this.signal;
    let handed = L;
    let arriving;
    if (k === 0) {
      arriving = energyOf(alm, L);
    } else {
      const above = this.node(this.parents[k]);
      const { window, first, end, transform, ...scale } = this.scales.get(this.paths[k].at(-1));
      const wavelet = this.work.subarray(0, end * (end + 1));
      const samples = this.samples.subarray(0, transform.rings * transform.longitudes);
      filterTo(above.alm, above.L, window, wavelet, end);
      arriving = energyOf(wavelet, end); // |W|^2 = W^2: the modulus keeps it
      transform.inverse(wavelet, samples, first, end);
      modulus(samples, samples);
      transform.forward(samples, wavelet);
      handed = scale.handed;
      alm = new Float32Array(handed * (handed + 1));
      filterTo(wavelet, end, this.ones, alm, handed);
    }
    const average = new Float32Array(scaling.length * (scaling.length + 1));
    filterTo(alm, handed, scaling, average, scaling.length);
    this.known++;
    return { alm, L: handed, arriving, kept: energyOf(average, scaling.length) };
  }

  /**
   * Samples of U[p] f and S[p] f for path k.
   * @param {number} k
   * @param {SphericalHarmonics} display of band-limit L
   * @param {Float32Array} propagated overwritten with U[p] f
   * @param {Float32Array} averaged overwritten with S[p] f
   */
  show(k, display, propagated, averaged) {
    const { L, scaling, work } = this;
    const node = this.node(k);
    if (k === 0) {
      display.inverse(this.signal, propagated);
    } else {
      const above = this.node(this.parents[k]);
      const { window, first, end } = this.scales.get(this.paths[k].at(-1));
      filterTo(above.alm, above.L, window, work, L);
      display.inverse(work, propagated, first, end);
      modulus(propagated, propagated);
    }
    filterTo(node.alm, node.L, scaling, work, L);
    display.inverse(work, averaged, 0, scaling.length);
  }

  /** Energy that path k hands on to its children. */
  handedOn(k) {
    return this.children[k].reduce((sum, c) => sum + this.node(c).arriving, 0);
  }
}

/** Pixels from one row of nodes to the next. */
const PITCH = 44;

/** Pixels between two columns of nodes, if there is room. */
const GAP = 34;

/** Widest node, pixels. */
const NODE = 92;

/** Height of a node, pixels. */
const NODE_HEIGHT = 36;

/** Width of a line along which all of the energy flows, pixels. */
const FLOW = 30;

/** The tree as native buttons, one per path: columns by depth, the finest scales on top. */
export class TreeView {
  /**
   * @param {Scattering} network
   * @param {(k: number) => void} chosen called when a reader chooses path k
   */
  constructor(network, chosen) {
    Object.assign(this, { network });
    const { paths, parents } = network;
    this.depth = paths.at(-1).length;
    this.rows = this.placeRows();
    this.lines = svg("svg", { class: "st-flows", "aria-hidden": "true" });
    this.flows = paths.map((_, k) => (parents[k] < 0 ? null : svg("path", { class: "st-flow" })));
    this.lines.append(...this.flows.filter(Boolean));
    this.shares = paths.map(() => html("span", { class: "st-node-share" }, "…"));
    this.buttons = paths.map((path, k) => {
      const name = html("span", { class: "st-node-path" }, path.length ? path.join(", ") : "f");
      const button = html("button", { type: "button", class: "st-node" }, name, this.shares[k]);
      button.dataset.path = `${path}`;
      button.addEventListener("click", () => chosen(k));
      button.addEventListener("keydown", (event) => this.walk(event, k));
      return button;
    });
    const label = "Tree of paths; the arrow keys walk along it";
    this.element = html("div", { class: "st-tree", role: "group", "aria-label": label });
    this.element.append(this.lines, ...this.buttons);
  }

  /** A row for every path, counted from the top: leaves one below the other, parents amid them. */
  placeRows() {
    const { children, paths } = this.network;
    const rows = paths.map(() => 0);
    let leaves = 0;
    const visit = (k) => {
      const below = [...children[k]].reverse();
      below.forEach(visit);
      rows[k] = below.length ? (rows[below[0]] + rows[below.at(-1)]) / 2 : leaves++;
    };
    visit(0);
    this.leaves = leaves;
    return rows;
  }

  /** Arrow keys: to the parent, to the finest child, and up and down among equals in depth. */
  walk(event, k) {
    const { children, parents, paths } = this.network;
    const level = paths.flatMap((path, i) => (path.length === paths[k].length ? [i] : []));
    level.sort((a, b) => this.rows[a] - this.rows[b]);
    const at = level.indexOf(k);
    const target = {
      ArrowLeft: parents[k], ArrowRight: children[k].at(-1), ArrowUp: level[at - 1],
      ArrowDown: level[at + 1],
    };
    if (!(event.key in target)) return;
    event.preventDefault();
    const to = target[event.key];
    if (to === undefined || to < 0) return;
    this.buttons[to].focus();
    this.buttons[to].click();
  }

  /** Lays the tree out for a width in pixels. */
  layout(width) {
    const columns = this.depth + 1;
    const node = Math.min(NODE, (width - this.depth * Math.min(GAP, width / 18)) / columns);
    const step = (width - node) / this.depth;
    const height = this.leaves * PITCH;
    const middle = (k) => (this.rows[k] + 0.5) * PITCH;
    this.element.style.height = `${height}px`;
    this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.network.paths.forEach((path, k) => {
      const left = path.length * step;
      const { style } = this.buttons[k];
      style.left = `${left}px`;
      style.top = `${middle(k) - NODE_HEIGHT / 2}px`;
      style.width = `${node}px`;
      if (!this.flows[k]) return;
      const from = left - step + node;
      const bend = (from + left) / 2;
      const [y0, y1] = [middle(this.network.parents[k]), middle(k)];
      const curve = `M${from - 2} ${y0}C${bend} ${y0} ${bend} ${y1} ${left + 2} ${y1}`;
      this.flows[k].setAttribute("d", curve);
    });
  }

  /**
   * Writes what is known.
   * @param {number} chosen
   * @param {(share: number) => string} words a share as text
   */
  show(chosen, words) {
    const { nodes, parents, paths } = this.network;
    const along = new Set();
    for (let k = chosen; k >= 0; k = parents[k]) along.add(k);
    paths.forEach((path, k) => {
      const button = this.buttons[k];
      const node = nodes[k];
      button.setAttribute("aria-pressed", `${k === chosen}`);
      button.classList.toggle("st-along", along.has(k));
      const name = path.length ? `Path (${path.join(", ")})` : "The empty path";
      const kept = node ? words(node.kept) : "…";
      this.shares[k].textContent = kept;
      button.setAttribute("aria-label", `${name}: its average keeps ${kept} of the energy`);
      Object.assign(button.dataset, { arriving: node?.arriving ?? "", kept: node?.kept ?? "" });
      if (!this.flows[k]) return;
      const flow = node ? FLOW * Math.sqrt(Math.max(0, node.arriving)) : 0;
      this.flows[k].setAttribute("stroke-width", Math.max(1, Math.min(FLOW, flow)).toFixed(2));
      this.flows[k].classList.toggle("st-along", along.has(k));
    });
  }
}
