"""A table of the layers of a model."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..._util import checks
from ...sphere.coefficients import band_limit, n_coefficients
from ..layers.activation import Activation
from ..math.irreps import IrrepArray
from ..math.precision import signal_dtype


def count_parameters(model: Any) -> int:
    """The number of real parameters of a model, a layer or any tree.

    Floating-point and complex arrays are counted; a complex number counts as two.

    Examples
    --------
    >>> import equinox as eqx, jax
    >>> import sphere_toolkit as st
    >>> st.nn.count_parameters(eqx.nn.Linear(3, 2, key=jax.random.key(0)))
    8
    """
    arrays = jax.tree.leaves(eqx.filter(model, eqx.is_inexact_array))
    return sum(array.size * (2 if np.iscomplexobj(array) else 1) for array in arrays)


@dataclass(frozen=True)
class Row:
    """One row of the table: a layer and its output; ``band_limit`` is None where there is none."""

    layer: str
    degrees: str
    channels: str
    multiplicities: str
    parameters: int
    exact: str
    band_limit: int | None


@dataclass(frozen=True)
class Summary:
    """A table of layers, as text and in a notebook; see `summary`.

    Attributes
    ----------
    rows : tuple of Row
        The input first.
    parameters : int
        Of the whole model, including those outside its layers.
    """

    rows: tuple[Row, ...]
    parameters: int

    _HEAD = ("layer", "output degrees", "channels", "multiplicities", "parameters", "exact")

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.layer,
                row.degrees,
                row.channels,
                row.multiplicities,
                f"{row.parameters:,}",
                row.exact,
            )
            for row in self.rows
        ]

    def __str__(self) -> str:
        total = ("total", "", "", "", f"{self.parameters:,}", "")
        lines = [self._HEAD, *self._cells(), total]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rule = "  ".join("─" * width for width in widths)
        text = [
            "  ".join(
                cell.rjust(width) if column == 4 else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([text[0], rule, *text[1:-1], rule, text[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: tuple[str, ...], tag: str) -> str:
            marked = (
                f'<{tag} style="padding: 0.2em 0.8em; white-space: nowrap; '
                f'text-align: {"right" if column == 4 else "left"}">'
                f"{html.escape(cell)}</{tag}>"
                for column, cell in enumerate(cells)
            )
            return f"<tr>{''.join(marked)}</tr>"

        body = "".join(line(cells, "td") for cells in self._cells())
        total = line(("total", "", "", "", f"{self.parameters:,}", ""), "th")
        return (
            f"<div class='st-page st-table'><table class='table'><thead>{line(self._HEAD, 'th')}"
            f"</thead><tbody>{body}</tbody><tfoot>{total}</tfoot></table></div>"
        )


def summary(model: Any, L: int, *, in_channels: int | None = None) -> Summary:
    """A table of the layers of a model: outputs, parameters, and whether each is exact.

    Parameters
    ----------
    model : eqx.Module
        With its layers in ``model.layers``, in the order in which they are applied.
    L : int
        Band-limit of the input alm.
    in_channels : int, optional
        Channels of the input; by default those of the model or of its first layer.

    Returns
    -------
    Summary
        One row for the input and each layer: degrees, channels and multiplicities (vectors per
        channel in a degree, from the smallest number to the largest) of its output, number of
        parameters, and whether the layer is exactly equivariant (its attribute ``exact``; "–" if it
        has none, like the layers behind the invariants).

    Raises
    ------
    TypeError
        The model has no ``layers``, or its number of channels is not known.
    ValueError
        A layer refuses the output of the layer before it; the message is that of the layer.

    Notes
    -----
    The model is not run: shapes come from `jax.eval_shape`.

    Examples
    --------
    >>> import jax, sphere_toolkit as st
    >>> model = st.nn.ZonalCNN(1, 8, 3, channels=(2,), key=jax.random.key(0))
    >>> st.nn.summary(model, 8).parameters == st.nn.count_parameters(model)
    True
    """
    layers = getattr(model, "layers", None)
    if not isinstance(layers, tuple | list) or not layers:
        raise TypeError(f"model must have its layers in `.layers`, got {type(model).__name__}")
    L = checks.integer("L", L, 1)
    if in_channels is None:
        in_channels = getattr(model, "in_channels", getattr(layers[0], "in_channels", None))
        if in_channels is None:
            raise TypeError("in_channels is needed: neither the model nor its first layer says")
    channels = checks.integer("in_channels", in_channels, 1)
    alm = np.empty(0, np.complex128)
    signal: Any = jax.ShapeDtypeStruct((channels, n_coefficients(L)), signal_dtype(model, alm))
    rows = [_row("input", signal, None)]
    for layer in layers:
        signal = eqx.filter_eval_shape(layer, signal)
        rows.append(_row(_name(layer), signal, layer))
    return Summary(tuple(rows), count_parameters(model))


def _name(layer: Any) -> str:
    """The class of a layer, or the name of the function that it applies."""
    if isinstance(layer, Activation):
        return layer.name
    if isinstance(layer, eqx.nn.Lambda):
        layer = layer.fn
    return getattr(layer, "__name__", type(layer).__name__)


def _row(name: str, signal: Any, layer: Any) -> Row:
    exact = getattr(layer, "exact", None)
    L, channels, multiplicities = _layout(signal)
    return Row(
        name, _degrees(L), channels, multiplicities, count_parameters(layer),
        "–" if exact is None else "yes" if exact else "no", L,
    )  # fmt: skip


def _layout(signal: Any) -> tuple[int | None, str, str]:
    """Band-limit, channels and multiplicities of the output of a layer."""
    if isinstance(signal, IrrepArray):
        low, high = min(signal.multiplicities), max(signal.multiplicities)
        multiplicities = str(low) if low == high else f"{low} to {high}"
        return signal.L, str(signal.channels), multiplicities
    shape = signal.shape
    if len(shape) == 2 and jnp.issubdtype(signal.dtype, jnp.complexfloating):
        return band_limit(signal), str(shape[0]), "1"
    return None, "×".join(map(str, shape)), "–"


def _degrees(L: int | None) -> str:
    return "–" if L is None else "0" if L == 1 else f"0 to {L - 1}"
