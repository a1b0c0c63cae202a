"""Are the scattering coefficients of WMAP's sky those of a Gaussian one?

The V and W bands of seven years (nside 32, not cleaned of foregrounds) outside the temperature mask
are compared with Gaussian simulations that have the standard model's spectrum, the beam, the
average over pixels, white noise, the mask and the fill of its holes. What was fixed before any
statistic of the data was looked at: spectrum, noise, mask, transform, the sets of statistics, the
global statistic, the levels of the power check.

What came out
-------------
V and W agree with each other, so that what is left is the sky and not the noise. Its spectrum lies
at the edge of what the model gives: degrees 2 to 3 and 18 to 23 have little power. A spectrum that
is off by a few per cent, in all or by a tilt, does not raise ``shape``. That has its largest
deviations at the coarsest scale, of degrees 4 to 16, where the coefficients are sparser than usual.
With the fill by default p is near 0.05, among other fills mostly higher, and all fills together say
that a Gaussian sky gives as much often. This is no proof of Gaussianity: ``power`` says what would
have been missed. With the Galaxy left in no simulation comes near.

How to read the result (``benchmarks/results/wmap.json``)
---------------------------------------------------------
``null``
    What the simulations are made of, and how many.
``noise``
    White noise of a pixel, as assumed, against the spectrum of the difference of both bands.
``maps``
    ``V`` and ``W`` outside the mask; ``W, Galaxy left in``: the whole sphere of W, against whole
    simulated spheres. Each has four sets of statistics, all logarithms:

    ``spectrum``: does the simulated pseudo-spectrum agree with the measured one? Asked first.
    ``levels``: means and second moments of the paths. They test the spectrum and Gaussianity alike;
    ``chi2`` leaves out the direction in which the power of the whole map changes
    (``log_amplitude`` and ``log_amplitude_error`` say how far it is from the model's).
    ``shape``: means over the size of wavelet coefficients, and variances over squared means, in
    which a factor cancels. This is the test of Gaussianity, and ``p_chi2`` its answer.
    ``shape_given_spectrum``: the same, less what the measured pseudo-spectrum tells of it. It was
    added after a first look at 900 simulations, since that spectrum lies at the edge of what the
    model gives: it asks for Gaussianity whatever the spectrum.

    ``statistics`` has one entry for each: ``measured``, ``expected``, ``standard_deviation``,
    ``z``, and ``p``, two-sided, over all simulations. Among so many some are small by chance:
    ``p_largest_deviation`` is the chance that the largest is as large. ``chi2`` uses mean and
    covariance of the first half of the simulations; its p-value, and that of the largest, are
    shares of the second half, so the smallest possible is ``smallest_p``.
``both_bands``
    The smaller ``p_chi2`` of V and W, and the chance that the smaller of two is as small; the bands
    see the same sky, so they are far from independent.
``fills``
    What the holes are filled with is drawn, for the data as for every simulation. Each of these
    p-values, for other draws, is as good as that in ``maps``; how far they spread says how much of
    it is chance. ``p``, twice their median, is a p-value too. Added with ``shape_given_spectrum``.
``power``
    For other skies, W outside the mask (with the Galaxy: W whole): the share of skies at each level
    for which ``p_chi2`` is below 0.05, by ``levels`` and so on; ``found_at_by_...`` is the level at
    which that is 95 %, interpolated; null if it is not reached.
    ``amplitude`` and ``tilt`` change the spectrum of Gaussian skies: a share near 5 % says that the
    statistic does not mind.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit._util import checks

from ..command import Experiment
from ..run import Run
from . import skies
from .figure import wmap_figure
from .statistics import AMPLITUDE, Features, Null, compared, features, given_spectrum, upper

SMALLEST = 100
"""Simulations; the covariance of a half needs more than there are statistics."""
_STEP = 25
FIRST_OTHER = 1_000_000
"""Number of the first sky of the power check: its skies are not those of the simulations."""
POWER: dict[str, tuple[float, ...]] = {
    "f_NL": (1000.0, 2000.0, 4000.0, 8000.0),
    "point sources": (0.1, 0.2, 0.3, 0.5),
    "Galaxy": (0.01, 0.03, 0.1, 0.3),
    "amplitude": (0.05,),
    "tilt": (-0.05, 0.05),
}
MEANING = {
    "f_NL": "local non-Gaussianity",
    "point sources": f"share of the power from {skies.N_SOURCES} sources on the sphere",
    "Galaxy": "share of what the Galaxy adds to W inside the mask, which is not used here",
    "amplitude": "power of all degrees, relative to the model, less 1",
    "tilt": f"power times (degree / {skies.PIVOT}) to this",
}
"""Of a level."""
MAPS = ("V", "W", "W, Galaxy left in")
TESTS = ("levels", "shape", "shape_given_spectrum")
FILLS = 20
"""Ways in which the holes of the data are filled, to see how much of a p-value is chance."""
FALSE_ALARMS, FOUND = 0.05, 0.95


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--skies", type=int, default=2000, help="Gaussian simulations (2000)")
    parser.add_argument("--others", type=int, default=100,
                        help="skies of the power check, of each kind (100)")  # fmt: skip


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    """The data against Gaussian simulations, and skies of every other kind."""
    n = checks.integer("--skies", options.skies, SMALLEST)
    n_others = checks.integer("--others", options.others, 1)
    (simulated,) = run.in_blocks(skies.measure, "Gaussian", 0, n, _STEP, "Gaussian")
    plain = [features(simulated[:, i]) for i in range(len(MAPS))]
    add = [given_spectrum(of) for of in plain]
    of_maps = [more(of) for more, of in zip(add, plain, strict=True)]
    nulls = [_nulls(of) for of in of_maps]
    data = skies.both(skies.wmap("V"), skies.wmap("W"))
    return {
        "null": _null(n),
        "seed": run.seed,
        "noise": _noise(),
        "maps": {
            name: _map(more(features(raw)), of, null)
            for name, raw, more, of, null in zip(MAPS, data, add, of_maps, nulls, strict=True)
        },
        "both_bands": _both(nulls, features(data[:2])),
        "fills": _fills(run.seed, add, nulls),
        "power": {
            kind: _power(kind, levels, n_others, run, add[i], nulls[i])
            for kind, levels in POWER.items()
            for i in [MAPS.index("W, Galaxy left in" if kind == "Galaxy" else "W")]
        },
    }


def _nulls(of: dict[str, NDArray]) -> dict[str, Null]:
    nuisance = {"levels": AMPLITUDE}
    return {name: Null.of(values, nuisance.get(name)) for name, values in of.items()}


def _null(n: int) -> dict[str, Any]:
    return {
        "simulations": n,
        "for_the_covariance": n - n // 2,
        "for_p_values": n // 2,
        "smallest_p": round(1 / (n // 2 + 1), 4),
        "spectrum": "Planck 2018 LCDM, sphere_toolkit.cmb.angular_power_spectrum",
        "beam_fwhm_degrees": skies.FWHM,
        "noise_per_pixel_microkelvin": skies.NOISE,
        "pixels": f"simulated at nside {skies.NSIDE_SKY} and degrees below {skies.L_SKY}, averaged "
        f"to nside {skies.NSIDE}",
        "mask": "WMAP temperature analysis, seven years",
        "kept": round(skies.mask().fraction, 4),
        "area": [round(float(area), 3) for area in _area()],
        "transform": skies.SCATTER.parameters(),
    }


def _area() -> NDArray[np.float64]:
    nothing = np.zeros(st.n_coefficients(skies.L), complex)
    area: NDArray[np.float64] = skies.SCATTER(nothing, mask=skies.mask()).area
    return area


def _noise() -> dict[str, Any]:
    """Noise of the difference of both bands outside the mask, from its spectrum, by degrees."""
    difference = st.masks.remove_dipole(skies.wmap("W") - skies.wmap("V"), skies.mask())
    alm = st.forward(difference, skies.GRID, mask=skies.EVERYTHING, n_threads=1)
    spectrum = st.power_spectrum(alm) / skies.mask().fraction
    per_pixel = np.sqrt(spectrum * skies.GRID.n_samples / (4 * np.pi))
    edges = (2, 6, 12, 24, 40, skies.L)
    return {
        "assumed": round(float(np.hypot(skies.NOISE["V"], skies.NOISE["W"])), 2),
        "of_W_minus_V": {
            f"degrees {a} to {b - 1}": round(float(np.sqrt(np.mean(per_pixel[a:b] ** 2))), 2)
            for a, b in pairwise(edges)
        },
    }


def _map(
    values: dict[str, NDArray], of: dict[str, NDArray], nulls: dict[str, Null]
) -> dict[str, Any]:
    out = {name: compared(values[name], of[name], name, null) for name, null in nulls.items()}
    amplitude, error = nulls["levels"].along(values["levels"])
    out["levels"] |= {
        "log_amplitude": round(amplitude, 4),
        "log_amplitude_error": round(error, 4),
    }
    return out


def _both(nulls: list[dict[str, Null]], values: dict[str, NDArray]) -> dict[str, float]:
    """The smaller p-value of both bands, among those of simulations."""
    simulated, measured = [], []
    for null, value in zip(nulls, values["shape"], strict=False):
        chi2 = null["shape"].chi2(null["shape"].others)
        simulated.append(upper(chi2, chi2) - 1 / (len(chi2) + 1))  # each counts itself already
        measured.append(float(upper(null["shape"].chi2(value), chi2)))
    smaller = np.min(simulated, axis=0)
    return {
        "smaller_p_chi2_of_shape": round(min(measured), 4),
        "p": round(float(upper(-min(measured), -smaller)), 4),
        "correlation_of_chi2": round(float(np.corrcoef(simulated[0], simulated[1])[0, 1]), 3),
    }


def _fills(
    seed: int, add: list[Callable[[Features], Features]], nulls: list[dict[str, Null]]
) -> dict[str, Any]:
    """p-values of the data with their holes filled in other ways."""
    v, w = (skies.wmap(band) for band in skies.BANDS)
    raw = np.stack([skies.both(v, w, seed + i) for i in range(FILLS)])
    out: dict[str, Any] = {"number": FILLS}
    for i, band in enumerate(skies.BANDS):
        found, null = add[i](features(raw[:, i])), nulls[i]
        out[band] = {
            name: _spread(upper(null[name].chi2(found[name]), null[name].chi2(null[name].others)))
            for name in TESTS
        }
    return out


def _spread(p: NDArray) -> dict[str, float]:
    lowest, median, highest = (round(float(x), 4) for x in np.quantile(p, (0, 0.5, 1)))
    spread = {"lowest_p": lowest, "median_p": median, "highest_p": highest}
    # Whatever p-values depend on each other: twice their median is one.
    return spread | {"p": round(min(1.0, 2 * median), 4)}


def _power(
    kind: str,
    levels: tuple[float, ...],
    n: int,
    run: Run,
    more: Callable[[Features], Features],
    null: dict[str, Null],
) -> dict[str, Any]:
    (raw,) = run.in_blocks(skies.measure, kind, FIRST_OTHER, n, _STEP, kind, (levels,))
    found = more(features(raw))
    out: dict[str, Any] = {"level_is": MEANING[kind], "skies": n, "levels": list(levels)}
    for name in TESTS:
        p = upper(null[name].chi2(found[name]), null[name].chi2(null[name].others))
        shares = np.mean(p <= FALSE_ALARMS, axis=0)
        out[f"found_by_{name}"] = [round(float(share), 3) for share in shares]
        if kind in ("f_NL", "point sources", "Galaxy"):
            out[f"found_at_by_{name}"] = reached(levels, shares)
    return out


def reached(levels: tuple[float, ...], shares: NDArray) -> float | None:
    """The level at which a share of `FOUND` is found, between those that were tried."""
    for i in np.flatnonzero(shares >= FOUND):
        before, at = ((0.0, FALSE_ALARMS) if i == 0 else (levels[i - 1], shares[i - 1]), shares[i])
        level = before[0] + (levels[i] - before[0]) * (FOUND - before[1]) / (at - before[1])
        return float(f"{level:.3g}")
    return None


def table(result: dict[str, Any]) -> str:
    """The result as tables in Markdown."""
    null = result["null"]
    lines = [
        f"{null['simulations']} Gaussian simulations, seed {result['seed']}, outside "
        f"{null['mask']}, which keeps {null['kept']:.1%}; p-values over the "
        f"{null['for_p_values']} that the covariance was not made of",
        "",
        "| map | statistics | chi2 | degrees of freedom | p | largest deviation | p |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, sets in result["maps"].items():
        for key, row in sets.items():
            of = key.replace("_", " ")
            lines.append(
                f"| {name} | {of} | {row['chi2']:.1f} | {row['degrees_of_freedom']} "
                f"| {row['p_chi2']:.3f} | {row['largest_deviation']:.1f} "
                f"| {row['p_largest_deviation']:.3f} |"
            )
    both = result["both_bands"]
    fills = result["fills"]
    for band in skies.BANDS:
        p = fills[band]["shape"]
        lines += [
            "",
            f"{band}, p of shape with the holes filled in {fills['number']} other ways: "
            f"{p['lowest_p']:.3f} to {p['highest_p']:.3f}, median {p['median_p']:.3f}; "
            f"all together {p['p']:.3f}.",
        ]
    lines += [
        "",
        f"Smaller p of shape of both bands: {both['smaller_p_chi2_of_shape']:.3f}; the smaller of "
        f"two is as small with p = {both['p']:.3f}.",
        "",
        "| skies that are not the null | level | found by "
        + " | ".join(f"{name.replace('_', ' ')}" for name in TESTS)
        + " |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind, row in result["power"].items():
        for i, level in enumerate(row["levels"]):
            shares = " | ".join(f"{row[f'found_by_{name}'][i]:.0%}" for name in TESTS)
            lines.append(f"| {kind}: {row['level_is']} | {level:g} | {shares} |")
    return "\n".join(lines)


EXPERIMENT = Experiment(
    "wmap",
    "Are the scattering coefficients of WMAP's sky those of a Gaussian one?",
    None,
    _add_options,
    _compute,
    table,
    wmap_figure,
    ("astropy", "scipy"),
)
