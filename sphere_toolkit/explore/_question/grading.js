// What a question knows and how it grades, without a page.

/**
 * What Python sealed.
 * @typedef {object} Secret
 * @property {any} answer a number, the index of a choice, the indices in order, or heights; or null
 * @property {number | null} tolerance
 * @property {string[]} replies to each choice
 * @property {string} why
 * @property {string} hint
 */

/**
 * Opens what `seal` in widget.py has sealed.
 * @param {Uint8Array} sealed
 * @param {number} salt
 * @returns {Secret}
 */
export function unseal(sealed, salt) {
  let x = salt;
  const plain = sealed.map((byte) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return byte ^ (x & 0xff);
  });
  return JSON.parse(new TextDecoder().decode(plain));
}

/**
 * A number as readers enter it: 0.375, 0,375, 3/8, −2, 1e-3, with or without the unit.
 * @param {string} text
 * @param {string} unit
 * @returns {number} NaN if it is none
 */
export function readNumber(text, unit) {
  const bare = text.trim().replaceAll("−", "-").replaceAll(",", ".");
  const parts = (unit && bare.endsWith(unit) ? bare.slice(0, -unit.length) : bare).split("/");
  const [above, below = 1] = parts.map((part) => (part.trim() ? Number(part) : NaN));
  const value = parts.length > 2 ? NaN : above / below;
  return Number.isFinite(value) ? value : NaN;
}

/**
 * Whether what the reader said is right.
 * @param {Secret} secret
 * @param {any} value
 * @returns {boolean}
 */
export function isRight({ answer, tolerance }, value) {
  const [given, right] = [[value].flat(), [answer].flat()];
  return given.length === right.length &&
    given.every((one, k) => Math.abs(one - right[k]) <= (tolerance ?? 0));
}

/**
 * A list with one item moved; at an end it stays.
 * @template T
 * @param {T[]} items
 * @param {number} from
 * @param {number} to
 * @returns {T[]}
 */
export function moved(items, from, to) {
  const others = items.filter((_, k) => k !== from);
  others.splice(Math.max(0, to), 0, items[from]);
  return others;
}
