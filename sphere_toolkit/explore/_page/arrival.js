// Where a link to an explorer ends: at the explorer, also while figures and formulas above it appear.

/** Milliseconds until the page stays where it is, whatever grows. */
const GROWS_FOR = 15000;

/** What a reader does to move in the page. */
const ACTIONS = ["wheel", "touchstart", "pointerdown", "keydown"];

/** A cell that does not wait for a prediction, for a link leads to it. */
const ARRIVED = "st-arrived";

/**
 * Shows an element and scrolls to it, and again whenever the page grows, until the reader acts.
 * @param {HTMLElement} element
 * @returns {() => void} ends it
 */
export function arriveAt(element) {
  element.closest(".cell")?.classList.add(ARRIVED);
  let [height, scroll] = [0, scrollY];
  const page = document.documentElement;
  const show = () => {
    element.scrollIntoView({ block: "start", behavior: "instant" });
    [height, scroll] = [page.scrollHeight, scrollY];
  };
  const growing = new ResizeObserver(show);
  const moved = () => {
    // A page that grew moves by itself; one that did not was moved by the reader.
    if (height === page.scrollHeight && Math.abs(scrollY - scroll) > 2) end();
  };
  const end = () => {
    growing.disconnect();
    clearTimeout(timer);
    removeEventListener("scroll", moved);
    for (const action of ACTIONS) removeEventListener(action, end, true);
  };
  const timer = setTimeout(end, GROWS_FOR);
  addEventListener("scroll", moved);
  for (const action of ACTIONS) addEventListener(action, end, { capture: true, passive: true });
  growing.observe(document.body); // tells its size at once
  return end;
}
