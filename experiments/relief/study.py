r"""What does a map of 9.3 million samples hold, and what does it cost to scatter it?

The map is ETOPO5, the Earth's relief at 5 arc minutes (National Geophysical Data Center, 1988):
2161 latitudes with both poles and 4320 longitudes, so band-limit 2160. It is work of the United
States government, in the public domain. Debian's package ``ferret-datasets`` has it, under the
licence of Ferret (NOAA), which says the same of all that it covers. On Debian or Ubuntu, in a
checkout (28 MB to download)::

    apt-get download ferret-datasets
    dpkg-deb -x ferret-datasets_*.deb ferret
    python -m experiments.relief --map ferret/usr/share/ferret-vis/data/etopo5.cdf --out relief.json

Elsewhere take the ``.deb`` from ``https://deb.debian.org/debian/pool/main/f/ferret-vis/``; ``ar x``
and ``tar xf`` unpack it.

What the result holds:

- *cost*: core seconds of each step, on one thread, and the most memory of the process.
- *above*: the root mean square of what the samples hold at degrees of 2160 and above, which
  `sphere_toolkit.forward` leaves out.
- *scales*: the root mean square of the wavelet coefficients, and their mean modulus over it. That
  is :math:`\sqrt{2/\pi}` for a Gaussian signal whose variance is the same everywhere, and less
  where few places hold the energy.
- *paths*: the means, those of Gaussian twins with the same spectrum, and those of every fourth
  sample, which is the map that the package carries: its 541 x 1080 samples have the band-limit 540,
  and what the relief has above it aliases.
- *images*: coefficients of some paths in centimetres, real and imaginary parts by turns.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit._util import checks
from sphere_toolkit.scattering.paths import path_name

from .. import report
from ..command import Experiment
from ..run import Run
from .figure import relief_figure

J_MIN = 5
SHOWN = ((8,), (11,))
"""Paths whose images are kept."""
DEGREES = (10, 50, 100, 200, 300, 400, 500)
"""Where the map of every fourth sample is compared."""
_NAMES = {"ETOPO05_Y": "lat", "ETOPO05_X": "lon"}
_OFF = 0.05


def read(path: Path) -> xr.DataArray:
    """The relief in metres, with its latitudes and longitudes.

    Parameters
    ----------
    path : Path
        ``etopo5.cdf`` of Debian's ``ferret-datasets``.

    Returns
    -------
    DataArray
        With even longitudes; its attribute ``longitudes_off`` says by how many steps those of the
        file were off at most.

    Raises
    ------
    ValueError
        The file has no such variable, or its longitudes are not those of even steps from 0.
    """
    with xr.open_dataset(path, engine="scipy") as file:
        if "ROSE" not in file:
            held = ", ".join(map(str, file.data_vars))
            raise ValueError(f"--map must have a variable ROSE, got {held}")
        relief = file["ROSE"].rename(_NAMES).load()
    # The file holds a rounded step, so that the last longitude is 4 % of a step too large.
    n = relief.sizes["lon"]
    even = 360 / n * np.arange(n)
    off = float(np.abs(relief["lon"] - even).max()) * n / 360
    if off > _OFF:
        raise ValueError(f"longitudes must go from 0 in even steps, got some {off:.2g} steps off")
    return relief.assign_coords(lon=even).assign_attrs(longitudes_off=off)


def measure(path: Path, n_twins: int, seed: int) -> dict[str, Any]:
    """Scatter the map, Gaussian twins of it, and every fourth of its samples.

    Parameters
    ----------
    path : Path
    n_twins, seed : int
        How many Gaussian signals with the spectrum of the map are scattered; their seed.

    Returns
    -------
    dict
        Ready for JSON; the docstring of the module says what its keys mean.

    Raises
    ------
    TypeError, ValueError
        ``n_twins`` is not positive, or as of `read`.
    """
    n_twins = checks.integer("--twins", n_twins, 1)
    cost: dict[str, float] = {}
    with _timed(cost, "read"):
        relief = read(path)
        samples, grid = st.from_xarray(relief)
    with _timed(cost, "forward"):
        alm = st.forward(relief, n_threads=1)
    scatter = st.ScatteringTransform(grid.L, J_MIN, n_threads=1)
    with _timed(cost, "scatter"):
        S = scatter(alm)
    peak = report.peak_memory().get("process")
    with _timed(cost, "inverse"):
        back = st.inverse(alm, grid, n_threads=1)
    spectrum = st.power_spectrum(alm)
    twins = [scatter(st.signals.gaussian(spectrum, seed + i)).means() for i in range(n_twins)]
    return {
        "map": {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "grid": repr(grid),
            "samples": grid.n_samples,
            "longitudes_off_in_steps": round(relief.attrs["longitudes_off"], 4),
            "rms_metres": round(_rms(samples, grid), 1),
        },
        "transform": scatter.parameters(),
        "cost": {
            "core_seconds": {what: round(seconds, 2) for what, seconds in cost.items()},
            "peak_mib": None if peak is None else round(peak / 2**20),
        },
        "above": {"rms_metres": round(_rms(samples - back, grid), 1)},
        "twins": n_twins,
        "seed": seed,
        "scales": _scales(alm, S),
        "paths": _paths(S, np.mean(twins, axis=0)),
        "every_fourth": _every_fourth(relief, alm),
        "images": {path_name(path): _text(S[path]) for path in SHOWN if path in S.paths},
    }


@contextmanager
def _timed(cost: dict[str, float], what: str) -> Iterator[None]:
    start = process_time()
    yield
    cost[what] = process_time() - start


def _rms(samples: NDArray, grid: st.Grid) -> float:
    """Root mean square over the sphere; weights of rings, since samples crowd at the poles."""
    return float(np.sqrt(np.average((samples**2.0).mean(axis=-1), weights=grid.weights)))


def _scales(alm: NDArray, S: st.ScatteringCoefficients) -> list[dict[str, Any]]:
    bank = st.WaveletBank(st.band_limit(alm), J_MIN)
    means = dict(zip(S.paths, S.means(), strict=True))
    rows = []
    for j in bank.scales:
        rms = float(st.norm(alm * bank.window(j)[st.degrees(bank.L)]) / np.sqrt(4 * np.pi))
        ratio = means[(j,)] / rms
        rows.append({"scale": j, "rms_metres": round(rms, 3), "mean_over_rms": round(ratio, 3)})
    return rows


def _paths(S: st.ScatteringCoefficients, twins: NDArray) -> list[dict[str, Any]]:
    """Means in metres; that of the signal itself, which has either sign, is none of the twins'."""
    return [
        {
            "path": list(path),
            "mean": round(float(mean), 4),
            "twins": round(float(twin), 4) if path else None,
        }
        for path, mean, twin in zip(S.paths, S.means(), twins, strict=True)
    ]


def _every_fourth(relief: xr.DataArray, alm: NDArray) -> dict[str, Any]:
    fourth = relief.isel(lat=slice(None, None, 4), lon=slice(None, None, 4))
    coarse = st.forward(fourth, n_threads=1)
    L = st.band_limit(coarse)
    kept = st.truncate(alm, L)
    error = np.sqrt(st.power_spectrum(coarse - kept) / st.power_spectrum(kept))
    S = st.ScatteringTransform(L, J_MIN, n_threads=1)(coarse)
    shipped = st.data.earth_heights()
    return {
        "L": L,
        "is_the_map_of_the_package": bool(np.array_equal(fourth, shipped)),
        "error": float(f"{st.norm(coarse - kept) / st.norm(kept):.3g}"),
        "error_at_degree": {str(ell): float(f"{error[ell]:.3g}") for ell in DEGREES if ell < L},
        "paths": [
            {"path": list(path), "mean": round(float(mean), 4)}
            for path, mean in zip(S.paths, S.means(), strict=True)
        ],
    }


def _text(image: NDArray) -> str:
    """Coefficients in centimetres, one long line."""
    numbers = np.round(100 * image).astype(np.complex128).view(np.float64)
    return " ".join(f"{number:.0f}" for number in numbers + 0.0)


def table(result: dict[str, Any]) -> str:
    """The result as tables in Markdown."""
    cost = result["cost"]
    lines = [
        f"{result['map']['file']}, {result['map']['grid']}, rms {result['map']['rms_metres']} m, "
        f"above the band-limit {result['above']['rms_metres']} m; sha256 "
        f"{result['map']['sha256']}",
        "",
        ", ".join(f"{what} {s} s" for what, s in cost["core_seconds"].items())
        + f" of one core; {cost['peak_mib']} MiB at most.",
        "",
        "| scale | rms, m | mean modulus over rms |",
        "|---:|---:|---:|",
    ]
    lines += [
        f"| {row['scale']} | {row['rms_metres']:g} | {row['mean_over_rms']:.3f} |"
        for row in result["scales"]
    ]
    lines += [
        "",
        f"| path | mean, m | of {result['twins']} Gaussian twins, m | of every fourth sample, m |",
        "|---|---:|---:|---:|",
    ]
    coarse = {tuple(row["path"]): f"{row['mean']:.2f}" for row in result["every_fourth"]["paths"]}
    lines += [
        f"| {tuple(row['path'])} | {row['mean']:.2f} | "
        + ("" if row["twins"] is None else f"{row['twins']:.2f}")
        + f" | {coarse.get(tuple(row['path']), '')} |"
        for row in result["paths"]
    ]
    return "\n".join(lines)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--map", type=Path, required=True,
                        help="etopo5.cdf of Debian's package ferret-datasets")  # fmt: skip
    parser.add_argument("--twins", type=int, default=4, help="Gaussian signals (4)")


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    return measure(options.map, options.twins, run.seed)


EXPERIMENT = Experiment(
    "relief",
    "What does a map of 9.3 million samples hold, and what does it cost to scatter it?",
    None,
    _add_options,
    _compute,
    table,
    relief_figure,
    ("scipy", "xarray"),
    parallel=False,
)
