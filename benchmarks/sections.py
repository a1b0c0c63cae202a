"""Measurements of sphere_toolkit alone, and of sections that have their own scripts.

Scattering is compared with its bare transforms and with the limits of the machine, and measured
against depth and oversampling, on one core and on all; training is measured, too.

    python benchmarks/sections.py SECTION [--quick]

prints one section as JSON; ``side_by_side.py`` runs each in its own process.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable

import numpy as np
import transforms
from contest import summary
from scipy.spatial.transform import Rotation
from transforms import J_MIN, clock, noise

import sphere_toolkit as st

SECONDS_PER_ROW = 6.0


def turns(works: dict[str, Callable[[], object]], seconds: float, rounds: int = 31) -> dict:
    """Milliseconds of each, all taking turns: five rounds at least."""
    for work in works.values():
        work()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    start, names = time.perf_counter(), [*works]
    for round_ in range(rounds):
        if round_ >= 5 and time.perf_counter() - start > seconds:
            break
        shift = round_ % len(names)
        for name in names[shift:] + names[:shift]:
            busy = time.process_time()
            s = clock(works[name])
            taken[name].append((s, time.process_time() - busy))
    return {name: summary(values) for name, values in taken.items()}


def against_bare(quick: bool) -> dict:
    """Ours over the sum of the ducc0 transforms that it cannot do without."""
    rows = []
    for L in (64, 128) if quick else (64, 128, 256, 512, 1024, 2048):
        alm, row = noise(L), {"L": L, "operations": {}}
        for oversampling in (1.0, 2.0):
            ours, bare = transforms.scattering(alm, L, oversampling, "float64")
            name = f"scattering, oversampling {oversampling:g}"
            row["operations"][name] = transforms.measure(ours, bare, 31)
            scatter = st.ScatteringTransform(L, J_MIN, oversampling=oversampling)
            row["operations"][name] |= needed(scatter)
        rows.append(row)
    return {"J_min": J_MIN, "depth": 2, "rows": rows}


def needed(scatter: st.ScatteringTransform) -> dict[str, float]:
    """Operations and bytes that the steps of a transform cannot do without, as counted here.

    Legendre functions: for each (l, m) and each pair of rings north and south, two multiply-adds
    for the recursion and two for the sum of a complex coefficient, 8 operations. Fourier series:
    2.5 n log2 n for a real ring of n samples. Bytes: coefficients and the Fourier series of all
    rings, written once and read once in either direction; samples stay in the cache.
    """
    operations = traffic = 0.0
    for step in scatter.steps():
        rings = step.grid.L
        sides = ((step.L, step.spins), (step.L_analysed, step.spins_analysed))
        for L in (L for L, spins in sides for spin in spins for _ in range(2 if spin else 1)):
            pairs = L * (L + 1) / 2
            operations += 8 * pairs * rings / 2 + 2.5 * rings * 2 * rings * np.log2(2 * rings)
            traffic += 16 * (pairs + 2 * rings * (rings + 1))
    return {"flops": operations, "bytes": traffic}


def limits(quick: bool) -> dict:
    """What the machine can do at most: a matrix product, and copying memory, all threads."""
    n, rounds = (1000, 5) if quick else (2000, 15)
    a = np.random.default_rng(0).standard_normal((n, n))
    product = np.empty_like(a)
    source = np.ones(1 << (24 if quick else 26))
    target = np.empty_like(source)
    times = turns(
        {"product": lambda: np.matmul(a, a, out=product),
         "copy": lambda: np.copyto(target, source)}, 20, rounds,
    )  # fmt: skip
    return {
        "gflops": 2 * n**3 / times["product"]["fastest_ms"] / 1e6,
        "gigabytes_per_second": 2 * source.nbytes / times["copy"]["fastest_ms"] / 1e6,
        "product": times["product"], "copy": times["copy"], "n": n,
    }  # fmt: skip


def depth_and_oversampling(quick: bool) -> dict:
    """Time of a transform, and the error of equivariance that oversampling buys."""
    L, n = (64, 2) if quick else (256, 5)
    J_min = J_MIN - 2 if quick else J_MIN
    alm = noise(L)
    rotations = Rotation.random(n, rng=np.random.default_rng(0))
    kinds = [(depth, oversampling) for depth in (1, 2, 3) for oversampling in (1.0, 2.0, 4.0)]
    scatters = {
        f"{depth}, {oversampling:g}": st.ScatteringTransform(
            L, J_min, depth=depth, oversampling=oversampling
        )
        for depth, oversampling in kinds
    }
    times = turns(
        {name: lambda scatter=scatter: scatter(alm) for name, scatter in scatters.items()},
        2 if quick else 20,
    )
    rows = []
    error = st.equivariance_error
    for (depth, oversampling), scatter in zip(kinds, scatters.values(), strict=True):
        errors = [
            float(error(lambda a, s=scatter, d=d: s(a).at_depth(d), alm, rotations).mean())
            for d in range(1, depth + 1)
            if any(len(path) == d for path in scatter.paths)
        ]
        rows.append(
            {"depth": depth, "oversampling": oversampling, "paths": len(scatter.paths),
             "error_by_order": errors, **times[f"{depth}, {oversampling:g}"]}
        )  # fmt: skip
    return {"L": L, "J_min": J_min, "rotations": n, "signal": "white noise", "rows": rows}


def batches(quick: bool) -> dict:
    """Maps a second: one core, all threads on each map in turn, and maps shared out to threads."""
    cores = st.ScatteringTransform(8, 1).n_threads
    rows = []
    for L in (64, 128) if quick else (64, 128, 256, 512, 1024):
        maps = max(2 * cores, min(128, (1024 // L) ** 2 * 4))
        alm = np.stack([st.signals.band_limited_noise(L, i) for i in range(maps)])
        alone = st.ScatteringTransform(L, J_MIN, oversampling=1.0, n_threads=1)
        all_cores = st.ScatteringTransform(L, J_MIN, oversampling=1.0)
        times = turns(
            {"one core": lambda alone=alone, alm=alm: alone(alm),
             "all cores, map after map": lambda t=all_cores, alm=alm: [t(one) for one in alm],
             "all cores, maps shared out": lambda t=all_cores, alm=alm: t(alm)},
            2 * SECONDS_PER_ROW / (4 if quick else 1),
        )  # fmt: skip
        rows.append({"L": L, "maps": maps, "ways": times})
    return {"J_min": J_MIN, "depth": 2, "oversampling": 1.0, "cores": cores, "rows": rows}


def pipeline(quick: bool) -> dict:
    """A whole data set through Dask and Zarr: see ``pipeline.py``."""
    import pipeline as script

    L, maps, rounds = (128, 16, 1) if quick else (1024, 16, 2)
    return {"L": L, "maps": maps, "rounds": rounds, **script.measure(L, maps, rounds)}


def training(quick: bool) -> dict:
    """Milliseconds of one step of training: a batch of 32, gradient and AdamW."""
    import jax

    models = {
        "SphericalCNN": (1, 16, {"channels": (8, 16)}),
        "GeneralizedCNN": (1, 16, {}),
        "HybridClassifier": (21, 32, {}),
    }
    rng, steps, epochs = np.random.default_rng(0), 4, 3 if quick else 6
    rows = []
    for name, (channels, L, options) in models.items():
        L = 8 if quick else L
        x = st.signals.band_limited_noise(L, rng, n=32 * steps * channels)
        x = x.reshape(32 * steps, channels, -1)
        labels = rng.integers(0, 10, 32 * steps)
        model = getattr(st.nn, name)(channels, L, 10, key=jax.random.key(0), **options)
        _, history = st.nn.fit(model, (x, labels), epochs=epochs, batch_size=32)
        seconds = np.array(history.seconds)
        rows.append(
            {"model": name, "L": L, "channels": channels, "batch": 32, "steps": steps,
             "parameters": sum(p.size for p in jax.tree.leaves(model) if hasattr(p, "size")),
             "first_s": seconds[0] - np.median(seconds[1:]),
             **summary([(s / steps, s / steps) for s in seconds[1:]])}
        )  # fmt: skip
        del rows[-1]["cores"]
    return {"precision": "single", "rows": rows}


def tensor_product(quick: bool) -> dict:
    """Degrees times degrees, beside e3nn-jax: see ``tensor_product.py``."""
    import tensor_product as script

    rows = [row for L in ((4,) if quick else (8, 16)) for row in script.measure(L, 7)]
    return {"channels": script.CHANNELS, "batch": script.BATCH, "precision": "single",
            "largest_for_e3nn": script.LARGEST_FOR_E3NN, "rows": rows}  # fmt: skip


SECTIONS: dict[str, Callable[[bool], dict]] = {
    each.__name__: each
    for each in (
        limits, against_bare, depth_and_oversampling, batches, pipeline, training, tensor_product
    )
}  # fmt: skip


def main() -> None:
    """Print one section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("section", choices=SECTIONS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    json.dump(SECTIONS[options.section](options.quick), sys.stdout)


if __name__ == "__main__":
    main()
