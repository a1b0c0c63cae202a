// The tree of paths: native buttons over lines as wide as the energy that flows along them.

import { html, set, sizing, svg } from "../_page/dom.js";

/** Pixels where the letter has 16: from one row of nodes to the next; a node's height, its widths; the heading. */
const AT_16 = { pitch: 44, height: 36, least: 60, most: 92, head: 26 };

/** Pixels between two columns of nodes: at least, and if there is room for as many. */
const GAP = { least: 10, most: 34 };

/** Width of a line along which all of the energy flows, pixels. */
const FLOW = 32;

/**
 * A share as a percentage of at least two digits.
 * @param {number} share 0 .. 1
 * @returns {string}
 */
export function fineShare(share) {
  const value = 100 * Math.max(0, share);
  if (value < 0.0005) return value === 0 ? "0\u00a0%" : "<0.001\u00a0%";
  const digits = value >= 1 ? 1 : value >= 0.1 ? 2 : 3;
  return `${value.toFixed(digits)}\u00a0%`;
}

/** One button per path, columns by depth, the finest scales on top. */
export class TreeView {
  /**
   * @param {ScatteringNetwork} network
   * @param {(k: number) => void} chosen called when a reader chooses path k
   */
  constructor(network, chosen) {
    this.network = network;
    const { paths, parents } = network;
    this.depth = paths[paths.length - 1].length;
    this.leaves = 0;
    this.rows = this.placeRows();
    this.lines = svg("svg", { class: "st-flows", "aria-hidden": "true" });
    this.flows = paths.map((_, k) => (parents[k] < 0 ? null : svg("path", { class: "st-flow" })));
    for (const flow of this.flows) if (flow) this.lines.append(flow);
    this.shares = paths.map(() => html("span", { class: "st-node-share" }, "…"));
    this.buttons = paths.map((path, k) => {
      const name = path.length ? html("span", {}, path.join(",\u2009")) : html("i", {}, "f");
      name.classList.add("st-node-path");
      // Names what is written for those who hear it; what is written stays part of the name.
      const unseen = (/** @type {string} */ text) => html("span", { class: "st-unseen" }, text);
      const words = [unseen(path.length ? "Path " : "Empty path, the signal "), name,
        unseen(": its average keeps "), this.shares[k], unseen(" of the energy")];
      const button = html("button", { type: "button", class: "st-node" }, ...words);
      button.dataset.path = `${path}`;
      Object.assign(button.dataset, { link: `path-${path} depth-${path.length}`, lights: `path-${path}` });
      this.flows[k]?.setAttribute("data-link", `path-${path}`);
      button.addEventListener("click", () => chosen(k));
      button.addEventListener("keydown", (event) => this.walk(event, k));
      return button;
    });
    this.heads = Array.from({ length: this.depth + 1 }, (_, d) =>
      html("span", { class: "st-depth-head", "aria-hidden": "true" }, `depth ${d}`));
    const label = "Tree of paths; the arrow keys walk along it";
    this.tree = html("div", { class: "st-tree", role: "group", "aria-label": label });
    this.tree.append(this.lines, ...this.heads, ...this.buttons);
    this.element = html("div", { class: "st-tree-scroll" }, this.tree);
  }

  /** A row for every path, counted from the top: leaves one below the other, parents amid them. */
  placeRows() {
    const { children, paths } = this.network;
    const rows = paths.map(() => 0);
    const visit = (/** @type {number} */ k) => {
      const below = [...children[k]].reverse();
      below.forEach(visit);
      rows[k] = below.length ? (rows[below[0]] + rows[below[below.length - 1]]) / 2 : this.leaves++;
    };
    visit(0);
    return rows;
  }

  /**
   * Arrow keys: to the parent, to the finest child, and up and down among paths of one length.
   * @param {KeyboardEvent} event
   * @param {number} k
   */
  walk(event, k) {
    const { children, parents, paths } = this.network;
    const level = paths.flatMap((path, i) => (path.length === paths[k].length ? [i] : []));
    level.sort((a, b) => this.rows[a] - this.rows[b]);
    const at = level.indexOf(k);
    /** @type {Object<string, number | undefined>} */
    const target = {
      ArrowLeft: parents[k], ArrowRight: children[k].at(-1),
      ArrowUp: level[at - 1], ArrowDown: level[at + 1],
    };
    if (!(event.key in target)) return;
    event.preventDefault(); // the page would scroll
    const to = target[event.key] ?? -1;
    if (to < 0) return;
    this.buttons[to].focus();
    this.buttons[to].click();
  }

  /**
   * Lays the tree out; where there is too little room, it can be scrolled sideways.
   * @param {number} room pixels
   */
  layout(room) {
    const { depth, network, rows } = this;
    const { unit } = sizing(this.element);
    const NODE = Object.fromEntries(Object.entries(AT_16).map(([name, pixels]) => [name, unit * pixels]));
    const gap = Math.max(GAP.least, Math.min(GAP.most, room / 22));
    const fitting = (room - depth * gap) / (depth + 1);
    const node = Math.max(NODE.least, Math.min(NODE.most, fitting));
    const width = Math.max(room, (depth + 1) * node + depth * gap);
    const step = (width - node) / depth;
    const height = NODE.head + this.leaves * NODE.pitch;
    const middle = (/** @type {number} */ k) => NODE.head + (rows[k] + 0.5) * NODE.pitch;
    Object.assign(this.tree.style, { width: `${width}px`, height: `${height}px` });
    this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.heads.forEach((head, d) => Object.assign(head.style, { left: `${d * step}px`, width: `${node}px` }));
    network.paths.forEach((path, k) => {
      const left = path.length * step;
      const top = middle(k) - NODE.height / 2;
      Object.assign(this.buttons[k].style, { left: `${left}px`, top: `${top}px`, width: `${node}px` });
      const flow = this.flows[k];
      if (!flow) return;
      const parent = network.parents[k];
      const equals = network.children[parent];
      // Lines leave their parent one below the other, in the order of where they go.
      const place = equals.length - 1 - equals.indexOf(k) - (equals.length - 1) / 2;
      const y0 = middle(parent) + (place * 0.7 * NODE.height) / equals.length;
      const x0 = left - step + node;
      const bend = (x0 + left) / 2;
      const y1 = middle(k);
      set(flow, { d: `M${x0} ${y0}C${bend} ${y0} ${bend} ${y1} ${left} ${y1}` });
    });
  }

  /**
   * Writes what is known.
   * @param {number} chosen
   */
  show(chosen) {
    const { nodes, parents, paths } = this.network;
    const along = new Set();
    for (let k = chosen; k >= 0; k = parents[k]) along.add(k);
    paths.forEach((path, k) => {
      const [button, node, flow] = [this.buttons[k], nodes[k], this.flows[k]];
      const share = node && this.network.kept(k);
      const kept = share === null ? "…" : fineShare(share);
      this.shares[k].textContent = kept;
      button.setAttribute("aria-pressed", `${k === chosen}`);
      button.classList.toggle("st-along", along.has(k));
      Object.assign(button.dataset, { arriving: node?.arriving ?? "", kept: share ?? "" });
      if (!flow) return;
      const wide = FLOW * Math.sqrt(node?.arriving ?? 0);
      set(flow, { "stroke-width": Math.max(1, wide).toFixed(2) });
      flow.classList.toggle("st-along", along.has(k));
    });
  }
}
