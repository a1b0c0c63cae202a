// A sphere of the reader's, from the bytes of a file to coefficients, and what there is to say of it.

import { Refusal } from "./bytes.js";
import { totalEnergy } from "./coefficients.js";
import { grouped, percent, short } from "./dom.js";
import { readFits } from "./fits.js";
import { brightness, imageRings, imageSize, kindOf, LARGEST_FILE, readNpy } from "./readers.js";
import { analyse, maskOf } from "./rings.js";

/** What an image's brightness is made of: weights of red, green and blue; the first is luma (BT.709). */
const CHANNELS = { grey: [0.2126, 0.7152, 0.0722], red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };

/** Rows of an image that are taken from it at once. */
const STRIP = 128;

/** A signal counts as constant below this part of its values. */
const CONSTANT = 1e-6;

/**
 * What was read of a file.
 * @typedef {object} Found
 * @property {Sampled} sampled
 * @property {string} what it is, in words
 * @property {string} unit
 * @property {boolean} isColour whether a channel can be chosen
 */

/**
 * A signal, as an explorer shows it.
 * @typedef {object} Opened
 * @property {{alm: Float32Array, norm: number, unit: string, mask: Uint8Array | null}} signal
 * @property {string} words what there is to say
 * @property {boolean} isColour
 */

/**
 * Reads a file and analyses it.
 * @param {File} file
 * @param {string} channel of an image
 * @param {number} L band-limit
 * @param {boolean} marked whether the explorer's maps show where samples are missing
 * @returns {Promise<Opened | {refused: string}>} in `refused`, why not, as the end of a sentence
 */
export async function openSphere(file, channel, L, marked) {
  try {
    const found = await read(file, /** @type {keyof typeof CHANNELS} */ (channel));
    return { ...analysed(file.name, found, L, marked), isColour: found.isColour };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { refused: error instanceof Refusal ? message : `cannot be read: ${message}` };
  }
}

/**
 * Reads a file of any kind.
 * @param {File} file
 * @param {keyof typeof CHANNELS} channel of an image
 * @returns {Promise<Found>}
 */
async function read(file, channel) {
  if (file.size > LARGEST_FILE) {
    const size = (/** @type {number} */ bytes) => `${grouped(Math.round(bytes / 2 ** 20))} MiB`;
    throw new Refusal(`has ${size(file.size)}: at most ${size(LARGEST_FILE)} are read`);
  }
  let bytes = new Uint8Array(await file.arrayBuffer());
  let kind = kindOf(bytes);
  if (kind === "image") return readImage(file, bytes, channel);
  if (kind === "npy") return { ...described(readNpy(bytes)), unit: "", isColour: false };
  if (kind === "gzip") {
    bytes = await inflated(file);
    kind = kindOf(bytes);
    if (kind !== "fits") throw new Refusal("holds no FITS file: of compressed files, only these are read");
  }
  const sampled = readFits(bytes);
  return { sampled, what: `a HEALPix map of nside ${sampled.nside}`, unit: sampled.unit, isColour: false };
}

/** @param {Sampled} sampled a latitude-longitude array */
function described(sampled) {
  return { sampled, what: `an array of ${sampled.rings.length} × ${sampled.rings[0].n} samples` };
}

/**
 * The content of a compressed file.
 * @param {File} file
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function inflated(file) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let size = 0;
  try {
    const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    for (let part = await reader.read(); !part.done && size <= LARGEST_FILE; part = await reader.read()) {
      parts.push(part.value);
      size += part.value.length;
    }
    if (size > LARGEST_FILE) reader.cancel();
  } catch {
    throw new Refusal("is damaged: it cannot be decompressed");
  }
  if (size > LARGEST_FILE) throw new Refusal(`is larger than ${LARGEST_FILE / 2 ** 20} MiB when decompressed`);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * @param {File} file
 * @param {Uint8Array} bytes its content
 * @param {keyof typeof CHANNELS} channel
 * @returns {Promise<Found>}
 */
async function readImage(file, bytes, channel) {
  imageRings(imageSize(bytes)); // before anything is decoded
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" }).catch(() => {
    throw new Refusal("is damaged: it cannot be decoded");
  });
  const { width, height } = bitmap;
  const rings = imageRings(bitmap); // a JPEG image may be stored turned
  const samples = new Float32Array(width * height);
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  let isColour = false;
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    isColour = brightness(data, CHANNELS[channel], samples, width * top) || isColour;
  }
  bitmap.close();
  const part = channel === "grey" ? "brightness" : channel;
  return { sampled: { ...rings, samples }, what: `an image of ${width} × ${height} pixels, ${part} from 0 to 1`, unit: "", isColour };
}

/**
 * Analyses what was read.
 * @param {string} file its name
 * @param {Found} found
 * @param {number} L
 * @param {boolean} marked
 */
function analysed(file, { sampled, what, unit }, L, marked) {
  const mask = maskOf(sampled);
  const total = sampled.samples.length;
  const result = analyse(sampled, L);
  const norm = Math.sqrt(totalEnergy(result.alm, L));
  if (result.missing === total) throw new Refusal("has no samples: all of them are missing");
  if (!(norm > CONSTANT * Math.abs(result.mean) && norm > 0)) throw new Refusal(`is ${short(result.mean)} everywhere: there is nothing to show`);
  if (!Number.isFinite(norm)) throw new Refusal("holds numbers that are too large");
  return {
    signal: { alm: result.alm.map((x) => x / norm), norm, unit, mask },
    words: wordsOf(file, { ...result, what, unit, L, total, exact: sampled.exact, marked }),
  };
}

/**
 * What there is to say of a file that is shown.
 * @param {string} file its name
 * @param {object} found
 * @param {string} found.what it is
 * @param {number} found.mean
 * @param {string} found.unit
 * @param {number} found.missing
 * @param {number} found.total
 * @param {number} found.B its band-limit
 * @param {number} found.L that of the explorer
 * @param {boolean} found.exact
 * @param {boolean} found.marked whether maps show where samples are missing
 * @returns {string}
 */
export function wordsOf(file, { what, mean, unit, missing, total, B, L, exact, marked }) {
  const value = `${short(mean)}${unit && ` ${unit}`}`.replace("-", "−");
  const words = [`“${file}” is ${what}. Shown is its departure from its mean, ${value}.`];
  if (missing) {
    const grey = marked ? ", grey in the maps" : "";
    words.push(
      `${grouped(missing)} of its ${grouped(total)} samples (${percent(missing / total)}) ` +
        `are missing${grey}: the mean of the others stands in for them.`,
    );
  }
  if (B < L) words.push(`It is too coarse for degrees from ${B} on.`);
  if (!exact) words.push("On HEALPix pixels coefficients are approximate.");
  words.push("It stays on your machine, in this page: Python does not know it.");
  return words.join(" ");
}
