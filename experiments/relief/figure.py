"""The figure of the experiment: where ripples of two scales are strong, and how unevenly."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import sphere_toolkit as st

from .. import style


def image(text: str) -> NDArray[np.complex128]:
    """Coefficients in metres of an image of the result, which holds centimetres."""
    return np.array(text.split(), dtype=np.float64).view(np.complex128) / 100


def relief_figure(result: dict[str, Any]) -> Figure:
    """Images of the paths that were kept, and the mean modulus over the rms of every scale."""
    images = result["images"]
    figure = Figure(figsize=(4.4 * (len(images) + 1), 3.4), layout="constrained")
    axes = figure.subplots(1, len(images) + 1, squeeze=False)[0]
    figure.suptitle(f"The Earth's relief, {result['map']['samples']:,} samples", fontsize=13)
    for ax, (path, text) in zip(axes, images.items(), strict=False):
        st.plot.mollweide(image(text), ax=ax, unit="m", title=f"path {path}", coastlines=True)
    rows = [row for row in result["scales"] if 2 ** row["scale"] < result["transform"]["L"]]
    ax = axes[-1]
    ax.plot([row["scale"] for row in rows], [row["mean_over_rms"] for row in rows], "o-")
    ax.axhline(np.sqrt(2 / np.pi), **style.GUIDE)
    ax.set(xlabel="scale", ylabel="mean modulus over rms", ylim=(0, 1))
    ax.set_title("Dashed: Gaussian", loc="left", fontsize=11)
    style.tidy(ax)
    return figure
