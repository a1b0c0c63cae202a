"""Rotating signals, exactly, through their coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ducc0
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .._util.threads import each
from .coefficients import as_alm, band_limit
from .transforms import threads_for

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation


def rotate(
    alm: ArrayLike, rotation: Rotation, *, n_threads: int | None = None
) -> NDArray[np.complex128]:
    r"""The rotated signal :math:`(R f)(\omega) = f(R^{-1} \omega)`.

    The rotation is active: the value at :math:`\omega` moves to :math:`R \omega`. E and B of a
    signal with spin turn like two real signals, whatever the spin.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex
    rotation : scipy.spatial.transform.Rotation
        One rotation for all signals, or a stack of N, which is broadcast against the batch
        axes of ``alm``: ``(N, n)`` rotates signal i by rotation i, ``(n,)`` gives N copies.
    n_threads : int, optional
        Threads to use; every core this process may use by default.

    Returns
    -------
    array (..., L(L+1)/2), complex128

    Raises
    ------
    TypeError
        ``rotation`` is no scipy ``Rotation``.
    ValueError
        The stack does not fit the batch, or ``alm`` is no valid set of coefficients.

    Notes
    -----
    Exact: a Wigner D-matrix per degree, :math:`(Rf)_{\ell m} = \sum_n D^\ell_{mn}(R)
    f_{\ell n}`, applied by ducc0 in :math:`O(L^3)`. Energies per degree are preserved to
    rounding. With Euler angles, ``Rotation.from_euler("ZYZ", [alpha, beta, gamma])``
    (capital letters: intrinsic) is :math:`R_z(\alpha) R_y(\beta) R_z(\gamma)`.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> from scipy.spatial.transform import Rotation
    >>> north = st.signals.spots(16, positions=[(0.0, 0.0)])
    >>> moved = st.rotate(north, Rotation.from_euler("ZYZ", [0.3, 1.2, 0.0]))
    >>> np.allclose(moved, st.signals.spots(16, positions=[(1.2, 0.3)]))
    True
    """
    from scipy.spatial.transform import Rotation  # imported here: it takes 0.25 s

    checks.instance("rotation", rotation, Rotation)
    alm = as_alm(alm)
    L = band_limit(alm)
    stack = () if rotation.single else (len(rotation),)
    try:
        batch = np.broadcast_shapes(alm.shape[:-1], stack)
    except ValueError:
        raise ValueError(
            f"a stack of {len(rotation)} rotations does not fit alm of batch shape "
            f"{alm.shape[:-1]}: the last batch axis must be {len(rotation)} or 1"
        ) from None
    angles = np.broadcast_to(euler_zyz(rotation), (*batch, 3)).reshape(-1, 3)
    sources = np.broadcast_to(alm, (*batch, alm.shape[-1])).reshape(-1, alm.shape[-1])
    out = np.empty_like(sources)
    threads = checks.threads(n_threads)
    per_signal = threads_for(L, threads) if len(sources) == 1 else 1

    def one(i: int) -> None:
        alpha, beta, gamma = angles[i]  # ducc0 takes them in order of application: gamma first
        ducc0.sht.rotate_alm(sources[i], L - 1, gamma, beta, alpha, nthreads=per_signal, out=out[i])

    each(one, len(sources), threads)
    return out.reshape(*batch, alm.shape[-1])


def euler_zyz(rotation: Rotation) -> NDArray[np.float64]:
    r"""Angles with :math:`R = R_z(\alpha) R_y(\beta) R_z(\gamma)`, shape ``(..., 3)``, radians.

    Computed from the quaternion, because SciPy's ``as_euler`` warns at :math:`\beta = 0` and
    :math:`\pi`, where only :math:`\alpha \pm \gamma` is determined.
    """
    x, y, z, w = np.moveaxis(rotation.as_quat(), -1, 0)
    total, difference = 2 * np.arctan2(z, w), 2 * np.arctan2(-x, y)
    beta = 2 * np.arctan2(np.hypot(x, y), np.hypot(z, w))
    return np.stack([(total + difference) / 2, beta, (total - difference) / 2], axis=-1)
