"""How far does augmentation bring a planar network on rotated digits?

The planar network of the chapter on convolutional networks, trained as there but for longer: on
``copies`` rotated copies of each digit, for some epochs. The command

    python -m experiments.digits.augmentation --out digits-augmentation.json

trains it five times, which takes some minutes. It writes accuracies and a table after each one. The
weights that are tested are the last: nothing is chosen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from sphere_toolkit import Grid, inverse, nn, signals

from .. import report

L = 12
TRAININGS = ((3, 4), (3, 20), (20, 4), (20, 20), (60, 20))
"""Copies of each digit, and epochs. The first is the training of the chapter."""


def network(key: jax.Array) -> eqx.nn.Sequential:
    """The chapter's planar network, with its weights for ``key``: logits (10,) of (1, 12, 24)."""
    keys = jax.random.split(key, 6)
    return eqx.nn.Sequential(
        [
            eqx.nn.Conv2d(1, 8, 3, padding="SAME", key=keys[4]),
            eqx.nn.Lambda(jax.nn.relu),
            eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Conv2d(8, 28, 3, padding="SAME", key=keys[5]),
            eqx.nn.Lambda(jax.nn.relu),
            eqx.nn.MaxPool2d(2, 2),
            eqx.nn.Lambda(jnp.ravel),
            eqx.nn.Linear(28 * (L // 4) * (2 * L // 4), 10, key=keys[0]),
        ]
    )


def compute(trainings: Sequence[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Accuracy upright and turned after each training.

    Parameters
    ----------
    trainings : sequence of (int, int)
        Copies of each of the 1197 digits, each under a random rotation of its own, and epochs.

    Yields
    ------
    dict
        For each training the accuracy on 400 test digits, ``upright`` and ``turned``, each with its
        95 % Clopper-Pearson interval.
    """
    grid = Grid.gauss_legendre(L)
    (x, y), (test, labels) = (
        (alm[:, None], digits)
        for alm, digits in (signals.digits(L, part) for part in ("train", "test"))
    )
    turned = nn.random_rotations(test, np.random.default_rng(2))
    tests = {"upright": inverse(test, grid), "turned": inverse(turned, grid)}
    for copies, epochs in trainings:
        rng = np.random.default_rng(1)
        seen = np.concatenate([nn.random_rotations(x, rng) for _ in range(copies)])
        model, _ = nn.fit(
            network(jax.random.key(1)), (inverse(seen, grid), np.tile(y, copies)), epochs=epochs,
            learning_rate=3e-3, schedule="cosine", weight_decay=1e-2,
        )  # fmt: skip
        row: dict[str, Any] = {"copies": copies, "epochs": epochs}
        for where, samples in tests.items():
            right = np.count_nonzero(nn.predict(model, samples, batch_size=32) == labels)
            row[where] = report.accuracy(int(right), len(labels))
        yield row


def table(result: dict[str, Any]) -> str:
    """The result as a table in Markdown."""
    lines = [
        f"A planar network of {result['parameters']:,} parameters, trained on rotated copies of "
        f"1197 digits, L = {L}. Accuracy on 400 test digits with its 95 % Clopper-Pearson "
        "interval.",
        "",
        "| copies of each digit | epochs | upright | turned |",
        "|---:|---:|---:|---:|",
    ]
    for row in result["trainings"]:
        cells = [
            f"{found['accuracy']:.1%} ({found['low']:.1%} to {found['high']:.1%})"
            for found in (row["upright"], row["turned"])
        ]
        lines.append(f"| {row['copies']} | {row['epochs']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Train, and write the result (.json) and its table (.md) beside it; returns 0.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, by default those of the process.

    Raises
    ------
    ValueError
        ``--out`` does not end in .json.
    FileNotFoundError
        Its folder is missing.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="python -m experiments.digits.augmentation")
    parser.add_argument("--out", type=Path, required=True, help="the result, a .json file")
    out = parser.parse_args(argv).out
    if out.suffix != ".json":
        raise ValueError(f"--out must end in .json, got {str(out)!r}")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out: there is no folder {str(out.parent)!r}")
    rows: list[dict[str, Any]] = []
    result = report.provenance("digits.augmentation", argv, ("jax", "equinox", "optax")) | {
        "L": L,
        "parameters": nn.count_parameters(network(jax.random.key(1))),
        "interval": "95 % Clopper-Pearson",
        "trainings": rows,
    }
    for row in compute(TRAININGS):
        rows.append(row)
        report.write_json(out, result)
        text = f"{table(result)}\n\n    {result['command']}\n"
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    print(table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
