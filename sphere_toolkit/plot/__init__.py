"""Still figures with matplotlib and cartopy.

Every function draws into the ``ax`` it is given, or into a new figure, and returns the Axes it
drew; `you_are_here` alone gives a piece of a page. Nothing is shown, saved, downloaded or set
globally. Maps are seen from outside with north up and longitude growing eastwards, to the right
(the geographers' convention; healpy's sky maps are mirrored). Maps keep their shape, so several of
them in one figure sit best in ``plt.subplots(..., layout="compressed")``.
"""

from ._common import MODULUS, SIGNED
from .architecture import architecture
from .curves import coefficients, losses, power_spectrum, windows
from .maps import globe, mollweide
from .paths import path_means
from .pixels import PixelMap
from .stations import NetworkMap, you_are_here
from .tree import scattering_tree

__all__ = [
    "MODULUS",
    "SIGNED",
    "NetworkMap",
    "PixelMap",
    "architecture",
    "coefficients",
    "globe",
    "losses",
    "mollweide",
    "path_means",
    "power_spectrum",
    "scattering_tree",
    "windows",
    "you_are_here",
]
