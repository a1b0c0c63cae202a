"""What hypothesis draws: random band-limited signals and rotations."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as hs
from scipy.spatial.transform import Rotation

import sphere_toolkit as st


def noise(L: int, seed: int = 0, n: int | None = None) -> np.ndarray:
    """White coefficients of a real signal, without the package's own generators."""
    rng = np.random.default_rng(seed)
    shape = (L * (L + 1) // 2,) if n is None else (n, L * (L + 1) // 2)
    alm = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    alm[..., :L] = alm[..., :L].real
    return alm


seeds = hs.integers(0, 2**32 - 1)
band_limits = hs.integers(1, 40)
equiangular_grids = hs.builds(
    st.Grid.equiangular,
    hs.integers(2, 40),
    hs.integers(1, 80),
    hs.booleans(),
    phi0=hs.floats(-10, 10),
)
gauss_legendre_grids = hs.builds(
    lambda n_theta, n_phi, phi0: st.Grid.gauss_legendre(
        min(n_theta, (n_phi + 1) // 2), n_theta=n_theta, n_phi=n_phi, phi0=phi0
    ),
    hs.integers(2, 40),
    hs.integers(1, 80),
    hs.sampled_from([0.0, 0.3, 6.0]),
)
sized_grids = equiangular_grids | gauss_legendre_grids
exact_grids = sized_grids | hs.builds(
    lambda scheme, L: st.Grid(scheme, L),
    hs.sampled_from(["gauss-legendre", "mcewen-wiaux"]),
    band_limits,
)
rotations = hs.builds(lambda seed: Rotation.random(rng=np.random.default_rng(seed)), seeds)


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    """Relative L2 difference on the sphere of coefficients, or of samples as they stand."""
    if np.iscomplexobj(expected):
        return float(np.sqrt(total_energy(found - expected) / total_energy(expected)))
    return float(np.sqrt(((found - expected) ** 2).sum() / (expected**2).sum()))


def total_energy(alm: np.ndarray) -> float:
    """Of all signals together, orders below zero included."""
    L = int(np.sqrt(2 * alm.shape[-1]))
    return float(2 * (np.abs(alm) ** 2).sum() - (np.abs(alm[..., :L]) ** 2).sum())
