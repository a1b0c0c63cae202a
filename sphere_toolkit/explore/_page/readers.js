// What a file of the reader's holds: images, NumPy arrays, HEALPix maps in FITS. All of it is checked.

import { healpixRings, latitudeRings } from "./rings.js";

/** @typedef {import("./rings.js").Sampled} Sampled */

/** Why a file is not shown, as the end of a sentence that begins with its name. */
export class Refusal extends Error {}

/** No larger file is read, bytes. */
export const LARGEST_FILE = 256 * 2 ** 20;

/** No larger image or array is read, rows; it has about twice as many columns. */
const MOST_ROWS = 4096;

/** No finer HEALPix map is read. */
const FINEST_NSIDE = 2048;

/** What HEALPix files hold where there is no value; written in single or double precision. */
const UNSEEN = -1.6375e30;

/** A FITS file consists of blocks of this length, and its headers of cards. */
const BLOCK = 2880;
const CARD = 80;

/**
 * What a file is, by its first bytes.
 * @param {Uint8Array} bytes
 * @returns {"image" | "npy" | "fits" | "gzip"}
 */
export function kindOf(bytes) {
  const begins = (/** @type {string} */ text, from = 0) => latin(bytes, from, from + text.length) === text;
  if (begins("\x89PNG\r\n\x1a\n") || begins("\xff\xd8\xff")) return "image";
  if (begins("RIFF") && begins("WEBP", 8)) return "image";
  if (begins("\x93NUMPY")) return "npy";
  if (begins("SIMPLE  =")) return "fits";
  if (begins("\x1f\x8b")) return "gzip";
  throw new Refusal(
    "is none of the files that are read here: PNG, JPEG and WebP images, NumPy arrays (.npy) and FITS files",
  );
}

/**
 * Width and height that an image's header states: known before anything is decoded.
 * @param {Uint8Array} bytes PNG, JPEG or WebP
 * @returns {{width: number, height: number}}
 */
export function imageSize(bytes) {
  return withinBounds(() => {
    const view = viewOf(bytes);
    if (bytes[0] === 0x89) return { width: view.getUint32(16), height: view.getUint32(20) };
    return bytes[0] === 0xff ? jpegSize(view) : webpSize(view);
  });
}

/**
 * The rows of an image, if it is the map of a whole sphere.
 * @param {{width: number, height: number}} size
 * @returns {{rings: import("./rings.js").Ring[], limit: number, exact: boolean}}
 */
export function imageRings({ width, height }) {
  if (width !== 2 * height) {
    throw new Refusal(
      `is ${width} × ${height} pixels: an image of the whole sphere is twice as wide as high`,
    );
  }
  if (height > MOST_ROWS) throw new Refusal(tooLarge(width, height));
  if (height < 2) throw new Refusal(`is ${width} × ${height} pixels: too few for a picture`);
  return latitudeRings(height, width, false, Math.PI / width - Math.PI);
}

/**
 * Brightness of pixels: a weighted mean of red, green and blue as the file has them, 0 to 1.
 * @param {Uint8ClampedArray} rgba
 * @param {number[]} weights of red, green and blue
 * @param {Float32Array} samples overwritten from `start` on; NaN where the image is transparent
 * @param {number} start
 */
export function brightness(rgba, [red, green, blue], samples, start) {
  for (let p = 0, k = start; p < rgba.length; p += 4, k++) {
    const value = red * rgba[p] + green * rgba[p + 1] + blue * rgba[p + 2];
    samples[k] = rgba[p + 3] === 0 ? NaN : value / 255;
  }
}

/**
 * A latitude-longitude array from a .npy file: rows from the north, columns eastwards from longitude 0.
 * @param {Uint8Array} bytes
 * @returns {Sampled}
 */
export function readNpy(bytes) {
  return withinBounds(() => {
    const { header, start } = npyHeader(bytes);
    const [, order, type] = /'descr': *'([<>|=])([fiub]\d+)'/.exec(header) ?? [];
    if (!(type in NUMBERS)) {
      const found = /'descr': *('[^']*'|\[)/.exec(header)?.[1] ?? "nothing";
      throw new Refusal(`holds values of type ${found}: expected real numbers, such as '<f4' or '<i2'`);
    }
    const shape = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1].split(",").filter((part) => part.trim()).map(Number);
    const fortran = /'fortran_order': *(True|False)/.exec(header)?.[1];
    if (!shape || !fortran) throw new Refusal("has a damaged header");
    const [rows, columns] = mapShape(shape);
    const { size, get } = NUMBERS[type];
    const values = viewOf(bytes.subarray(start));
    if (values.byteLength < rows * columns * size) throw new Refusal("ends before its last number");
    const samples = new Float32Array(rows * columns);
    const [down, right] = fortran === "True" ? [1, rows] : [columns, 1];
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, k++) {
        samples[k] = orNaN(Number(get(values, size * (i * down + j * right), order !== ">")));
      }
    }
    return { ...latitudeRings(rows, columns, columns !== 2 * rows, 0), samples };
  });
}

/**
 * The first column of a HEALPix map in a FITS file.
 * @param {Uint8Array} bytes
 * @returns {Sampled & {nside: number, unit: string}}
 */
export function readFits(bytes) {
  return withinBounds(() => {
    const { cards, start } = firstTable(bytes);
    const { nside, repeat, type, nested } = mapCards(cards);
    const { size, get } = NUMBERS[type];
    const pixels = 12 * nside ** 2;
    const stride = cards.get("NAXIS1");
    const values = viewOf(bytes.subarray(start));
    if (values.byteLength < (pixels / repeat) * stride) throw new Refusal("ends before its last pixel");
    const samples = new Float32Array(pixels);
    for (let p = 0, row = 0; p < pixels; row += stride) {
      for (let k = 0; k < repeat; k++, p++) {
        const value = orNaN(get(values, row + size * k, false));
        samples[nested ? ringIndex(p, nside) : p] = value;
      }
    }
    const unit = cards.get("TUNIT1");
    return { ...healpixRings(nside), samples, nside, unit: typeof unit === "string" ? unit.slice(0, 12) : "" };
  });
}

/**
 * Place in RING order of a pixel in NESTED order.
 * @param {number} p
 * @param {number} nside a power of two
 * @returns {number}
 */
export function ringIndex(p, nside) {
  const face = Math.floor(p / nside ** 2);
  const within = p % nside ** 2;
  const [x, y] = [everyOtherBit(within), everyOtherBit(within >> 1)];
  const [row, column] = [face >> 2, face & 3];
  // The southern corner of a face lies this many rings from the north pole, in units of nside.
  const ring = (row + 2) * nside - x - y - 1;
  const fromPole = Math.min(ring, 4 * nside - ring, nside);
  const longitude = (row === 1 ? 2 * column : 2 * column + 1) * fromPole + x - y;
  const inCap = fromPole < nside;
  const shift = !inCap && (ring - nside) % 2 ? 1 : 0;
  const k = ((longitude - 1 + shift) / 2 + 4 * fromPole) % (4 * fromPole);
  if (!inCap) return 2 * nside * (nside - 1) + (ring - nside) * 4 * nside + k;
  if (ring < nside) return 2 * fromPole * (fromPole - 1) + k;
  return 12 * nside ** 2 - 2 * fromPole * (fromPole + 1) + k;
}

/** @param {number} n @returns {number} */
function everyOtherBit(n) {
  let out = 0;
  for (let bit = 0; bit < 16; bit++) out |= ((n >> (2 * bit)) & 1) << bit;
  return out;
}

/**
 * How numbers are stored, by NumPy's name or the letter of FITS.
 * @type {Object<string, {size: number, get: (view: DataView, at: number, little: boolean) => any}>}
 */
const NUMBERS = {
  f4: { size: 4, get: (view, at, little) => view.getFloat32(at, little) },
  f8: { size: 8, get: (view, at, little) => view.getFloat64(at, little) },
  i1: { size: 1, get: (view, at) => view.getInt8(at) },
  i2: { size: 2, get: (view, at, little) => view.getInt16(at, little) },
  i4: { size: 4, get: (view, at, little) => view.getInt32(at, little) },
  i8: { size: 8, get: (view, at, little) => view.getBigInt64(at, little) },
  u1: { size: 1, get: (view, at) => view.getUint8(at) },
  u2: { size: 2, get: (view, at, little) => view.getUint16(at, little) },
  u4: { size: 4, get: (view, at, little) => view.getUint32(at, little) },
  u8: { size: 8, get: (view, at, little) => view.getBigUint64(at, little) },
  b1: { size: 1, get: (view, at) => view.getUint8(at) },
};

/** A value, or NaN where there is none.
 * @param {number} value
 * @returns {number} */
function orNaN(value) {
  return Number.isFinite(Math.fround(value)) && Math.abs(value / UNSEEN - 1) > 1e-5 ? value : NaN;
}

/** @param {Uint8Array} bytes @returns {DataView} */
function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to @returns {string} */
function latin(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/**
 * Does something; what reads beyond the end of the file is refused.
 * @template Result
 * @param {() => Result} task
 * @returns {Result}
 */
function withinBounds(task) {
  try {
    return task();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal("is damaged: it ends too early");
    throw error;
  }
}

/** @param {number} width @param {number} height */
function tooLarge(width, height) {
  return `has ${width} × ${height} samples: at most ${2 * MOST_ROWS} × ${MOST_ROWS} are read`;
}

/** The frame header of a JPEG image. @param {DataView} view */
function jpegSize(view) {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) throw new Refusal("is a damaged JPEG image");
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

/** The first chunk of a WebP image, of which there are three kinds. @param {DataView} view */
function webpSize(view) {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  if (kind === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
  }
  if (kind !== "VP8X") throw new Refusal("is a damaged WebP image");
  const three = (/** @type {number} */ at) => 1 + view.getUint16(at, true) + 65536 * view.getUint8(at + 2);
  return { width: three(24), height: three(27) };
}

/** @param {Uint8Array} bytes @returns {{header: string, start: number}} */
function npyHeader(bytes) {
  const view = viewOf(bytes);
  const wide = view.getUint8(6) > 1;
  const from = wide ? 12 : 10;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (from + length > bytes.length || length > 65536) throw new Refusal("has a damaged header");
  return { header: latin(bytes, from, from + length), start: from + length };
}

/** Rows and columns of an array of the whole sphere. @param {number[]} shape */
function mapShape(shape) {
  const [rows, columns, ...more] = shape;
  const whole = columns === 2 * rows || columns === 2 * (rows - 1);
  if (more.length || !whole || rows < 2) {
    throw new Refusal(
      `is an array of shape (${shape.join(", ")}): a map of the whole sphere has n rows and 2n columns, or, ` +
        "with a row at each pole, n + 1 rows",
    );
  }
  if (rows > MOST_ROWS + 1) throw new Refusal(tooLarge(columns, rows));
  return [rows, columns];
}

/** The first binary table. @param {Uint8Array} bytes */
function firstTable(bytes) {
  for (let at = 0; at < bytes.length;) {
    const { cards, start } = readCards(bytes, at);
    if (cards.get("XTENSION") === "BINTABLE") return { cards, start };
    at = start + dataLength(cards);
  }
  throw new Refusal("holds no table: a HEALPix map is a table in a FITS file");
}

/**
 * A header: keywords with numbers and texts.
 * @param {Uint8Array} bytes
 * @param {number} at where it begins
 * @returns {{cards: Map<string, any>, start: number}} and where its data begin
 */
function readCards(bytes, at) {
  const cards = new Map();
  for (; at + CARD <= bytes.length; at += CARD) {
    const card = latin(bytes, at, at + CARD);
    const key = card.slice(0, 8).trim();
    if (key === "END") return { cards, start: Math.ceil((at + CARD) / BLOCK) * BLOCK };
    if (card.slice(8, 10) !== "= " || cards.has(key)) continue;
    const text = /^ *'((?:[^']|'')*)'/.exec(card.slice(10));
    const word = card.slice(10).split("/")[0].trim();
    cards.set(key, text ? text[1].trimEnd() : /^[-+.\dED]+$/.test(word) ? Number(word) : word);
  }
  throw new Refusal("is damaged: a header has no end");
}

/** Bytes of the data behind a header, whole blocks. @param {Map<string, any>} cards @returns {number} */
function dataLength(cards) {
  const axes = Array.from({ length: Math.min(999, cards.get("NAXIS") || 0) }, (_, k) => cards.get(`NAXIS${k + 1}`));
  if (!axes.length) return 0;
  const items = (cards.get("PCOUNT") ?? 0) + axes.reduce((product, one) => product * one, 1);
  const length = (Math.abs(cards.get("BITPIX")) / 8) * (cards.get("GCOUNT") ?? 1) * items;
  if (!(length >= 0)) throw new Refusal("is damaged: a header does not tell the length of its data");
  return Math.ceil(length / BLOCK) * BLOCK;
}

/**
 * What a table has to say so that its first column is a map.
 * @param {Map<string, any>} cards
 * @returns {{nside: number, repeat: number, type: string, nested: boolean}}
 */
function mapCards(cards) {
  const [, times, letter] = /^(\d*)([A-Z])/.exec(cards.get("TFORM1")) ?? [];
  const repeat = times === "" ? 1 : Number(times);
  const rows = cards.get("NAXIS2");
  const nside = Math.sqrt((rows * repeat) / 12);
  const ordering = cards.get("ORDERING");
  if ((cards.get("PIXTYPE") ?? "HEALPIX") !== "HEALPIX" || !["RING", "NESTED", "NEST"].includes(ordering)) {
    throw new Refusal("holds a table that is no HEALPix map: it states no ORDERING, RING or NESTED");
  }
  if (cards.get("INDXSCHM") === "EXPLICIT") throw new Refusal("holds a part of the sky only: a whole map is expected");
  if (!["E", "D"].includes(letter)) {
    throw new Refusal(`has a first column of type ${cards.get("TFORM1")}: expected E or D, real numbers`);
  }
  const nested = ordering !== "RING";
  const possible = Number.isInteger(nside) && nside > 0 && (!nested || (nside & (nside - 1)) === 0);
  if (!possible || nside !== (cards.get("NSIDE") ?? nside)) {
    throw new Refusal(`holds ${rows * repeat} pixels for NSIDE ${cards.get("NSIDE")}: a whole map has 12 NSIDE²`);
  }
  if (nside > FINEST_NSIDE) throw new Refusal(`has NSIDE ${nside}: at most ${FINEST_NSIDE} is read`);
  const size = letter === "E" ? 4 : 8;
  if (!(cards.get("NAXIS1") >= repeat * size)) throw new Refusal("is damaged: its rows are too short");
  return { nside, repeat, type: `f${size}`, nested };
}
