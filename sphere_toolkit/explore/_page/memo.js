// Derived state: computed again only when what it depends on has changed.

/**
 * A function that keeps its last result until one of its arguments is another one.
 *
 * What depends on the result in turn takes it as an argument: a result that is a new object then
 * tells it to compute again.
 * @template Result
 * @param {(...inputs: any[]) => Result} compute
 * @returns {(...inputs: any[]) => Result}
 */
export function memo(compute) {
  /** @type {any[] | null} */
  let known = null;
  /** @type {any} */
  let result;
  return (...inputs) => {
    if (!known || inputs.some((input, k) => !Object.is(input, known?.[k]))) {
      known = null; // what fails is tried again
      result = compute(...inputs);
      known = inputs;
    }
    return result;
  };
}
