// HEALPix maps in FITS files.

import { latin, NUMBERS, orNaN, Refusal, viewOf, withinBounds } from "./bytes.js";
import { healpixRings } from "./quadrature.js";

/** No finer HEALPix map is read. */
const FINEST_NSIDE = 2048;

/** A FITS file consists of blocks of this length, and its headers of cards. */
const BLOCK = 2880;
const CARD = 80;

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

/** The even bits of a number, moved together. @param {number} n @returns {number} */
function everyOtherBit(n) {
  n &= 0x55555555;
  n = (n | (n >> 1)) & 0x33333333;
  n = (n | (n >> 2)) & 0x0f0f0f0f;
  n = (n | (n >> 4)) & 0x00ff00ff;
  return (n | (n >> 8)) & 0xffff;
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
  if ((cards.get("TSCAL1") ?? 1) !== 1 || (cards.get("TZERO1") ?? 0) !== 0) {
    throw new Refusal("has a scaled first column (TSCAL1, TZERO1): expected its values themselves");
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
