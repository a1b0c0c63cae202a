"""Make the pictures and skies in ``notebooks/data`` that a reader may open in an explorer.

From the repository's root, with npm and ``pip install OpenEXR`` (nothing else needs these)::

    npm pack @pmndrs/assets@1.7.0
    tar -xzf pmndrs-assets-1.7.0.tgz package/hdri
    python scripts/make_own_spheres.py package/hdri FOLDER_OF_WMAP

The second folder holds ``wmap_band_iqumap_r9_7yr_W_v4_udgraded32.fits``, the same for V, and
``wmap_temperature_analysis_mask_r9_7yr_v4_udgraded32.fits``, all from healpy's test data. What the
files are, and their licences, is in ``notebooks/data/README.md``.
"""

import argparse
import base64
import re
import tempfile
from pathlib import Path

import healpy
import numpy as np
import OpenEXR
from PIL import Image
from scipy.ndimage import median_filter

TARGET = Path(__file__).parents[1] / "notebooks" / "data"
PANORAMAS = ("city", "sky", "sunset")
BAND = "wmap_band_iqumap_r9_7yr_{}_v4_udgraded32.fits"
MASK = "wmap_temperature_analysis_mask_r9_7yr_v4_udgraded32.fits"


def radiance(module):
    """Red, green and blue of a picture, linear, from a module that holds it as base64."""
    encoded = re.search(r"base64,([^']+)'", module.read_text(encoding="utf-8"))[1]
    with tempfile.NamedTemporaryFile(suffix=".exr") as file:
        file.write(base64.b64decode(encoded))
        file.flush()
        channels = OpenEXR.File(file.name).channels()
        return np.asarray(channels["RGB"].pixels, float)


def developed(linear):
    """A picture of 8 bits: x / (x + twice the median), and a gamma of 2.2."""
    # Around lights, resizing has left a few pixels below zero.
    linear = np.where(linear < 0, median_filter(linear, (5, 5, 1), mode="nearest"), linear).clip(0)
    compressed = linear / (linear + 2 * np.median(linear))
    return Image.fromarray(np.round(255 * compressed ** (1 / 2.2)).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("wmap", type=Path)
    arguments = parser.parse_args()
    for name in PANORAMAS:
        picture = developed(radiance(arguments.pictures / f"{name}.exr.js"))
        picture.save(TARGET / f"panorama_{name}.jpg", quality=88, optimize=True)
    sky, v = (healpy.read_map(arguments.wmap / BAND.format(band)) for band in "WV")
    seen = healpy.read_map(arguments.wmap / MASK) > 0.5
    masked = np.where(seen, sky, healpy.UNSEEN)
    for name, samples in (("w_whole", sky), ("w_masked", masked), ("v_whole", v)):
        healpy.write_map(
            TARGET / f"wmap_{name}.fits", samples, dtype=np.float32, column_units="mK",
            column_names=["TEMPERATURE"], coord="G", overwrite=True,
        )  # fmt: skip
    healpy.write_map(
        TARGET / "wmap_mask.fits", seen.astype(np.uint8), dtype=np.uint8, column_names=["MASK"],
        coord="G", overwrite=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
