"""The explorer of a trained network: its activations rotate with the digit, its logits do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import NDArray

from ... import signals
from ..._util import checks
from ...scattering.nonlinearities import ReLU
from ...sphere.coefficients import truncate
from ...sphere.equivariance import equivariance_error
from ...sphere.grids.grid import Grid
from ...sphere.rotations import rotate
from ...sphere.transforms import forward, inverse
from .._page.base import as_float32
from .._page.controls import Choice
from .._page.scenes import Scene
from .._page.shown import ShownSignal
from .._page.transform import rings
from .._page.turning import TurningExplorer

if TYPE_CHECKING:
    from ...nn import ZonalCNN

Alm = NDArray[np.complex128]


class NetworkErrors(NamedTuple):
    """Errors of equivariance of a network, under one rotation of one digit.

    Attributes
    ----------
    layers : array (n_layers,)
        Relative error of the layers from the input up to each activation.
    logits : float
        Relative distance of the logits from those of the upright digit.
    """

    layers: NDArray[np.float64]
    logits: float


class Network(TurningExplorer):
    """The widget that `network` returns; its ``model`` is the `ZonalCNN`."""

    signal = Choice(
        lambda explorer: explorer.names, "Digit", kind="menu", type_words="str",
        help='The digit, "0" to "9".',
    )  # fmt: skip
    channels = traitlets.List(
        traitlets.Int(), help="Of the input and behind each convolution."
    ).tag(sync=True)
    limits = traitlets.List(traitlets.Int(), help="Band-limit at the same places.").tag(sync=True)
    filters = traitlets.Bytes(
        help="float32: of each convolution the spectrum (out, in, L_out) and the bias (out,)"
    ).tag(sync=True)
    widths = traitlets.List(traitlets.Int(), help="Invariants, hidden units, classes.").tag(
        sync=True
    )
    head = traitlets.Bytes(
        help="float32: of both dense layers the weight (out, in) and the bias (out,)"
    ).tag(sync=True)
    accuracy = traitlets.List(
        traitlets.Float(), help="On the test part, upright and rotated at random."
    ).tag(sync=True)

    def __init__(self, model: ZonalCNN, shown: dict[str, ShownSignal], **traits: Any) -> None:
        self.model = model
        layers: tuple[Any, ...] = model.layers
        convolutions = [layer for layer in layers if hasattr(layer, "spectrum")]
        dense = [layer for layer in layers if hasattr(layer, "weight")]
        super().__init__(
            shown,
            channels=[model.in_channels, *(layer.out_channels for layer in convolutions)],
            limits=[model.L, *(layer.L_out for layer in convolutions)],
            filters=_floats(
                part for layer in convolutions for part in (layer.spectrum, layer.bias)
            ),
            widths=[dense[0].in_features, *(layer.out_features for layer in dense)],
            head=_floats(part for layer in dense for part in (layer.weight, layer.bias)),
            **traits,
        )

    def logits(self, rotated: bool = True) -> NDArray[np.float64]:
        """The logits that the page shows now, computed in Python.

        Parameters
        ----------
        rotated : bool, default True
            False gives those of the upright digit.

        Returns
        -------
        array (10,)
        """
        alm = self._alm[self.signal]
        return self._run(rotate(alm, self.rotation) if rotated else alm)[1]

    def errors(self) -> NetworkErrors:
        """The errors that the page shows now, computed in Python."""
        alm, rotation = self._alm[self.signal], self.rotation
        known: dict[bytes, tuple[list[Alm], NDArray[np.float64]]] = {}

        def run(signal: Alm) -> tuple[list[Alm], NDArray[np.float64]]:
            """The network runs once per signal, although each layer asks for both of them."""
            key = signal.tobytes()
            if key not in known:
                known[key] = self._run(signal)
            return known[key]

        def layer(k: int) -> Callable[[Alm], Alm]:
            return lambda signal: run(signal)[0][k]

        layers = [
            equivariance_error(layer(k), alm, rotation)[0] for k in range(len(self.channels) - 1)
        ]
        upright, rotated = run(alm)[1], run(rotate(alm, rotation))[1]
        moved = np.linalg.norm(rotated - upright) / np.linalg.norm(upright)
        return NetworkErrors(np.array(layers), float(moved))

    def _run(self, alm: Alm) -> tuple[list[Alm], NDArray[np.float64]]:
        """The channels behind each activation, and the logits."""
        layers: tuple[Any, ...] = self.model.layers
        signal: Any = alm[None]
        passed = []
        for layer in layers:
            if hasattr(layer, "oversampling"):
                signal = _relu(np.asarray(signal, np.complex128), layer.L, self.oversampling)
                passed.append(signal)
            else:
                signal = layer(signal)
        return passed, np.asarray(signal, np.float64)


def network(
    digit: int = 3,
    *,
    oversampling: int = 2,
    angles: Sequence[float] = (70.0, 25.0, 0.0),
    scenes: Sequence[Scene] = (),
) -> Network:
    r"""Explore the layers of a trained network while its input is rotated.

    The reader drags a handwritten digit around the globe. The activations of each layer of a small
    network rotate with it, and the logits stay the same, up to the aliasing on the grids of the
    activations. The error of equivariance of each layer is given as a number. Controls set the
    digit and the oversampling of the grids.

    Parameters
    ----------
    digit : int
        0 to 9: the first of its class in the test part of `sphere_toolkit.signals.digits`.
    oversampling, angles
        The first choices, see `Network`.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Network
        The widget.

    Raises
    ------
    ImportError
        The extra ``nn`` is not installed.
    TypeError, ValueError
        As `sampling`.

    Notes
    -----
    The network is a `sphere_toolkit.nn.ZonalCNN` of 2998 parameters with three layers of four
    channels at band-limit 16, trained on upright digits alone (``scripts/make_digit_network.py``).
    The page computes in single precision and takes ReLU on grids whose number of rings is a power
    of two. Its errors agree with those of Python to 2e-6, and its logits to 5e-5 (tested). Globes
    are seen from above the north pole, where the upright digit is.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.network()
    >>> int(explorer.logits().argmax()), int(explorer.logits(rotated=False).argmax())
    (3, 3)
    >>> explorer.errors().logits < 0.02
    True
    """
    digit = checks.integer("digit", digit, 0, maximum=9)
    from ...nn.models.bundled import digit_network

    model, facts = digit_network()
    alm, labels = signals.digits(model.L, "test")
    firsts = [int(np.argmax(labels == k)) for k in range(labels.max() + 1)]
    shown = {str(k): ShownSignal(alm[first]) for k, first in enumerate(firsts)}
    return Network(
        model,
        shown,
        signal=str(digit),
        accuracy=[facts["upright"], facts["rotated"]],
        angles=angles,
        oversampling=oversampling,
        scenes=scenes,
    )


def _relu(alm: Alm, L: int, oversampling: int) -> Alm:
    """ReLU as the page takes it: on a grid whose rings are a power of two."""
    grid = Grid.gauss_legendre(rings(L, oversampling))
    samples = inverse(alm, grid, n_threads=1)
    ReLU().rectify(samples)
    return truncate(forward(samples, grid, n_threads=1), L)


def _floats(arrays: Any) -> bytes:
    return b"".join(as_float32(array) for array in arrays)
