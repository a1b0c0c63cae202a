// Pictures and numbers to take home: maps as PNG, charts as SVG, numbers as CSV.

import { html } from "./dom.js";

/** Pixels of a picture for each pixel of the page. */
const SHARP = 2;

/** What a chart's lines and letters look like is written into it: its file has no style sheet. */
const LOOK = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "display", "visibility",
];

/** What `data-` attributes of an explorer's parts are numbers for the reader, not for the page. */
const ROWS = "[data-share], [data-below], [data-kept], [data-value]";

/** What of the root's own `data-` attributes is the page's business. */
const OWN = new Set(["explorer", "draws", "drawMs", "link", "scene"]);

/**
 * A button for each thing to take home.
 * @param {ExplorerView} view
 * @returns {HTMLElement[]}
 */
export function entries(view) {
  /** @type {(words: string, act: () => void, kind: string) => HTMLElement} */
  const entry = (words, act, kind) =>
    html("button", { type: "button", class: "st-button", "data-save": kind, onclick: act }, words);
  const seen = (/** @type {Element} */ one) => one.clientWidth > 0;
  const spheres = [...view.body.querySelectorAll(".st-sphere")].filter(seen);
  const charts = [...view.body.querySelectorAll("svg.st-chart")].filter(seen);
  return [
    ...spheres.map((sphere, k) => {
      const what = nameOf(sphere, `Picture ${k + 1}`);
      return entry(`${what} (PNG)`, () => savePicture(view, k), "png");
    }),
    ...charts.map((chart, k) => {
      const what = chart.querySelector(".st-axis-title")?.textContent || `Chart ${k + 1}`;
      return entry(`${what} (SVG)`, () => saveChart(view, chart, k), "svg");
    }),
    entry("All numbers (CSV)", () => save(view, "numbers.csv", "text/csv", numbers(view)), "csv"),
  ];
}

/** The heading of a picture.
 * @param {Element} sphere
 * @param {string} otherwise
 * @returns {string} */
function nameOf(sphere, otherwise) {
  const head = sphere.previousElementSibling;
  return head?.querySelector(".st-title-text")?.textContent?.trim() || otherwise;
}

/**
 * Saves a file.
 * @param {ExplorerView} view
 * @param {string} name
 * @param {string} type
 * @param {BlobPart} content
 */
function save(view, name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  html("a", { href: url, download: `${view.name}_${name}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Draws everything at another sharpness, and as before when done.
 * @template T
 * @param {ExplorerView} view
 * @param {() => T} take
 * @returns {T}
 */
function sharply(view, take) {
  try {
    view.sharpness.ratio = SHARP;
    view.relayout();
    view.draw();
    return take();
  } finally {
    view.sharpness.ratio = 0;
    view.relayout();
    view.redraw();
  }
}

/**
 * A map or globe with heading and colour bar.
 * @param {ExplorerView} view
 * @param {number} k which
 */
function savePicture(view, k) {
  const canvas = sharply(view, () => {
    const sphere = [...view.body.querySelectorAll(".st-sphere")].filter((one) => one.clientWidth)[k];
    return portrait(view, /** @type {HTMLElement} */ (sphere), nameOf(sphere, ""));
  });
  // At once: for `toBlob` a browser may wait a second for a moment without work.
  const bytes = atob(canvas.toDataURL("image/png").split(",")[1]);
  const png = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  save(view, `${k + 1}.png`, "image/png", png);
}

/**
 * @param {ExplorerView} view
 * @param {HTMLElement} sphere
 * @param {string} title
 * @returns {HTMLCanvasElement}
 */
function portrait(view, sphere, title) {
  const { color, fontFamily } = getComputedStyle(view.root);
  const [width, height] = [sphere.clientWidth, sphere.clientHeight];
  const [margin, above] = [16, 40];
  const canvas = html("canvas");
  canvas.width = SHARP * (width + 2 * margin);
  canvas.height = SHARP * (height + above + 2 * margin);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(SHARP, SHARP);
  context.fillStyle = getComputedStyle(view.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const bar = sphere.previousElementSibling?.querySelector("canvas.st-bar");
  const ends = bar ? [...(bar.parentElement?.querySelectorAll("span") ?? [])] : [];
  const [low, high] = ends.map((end) => end.textContent ?? "");
  context.fillStyle = color;
  context.textBaseline = "middle";
  context.font = `12px ${fontFamily}`;
  let right = width + margin;
  if (bar) {
    context.textAlign = "right";
    context.fillText(high, right, margin + 8);
    right -= context.measureText(high).width + 6 + 56;
    context.drawImage(/** @type {HTMLCanvasElement} */ (bar), right, margin + 4, 56, 8);
    context.fillText(low, right - 6, margin + 8);
    right -= context.measureText(low).width + 12;
  }
  context.textAlign = "left";
  context.font = `600 15px ${fontFamily}`;
  context.fillText(title, margin, margin + 8, Math.max(40, right - margin - 6));
  context.translate(margin, margin + above);
  context.beginPath();
  context.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  context.clip();
  for (const layer of sphere.querySelectorAll("canvas")) context.drawImage(layer, 0, 0, width, height);
  return canvas;
}

/**
 * A chart with its look.
 * @param {ExplorerView} view
 * @param {Element} chart
 * @param {number} k which
 */
function saveChart(view, chart, k) {
  const copy = /** @type {SVGElement} */ (chart.cloneNode(true));
  const copies = [copy, ...copy.querySelectorAll("*")];
  [chart, ...chart.querySelectorAll("*")].forEach((one, n) => {
    const style = getComputedStyle(one);
    copies[n].setAttribute("style", LOOK.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  });
  copy.querySelector(".st-mark")?.remove();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(view.body).backgroundColor;
  save(view, `chart_${k + 1}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(copy));
}

/**
 * What is chosen and what is shown, one number in a line, in full precision.
 * @param {ExplorerView} view
 * @returns {string}
 */
export function numbers(view) {
  const rows = [["part", "quantity", "value"]];
  for (const [trait, { value }] of Object.entries(view.controls)) rows.push(["control", trait, `${value}`]);
  const shown = Object.entries(view.root.dataset).filter(([name]) => !OWN.has(name) && !(name in view.controls));
  for (const [name, value = ""] of shown) {
    /** @type {any} */
    let list = null;
    try {
      list = JSON.parse(value);
    } catch {
      // It is one word.
    }
    if (Array.isArray(list)) list.forEach((one, k) => rows.push(["shown", `${name} ${k}`, `${one}`]));
    else rows.push(["shown", name, value]);
  }
  view.body.querySelectorAll(ROWS).forEach((one, k) => {
    for (const [name, value = ""] of Object.entries(/** @type {HTMLElement} */ (one).dataset)) {
      rows.push([`part ${k + 1}`, name, value]);
    }
  });
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

/** A field of a CSV file (RFC 4180).
 * @param {string} text
 * @returns {string} */
function field(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
