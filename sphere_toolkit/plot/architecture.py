"""A network as a row of boxes: the output of each layer, its parameters, whether it is exact."""

from __future__ import annotations

import itertools
import re
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
# In units of the distance from layer to layer, and of the height of the highest box.
_WIDTH, _COLUMN, _NUMBERS = 0.4, 0.16, 0.34
_SHEET = (0.03, 0.022)
_ABOVE, _BELOW, _LINE = 1.2, -0.15, 0.14
_TABLE = ("degrees", "channels", "vectors", "parameters")


def architecture(
    model: Any,
    L: int,
    *,
    in_channels: int | None = None,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """The layers of a network, drawn from the network itself.

    Each box stands for the *output* of a layer. Its height is the band-limit, and it has one more
    sheet each time the number of channels doubles. It is blue if the layer is exactly equivariant,
    and hatched if it is not. The numbers behind the invariants are a narrow column. The lines below
    the boxes are those of `sphere_toolkit.nn.summary`: degrees, channels, vectors per channel in a
    degree (from the smallest number to the largest), parameters.

    Parameters
    ----------
    model : eqx.Module
        With its layers in order in ``model.layers``, like the models of `sphere_toolkit.nn`.
    L : int
        Band-limit of the input.
    in_channels : int, optional
        Channels of the input; by default those of the model or of its first layer.
    ax, title
        As of `power_spectrum`. A new figure is 0.88 inches wide per layer.

    Returns
    -------
    Axes

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
    ax = plain_axes(ax, (1 + 0.88 * len(rows), 4))
    highest = max(row.band_limit or 1 for row in rows)
    edges = [_box(ax, i, row, (row.band_limit or 0) / highest) for i, row in enumerate(rows)]
    for (_, right), (left, _) in itertools.pairwise(edges):
        ax.annotate("", (left - 0.02, 0.5), (right + 0.02, 0.5),
                    arrowprops={"arrowstyle": "->", "color": GREY, "linewidth": 0.9})  # fmt: skip
    for i, row in enumerate(rows):
        _words(ax, i, row)
    for line, name in enumerate(_TABLE):
        ax.text(-0.45, _BELOW - line * _LINE, name, ha="right", va="center", fontsize=9, color=GREY)
    ax.set(xlim=(-1.35, len(rows) - 0.4), ylim=(_BELOW - 5.2 * _LINE, _ABOVE + 0.38))
    ax.set_axis_off()
    _legend(ax, rows, table.parameters)
    if title:
        ax.set_title(title)
    return ax


def _box(ax: Axes, place: int, row: Row, height: float) -> tuple[float, float]:
    """Draw what a layer gives; its left and right edge."""
    face, hatch, _ = _KINDS[row.exact]
    turns = row.band_limit is not None
    width, height = (_WIDTH, height) if turns else (_COLUMN, _NUMBERS)
    sheets = int(row.channels).bit_length() if turns else 1
    for sheet in reversed(range(sheets)):
        corner = (place - width / 2 + sheet * _SHEET[0], 0.5 - height / 2 + sheet * _SHEET[1])
        ax.add_patch(
            Rectangle(corner, width, height, facecolor=face, edgecolor=GREY, linewidth=0.7,
                      hatch="" if sheet else hatch, label="_sheet" if sheet else row.layer)
        )  # fmt: skip
    return place - width / 2, place + width / 2 + (sheets - 1) * _SHEET[0]


def _words(ax: Axes, place: int, row: Row) -> None:
    """The name above a box, a word per line, and what the summary says below it."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", row.layer)
    name = "\n".join(words) if row.layer.isidentifier() else row.layer
    ax.text(place, _ABOVE, name, ha="center", va="bottom", fontsize=9, linespacing=1.1)
    parameters = f"{row.parameters:,}" if row.parameters else "–"
    for line, text in enumerate((row.degrees, row.channels, row.multiplicities, parameters)):
        ax.text(place, _BELOW - line * _LINE, text, ha="center", va="center", fontsize=9)


def _legend(ax: Axes, rows: tuple[Row, ...], parameters: int) -> None:
    """The legend of the colours that occur, with the number of parameters of the model."""
    there = [kind for kind in _KINDS if any(row.exact == kind for row in rows)]
    handles = [
        Patch(facecolor=face, hatch=hatch, edgecolor=GREY, linewidth=0.7, label=meaning)
        for face, hatch, meaning in map(_KINDS.__getitem__, there)
    ]
    handles.append(Patch(alpha=0, label=f"{parameters:,} parameters"))
    ax.legend(handles=handles, loc="lower center", ncols=len(handles), frameon=False, fontsize=9.5)
