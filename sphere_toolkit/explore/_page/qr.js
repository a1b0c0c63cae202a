// QR codes (ISO/IEC 18004:2015) of texts in byte mode, versions 1 to 20, error level M: up to 666 bytes.

/** Bits of error level M. */
const LEVEL = 0;

/** By version how many codewords of each block correct errors at this level, and how many blocks there are (table 9
 * of the standard). */
const CORRECTING = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** The masks, of row and column. @type {((i: number, j: number) => boolean)[]} */
const MASKS = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => ((i >> 1) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

/** Runs of modules that a reader could take for a finder pattern. */
const LIKE_FINDERS = ["10111010000", "00001011101"];

/**
 * The QR code of a text, of the smallest version and with the best mask.
 * @param {string} text
 * @returns {boolean[][] | null} rows of modules, true where they are dark; null where the text is too long
 */
export function qrCode(text) {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= BLOCKS.length; version++) {
    const words = dataWords(version);
    // The mode takes 4 bits, the length 8 or 16.
    if (bytes.length + (version < 10 ? 2 : 3) > words) continue;
    const codewords = interleaved(packed(bytes, version, words), version);
    const codes = MASKS.map((_, mask) => drawn(version, codewords, mask));
    const marks = codes.map(penalty);
    return codes[marks.indexOf(Math.min(...marks))];
  }
  return null;
}

/** Codewords of a version: the modules that carry data, by eight.
 * @param {number} version */
function allWords(version) {
  const aligned = Math.floor(version / 7) + 2;
  let modules = (16 * version + 128) * version + 64;
  if (version > 1) modules -= (25 * aligned - 10) * aligned - 55;
  if (version > 6) modules -= 36;
  return modules >> 3;
}

/** @param {number} version */
function dataWords(version) {
  return allWords(version) - CORRECTING[version - 1] * BLOCKS[version - 1];
}

/**
 * Mode, length, the bytes, and what fills the rest.
 * @param {Uint8Array} bytes
 * @param {number} version
 * @param {number} words
 * @returns {number[]}
 */
function packed(bytes, version, words) {
  const length = bytes.length.toString(2).padStart(version < 10 ? 8 : 16, "0");
  const body = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const bits = `0100${length}${body}0000`;
  const found = (bits.match(/.{1,8}/g) ?? []).map((part) => parseInt(part.padEnd(8, "0"), 2));
  for (let k = 0; found.length < words; k++) found.push(k % 2 ? 0x11 : 0xec);
  return found.slice(0, words);
}

/** The product of two elements of the field of 256, modulo x^8 + x^4 + x^3 + x^2 + 1.
 * @param {number} a
 * @param {number} b
 * @returns {number} */
function times(a, b) {
  let product = 0;
  for (let k = 7; k >= 0; k--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> k) & 1) product ^= a;
  }
  return product;
}

/**
 * The codewords that correct errors: the rest of a division by the product of x - 2^k, k < count.
 * @param {number[]} data
 * @param {number} count
 * @returns {number[]}
 */
function correction(data, count) {
  let divisor = [1]; // highest power first
  for (let k = 0, root = 1; k < count; k++, root = times(root, 2)) {
    divisor = [...divisor, 0].map((one, n) => one ^ times(divisor[n - 1] ?? 0, root));
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let k = 0; k < data.length; k++) {
    const factor = rest[k];
    divisor.forEach((one, n) => (rest[k + n] ^= times(one, factor)));
  }
  return rest.slice(data.length);
}

/**
 * Codewords in the order in which they are placed: the blocks take turns.
 * @param {number[]} data
 * @param {number} version
 * @returns {number[]}
 */
function interleaved(data, version) {
  const [count, n] = [CORRECTING[version - 1], BLOCKS[version - 1]];
  const short = Math.floor(data.length / n);
  let at = 0;
  // The last blocks are one codeword longer.
  const parts = Array.from({ length: n }, (_, k) => data.slice(at, (at += short + (k >= n - (data.length % n) ? 1 : 0))));
  const checks = parts.map((part) => correction(part, count));
  const turns = (/** @type {number[][]} */ rows) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, k) => rows.flatMap((row) => row.slice(k, k + 1))).flat();
  return [...turns(parts), ...turns(checks)];
}

/** Rows and columns of the middles of alignment patterns.
 * @param {number} version
 * @returns {number[]} */
function alignment(version) {
  if (version === 1) return [];
  const n = Math.floor(version / 7) + 2;
  const last = 4 * version + 10;
  const step = 2 * Math.ceil((last - 6) / (2 * (n - 1)));
  return [6, ...Array.from({ length: n - 1 }, (_, k) => last - (n - 2 - k) * step)];
}

/**
 * A number followed by the rest of its division by a polynomial over two elements.
 * @param {number} value
 * @param {number} divisor
 * @param {number} degree of the divisor
 * @returns {number}
 */
function withRest(value, divisor, degree) {
  let rest = value;
  for (let k = 0; k < degree; k++) rest = (rest << 1) ^ ((rest >> (degree - 1)) * divisor);
  return (value << degree) | rest;
}

/**
 * A code with one of the masks.
 * @param {number} version
 * @param {number[]} codewords
 * @param {number} mask
 * @returns {boolean[][]}
 */
function drawn(version, codewords, mask) {
  const size = 4 * version + 17;
  /** @type {(boolean | null)[][]} */
  const code = Array.from({ length: size }, () => new Array(size).fill(null));
  const put = (/** @type {number} */ i, /** @type {number} */ j, /** @type {boolean} */ dark) => {
    if (i >= 0 && j >= 0 && i < size && j < size) code[i][j] = dark;
  };
  const square = (/** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ reach, /** @type {number[]} */ light) => {
    for (let di = -reach; di <= reach; di++) {
      for (let dj = -reach; dj <= reach; dj++) put(i + di, j + dj, !light.includes(Math.max(Math.abs(di), Math.abs(dj))));
    }
  };
  for (let k = 0; k < size; k++) {
    put(6, k, k % 2 === 0);
    put(k, 6, k % 2 === 0);
  }
  for (const [i, j] of [[3, 3], [3, size - 4], [size - 4, 3]]) square(i, j, 4, [2, 4]);
  const middles = alignment(version);
  const last = middles.length - 1;
  middles.forEach((i, a) => middles.forEach((j, b) => {
    const isFinder = (a === 0 && (b === 0 || b === last)) || (a === last && b === 0);
    if (!isFinder) square(i, j, 2, [1]);
  }));
  writeVersion(put, size, version);
  writeFormat(put, size, (LEVEL << 3) | mask);
  writeData(code, codewords, MASKS[mask]);
  return /** @type {boolean[][]} */ (code);
}

/** @typedef {(i: number, j: number, dark: boolean) => void} Put */

/** @param {Put} put @param {number} size @param {number} format */
function writeFormat(put, size, format) {
  const bits = withRest(format, 0x537, 10) ^ 0x5412;
  for (let k = 0; k < 15; k++) {
    const dark = ((bits >> k) & 1) === 1;
    // Around the first finder pattern, leaving the timing patterns out.
    if (k < 8) put(k < 6 ? k : k + 1, 8, dark);
    else put(8, k === 8 ? 7 : 14 - k, dark);
    if (k < 8) put(8, size - 1 - k, dark);
    else put(size - 15 + k, 8, dark);
  }
  put(size - 8, 8, true);
}

/** @param {Put} put @param {number} size @param {number} version */
function writeVersion(put, size, version) {
  if (version < 7) return;
  const bits = withRest(version, 0x1f25, 12);
  for (let k = 0; k < 18; k++) {
    const dark = ((bits >> k) & 1) === 1;
    const [i, j] = [Math.floor(k / 3), size - 11 + (k % 3)];
    put(i, j, dark);
    put(j, i, dark);
  }
}

/**
 * Fills what is free, two columns at a time, upwards and downwards in turn, from the right.
 * @param {(boolean | null)[][]} code
 * @param {number[]} codewords
 * @param {(i: number, j: number) => boolean} mask
 */
function writeData(code, codewords, mask) {
  const size = code.length;
  let k = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5; // the timing pattern has this column to itself
    for (let step = 0; step < size; step++) {
      const i = up ? size - 1 - step : step;
      for (const j of [right, right - 1]) {
        if (code[i][j] !== null) continue;
        const bit = ((codewords[k >> 3] ?? 0) >> (7 - (k & 7))) & 1;
        code[i][j] = (bit === 1) !== mask(i, j);
        k++;
      }
    }
  }
}

/**
 * How hard a code is to read (section 7.8.3 of the standard).
 * @param {boolean[][]} code
 * @returns {number}
 */
function penalty(code) {
  const size = code.length;
  const text = (/** @type {boolean[]} */ modules) => modules.map(Number).join("");
  const lines = [...code.map(text), ...code.map((_, j) => text(code.map((row) => row[j])))];
  let marks = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) marks += run.length - 2;
    for (let k = 0; k + 11 <= size; k++) if (LIKE_FINDERS.includes(line.slice(k, k + 11))) marks += 40;
  }
  let dark = 0;
  code.forEach((row, i) => row.forEach((one, j) => {
    dark += Number(one);
    const next = code[i + 1];
    if (next && j + 1 < size && one === row[j + 1] && one === next[j] && one === next[j + 1]) marks += 3;
  }));
  return marks + 10 * Math.floor(Math.abs((20 * dark) / size ** 2 - 10));
}
