"""Time the tensor-product activation by mixing set, beside a plain sketch and e3nn-jax.

    python benchmarks/tensor_product.py [--L 8 16 32] [--repeats 7] [--out FILE.json]

Signals of 16 channels in batches of 16, single precision. ``gradient`` is the slope of the sum of
squares of all products, forward pass included. The sketch does what one writes first: gather the
rows, multiply, ``segment_sum``. e3nn-jax's ``tensor_square`` gives all pairs of degrees, as
``full`` does; it is left out where its tables take too long to make. Rows of one band-limit are
measured in turns in one run: compare them with each other.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import e3nn_jax
import jax
import jax.numpy as jnp
import numpy as np

from sphere_toolkit import nn
from sphere_toolkit.nn.math.clebsch_gordan import tensor_products

OUT = Path(__file__).parent / "results" / "tensor_product.json"
CHANNELS, BATCH = 16, 16
LARGEST_FOR_E3NN = 8
Pass = Callable[[], Any]


def ours(L: int, mixing: str) -> tuple[Callable, Any]:
    """The activation of a batch, and a batch."""
    x = np.random.default_rng(0).standard_normal((BATCH, CHANNELS, L * L))
    signals = nn.IrrepArray.from_rows(jnp.asarray(x, jnp.float32), (1,) * L)
    return jax.vmap(nn.TensorProductActivation(L, mixing=mixing)), signals


def sketch(L: int, mixing: str) -> tuple[Callable, Any]:
    """Gather, multiply, segment_sum; channels and batch contiguous."""
    products = tensor_products(L, L, mixing)
    order = np.argsort(products.out, kind="stable")
    out, first, second, value = (column[order] for column in products[:4])
    value = value.astype(np.float32)[:, None]

    def apply(x: jax.Array) -> jax.Array:
        terms = value * x[first] * x[second]
        return jax.ops.segment_sum(terms, out, products.n_out, indices_are_sorted=True)

    x = np.random.default_rng(0).standard_normal((L * L, CHANNELS * BATCH))
    return apply, jnp.asarray(x, jnp.float32)


def e3nn(L: int, _: str) -> tuple[Callable, Any]:
    """All pairs of degrees, channel by channel."""
    irreps = e3nn_jax.Irreps([(1, (degree, 1)) for degree in range(L)])
    kept = [e3nn_jax.Irrep(degree, 1) for degree in range(L)]
    x = np.random.default_rng(0).standard_normal((BATCH * CHANNELS, L * L))

    def apply(x: jax.Array) -> jax.Array:
        return (
            e3nn_jax.tensor_square(e3nn_jax.IrrepsArray(irreps, x), irrep_normalization="norm")
            .filter(keep=kept)
            .array
        )

    return apply, jnp.asarray(x, jnp.float32)


def passes(make: Callable, L: int, mixing: str) -> tuple[dict[str, Pass], dict[str, float]]:
    """The compiled passes of one row, and the seconds that each took to compile."""
    apply, x = make(L, mixing)

    def loss(x: Any) -> jax.Array:
        return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(apply(x)))

    found, compiled = {}, {}
    for name, function in (("forward", jax.jit(apply)), ("gradient", jax.jit(jax.grad(loss)))):
        started = perf_counter()
        jax.block_until_ready(function(x))
        compiled[name] = perf_counter() - started
        found[name] = lambda function=function: jax.block_until_ready(function(x))
    return found, compiled


def measure(L: int, repeats: int) -> list[dict[str, Any]]:
    """All rows of one band-limit, measured in turns."""
    kinds = [("sphere_toolkit", ours, mixing) for mixing in ("rmst", "mst", "full")]
    kinds.append(("sketch", sketch, "mst"))
    if L <= LARGEST_FOR_E3NN:
        kinds.append(("e3nn-jax tensor_square", e3nn, "full"))
    made = [(who, mixing, *passes(make, L, mixing)) for who, make, mixing in kinds]
    times: dict[tuple[int, str], list[float]] = {}
    for _ in range(repeats):
        for row, (_, _, functions, _) in enumerate(made):
            for name, function in functions.items():
                started = perf_counter()
                function()
                times.setdefault((row, name), []).append(perf_counter() - started)
    return [
        {
            "L": L, "who": who, "mixing": mixing,
            "terms": nn.TensorProductActivation(L, mixing=mixing).terms,
            **{
                name: {
                    "median_ms": 1e3 * median(times[row, name]),
                    "fastest_ms": 1e3 * min(times[row, name]),
                    "compile_s": compiled[name],
                }
                for name in functions
            },
        }
        for row, (who, mixing, functions, compiled) in enumerate(made)
    ]  # fmt: skip


def main() -> None:
    """Measure, print a table and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--L", type=int, nargs="+", default=[8, 16, 32])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rows = []
    print("| L | who | mixing | terms | forward ms | gradient ms | compile s |")
    print("|---:|---|---|---:|---:|---:|---:|")
    for L in options.L:
        for row in measure(L, options.repeats):
            rows.append(row)
            forward, gradient = row["forward"], row["gradient"]
            print(
                f"| {L} | {row['who']} | {row['mixing']} | {row['terms']:,} "
                f"| {forward['median_ms']:.1f} | {gradient['median_ms']:.1f} "
                f"| {forward['compile_s'] + gradient['compile_s']:.1f} |",
                flush=True,
            )
    result = {
        "command": "python benchmarks/tensor_product.py",
        "channels": CHANNELS, "batch": BATCH, "repeats": options.repeats,
        "device": str(jax.devices()[0].device_kind), "cores": os.cpu_count(),
        "versions": {"jax": jax.__version__, "e3nn-jax": e3nn_jax.__version__},
        "rows": rows,
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
