"""Measure the equivariance error of the scattering transform by depth and by oversampling.

    python benchmarks/equivariance.py [--rotations 10] [--out FILE.json]

The error is that of the coefficients of one depth alone, as `st.equivariance_error` defines it:
the mean over random rotations, on white noise and on the Earth's relief. The docstring of
`ScatteringTransform` quotes the result.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

import sphere_toolkit as st

OUT = Path(__file__).parent / "results" / "equivariance.json"
J_MIN = 5


def errors(alm: np.ndarray, oversampling: float, rotations: Rotation) -> list[float]:
    """Mean error of the depths 0, 1 and 2."""
    scatter = st.ScatteringTransform(st.band_limit(alm), J_MIN, oversampling=oversampling)
    return [
        float(
            st.equivariance_error(lambda a, m=depth: scatter(a).at_depth(m), alm, rotations).mean()
        )
        for depth in range(3)
    ]


def main() -> None:
    """Measure, print a table and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rotations", type=int, default=10)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    rotations = Rotation.random(options.rotations, rng=np.random.default_rng(0))
    signals = {
        "white noise, L = 256": st.signals.band_limited_noise(256, 0),
        "Earth's relief, L = 256": st.signals.earth_relief(256),
        "Earth's relief, L = 128": st.signals.earth_relief(128),
    }
    rows = []
    for name, alm in signals.items():
        for oversampling in (1, 2, 4):
            row = {"signal": name, "oversampling": oversampling,
                   "by_order": errors(alm, oversampling, rotations)}  # fmt: skip
            rows.append(row)
            print(name, oversampling, *(f"{e:.1e}" for e in row["by_order"]), sep="\t")
    result = {"command": "python benchmarks/equivariance.py", "J_min": J_MIN,
              "rotations": options.rotations, "rows": rows}  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
