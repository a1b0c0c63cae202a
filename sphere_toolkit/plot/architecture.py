"""A network as boxes: what each layer gives, its parameters, whether it is exact."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from ._common import GREY, plain_axes

if TYPE_CHECKING:
    from ..nn.models.table import Row

# Blue and vermilion of Okabe and Ito, and hatches for those who see no colour: by `Row.exact`,
# face, hatch, meaning. "–" is that of a layer without a claim.
_KINDS = {
    "yes": ("#9ecae1", "", "exactly equivariant"),
    "no": ("#f4a582", "///", "approximate: samples on a grid"),
    "–": ("0.93", "", "no claim"),
}
# Across in inches, down in layers: the end of the names, the middle and the width of the widest
# box, the width of numbers without degrees, the middles of the columns.
_WIDE, _LAYER = 6.4, 0.42
_NAMES, _MIDDLE, _WIDTH, _NUMBERS, _HEIGHT = 1.75, 2.6, 1.3, 0.3, 0.44
_SHEET = (0.045, -0.07)
_TABLE = {"degrees": 3.8, "channels": 4.55, "vectors": 5.2, "parameters": 5.95}


def architecture(
    model: Any,
    L: int,
    *,
    in_channels: int | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """The layers of a network, drawn from the network itself.

    Each box stands for the *output* of a layer, the first layer on top. Its width is the
    band-limit, and it has one more sheet each time the number of channels doubles. It is blue if
    the layer is exactly equivariant, and hatched if it is not. The numbers behind the invariants
    are a narrow box. The columns beside the boxes are those of `sphere_toolkit.nn.summary`:
    degrees, channels, vectors per channel in a degree (from the smallest number to the largest),
    parameters.

    Parameters
    ----------
    model : eqx.Module
        With its layers in order in ``model.layers``, like the models of `sphere_toolkit.nn`.
    L : int
        Band-limit of the input.
    in_channels : int, optional
        Channels of the input; by default those of the model or of its first layer.
    ax, title
        As of `power_spectrum`. A new figure is 6.4 inches wide, so that it can be read on a phone.

    Returns
    -------
    Axes
        The boxes are its ``patches``, those of the first layer first.

    Raises
    ------
    TypeError, ValueError
        As in `sphere_toolkit.nn.summary`; ``ax`` is no Axes.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.HybridClassifier(6, 8, 2, channels=(4, 4), key=jax.random.key(0))
    >>> ax = st.plot.architecture(model, 8)
    """
    from ..nn import summary

    table = summary(model, L, in_channels=in_channels)
    rows = table.rows
    ax = plain_axes(ax, (_WIDE, 1.3 + _LAYER * len(rows)))
    widest = max(row.band_limit or 1 for row in rows)
    edges = [_box(ax, i, row, (row.band_limit or 0) / widest) for i, row in enumerate(rows)]
    for (_, bottom), (top, _) in itertools.pairwise(edges):
        ax.annotate("", (_MIDDLE, top), (_MIDDLE, bottom),
                    arrowprops={"arrowstyle": "->", "color": GREY, "linewidth": 0.9,
                                "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    for i, row in enumerate(rows):
        _words(ax, i, row)
    for name, x in _TABLE.items():
        ax.text(x, -0.8, name, ha="center", va="center", fontsize=9, color=GREY)
    ax.set(xlim=(0, _WIDE), ylim=(len(rows) + 1.1, -1.1))
    ax.set_axis_off()
    _legend(ax, rows, table.parameters)
    if title:
        ax.set_title(title)
    return ax


def _box(ax: Axes, place: int, row: Row, width: float) -> tuple[float, float]:
    """Draw what a layer gives; its upper and lower edge."""
    face, hatch, _ = _KINDS[row.exact]
    turns = row.band_limit is not None
    width = _WIDTH * width if turns else _NUMBERS
    sheets = int(row.channels).bit_length() if turns else 1
    for sheet in reversed(range(sheets)):
        corner = (_MIDDLE - width / 2 + sheet * _SHEET[0], place - _HEIGHT / 2 + sheet * _SHEET[1])
        ax.add_patch(
            Rectangle(corner, width, _HEIGHT, facecolor=face, edgecolor=GREY, linewidth=0.7,
                      hatch="" if sheet else hatch, label="_sheet" if sheet else row.layer)
        )  # fmt: skip
    return place - _HEIGHT / 2 + (sheets - 1) * _SHEET[1], place + _HEIGHT / 2


def _words(ax: Axes, place: int, row: Row) -> None:
    """The name beside a box, and what the summary says of it."""
    ax.text(_NAMES, place, row.layer, ha="right", va="center", fontsize=9)
    parameters = f"{row.parameters:,}" if row.parameters else "–"
    texts = (row.degrees, row.channels, row.multiplicities, parameters)
    for x, text in zip(_TABLE.values(), texts, strict=True):
        ax.text(x, place, text, ha="center", va="center", fontsize=9)


def _legend(ax: Axes, rows: tuple[Row, ...], parameters: int) -> None:
    """The legend of the colours that occur, with the number of parameters of the model."""
    there = [kind for kind in _KINDS if any(row.exact == kind for row in rows)]
    handles = [
        Patch(facecolor=face, hatch=hatch, edgecolor=GREY, linewidth=0.7, label=meaning)
        for face, hatch, meaning in map(_KINDS.__getitem__, there)
    ]
    handles.append(Patch(alpha=0, label=f"{parameters:,} parameters"))
    ax.legend(handles=handles, loc="lower center", ncols=2, frameon=False, fontsize=9)
