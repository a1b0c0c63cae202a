// What a file of the reader's is, and what images and NumPy arrays hold. All of it is checked.

import { latin, NUMBERS, orNaN, Refusal, viewOf, withinBounds } from "./bytes.js";
import { latitudeRings } from "./quadrature.js";

/** No larger file is read, bytes. */
export const LARGEST_FILE = 256 * 2 ** 20;

/** With fewer rows there would be no degree but 0. */
const LEAST_ROWS = 3;

/** No larger image or array is read, rows; it has about twice as many columns. */
const MOST_ROWS = 4096;

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
 * @returns {{rings: Ring[], limit: number, exact: boolean}}
 */
export function imageRings({ width, height }) {
  if (width !== 2 * height) {
    throw new Refusal(
      `is ${width} × ${height} pixels: an image of the whole sphere is twice as wide as high`,
    );
  }
  if (height > MOST_ROWS) throw new Refusal(tooLarge(width, height));
  if (height < LEAST_ROWS) throw new Refusal(`is ${width} × ${height} pixels: too few for a picture`);
  return latitudeRings(height, width, false, Math.PI / width - Math.PI);
}

/**
 * Brightness of pixels: a weighted mean of red, green and blue as the file has them, 0 to 1.
 * @param {Uint8ClampedArray} rgba
 * @param {number[]} weights of red, green and blue
 * @param {Float32Array} samples overwritten from `start` on; NaN where the image is transparent
 * @param {number} start
 * @returns {boolean} whether there is any colour among them
 */
export function brightness(rgba, [red, green, blue], samples, start) {
  let differences = 0;
  for (let p = 0, k = start; p < rgba.length; p += 4, k++) {
    const [r, g, b] = [rgba[p], rgba[p + 1], rgba[p + 2]];
    samples[k] = rgba[p + 3] === 0 ? NaN : (red * r + green * g + blue * b) / 255;
    differences |= (r ^ g) | (g ^ b);
  }
  return differences !== 0;
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
  if (more.length || !whole || rows < LEAST_ROWS) {
    throw new Refusal(
      `is an array of shape (${shape.join(", ")}): a map of the whole sphere has n rows and 2n columns, or, ` +
        "with a row at each pole, n + 1 rows",
    );
  }
  if (rows > MOST_ROWS + 1) throw new Refusal(tooLarge(columns, rows));
  return [rows, columns];
}

