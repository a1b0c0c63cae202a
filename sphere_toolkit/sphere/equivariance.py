"""Does an operator commute with rotations? The test, as a public function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .coefficients import as_alm, band_limit
from .rotations import rotate
from .spectra import squared_norm

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation


def equivariance_error(
    operator: Callable[[NDArray[np.complex128]], Any], alm: ArrayLike, rotations: Rotation
) -> NDArray[np.float64]:
    r"""Relative error of equivariance under rotation, one number per rotation.

    .. math:: \epsilon(R) = \frac{\lVert A(R f) - R\, A(f) \rVert}{\lVert A(f) \rVert}

    Parameters
    ----------
    operator : callable
        :math:`A`. Takes alm of the shape of ``alm`` and returns alm ``(..., n')`` of any
        band-limit and any leading axes, or an object with such an array as its attribute
        ``alm`` (a `ScatteringTransform` does).
    alm : array (..., L(L+1)/2), complex
        The signal :math:`f`, or a batch of them.
    rotations : scipy.spatial.transform.Rotation
        One or a stack, for example ``Rotation.random(20, rng=0)``.

    Returns
    -------
    array (n_rotations,), float64
        The norm runs over all the operator returns: channels, paths and batch together.

    Raises
    ------
    TypeError
        ``rotations`` is no scipy ``Rotation``.
    TypeError, ValueError
        ``alm`` or what the operator returns is no valid set of coefficients.
    ValueError
        :math:`A(f)` vanishes, so that no relative error exists.

    Notes
    -----
    Rotations and norms are exact, so that the number is the operator's own: rounding (about
    1e-14) for a convolution, visible for a modulus sampled on a grid.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> from scipy.spatial.transform import Rotation
    >>> relief = st.signals.earth_relief(32)
    >>> low_pass = lambda alm: st.truncate(alm, 16)
    >>> bool(st.equivariance_error(low_pass, relief, Rotation.random(3, rng=0)).max() < 1e-12)
    True
    """
    from scipy.spatial.transform import Rotation  # imported here: it takes 0.25 s

    checks.instance("rotations", rotations, Rotation)
    alm = as_alm(alm)
    reference = _output(operator(alm))
    L = band_limit(reference)
    scale = squared_norm(reference, L).sum()
    if scale == 0:
        raise ValueError("the operator returned zero for alm: there is no relative error")
    stack = [rotations] if rotations.single else rotations
    # The differences are not checked as signals: of a near-exact operator they are rounding.
    errors = [
        squared_norm(_output(operator(rotate(alm, r))) - rotate(reference, r), L).sum()
        for r in stack
    ]
    return np.sqrt(np.array(errors) / scale)


def _output(result: Any) -> NDArray[np.complex128]:
    return as_alm(getattr(result, "alm", result))
