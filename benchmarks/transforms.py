"""Time each operation beside the bare harmonic transforms that it cannot do without.

    python benchmarks/transforms.py [--L 64 256 1024] [--repeats 15] [--out FILE.json]

Every number is a ratio measured side by side: in each round the operation and the ducc0 calls
that it cannot do without run one after the other, and the median of the rounds is reported with
their quartiles. The bare calls of scattering write into arrays that were allocated and touched
before, the most favourable case for them. Peak memory is that of a fresh process that does
nothing else.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ducc0
import numpy as np

import sphere_toolkit as st
from sphere_toolkit._util.checks import threads
from sphere_toolkit.sphere.transforms import threads_for

RESULTS = Path(__file__).parent / "results"
BAND_LIMITS = (64, 128, 256, 512, 1024, 2048)
J_MIN = 5
SECONDS_PER_ROW = 4.0  # fewer rounds where one takes long


def noise(L: int) -> np.ndarray:
    return st.signals.band_limited_noise(L, 0)


def pairs(L: int) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Per row: the operation, and the bare transforms it needs."""
    alm, grid, n = noise(L), st.Grid.gauss_legendre(L), threads_for(L, threads(None))
    f = st.inverse(alm, grid)
    rows = {
        "inverse": (lambda: st.inverse(alm, grid), lambda: synthesis(alm, L, grid, n)),
        "forward": (lambda: st.forward(f, grid), lambda: analysis(f, L, n)),
        "wavelet analysis": wavelets(alm, L),
    }
    for oversampling in (1.0, 2.0):
        rows[f"scattering x{oversampling:g}"] = scattering(alm, L, oversampling, "float64")
    rows["scattering x1 float32"] = scattering(alm, L, 1.0, "float32")
    rows["scattering x2 float32"] = scattering(alm, L, 2.0, "float32")
    return rows


def synthesis(
    alm: np.ndarray, L: int, grid: st.Grid, n: int, out: np.ndarray | None = None, spin: int = 0
) -> None:
    """ducc0's own; of a spin above 0 that of E alone, as an envelope needs it."""
    n_maps, mode = (2, "GRAD_ONLY") if spin else (1, "STANDARD")
    target = {"ntheta": grid.L, "nphi": 2 * grid.L} if out is None else {"map": out[:n_maps]}
    ducc0.sht.synthesis_2d(
        alm=alm[None], spin=spin, lmax=L - 1, geometry="GL", nthreads=n, mode=mode, **target
    )


def analysis(f: np.ndarray, L: int, n: int, out: np.ndarray | None = None, spin: int = 0) -> None:
    """ducc0's own; of a spin above 0 both E and B."""
    n_maps = 2 if spin else 1
    ducc0.sht.analysis_2d(
        map=f.reshape(-1, *f.shape[-2:])[:n_maps], spin=spin, lmax=L - 1, geometry="GL",
        nthreads=n, alm=None if out is None else out[:n_maps],
    )  # fmt: skip


def wavelets(alm: np.ndarray, L: int):
    """Wavelet coefficients as samples, each scale on its own grid."""
    bank = st.WaveletBank(L, J_MIN)
    grids = {j: st.Grid.gauss_legendre(bank.band_limit(j)) for j in bank}
    parts = bank.analysis(alm).wavelets

    def ours() -> None:
        w = bank.analysis(alm)
        for j in bank:
            st.inverse(w.wavelets[j], grids[j])

    def bare() -> None:
        for j in bank:
            grid = grids[j]
            synthesis(parts[j], grid.L, grid, threads_for(grid.L, threads(None)))

    return ours, bare


def scattering(alm: np.ndarray, L: int, oversampling: float, dtype: str, **options):
    """The scattering transform, and the syntheses and the analysis of each path."""
    scatter = st.ScatteringTransform(L, J_MIN, oversampling=oversampling, dtype=dtype, **options)
    kind = np.complex64 if dtype == "float32" else np.complex128
    source = alm.astype(kind)
    work = []
    for step in scatter.steps():
        n = threads_for(step.grid.L, scatter.n_threads)
        samples = np.zeros((2, *step.grid.shape), kind(0).real.dtype)
        coefficients = np.zeros((2, st.n_coefficients(step.L_analysed)), kind)
        work.append((source[: st.n_coefficients(step.L)], step, n, samples, coefficients))

    def bare() -> None:
        for part, step, n, samples, coefficients in work:
            for spin in step.spins:
                synthesis(part, step.L, step.grid, n, samples, spin)
            for spin in step.spins_analysed:
                analysis(samples, step.L_analysed, n, coefficients, spin)

    return (lambda: scatter(source)), bare


def clock(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def measure(ours: Callable[[], object], bare: Callable[[], object], repeats: int) -> dict:
    """Milliseconds of both, interleaved, and the quartiles of their ratio."""
    for task in (ours, bare, ours, bare):
        once = clock(task)
    rounds = max(5, min(repeats, int(SECONDS_PER_ROW / (2 * once))))
    times = []
    for i in range(rounds):
        first, second = (ours, bare) if i % 2 else (bare, ours)
        a, b = clock(first), clock(second)
        times.append((a, b) if i % 2 else (b, a))
    both = np.array(times)
    low, ratio, high = np.quantile(both[:, 0] / both[:, 1], [0.25, 0.5, 0.75])
    ms, bare_ms = 1e3 * np.median(both, axis=0)
    return {"ms": ms, "bare_ms": bare_ms, "ratio": ratio, "quartiles": [low, high],
            "rounds": rounds}  # fmt: skip


def in_own_process(call: str) -> Any:
    """What a function of a module here prints as JSON, run by a fresh interpreter."""
    module, _, function = call.partition(".")
    code = f"import {module}; {module}.{function}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def peak_memory(L: int, oversampling: float) -> float:
    """MiB that a fresh process takes at most to scatter one signal."""
    return in_own_process(f"transforms.scatter_once({L}, {oversampling})")


def scatter_once(L: int, oversampling: float) -> None:
    """Scatter one signal and print the peak memory of this process in MiB."""
    st.ScatteringTransform(L, J_MIN, oversampling=oversampling)(noise(L))
    # Not getrusage: its peak is inherited from the process that forked this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(int(status.split("VmHWM:")[1].split()[0]) / 1024)


def largest(L: int = 4096) -> dict:
    """Time and memory at the largest band-limit, oversampling 1."""
    scatter = st.ScatteringTransform(L, J_MIN, oversampling=1)
    alm = noise(L)
    seconds = sorted(clock(lambda: scatter(alm)) for _ in range(3))
    return {"L": L, "seconds": seconds[1], "peak_mib": peak_memory(L, 1.0),
            "mcewen_wiaux_samples": L * (2 * L - 1)}  # fmt: skip


def table(results: dict) -> str:
    names = list(results["rows"][0]["operations"])
    lines = [
        "| L | " + " | ".join(names) + " | peak MiB (x1, x2) |",
        "|---:|" + "---:|" * (len(names) + 1),
    ]
    for row in results["rows"]:
        cells = [
            f"{o['ms']:.3g} ms ({o['ratio']:.2f})" for o in (row["operations"][n] for n in names)
        ]
        memory = ", ".join(f"{m:.0f}" for m in row["peak_mib"])
        lines.append(f"| {row['L']} | " + " | ".join(cells) + f" | {memory} |")
    return "\n".join(lines)


def machine() -> dict:
    names = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ] if Path("/proc/cpuinfo").exists() else []  # fmt: skip
    return {
        "processor": names[0] if names else platform.processor(),
        "threads": threads(None),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "ducc0": ducc0.__version__,
    }


def options_of(about: str, L: tuple[int, ...], repeats: int, out: str) -> argparse.ArgumentParser:
    """A parser with the options that all such scripts have."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--L", type=int, nargs="+", default=L)
    parser.add_argument("--repeats", type=int, default=repeats)
    parser.add_argument("--out", type=Path, default=RESULTS / out)
    return parser


def main() -> None:
    parser = options_of(__doc__, BAND_LIMITS, 31, "transforms.json")
    parser.add_argument("--no-largest", action="store_true", help="leave out L = 4096")
    options = parser.parse_args()
    results: dict = {
        "command": " ".join(["python", *sys.argv]),
        "machine": machine(),
        "J_min": J_MIN,
        "depth": 2,
        "rows": [],
    }
    for L in options.L:
        print(f"L = {L}", file=sys.stderr)
        operations = {k: measure(*v, options.repeats) for k, v in pairs(L).items()}
        memory = [peak_memory(L, x) for x in (1.0, 2.0)]
        results["rows"].append({"L": L, "operations": operations, "peak_mib": memory})
    if not options.no_largest:
        results["largest"] = largest()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    if "largest" in results:
        print("\nL = {L}: {seconds:.2f} s, {peak_mib:.0f} MiB".format(**results["largest"]))


if __name__ == "__main__":
    main()
