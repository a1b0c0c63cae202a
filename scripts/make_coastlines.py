"""Decode Natural Earth's 1:110m land boundary into ``sphere_toolkit/data/coastlines_110m.npz``.

From the repository's root, with npm (nothing else needs it)::

    npm pack world-atlas@2.0.2
    tar -xzf world-atlas-2.0.2.tgz package/land-110m.json
    python scripts/make_coastlines.py package/land-110m.json

The output is the same byte for byte on every run: its sha256 is in
``sphere_toolkit/data/__init__.py``.
"""

import argparse
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "sphere_toolkit" / "data" / "coastlines_110m.npz"


def decode(topology):
    """Polylines (n, 2) of longitude and latitude in degrees from a quantised TopoJSON.

    TopoJSON stores an arc as integer steps from point to point. Only the arcs that bound land
    are kept: the others close polygons along the antimeridian, where there is no coast.
    """
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    polygons = [
        polygon
        for collection in topology["objects"].values()
        for geometry in collection["geometries"]
        for polygon in geometry["arcs"]
    ]
    used = {i if i >= 0 else ~i for polygon in polygons for ring in polygon for i in ring}
    steps = (np.array(topology["arcs"][i]) for i in sorted(used))
    return [np.cumsum(step, axis=0) * scale + translate for step in steps]


def split_at_antimeridian(line):
    """Pieces of a polyline that each stay within [-180, 180], without a seam or a jump.

    The source was cut at the antimeridian, so a line that reaches it has a vertex there, with
    either sign of 180: each piece gets the sign of its own side.
    """
    on_seam = np.isclose(np.abs(line[:, 0]), 180.0)
    bounds = np.unique([0, *np.flatnonzero(on_seam), len(line) - 1])
    pieces = []
    for start, stop in itertools.pairwise(bounds):
        piece = line[start : stop + 1].copy()
        if stop == start + 1 and on_seam[start] and on_seam[stop]:
            continue  # the cut itself, not a coast
        for end, neighbour in ((0, 1), (-1, -2)):
            if on_seam[start : stop + 1][end]:
                piece[end, 0] = np.copysign(180.0, piece[neighbour, 0])
        pieces.append(piece)
    return pieces


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="land-110m.json of the npm package world-atlas")
    source = parser.parse_args().source
    lines = decode(json.loads(source.read_text(encoding="utf-8")))
    pieces = [piece for line in lines for piece in split_at_antimeridian(line)]
    starts = np.cumsum([0, *map(len, pieces)])[:-1].astype(np.int32)
    points = np.concatenate(pieces).astype(np.float32)
    np.savez_compressed(TARGET, points=points, starts=starts)
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {len(pieces)} lines, {len(points)} points, sha256 {digest}")


if __name__ == "__main__":
    main()
