// Which of four skies is not Gaussian? By eye, by spectrum, by scattering.

import { Projection } from "../_page/draw.js";
import { Network } from "../_page/network.js";
import { Workshop } from "../_page/path_operator.js";
import { Picture } from "../_page/picture.js";
import { Pictures } from "../_page/pictures.js";
import { readBank, readPaths, readScaling } from "../_page/bank.js";
import { readSignals, requireKnown, requireList } from "../_page/signals.js";
import {
  DepartureChart, LETTERS, octaves, pathStatistics, spectrumDepartures, typicalSize,
} from "./departures.js";
import { binary, choices, explorer, html } from "../_page/ui.js";

/** Rings of the grid that is drawn. */
const SHOWN_RINGS = 128;

/** Colours span this many times the root mean square of the strongest sky of a round. */
const SPREAD_OF_COLOURS = 3;

/** What can be looked at, from weak to strong: words for the choice, and for the score. */
const EVIDENCE = {
  maps: { words: "maps only", by: "by eye" },
  spectra: { words: "spectra", by: "by spectrum" },
  scattering: { words: "scattering", by: "by scattering" },
};
const KINDS_OF_EVIDENCE = Object.keys(EVIDENCE);

/** Reads and checks what Python sent. */
function readSkies(model) {
  const signals = readSignals(model);
  const { L, names } = signals;
  const bank = readBank(model, L);
  const paths = readPaths(model, bank.scales);
  const isGrid = (rings) => rings >= 8 && Number.isInteger(Math.log2(rings));
  bank.rings = requireList(model, "rings", isGrid, bank.scales.length);
  const isSky = (k) => Number.isInteger(k) && k >= 0 && k < LETTERS.length;
  const odd = requireList(model, "odd", isSky, names.length / LETTERS.length);
  requireKnown(model, "round", odd.map((_, k) => k));
  requireKnown(model, "evidence", KINDS_OF_EVIDENCE);
  requireList(model, "guesses", (k) => k === -1 || isSky(k), odd.length);
  requireList(model, "evidence_used", (k) => k === -1 || k in KINDS_OF_EVIDENCE, odd.length);
  const rates = requireList(model, "rates", (rate) => rate >= 0 && rate <= 1, 2);
  const spectrum = binary(model, "spectrum", Float32Array, L);
  const columns = paths.length - 1;
  const reference = binary(model, "reference", Float32Array, 2 * columns);
  const mean = reference.subarray(0, columns);
  const deviation = reference.subarray(columns);
  if (!deviation.every((one) => one > 0)) throw new Error("the explorer's “reference” is damaged");
  const scaling = readScaling(model, bank.windows);
  return { ...signals, paths, bank, scaling, odd, rates, spectrum, mean, deviation };
}

/** The skies of a round, and what is known of them. */
class Round {
  constructor(state) {
    this.state = state;
    this.network = new Network(state.L, state.paths, state.bank, state.scaling);
  }

  begin(round) {
    const { signals, norms, spectrum } = this.state;
    this.skies = LETTERS.map((_, k) => LETTERS.length * round + k);
    this.spectra = this.skies.map((k) => spectrumDepartures(signals[k], norms[k], spectrum));
    this.scattering = [];
  }

  /** Scatters one more sky; tells whether there are others left. */
  scatterNext() {
    const { signals, mean, deviation } = this.state;
    if (this.scattering.length < LETTERS.length) {
      this.network.begin(signals[this.skies[this.scattering.length]]);
      const found = pathStatistics(this.network);
      this.scattering.push(found.map((value, i) => (value - mean[i]) / deviation[i]));
    }
    return this.scattering.length < LETTERS.length;
  }
}

/** One of the four skies: its picture, and the button that chooses it. */
class Candidate {
  constructor(letter, projection, chosen) {
    this.letter = letter;
    this.picture = new Picture(projection);
    this.picture.title.textContent = `Sky ${letter}`;
    this.samples = new Float32Array(projection.rings * projection.longitudes);
    this.button = html("button", { type: "button", class: "st-button", onclick: chosen });
    const { head, sphere } = this.picture;
    this.element = html("div", { class: "st-cell" }, head, sphere.element, this.button);
  }

  /** Tells what is known of it once the reader has guessed. */
  show(isOdd, isChosen, over) {
    this.button.disabled = over;
    const words = isOdd ? "not Gaussian" : "Gaussian";
    this.button.textContent = over ? `${isChosen ? "Your guess: " : ""}${words}` : `Guess ${this.letter}`;
    this.element.classList.toggle("st-found", over && isOdd);
    this.element.classList.toggle("st-missed", over && isChosen && !isOdd);
  }
}

/** Builds the explorer in its stage. */
function buildGame(model, stage) {
  const state = readSkies(model);
  const { odd } = state;
  const game = new Round(state);
  const workshop = new Workshop();
  const projection = new Projection(SHOWN_RINGS, 2 * SHOWN_RINGS);
  let strongest = 0; // evidence that was seen in this round
  const candidates = LETTERS.map((letter, k) => new Candidate(letter, projection, () => {
    const now = model.get("round");
    stage.choose(model, "evidence_used", replaced(model.get("evidence_used"), now, strongest));
    stage.choose(model, "guesses", replaced(model.get("guesses"), now, k));
    focusOn(next);
  }));
  const pictures = new Pictures(model, stage, candidates.map(({ picture }) => picture), state);
  const words = Object.fromEntries(KINDS_OF_EVIDENCE.map((key) => [key, EVIDENCE[key].words]));
  const evidence = choices("Look at", words, model.get("evidence"), (key) => stage.choose(model, "evidence", key));
  const next = html("button", { type: "button", class: "st-button", onclick: () => {
    if (model.get("round") + 1 < odd.length) stage.choose(model, "round", model.get("round") + 1);
    else startOver(model, stage, odd.length);
    focusOn(candidates[0].button);
  } });
  const chart = new DepartureChart();
  const plot = html("div", { class: "st-plot" }, chart.element);
  const sizes = html("p", { class: "st-sizes" });
  const result = html("p", { class: "st-result", "aria-live": "polite" });
  const score = html("p", { class: "st-score" });
  const caption = html("p", { class: "st-caption" }, html("b", {}, "Try it. "), gameCaption(state.rates));
  const controls = html("div", { class: "st-controls" }, evidence.element, pictures.button, next);
  const columns = html("div", { class: "st-four" }, ...candidates.map(({ element }) => element));
  stage.body.append(controls, columns, plot, sizes, result, score, caption);

  let stale = true; // whether the pictures show another round
  const newRound = () => {
    stale = true;
    strongest = KINDS_OF_EVIDENCE.indexOf(model.get("evidence"));
    game.begin(model.get("round"));
  };
  stage.follow(model, "round", () => {
    newRound();
    stage.schedule();
  });
  stage.follow(model, "evidence", () => {
    evidence.choose(model.get("evidence"));
    strongest = Math.max(strongest, KINDS_OF_EVIDENCE.indexOf(model.get("evidence")));
    stage.schedule();
  });
  for (const trait of ["guesses", "evidence_used"]) stage.follow(model, trait, () => stage.schedule());
  newRound();
  stage.start(() => {
    const round = model.get("round");
    const guess = model.get("guesses")[round];
    const over = guess >= 0;
    const kind = model.get("evidence");
    if (stale) synthesise(candidates, game, state, workshop);
    stale = false;
    paintSkies(candidates, game, state);
    candidates.forEach((one, k) => one.show(k === odd[round], k === guess, over));
    if (kind === "scattering" && game.scatterNext()) stage.schedule();
    plot.hidden = kind === "maps";
    sizes.hidden = kind === "maps";
    if (kind !== "maps") showDepartures(chart, plot, sizes, game, kind, over ? odd[round] : -1);
    next.textContent = round + 1 < odd.length ? "Next round" : "Start over";
    next.disabled = !over;
    result.replaceChildren(...roundWords(round, odd, guess));
    score.replaceChildren(...scoreWords(scores(model, odd)));
    Object.assign(stage.root.dataset, {
      round, evidence: kind, guess, known: game.scattering.length, strongest,
    });
  }, () => pictures.layout());
}

/** Moves the focus to a button that is about to be enabled, as the one that had it is disabled. */
function focusOn(button) {
  button.disabled = false;
  button.focus();
}

/** A copy of a list with one item replaced: the model tells changes by identity. */
function replaced(list, at, value) {
  return list.map((one, k) => (k === at ? value : one));
}

function startOver(model, stage, rounds) {
  for (const trait of ["guesses", "evidence_used"]) stage.choose(model, trait, new Array(rounds).fill(-1));
  stage.choose(model, "round", 0);
}

/** Computes what the pictures show. */
function synthesise(candidates, { skies }, { L, signals }, workshop) {
  const transform = workshop.transform(L, SHOWN_RINGS);
  candidates.forEach(({ samples }, k) => transform.inverse(signals[skies[k]], samples));
}

/** Draws the four skies with the same colours for the same temperature. */
function paintSkies(candidates, { skies }, { norms, units }) {
  const most = Math.max(...skies.map((k) => norms[k]));
  const span = (SPREAD_OF_COLOURS * most) / Math.sqrt(4 * Math.PI);
  candidates.forEach(({ letter, picture, samples }, k) => {
    const norm = norms[skies[k]];
    picture.paint(samples, span / norm, norm, units[skies[k]], `sky ${letter}`);
  });
}

/** Brings the chart up to date, once there is something to show. */
function showDepartures(chart, plot, sizes, game, kind, revealed) {
  const departures = game[kind];
  if (departures.length < LETTERS.length) {
    sizes.textContent = "Scattering…";
    return;
  }
  const { paths, L } = game.state;
  const [names, horizontal] = kind === "spectra"
    ? [octaves(L).map(([first, end]) => `${first}–${end - 1}`), "degrees ℓ"]
    : [paths.slice(1).map((path) => path.join(", ")), "path"];
  chart.draw(plot.clientWidth, names, departures, revealed, horizontal);
  const what = kind === "spectra" ? "Power in octaves of degrees" : "Path means over what the spectrum foretells";
  sizes.replaceChildren(html("b", {}, `${what}.`), " Typical departure: ");
  const spoken = departures.map((row, sky) => {
    const size = typicalSize(row).toFixed(1);
    const number = html("b", { class: `st-size st-sky-${sky}` }, size);
    number.dataset.size = typicalSize(row);
    sizes.append(`${LETTERS[sky]} `, number, sky < LETTERS.length - 1 ? " · " : " standard deviations.");
    return `sky ${LETTERS[sky]} ${size}`;
  });
  const label = `${what}: departures of four skies in standard deviations; typical: ${spoken.join(", ")}.`;
  chart.element.setAttribute("aria-label", label);
}

function roundWords(round, odd, guess) {
  const head = `Round ${round + 1} of ${odd.length}. `;
  if (guess < 0) return [head, "One of the four is not Gaussian. Which?"];
  const answer = html("b", { class: "st-number" }, `Sky ${LETTERS[odd[round]]}`);
  return [head, guess === odd[round] ? "Right: " : `Not ${LETTERS[guess]}: `, answer, " has the kicks."];
}

/** Per kind of evidence how many were found, and out of how many. */
function scores(model, odd) {
  const guesses = model.get("guesses");
  const used = model.get("evidence_used");
  return KINDS_OF_EVIDENCE.map((_, kind) => {
    const rounds = odd.map((_, k) => k).filter((k) => used[k] === kind);
    return [rounds.filter((k) => guesses[k] === odd[k]).length, rounds.length];
  });
}

function scoreWords(table) {
  const parts = table.flatMap(([found, tries], kind) => {
    const number = html("b", {}, tries ? `${found} of ${tries}` : "–");
    number.dataset.score = `${found}/${tries}`;
    return [kind ? " · " : "", `${EVIDENCE[KINDS_OF_EVIDENCE[kind]].by} `, number];
  });
  return ["Found so far: ", ...parts, " · guessing blindly: 1 in 4."];
}

function gameCaption([bySpectrum, byScattering]) {
  const whole = (rate) => `${Math.round(100 * rate)}`;
  return (
    "Guess with the maps only; then look at the spectra, then at scattering. In the charts the " +
    "shaded band, two standard deviations, is where Gaussian skies mostly stay. Choosing the sky that " +
    "departs most is right in " + whole(bySpectrum) + " of 100 rounds by spectra and in " +
    whole(byScattering) + " by scattering, as measured on simulations that are not among these. " +
    "A guess counts for the strongest evidence that you have looked at in its round."
  );
}

export default explorer("guess_the_sky", "Which sky is not Gaussian?", buildGame);
