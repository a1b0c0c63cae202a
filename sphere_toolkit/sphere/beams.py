"""What an instrument, and pixels, do to each degree of a signal, and how to undo a spectrum."""

from __future__ import annotations

from functools import lru_cache

import ducc0
import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .coefficients import as_alm, band_limit, degrees
from .spectra import as_spectrum

# Points along a side of a pixel, pixels of each kind of face, and bins of distances.
_POINTS, _PIXELS_PER_FACE, _BINS = 8, 1024, 4096
_PAIRS_AT_ONCE = 64


def smooth(alm: ArrayLike, fwhm: float | ArrayLike) -> NDArray[np.complex128]:
    r"""A signal as a beam sees it.

    .. math:: f_{\ell m} \to B_\ell\, f_{\ell m}, \qquad
              B_\ell = e^{-\ell(\ell+1)\sigma^2/2}, \qquad
              \sigma = \text{fwhm} / \sqrt{8 \ln 2}

    for a Gaussian beam.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
    fwhm : float or array (>= L,)
        Full width at half maximum in radians; or :math:`B_\ell` itself, as of a measured beam or
        of `pixel_window`.

    Returns
    -------
    array (..., L(L+1)/2), complex128
        Unit of ``alm``.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no valid set of coefficients, ``fwhm`` is negative or above pi, or a beam has
        fewer than L degrees.

    Notes
    -----
    Equal to ``healpy.smoothalm`` for temperature.

    Examples
    --------
    A simulation that matches a data set: its spectrum, beam, pixels, noise (which differs from
    pixel to pixel) and mask.

    >>> import numpy as np, sphere_toolkit as st
    >>> L, grid = 32, st.Grid.healpix(16)
    >>> rng = np.random.default_rng(1)
    >>> mask = st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)
    >>> noise = 10 * (1 + np.sin(grid.theta))  # standard deviation in each pixel
    >>> sky = st.smooth(st.cmb.gaussian(L, rng), np.radians(5))
    >>> f = st.inverse(sky, grid) + noise * rng.standard_normal(grid.shape)
    >>> st.forward(f, grid, mask=mask).shape
    (528,)

    An instrument's beam, and healpy's pixel window, are arrays:

    >>> beam = np.exp(-0.01 * np.arange(L) ** 2)
    >>> bool(st.norm(st.smooth(sky, beam)) < st.norm(sky))
    True
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    if np.ndim(fwhm) == 0:
        width = checks.real("fwhm, in radians,", _number(fwhm), minimum=0, maximum=np.pi)
        sigma = width / np.sqrt(8 * np.log(2))
        ell = np.arange(L)
        beam = np.exp(-ell * (ell + 1) * sigma**2 / 2)
    else:
        beam = checks.numeric("fwhm", fwhm)
        if beam.ndim != 1 or beam.size < L or beam.dtype.kind == "c":
            raise ValueError(
                f"fwhm must be a real number in radians, or a beam B_l for each of the {L} "
                f"degrees, got {beam.dtype} of shape {beam.shape}"
            )
        beam = checks.converted("fwhm", beam, np.float64)[:L]
    return alm * beam[degrees(L)]


def _number(value: object) -> object:
    """A number out of an array without axes."""
    return value.item() if isinstance(value, np.ndarray) else value


@lru_cache(maxsize=16)
def pixel_window(nside: int, L: int) -> NDArray[np.float64]:
    r"""What averaging over HEALPix pixels does to each degree: :math:`w_\ell`, as a beam.

    .. math:: w_\ell^2 = \Big\langle \frac{1}{A^2} \int\!\!\int
              P_\ell(\omega \cdot \omega')\, d\omega\, d\omega' \Big\rangle

    with both points in the same pixel of area A, and the mean over pixels, whose shapes differ.

    Parameters
    ----------
    nside : int
        A power of 2.
    L : int
        Degrees below it, at most ``4 nside + 1``.

    Returns
    -------
    array (L,), float64
        For `smooth`. Read-only.

    Raises
    ------
    TypeError, ValueError
        ``nside`` or ``L`` is out of range.

    Notes
    -----
    Computed from 64 points in each pixel, of at most 2048 pixels, so that nothing is downloaded, as
    ``healpy.pixwin`` may do for its tables. A test averages the pixels of finer maps and finds the
    same within 1e-3.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.pixel_window(32, 64)[[0, 32, 63]].round(3)
    array([1.   , 0.953, 0.83 ])
    """
    nside = checks.integer("nside", nside, 1)
    if nside & (nside - 1):
        raise ValueError(f"nside must be a power of 2, got {nside}")
    L = checks.integer("L", L, 1, maximum=4 * nside + 1, given=f"nside={nside}")
    squared = np.zeros(L)
    # All other faces are mirrored or turned copies of a polar and an equatorial one.
    for face, share in ((0, 2 / 3), (4, 1 / 3)):
        cosines, counts = _pairs(nside, face)
        for i in range(0, len(cosines), _PAIRS_AT_ONCE):
            some = slice(i, i + _PAIRS_AT_ONCE)
            squared += share * (counts[some] @ legvander(cosines[some], L - 1))
    window = np.sqrt(squared)
    window.flags.writeable = False
    return window


def _pairs(nside: int, face: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines of the angles between points of the same pixel, in bins, and their frequencies."""
    n = nside * nside
    pixels = face * n + np.arange(0, n, max(1, n // _PIXELS_PER_FACE))
    children = pixels[:, None] * _POINTS**2 + np.arange(_POINTS**2)
    points = ducc0.healpix.Healpix_Base(nside * _POINTS, "NEST").pix2vec(children)
    squares = 2 - 2 * np.einsum("pik,pjk->pij", points, points).ravel()
    # Points at the centres of small squares have a smaller variance than the whole.
    squares = np.maximum(squares, 0) / (1 - _POINTS**-2.0)
    bins = np.minimum(squares * (_BINS / squares.max()), _BINS - 1).astype(np.int64)
    counts = np.bincount(bins, minlength=_BINS)
    means = np.bincount(bins, squares, _BINS) / np.maximum(counts, 1)
    return 1 - means / 2, counts / counts.sum()


def whiten(alm: ArrayLike, spectrum: ArrayLike) -> NDArray[np.complex128]:
    r"""A signal divided by the root of a given spectrum.

    .. math:: f_{\ell m} \to f_{\ell m} / \sqrt{C_\ell}

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
    spectrum : array (L,)
        :math:`C_\ell \ge 0`, of the ensemble or of the signal itself. Degrees where it is 0 become
        0.

    Returns
    -------
    array (..., L(L+1)/2), complex128
        Without unit: of unit power at every degree, on average, if the spectrum is that of the
        ensemble.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no valid set of coefficients; ``spectrum`` has another shape, is negative, or
        zero everywhere.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> relief = st.signals.earth_relief(32)
    >>> white = st.whiten(relief, st.power_spectrum(relief))
    >>> st.power_spectrum(white)[[1, 31]].round(12)
    array([1., 1.])
    """
    alm = as_alm(alm)
    L = band_limit(alm)
    power = as_spectrum(spectrum, L)
    weight = np.zeros(L)
    np.divide(1.0, np.sqrt(power), out=weight, where=power > 0)
    return np.multiply(alm, weight[degrees(L)])
