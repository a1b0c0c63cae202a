"""The tree of a scattering network's paths, with the energy that each holds."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from .._util import checks
from ..scattering import ScatteringCoefficients
from ..scattering.paths import Path, in_order
from ._common import GREY, MODULUS, colour_bar, plain_axes


def scattering_tree(
    S: ScatteringCoefficients,
    *,
    signal_energy: float | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    r"""The paths of a scattering network as a tree, with the share of energy that each holds.

    Each node is a path; its share of the energy, :math:`\|S[p]f\|^2 / E`, is written beside it and
    shown, on a logarithmic scale, by the node's colour and size. :math:`E` is the energy of the
    signal if you give it, :math:`\|f\|^2`, and otherwise that of all paths together,
    :math:`\sum_p \|S[p]f\|^2`, which is less: the network leaves some of the signal's energy out.
    Children go from the finest scale at the top to the coarsest at the bottom.

    Parameters
    ----------
    S : ScatteringCoefficients
        Of one signal, with every order from 0 on.
    signal_energy : float, optional
        ``st.energy`` of the signal. ``S`` alone does not know it.
    ax, title
        As of `power_spectrum`. A new figure is tall enough for the leaves (22 paths: 7.5 by 5.4
        inches).

    Returns
    -------
    Axes
        The nodes are ``ax.collections[1]``; their array holds the shares.

    Raises
    ------
    TypeError, ValueError
        ``S`` is not ScatteringCoefficients of one signal, lacks the parent of a path (as
        ``S.at_depth(2)`` does) or has no energy; or ``signal_energy`` is not positive.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter, relief = st.ScatteringTransform(128, J_min=3), st.signals.earth_relief(128)
    >>> ax = st.plot.scattering_tree(scatter(relief), signal_energy=st.energy(relief))
    """
    shares = _shares(S, signal_energy)
    position = _layout(list(shares))
    depth = max(map(len, shares))
    n_rows = 1 - min(y for _, y in position.values())
    ax = plain_axes(ax, (4.5 + 1.5 * depth, 1 + 0.25 * n_rows))
    xy = np.array([position[path] for path in shares])
    values = np.array(list(shares.values()))
    links = [_link(position[path[:-1]], position[path]) for path in shares if path]
    ax.add_collection(LineCollection(links, colors="0.75", linewidths=0.9, zorder=1))
    norm = _share_norm(values)
    nodes = ax.scatter(
        xy[:, 0], xy[:, 1], c=values, norm=norm, s=30 + 150 * np.clip(norm(values), 0, 1),
        cmap=MODULUS, edgecolors=GREY, linewidths=0.6, zorder=2,
    )  # fmt: skip
    parents = {path[:-1] for path in shares if path}
    for path, share in shares.items():
        _label(ax, path, share, position[path], leaf=path not in parents)
    ax.set(xlim=(-0.25, depth + 0.55), ylim=(0.4 - n_rows, 0.9))
    ax.set_axis_off()
    whole = f"share of the energy of {'all paths' if signal_energy is None else 'the signal'}"
    bar = colour_bar(nodes, ax, whole, shrink=0.6, aspect=25, pad=0.03)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    if title:
        ax.set_title(title)
    return ax


def _shares(S: ScatteringCoefficients, signal_energy: float | None) -> dict[Path, float]:
    """Share of the energy of each path, parents before children, finest scale first."""
    if not isinstance(S, ScatteringCoefficients):
        raise TypeError(f"S must be ScatteringCoefficients, got {type(S).__name__}")
    energy = S.energy()
    if energy.ndim != 1:
        raise ValueError(f"S must hold one signal, got a batch of shape {energy.shape[:-1]}")
    paths = set(S.paths)
    for path in S.paths:
        if path and path[:-1] not in paths:
            raise ValueError(
                f"S must hold the parent of every path, got {path} without {path[:-1]}"
            )
    if not energy.sum() > 0:
        raise ValueError("S must hold some energy, got none on any path")
    whole = energy.sum()
    if signal_energy is not None:
        whole = checks.real("signal_energy", signal_energy, above=0.0)
    by_path = dict(zip(S.paths, energy / whole, strict=True))
    return {path: float(by_path[path]) for path in sorted(by_path, key=in_order)}


def _layout(paths: list[Path]) -> dict[Path, tuple[float, float]]:
    """A row for each leaf, from the top down; a parent in the middle of its children."""
    children: dict[Path, list[Path]] = {path: [] for path in paths}
    for path in sorted(paths, key=in_order, reverse=True):
        if path:
            children[path[:-1]].append(path)
    position: dict[Path, tuple[float, float]] = {}
    depth = max(map(len, paths))
    n_rows = 0.0

    def place(path: Path) -> float:
        nonlocal n_rows
        if children[path]:
            rows = [place(child) for child in children[path]]
            y = (rows[0] + rows[-1]) / 2
        else:
            y = -n_rows
            # A leaf's name stands beside it: the name above a branch in the next row needs air.
            n_rows += 1 if len(path) == depth else 1.5
        position[path] = (float(len(path)), y)
        return y

    place(())
    return position


def _link(parent: tuple[float, float], child: tuple[float, float]) -> NDArray:
    """A curve that leaves the parent and meets the child horizontally."""
    t = np.linspace(0, 1, 24)
    (x0, y0), (x1, y1) = parent, child
    return np.column_stack([x0 + t * (x1 - x0), y0 + (3 * t**2 - 2 * t**3) * (y1 - y0)])


def _label(ax: Axes, path: Path, share: float, xy: tuple[float, float], *, leaf: bool) -> None:
    """The path, and its share in grey: beside a leaf, above a node that links go out from."""
    offset = (11, 0) if leaf else (0, 8)
    # A pale halo keeps the text apart from the links that pass behind it.
    halo = {"boxstyle": "square,pad=0.08", "facecolor": "white", "alpha": 0.85, "linewidth": 0}
    ax.annotate(
        f"{path}   {_percent(share)}", xy, offset, textcoords="offset points", fontsize=8.5,
        bbox=halo, zorder=3, ha="left" if leaf else "center", va="center" if leaf else "bottom",
    )  # fmt: skip


def _share_norm(shares: NDArray) -> LogNorm:
    """From the smallest share to the largest, eight decades at most."""
    highest = shares.max()
    lowest = max(shares[shares > 0].min(), highest * 1e-8)
    return LogNorm(min(lowest, highest / 10), highest, clip=True)


def _percent(share: float) -> str:
    """A share in per cent, with two significant digits."""
    percent = 100 * share
    digits = ".0f" if percent >= 10 or percent == 0 else ".1f" if percent >= 1 else ".2g"
    return f"{percent:{digits}} %"
