"""Directional wavelet coefficients of s2wav, for tests/wavelets/test_directional.py.

Run where s2wav is installed, which `make bench` does:

    .venv-bench/bin/python scripts/make_s2wav_reference.py

The file holds numbers that s2wav (MIT licence) computed, none of its code: a random signal, the
windows of the scales on the degrees, and the wavelet coefficients for N = 2 and 3 at every third
ring and every fourth longitude of s2wav's sampling of the rotations.
"""

from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

import s2fft  # noqa: E402
import s2wav  # noqa: E402

L, J_MIN, NS = 16, 2, (2, 3)
TARGET = Path(__file__).parents[1] / "tests/wavelets/s2wav_L16.npz"


def main() -> None:
    rng = np.random.default_rng(0)
    alm, flm = [], np.zeros((L, 2 * L - 1), complex)
    for m in range(L):  # healpy's order
        for ell in range(m, L):
            value = rng.standard_normal() + (1j * rng.standard_normal() if m else 0)
            alm.append(value)
            flm[ell, L - 1 - m] = (-1) ** m * np.conj(value)
            flm[ell, L - 1 + m] = value
    f = s2fft.inverse_jax(flm, L, sampling="mw", reality=True)
    kappa, _ = s2wav.filters.filters_axisym_vectorised(L, J_MIN)
    arrays = {"alm": np.array(alm), "kappa": kappa}
    for N in NS:
        filters = s2wav.filters.filters_directional_vectorised(L, N, J_MIN)
        wavelets, scaling = s2wav.analysis(f, L, N, J_MIN, reality=True, filters=filters)
        arrays["scaling"] = np.asarray(scaling)
        for j, W in enumerate(wavelets, start=J_MIN):  # directions, rings, longitudes
            arrays[f"N{N}_j{j}"] = np.asarray(W)[:, ::3, ::4].real
    arrays["made_by"] = np.array(
        f"scripts/make_s2wav_reference.py, s2wav {version('s2wav')}, s2fft {version('s2fft')}"
    )
    np.savez_compressed(TARGET, **arrays)
    print(TARGET, TARGET.stat().st_size, arrays["made_by"])


if __name__ == "__main__":
    main()
