"""Measure what nonlinearity, order, directions and oversampling do to a scattering network.

    python benchmarks/equivariance.py [--rotations 10] [--out FILE.json]

For white noise, the Earth's relief and a microwave sky: the equivariance error of each kind of
path, as `st.equivariance_error` defines it, against time, all settings taking turns; the energy
that is kept by depth and lost; where one scale's energy goes; the largest growth of a distance
between two signals; and how far a deformation moves the coefficients. For several band-limits:
what an envelope costs that has a tenth of the modulus's error. Docstrings and the page "How fast,
how exact" quote the result.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import transforms
from scipy.spatial.transform import Rotation
from sections import turns

import sphere_toolkit as st
from sphere_toolkit.scattering import deformation_distances, energy_by_degree

OUT = Path(__file__).parent / "results" / "equivariance.json"
J_MIN = 5
L = 256
OVERSAMPLING = {
    "modulus": (1.0, 2.0, 4.0),
    "envelope": (1.0, 1.5, 2.0, 3.0),
    "envelope(2)": (1.0, 1.25, 1.5, 2.0),
    "envelope(3)": (1.0, 1.5, 2.0, 3.0),
    "envelope(4)": (2.0, 3.0),
    "rms": (1.0, 1.5, 2.0),
}
SETTINGS = [
    {"nonlinearity": name, "oversampling": by} for name, all_by in OVERSAMPLING.items()
    for by in all_by
] + [
    {"nonlinearity": name, "directions": 4, "oversampling": by}
    for name in ("modulus", "envelope(2)") for by in (1.0, 1.5, 2.0)
]  # fmt: skip
COMPARED = [
    {"nonlinearity": "modulus"}, {"nonlinearity": "envelope"}, {"nonlinearity": "envelope(2)"},
    {"nonlinearity": "rms"}, {"nonlinearity": "envelope(2)", "directions": 4},
]  # fmt: skip
CANDIDATES = [
    {"nonlinearity": "envelope", "oversampling": 1.8},
    {"nonlinearity": "envelope(2)", "oversampling": 1.25},
    {"nonlinearity": "envelope(3)", "oversampling": 1.1},
    {"nonlinearity": "rms(0.5)", "oversampling": 1.5},
    {"nonlinearity": "rms", "oversampling": 1.5},
]


def signals(L: int) -> dict[str, np.ndarray]:
    """What is measured on."""
    return {
        "white noise": st.signals.band_limited_noise(L, 0),
        "Earth's relief": st.signals.earth_relief(L),
        "microwave sky": st.cmb.gaussian(L, seed=0),
    }


def kinds(paths: list) -> dict[str, list[int]]:
    """Rows of the coefficients by kind of path."""
    rows: dict[str, list[int]] = {}
    for i, path in enumerate(paths):
        spin = next((step[1] for step in path if isinstance(step, tuple)), 0)
        rows.setdefault(f"depth {len(path)}" + (f", spin {spin}" if spin else ""), []).append(i)
    return rows


def errors(scatter: st.ScatteringTransform, alm: np.ndarray, rotations: Rotation) -> dict:
    """Mean error of each kind of path."""
    rows = kinds(scatter.paths)
    S = scatter(alm).alm
    of = {kind: [] for kind in rows}
    for rotation in rotations:
        expected = st.rotate(S, rotation)
        difference = scatter(st.rotate(alm, rotation)).alm - expected
        for kind, some in rows.items():
            ratio = st.energy(difference[some]).sum() / st.energy(expected[some]).sum()
            of[kind].append(np.sqrt(ratio))
    return {kind: float(np.mean(values)) for kind, values in of.items()}


def pareto(rotations: Rotation) -> list[dict]:
    """Errors, energies and time of every setting on every signal."""
    scatters = [st.ScatteringTransform(L, J_MIN, **setting) for setting in SETTINGS]
    all_signals = signals(L)
    noise = all_signals["white noise"]
    ms = turns({str(i): lambda s=s: s(noise) for i, s in enumerate(scatters)}, 60.0, 15)
    rows = []
    for i, (setting, scatter) in enumerate(zip(SETTINGS, scatters, strict=True)):
        for name, alm in all_signals.items():
            kept = scatter(alm).energy_by_depth() / st.energy(alm)
            rows.append({"signal": name, **setting, "ms": ms[str(i)]["ms"],
                         "error": errors(scatter, alm, rotations), "kept": kept.tolist(),
                         "lost": float(1 - kept.sum())})  # fmt: skip
            print(name, setting, {k: f"{e:.1e}" for k, e in rows[-1]["error"].items()}, flush=True)
    return rows


def moved() -> list[dict]:
    """Shares of the energy of one scale below its band, in it and above it."""
    bank, rows = st.WaveletBank(L, J_MIN), []
    for name, alm in signals(L).items():
        for j in (6, 7):
            first, end = bank.band(j)
            for rho in ("modulus", "envelope", "envelope(2)", "envelope(3)", "rms"):
                share = energy_by_degree(alm, bank, j, rho).after
                below, inside = float(share[:first].sum()), float(share[first:end].sum())
                rows.append({"signal": name, "scale": j, "nonlinearity": rho, "below": below,
                             "in": inside, "above": 1 - below - inside})  # fmt: skip
    return rows


def lipschitz(pairs: int) -> list[dict]:
    """The largest ratio of the distance of two signals after scattering to that before."""
    rng, rows = np.random.default_rng(0), []
    for setting in COMPARED:
        scatter = st.ScatteringTransform(64, 3, **setting)
        ratios = []
        for i in range(pairs):
            a, b = (
                st.signals.band_limited_noise(64, 2 * i),
                st.signals.band_limited_noise(64, 2 * i + 1),
            )
            b = a + 10 ** rng.uniform(-3, 0) * b
            ratios.append(
                np.sqrt(st.energy(scatter(b).alm - scatter(a).alm).sum()) / st.norm(b - a)
            )
        rows.append({**setting, "L": 64, "pairs": pairs, "largest": float(max(ratios)),
                     "mean": float(np.mean(ratios))})  # fmt: skip
    return rows


def stability() -> list[dict]:
    """Relative distances between a signal and its deformation."""
    rows = []
    for name, alm in signals(128).items():
        for size in (0.02, 0.05, 0.1):
            for setting in COMPARED:
                found = deformation_distances(alm, st.ScatteringTransform(128, 4, **setting), size)
                rows.append({"signal": name, "size": size, **setting, "of_signal": found.signal,
                             "of_scattering": found.scattering})  # fmt: skip
    return rows


def a_tenth(rotations: Rotation) -> list[dict]:
    """At several band-limits: time and error of the default, and of envelopes beside it."""
    rows = []
    for L in (128, 256, 512, 1024):
        alm = st.signals.band_limited_noise(L, 0)
        settings = [{"nonlinearity": "modulus", "oversampling": 2.0}, *CANDIDATES]
        scatters = [st.ScatteringTransform(L, J_MIN, **setting) for setting in settings]
        works: dict[str, Callable[[], object]] = {
            str(i): lambda s=s, alm=alm: s(alm) for i, s in enumerate(scatters)
        }
        for i, setting in enumerate(settings):
            _, works[f"bare {i}"] = transforms.scattering(alm, L, dtype="float64", **setting)
        ms = turns(works, 20.0, 31)
        for i, (setting, scatter) in enumerate(zip(settings, scatters, strict=True)):
            few = rotations[: 2 if L > 512 else 4]
            rows.append({"L": L, **setting, "ms": ms[str(i)]["ms"],
                         "bare_ms": ms[f"bare {i}"]["ms"],
                         "error": errors(scatter, alm, few)["depth 2"]})  # fmt: skip
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure everything and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rotations", type=int, default=10)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rotations = Rotation.random(options.rotations, rng=np.random.default_rng(0))
    result = {
        "command": "python benchmarks/equivariance.py", "machine": transforms.machine(),
        "L": L, "J_min": J_MIN, "rotations": options.rotations,
        "a_tenth": a_tenth(rotations), "rows": pareto(rotations), "moved": moved(),
        "lipschitz": lipschitz(200), "stability": stability(),
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
