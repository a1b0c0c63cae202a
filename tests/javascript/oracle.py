"""Numbers of the Python package for the tests of the explorers' JavaScript.

``write(folder)`` writes a JSON file for each subject; ``oracle.js`` reads them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ducc0
import numpy as np
from encoded import array, complex_pairs, pairs, rounded
from file_oracle import files
from scipy.spatial.transform import Rotation

import sphere_toolkit as st
from sphere_toolkit.explore._page.transform import page_transform
from sphere_toolkit.explore._synthesis.descent import descend
from sphere_toolkit.scattering.nonlinearities import NONLINEARITIES
from sphere_toolkit.sphere.spectra import real_coefficient, residual_energy
from sphere_toolkit.wavelets.windows import generating_function

SIZES = [(8, 8), (32, 32), (64, 128), (100, 128), (128, 256)]
SPINS = [(8, 8, 1), (32, 32, 2), (100, 128, 3), (128, 256, 1), (128, 256, 4), (128, 128, 8)]
BANKS = [(128, 2.0, 0), (128, 1.2, 0), (128, 4.0, 2), (64, 2**0.5, 5), (100, 3.0, 5), (2, 2.0, 1)]


def bank_of(bank: st.WaveletBank) -> dict[str, Any]:
    """A bank as the page reads it."""
    return {
        "scales": list(bank.scales),
        "bands": [list(bank.band(j)) for j in bank],
        "windows": [array(bank.window(j), "<f4") for j in bank],
        "scaling": array(bank.scaling[: bank.scaling_band_limit], "<f4"),
    }


def transforms() -> dict[str, Any]:
    cases = []
    for L, G in SIZES:
        grid = st.Grid.gauss_legendre(G)
        alm = rounded(st.signals.band_limited_noise(L, L))
        samples = np.random.default_rng(L).standard_normal(grid.shape).astype(np.float32)
        analysed = st.truncate(st.forward(samples.astype(float), grid), L)
        cases.append(
            {
                "L": L,
                "G": G,
                "alm": pairs(alm),
                "synthesised": array(st.inverse(alm, grid)),
                "samples": array(samples, "<f4"),
                "analysed": complex_pairs(analysed),
                "energies": array((2 * np.arange(L) + 1) * st.power_spectrum(alm)),
            }
        )
    band = st.signals.band_limited_noise(64, 5)
    band[(st.degrees(64) < 9) | (st.degrees(64) >= 33)] = 0
    nodes = {str(n): [array(part) for part in np.polynomial.legendre.leggauss(n)] for n in (8, 256)}
    return {
        "cases": cases,
        "band": pairs(band),
        "band_synthesised": array(st.inverse(band, st.Grid.gauss_legendre(64))),
        "nodes": nodes,
    }


def spins() -> dict[str, Any]:
    cases = []
    for L, G, spin in SPINS:
        ell = st.degrees(L)
        both = [rounded(st.signals.band_limited_noise(L, seed)) for seed in (spin, 10 + spin)]
        components = ducc0.sht.synthesis_2d(
            alm=np.where(ell < spin, 0, both), spin=spin, lmax=L - 1,
            geometry="GL", ntheta=G, nphi=2 * G,
        )  # fmt: skip
        e_and_b = [pairs(alm) for alm in both]
        samples = [array(one) for one in components]
        cases.append({"L": L, "G": G, "spin": spin, "alm": e_and_b, "samples": samples})
    return {"cases": cases}


def rotations() -> dict[str, Any]:
    cases = []
    for L in (1, 8, 32, 100, 128):
        alm = rounded(st.signals.band_limited_noise(L, L))
        angles = Rotation.random(3, random_state=L).as_euler("ZYZ").tolist()
        angles += [[0, 0, 0], [1, np.pi, 0.3], [0.2, 0, 3], [-3, np.pi / 2, 5]]
        turned = [st.rotate(alm, Rotation.from_euler("ZYZ", turn)) for turn in angles]
        cases.append(
            {
                "L": L,
                "alm": pairs(alm),
                "angles": angles,
                "rotated": [complex_pairs(one) for one in turned],
            }
        )
    angles = Rotation.random(5, random_state=0).as_euler("ZYZ").tolist()
    angles += [[0.4, 0, 0.3], [1, 0, 0]]
    a, b = Rotation.random(2, random_state=1)
    return {
        "cases": cases,
        "angles": angles,
        "matrices": [array(Rotation.from_euler("ZYZ", one).as_matrix()) for one in angles],
        "axis": (a.as_rotvec() / a.magnitude()).tolist(),
        "angle": a.magnitude(),
        "second": b.as_matrix().ravel().tolist(),
        "product": array((a * b).as_matrix()),
    }


def wavelets() -> dict[str, Any]:
    banks = []
    for L, lam, J_min in BANKS:
        bank = st.WaveletBank(L, J_min, lam)
        windows = [bank.scaling, *(bank.window(j) for j in bank)]
        banks.append(
            {"L": L, "lam": lam, "J_min": J_min, "J": bank.J, "windows": list(map(array, windows))}
        )
    t = np.linspace(0, 1.3, 131)
    generating = {
        str(lam): array(np.transpose(generating_function(t, lam))) for lam in (1.2, 2.0, 4.0)
    }
    grid = st.Grid.gauss_legendre(256)
    alm = st.signals.band_limited_noise(100, 4)
    alm = rounded(alm / np.sqrt(st.energy(alm)))
    bank = st.WaveletBank(100, J_min=3, lam=1.7)
    looks = []
    for scale in (None, 5, bank.J):
        window = bank.scaling if scale is None else bank.window(scale)
        zonal = np.zeros(alm.size, complex)
        zonal[:100] = np.sqrt((2 * np.arange(100) + 1) / (4 * np.pi)) * window
        seen = st.inverse(alm * window[st.degrees(100)], grid)
        looks.append(
            {
                "scale": scale,
                "wavelet": array(st.inverse(zonal, grid), "<f4"),
                "seen": array(seen, "<f4"),
                "spread": st.wavelets.angular_spread(bank, scale),
            }
        )
    return {
        "banks": banks,
        "t": t.tolist(),
        "generating": generating,
        "alm": pairs(alm),
        "looks": looks,
        "shares": list(st.wavelets.energy_by_scale(alm, bank).values()),
    }


def energies() -> dict[str, Any]:
    bank = st.WaveletBank(100, J_min=2, lam=1.7)
    alm = st.signals.earth_relief(100)
    cases = []
    for k, j in enumerate(bank):
        shares = {
            kind: st.scattering.energy_by_degree(alm, bank, j, kind)
            for kind in (*NONLINEARITIES, "envelope(3)")
        }
        cases.append(
            {
                "k": k,
                "before": array(shares["modulus"].before),
                "after": {kind: array(one.after) for kind, one in shares.items()},
            }
        )
    return {"alm": pairs(alm / np.sqrt(st.energy(alm))), "bank": bank_of(bank), "cases": cases}


def scattering() -> dict[str, Any]:
    alm = rounded(st.signals.band_limited_noise(32, 2))
    cases = []
    for kind in NONLINEARITIES:
        for oversampling in (1, 2, 4):
            scatter = page_transform(st.WaveletBank(32, J_min=2), 3, oversampling, kind)
            S = scatter(alm)
            cases.append(
                {
                    "kind": kind,
                    "oversampling": oversampling,
                    "paths": list(scatter.paths),
                    "coefficients": [complex_pairs(S[path]) for path in scatter.paths],
                }
            )
    scatter = st.ScatteringTransform(32, J_min=2, depth=3)
    samples, grid = scatter.propagate(alm, (5, 3))
    arriving, kept = st.scattering.energy_by_path(alm, scatter)
    angles = (30, 50, 20)
    turn = Rotation.from_euler("ZYZ", angles, degrees=True)
    errors = {}
    for kind in NONLINEARITIES:
        coarse = page_transform(st.WaveletBank(32, J_min=2), 2, 1, kind)
        error = st.equivariance_error(lambda f, S=coarse: S(f)[(5, 3)], alm, turn)
        errors[kind] = float(error[0])
    distances = st.scattering.deformation_distances(alm, st.ScatteringTransform(32, 2), 0.1)
    return {
        "alm": pairs(alm),
        "bank": bank_of(scatter.bank),
        "cases": cases,
        "propagated": array(samples),
        "rings": grid.L,
        "angles": angles,
        "errors": errors,
        "distances": distances._asdict(),
        "field": pairs(np.array(st.displacement())),
        "arriving": array(arriving * st.energy(alm)),
        "kept": array(kept * st.energy(alm)),
    }


def directions() -> dict[str, Any]:
    L, G = 32, 64
    alm = rounded(st.signals.band_limited_noise(L, 3))
    grid = st.Grid.gauss_legendre(G)
    cases = []
    for N in (2, 3, 4):
        bank = st.DirectionalWaveletBank(L, J_min=1, N=N)
        w = bank(alm)
        for j in (1, 3, 5):
            response = w.directions(j, 12, grid)[5]
            angle, strength = w.dominant_direction(j, grid)
            turn = Rotation.from_euler("ZYZ", [0, 90, 150], degrees=True)
            wavelet = st.inverse(st.rotate(bank.wavelet(j)[0], turn), grid)
            case = {"real": response.real, "angle": angle, "strength": strength, "wavelet": wavelet}
            energy = st.forward(np.abs(response) ** 2, grid)[0].real * np.sqrt(4 * np.pi)
            numbers = {"N": N, "j": j, "energy": energy, "mean": float(w.energy(j))}
            cases.append(numbers | {name: array(one) for name, one in case.items()})
    return {
        "L": L,
        "G": G,
        "alm": pairs(alm),
        "bank": bank_of(st.WaveletBank(L, J_min=1)),
        "gamma": np.deg2rad(150),
        "cases": cases,
    }


def descents() -> dict[str, Any]:
    L = 32
    ring = st.signals.ring(L)
    target, noise = rounded(ring / st.norm(ring)), rounded(st.signals.band_limited_noise(L, 2))
    cases = {}
    for kind, n in (("zonal", 1), ("directional", 3)):
        scatter = st.ScatteringTransform(L, J_min=2, directions=n)
        alm, errors = descend(target, noise, scatter, 20)
        cases[kind] = {
            "names": [str(path)[1:-1].rstrip(",") for path in scatter.paths[1:]],
            "goal": array(scatter(target).means()[1:]),
            "alm": complex_pairs(alm),
            "errors": array(errors),
        }
    bank = bank_of(scatter.bank)
    return {"L": L, "bank": bank, "target": pairs(target), "noise": pairs(noise), "cases": cases}


def deformations() -> dict[str, Any]:
    cases = []
    for L in (8, 50, 64, 128):
        alm = rounded(st.signals.band_limited_noise(L, L))
        deformed = {str(size): complex_pairs(st.deform(alm, size)) for size in (0, 0.03, 0.2)}
        cases.append({"L": L, "alm": pairs(alm), "deformed": deformed})
    poles = st.signals.harmonic(16, 1, 0) + 2 * st.signals.harmonic(
        16, 1, 1
    )  # z - 2 x, but a factor
    return {
        "field": pairs(np.array(st.displacement())),
        "cases": cases,
        "poles": pairs(poles),
    }


def harmonics() -> dict[str, Any]:
    grid = st.Grid.gauss_legendre(256)
    cases = []
    for L in (8, 100):
        alm = rounded(st.signals.band_limited_noise(L, 3))
        ell = st.degrees(L)
        cuts = [
            {
                "B": B,
                "kept": array(st.inverse(np.where(ell < B, alm, 0), grid), "<f4"),
                "rest": array(st.inverse(np.where(ell >= B, alm, 0), grid), "<f4"),
                "residual": float(residual_energy(alm)[B]),
            }
            for B in (1, L // 2, L)
        ]
        picks = [
            {
                "l": degree,
                "m": order,
                "harmonic": array(st.inverse(st.signals.harmonic(L, degree, order), grid), "<f4"),
                "degree": array(st.inverse(np.where(ell == degree, alm, 0), grid), "<f4"),
                "coefficient": real_coefficient(alm, degree, order),
            }
            for degree, order in ((0, 0), (5, -3), (7, 0), (L - 1, L - 1))
        ]
        size = float(np.abs(st.inverse(alm, grid)).max())
        cases.append({"L": L, "alm": pairs(alm), "cuts": cuts, "picks": picks, "size": size})
    return {"cases": cases}


def questions() -> list[dict[str, Any]]:
    """Per question what the page gets, and what Python accepts of some answers."""
    choices = ["√2", "2", "4"]
    heights = [0.6, 0.25]
    asked = [
        (st.explore.check("Number?", -0.375, tolerance=0.1), [-0.375, -0.475, -0.48, 0.375, 0]),
        (st.explore.check("Root?", "2", choices=choices, why="4 = 2²"), choices),
        (st.explore.check("Order?", choices), [choices, choices[::-1], ["2", "√2", "4"]]),
        (
            st.explore.predict("Curve?", heights, at=["0", "1"], span=(0, 1), tolerance=0.05),
            [heights, [0.65, 0.2], [0.6, 0.31], [0.25, 0.6]],
        ),
    ]
    return [
        {
            "sealed": list(one.sealed),
            "salt": one.salt,
            "kind": one.kind,
            "options": one.options,
            "answers": answers,
            "accepted": [one.accepts(answer) for answer in answers],
        }
        for one, answers in asked
    ]


def write(folder: Path) -> None:
    """Write the numbers of all subjects."""
    subjects = (
        transforms, spins, rotations, wavelets, energies, scattering, directions, descents,
        deformations, harmonics, questions, files,
    )  # fmt: skip
    for subject in subjects:
        (folder / f"{subject.__name__}.json").write_text(json.dumps(subject()))
