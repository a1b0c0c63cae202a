// Pictures of signals on the sphere: Mollweide maps and globes, drawn by pixel lookup.
//
// A Projection knows which sample each pixel shows. It is rebuilt when a picture is resized or a
// globe is turned, never while a slider moves, so that a redraw is one pass over the pixels.

import { memo } from "./memo.js";

/** Ends a line in the coastline data. */
const PEN_UP = 32767;

/** Grey, in the byte order of a canvas: where a signal is not known. */
const MISSING = 0xff998f86;

/** No canvas is wider than this many pixels: the grid of samples has no finer detail. */
const WIDEST = 720;

/** Pixels of a canvas for each of the page; 0: those of the screen, at most 2 and at most WIDEST. */
export const sharpness = { ratio: 0 };

/**
 * Auxiliary angle t of the Mollweide projection, 2 t + sin 2t = pi sin(latitude).
 * @param {number} latitude radians
 * @returns {number} radians
 */
export function mollweideAngle(latitude) {
  if (Math.abs(latitude) > Math.PI / 2 - 1e-6) return (Math.sign(latitude) * Math.PI) / 2;
  const target = Math.PI * Math.sin(latitude);
  let t = latitude;
  for (let step = 0; step < 50; step++) {
    const change = (2 * t + Math.sin(2 * t) - target) / (2 + 2 * Math.cos(2 * t));
    t -= change;
    if (Math.abs(change) < 1e-9) break;
  }
  return t;
}

/** Which sample of a Gauss-Legendre grid each pixel of a picture shows. */
export class Projection {
  /**
   * @param {number} rings rings of the grid
   * @param {number} longitudes samples per ring
   */
  constructor(rings, longitudes) {
    this.rings = rings;
    this.longitudes = longitudes;
    this.kind = "map";
    this.width = 0;
    this.height = 0;
    /** Centre of the globe, radians. The map's centre is longitude 0, latitude 0. */
    this.longitude = 0;
    this.latitude = 0.35;
    this.lookup = new Int32Array(0);
    /** The point that was found last: colatitude and longitude. */
    this.spot = new Float64Array(2);
    /** Coastlines, once for all pictures that turn together; see `SphereView.drawCoast`. */
    this.path = memo((lines) => pathOf(this, lines));
  }

  /**
   * Sets kind and size.
   * @param {"map" | "globe"} kind Mollweide, or orthographic
   * @param {number} width pixels of the page; the height follows
   */
  resize(kind, width) {
    const { ratio } = sharpness;
    const screen = Math.min(WIDEST, Math.min(2, globalThis.devicePixelRatio || 1) * width);
    const w = Math.max(16, Math.round(ratio ? ratio * width : screen));
    if (kind === this.kind && w === this.width) return;
    this.kind = kind;
    this.width = w;
    this.height = kind === "map" ? Math.round(w / 2) : w;
    this.lookup = new Int32Array(this.width * this.height);
    this.update();
  }

  /**
   * Turns the globe.
   * @param {number} longitude of the centre, radians
   * @param {number} latitude of the centre, radians; kept within +-pi/2
   */
  turn(longitude, latitude) {
    this.longitude = longitude;
    this.latitude = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, latitude));
    if (this.kind === "globe") this.update();
  }

  /** Index of the sample nearest to a point (radians). */
  sampleAt(colatitude, longitude) {
    const { rings, longitudes } = this;
    // Gauss-Legendre rings lie at (i + 3/4) pi / (n + 1/2) to within a hundredth of their spacing.
    const ring = Math.round((colatitude * (rings + 0.5)) / Math.PI - 0.75);
    const column = Math.round((longitude * longitudes) / (2 * Math.PI)) & (longitudes - 1);
    return Math.max(0, Math.min(rings - 1, ring)) * longitudes + column;
  }

  /** Fills the lookup. Pixels outside the sphere repeat its rim: the page clips them smoothly. */
  update() {
    const { width, height, lookup, kind } = this;
    for (let row = 0, p = 0; row < height; row++) {
      for (let column = 0; column < width; column++, p++) {
        let u = (2 * column + 1) / width - 1;
        let v = 1 - (2 * row + 1) / height;
        const r = Math.sqrt(u * u + v * v); // faster than Math.hypot
        if (r > 0.9999) {
          u *= 0.9999 / r;
          v *= 0.9999 / r;
        }
        lookup[p] = kind === "map" ? this.onMap(u, v) : this.onGlobe(u, v);
      }
    }
  }

  /**
   * The point of the sphere at a place in the picture.
   * @param {number} right 0 .. 1
   * @param {number} down 0 .. 1
   * @returns {[number, number] | null} colatitude and longitude, radians; null beside the sphere
   */
  pointAt(right, down) {
    const [u, v] = [2 * right - 1, 1 - 2 * down];
    if (!(Math.hypot(u, v) < 1)) return null;
    if (this.kind === "map") this.onMap(u, v);
    else this.onGlobe(u, v);
    return [this.spot[0], this.spot[1]];
  }

  /** Sample shown at (u, v) of the unit disc that is the Mollweide ellipse, u squeezed by two. */
  onMap(u, v) {
    const t = Math.asin(v);
    const latitude = Math.asin((2 * t + Math.sin(2 * t)) / Math.PI);
    return this.found(Math.PI / 2 - latitude, (Math.PI * u) / Math.cos(t));
  }

  /** The sample at a point, which is remembered. */
  found(colatitude, longitude) {
    this.spot[0] = colatitude;
    this.spot[1] = longitude;
    return this.sampleAt(colatitude, longitude);
  }

  /** Sample shown at (u, v) of the unit disc that is the globe: u to the east, v to the north. */
  onGlobe(u, v) {
    const depth = Math.sqrt(1 - u * u - v * v);
    const cos = Math.cos(this.latitude);
    const sin = Math.sin(this.latitude);
    const colatitude = Math.acos(depth * sin + v * cos);
    return this.found(colatitude, this.longitude + Math.atan2(u, depth * cos - v * sin));
  }

  /**
   * Place of a point in the picture.
   * @param {number} longitude radians
   * @param {number} latitude radians
   * @param {Float64Array} out its first two elements become pixels from the left and the top
   * @returns {boolean} whether the point is visible
   */
  place(longitude, latitude, out) {
    let u, v, visible = true;
    if (this.kind === "map") {
      const t = mollweideAngle(latitude);
      u = (longitude / Math.PI) * Math.cos(t);
      v = Math.sin(t);
    } else {
      const east = longitude - this.longitude;
      const cos = Math.cos(this.latitude);
      const sin = Math.sin(this.latitude);
      u = Math.cos(latitude) * Math.sin(east);
      v = Math.sin(latitude) * cos - Math.cos(latitude) * Math.cos(east) * sin;
      visible = Math.sin(latitude) * sin + Math.cos(latitude) * Math.cos(east) * cos > 0;
    }
    out[0] = ((u + 1) / 2) * this.width;
    out[1] = ((1 - v) / 2) * this.height;
    return visible;
  }
}

/**
 * @param {Projection} projection
 * @param {Int16Array} lines see `SphereView.drawCoast`
 * @returns {Path2D}
 */
function pathOf(projection, lines) {
  const path = new Path2D();
  const at = new Float64Array(2);
  const radians = Math.PI / 18000;
  let down = false;
  for (let k = 0; k < lines.length; k += 2) {
    if (lines[k] === PEN_UP) {
      down = false;
      continue;
    }
    const visible = projection.place(lines[k] * radians, lines[k + 1] * radians, at);
    if (visible && down) path.lineTo(at[0], at[1]);
    else if (visible) path.moveTo(at[0], at[1]);
    down = visible;
  }
  return path;
}

/** One picture of the sphere: pixels, coastlines above them, and its text alternative. */
export class SphereView {
  /** @param {Projection} projection shared by the pictures that turn together */
  constructor(projection) {
    this.projection = projection;
    this.element = document.createElement("div");
    this.element.setAttribute("role", "img");
    this.pixels = document.createElement("canvas");
    this.coast = document.createElement("canvas");
    this.pixels.className = "st-pixels";
    this.coast.className = "st-coast";
    this.element.append(this.pixels, this.coast);
    this.context = this.pixels.getContext("2d");
  }

  /** Takes over the projection's size. */
  resize() {
    const { kind, width, height } = this.projection;
    this.element.className = `st-sphere st-${kind}`;
    if (this.pixels.width === width && this.pixels.height === height && this.image) return;
    for (const canvas of [this.pixels, this.coast]) {
      canvas.width = width;
      canvas.height = height;
    }
    this.image = this.context.createImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
  }

  /**
   * Draws samples.
   * @param {Float32Array} samples on the projection's grid, any unit
   * @param {number} limit value of the last colour, and its negative of the first; beyond: clipped
   * @param {Uint32Array} colours 256 opaque colours
   */
  paint(samples, limit, colours) {
    const { words, image, context } = this;
    const { lookup } = this.projection;
    const scale = limit > 0 ? 127.5 / limit : 0;
    for (let p = 0; p < words.length; p++) {
      const c = samples[lookup[p]] * scale + 128;
      words[p] = colours[c < 0 ? 0 : c > 255 ? 255 : c | 0];
    }
    context.putImageData(image, 0, 0);
  }

  /**
   * Draws coastlines on their own canvas, which a redraw of the samples leaves alone.
   * @param {Int16Array | null} lines longitude and latitude in hundredths of a degree, in turn;
   *   two PEN_UP end a line; null: none
   * @param {string} colour CSS colour
   * @param {Uint8Array | null} [mask] where samples are missing, see rings.js: drawn grey
   */
  drawCoast(lines, colour, mask = null) {
    const { projection, coast } = this;
    const context = coast.getContext("2d");
    context.clearRect(0, 0, coast.width, coast.height);
    if (mask) this.drawMask(mask, context);
    if (!lines) return;
    const { kind, width, longitude, latitude } = projection;
    context.lineWidth = Math.max(0.6, coast.width / 800);
    context.strokeStyle = colour;
    context.stroke(projection.path(lines, kind, width, longitude, latitude));
  }

  /**
   * Whether a sample is missing.
   * @param {Uint8Array} mask
   * @param {number} sample its place on the projection's grid
   * @returns {boolean}
   */
  isMissing(mask, sample) {
    const { rings, longitudes } = this.projection;
    const rows = Math.sqrt(mask.length / 2);
    const row = Math.floor(((Math.floor(sample / longitudes) + 0.75) * rows) / (rings + 0.5));
    return mask[2 * rows * row + Math.floor(((sample % longitudes) * 2 * rows) / longitudes)] === 1;
  }

  /** Covers with grey what is missing. */
  drawMask(mask, context) {
    const { lookup, width, height } = this.projection;
    const cover = context.createImageData(width, height);
    const words = new Uint32Array(cover.data.buffer);
    for (let p = 0; p < words.length; p++) if (this.isMissing(mask, lookup[p])) words[p] = MISSING;
    context.putImageData(cover, 0, 0);
  }
}

/**
 * A colour table for SphereView.paint.
 * @param {Uint8Array} rgb 256 x 3
 * @returns {Uint32Array} 256 opaque colours in the byte order of a canvas
 */
export function packColours(rgb) {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let k = 0; k < 256; k++) {
    bytes.set(rgb.subarray(3 * k, 3 * k + 3), 4 * k);
    bytes[4 * k + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

/**
 * A colour bar: a canvas, one pixel per colour, that the page stretches.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} colours as many as the bar shows
 */
export function paintColourBar(canvas, colours) {
  canvas.width = colours.length;
  canvas.height = 1;
  const context = canvas.getContext("2d");
  const image = context.createImageData(colours.length, 1);
  new Uint32Array(image.data.buffer).set(colours);
  context.putImageData(image, 0, 0);
}
