// The link to what is shown as a QR code: for the telephones of those in the hall.

import { html, svg } from "./dom.js";
import { qrCode } from "./qr.js";

/** Light modules around a code. */
const QUIET = 4;

/** Milliseconds without a further change until the code follows. */
const FOLLOW_AFTER = 400;

/** The code above an explorer, in presenter mode. */
export class LinkCode {
  /** @param {ExplorerView} view */
  constructor(view) {
    this.view = view;
    this.element = html("figure", { class: "st-code", hidden: "" });
    view.foot?.append(this.element);
    this.waiting = 0;
    this.link = "";
    view.endings.push(() => clearTimeout(this.waiting));
  }

  get shown() {
    return !this.element.hidden;
  }

  toggle() {
    if (this.shown) this.hide();
    else if (/^https?:$/.test(location.protocol)) this.draw();
    else this.view.say("This page is a file of this machine: a QR code needs an address that others can open.");
  }

  hide() {
    clearTimeout(this.waiting);
    this.element.hidden = true;
    this.link = "";
  }

  /** Goes on with what is shown now. */
  update() {
    if (!this.shown) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.shown && this.draw(), FOLLOW_AFTER);
  }

  draw() {
    const { view, element } = this;
    const link = view.permalink.link();
    if (link === this.link) return;
    const code = qrCode(link);
    if (!code) {
      this.hide();
      view.say("The link to this state is too long for a QR code.");
      return;
    }
    this.link = link;
    const size = code.length + 2 * QUIET;
    const d = code.flatMap((row, i) => row.map((dark, j) => (dark ? `M${j + QUIET} ${i + QUIET}h1v1h-1z` : ""))).join("");
    const picture = svg("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "QR code of the link to this state" });
    picture.append(svg("rect", { width: size, height: size, fill: "#fff" }), svg("path", { d, fill: "#000" }));
    element.replaceChildren(picture, html("figcaption", {}, link));
    element.hidden = false;
  }
}
