"""The explorer of whether scattering commutes with rotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...scattering.energy import EMPTY
from ...scattering.paths import as_path, paths_of
from ...sphere.equivariance import equivariance_error
from ...sphere.spectra import energy
from ...wavelets.zonal import WaveletBank
from .._page.base import BankExplorer
from .._page.controls import Choice
from .._page.scenes import Scene
from .._page.shown import ShownSignal, Signal, band_limit_of, shown_signals
from .._page.transform import NONLINEARITIES, page_transform
from .._page.turning import TurningExplorer

_DEFAULT_L = 64


class Equivariance(TurningExplorer, BankExplorer):
    """The widget that `equivariance` returns."""

    path: Any = Choice(
        lambda explorer: explorer._paths, "Path", kind="menu", type_words="tuple of int",
        help="The scales of the path, one or two, strictly decreasing.",
    )  # fmt: skip
    nonlinearity = Choice(
        NONLINEARITIES, "Nonlinearity", words={"relu": "ReLU", "rms": "local RMS"},
        help="What is taken of each sample of the wavelet coefficients.",
    )  # fmt: skip

    def __init__(self, shown: Mapping[str, ShownSignal], bank: WaveletBank, **traits: Any) -> None:
        self._paths = paths_of(bank.scales, 2)[1:]
        super().__init__(shown, bank, **traits)

    def error(self) -> float:
        """The relative error that the page shows now, computed in Python.

        NaN where the signal has nothing on the path.
        """
        alm = self._unit_alm()
        scatter = page_transform(self.bank, len(self.path), self.oversampling, self.nonlinearity)
        if not energy(scatter(alm)[self.path]) > EMPTY:
            return float("nan")
        return float(equivariance_error(lambda f: scatter(f)[self.path], alm, self.rotation)[0])


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
    scenes: Sequence[Scene] = (),
) -> Equivariance:
    r"""Explore whether scattering commutes with rotations.

    The reader drags a signal around the globe. Beside it stand the scattering coefficients of
    the rotated signal, the rotated scattering coefficients of the signal, and their difference;
    its size is given as a number. Controls choose the path, the nonlinearity and how finely it is
    sampled.

    Parameters
    ----------
    signal, L, unit, coastlines, seed
        As for `energy_shift`, with the errors that it names and default signals of band-limit 64.
    J_min : int, optional
        Coarsest scale of the `WaveletBank`; by default two below the finest.
    lam : float, default 2.0
        Dilation of the `WaveletBank`.
    path, nonlinearity, oversampling, angles
        What is shown at first, see `Equivariance`; by default the path of the finest scale alone.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Equivariance
        The widget.

    Notes
    -----
    The page computes in single and double precision from float32 coefficients: its error agrees
    with `Equivariance.error` to 1e-5, and where that is rounding (1e-14), shows about 1e-7.

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
    shown = shown_signals(
        signal, L=L, unit=unit, coastlines=coastlines, seed=seed, L_bundled=_DEFAULT_L
    )
    found = band_limit_of(shown)
    if J_min is None:
        J_min = max(0, WaveletBank(found, lam=lam).J - 2)
    bank = WaveletBank(found, J_min=J_min, lam=lam)
    return Equivariance(
        shown,
        bank,
        angles=angles,
        path=(bank.J,) if path is None else as_path(path, paths_of(bank.scales, 2)[1:]),
        nonlinearity=nonlinearity,
        oversampling=oversampling,
        scenes=scenes,
    )
