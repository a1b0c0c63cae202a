// Which of four skies is not Gaussian? By eye, by spectrum, by scattering.

import { html, number } from "../_page/dom.js";
import { Projection } from "../_page/draw.js";
import { COLOUR_SPAN, LinkedFigures, SphereFigure, UNIT_RMS } from "../_page/figures.js";
import { memo } from "../_page/memo.js";
import { TransformCache } from "../_page/cache.js";
import { pathsOf, ScatteringNetwork } from "../_page/scattering.js";
import { binary, damaged, readBank, requireList } from "../_page/state.js";
import { explorer } from "../_page/explorer.js";
import { equation } from "./equation.js";
import {
  DepartureChart, LETTERS, linkOf, octaves, pathStatistics, spectrumDepartures, typicalSize,
} from "./departures.js";

/** Rings of the grid that is drawn. */
const DRAWN_RINGS = 128;

/** Sampling of the modulus, over the band-limit, and longest path of the network. */
const OVERSAMPLING = 2;
const DEPTH = 2;

/** What each kind of evidence, from weak to strong, is called in the score. */
const BY = ["by eye", "by spectrum", "by scattering"];

/** The skies of a round, and what is known of them. */
class Game {
  /** @param {ExplorerView} view */
  constructor({ model, state }) {
    const { L, names } = state;
    const isSky = (/** @type {any} */ k) => Number.isInteger(k) && k >= 0 && k < LETTERS.length;
    this.odd = requireList(model, "odd", isSky, names.length / LETTERS.length);
    requireList(model, "guesses", (k) => k === -1 || isSky(k), this.odd.length);
    requireList(model, "evidence_used", (k) => k === -1 || k in BY, this.odd.length);
    this.rates = requireList(model, "rates", (rate) => rate >= 0 && rate <= 1, 2);
    this.spectrum = binary(model, "spectrum", Float32Array, L);
    const bank = readBank(model, L);
    const paths = pathsOf(bank.scales, DEPTH);
    const reference = binary(model, "reference", Float32Array, 2 * (paths.length - 1));
    this.mean = reference.subarray(0, paths.length - 1);
    this.deviation = reference.subarray(paths.length - 1);
    if (!this.deviation.every((one) => one > 0)) throw damaged("reference");
    this.state = state;
    this.network = new ScatteringNetwork(L, paths, bank, new TransformCache());
    /** Indices of the round's skies. @type {number[]} */
    this.skies = [];
    /** Departures of each sky. @type {number[][]} */
    this.spectra = [];
    /** @type {number[][]} */
    this.scattering = [];
  }

  /** @param {number} round */
  begin(round) {
    const { signals, norms } = this.state;
    this.skies = LETTERS.map((_, k) => LETTERS.length * round + k);
    this.spectra = this.skies.map((k) => spectrumDepartures(signals[k], norms[k], this.spectrum));
    this.scattering = [];
  }

  /** Scatters one more sky; tells whether there are others left. */
  scatterNext() {
    const { network, mean, deviation, scattering, state } = this;
    if (scattering.length < LETTERS.length) {
      network.begin(state.signals[this.skies[scattering.length]], "modulus", OVERSAMPLING);
      const found = pathStatistics(network);
      scattering.push(found.map((value, i) => (value - mean[i]) / deviation[i]));
    }
    return scattering.length < LETTERS.length;
  }
}

/** One of the four skies: its picture, and the button that chooses it. */
class Candidate {
  /**
   * @param {string} letter
   * @param {Projection} projection
   * @param {() => void} chosen
   */
  constructor(letter, projection, chosen) {
    this.letter = letter;
    this.figure = new SphereFigure(projection, `Sky ${letter}`);
    this.button = html("button", { type: "button", class: "st-button", onclick: chosen });
    this.element = this.figure.cell(this.button);
  }

  /**
   * Tells what is known of it once the reader has guessed.
   * @param {boolean} isOdd
   * @param {boolean} isChosen
   * @param {boolean} over
   */
  show(isOdd, isChosen, over) {
    this.button.disabled = over;
    const words = isOdd ? "not Gaussian" : "Gaussian";
    this.button.textContent = over ? `${isChosen ? "Your guess: " : ""}${words}` : `Guess ${this.letter}`;
    this.element.classList.toggle("st-found", over && isOdd);
    this.element.classList.toggle("st-missed", over && isChosen && !isOdd);
  }
}

/** The chart of departures, and the typical size of each sky's. */
class Departures {
  constructor() {
    this.chart = new DepartureChart();
    this.plot = html("div", { class: "st-plot" }, this.chart.element);
    this.sizes = html("p", { class: "st-sizes" });
  }

  /**
   * Brings the chart up to date, once there is something to show.
   * @param {Game} game
   * @param {"maps" | "spectra" | "scattering"} kind
   * @param {number} revealed the sky that is marked, or -1
   */
  show(game, kind, revealed) {
    this.plot.hidden = kind === "maps";
    this.sizes.hidden = kind === "maps";
    if (kind === "maps") return;
    const departures = game[kind];
    if (departures.length < LETTERS.length) {
      this.sizes.textContent = "Scattering…";
      return;
    }
    const names = kind === "spectra"
      ? octaves(game.state.L).map(([first, end]) => `${first}–${end - 1}`)
      : game.network.paths.slice(1).map((path) => path.join(", "));
    const horizontal = kind === "spectra" ? "degrees ℓ" : "path";
    this.chart.draw(this.plot.clientWidth, names, departures, revealed, horizontal);
    const what = kind === "spectra" ? "Power in octaves of degrees" : "Path means over what the spectrum foretells";
    this.sizes.replaceChildren(html("b", {}, `${what}.`), " Typical departure: ");
    const spoken = departures.map((row, sky) => {
      const text = typicalSize(row).toFixed(1);
      const size = number(text, `st-size st-sky-${sky}`);
      size.dataset.size = `${typicalSize(row)}`;
      size.dataset.link = linkOf(sky);
      this.sizes.append(`${LETTERS[sky]} `, size, sky < LETTERS.length - 1 ? " · " : " standard deviations.");
      return `sky ${LETTERS[sky]} ${text}`;
    });
    const label = `${what}: departures of four skies in standard deviations; typical: ${spoken.join(", ")}.`;
    this.chart.element.setAttribute("aria-label", label);
  }
}

/** @param {ExplorerView} view */
function build(view) {
  const { controls, state, model } = view;
  const game = new Game(view);
  const { odd } = game;
  const transform = new TransformCache().transform(state.L, DRAWN_RINGS);
  const projection = new Projection(DRAWN_RINGS, 2 * DRAWN_RINGS);
  let strongest = 0; // evidence that was seen in this round
  const candidates = LETTERS.map((letter, k) => new Candidate(letter, projection, () => {
    const now = controls.round.value;
    view.choose("evidence_used", replaced(model.get("evidence_used"), now, strongest));
    view.choose("guesses", replaced(model.get("guesses"), now, k));
    focusOn(next);
  }));
  const next = html("button", { type: "button", class: "st-button", onclick: () => {
    if (controls.round.value + 1 < odd.length) view.choose("round", controls.round.value + 1);
    else startOver(view, odd.length);
    focusOn(candidates[0].button);
  } });
  candidates.forEach(({ figure }, k) => figure.element.setAttribute("data-link", linkOf(k)));
  new LinkedFigures(view, candidates.map(({ figure }) => figure));
  const departures = new Departures();
  const score = html("p", { class: "st-score" });
  view.body.append(
    view.row(controls.evidence, controls.view, next),
    html("div", { class: "st-four" }, ...candidates.map(({ element }) => element)),
    departures.plot, departures.sizes, view.result, score, view.caption(advice(game.rates)),
  );
  for (const trait of ["guesses", "evidence_used"]) view.follow(trait, () => view.schedule());
  const begin = memo((round) => {
    strongest = 0;
    game.begin(round);
    candidates.forEach(({ figure }, k) => transform.inverse(state.signals[game.skies[k]], figure.samples));
  });
  view.start(() => {
    const round = controls.round.value;
    const kind = controls.evidence.value;
    const guess = model.get("guesses")[round];
    const over = guess >= 0;
    begin(round);
    strongest = Math.max(strongest, controls.evidence.index);
    paintSkies(candidates, game);
    candidates.forEach((one, k) => one.show(k === odd[round], k === guess, over));
    if (kind === "scattering" && game.scatterNext()) view.schedule();
    departures.show(game, kind, over ? odd[round] : -1);
    next.textContent = round + 1 < odd.length ? "Next round" : "Start over";
    next.disabled = !over;
    view.result.replaceChildren(...roundWords(round, odd, guess));
    score.replaceChildren(...scoreWords(scores(model, odd)));
    Object.assign(view.root.dataset, {
      round, evidence: kind, guess, known: game.scattering.length, strongest,
    });
  }, equation);
}

/**
 * Moves the focus to a button that is about to be enabled, as the one that had it is disabled.
 * @param {HTMLButtonElement} button
 */
function focusOn(button) {
  button.disabled = false;
  button.focus();
}

/**
 * A copy of a list with one item replaced: the model tells changes by identity.
 * @param {number[]} list
 * @param {number} at
 * @param {number} value
 * @returns {number[]}
 */
function replaced(list, at, value) {
  return list.map((one, k) => (k === at ? value : one));
}

/**
 * @param {ExplorerView} view
 * @param {number} rounds
 */
function startOver(view, rounds) {
  for (const trait of ["guesses", "evidence_used"]) view.choose(trait, new Array(rounds).fill(-1));
  view.choose("round", 0);
}

/**
 * Draws the four skies with the same colours for the same temperature.
 * @param {Candidate[]} candidates
 * @param {Game} game
 */
function paintSkies(candidates, { skies, state: { norms, units } }) {
  const span = COLOUR_SPAN * Math.max(...skies.map((k) => norms[k])) * UNIT_RMS;
  candidates.forEach(({ letter, figure }, k) => {
    const norm = norms[skies[k]];
    figure.paint({ limit: span / norm, norm, unit: units[skies[k]], what: `sky ${letter}` });
  });
}

/**
 * @param {number} round
 * @param {number[]} odd
 * @param {number} guess
 * @returns {(Node | string)[]}
 */
function roundWords(round, odd, guess) {
  const head = `Round ${round + 1} of ${odd.length}. `;
  if (guess < 0) return [head, "One of the four is not Gaussian. Which?"];
  const answer = number(`Sky ${LETTERS[odd[round]]}`);
  return [head, guess === odd[round] ? "Right: " : `Not ${LETTERS[guess]}: `, answer, " has the kicks."];
}

/**
 * Per kind of evidence how many were found, and out of how many.
 * @param {Model} model
 * @param {number[]} odd
 * @returns {[number, number][]}
 */
function scores(model, odd) {
  const guesses = model.get("guesses");
  const used = model.get("evidence_used");
  return BY.map((_, kind) => {
    const rounds = [...odd.keys()].filter((k) => used[k] === kind);
    return [rounds.filter((k) => guesses[k] === odd[k]).length, rounds.length];
  });
}

/**
 * @param {[number, number][]} table of `scores`
 * @returns {(Node | string)[]}
 */
function scoreWords(table) {
  const parts = table.flatMap(([found, tries], kind) => {
    const size = html("b", {}, tries ? `${found} of ${tries}` : "–");
    size.dataset.score = `${found}/${tries}`;
    return [kind ? " · " : "", `${BY[kind]} `, size];
  });
  return ["Found so far: ", ...parts, " · guessing blindly: 1 in 4."];
}

/**
 * @param {number[]} rates of finding the right sky
 * @returns {string}
 */
function advice([bySpectrum, byScattering]) {
  const whole = (/** @type {number} */ rate) => `${Math.round(100 * rate)}`;
  return (
    "Guess with the maps only; then look at the spectra, then at scattering. In the charts the " +
    "shaded band, two standard deviations, is where Gaussian skies mostly stay. Choosing the sky that " +
    "departs most is right in " + whole(bySpectrum) + " of 100 rounds by spectra and in " +
    whole(byScattering) + " by scattering, as measured on simulations that are not among these. " +
    "A guess counts for the strongest evidence that you have looked at in its round."
  );
}

export default explorer("guess_the_sky", "Which sky is not Gaussian?", build);
