"""What is done to maps before they are scattered: their holes, a beam, the window of pixels."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ...sphere.beams import pixel_window, smooth
from ...sphere.coefficients import band_limit
from ...sphere.grids.grid import Grid
from ...sphere.masks.mask import Mask, as_mask
from ...sphere.transforms import ApproximationWarning, forward
from .contents import COMPRESSED, FITS, NUMPY, content
from .files import to_ring
from .tables import Field, read_header, read_samples, table

PIXELS = ("remove", "apply")
"""What may be done with a pixel window."""
_FILLED_BY = "What a mask hides is filled: give one (mask=, --mask)"


@dataclass(frozen=True)
class Preparation:
    """The mask, beam and pixels of all maps of a source; workers read the mask once.

    Parameters
    ----------
    mask : str or None
        The absolute path of its file.
    digest : str or None
        That of its samples.
    beam : float or None
        Full width at half maximum in radians.
    pixel_window : str or None
        What is done with the window of which pixels: ``"remove,32"`` or ``"apply,32"``.
    """

    mask: str | None = None
    digest: str | None = None
    beam: float | None = None
    pixel_window: str | None = None

    @classmethod
    def of(
        cls,
        mask: str | Path | None,
        beam: float | None,
        pixels: str | None,
        grid: Grid | None,
        L: int,
    ) -> Preparation:
        """The same, checked for maps on a grid, or for coefficients; ``L`` is their band-limit."""
        if beam is not None:
            beam = checks.real("beam", beam, above=0, maximum=np.pi)
        if pixels is not None:
            pixels = _named_pixels(pixels, grid, L)
        if mask is None:
            return cls(beam=beam, pixel_window=pixels)
        if grid is None:
            raise ValueError("mask is for samples, got coefficients: they have no holes to fill")
        path = str(Path(mask).expanduser().absolute())
        return cls(path, digest_of(_mask(path, grid)), beam, pixels)

    def describe(self) -> dict[str, Any]:
        """What a store records, so that maps prepared otherwise are not mixed with these."""
        stated = {"mask": self.digest, "beam": self.beam, "pixel_window": self.pixel_window}
        return {name: value for name, value in stated.items() if value is not None}

    def analysed(self, samples: NDArray, grid: Grid, spin: int = 0) -> NDArray[np.complex128]:
        """Coefficients of samples; no warning about power beyond the band-limit."""
        mask = None
        if self.mask is not None:
            mask = _mask(self.mask, grid)
            if digest_of(mask) != self.digest:
                raise ValueError(f"the mask {self.mask!r} is another one now")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ApproximationWarning)
            try:
                alm = forward(samples, grid, spin, mask=mask, n_threads=1)
            except (TypeError, ValueError) as error:  # a command has no f, but an option
                said = str(error).removeprefix("f ").replace(checks.FILL, _FILLED_BY)
                raise ValueError(f"samples {said}") from error
        return self.smoothed(alm)

    def smoothed(self, alm: NDArray) -> NDArray:
        """Coefficients behind the beam, with or without what pixels do."""
        if self.beam is not None:
            alm = smooth(alm, self.beam)
        if self.pixel_window is None:
            return alm
        how, nside = self.pixel_window.split(",")
        window = pixel_window(int(nside), band_limit(alm))
        return smooth(alm, window if how == "apply" else 1 / window)


def _named_pixels(pixels: str, grid: Grid | None, L: int) -> str:
    """``pixels`` with the nside that it says, or that of the grid; checked."""
    how, _, size = str(pixels).replace(" ", "").partition(",")
    if how not in PIXELS or (size and not size.isdecimal()):
        raise ValueError(
            f"pixel_window must be {' or '.join(map(repr, PIXELS))}, with an nside as in "
            f"'remove,32' unless it is that of the maps, got {pixels!r}"
        )
    nside = int(size) if size else grid.nside if grid else None
    if nside is None:
        raise ValueError(
            f"pixel_window must name an nside, as in '{how},32', for maps that do not lie on "
            f"HEALPix pixels, got {pixels!r}"
        )
    try:
        pixel_window(nside, L)
    except ValueError as error:
        raise ValueError(f"pixel_window {pixels!r}: {error}") from error
    return f"{how},{nside}"


def digest_of(mask: Mask) -> str:
    """The beginning of the SHA-256 of a mask's samples, and how much it keeps."""
    found = hashlib.sha256(np.ascontiguousarray(mask.samples, "<f8").tobytes()).hexdigest()
    return f"{found[:16]} ({100 * mask.fraction:.3g} % of the sphere)"


def read_mask(
    file: str | Path, field: Field = 0, hdu: int | str | None = None, ordering: str | None = None
) -> Mask:
    """A mask from a HEALPix map in a FITS file; see `sphere_toolkit.masks.read`."""
    path = str(Path(file).expanduser())
    try:
        with table(path, hdu) as found:
            header, samples = read_header(found, field), read_samples(found, field)
    except ValueError as error:
        array = content(path) == NUMPY
        hint = "; an array becomes a mask by st.masks.Mask(samples, grid)" if array else ""
        raise ValueError(f"{file}: {error}{hint}") from error
    ordering = header.ordering or ordering
    if ordering is None:
        raise ValueError(f"{file}: its header has no ORDERING; give ordering='RING' or 'NESTED'")
    return _made(str(file), to_ring(samples, ordering), Grid.healpix(header.nside))


def _made(file: str, samples: NDArray, grid: Grid) -> Mask:
    """A mask of the samples in a file; an error names the file."""
    try:
        return Mask(samples, grid)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{file}: {error}") from error


def _mask(path: str, grid: Grid) -> Mask:
    """The mask in a file, for maps on a grid."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no mask {path!r}") from None
    if Path(path).is_dir():
        raise IsADirectoryError(f"the mask must be a file, got the folder {path!r}")
    return as_mask(_read(path, status.st_mtime_ns, grid), grid)


@lru_cache(maxsize=2)
def _read(path: str, mtime: int, grid: Grid) -> Mask:
    """A mask that was read already, as long as its file stays as it is."""
    kind = content(path)
    if kind == NUMPY:
        return _made(path, np.load(path, allow_pickle=False), grid)
    if kind not in (FITS, *COMPRESSED):
        raise ValueError(
            f"the mask must be a HEALPix map in a FITS file, or a NumPy array (.npy): {path!r} "
            f"is {kind}"
        )
    return read_mask(path)
