"""The explorer of whether scattering commutes with rotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from ... import _checks
from ...sphere.coefficients import band_limit
from ...sphere.spectra import energy
from ...wavelets.zonal import WaveletBank
from .._energy import EMPTY, first_degree
from .._page.base import ShownSignal, Signal, shown_signals
from .._page.turning import OVERSAMPLINGS, TurningExplorer, euler_angles
from .._paths import NONLINEARITIES, Path, as_path, path_equivariance_error, paths_of, scatter_path

_DEFAULT_L = 64


class Equivariance(TurningExplorer):
    """The widget that `equivariance` returns.

    Attributes
    ----------
    angles : tuple of three floats
        Euler angles of the rotation in degrees; readable and settable, as by dragging.
    path : tuple of int
        The scales of the path; readable and settable.
    nonlinearity : {"modulus", "square", "ReLU"}
        Readable and settable.
    oversampling : {1, 2, 4}
        Of the grid on which the nonlinearity is taken; readable and settable.
    signal : str
        The name of the signal; readable and settable.
    bank : WaveletBank
        The wavelets.
    """

    path = traitlets.Tuple().tag(sync=True)
    nonlinearity = traitlets.Unicode().tag(sync=True)
    paths: traitlets.List = traitlets.List(help="Paths of order 1 and 2.").tag(sync=True)
    scales = traitlets.List(traitlets.Int()).tag(sync=True)
    bands = traitlets.List(
        traitlets.List(traitlets.Int()),
        help="Per scale the first degree of the wavelet's band and the one after its last.",
    ).tag(sync=True)
    windows = traitlets.Bytes(help="float32 (n_scales, L)").tag(sync=True)
    scaling = traitlets.Bytes(help="float32 (L_out,): the window of the average").tag(sync=True)

    def __init__(self, shown: Mapping[str, ShownSignal], bank: WaveletBank, **traits: Any) -> None:
        self.bank = bank
        self._alm = {name: s.alm for name, s in shown.items()}
        self._paths = paths_of(bank, 2)[1:]
        super().__init__(
            shown,
            paths=[list(path) for path in self._paths],
            scales=list(bank.scales),
            bands=[[first_degree(bank, j), bank.band_limit(j)] for j in bank],
            windows=np.stack([bank.window(j) for j in bank]).astype("<f4").tobytes(),
            scaling=bank.scaling[: bank.scaling_band_limit].astype("<f4").tobytes(),
            **traits,
        )

    def error(self) -> float:
        """The relative error that the page shows now, computed in Python.

        NaN where the signal has nothing on the path.
        """
        alm = self._alm[self.signal] / np.sqrt(energy(self._alm[self.signal]))
        options: dict[str, Any] = {
            "nonlinearity": self.nonlinearity,
            "oversampling": self.oversampling,
        }
        if not energy(scatter_path(alm, self.bank, self.path, **options)) > EMPTY:
            return float("nan")
        return path_equivariance_error(alm, self.bank, self.path, self.rotation, **options)

    @traitlets.validate("path")
    def _known_path(self, proposal: Any) -> Path:
        return _checks.choice("path", tuple(proposal["value"]), self._paths)

    @traitlets.validate("nonlinearity")
    def _known_nonlinearity(self, proposal: Any) -> str:
        return _checks.choice("nonlinearity", proposal["value"], NONLINEARITIES)


def equivariance(
    signal: Signal | Mapping[str, Signal] | None = None,
    *,
    L: int | None = None,
    J_min: int | None = None,
    lam: float = 2.0,
    path: Sequence[int] | None = None,
    nonlinearity: str = "modulus",
    oversampling: int = 1,
    angles: Sequence[float] = (30.0, 50.0, 20.0),
    unit: str = "",
    coastlines: bool = False,
    seed: int = 0,
) -> Equivariance:
    r"""Explore whether scattering commutes with rotations.

    The reader drags a signal around the globe. Beside it stand the scattering coefficients of
    the rotated signal, the rotated scattering coefficients of the signal, and their difference;
    its size is given as a number. Controls choose the path, the nonlinearity and how finely it is
    sampled.

    Parameters
    ----------
    signal : array (L(L+1)/2,), (samples, Grid) or mapping of names to these, optional
        What to look at. By default the Earth's relief, a Gaussian sky with the spectrum of the
        cosmic microwave background, noise and a ring, of band-limit 64.
    L : int, optional
        Truncate the signals to this band-limit, at most 128. Needed for a signal of a higher
        one, which is otherwise refused.
    J_min : int, optional
        Coarsest scale of the `WaveletBank`; by default two below the finest.
    lam : float, default 2.0
        Dilation of the `WaveletBank`.
    path : sequence of int, optional
        One or two strictly decreasing scales; by default the finest scale alone.
    nonlinearity : {"modulus", "square", "ReLU"}
    oversampling : {1, 2, 4}
        Rings of the grid on which the nonlinearity is taken, over the band-limit of the wavelet
        coefficients.
    angles : sequence of three numbers
        The rotation at first: :math:`R_z(\alpha) R_y(\beta) R_z(\gamma)`, degrees, with
        :math:`\alpha` and :math:`\gamma` in [-180, 180] and :math:`\beta` in [0, 180].
    unit : str
        Unit of ``signal``, shown at the colours.
    coastlines : bool
        Whether ``signal`` lives on the Earth, so that coastlines help to read it.
    seed : int
        Of the random signals among the default ones.

    Returns
    -------
    Equivariance
        A widget: as the last expression of a cell it is shown. Its attributes ``angles``,
        ``path``, ``nonlinearity``, ``oversampling`` and ``signal`` tell what the reader has
        chosen, and can be set.

    Raises
    ------
    TypeError, ValueError
        The signal has NaN, a wrong length, a batch axis, no energy or too high a band-limit; an
        option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The page computes in single and double precision from float32 coefficients: its error agrees
    with `path_equivariance_error` to 1e-5, and where that is rounding (1e-14), shows about 1e-7.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.equivariance(nonlinearity="square", oversampling=2)
    >>> explorer.error() < 1e-12
    True
    >>> explorer.oversampling = 1
    >>> f"{explorer.error():.0%}"
    '6%'
    """
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r} of type {type(unit).__name__}")
    seed = _checks.integer("seed", seed, 0)
    _checks.choice("nonlinearity", nonlinearity, NONLINEARITIES)
    _checks.choice("oversampling", oversampling, OVERSAMPLINGS)
    angles = euler_angles(angles)
    L = _DEFAULT_L if signal is None and L is None else L
    shown = shown_signals(signal, L=L, unit=unit, on_earth=bool(coastlines), seed=seed)
    found = band_limit(next(iter(shown.values())).alm)
    if J_min is None:
        J_min = max(0, WaveletBank(found, lam=lam).J - 2)
    bank = WaveletBank(found, J_min=J_min, lam=lam)
    path = as_path((bank.J,) if path is None else path, bank)
    return Equivariance(
        shown,
        bank,
        angles=angles,
        path=_checks.choice("path", path, paths_of(bank, 2)[1:]),
        nonlinearity=nonlinearity,
        oversampling=int(oversampling),
    )
