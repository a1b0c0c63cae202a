// Numbers and texts in the bytes of a file.

/** Why a file is not shown, as the end of a sentence that begins with its name. */
export class Refusal extends Error {}

/** What HEALPix files hold where there is no value; written in single or double precision. */
const UNSEEN = -1.6375e30;

/**
 * How numbers are stored, by NumPy's name or the letter of FITS.
 * @type {Object<string, {size: number, get: (view: DataView, at: number, little: boolean) => any}>}
 */
export const NUMBERS = {
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
export function orNaN(value) {
  return Number.isFinite(Math.fround(value)) && Math.abs(value / UNSEEN - 1) > 1e-5 ? value : NaN;
}

/** @param {Uint8Array} bytes @returns {DataView} */
export function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to @returns {string} */
export function latin(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/**
 * Does something; what reads beyond the end of the file is refused.
 * @template Result
 * @param {() => Result} task
 * @returns {Result}
 */
export function withinBounds(task) {
  try {
    return task();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal("is damaged: it ends too early");
    throw error;
  }
}
