"""Cross-validated accuracy of linear classifiers on training skies, to choose a transform by.

The choices of the experiment were made on training skies of seed 1, before any sky of the seed of
the results was made.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sphere_toolkit import ScatteringTransform, cmb

from .. import report
from ..run import Run
from .classifiers import moments, path_means, sparsities, sparsities_and_moments
from .skies import Skies, collect

_FEATURES = {
    "path_means": path_means,
    "moments": moments,
    "sparsities": sparsities,
    "sparsities_and_moments": sparsities_and_moments,
}
_RIDGES = np.logspace(-3, 3, 7)


def validated(skies: Skies, seed: int) -> dict[str, float]:
    """The best ten-fold accuracy over ridges, of each kind of features.

    The moments are whitened by all skies, those held out among them; no label enters there.
    """
    folds = StratifiedKFold(10, shuffle=True, random_state=seed)
    out = {}
    for name, measure in _FEATURES.items():
        x = measure(skies)(skies)
        found = [
            cross_val_predict(
                make_pipeline(StandardScaler(), LogisticRegression(C=ridge, max_iter=10_000)),
                x, skies.labels, cv=folds,
            )
            for ridge in _RIDGES
        ]  # fmt: skip
        out[name] = float(max(np.mean(labels == skies.labels) for labels in found))
    return out


def compare(name: str, n: int, run: Run, options: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """`validated` for ``n`` skies per class of a set, for transforms with these options."""
    L = cmb.simulation_set(name).L
    rows = []
    for some in options:
        transform = ScatteringTransform(L, **some, n_threads=1)
        skies = collect(name, 2 * n, 0, run, transform)
        rows.append({"set": name, "per_class": n, **some, **validated(skies, run.seed)})
        run.announce(str(rows[-1]))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Compare transforms on a set, and add their rows to a file."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="python -m experiments.gaussianity.choose", description=__doc__
    )
    parser.add_argument("--set", required=True)
    parser.add_argument("--n", type=int, default=500, help="training skies per class (500)")
    parser.add_argument("--J-min", type=int, nargs="+", required=True)
    parser.add_argument("--nonlinearity", nargs="+", default=["modulus", "envelope"])
    parser.add_argument("--oversampling", type=float, nargs="+", default=[1.0])
    parser.add_argument("--store", type=Path, default=Path("gaussianity-store"))
    parser.add_argument("--out", type=Path, required=True, help="a .json file")
    given = parser.parse_args(argv)
    choices = itertools.product(given.nonlinearity, given.J_min, given.oversampling)
    options = [
        dict(zip(("nonlinearity", "J_min", "oversampling"), c, strict=True)) for c in choices
    ]
    rows = compare(given.set, given.n, Run(1, 1, given.store, progress=True), options)
    made = report.provenance("gaussianity.choose", argv, ("scikit-learn",))
    report.write_json(given.out, made | {"seed": 1, "rows": rows})


if __name__ == "__main__":
    main()
