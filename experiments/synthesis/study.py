r"""What do scattering coefficients remember? Signals drawn from statistics, judged by others.

Every draw starts from noise with the spectrum of one signal, and is changed until it has the
statistics of that signal. It is then measured by what was not matched: see `measures`. The random
fields have an ensemble of true skies beside them, and

.. math:: z = (\text{mean over draws} - \text{mean over true skies})
              / \text{standard deviation of true skies}

tells how far off a number is; each draw has a true sky of its own as its target, so the average of
``n`` true targets (the row "targets") is off by about :math:`1/\sqrt n`. There is one relief: its
numbers stand as they are.

Which statistic carries what:

- The *means* are sizes: how strong the signal is at each scale, and, at depth two, how much that
  varies over coarser scales. With directions also how much the orientation varies.
- The *moments* and *covariances* of one transform are those of images below its ``J_min``.
- The *sign* is in none of the images but that of the path ``()``, since the modulus and the
  envelope of f and -f are the same. Only covariances with ``()`` see whether the signal is strong
  where it is high, that is skewness, bispectrum, and whether peaks are higher than troughs are
  deep; and only at degrees below those of scale ``J_min``.
- So *several transforms*, with one ``J_min`` after another, carry at all scales what covariances of
  moduli with the signal carry in other work on scattering.

What came out (``benchmarks/results/synthesis.json``; a test reads it): statistics of one transform
of ``J_min = 2``, zonal or directional, bring at most one of six measures of the filaments or of the
lognormal field within two standard deviations, and no bispectrum. Directional covariances of
several transforms bring at least two; zonal ones do, too, so it is the sign that was missing, more
than the direction. Without the covariances of the path ``()`` with the others, the odd ones, the
same transforms bring no more than a single one. Flat voids between bare filaments are not
remembered: their quantiles stay off by more than ten. That was the first filamentary field; the one
with a background was added, and the steps and transforms were chosen, after trials on these two
fields with other true skies as targets.
"""

from __future__ import annotations

import argparse
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import sphere_toolkit as st
from sphere_toolkit._util import checks

from ..command import Experiment
from ..run import Run
from .fields import FIELDS, L
from .figure import synthesis_figure
from .measures import NAMES, PEAKS, QUANTILES, THRESHOLDS, TRIPLES, measures


class Way(NamedTuple):
    """What is matched: a statistic of transforms that differ in ``J_min``."""

    match: str
    J_min: tuple[int, ...] = (2,)
    directions: int = 1

    def transforms(self, L: int) -> list[st.ScatteringTransform]:
        """One for each coarsest scale."""
        return [
            st.ScatteringTransform(L, j, directions=self.directions, n_threads=1, **COMMON)
            for j in self.J_min
        ]


COMMON: dict[str, Any] = {"nonlinearity": "envelope", "oversampling": 1.5}
WAYS: dict[str, Way | None] = {
    "spectrum": None,
    "zonal means": Way("means"),
    "zonal moments": Way("moments"),
    "zonal covariances": Way("covariances"),
    "directional means": Way("means", directions=3),
    "directional covariances": Way("covariances", directions=3),
    "zonal, every J_min": Way("covariances", (2, 3, 4, 5, 6)),
    "zonal, every J_min, even": Way("even covariances", (2, 3, 4, 5, 6)),
    "directional, every J_min": Way("covariances", (3, 4, 5), 3),
}
"""What is matched, by name; of the spectrum alone, Gaussian twins are drawn."""
TARGETS = "targets"
FIRST_TARGET = 1_000_000
SMALLEST = 3
# Within so many standard deviations of the ensemble a statistic counts as right.
LIMIT = 2.0
_STEP = 4


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--skies", type=int, default=32, help="true skies of each field (32)")
    parser.add_argument("--draws", type=int, default=3, help="of each field and statistic (3)")
    parser.add_argument("--steps", type=int, default=60, help="of every draw (60)")
    parser.add_argument("--cost", type=int, nargs="*", default=[], metavar="L",
                        help="band-limits at which 200 steps are timed (none)")  # fmt: skip


def truth(name: str, seed: int, start: int, stop: int) -> tuple[NDArray, ...]:
    """The measures of the true skies ``start .. stop - 1``, in the order of `NAMES`."""
    return _measured([_sky(name, seed, i) for i in range(start, stop)])


def drawn(name: str, seed: int, start: int, stop: int, way: str, steps: int) -> tuple[NDArray, ...]:
    """The measures of draws from the skies ``start .. stop - 1``, in the order of `NAMES`.

    Two more arrays: by what their losses were multiplied, and seconds of one processor.
    """
    alms, fell, seconds = [], [], []
    for i in range(start, stop):
        begin = process_time()
        alm, fall = _draw(
            _sky(name, seed, i), WAYS[way], np.random.default_rng((seed, i, 1)), steps
        )
        alms.append(alm)
        fell.append(fall)
        seconds.append(process_time() - begin)
    return *_measured(alms), np.array(fell), np.array(seconds)


def _draw(
    target: NDArray, way: Way | None, rng: np.random.Generator, steps: int
) -> tuple[NDArray, float]:
    if way is None:
        return st.signals.gaussian(st.power_spectrum(target), rng), 1.0
    transforms = way.transforms(st.band_limit(target))
    alm, history = st.scattering.synthesise(
        target, transforms, seed=rng, match=way.match, steps=steps
    )
    (losses,) = history.losses
    return alm, float(losses[-1] / losses[0])


def _sky(name: str, seed: int, i: int) -> NDArray[np.complex128]:
    return FIELDS[name](np.random.default_rng((seed, i)))


def _measured(alms: list[NDArray]) -> tuple[NDArray, ...]:
    found = [measures(alm) for alm in alms]
    return tuple(np.array([one[name] for one in found]) for name in NAMES)


def _compute(options: argparse.Namespace, run: Run) -> dict[str, Any]:
    """Every field drawn in every way, and measured."""
    n_skies = checks.integer("--skies", options.skies, SMALLEST, FIRST_TARGET)
    n_draws = checks.integer("--draws", options.draws, 1)
    steps = checks.integer("--steps", options.steps, 1)
    fields = []
    for name in FIELDS:
        # There is one relief, and it does not vary.
        n = 1 if name == "relief" else n_skies
        sky = run.in_blocks(truth, name, 0, n, _STEP, name)
        rows = []
        if n > 1:
            own = run.in_blocks(truth, name, FIRST_TARGET, n_draws, _STEP, f"{name}, {TARGETS}")
            rows.append({"way": TARGETS, **_judged(own, sky)})
        for way in WAYS:
            *found, fell, seconds = run.in_blocks(
                drawn, name, FIRST_TARGET, n_draws, 1, f"{name}, {way}", (way, steps)
            )
            rows.append(
                {
                    "way": way,
                    "loss": float(np.median(fell)),
                    "cpu_seconds": round(float(np.median(seconds)), 2),
                    **_judged(found, sky),
                }
            )
        true = {
            key: {"mean": _rounded(of.mean(axis=0)),
                  "deviation": _rounded(of.std(axis=0, ddof=1)) if n > 1 else None}
            for key, of in zip(NAMES, sky, strict=True)
        }  # fmt: skip
        fields.append({"field": name, "skies": n, "true": true, "rows": rows})
    return {
        "L": L,
        "draws": n_draws,
        "steps": steps,
        "seed": run.seed,
        "limit": LIMIT,
        "common": COMMON,
        "ways": {name: way and way._asdict() for name, way in WAYS.items()},
        "quantiles": QUANTILES,
        "thresholds": THRESHOLDS,
        "triples": TRIPLES,
        "peaks": PEAKS,
        "fields": fields,
        "cost": [cost(L, run) for L in options.cost],
    }


def _judged(found: list[NDArray], sky: list[NDArray]) -> dict[str, Any]:
    """The average of some draws, and how far it is from that of the ensemble.

    ``z`` for each number of a measure, ``largest`` its largest size, ``rms`` that of all; None
    without an ensemble, and for a number that does not vary in it.
    """
    out: dict[str, dict[str, Any]] = {}
    for name, of, true in zip(NAMES, found, sky, strict=True):
        mean = of.mean(axis=0)
        out[name] = {"mean": _rounded(mean)}
        if len(true) > 1:
            deviation = true.std(axis=0, ddof=1)
            varies = deviation > 0
            z = (mean - true.mean(axis=0))[varies] / deviation[varies]
            full = np.full(mean.shape, np.nan)
            full[varies] = z
            out[name] |= {
                "z": _rounded(full),
                "largest": round(float(np.abs(z).max()), 2),
                "rms": round(float(np.sqrt(np.square(z).mean())), 2),
            }
    return out


def cost(L: int, run: Run) -> dict[str, Any]:
    """Seconds of one processor for 200 steps from the relief, zonal and with directions."""
    names = ("zonal means", "directional means")
    timed = [run.in_blocks(_timed, name, 0, 1, 1, f"L = {L}, {name}", (L,)) for name in names]
    return {
        "L": L,
        "steps": 200,
        **{
            name: {"cpu_seconds": round(float(seconds[0]), 1), "loss": float(fell[0])}
            for name, (seconds, fell) in zip(names, timed, strict=True)
        },
    }


def _timed(way: str, seed: int, start: int, stop: int, L: int) -> tuple[NDArray, NDArray]:
    begin = process_time()
    _, fell = _draw(st.signals.earth_relief(L), WAYS[way], np.random.default_rng(seed), 200)
    return np.array([process_time() - begin]), np.array([fell])


def _rounded(values: NDArray) -> list[float | None]:
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]


def table(result: dict[str, Any]) -> str:
    """The result as tables in Markdown."""
    lines = [
        f"{result['draws']} draws of each, L = {result['L']}, {result['steps']} steps, seed "
        f"{result['seed']}. Distance from the ensemble of true skies, in its standard deviations: "
        f"RMS over the numbers of a measure (largest), bold where all are within "
        f"{result['limit']:g}.",
    ]
    for of in result["fields"]:
        if of["skies"] > 1:
            lines += ["", f"**{of['field']}**, {of['skies']} true skies", "", *_header()]
            lines += [_row(row, [_shown(row[name], result["limit"]) for name in NAMES])
                      for row in of["rows"]]  # fmt: skip
        else:
            lines += ["", f"**{of['field']}**: mean absolute difference from it", "", *_header()]
            for row in of["rows"]:
                apart = [
                    np.abs(np.subtract(row[name]["mean"], of["true"][name]["mean"])).mean()
                    for name in NAMES
                ]
                lines.append(_row(row, [f"{value:.3g}" for value in apart]))
    for one in result["cost"]:
        lines += ["", f"{one['steps']} steps at L = {one['L']}: " + "; ".join(
            f"{name} {of['cpu_seconds']} s of one processor, loss times {of['loss']:.1e}"
            for name, of in one.items() if isinstance(of, dict))]  # fmt: skip
    return "\n".join(lines)


def _header() -> list[str]:
    return [
        f"| matched | loss times | CPU s | {' | '.join(NAMES)} |",
        "|---|---:|---:|" + "---:|" * len(NAMES),
    ]


def _row(row: dict[str, Any], cells: list[str]) -> str:
    loss, seconds = row.get("loss"), row.get("cpu_seconds")
    first = [
        row["way"],
        "" if loss is None else f"{loss:.0e}",
        "" if loss is None else f"{seconds}",
    ]
    return f"| {' | '.join(first + cells)} |"


def _shown(of: dict[str, Any], limit: float) -> str:
    text = f"{of['rms']:.1f} ({of['largest']:.1f})"
    return f"**{text}**" if of["largest"] <= limit else text


EXPERIMENT = Experiment(
    "synthesis",
    "What do scattering coefficients remember? Signals drawn from statistics, judged by others.",
    None,
    _add_options,
    _compute,
    table,
    synthesis_figure,
    ("scipy",),
)
