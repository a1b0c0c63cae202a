"""The explorer of sampling grids and of aliasing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import traitlets
from numpy.typing import NDArray
from scipy.special import sph_harm_y

from ... import signals
from ..._util import checks
from ...sphere.grids.grid import Grid
from ...sphere.spectra import energy
from ...sphere.transforms import ApproximationWarning, forward
from .._page.base import Explorer, as_float32
from .._page.controls import Choice, Number
from .._page.scenes import Scene
from .._page.shown import ShownSignal

SCHEMES = {
    "gauss-legendre": "Gauss-Legendre",
    "mcewen-wiaux": "McEwen-Wiaux",
    "healpix": "HEALPix",
}
BAND_LIMITS = (4, 8, 16)
"""Powers of two: so HEALPix has a grid with ``nside = L / 2``."""


class Sampling(Explorer):
    """The widget that `sampling` returns."""

    scheme = Choice(
        SCHEMES, "Grid", words=SCHEMES, kind="menu", default_value="gauss-legendre",
        help="Where the samples lie.",
    )  # fmt: skip
    degree = Number(
        0, lambda explorer: 2 * explorer.grid_band_limit - 1, "Degree ℓ",
        help="Of the harmonic, below twice the band-limit of the grids. One below ``order`` brings "
        "the order along.",
    )  # fmt: skip
    order = Number(
        0, lambda explorer: explorer.degree, "Order m", help="Of the harmonic, at most its degree."
    )
    grid_band_limit = traitlets.Int(help="Of all three grids.").tag(sync=True)
    counts = traitlets.List(traitlets.Int(), help="Per grid its number of samples.").tag(sync=True)
    points = traitlets.Bytes(
        help="float32 (sum of counts, 2): colatitude and longitude of each sample, grid by grid"
    ).tag(sync=True)
    aliases = traitlets.Bytes(
        help="float32 (3, n_harmonics, L(L+1)/2, 2): for each grid and harmonic, by degree and "
        "then by order, the coefficients of its alias"
    ).tag(sync=True)

    def alias(self) -> NDArray[np.complex128]:
        """Coefficients of the alias, the signal that the harmonic is mistaken for, from Python.

        Returns
        -------
        array (L(L+1)/2,)
            L is the band-limit of the grids.
        """
        grid = _grid(self.scheme, self.grid_band_limit)
        return _aliases(grid, [(self.degree, self.order)])[0]

    def share(self) -> float:
        """The energy of the alias, which the page shows now; that of the harmonic is 1."""
        return float(energy(self.alias()))

    @traitlets.observe("degree")
    def _bring_the_order_along(self, change: object) -> None:
        self.order = min(self.order, self.degree)


def sampling(
    L: int = 8,
    *,
    scheme: str = "gauss-legendre",
    degree: int | None = None,
    order: int | None = None,
    scenes: Sequence[Scene] = (),
) -> Sampling:
    r"""Explore the samples of grids, and aliasing.

    One globe shows a real harmonic :math:`Y_{\ell m}` and the points at which a grid of band-limit
    L samples it. The other shows the signal of degrees below L that has the same samples. This is
    the harmonic itself if its degree is below L, and otherwise its alias.

    Parameters
    ----------
    L : {4, 8, 16}
        Band-limit of the grids.
    scheme, degree, order
        The first choices, see `Sampling`. By default the degree is 3 L / 2, which aliases, and the
        order is the degree.
    scenes
        For presenter mode, as for `energy_shift`.

    Returns
    -------
    Sampling
        The widget.

    Raises
    ------
    TypeError, ValueError
        An option is unknown or out of range. Nothing is shown then.

    Notes
    -----
    The alias is `sphere_toolkit.forward` of the samples, computed in Python for every harmonic
    below degree 2 L. The analysis on HEALPix is approximate and iterates on the residual, so that
    most high degrees have a weak alias there.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> explorer = st.explore.sampling(8, degree=12, order=12)  # 16 samples on a ring: 16 - 12 = 4
    >>> alias = explorer.alias()
    >>> bool(st.energy(alias * (st.orders(8) == 4)) > 0.99 * st.energy(alias))
    True
    """
    L = checks.choice("L", L, BAND_LIMITS)
    degree = 3 * L // 2 if degree is None else degree
    order = degree if order is None else order
    grids = [_grid(name, L) for name in SCHEMES]
    harmonics = [(ell, m) for ell in range(2 * L) for m in range(ell + 1)]
    aliases = np.stack([_aliases(grid, harmonics) for grid in grids])
    points = [np.stack(grid.mesh(), axis=-1).reshape(-1, 2) for grid in grids]
    return Sampling(
        {"a harmonic": ShownSignal(signals.harmonic(2 * L, 0, 0))},
        grid_band_limit=L,
        counts=[len(one) for one in points],
        points=as_float32(np.concatenate(points)),
        aliases=as_float32(aliases.astype(np.complex64).view(np.float32)),
        scheme=scheme,
        degree=degree,
        order=order,
        scenes=scenes,
    )


def _grid(scheme: str, L: int) -> Grid:
    makers = {"gauss-legendre": Grid.gauss_legendre, "mcewen-wiaux": Grid.mcewen_wiaux}
    return Grid.healpix(L // 2, L=L) if scheme == "healpix" else makers[scheme](L)


def _aliases(grid: Grid, harmonics: list[tuple[int, int]]) -> NDArray[np.complex128]:
    """Coefficients of the samples of real harmonics, by degree and order."""
    ell, m = np.transpose(harmonics).reshape(2, -1, *(1 for _ in grid.shape))
    samples = sph_harm_y(ell, m, *grid.mesh()).real * np.where(m, np.sqrt(2), 1)
    with warnings.catch_warnings():  # that high degrees alias is what the explorer shows
        warnings.simplefilter("ignore", ApproximationWarning)
        return forward(samples, grid)
