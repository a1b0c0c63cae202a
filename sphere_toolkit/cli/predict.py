"""``sphere-toolkit predict``: use a trained network on maps."""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..scattering.transform import ScatteringTransform
from . import ends, maps
from .scatter import add_work, check_work, into_store
from .train import MADE_BY

_AT_A_TIME = 256
_UNIT_OF_SETS = "uK"
# What the maps must have in common with those that the model was trained on.
_SAME = ("L", "nside", "grid", "unit", "coordinates", "field", "hdu")
# What the source itself says better: of files in another order, of pixels without their nside.
_TOLD_LATER = ("ordering", "pixel_window")


def add_to(commands: Any) -> None:
    """Add the command and its arguments."""
    predict = commands.add_parser(
        "predict",
        help="predict the labels of maps with a trained network",
        description="Scatter maps as those were that a model was trained on, and write a CSV table "
        "with the class and the probabilities of each, or its number. The coefficients are kept in "
        "the folder OUT.zarr: after Ctrl-C the same command goes on, and further maps can be named "
        "beside those. The folder may be deleted afterwards.",
        epilog="Exit status 3: done, but the maps listed at the end were unusable. The last column "
        "of the table says why.",
    )
    predict.set_defaults(run=_run)
    predict.add_argument("model", help="file that `sphere-toolkit train` made")
    predict.add_argument(
        "source", nargs="+", help=f"{maps.FILES_HELP}; or a folder that `sphere-toolkit scatter` "
        "made"
    )  # fmt: skip
    predict.add_argument("--out", required=True, metavar="TABLE", help="file of the table")
    maps.add_files(predict, "Read as those of the training: what is given here must agree with it. "
                   "A mask must be given again.")  # fmt: skip
    add_work(predict)


def _run(options: argparse.Namespace) -> int:
    from .. import pipeline

    check_work(options)
    model, told = _model(options.model)
    columns, out = _columns(told), Path(options.out).expanduser()
    _check_out(out, columns)
    store = Path(options.source[0]).expanduser()
    if len(options.source) > 1 or not (store / "zarr.json").exists():
        source = _source(options, told["scattered"]["source"])
        store = out.with_name(f"{out.name}.zarr")
        transform = ScatteringTransform(**told["scattered"]["transform"], n_threads=1)
        if into_store(source, transform, store, options) is None:
            return ends.STOPPED
    data = pipeline.load_dataset(store, in_memory=False)
    _check_store(store, data.header, told["scattered"])
    _write(out, columns, _rows(model, data, told))
    print(f"{out}: {len(data)} maps")
    return ends.done(len(data), data.problems)


def _model(name: str) -> tuple[Any, dict[str, Any]]:
    """The model in a file, and what `train` says of it."""
    from .. import nn

    file = Path(name).expanduser()
    if not file.is_file():
        raise FileNotFoundError(f"there is no model {name!r}: it is the file that "
                                "`sphere-toolkit train` makes")  # fmt: skip
    told = nn.read_metadata(file)
    if told.get("made_by") != MADE_BY:
        raise ValueError(f"{name!r} was not made by `sphere-toolkit train`: it does not say how "
                         "its maps were scattered")  # fmt: skip
    if not told["finished"]:
        ends.note(f"The training of this model was stopped after {told['epochs']} epochs.")
    return nn.load(file), told


def _check_store(store: Path, there: dict[str, Any], scattered: dict[str, Any]) -> None:
    """Raise unless a store was made as the one that the model was trained on."""
    from ..pipeline import header

    unequal = [
        *header.differences(scattered["transform"], there["transform"], "transform"),
        *_differences(scattered["source"], there["source"]),
    ]
    if unequal:
        raise ValueError(f"{str(store)!r} was scattered otherwise than the maps of the model "
                         f"({'; '.join(unequal)}): scatter it like those")  # fmt: skip


def _check_out(out: Path, columns: list[str]) -> None:
    """Raise before the work if the table cannot be written, or a file of others is there."""
    ends.check_file(out, "the table")
    if not out.exists():
        return
    with out.open("rb") as stream:
        if stream.readline() != _line(columns).encode():
            raise FileExistsError(f"{str(out)!r} is there already, is no table of this model and "
                                  "is left as it is: give another name, or remove it")  # fmt: skip


def _source(options: argparse.Namespace, trained: dict[str, Any]) -> Any:
    """The maps, read as those were that the model was trained on."""
    stated = maps.given(options)
    for name, value in _recorded(trained, options.source).items():
        if stated.setdefault(name, value) != value and name not in _TOLD_LATER:
            pair = [value, stated[name]]
            if name == "beam":  # in the unit of the command
                pair = [round(60 * math.degrees(one), 6) for one in pair]
            if name == "L" and hasattr(options, "lmax"):
                name, pair = "lmax", [one - 1 for one in pair]
            raise ValueError(f"{maps.flag(name)} must be {pair[0]!r} as for the maps that the "
                             f"model was trained on, got {pair[1]!r}")  # fmt: skip
    source = maps.files(options.source, stated)
    unequal = list(_differences(trained, source.describe()))
    if unequal:
        raise ValueError(f"maps must be like those that the model was trained on: "
                         f"{'; '.join(unequal)}")  # fmt: skip
    return source


def _recorded(trained: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The options with which the maps of the model were read, as far as they say how to read."""
    from .. import pipeline

    kind = pipeline.find_files(names)[0]
    wanted = ["L", "unit", "beam", "pixel_window"]
    if kind == "fits":
        wanted += ["coordinates", "field", "hdu"]
    found = {name: trained[name] for name in wanted if trained.get(name) is not None}
    if trained["kind"] == "set":
        found["unit"] = _UNIT_OF_SETS
    if kind == "npy" and trained["kind"] == "npy":
        scheme = (trained["grid"] or "Grid(alm,").partition("(")[2].partition(",")[0]
        found["grid"] = scheme
        found["ordering"] = trained.get("ordering", "RING")
    return found


def _differences(trained: dict[str, Any], these: dict[str, Any]) -> Iterator[str]:
    """In what maps differ from those that the model was trained on, where both say it."""
    for name in _SAME:
        a, b = trained.get(name), these.get(name)
        if None not in (a, b) and a != b:
            yield f"{name} is {a!r} there, {b!r} here"
    for name in ("mask", "beam", "pixel_window"):
        a, b = trained.get(name), these.get(name)
        if a != b:
            hint = ": give that --mask" if name == "mask" and a else ""
            a, b = (one if one is None else repr(one) for one in (a, b))
            yield f"{name} is {a or 'none'} there, {b or 'none'} here{hint}"


# --- the table ------------------------------------------------------------------------------


def _columns(told: dict[str, Any]) -> list[str]:
    classes = told["classes"]
    if classes is None:
        return ["file", told["target"], "problem"]
    return ["file", told["target"], *(f"probability of {name}" for name in classes), "problem"]


def _rows(model: Any, data: Any, told: dict[str, Any]) -> Iterator[list[str]]:
    """One row for each map, in the order of the store."""
    from .. import nn

    classes, n_values = told["classes"], len(_columns(told)) - 2
    for start in range(0, len(data), _AT_A_TIME):
        rows = np.arange(start, min(start + _AT_A_TIME, len(data)))
        values = dict.fromkeys(rows.tolist(), [""] * n_values)
        usable = rows[data.valid[rows]]
        if len(usable):
            x = np.asarray(data.alm[start : rows[-1] + 1])[usable - start]
            if classes is None:
                cells = [[f"{number:.7g}"] for number in nn.predict(model, x)[:, 0]]
            else:
                shares = nn.predict_proba(model, x)
                cells = [[classes[p.argmax()], *(f"{one:.6f}" for one in p)] for p in shares]
            values |= dict(zip(usable.tolist(), cells, strict=True))
        for i in rows.tolist():
            name = data.names[i]
            yield [name, *values[i], " ".join(data.problems.get(name, "").split())]


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _write(out: Path, columns: list[str], rows: Iterator[list[str]]) -> None:
    """Write the table; the file appears complete or not at all."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            stream.write(_line(columns))
            stream.writelines(map(_line, rows))
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
