"""Slow textbook formulas that share no code with the package."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import factorial, prod, sqrt

import numpy as np
from scipy.integrate import quad
from scipy.special import sph_harm_y


def full(alm: np.ndarray) -> dict[tuple[int, int], complex]:
    """All coefficients (ell, m), negative orders too, by walking through healpy's layout."""
    L = int((np.sqrt(8 * alm.size + 1) - 1) / 2)
    out, i = {}, 0
    for m in range(L):
        for ell in range(m, L):
            out[ell, m] = alm[i]
            out[ell, -m] = (-1) ** m * np.conj(alm[i])
            i += 1
    return out


def evaluate(alm: np.ndarray, theta, phi) -> np.ndarray:
    """The signal at points, as a sum of SciPy's spherical harmonics over all orders."""
    values = sum(c * sph_harm_y(ell, m, theta, phi) for (ell, m), c in full(alm).items())
    assert np.abs(np.imag(values)).max() < 1e-9 * (1 + np.abs(values).max())
    return np.real(values)


def evaluate_rotated(alm: np.ndarray, rotation, theta, phi) -> np.ndarray:
    """f(R^-1 x): look where the point came from."""
    x = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    x, y, z = np.moveaxis(rotation.inv().apply(x.reshape(-1, 3)).reshape(x.shape), -1, 0)
    return evaluate(alm, np.arctan2(np.hypot(x, y), z), np.arctan2(y, x))


def wigner_d(ell: int, m: int, n: int, beta: np.ndarray) -> np.ndarray:
    """d^ell_mn(beta) by Wigner's sum."""
    total = np.zeros(np.shape(beta))
    for k in range(max(0, n - m), min(ell + n, ell - m) + 1):
        below = [ell + n - k, k, m - n + k, ell - m - k]
        cosine, sine = 2 * ell + n - m - 2 * k, 2 * k - n + m
        term = np.cos(beta / 2) ** cosine * np.sin(beta / 2) ** sine
        total += (-1) ** (k - n + m) / prod(map(factorial, below)) * term
    return total * sqrt(prod(map(factorial, [ell + m, ell - m, ell + n, ell - n])))


def spin_harmonic(spin: int, ell: int, m: int, theta, phi) -> np.ndarray:
    """Spin-weighted harmonics of Goldberg et al. 1967, with the Condon-Shortley phase."""
    d = wigner_d(ell, m, -spin, np.asarray(theta))
    return (-1) ** spin * np.sqrt((2 * ell + 1) / (4 * np.pi)) * d * np.exp(1j * m * phi)


def evaluate_spin(alm: np.ndarray, spin: int, theta, phi) -> np.ndarray:
    """f_1 + i f_2 at points, from E and B, as a sum of spin-weighted harmonics."""
    E, B = (full(part) for part in alm)
    return -sum(
        (E[ell, m] + 1j * B[ell, m]) * spin_harmonic(spin, ell, m, theta, phi)
        for ell, m in E
        if ell >= spin
    )


def k_lam(t: float, lam: float) -> float:
    """The generating function of the wavelets by adaptive quadrature."""

    def integrand(u: float) -> float:
        v = 2 * lam / (lam - 1) * (u - 1 / lam) - 1
        return np.exp(-2 / (1 - v * v)) / u if abs(v) < 1 else 0.0

    if t <= 1 / lam:
        return 1.0
    if t >= 1:
        return 0.0
    upper = quad(integrand, t, 1, epsabs=0, epsrel=1e-12)[0]
    return upper / quad(integrand, 1 / lam, 1, epsabs=0, epsrel=1e-12)[0]


def scaling_window(L: int, J_min: int, lam: float) -> np.ndarray:
    return np.sqrt([k_lam(ell / lam**J_min, lam) for ell in range(L)])


def wavelet_window(L: int, j: int, lam: float) -> np.ndarray:
    squares = [k_lam(ell / lam ** (j + 1), lam) - k_lam(ell / lam**j, lam) for ell in range(L)]
    return np.sqrt(np.maximum(squares, 0))


@lru_cache(maxsize=8)
def _harmonics_on_gauss_legendre(n: int, L: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrix of Y_lm (all orders) at n x 2n Gauss-Legendre points, and the quadrature weights."""
    x, w = np.polynomial.legendre.leggauss(n)
    theta, phi = np.meshgrid(np.arccos(x[::-1]), np.pi * np.arange(2 * n) / n, indexing="ij")
    columns = [
        sph_harm_y(ell, m, theta, phi).ravel() for ell in range(L) for m in range(-ell, ell + 1)
    ]
    return np.stack(columns, axis=1), np.repeat(w[::-1], 2 * n) * np.pi / n


def scattering(
    alm: np.ndarray,
    J_min: int,
    depth: int,
    lam: float,
    rings: dict[int, int],
    rho: Callable[[np.ndarray], np.ndarray] = np.abs,
) -> dict[tuple[int, ...], np.ndarray]:
    """Every path by itself, with dense matrices over all orders.

    ``rings`` gives the number of rings of the grid of each scale; returned are all
    coefficients, index ell**2 + ell + m.
    """
    L = int((np.sqrt(8 * alm.size + 1) - 1) / 2)
    ell = np.array([d for d in range(L) for _ in range(2 * d + 1)])
    coefficients = full(alm)
    f = np.array([coefficients[d, m] for d in range(L) for m in range(-d, d + 1)])
    scales = sorted(rings)
    out = {}
    for length in range(depth + 1):
        for path in combinations(reversed(scales), length):
            u = f
            for j in path:
                matrix, weights = _harmonics_on_gauss_legendre(rings[j], L)
                samples = rho((matrix @ (u * wavelet_window(L, j, lam)[ell])).real)
                u = matrix.conj().T @ (weights * samples)
            out[path] = u * scaling_window(L, J_min, lam)[ell]
    return out


def zonal_network(alm: np.ndarray, convolutions: list, dense: list, rings: int) -> np.ndarray:
    """Logits of zonal convolutions with ReLU, invariants and two dense layers, in dense matrices.

    ``convolutions`` holds pairs of a spectrum (out, in, L) and a bias, ``dense`` of a weight
    (out, in) and a bias; ReLU is taken on a grid of ``rings`` rings.
    """
    L = convolutions[0][0].shape[-1]
    ell = np.array([d for d in range(L) for _ in range(2 * d + 1)])
    coefficients = full(alm)
    signal = np.array([[coefficients[d, m] for d in range(L) for m in range(-d, d + 1)]])
    matrix, weights = _harmonics_on_gauss_legendre(rings, L)
    for spectrum, bias in convolutions:
        signal = np.array(
            [sum(psi[ell] * one for psi, one in zip(row, signal, strict=True)) for row in spectrum]
        )
        signal[:, 0] += bias
        samples = np.maximum((signal @ matrix.T).real, 0)
        signal = (samples * weights) @ matrix.conj()
    powers = [np.mean(np.abs(signal[:, ell == d]) ** 2, axis=1) for d in range(1, L)]
    features = np.concatenate([signal[:, 0].real, np.log(1 + np.concatenate(powers))])
    (A, a), (B, b) = dense
    return B @ np.maximum(A @ features + a, 0) + b


def clebsch_gordan(l1: int, m1: int, l2: int, m2: int, ell: int, m: int) -> float:
    """<l1 m1 l2 m2 | l m> by Racah's sum, in exact integers up to the two square roots."""
    if m1 + m2 != m or not abs(l1 - l2) <= ell <= l1 + l2 or abs(m) > ell:
        return 0.0
    total = Fraction(0)
    for k in range(l1 + l2 + ell + 1):
        below = [k, l1 + l2 - ell - k, l1 - m1 - k, l2 + m2 - k]
        below += [ell - l2 + m1 + k, ell - l1 - m2 + k]
        if min(below) >= 0:
            total += Fraction((-1) ** k, prod(map(factorial, below)))
    square = Fraction(
        (2 * ell + 1) * factorial(ell + l1 - l2) * factorial(ell - l1 + l2),
        factorial(l1 + l2 + ell + 1),
    ) * factorial(l1 + l2 - ell)
    orders = [ell + m, ell - m, l1 - m1, l1 + m1, l2 - m2, l2 + m2]
    return float(total) * sqrt(square * prod(map(factorial, orders)))
