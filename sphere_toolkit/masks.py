"""Masks of maps with holes: read, shape and fill them, and see what wavelets see of the sky.

A map of the whole sky is rarely one: the Galaxy, or a coast, hides a part. `sphere_toolkit.forward`
with ``mask=`` fills that part, and a `sphere_toolkit.ScatteringTransform` with ``mask=`` takes its
means over what is known::

    mask = st.masks.read("mask.fits")
    alm = st.forward(healpy.read_map("sky.fits"), mask.grid, mask=mask)
    means = st.ScatteringTransform(64, J_min=3)(alm, mask=mask).means()
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._util import checks, extras
from .sphere.masks.dipole import fit_dipole, remove_dipole, remove_monopole
from .sphere.masks.edges import APODISATIONS, apodise, distances, erode
from .sphere.masks.filling import fill_all
from .sphere.masks.mask import Mask, as_mask, averaged, blanked, known
from .sphere.spectra import as_spectrum
from .sphere.spin import as_spin, components
from .sphere.transforms import as_samples
from .wavelets.reach import energy_kernel, reach
from .wavelets.zonal import WaveletBank, as_bank

__all__ = [
    "APODISATIONS",
    "Mask",
    "apodise",
    "distances",
    "erode",
    "fill",
    "fit_dipole",
    "known",
    "reach",
    "read",
    "remove_dipole",
    "remove_monopole",
    "seen",
    "valid_at_scale",
]


def read(
    file: str | Path,
    field: int | str = 0,
    *,
    hdu: int | str | None = None,
    ordering: str | None = None,
) -> Mask:
    """A mask from a HEALPix map in a FITS file.

    Parameters
    ----------
    file : path
    field : int or str, default 0
        Column of the table: its number from 0, or its name.
    hdu : int or str, optional
        Number or name of the table; the first one by default.
    ordering : {"RING", "NESTED"}, optional
        Of a file whose header does not state it.

    Returns
    -------
    Mask
        On the HEALPix grid of the file, of band-limit 2 nside.

    Raises
    ------
    OSError
        The file cannot be read.
    TypeError, ValueError
        It holds no HEALPix map, or one with numbers outside [0, 1]; the ordering is unknown.
    ModuleNotFoundError
        astropy is not installed; the message names the extra that has it.

    Examples
    --------
    >>> import healpy, pathlib, tempfile, numpy as np, sphere_toolkit as st
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "mask.fits"
    >>> grid = st.Grid.healpix(16)
    >>> healpy.write_map(file, (np.abs(np.cos(grid.theta)) > 0.3).astype(float))
    >>> f"{st.masks.read(file).fraction:.2f}"
    '0.69'
    """
    checks.choice("ordering", ordering, (None, "RING", "NESTED"))
    try:
        from .pipeline.sources.masking import read_mask

        return read_mask(file, field, hdu, ordering)
    except ModuleNotFoundError as error:
        raise extras.explained(error, "masks.read") from error


def fill(
    f: ArrayLike,
    mask: Mask,
    spectrum: ArrayLike | None = None,
    *,
    spin: int = 0,
    seed: checks.Seed = None,
    n_threads: int | None = None,
) -> NDArray[np.float64]:
    r"""A map whose holes are filled with what a Gaussian field of its spectrum may hold there.

    Known samples stay as they are. The others are those of a random field that is drawn given the
    known ones (a *constrained realisation*): near an edge the known samples decide, far from it
    chance does. The filled map has the power of the known part everywhere, so that the averages of
    wavelets and of scattering paths do not see the edges.

    Parameters
    ----------
    f : array (..., *grid.shape), or (..., 2, *grid.shape) with spin
        Samples on the grid of the mask, any unit. They may be missing (masked, NaN, UNSEEN) where
        the mask is 0.
    mask : Mask
        Its grid has the band-limit of the field. A sample is known where the mask is above 0.
    spectrum : array (grid.L,), or (2, grid.L) with spin, optional
        Power spectrum of the field, squared unit of ``f``; with spin those of E and B. By default
        it is estimated from the known samples.
    spin : int, default 0
        2 for Stokes' Q and U, as of `sphere_toolkit.forward`.
    seed : int or numpy.random.Generator, optional
        By default made of the order of the known samples: the same map is filled alike each time
        and in any unit, and different maps are filled independently of each other.
    n_threads : int, optional
        Every core this process may use by default. A batch runs one map per thread, and a single
        map uses one only: more would change last bits from run to run, and with them the fill.

    Returns
    -------
    array of the shape of ``f``, float64

    Raises
    ------
    TypeError, ValueError
        ``f`` or ``spectrum`` has the wrong type or shape, samples are missing that the mask keeps,
        or ``spectrum`` is negative.

    Notes
    -----
    With the spectrum of the field, a filled Gaussian field is a Gaussian field of that spectrum
    again, everywhere: exact if the equations were solved to the end. They are solved by conjugate
    gradients, at most 200 steps of two transforms each, after 120 for the noise and an estimated
    spectrum. Zeros have less power: ``benchmarks/results/masks.json`` compares the means of
    scattering paths with both.

    For every c > 0, ``fill(c * f, mask)`` is ``c * fill(f, mask)`` to rounding, and with a given
    ``spectrum``, if that becomes ``c**2 * spectrum``. To that end the known samples are rounded to
    1e-6 of their root mean square inside the solver, and a given spectrum to 1e-6 of each degree.

    Monopole and dipole may be of any size: they are fitted first. What the degrees below the
    band-limit cannot explain of the known samples counts as noise, and the holes are given as much
    of it. It is drawn as white noise, which power just beyond the band-limit, as of a map in real
    pixels, is not: there the finest scales of the filled map are biased. Behind WMAP's mask the
    mean of the finest path of depth 1 is 2.8 of its standard deviations too high for Gaussian skies
    whose spectrum goes on to twice the band-limit, and that of the next scale 0.9
    (``benchmarks/results/masks-beyond.json``, L = 64). If the map has smaller pixels, fill it below
    twice the band-limit, and cut off its coefficients (`sphere_toolkit.truncate`): then no mean is
    off by more than 0.2. Or compare with simulations that are filled in the same way, as chapter 13
    of the course does.

    With spin and the spectra of E and B, what of E looks like B on a part of the sky stays E:
    without any B, less than 1e-3 of the power of E is found there from degree 10 on. Estimated
    spectra let up to 5 % pass. ``tests/sphere/test_masks.py`` measures both behind WMAP's mask.

    Source: Hoffman & Ribak 1991 [hoffman1991].

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(16)
    >>> sky = st.inverse(st.cmb.gaussian(32, seed=1), grid)
    >>> mask = st.masks.Mask(np.abs(np.cos(grid.theta)) > 0.3, grid)
    >>> whole = st.masks.fill(np.where(mask.keeps, sky, np.nan), mask)
    >>> bool((whole == sky)[mask.keeps].all()), f"{whole.std() / sky.std():.1f}"
    (True, '1.0')
    """
    mask = as_mask(mask)
    spin = as_spin(spin, mask.grid.L)
    samples = as_samples(blanked(f, mask), mask.grid, spin)
    if spectrum is not None:
        spectrum = as_spectrum(spectrum, mask.grid.L, components(spin))
    return fill_all(samples, mask, spectrum, seed, n_threads, spin)


def seen(mask: Mask, bank: WaveletBank, scale: int | None) -> NDArray[np.float64]:
    r"""Share of the energy of a wavelet that lies on what a mask keeps, around every point.

    .. math:: v(\omega) = \int M(\omega')\, \psi_j^2(\omega \cdot \omega')\, d\omega'
              \Big/ \int \psi_j^2\, d\omega'

    Parameters
    ----------
    mask : Mask
    bank : WaveletBank
    scale : int or None
        One of ``bank.scales``, or None for the scaling function.

    Returns
    -------
    array (*grid.shape)
        On the grid of the mask, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        ``mask`` or ``bank`` is none, or the bank has no such scale.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> cap = st.masks.Mask(grid.theta < 1, grid)
    >>> v = st.masks.seen(cap, st.WaveletBank(64, J_min=3), scale=5)
    >>> f"{v[0]:.2f} {v[grid.theta > 1][0]:.2f} {v[-1]:.2f}"
    '1.00 0.33 0.00'
    """
    mask = as_mask(mask)
    kernel = energy_kernel(as_bank(bank), scale)
    return averaged(mask.samples, mask.grid, kernel)


def valid_at_scale(mask: Mask, bank: WaveletBank, scale: int | None, share: float = 0.99) -> Mask:
    """The mask of a scale: where a share of the energy of its wavelet lies on known samples.

    Parameters
    ----------
    mask, bank, scale
        As of `seen`.
    share : float, default 0.99
        Above 0 and below 1.

    Returns
    -------
    Mask
        Of zeros and ones.

    Raises
    ------
    TypeError, ValueError
        An argument is of the wrong kind or out of range, or no place is valid; the message says
        what share there is at the best place.

    Notes
    -----
    `erode` by the `reach` of a scale would leave less: it asks for a whole disc of known samples,
    so that a hole of one pixel takes as much away as one of the size of the wavelet.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> grid = st.Grid.healpix(32)
    >>> cap, bank = st.masks.Mask(grid.theta < 1, grid), st.WaveletBank(64, J_min=3)
    >>> [round(st.masks.valid_at_scale(cap, bank, j, 0.95).fraction, 2) for j in (4, 5)]
    [0.16, 0.2]
    """
    mask = as_mask(mask)
    share = checks.real("share", share, above=0, below=1)
    found = seen(mask, bank, scale)
    if not (found >= share).any():
        raise ValueError(
            f"no place is valid at scale {scale} for share={share}: at the best place "
            f"{found.max():.3f} of the energy of the wavelet lies on {mask!r}"
        )
    return Mask(found >= share, mask.grid)
