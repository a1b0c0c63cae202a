// Dragging: the pointer that holds a picture, and the arrow keys on it.

/** Steps to the right and upwards of the arrow keys. */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Follows the pointer that drags an element, and the arrow keys on it.
 * @param {HTMLElement} element
 * @param {object} told
 * @param {(right: number, up: number) => void} told.dragged by a movement, in halves of the element
 * @param {(right: number, up: number) => void} told.stepped by an arrow key, -1, 0 or 1
 * @param {() => boolean} [told.active] whether there is anything to drag now
 */
export function onDrag(element, { dragged, stepped, active = () => true }) {
  /** @type {[number, number] | null} */
  let held = null;
  element.addEventListener("pointerdown", (event) => {
    if (!active()) return;
    held = [event.clientX, event.clientY];
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!held) return;
    const radius = element.clientWidth / 2 || 1;
    dragged((event.clientX - held[0]) / radius, (held[1] - event.clientY) / radius);
    held = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => (held = null));
  }
  element.addEventListener("keydown", (event) => {
    const step = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
    if (!step || !active()) return;
    event.preventDefault();
    stepped(step[0], step[1]);
  });
}
