"""Compute ``sphere_toolkit/data/transfer_planck2018_256.npz``: what local non-Gaussianity needs.

From the repository's root, with the extra ``cmb`` (it takes minutes)::

    python scripts/make_transfer.py --transfer transfer.npz

CAMB gives the transfer functions, which are kept in the file named; a second run starts from it.
They are integrated to the radial functions alpha and beta on many shells around the observer. The
smallest set of shells, with weights, that reproduces the bispectrum is then chosen.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from sphere_toolkit.cmb.ksw import bispectrum_overlap

TARGET = Path(__file__).parents[1] / "sphere_toolkit" / "data" / "transfer_planck2018_256.npz"
L = 256
A_S, N_S, PIVOT = 2.100e-9, 0.9649, 0.05
MICROKELVIN = 2.7255e6
# Shells, in Mpc: the last scattering surface lies at 13 870, the horizon at 14 150.
EDGES, COUNTS = (0.0, 13_400.0, 14_350.0), (560, 200)
DEGREES = np.arange(L)


# --- transfer functions ---------------------------------------------------------------------


def transfer_functions(file):
    """Wave numbers (1/Mpc) and the response of degree l to a unit of Phi, l = 2 .. L - 1.

    CAMB's response is to a unit of the comoving curvature zeta. Phi = 3/5 zeta, positive where
    matter is overdense: on the largest scales the response is -j_l / 3.
    """
    if not file.exists():
        import camb

        parameters = camb.set_params(
            H0=67.36, ombh2=0.02237, omch2=0.1200, mnu=0.06, tau=0.0544, As=A_S, ns=N_S
        )
        parameters.set_for_lmax(400, max_eta_k=6000, lens_potential_accuracy=0)
        parameters.set_accuracy(AccuracyBoost=2, lSampleBoost=50, lAccuracyBoost=2)
        parameters.Accuracy.IntkAccuracyBoost = 4
        found = camb.get_transfer_functions(parameters).get_cmb_transfer_data()
        np.savez(file, L=found.L, q=found.q, d=found.delta_p_l_k[0])
    with np.load(file) as kept:
        degree, q, response = kept["L"], kept["q"], kept["d"]
    assert (degree[: L - 2] == DEGREES[2:]).all()
    return q, response[: L - 2] * (5 / 3)


# --- radial functions -----------------------------------------------------------------------


def bessel(x):
    """Spherical Bessel functions j_l(x) for l < L, shape (L, len(x)); x ascends.

    By upward recurrence where that is stable, elsewhere from ratios by downward recurrence.
    ``scipy.special.spherical_jn`` agrees to 1e-12, but takes a hundred times as long.
    """
    j = np.empty((L, x.size))
    j[0] = np.sinc(x / np.pi)
    split = np.searchsorted(x, L)
    small, large = x[:split], x[split:]
    j[1, split:] = (np.sin(large) / large - np.cos(large)) / large
    for ell in range(1, L - 1):
        j[ell + 1, split:] = (2 * ell + 1) / large * j[ell, split:] - j[ell - 1, split:]
    ratio = np.zeros(split)
    ratios = np.zeros((L, split))
    for ell in range(L + 80, 0, -1):
        ratio = 1 / ((2 * ell + 1) / small - ratio)
        if ell < L:
            ratios[ell] = ratio
    for ell in range(1, L):
        j[ell, :split] = j[ell - 1, :split] * ratios[ell]
    return j


def radial_functions(q, response, r):
    """Alpha and beta at every radius, shape (L, len(r)): microkelvin / Mpc^3, microkelvin."""
    fine = np.flatnonzero(q < 2e-3)
    kept = np.concatenate([fine, np.arange(fine[-1] + 3, np.searchsorted(q, 0.2), 3)])
    q, response = q[kept], response[:, kept]
    weight = np.gradient(q) * q**2 * (2 / np.pi) * MICROKELVIN
    power = 9 / 25 * 2 * np.pi**2 / q**3 * A_S * (q / PIVOT) ** (N_S - 1)
    # Beta has no weight at high wave numbers, and alpha is only multiplied by products of betas.
    # So smoothing alpha along r changes no result. It removes CAMB's noise, which would alias.
    cut = (0.04 + 4 * DEGREES[2:, None] / 13_900).clip(max=0.1)
    taper = np.cos(np.pi / 2 * np.clip(q / cut - 1, 0, 1)) ** 2
    for_alpha, for_beta = weight * taper * response, weight * power * response
    alpha, beta = np.zeros((2, L, r.size))
    for i, radius in enumerate(r):
        j = bessel(q * radius)[2:]
        alpha[2:, i] = np.einsum("lk,lk->l", for_alpha, j)
        beta[2:, i] = np.einsum("lk,lk->l", for_beta, j)
    return alpha, beta


def shells():
    """Radii and weights of a quadrature over ``r^2 dr``."""
    r, weight = [], []
    for low, high, n in zip(EDGES[:-1], EDGES[1:], COUNTS, strict=True):
        x, w = np.polynomial.legendre.leggauss(n)
        r.append((low + high) / 2 + x * (high - low) / 2)
        weight.append(w * (high - low) / 2)
    r = np.concatenate(r)
    return r, np.concatenate(weight) * r**2


# --- few shells -----------------------------------------------------------------------------


def choose(overlap, weight, tolerance):
    """Few shells and positive weights whose bispectrum differs by ``tolerance`` or less.

    The measure is the Fisher distance relative to the norm. Shells are added one by one, as in the
    algorithm of Lawson and Hanson, and then removed while the tolerance allows it.
    """
    target = overlap @ weight
    norm = weight @ target
    scale = np.sqrt(np.diag(overlap))

    def refit(chosen):
        block = overlap[np.ix_(chosen, chosen)] / np.outer(scale[chosen], scale[chosen])
        values, vectors = np.linalg.eigh(block)
        root = np.sqrt(np.maximum(values, 1e-13 * values[-1]))
        right = vectors.T @ (target[chosen] / scale[chosen]) / root
        best = nnls((vectors * root).T, right, maxiter=10_000)[0] / scale[chosen]
        square = 1 - 2 * best @ target[chosen] / norm
        square += best @ overlap[np.ix_(chosen, chosen)] @ best / norm
        return best, np.sqrt(max(0.0, square))

    chosen, best, distance = np.zeros(0, int), np.zeros(0), 1.0
    while distance > 0.7 * tolerance:
        rest = target - overlap[:, chosen] @ best
        gain = np.divide(rest, scale, out=np.zeros_like(rest), where=scale > 0)
        gain[chosen] = 0
        chosen = np.append(chosen, gain.argmax())
        best, distance = refit(chosen)
        chosen, best = chosen[best > 0], best[best > 0]
    while True:
        trials = [np.delete(chosen, i) for i in range(len(chosen))]
        distances = [refit(trial)[1] for trial in trials]
        if min(distances) > tolerance:
            break
        chosen = trials[int(np.argmin(distances))]
    chosen = np.sort(chosen)
    return chosen, *refit(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--transfer", type=Path, required=True, help="CAMB's transfer functions")
    parser.add_argument("--tolerance", type=float, default=0.003, help="of the bispectrum")
    options = parser.parse_args()
    q, response = transfer_functions(options.transfer)
    r, weight = shells()
    alpha, beta = radial_functions(q, response, r)
    power = 4 * np.pi * 9 / 25 * A_S * (q / PIVOT) ** (N_S - 1) / q
    spectrum = np.zeros(L)
    spectrum[2:] = np.trapezoid(power * response**2, q) * MICROKELVIN**2
    closure = np.abs(((alpha * beta) @ weight)[2:] / spectrum[2:] - 1)
    print(
        f"|integral of alpha beta / C - 1|: {closure.max():.1e} at most, {closure[4:].max():.1e} "
        "from degree 6 on"
    )
    overlap = bispectrum_overlap(alpha, beta, spectrum)
    chosen, best, distance = choose(overlap, weight, options.tolerance)
    print(f"{len(chosen)} of {len(r)} shells: relative distance {distance:.1e}")
    print(f"error of f_NL with all shells: {(weight @ overlap @ weight) ** -0.5:.3f}")
    alpha, beta = alpha[:, chosen], beta[:, chosen]
    np.savez(TARGET, r=r[chosen], weight=best, alpha=alpha, beta=beta)
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {len(chosen)} shells, sha256 {digest}")


if __name__ == "__main__":
    main()
