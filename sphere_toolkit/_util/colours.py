"""One colour table per kind of quantity, for figures and explorers alike, on light and dark pages.

The colours of a map are data: they do not change with the page. Those of lines do, for a line has
to stand out from the page.

==========================================  ============================================
signed values: relief, temperature, waves   `diverging`
what is not negative: modulus, energy       its upper half, from zero on
lines, marks: before, after, further ones   `CATEGORIES`
==========================================  ============================================
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# OKLab to linear sRGB (B. Ottosson, "A perceptual color space for image processing", 2020).
_OKLAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_BLUE, _ORANGE = 250.0, 45.0  # hues of the negative and the positive end, degrees

CATEGORIES = (
    ("#2f6690", "#8bbce3"),
    ("#d9772b", "#e08a44"),
    ("#00805f", "#4cc9a0"),
    ("#a83279", "#e68fc6"),
    ("#7a5c2e", "#c9a86a"),
    ("#5c6570", "#a3adb8"),
)
"""Colours of lines, for a light and for a dark page: before, after (or moved), and others."""


def diverging() -> NDArray[np.uint8]:
    """256 colours from blue (negative) over nearly white (zero) to orange.

    Lightness changes in equal steps from the middle to both ends, so that equal values of either
    sign look equally strong, also to readers who do not tell all colours apart.

    Returns
    -------
    array (256, 3), uint8
        sRGB.
    """
    value = np.linspace(-1, 1, 256)
    size = np.abs(value)
    lightness = 0.975 - 0.575 * size
    # Colourfulness rises quickly and falls again towards the ends, as far as sRGB reaches.
    chroma = 0.125 * np.sin(np.pi * size**0.8 * 0.75)
    hue = np.deg2rad(np.where(value < 0, _BLUE, _ORANGE))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    linear = np.clip((lab @ _OKLAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(255 * rgb).astype(np.uint8)
