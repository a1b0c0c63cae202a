"""The kind of a file, found by its first bytes and not by its name."""

from __future__ import annotations

from pathlib import Path

NUMPY, FITS, EMPTY = "a NumPy array", "a FITS file", "empty"
GZIP, BZIP2, XZ = COMPRESSED = tuple(f"a file compressed by {x}" for x in ("gzip", "bzip2", "xz"))
_BEGINNINGS = {
    b"\x93NUMPY": NUMPY,
    b"SIMPLE  =": FITS,
    b"\x1f\x8b": GZIP,
    b"PK": "a zip archive, such as numpy.savez (.npz) makes",
    b"\x89HDF": "an HDF5 file",
    b"CDF": "a NetCDF file",
    b"BZh": BZIP2,
    b"\xfd7zXZ": XZ,
    b"\x80": "a Python pickle",
    b"\x89PNG": "a PNG picture",
    b"%PDF": "a PDF document",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself with git lfs pull",
    b"<": "a web page or XML: was the download refused?",
}


def content(path: str | Path) -> str:
    """The kind of a file, in words that complete the sentence "it is ...".

    Raises
    ------
    OSError
        It cannot be read.
    """
    with open(path, "rb") as stream:
        beginning = stream.read(32)
    if not beginning:
        return EMPTY
    for bytes_, words in _BEGINNINGS.items():
        if beginning.startswith(bytes_):
            return words
    return f"of an unknown kind: it begins with {beginning[:8]!r}"


def reason(error: Exception) -> str:
    """The reason why a map is unusable, without the type of the error if its text is enough."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror}"
    if isinstance(error, ValueError | TypeError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}"
