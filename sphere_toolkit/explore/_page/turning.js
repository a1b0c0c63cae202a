// Turning a signal: by dragging a globe, by arrow keys, by three sliders for its Euler angles.

import { eulerFromMatrix, matrixFromAxis, matrixFromEuler, multiply } from "./rotation.js";
import { html, slider } from "./ui.js";

export const DEGREE = Math.PI / 180;

/** An arrow key turns by this angle, radians. */
const KEY_TURN = 5 * DEGREE;

/**
 * Lets a reader turn the signal with the pointer or the arrow keys, on any globe.
 * @param {object} picture a `Picture`
 * @param {(matrix: number[]) => void} turned called with the turn, in the signal's space
 */
export function makeTurnable({ sphere }, turned) {
  const { element, projection } = sphere;
  const by = (east, north) => {
    const angle = Math.hypot(east, north);
    if (angle === 0) return;
    const [co, so] = [Math.cos(projection.longitude), Math.sin(projection.longitude)];
    const [ca, sa] = [Math.cos(projection.latitude), Math.sin(projection.latitude)];
    // To the right about the axis that points up in the picture, upwards about that to the left.
    const axis = [
      (-sa * co * east + so * north) / angle,
      (-sa * so * east - co * north) / angle,
      (ca * east) / angle,
    ];
    turned(matrixFromAxis(axis, angle));
  };
  let held = null;
  element.addEventListener("pointerdown", (event) => {
    held = [event.clientX, event.clientY];
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!held) return;
    const radius = element.clientWidth / 2 || 1;
    by((event.clientX - held[0]) / radius, (held[1] - event.clientY) / radius);
    held = [event.clientX, event.clientY];
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => (held = null));
  }
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  element.addEventListener("keydown", (event) => {
    if (!steps[event.key]) return;
    event.preventDefault();
    by(steps[event.key][0] * KEY_TURN, steps[event.key][1] * KEY_TURN);
  });
}

/** What a globe's turns do to the angles in the model. */
export function turnAngles(model, stage) {
  let exact = null; // the rotation while it is dragged: the angles in the model are rounded
  return (turn) => {
    const angles = model.get("angles");
    if (!exact || exact.angles !== angles) {
      exact = { matrix: matrixFromEuler(...angles.map((angle) => angle * DEGREE)) };
    }
    exact.matrix = multiply(turn, exact.matrix);
    exact.angles = eulerFromMatrix(exact.matrix).map((angle) => Math.round(angle / DEGREE) || 0);
    stage.choose(model, "angles", exact.angles);
  };
}

/**
 * A row of sliders for the angles, which follow the model and change it.
 * @param {object} model its `angles` are alpha, beta, gamma in degrees
 * @param {object} stage the explorer's `Stage`
 * @param {() => void} changed called after a change of the angles
 * @returns {HTMLElement}
 */
export function angleSliders(model, stage, changed) {
  const angles = [["α about z, last", -180, 180], ["β about y", 0, 180], ["γ about z, first", -180, 180]];
  const sliders = angles.map(([words, min, max], k) => {
    const range = { min, max, step: 1, value: model.get("angles")[k] };
    return slider(words, range, (value) => {
      stage.choose(model, "angles", model.get("angles").map((old, n) => (n === k ? value : old)));
    });
  });
  const tell = () => {
    model.get("angles").forEach((angle, k) => {
      sliders[k].input.value = angle;
      sliders[k].output.textContent = ` = ${Number(angle.toFixed(1))}°`;
      sliders[k].input.setAttribute("aria-valuetext", `${Number(angle.toFixed(1))} degrees`);
    });
  };
  stage.follow(model, "angles", () => {
    tell();
    changed();
  });
  tell();
  return html("div", { class: "st-controls" }, ...sliders.map(({ element }) => element));
}
