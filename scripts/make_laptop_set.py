"""Scatter maps of ``cmb128-laptop`` into ``notebooks/data/scattering_cmb128_laptop.npz``.

From the repository's root, in its environment; takes about half a minute on two cores::

    python scripts/make_laptop_set.py

400 maps of each class for training and 150 for testing: the first of those that
``python -m experiments.gaussianity`` uses. ``sphere_toolkit/pipeline/bundled.py`` describes how
coefficients are rounded. On one machine the output is the same byte for byte in every run; its
sha256 is in ``sphere_toolkit/data/__init__.py``.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

import sphere_toolkit as st
from sphere_toolkit.pipeline.bundled import FILES, PARTS, STEPS, decode, scattered

NAME = "cmb128-laptop"
TARGET = Path(__file__).parents[1] / "notebooks" / "data" / FILES[NAME]


def parts_of(alm):
    """Real parts, and imaginary parts where they are not zero throughout."""
    L = st.band_limit(alm)
    return np.concatenate([alm.real, alm.imag[..., L:]], axis=-1)


def step_sizes(alm):
    """Mean at order 0, and a step of the codes per path and degree: both (n_paths, L)."""
    L = st.band_limit(alm)
    mean = alm[..., :L].real.mean(axis=0).astype(np.float32)
    rest = alm.copy()
    rest[..., :L] -= mean
    variance = st.power_spectrum(rest).mean(axis=0)
    # A coefficient of order 1 and more has half of the variance in each of its parts.
    parts = np.where(np.arange(L) > 0, np.sqrt(0.5), 1)
    return mean, (np.sqrt(variance) * parts / STEPS).astype(np.float32)


def encode(alm, mean, scale):
    """Codes (n, n_paths, L*L), int8; see `decode`."""
    L = st.band_limit(alm)
    ell = st.degrees(L)
    rest = alm.copy()
    rest[..., :L] -= mean
    steps = scale[:, np.concatenate([ell, ell[L:]])]
    codes = np.zeros((*alm.shape[:-1], L * L))
    np.divide(parts_of(rest), steps, out=codes, where=steps > 0)
    codes = np.rint(codes)
    if np.abs(codes).max() > 127:
        raise ValueError(f"codes must lie within -127 and 127, got {np.abs(codes).max():g}")
    return codes.astype(np.int8)


def main():
    content, header = {}, {}
    for part in PARTS:
        data = scattered(NAME, part)
        if part == "train":
            mean, scale = step_sizes(data.alm)
        content[part] = encode(data.alm, mean, scale)
        header[part] = data.header
        error = parts_of(decode(content[part], mean, scale) - data.alm)
        spread = parts_of(data.alm)
        spread = error.std() / (spread - spread.mean(axis=0)).std()
        print(f"{part}: {len(data)} maps, rounding error over spread {spread:.3f}")
    np.savez_compressed(TARGET, mean=mean, scale=scale, header=json.dumps(header), **content)
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e6:.1f} MB, sha256 {digest}")


if __name__ == "__main__":
    main()
