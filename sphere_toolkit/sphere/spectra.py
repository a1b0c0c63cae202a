"""Spectra, energies, norms and inner products of real signals, from their coefficients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from .coefficients import as_alm, band_limit, one_signal, row_starts


def power_spectrum(a: ArrayLike, b: ArrayLike | None = None) -> NDArray[np.float64]:
    r"""Angular power spectrum of a real signal, or cross-spectrum of two.

    .. math:: C_\ell = \frac{1}{2\ell + 1} \sum_{m=-\ell}^{\ell} a_{\ell m}\, b^*_{\ell m}

    Parameters
    ----------
    a : array (..., L(L+1)/2), complex
    b : array (..., L(L+1)/2), complex, optional
        Of the same band-limit, ``a`` by default. Batch axes broadcast.

    Returns
    -------
    array (..., L), float64
        Unit of ``a`` times unit of ``b``; equal to ``healpy.alm2cl``.

    Raises
    ------
    TypeError, ValueError
        One of them is no valid set of coefficients, or their band-limits differ.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.power_spectrum(st.signals.harmonic(4, degree=2, order=1)).round(3)
    array([0. , 0. , 0.2, 0. ])
    """
    a = as_alm(a)
    L = band_limit(a)
    if b is None:
        power = a.real**2 + a.imag**2
    else:
        b = as_alm(b, L)
        power = a.real * b.real + a.imag * b.imag
    total = power[..., :L].copy()
    starts = row_starts(L)
    for m in range(1, L):  # the orders m and -m carry the same power
        total[..., m:] += 2 * power[..., starts[m] : starts[m] + L - m]
    return total / (2 * np.arange(L) + 1)


def energy(alm: ArrayLike) -> NDArray[np.float64]:
    r"""Energy :math:`\int f^2 d\omega = \sum_{\ell m} |f_{\ell m}|^2` of a real signal.

    Parameters
    ----------
    alm : array (..., L(L+1)/2), complex

    Returns
    -------
    array (...,), float64
        Squared unit of ``alm``. Exact (Parseval).

    Raises
    ------
    TypeError, ValueError
        ``alm`` is not complex, is not finite, or has a length that is no ``L(L+1)/2``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> float(st.energy(st.signals.harmonic(8, degree=5, order=3)).round(12))
    1.0
    """
    alm = as_alm(alm)
    return squared_norm(alm, band_limit(alm))


def norm(alm: ArrayLike) -> NDArray[np.float64]:
    r"""L2 norm on the sphere of a real signal, :math:`\sqrt{\int f^2 d\omega}`.

    Orders m > 0 count twice, since those below zero are not stored. ``np.linalg.norm`` of ``alm``
    counts them once, and is not the norm of the signal.

    Parameters
    ----------
    alm
        As of `energy`.

    Returns
    -------
    array (...,), float64
        The square root of `energy`, with its errors, in the unit of ``alm``.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> float(st.norm(3 * st.signals.harmonic(8, degree=5, order=3)).round(12))
    3.0
    """
    return np.sqrt(energy(alm))


def inner(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    r"""Inner product of two real signals on the sphere.

    .. math:: \langle f, g \rangle = \int f g\, d\omega
              = \sum_{\ell} \sum_{m=-\ell}^{\ell} f_{\ell m}\, g^*_{\ell m}

    Parameters
    ----------
    a, b : array (..., L(L+1)/2), complex
        As of `power_spectrum`.

    Returns
    -------
    array (...,), float64
        Unit of ``a`` times unit of ``b``. Exact (Parseval).

    Raises
    ------
    TypeError, ValueError
        As of `power_spectrum`.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> a, b = st.signals.harmonic(8, degree=5, order=3), st.signals.harmonic(8, degree=5, order=2)
    >>> float(st.inner(a, a).round(12)), float(st.inner(a, b))
    (1.0, 0.0)
    """
    a = as_alm(a)
    L = band_limit(a)
    return product(a, as_alm(b, L), L)


def squared_norm(alm: NDArray, L: int) -> NDArray:
    """`energy` without checks."""
    return product(alm, alm, L)


def product(a: NDArray, b: NDArray, L: int) -> NDArray:
    """`inner` without checks."""
    dot = "...i,...i->..."
    zonal, others = slice(0, L), slice(L, None)
    return (
        np.einsum(dot, a[..., zonal].real, b[..., zonal].real)
        + 2 * np.einsum(dot, a[..., others].real, b[..., others].real)
        + 2 * np.einsum(dot, a[..., others].imag, b[..., others].imag)
    )


def as_spectrum(
    spectrum: ArrayLike, L: int, components: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """``spectrum`` as a checked power spectrum, one number for each degree below ``L``."""
    power = checks.numeric("spectrum", spectrum)
    shape = (*components, L)
    if power.shape != shape or power.dtype.kind == "c":
        raise ValueError(f"spectrum must be real of shape {shape}, got {power.dtype} {power.shape}")
    power = checks.converted("spectrum", power, np.float64)
    if power.min() < 0 or power.max() == 0:
        raise ValueError(
            "spectrum must not be negative, nor zero at every degree, got values in "
            f"[{power.min():.3g}, {power.max():.3g}]"
        )
    return power


def residual_energy(alm: ArrayLike) -> NDArray[np.float64]:
    r"""Share of a signal's energy that each lower band-limit leaves out.

    .. math:: r_B = \sum_{\ell \ge B} \sum_{|m| \le \ell} |f_{\ell m}|^2 \Big/ \|f\|^2

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex

    Returns
    -------
    array (L + 1,), float64
        From 1 at ``B = 0`` down to 0 at ``B = L``. Exact.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single set of coefficients, has NaN or no energy.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> left_out = st.sphere.spectra.residual_energy(st.signals.earth_relief(128))
    >>> f"{left_out[16]:.1%}"
    '7.6%'
    """
    alm = one_signal(alm)
    size = np.abs(alm).max()
    if not size > 0:
        raise ValueError("alm is zero everywhere: it has no energy to leave out")
    spectrum = power_spectrum(alm / size)  # a signal may have any unit: its square would overflow
    shares = (2 * np.arange(spectrum.size) + 1) * spectrum
    left = np.append(shares[::-1].cumsum()[::-1], 0.0)
    return left / left[0]


def real_coefficient(alm: ArrayLike, degree: int, order: int) -> float:
    r"""Coefficient of a real signal in one real harmonic of `sphere_toolkit.signals.harmonic`.

    .. math:: \int f\, h_{\ell m}\, d\omega = f_{\ell 0},\quad
              \sqrt2\, \mathrm{Re} f_{\ell m}\ (m > 0),\quad
              -\sqrt2\, \mathrm{Im} f_{\ell |m|}\ (m < 0)

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
    degree, order : int
        ``0 <= degree < L`` and ``-degree <= order <= degree``.

    Returns
    -------
    float
        Unit of ``alm``. The squares of all of them add up to the signal's energy.

    Raises
    ------
    TypeError, ValueError
        ``alm`` is no single set of coefficients, or it has no such degree and order.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> f"{st.sphere.spectra.real_coefficient(st.signals.harmonic(8, 5, -2), 5, -2):.6f}"
    '1.000000'
    """
    alm = one_signal(alm)
    L = band_limit(alm)
    degree = checks.integer("degree", degree, 0, maximum=L - 1)
    order = checks.integer("order", order, -degree, maximum=degree)
    m = abs(order)
    value = complex(alm[m * L - m * (m - 1) // 2 + degree - m])
    if m == 0:
        return value.real
    return float(np.sqrt(2) * (value.real if order > 0 else -value.imag))
