"""Which maps a command reads: the options that say what files hold, and their source."""

from __future__ import annotations

import argparse
import math
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from .._util import checks
from ..cmb import SETS
from ..sphere.grids.grid import EQUIANGULAR, SCHEMES, SIZED, Grid
from ..sphere.transforms import ApproximationWarning
from . import ends

FILES_HELP = (
    ".npy files, HEALPix .fits files (.fit, .fts, also .gz), folders of them, or lists of "
    "paths, one a line (.txt, .lst, @NAME)"
)
# Which options a kind of source has.
_KINDS = {
    "set": ("simulation sets", ("n", "seed", "first")),
    "npy": (".npy files", ("L", "grid", "unit", "ordering", "mask", "beam", "pixel_window")),
    "fits": (
        ".fits files",
        ("L", "unit", "ordering", "coordinates", "field", "hdu", "mask", "beam", "pixel_window"),
    ),
}


def add_files(parser: Any, said: str | None = None) -> Any:
    """Add the options about maps in files; one that is not given is not set. Their group."""
    absent = argparse.SUPPRESS
    group = parser.add_argument_group("files", said)
    group.add_argument(
        "--lmax",
        type=int,
        default=absent,
        help="highest degree, as in healpy (.fits: 2 nside - 1 by default)",
    )
    group.add_argument(
        "--L", type=int, default=absent, help="the same as a band-limit: L = lmax + 1"
    )
    group.add_argument(
        "--grid",
        choices=[*SCHEMES, "alm"],
        default=absent,
        help="what .npy files hold, needed there: samples on a grid (clenshaw-curtis and fejer: "
        "latitudes and longitudes at even steps, with poles and without), or alm; a stack is "
        "many maps",
    )
    group.add_argument(
        "--field",
        default=absent,
        metavar="FIELD[,FIELD...]",
        help="columns of .fits files: number, name or beginning of the name, or E "
        "or B of the columns Q and U, which are no scalars themselves (default 0, temperature)",
    )
    group.add_argument(
        "--hdu", default=absent, help="table of .fits files: number or name (default: the first)"
    )
    group.add_argument(
        "--unit",
        default=absent,
        help="unit of the maps: .fits files are converted "
        "to it (default: the one that most files state)",
    )
    group.add_argument(
        "--coordinates",
        choices=["G", "E", "C"],
        default=absent,
        help="that .fits files must be in: galactic, ecliptic, celestial",
    )
    group.add_argument(
        "--ordering",
        choices=["RING", "NESTED"],
        default=absent,
        help="of HEALPix files that do not say it",
    )
    group.add_argument(
        "--mask",
        default=absent,
        metavar="FILE",
        help="mask of all maps (.fits, .npy), 1 where they are known: their holes are filled. "
        "Behind one E and B mix a little",
    )
    group.add_argument(
        "--beam",
        type=float,
        default=absent,
        metavar="ARCMIN",
        help="smooth all maps by a Gaussian of this full width at half maximum",
    )
    group.add_argument(
        "--pixel-window",
        default=absent,
        metavar="HOW[,NSIDE]",
        help="remove: divide by what the average over HEALPix pixels did to each degree; apply: "
        "multiply by it (nside: that of the maps by default)",
    )
    return group


def source(options: argparse.Namespace) -> Any:
    """The source of the maps that the options name."""
    from .. import pipeline
    from ..pipeline.sources.listing import is_named_like_files

    names, stated = options.source, given(options)
    sets = [name for name in names if name in SETS]
    if sets and len(names) == 1:
        _check_kind("set", stated)
        if "n" not in stated:
            raise ValueError(f"--n must be given for the simulation set {names[0]!r}")
        return pipeline.NamedSet(names[0], **stated)
    if sets or not any(map(is_named_like_files, names)):
        raise ValueError(
            f"source must be one of the simulation sets {', '.join(SETS)}, or files or folders "
            f"that are there, got {' '.join(names)}"
        )
    return files(names, stated)


def files(names: list[str], stated: dict[str, Any]) -> Any:
    """The source of maps in files, with options as of `given`."""
    from .. import pipeline

    kind, paths = pipeline.find_files(names)
    _check_kind(kind, stated)
    if kind == "fits":
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", pipeline.StokesWarning)
            warnings.simplefilter("always", ApproximationWarning)
            source = pipeline.HealpixFiles(paths, **stated)
        for one in caught:
            ends.note(f"Note: {one.message}.")
        return source
    rest = {name: value for name, value in stated.items() if name not in ("L", "grid")}
    if "grid" not in stated:
        raise ValueError(
            "--grid must be given for .npy files, since arrays of one shape lie on several: one of "
            f"{', '.join([*SCHEMES, 'alm'])}"
        )
    return pipeline.MapFiles(paths, _layout(stated["grid"], stated.get("L"), paths), **rest)


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The options about a source that were given, as the sources take them."""
    names = {name for _, own in _KINDS.values() for name in own}
    found = {name: value for name, value in vars(options).items() if name in names}
    lmax = getattr(options, "lmax", None)
    if lmax is not None:
        L = checks.integer("--lmax", lmax, 0) + 1
        if found.setdefault("L", L) != L:
            raise ValueError(
                f"--L counts the degrees 0 to L - 1: --L {found['L']} is --lmax {found['L'] - 1}, "
                f"got --lmax {lmax}; give one of them"
            )
    if "field" in found:
        fields = [_number_or_name(field) for field in str(found["field"]).split(",")]
        found["field"] = fields[0] if len(fields) == 1 else fields
    if "hdu" in found:
        found["hdu"] = _number_or_name(found["hdu"])
    if "beam" in found:
        arcminutes = checks.real("--beam", found["beam"], above=0, maximum=60 * 180)
        found["beam"] = math.radians(arcminutes / 60)
    return found


def flag(name: str) -> str:
    """How an option is written on the command line."""
    return f"--{name.replace('_', '-')}"


def _number_or_name(text: str) -> int | str:
    return int(text) if text.strip().isdecimal() else text.strip()


def _check_kind(kind: str, stated: dict[str, Any]) -> None:
    """Raise for an option that maps of a kind do not have."""
    words, own = _KINDS[kind]
    for name in stated:
        if name not in own:
            others = " and ".join(other for other, names in _KINDS.values() if name in names)
            raise ValueError(f"{flag(name)} does not apply to {words}: it is for {others}")


def _layout(scheme: str, L: int | None, paths: list[str]) -> Grid | int:
    """What the .npy files hold: a grid, or the band-limit of alm.

    HEALPix, equiangular and Gauss-Legendre grids have the size of most files that can be read.
    """
    if scheme not in ("healpix", *SIZED):
        if L is None:
            raise ValueError(f"--lmax must be given for .npy files that hold {scheme!r}")
        return L if scheme == "alm" else Grid(scheme, L)
    from ..pipeline.sources.numpy_files import array_shape

    shapes = {path: shape for path in paths if (shape := array_shape(path))}
    if not shapes:
        raise ValueError(f"no .npy file can be read: {Path(paths[0])} is no array, or is not there")
    axes = 1 if scheme == "healpix" else 2  # those before them count maps
    size = Counter(shape[-axes:] for shape in shapes.values()).most_common(1)[0][0]
    path = next(path for path, shape in shapes.items() if shape[-axes:] == size)
    if scheme == "healpix":
        nside = round((size[0] / 12) ** 0.5)
        if size[0] != 12 * nside**2 or not nside:
            raise ValueError(f"HEALPix maps must have 12 nside^2 pixels, got {size[0]} in {path}")
        return Grid.healpix(nside, L)
    if len(size) < 2:
        raise ValueError(f"maps on the grid {scheme!r} must have 2 axes, got shape {size} in "
                         f"{path}")  # fmt: skip
    n_theta, n_phi = size
    if scheme in EQUIANGULAR:
        return Grid.equiangular(n_theta, n_phi, scheme == EQUIANGULAR[0], L=L)
    if L is None:
        L = min(n_theta, (n_phi + 1) // 2)
    return Grid(scheme, L, None, n_theta, n_phi)
