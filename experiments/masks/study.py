"""Does the mean of a scattering path see the edge of a mask? Bias and scatter behind that of WMAP.

Skies of the spectrum of the CMB are scattered whole, and again with 38 % of them hidden by WMAP's
temperature mask and filled in several ways. For the mean and for the second moment of each path,

    bias = (average over skies behind the mask - average over the same skies, whole)
           / standard deviation behind the mask

with the error that as many skies leave. With the fill of `sphere_toolkit.masks.fill` no mean should
be off by more than 0.1 and no second moment by more than 0.2. Skies are Gaussian, or have point
sources, or skewed pixels; ``kept`` is how much of the difference between those and Gaussian skies
is left behind the mask, in the mean of each path.

With 500 skies of each kind (``benchmarks/results/masks.json``) the fill keeps the limits for all of
them: no mean and no second moment of Gaussian skies is off by more than 0.05, and of the others by
more than 0.1, and 93 % or more of every difference is kept. Zeros are seen at 4.6 standard
deviations. At an oversampling of 1 the path (6, 5) is off by 1.8: the modulus aliases more near the
equator, which the mask hides, than near the poles.

With ``--beyond`` skies have power below 2L. Averages over the pixels, as of a real map, then hold
power beyond L, and are filled below L; the same samples, whole, are what the bias is measured from.
Or smaller pixels are filled below 2L, and their coefficients cut off at L
(``benchmarks/results/masks-beyond.json``).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import ducc0
import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit._util import checks
from sphere_toolkit.scattering.paths import path_name

from ..command import Experiment
from ..run import Run
from ..wmap.skies import EVERYTHING, averaged
from ..wmap.skies import mask as wmap
from .figure import masks_figure

Way = tuple[str, str, float]
"""Skies, fill, oversampling."""
L = 64
NSIDE = 32
GRID = st.Grid.healpix(NSIDE, L)
FINE = st.Grid.healpix(2 * NSIDE, 2 * L)
WIDE, FILLED_WIDE = "Gaussian below 2L", "realisation below 2L"
SKIES: dict[str, Callable[..., NDArray]] = {
    "Gaussian": partial(st.cmb.gaussian, L),
    WIDE: partial(st.cmb.gaussian, 2 * L),
    "point sources": partial(st.cmb.poisson_sources, L, 0.3, 600),
    "skewed pixels": partial(st.cmb.oscillator_pixels, L, 0.3, 32),
}
"""By name, what makes them; all have one spectrum, which for one kind goes on to 2L."""
OVERSAMPLING = (2.0, 1.0)
WAYS = [
    ("Gaussian", "realisation"),
    ("Gaussian", "zeros"),
    ("Gaussian", "apodised"),
    ("point sources", "realisation"),
    ("skewed pixels", "realisation"),
]
"""Skies and fills: that of `sphere_toolkit.masks.fill`; zeros; zeros after an apodisation of 6°."""
BEYOND = [(WIDE, "realisation"), (WIDE, FILLED_WIDE)]
"""Skies and fills where the pixels hold power beyond the band."""
SMALLEST = 8
_STEP = 10
LIMITS = {"means": 0.1, "second_moments": 0.2}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--skies", type=int, default=500, help="of each kind (500)")
    parser.add_argument("--beyond", action="store_true", help="skies with power below 2L instead")


@lru_cache(maxsize=1)
def fine_mask() -> st.masks.Mask:
    """WMAP's temperature mask on the smaller pixels."""
    angles = np.stack(FINE.mesh(), axis=-1)
    larger = ducc0.healpix.Healpix_Base(NSIDE, "RING").ang2pix(angles)
    return st.masks.Mask(wmap().samples[larger], FINE)


@lru_cache(maxsize=4)
def transform(oversampling: float) -> st.ScatteringTransform:
    """The scattering transform, of which only the oversampling varies."""
    return st.ScatteringTransform(L, J_min=3, oversampling=oversampling, n_threads=1)


def measure(kind: str, seed: int, start: int, stop: int, fill: str) -> tuple[NDArray, ...]:
    """Means and second moments of the skies ``start .. stop - 1``, whole, then behind the mask.

    Two arrays of shape ``(stop - start, 2, n_paths)`` for each oversampling.
    """
    skies = np.array(
        [SKIES[kind](seed=np.random.default_rng((seed, i))) for i in range(start, stop)]
    )
    whole, masked = whole_and_hidden(skies, fill)
    out = []
    for oversampling in OVERSAMPLING:
        scatter = transform(oversampling)
        pair = scatter(whole), scatter(masked, mask=wmap())
        out += [np.stack([getattr(S, name)() for S in pair], axis=1) for name in LIMITS]
    return tuple(out)


def whole_and_hidden(alm: NDArray, fill: str) -> tuple[NDArray, NDArray]:
    """Coefficients below ``L`` of skies, and after a part of their samples was hidden and filled.

    What a sky has beyond ``L`` is in the samples of both.
    """
    beyond = alm.shape[-1] > st.n_coefficients(L)
    if fill == FILLED_WIDE:
        samples = st.inverse(alm, FINE, n_threads=1)
        masked = st.forward(samples, FINE, mask=fine_mask(), n_threads=1)
        return st.truncate(alm, L), st.truncate(masked, L)
    if not beyond:
        return alm, hidden(st.inverse(alm, GRID, n_threads=1), fill)
    samples = np.stack([averaged(f) for f in st.inverse(alm, FINE, n_threads=1)])
    # With a mask, forward does not warn of degrees beyond L.
    return st.forward(samples, GRID, mask=EVERYTHING, n_threads=1), hidden(samples, fill)


def hidden(samples: NDArray, fill: str) -> NDArray:
    """Coefficients of samples after a part of them was hidden and filled."""
    if fill == "realisation":
        return st.forward(samples, GRID, mask=wmap(), n_threads=1)
    weight = wmap() if fill == "zeros" else st.masks.apodise(wmap(), np.radians(6))
    return st.forward(samples * weight.samples, GRID, mask=EVERYTHING, n_threads=1)


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    """Bias and scatter of all ways, over as many skies of each kind."""
    n = checks.integer("--skies", options.skies, SMALLEST)
    found: dict[Way, dict[str, NDArray]] = {}
    for kind, fill in BEYOND if options.beyond else WAYS:
        arrays = run.in_blocks(measure, kind, 0, n, _STEP, f"{kind}, {fill}", (fill,))
        for i, oversampling in enumerate(OVERSAMPLING):
            some = arrays[i * len(LIMITS) : (i + 1) * len(LIMITS)]
            found[kind, fill, oversampling] = dict(zip(LIMITS, some, strict=True))
    scatter = transform(OVERSAMPLING[0])
    S = scatter(np.zeros(st.n_coefficients(L), complex), mask=wmap())
    rows = [
        {
            "skies": way[0],
            "fill": way[1],
            "oversampling": way[2],
            **{name: _row(values) for name, values in of.items()},
            **_kept(found, way),
        }
        for way, of in found.items()
    ]
    return {
        "mask": {"name": "WMAP temperature analysis, seven years", "nside": GRID.nside,
                 "kept": round(wmap().fraction, 4)},
        "skies": n,
        "seed": run.seed,
        "transform": scatter.parameters(),
        "limits": LIMITS,
        "paths": [path_name(path) for path in S.paths],
        "area": [round(float(area), 4) for area in S.area],
        "ways": rows,
    }  # fmt: skip


def _row(values: NDArray) -> dict[str, Any]:
    """Bias, its error, and the scatter over that of whole skies, path by path."""
    whole, masked = values[:, 0], values[:, 1]
    scatter = masked.std(axis=0, ddof=1)
    difference, of_whole = masked - whole, whole.std(axis=0, ddof=1)
    bias = difference.mean(axis=0) / scatter
    error = difference.std(axis=0, ddof=1) / scatter / np.sqrt(len(values))
    return {
        "bias": _rounded(bias),
        "error": _rounded(error),
        # The mean of a whole sky of the CMB does not vary: its monopole is zero.
        "scatter": _rounded(np.where(of_whole > 1e-9 * scatter, scatter, np.nan) / of_whole),
        "largest": round(float(np.abs(bias).max()), 3),
    }


def _kept(found: dict[Way, dict[str, NDArray]], way: Way) -> dict[str, Any]:
    """How much of the difference from Gaussian skies is left, where the whole skies have one.

    A path counts if the difference of its means is above half a standard deviation.
    """
    if way[0] in ("Gaussian", WIDE):
        return {}
    means, gaussian = found[way]["means"], found["Gaussian", *way[1:]]["means"]
    apart = means.mean(axis=0) - gaussian.mean(axis=0)
    seen = np.abs(apart[0]) > 0.5 * gaussian[:, 0].std(axis=0, ddof=1)
    return {"kept": _rounded(np.where(seen, apart[1], np.nan) / np.where(seen, apart[0], 1))}


def _rounded(values: NDArray) -> list[float | None]:
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    lines = [
        f"{result['skies']} skies of each kind behind {result['mask']['name']}, which keeps "
        f"{result['mask']['kept']:.1%}, seed {result['seed']}: bias in standard deviations",
        "",
        "| skies | fill | oversampling | of | " + " | ".join(f"({p})" for p in result["paths"])
        + " | largest |",
        "|---|---|---:|---|" + "---:|" * (len(result["paths"]) + 1),
    ]  # fmt: skip
    for way in result["ways"]:
        for name in LIMITS:
            bias = " | ".join(f"{value:+.2f}" for value in way[name]["bias"])
            lines.append(
                f"| {way['skies']} | {way['fill']} | {way['oversampling']:g} "
                f"| {name.replace('_', ' ')} | {bias} | {way[name]['largest']:.2f} |"
            )
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "masks",
    "Does the mean of a scattering path see the edge of a mask?",
    None,
    _add_options,
    _compute,
    table,
    masks_figure,
    ("healpy",),
)
