// A sphere of the reader's: a file that is chosen or dropped becomes one more signal of the explorer.
//
// It is read and analysed in the page, and lives there: nothing is sent anywhere, and Python does not
// know it.

import { html } from "./dom.js";

/** What a file dialogue offers. */
const ACCEPTED = "image/png,image/jpeg,image/webp,.npy,.fits,.fit,.gz";

/** What an image can be read as. */
const CHANNELS = ["grey", "red", "green", "blue"];

/** Longer names are cut in the menu. */
const LONGEST_NAME = 32;

const INVITATION =
  "Your own sphere: open a file, or drop it here. An image twice as wide as high, a .npy array of latitudes " +
  "and longitudes, or a HEALPix map in FITS. It stays on your machine.";

/**
 * A button that opens a file. Files can be dropped on the explorer, too; what became of them is said
 * below it.
 * @param {ExplorerView} view
 * @param {object} [how]
 * @param {boolean} [how.marked] whether the explorer's maps show where samples are missing
 * @returns {HTMLElement}
 */
export function openButton(view, { marked = true } = {}) {
  const input = html("input", { type: "file", accept: ACCEPTED, hidden: "", "aria-label": "Your own sphere" });
  const button = html("button", { type: "button", class: "st-button", "data-action": "open" }, "Open a file…");
  const line = new StatusLine((channel) => open(line.file, channel));
  let latest = 0;
  view.endings.push(() => (latest = -1));
  const open = async (/** @type {any} */ file, channel = "grey") => {
    if (!file || latest < 0 || !button.isConnected) return;
    const turn = ++latest;
    const isLatest = () => turn === latest;
    line.say(`Reading “${file.name}”…`, "reading");
    await painted();
    const opened = await view.later().then(
      ({ openSphere }) => openSphere(file, channel, view.state.L, marked),
      (error) => ({ refused: `cannot be read: ${error.message}` }),
    );
    if (!isLatest()) return;
    if ("refused" in opened) {
      line.say(`“${file.name}” ${opened.refused}. Nothing has changed.`, "refused");
      line.menu.value = line.shown;
      return;
    }
    view.addSignal(nameOf(file.name, channel), opened.signal);
    line.offer(file, channel, opened.isColour);
    line.say(opened.words, "shown");
  };
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    open(input.files?.[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  acceptDrops(view.root, open);
  view.root.append(input, line.element);
  return button;
}

/** What became of a file, and the choice of an image's channel. */
class StatusLine {
  /** @param {(channel: any) => void} chosen */
  constructor(chosen) {
    /** @type {File | null} */
    this.file = null;
    /** The channel of it that is shown. */
    this.shown = "grey";
    this.text = html("p", { role: "status" }, INVITATION);
    const options = CHANNELS.map((name) => html("option", { value: name }, name));
    this.menu = html("select", { "aria-label": "Channel" }, ...options);
    this.menu.addEventListener("change", () => chosen(this.menu.value));
    this.channel = html("label", {}, "Channel ", this.menu);
    this.element = html("div", { class: "st-file" }, this.text);
  }

  /**
   * @param {string} words
   * @param {"reading" | "shown" | "refused"} state
   */
  say(words, state) {
    this.text.textContent = words;
    this.element.dataset.state = state;
  }

  /**
   * Offers the channels of the image that is shown.
   * @param {File} file
   * @param {string} channel
   * @param {boolean} isColour
   */
  offer(file, channel, isColour) {
    this.file = file;
    this.menu.value = this.shown = channel;
    if (isColour) this.element.append(this.channel);
    else this.channel.remove();
  }
}

/** Lets the page show what was just said. @returns {Promise<void>} */
function painted() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
  });
}

/**
 * @param {HTMLElement} root
 * @param {(file: any) => void} open
 */
function acceptDrops(root, open) {
  const follow = (/** @type {string} */ type, /** @type {(event: DragEvent) => void} */ act) => {
    root.addEventListener(type, (event) => {
      const drag = /** @type {DragEvent} */ (event);
      if (!drag.dataTransfer?.types.includes("Files")) return;
      drag.preventDefault();
      drag.stopPropagation(); // JupyterLab would upload it
      act(drag);
    });
  };
  follow("dragover", () => root.classList.add("st-dropping"));
  follow("dragleave", () => root.classList.remove("st-dropping"));
  follow("drop", (drag) => {
    root.classList.remove("st-dropping");
    open(drag.dataTransfer?.files[0]);
  });
}

/**
 * What a file is called in the menu.
 * @param {string} file
 * @param {string} channel
 * @returns {string}
 */
function nameOf(file, channel) {
  const name = file.length > LONGEST_NAME ? `${file.slice(0, LONGEST_NAME - 1)}…` : file;
  return channel === "grey" ? name : `${name}, ${channel}`;
}
