"""Signals on SO(3) by definition: matrices of rotations, sums and integrals by quadrature."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation
from scipy.special import sph_harm_y


def harmonics(L: int, points: np.ndarray) -> np.ndarray:
    """Real orthonormal harmonics at unit vectors (..., 3): (..., L*L), from complex ones."""
    theta = np.arctan2(np.hypot(points[..., 0], points[..., 1]), points[..., 2])
    phi = np.arctan2(points[..., 1], points[..., 0])
    columns = []
    for ell in range(L):
        for m in range(-ell, ell + 1):
            y = sph_harm_y(ell, abs(m), theta, phi)
            columns.append(y.real if m == 0 else np.sqrt(2) * (y.real if m > 0 else y.imag))
    return np.stack(columns, axis=-1)


def sphere(L: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and weights of a quadrature on the sphere, exact for products of degrees below L."""
    x, weights = np.polynomial.legendre.leggauss(L)
    phi = np.pi * np.arange(2 * L) / L
    sine = np.sqrt(1 - x**2)[:, None]
    points = np.stack([sine * np.cos(phi), sine * np.sin(phi), x[:, None] + 0 * phi], axis=-1)
    return points.reshape(-1, 3), np.repeat(weights, 2 * L) * np.pi / L


def wigner(L: int, rotations: Rotation) -> list[np.ndarray]:
    """D_mn = integral of Y_m(x) Y_n(R^-1 x): per degree (rotations, 2l+1, 2l+1)."""
    points, weights = sphere(L)
    here = harmonics(L, points)
    matrices = [[] for _ in range(L)]
    for rotation in rotations:
        there = harmonics(L, rotation.inv().apply(points))
        for ell in range(L):
            own = slice(ell**2, (ell + 1) ** 2)
            matrices[ell].append((weights[:, None] * here[:, own]).T @ there[:, own])
    return [np.array(of_degree) for of_degree in matrices]


def evaluate(irreps, rotations: Rotation) -> np.ndarray:
    """f(R), (channels, rotations): the sum over all degrees and both orders."""
    values = 0
    for ell, matrix in enumerate(wigner(irreps.L, rotations)):
        numbers = np.asarray(irreps.degrees[ell], np.float64)
        n = numbers.shape[1] // 2
        columns = matrix[:, :, ell - n : ell + n + 1]
        values = values + np.sqrt((2 * ell + 1) / (8 * np.pi**2)) * np.einsum(
            "cnm,rmn->cr", numbers, columns
        )
    return values


def group(L: int) -> tuple[Rotation, np.ndarray]:
    """Rotations and weights of a quadrature on SO(3), exact for products of degrees below L."""
    x, weights = np.polynomial.legendre.leggauss(L)
    angles = 2 * np.pi * np.arange(2 * L - 1) / (2 * L - 1)
    alpha, beta, gamma = np.meshgrid(angles, np.arccos(x), angles, indexing="ij")
    volume = 8 * np.pi**2 / 2 / angles.size**2
    return (
        Rotation.from_euler("ZYZ", np.stack([alpha, beta, gamma], -1).reshape(-1, 3)),
        (volume * weights[None, :, None] * np.ones_like(alpha)).ravel(),
    )
