// The reader's own files: what is read of them, their coefficients against Python's, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AnyFourier } from "../../sphere_toolkit/explore/_page/any_fourier.js";
import { Refusal } from "../../sphere_toolkit/explore/_page/bytes.js";
import { wordsOf } from "../../sphere_toolkit/explore/_page/own_sphere.js";
import { readFits, ringIndex } from "../../sphere_toolkit/explore/_page/fits.js";
import {
  clenshawCurtis, fejer, healpixRings, latitudeRings,
} from "../../sphere_toolkit/explore/_page/quadrature.js";
import {
  brightness, imageRings, imageSize, kindOf, readNpy,
} from "../../sphere_toolkit/explore/_page/readers.js";
import { analyse, maskOf, MASK_ROWS, RingTransform } from "../../sphere_toolkit/explore/_page/rings.js";
import { assertClose, assertEach, told } from "./oracle.js";

const [{ arrays, picture, maps, tables, nested, weights }] = told("files");

test("weights of both rules equal ducc0's", () => {
  for (const [name, expected] of Object.entries(weights)) {
    const [kind, n] = name.split(" ");
    const found = kind === "F1" ? fejer(Number(n)) : clenshawCurtis(n - 1);
    assertEach(found, expected, { atol: 1e-14 }, name);
  }
});

for (const [n, first, count] of [[12, 0, 12], [12, -3, 7], [16, -3, 7], [4, 0, 4], [101, -20, 41]]) {
  test(`a Fourier transform of length ${n} from ${first} on equals its sum`, () => {
    const fourier = new AnyFourier(n, first, count);
    const values = Array.from({ length: n }, (_, k) => [Math.sin(k * k + 1), Math.cos(3 * k)]);
    values.forEach(([re, im], k) => ([fourier.re[k], fourier.im[k]] = [re, im]));
    fourier.run();
    for (let j = 0; j < count; j++) {
      let [x, y] = [0, 0];
      values.forEach(([re, im], k) => {
        const angle = (-2 * Math.PI * k * (first + j)) / n;
        x += re * Math.cos(angle) - im * Math.sin(angle);
        y += re * Math.sin(angle) + im * Math.cos(angle);
      });
      assert.ok(Math.hypot(x - fourier.outRe[j], y - fourier.outIm[j]) < 1e-12);
    }
  });
}

test("arrays of every kind give Python's coefficients", () => {
  arrays.forEach(({ file, L, alm, missing = 0 }, k) => {
    const sampled = readNpy(file);
    const found = analyse(sampled, L);
    assert.equal(kindOf(file), "npy");
    assert.deepEqual([found.B, found.missing], [L, missing], `array ${k}`);
    assertClose(found.alm, alm, 2e-6, `array ${k}`);
  });
});

test("an image takes one transform a pair of rings, one chirp, and each table of 64 pairs once", ({ mock }) => {
  const [runs, chirps] = ["run", "prepare"].map((name) => mock.method(AnyFourier.prototype, name).mock);
  const made = mock.method(RingTransform.prototype, "legendre").mock;
  const samples = Float32Array.from({ length: 400 * 200 }, (_, k) => Math.sin(k));
  analyse({ ...imageRings({ width: 400, height: 200 }), samples }, 16);
  assert.deepEqual([runs, chirps, made].map((calls) => calls.callCount()), [100, 1, 2]);
  const [{ result }] = made.calls;
  assert.equal(result.legendre.length, 64 * ((16 * 17) / 2)); // whatever the number of rings
});

test("a picture's left edge is at 180 degrees west, and its channels are Python's", () => {
  for (const [name, file] of Object.entries(picture.files)) {
    assert.equal(kindOf(file), "image", name);
    assert.deepEqual(imageSize(file), { width: 128, height: 64 }, name);
  }
  for (const [channel, parts] of [["grey", [0.2126, 0.7152, 0.0722]], ["red", [1, 0, 0]]]) {
    const samples = new Float32Array(64 * 128);
    assert.ok(brightness(picture.rgba, parts, samples, 0));
    const { alm } = analyse({ ...imageRings({ width: 128, height: 64 }), samples }, 32);
    assertClose(alm, picture[channel], 2e-6, channel);
  }
  const clear = new Float32Array(1);
  assert.ok(!brightness(Uint8Array.from([9, 9, 9, 0]), [1, 0, 0], clear, 0));
  assert.ok(Number.isNaN(clear[0]));
});

test("HEALPix maps give Python's coefficients", () => {
  for (const { file, nside, missing, alm } of maps) {
    const sampled = readFits(file);
    assert.deepEqual([kindOf(file), sampled.nside, sampled.unit], ["fits", nside, "mK"]);
    const found = analyse(sampled, 2 * nside);
    assert.equal(found.missing, missing);
    // Three corrections instead of Python's twenty: noise is the hardest case. Skies: 1e-5.
    assertClose(found.alm, alm, nside === 1 ? 2e-2 : 1e-3, `nside ${nside}`);
  }
});

test("nested pixels have healpy's place among the rings", () => {
  for (const [nside, expected] of Object.entries(nested)) {
    assert.deepEqual(expected.map((_, p) => ringIndex(p, Number(nside))), expected);
  }
});

test("a coarse file leaves the high degrees empty", () => {
  const { alm, B } = analyse(readFits(maps[1].file), 20);
  assert.equal(B, 16);
  const wide = alm.filter((x) => x !== 0).length;
  assert.ok(wide > 0 && wide < 16 * 17);
});

test("a mask says where the nearest sample is missing", () => {
  const rings = latitudeRings(4, 8, false, 0);
  const samples = new Float32Array(32);
  assert.equal(maskOf({ ...rings, samples }), null);
  samples[8 * 1 + 2] = NaN; // colatitude 67.5 degrees, longitude 90 degrees
  const mask = maskOf({ ...rings, samples });
  const at = (colatitude, longitude) => (
    mask[2 * MASK_ROWS * Math.floor((colatitude / 180) * MASK_ROWS) + Math.floor((longitude / 180) * MASK_ROWS)]
  );
  assert.deepEqual([at(67, 90), at(47, 70), at(88, 110), at(67, 115), at(40, 90), at(95, 90)], [1, 1, 1, 0, 0, 0]);
  assert.equal(healpixRings(4).rings.reduce((sum, { n }) => sum + n, 0), 192);
});

test("what is no map of the sphere is refused with a sentence", () => {
  const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const npy = (header) => bytes(`\x93NUMPY\x01\x00${String.fromCharCode(header.length, 0)}${header}`);
  const shaped = (shape, type = "'<f4'") => npy(`{'descr': ${type}, 'fortran_order': False, 'shape': ${shape}, }`);
  for (const [task, words] of [
    [() => kindOf(bytes("hello")), /none of the files that are read here/],
    [() => kindOf(bytes("")), /none of the files/],
    [() => imageRings({ width: 150, height: 100 }), /150 × 100 pixels: .* twice as wide as high/],
    [() => imageRings({ width: 65536, height: 32768 }), /65536 × 32768 samples: at most 8192 × 4096/],
    [() => imageRings({ width: 2, height: 1 }), /too few/],
    [() => imageSize(bytes("\x89PNG\r\n\x1a\n")), /damaged: it ends too early/],
    [() => imageSize(bytes("\xff\xd8\xff\xd8\x00\x02hello")), /damaged JPEG/],
    [() => imageSize(bytes(`RIFF....WEBP${"x".repeat(40)}`)), /damaged WebP/],
    [() => readNpy(shaped("(3, 5)")), /shape \(3, 5\): /],
    [() => readNpy(shaped("(8192, 16384)")), /at most/],
    [() => readNpy(shaped("(2, 4)", "'<c8'")), /type '<c8': expected real numbers/],
    [() => readNpy(shaped("(2, 4)", "[('a', '<f4')]")), /type \[/],
    [() => readNpy(shaped("(3, 6)")), /ends before its last number/],
    [() => readNpy(shaped("(2, 4)")), /shape \(2, 4\)/],
    [() => readNpy(npy("hello")), /type nothing/],
    [() => readNpy(bytes("\x93NUMPY")), /ends too early/],
    [() => readFits(tables.catalogue), /no HEALPix map/],
    [() => readFits(tables.image), /no table/],
    [() => readFits(tables.integers), /type J: expected E or D/],
    [() => readFits(tables.partial), /part of the sky/],
    [() => readFits(tables.scaled), /scaled first column/],
    [() => readFits(tables.wrong), /48 pixels for NSIDE 4/],
    [() => readFits(tables.short), /40 pixels for NSIDE 2/],
    [() => readFits(tables.good.subarray(0, 2880 * 4)), /ends before its last pixel/],
    [() => readFits(bytes("SIMPLE  =")), /no end/],
  ]) {
    assert.throws(task, (error) => error instanceof Refusal && words.test(error.message), `${task}`);
  }
  assert.deepEqual([...readFits(tables.good).samples.slice(0, 3)], [0, 1, 2]);
});

test("damaged files are read or refused, whatever is wrong with them", () => {
  let seed = 1;
  const random = (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  const damage = (file) => {
    const kept = random(4) ? file.length : random(file.length);
    const bytes = file.slice(0, kept);
    const header = random(4) ? Math.min(bytes.length, 9000) : bytes.length; // where structure is
    for (let k = random(8); k >= 0; k--) {
      const digit = 48 + random(10);
      const at = random(header);
      const isDigit = bytes[at] >= 48 && bytes[at] < 58;
      if (at < bytes.length) bytes[at] = isDigit && random(3) ? digit : random(256);
    }
    return bytes;
  };
  const read = {
    image: (bytes) => imageRings(imageSize(bytes)),
    npy: (bytes) => readNpy(bytes).rings,
    fits: (bytes) => readFits(bytes).rings,
    gzip: () => null,
  };
  const files = [...arrays, ...maps].map(({ file }) => file).concat(Object.values(picture.files), Object.values(tables));
  const seen = { read: 0, refused: 0 };
  for (const file of files) {
    for (let k = 0; k < 150; k++) {
      const damaged = damage(file);
      try {
        read[kindOf(damaged)](damaged);
        seen.read++;
      } catch (error) {
        assert.ok(error instanceof Refusal, `${error.stack}`);
        seen.refused++;
      }
    }
  }
  assert.ok(seen.read > 500 && seen.refused > 500, JSON.stringify(seen));
});

test("words say what is shown, what is missing and what is coarse", () => {
  const found = { what: "a map", mean: -0.25, unit: "mK", missing: 3, total: 1000, B: 64, L: 128, exact: false, marked: true };
  const words = wordsOf("a.fits", found);
  for (const part of ["“a.fits” is a map.", "mean, −0.25 mK.", "3 of its 1,000 samples (0.3\u00a0%) are missing, grey", "degrees from 64 on", "approximate", "stays on your machine"]) {
    assert.ok(words.includes(part), `${part}: ${words}`);
  }
  const plain = wordsOf("a.fits", { ...found, missing: 0, B: 128, exact: true });
  assert.ok(!/missing|degrees from|approximate/.test(plain));
});
