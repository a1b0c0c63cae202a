"""Check and time `nn.Scattering` on a GPU against the processor beside it.

    python benchmarks/gpu.py [--minutes 8] [--L 64 128 256 512] [--out FILE.json]

Value, and value with gradient, of one signal and of a batch. Up to L = 256 ``engine="jax"`` runs on
the GPU and on the processor, in single and in double precision; beyond, ``engine="host"`` takes the
signals from the GPU and back. `ScatteringTransform` runs on the processor at every band-limit: it
says what is right, and is the time to beat. A row that would begin after the minutes is left out,
and says so. Without a GPU the script ends with a message.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contest
import jax
import numpy as np
from peers.gradients import BOTH, VALUE, in_numpy
from peers.scattering import J_MIN
from peers.transforms import relative
from peers.worker import timed
from side_by_side import described
from transforms import RESULTS

import sphere_toolkit as st
from sphere_toolkit.nn.host import from_jax
from sphere_toolkit.nn.math.scattering import MAX_BAND_LIMIT

BATCHES = (1, 16)
PRECISIONS = {"float64": np.complex128, "float32": np.complex64}
SECONDS_PER_ROW = 3.0


def card() -> Any:
    """The first GPU that JAX knows; ends the script where there is none."""
    try:
        return jax.devices("gpu")[0]
    except RuntimeError:
        sys.exit(
            "JAX finds no GPU here, so nothing was measured. It needs a card, and a JAX for it, as "
            "from pip install 'jax[cuda12]'"
        )


def signals(L: int, batch: int) -> np.ndarray:
    """White noise, shape ``(batch, n)``."""
    return np.stack([st.signals.band_limited_noise(L, seed) for seed in range(batch)])


def transform(L: int) -> st.ScatteringTransform:
    """What is measured; at the band-limits of tests its scales are coarser."""
    return st.ScatteringTransform(L, min(J_MIN, L.bit_length() - 1), oversampling=1.0)


def engine_of(L: int) -> str:
    """JAX alone as far as it goes."""
    return "jax" if L <= MAX_BAND_LIMIT else "host"


def on_device(L: int, batch: int, precision: str, device: Any) -> dict:
    """`nn.Scattering`: errors relative to NumPy, seconds before the first result, and times."""
    scatter, alm = transform(L), signals(L, batch)
    layer = st.nn.Scattering(L, scatter.J_min, oversampling=1.0, engine=engine_of(L))
    x = jax.device_put(alm.astype(PRECISIONS[precision]), device)
    n = scatter.L_out  # coefficients of order 0; the others count twice

    def energy(x: Any) -> tuple[Any, Any]:
        S = jax.vmap(layer)(x)
        squares = abs(S) ** 2
        return 2 * squares.sum() - squares[..., :n].sum(), S

    value = jax.jit(jax.vmap(layer))
    both = jax.jit(jax.grad(energy, has_aux=True))
    start = time.perf_counter()
    gradient, _ = jax.block_until_ready((both(x)[0], value(x)))
    first = time.perf_counter() - start
    expected, vjp = scatter.vjp(alm)
    return {
        "first_s": first,
        "error": relative(np.asarray(value(x)), expected.alm),
        "gradient_error": relative(from_jax(np.asarray(gradient)), vjp(2 * expected.alm)),
        "operations": {
            VALUE: several(lambda: jax.block_until_ready(value(x))),
            BOTH: several(lambda: jax.block_until_ready(both(x))),
        },
    }


def in_numpy_here(L: int, batch: int) -> dict:
    """The same by ducc0 on all cores."""
    prepared = in_numpy(transform(L), signals(L, batch))
    return {"operations": {name: several(work) for name, work in prepared.operations.items()}}


def several(work: Callable[[], Any]) -> dict:
    """As often as fits into a few seconds."""
    work()
    taken, end = [timed(work)], time.perf_counter() + SECONDS_PER_ROW
    while len(taken) < 3 or (len(taken) < 31 and time.perf_counter() < end):
        taken.append(timed(work))
    return contest.summary(taken)


def rows(band_limits: list[int], gpu: Any) -> list[tuple[dict, Callable[[], dict]]]:
    """What each row is, and what measures it; the most important first."""
    found: list[tuple[dict, Callable[[], dict]]] = []
    for L in band_limits:
        for batch in BATCHES:
            known: dict = {"L": L, "batch": batch}
            found.append((known | {"who": "NumPy"}, lambda L=L, n=batch: in_numpy_here(L, n)))
            for device in (gpu, jax.devices("cpu")[0])[: 2 if L <= MAX_BAND_LIMIT else 1]:
                for precision in PRECISIONS:
                    who = {"who": f"engine={engine_of(L)!r}", "device": device.device_kind,
                           "precision": precision}  # fmt: skip
                    found.append(
                        (known | who, lambda a=(L, batch, precision, device): on_device(*a))
                    )
    return found


def main() -> None:
    """Measure, and write what there is after each row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--L", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--out", type=Path, default=RESULTS / "gpu.json")
    options = parser.parse_args()
    gpu = card()
    jax.config.update("jax_enable_x64", True)
    end = time.perf_counter() + 60 * options.minutes
    results: dict = {
        "command": " ".join(["python", *sys.argv]),
        "card": gpu.device_kind,
        "machine": described() | {"jax": jax.__version__},
        "date": time.strftime("%Y-%m-%d"),
        "rows": [],
    }
    for what, measure in rows(options.L, gpu):
        late = time.perf_counter() > end
        found = {"reason": f"the {options.minutes:g} minutes were over"} if late else measure()
        results["rows"].append(what | found)
        print(json.dumps(results["rows"][-1]), flush=True)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
