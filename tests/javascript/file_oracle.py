"""Files that a reader may open in an explorer, and what Python makes of them."""

from __future__ import annotations

import tempfile
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import ducc0
import healpy
import numpy as np
from astropy.io import fits
from encoded import array, complex_pairs
from PIL import Image

import sphere_toolkit as st

ARRAYS = [
    ("F1", 64, "<f4"), ("CC", 65, ">f8"), ("F1", 75, "<f8"), ("CC", 49, ">f4"), ("F1", 60, "<i2"),
    ("CC", 61, ">i8"), ("F1", 61, "<i4"),
]  # fmt: skip
"""Rows at pixel centres (F1) or with both poles (CC), their number, and the type of the numbers."""

MAPS = [(1, False, "f4"), (8, True, "f8"), (16, False, "f8"), (32, True, "f4")]
"""Of HEALPix maps nside, whether it is in NESTED order, and the type of the numbers."""


def files() -> dict[str, Any]:
    """Files of every kind, and the coefficients that they hold, less their mean."""
    return {
        "arrays": arrays(),
        "picture": picture(),
        "maps": healpix_maps(),
        "tables": tables(),
        "nested": {n: healpy.nest2ring(n, np.arange(12 * n * n)).tolist() for n in (1, 2, 8)},
        "weights": {
            f"{kind} {n}": array(ducc0.sht.get_gridweights(kind, n) / (2 * np.pi))
            for kind in ("F1", "CC") for n in (2, 9, 64, 65)
        },
    }  # fmt: skip


def content(data: bytes) -> dict[str, str]:
    """A file as `oracle.js` decodes it."""
    return array(np.frombuffer(data, np.uint8), "|u1")


def less_mean(alm: np.ndarray) -> dict[str, str]:
    """Expected coefficients of what is shown of a file."""
    alm = alm.astype(complex)
    alm[0] = 0
    return complex_pairs(alm)


def quadrature(samples: np.ndarray, kind: str, L: int, west: float = 0.0) -> np.ndarray:
    """Coefficients of a latitude-longitude array whose first column lies at ``west``, by ducc0."""
    rows, columns = samples.shape
    weights = ducc0.sht.get_gridweights(kind, rows) / columns
    weighted = samples * weights[:, None]
    alm = ducc0.sht.adjoint_synthesis_2d(
        map=weighted[None], spin=0, lmax=L - 1, geometry=kind, phi0=west
    )
    return np.asarray(alm[0])


def arrays() -> list[dict[str, Any]]:
    """Arrays as NumPy saves them: exact signals, and one with more degrees than the page keeps."""
    cases = []
    L = 24
    alm = 100 * st.signals.band_limited_noise(L, 7)
    for kind, rows, dtype in ARRAYS:
        columns = 2 * rows if kind == "F1" else 2 * rows - 2
        for order in "CF":
            (samples,) = ducc0.sht.synthesis_2d(
                alm=alm[None], spin=0, lmax=L - 1, geometry=kind, ntheta=rows, nphi=columns
            )
            stored = np.asarray(samples if "f" in dtype else 100 * samples + 3)
            stored = np.asarray(stored.astype(dtype), order=order)
            expected = quadrature(stored.astype(float), kind, L)
            cases.append({"file": saved(stored), "L": L, "alm": less_mean(expected)})
    noise = np.random.default_rng(3).standard_normal((301, 600))
    noise[40:50, 100:300] = np.nan
    noise[200, 7] = np.inf
    valid = np.isfinite(noise)
    weights = ducc0.sht.get_gridweights("CC", 301)[:, None] * valid
    filled = np.where(valid, noise, np.average(np.where(valid, noise, 0), weights=weights))
    expected = less_mean(quadrature(filled, "CC", 128))
    missing = int((~valid).sum())
    return [*cases, {"file": saved(noise), "L": 128, "alm": expected, "missing": missing}]


def saved(samples: np.ndarray) -> dict[str, str]:
    """A .npy file."""
    file = BytesIO()
    np.save(file, samples)
    return content(file.getvalue())


def picture() -> dict[str, Any]:
    """A picture in colour, and its size in every format."""
    rgba = np.random.default_rng(4).integers(0, 256, (64, 128, 4)).astype(np.uint8)
    rgba[..., 3] = 255
    image = Image.fromarray(rgba[..., :3])
    clear = Image.fromarray(np.where([True, True, True, False], rgba, 0).astype(np.uint8))
    formats: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "png": (image, {}), "jpeg": (image, {}), "webp": (image, {}),
        "jpeg progressive": (image, {"progressive": True}),
        "webp lossless": (image, {"lossless": True}), "webp clear": (clear, {}),
    }  # fmt: skip
    pictures = {}
    for name, (one, options) in formats.items():
        file = BytesIO()
        one.save(file, name.split()[0], **options)
        pictures[name] = content(file.getvalue())
    grey = rgba[..., :3] @ [0.2126, 0.7152, 0.0722] / 255
    red = rgba[..., 0] / 255
    west = np.pi / 128 - np.pi
    return {
        "files": pictures,
        "rgba": content(rgba.tobytes()),
        "grey": less_mean(quadrature(grey, "F1", 32, west)),
        "red": less_mean(quadrature(red, "F1", 32, west)),
    }


def healpix_maps() -> list[dict[str, Any]]:
    """HEALPix maps as healpy writes them."""
    cases = []
    rng = np.random.default_rng(5)
    for nside, nest, dtype in MAPS:
        samples = 5 + rng.standard_normal(12 * nside**2)
        holes = rng.random(samples.size) < 0.1 * (nside > 8)
        stored = np.where(holes, [healpy.UNSEEN, np.nan][nest], samples).astype(dtype)
        filled = np.where(holes, np.mean(stored[~holes], dtype=float), stored)
        if nest:
            filled = healpy.reorder(filled, n2r=True)
        expected = less_mean(sky_coefficients(filled - filled.mean()))
        with tempfile.TemporaryDirectory() as folder:
            name = Path(folder) / "map.fits"
            columns = [stored, 0 * stored]  # the second is not read
            kind = np.dtype(dtype).type
            healpy.write_map(name, columns, nest=nest, dtype=kind, column_units="mK")
            file = content(name.read_bytes())
        case = {"file": file, "nside": nside, "missing": int(holes.sum()), "alm": expected}
        cases.append(case)
    return cases


def sky_coefficients(samples: np.ndarray) -> np.ndarray:
    """Coefficients below twice nside of a HEALPix map that has higher ones, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", st.ApproximationWarning)
        return st.forward(samples, st.Grid.healpix(healpy.npix2nside(samples.size)))


def tables() -> dict[str, dict[str, str]]:
    """FITS files that are no maps, and one with an unusual, but good, layout."""
    values = np.arange(48, dtype=float)
    column = fits.Column("T", "D", array=values)

    def file(*hdus: Any) -> dict[str, str]:
        out = BytesIO()
        fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(out)
        return content(out.getvalue())

    def table(columns: list[fits.Column], **cards: Any) -> fits.BinTableHDU:
        hdu = fits.BinTableHDU.from_columns(columns)
        hdu.header.update(cards)
        return hdu

    good = {"PIXTYPE": "HEALPIX", "ORDERING": "RING", "NSIDE": 2}
    image = fits.ImageHDU(np.zeros((7, 9), "i2"))
    return {
        "good": file(image, table([column, fits.Column("N", "I", array=values)], **good)),
        "catalogue": file(table([column])),
        "image": file(image),
        "integers": file(table([fits.Column("N", "J", array=np.arange(48))], **good)),
        "partial": file(table([column], **good, INDXSCHM="EXPLICIT")),
        "scaled": file(table([column], **good, TSCAL1=2.0)),
        "wrong": file(table([column], **(good | {"NSIDE": 4}))),
        "short": file(table([fits.Column("T", "D", array=values[:40])], **good)),
    }
