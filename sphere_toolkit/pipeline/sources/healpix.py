"""HEALPix maps in FITS tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..._util import checks
from ...sphere.grids.grid import Grid
from ...sphere.transforms import ApproximationWarning
from .base import Labels, Part
from .contents import reason
from .files import Files, Pick, Reader, file_names, to_ring
from .masking import Preparation
from .statements import about_unit, agree, factor, most_frequent
from .tables import POLARISED, Field, Header, read_header, read_samples, stokes, table

_THAT = "that of the files"
_ASKED = 101  # a header is read in a few milliseconds


class StokesWarning(UserWarning):
    """Columns that are scattered as scalars are named like Stokes' Q and U, which are none."""


class HealpixFiles(Files):
    """HEALPix maps in FITS files, as healpy writes them.

    Parameters
    ----------
    files : sequence of paths
    L : int, optional
        Band-limit of the coefficients, ``2 * nside`` by default.
    labels : sequence, or dict of sequences, optional
        As of `Arrays`, in the order of ``names``.
    unit : str, optional
        The unit of the coefficients: files in another unit are converted to it, and files that
        state none are taken to have it. By default the unit that most files state, and nothing is
        converted.
    ordering : {"RING", "NESTED"}, optional
        The ordering of files whose header does not state it; other files must agree with it.
    field : int or str, or sequence of them, default 0
        Column of the map: its number from 0, or its name or the beginning of its name; 0 is
        temperature in files with polarisation. "E" and "B" are computed from the columns Q and
        U, which are no scalars themselves (see Warns). Of several fields each is a map of its own,
        named ``file[field]``. The column of pixel numbers in files of a partial sky is not counted.
    coordinates : {"G", "E", "C"}, optional
        The system that the files must have (galactic, ecliptic, celestial); by default the one
        that most files state.
    hdu : int or str, optional
        Number or name of the table in each file; by default the first table.
    mask : path, optional
        A file with a mask of all maps: a HEALPix map in a FITS file, or a ``.npy`` array on the
        grid of the maps; 1 keeps a sample. Holes are filled as by ``forward(f, grid, mask=mask)``,
        for "E" and "B" with ``spin=2``: then these mix a little (see Warns).
    beam : float, optional
        Full width at half maximum of a Gaussian by which the maps are smoothed, in radians (see
        `sphere_toolkit.smooth`).
    pixel_window : str, optional
        "remove" divides by `sphere_toolkit.pixel_window`, which undoes the average over pixels;
        "apply" multiplies by it, as for simulations that are to match a map. The nside is
        that of the maps, or follows a comma: "apply,32".

    Attributes
    ----------
    grid : Grid
    unit, coordinates : str or None
        None if no file states it.

    Raises
    ------
    TypeError, ValueError
        There are no files or none can be read; a file contradicts ``coordinates`` or ``ordering``
        or cannot be converted to ``unit`` (a file that states what most do is compared); ``L``,
        ``field`` or ``hdu`` is out of range.

    Warns
    -----
    StokesWarning
        A field is a column that is named like Q or U. Their values depend on the directions of the
        axes at each point, and turn into each other with them. So their coefficients do not turn
        with the sky, and means over them change when it is turned. Those of "E" and "B" do not.
        If such a column holds a scalar after all, as when ``healpy.write_map`` has named three maps
        of any kind, nothing is wrong.
    ApproximationWarning
        "E" or "B" is asked for behind a mask. What of E looks like B on a part of the sky stays E
        only up to some share, which `sphere_toolkit.masks.fill` states.

    Notes
    -----
    Maps of nested order are converted to ring order. A map is listed as unusable, with the reason,
    if it is partly masked (UNSEEN, the ``BAD_DATA`` or ``TNULL`` of its header, NaN), or if its
    nside, unit or coordinate system is another than that of most files. What most have is read
    from at most 101 headers, evenly spread over the files; of two that are equally frequent the
    first counts, and what none of these states is taken from another file. Units are compared by
    meaning (``uK_CMB`` is ``muK``). A file that states no unit or system is assumed to have that of
    the others.

    The signs of Q and U are those of ``POLCCONV`` in the header: "COSMO", which is assumed where it
    is not stated, or "IAU".

    The coefficients are the least-squares fit below ``L`` (see `sphere_toolkit.forward`). Higher
    degrees of a map are left out, without the warning of `forward`.

    Examples
    --------
    >>> import healpy, pathlib, tempfile, sphere_toolkit as st
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sky.fits"
    >>> sky = st.inverse(st.cmb.gaussian(16, seed=1), st.Grid.healpix(8))
    >>> healpy.write_map(file, sky, column_units="K")
    >>> source = st.pipeline.HealpixFiles([file], unit="uK")
    >>> source.L, source.unit
    (16, 'uK')
    """

    def __init__(
        self,
        files: Iterable[str | Path],
        L: int | None = None,
        labels: Labels | None = None,
        unit: str | None = None,
        ordering: str | None = None,
        field: Field | Sequence[Field] = 0,
        coordinates: str | None = None,
        hdu: int | str | None = None,
        mask: str | Path | None = None,
        beam: float | None = None,
        pixel_window: str | None = None,
    ) -> None:
        self.fields = _fields(field)
        self.field = self.fields[0] if len(self.fields) == 1 else list(self.fields)
        picks: list[Pick] = list(self.fields) if len(self.fields) > 1 else [None]
        super().__init__(((file, pick) for file in file_names(files) for pick in picks), labels)
        self.ordering = checks.choice("ordering", ordering, (None, "RING", "NESTED"))
        self.hdu = hdu if isinstance(hdu, str | None) else checks.integer("hdu", hdu, 0)
        checks.choice("coordinates", coordinates, (None, "G", "E", "C"))
        self._converts = unit is not None
        most = self._statements()
        asked = {"unit": unit, "coordinates": coordinates, "ordering": ordering}
        for key, value in asked.items():
            name, said = most.get(key, ("", None))
            if not agree(key, said, value, self._converts):
                what = "what the files can be converted to" if key == "unit" else _THAT
                raise ValueError(f"{key} must be {what}: {name} says {said!r}, got {value!r}")
        self.unit = unit or most.get("unit", ("", None))[1]
        self.coordinates = coordinates or most.get("coordinates", ("", None))[1]
        self._witness, nside = most["nside"]
        try:
            self.grid = Grid.healpix(nside, L)
        except (TypeError, ValueError) as error:  # L may be that of a model
            raise type(error)(f"{self._witness}: {error}") from error
        self.L = self.grid.L
        self.preparation = Preparation.of(mask, beam, pixel_window, self.grid, self.L)
        if mask is not None and any(str(field).upper() in POLARISED for field in self.fields):
            checks.warn(
                "behind a mask E and B mix: the part of the sky that is known leaves open what "
                "is which, and up to 5 % of the power of E may be found in B",
                ApproximationWarning,
            )
        self._warn_of_stokes()

    def _warn_of_stokes(self) -> None:
        """Warn of fields that are Q or U, going by the first file that has each."""
        named = [name for field in self.fields if (name := self._stokes(field))]
        if named:
            checks.warn(
                f"{' and '.join(named)} will be scattered as scalars, but by their names they are "
                "Stokes' Q or U, which depend on the axes at each point: their coefficients do not "
                "turn with the sky. Those of the fields 'E' and 'B' (--field E,B) do",
                StokesWarning,
            )

    def _stokes(self, field: Field) -> str | None:
        for path in dict.fromkeys(self.paths):
            try:
                with table(path, self.hdu) as found:
                    return stokes(found, field)
            except Exception:  # that it is unusable, its reader will say
                continue
        return None

    def _statements(self) -> dict[str, tuple[str, Any]]:
        """Of each entry of a header: a file that states what most do, and that value."""
        n = len(self.names)
        some = dict.fromkeys(i * n // min(n, _ASKED) for i in range(min(n, _ASKED)))
        said: dict[str, list[tuple[str, Any]]] = {key: [] for key in Header._fields}
        rest = (i for i in range(n) if i not in some)
        for asked, (name, header) in enumerate(self._headers([*some, *rest]), start=1):
            for key, value in header._asdict().items():
                if value is not None and (asked <= len(some) or not said[key]):
                    said[key].append((name, value))
            if asked >= len(some) and said["unit"] and said["coordinates"]:
                break
        return {key: most_frequent(key, found) for key, found in said.items() if found}

    def _headers(self, rows: Iterable[int]) -> Iterator[tuple[str, Header]]:
        """Names and headers of those of the maps that can be read."""
        problems = []
        for i in rows:
            name, path, pick = self.names[i], self.paths[i], self._picks[i]
            try:
                with table(path, self.hdu) as found:
                    header = read_header(found, self.fields[0] if pick is None else pick)
            except Exception as error:
                problems.append(f"{name}: {reason(error)}")
            else:
                yield name, header
        if len(problems) == len(self.names):
            raise ValueError(f"files must hold HEALPix maps; none can be read: {problems[0]}")

    def describe(self) -> dict[str, Any]:
        """Kind, resolution, unit; the store holds the names of the files beside it."""
        found = {
            "kind": "healpix", "L": self.L, "nside": self.grid.nside, "unit": self.unit,
            "coordinates": self.coordinates, "ordering": self.ordering, "field": self.field,
        }  # fmt: skip
        if self.hdu is not None:
            found["hdu"] = self.hdu
        return found | self.preparation.describe()

    def part(self, start: int, stop: int) -> Part:
        """The paths of the files: workers read them."""
        rows = slice(start, stop)
        picks: list[Pick] = [self.fields[0] if pick is None else pick for pick in self._picks[rows]]
        expected = Header(self.grid.nside or 0, self.unit, self.coordinates, self.ordering)
        return _FitsReader(
            start, self.paths[rows], picks, self.grid, expected, self.hdu, self._converts,
            self.preparation, self._witness,
        )  # fmt: skip


class _FitsReader(Reader):
    def __init__(
        self, start: int, paths: list[str], picks: list[Pick], grid: Grid, expected: Header,
        hdu: int | str | None, converts: bool, preparation: Preparation, witness: str,
    ) -> None:  # fmt: skip
        super().__init__(start, paths, picks)
        self._grid, self._expected, self._hdu, self._converts = grid, expected, hdu, converts
        self._preparation, self._witness = preparation, witness

    def coefficients(self, path: str, pick: Pick) -> NDArray:
        field: Field = 0 if pick is None else pick
        with table(path, self._hdu) as found:
            header = read_header(found, field)
            for key, expected in self._expected._asdict().items():
                said = getattr(header, key)
                if not agree(key, said, expected, self._converts):
                    but = f", that of {self._witness}" if key == "nside" else ""
                    if key == "unit":
                        but = about_unit(said, expected, self._converts)
                    raise ValueError(f"{key} is {said!r}, expected {expected!r}{but}")
            ordering = header.ordering or self._expected.ordering
            if ordering is None:
                raise ValueError(
                    "the header has no ORDERING; state ordering='RING' or 'NESTED' (--ordering)"
                )
            samples = read_samples(found, field, holes=self._preparation.mask is not None)
        polarised = samples.ndim == 2
        spin = 2 if polarised else 0
        alm = self._preparation.analysed(to_ring(samples, ordering), self._grid, spin)
        if polarised:
            alm = alm[POLARISED.index(str(field).upper())]
        if header.unit is None or self._expected.unit is None:
            return alm
        return alm * (factor(header.unit, self._expected.unit) or 1.0)


def _fields(field: Field | Sequence[Field]) -> tuple[Field, ...]:
    """The fields that are asked for, at least one and none of them twice."""
    given = (field,) if isinstance(field, int | str) else tuple(field)
    fields = tuple(
        one if isinstance(one, str) and one else checks.integer("field", one, 0) for one in given
    )
    if not fields or len(set(fields)) < len(fields):
        raise ValueError(f"field must name one field or several different ones, got {field!r}")
    return fields
