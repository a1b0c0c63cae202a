"""What fills the holes of a masked map: constrained realisations of a Gaussian field.

Nothing here checks its arguments; `sphere_toolkit.masks.fill` does.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from ..._util import checks
from ..._util.threads import each
from ..coefficients import degrees
from ..schemes import adjoint, synthesise
from ..spectra import power_spectrum
from ..spin import components
from .dipole import dipole_map, fit_dipole
from .mask import Mask, areas

# Steps of the conjugate gradients: of the result, and of each look at spectrum and noise.
_STEPS, _FEWER_STEPS = 200, 40
_TOLERANCE = 1e-6
_ROUNDS = 2
# Less noise than this share of the weakest degree changes nothing but the number of steps.
_LEAST_NOISE = 1e-3
_LEAST_POWER = 1e-10
_DECIMALS = 6
"""Of the known samples in units of their root mean square. A change of unit changes last bits, of
which the solver would make up to 1e-3. What is rounded stays below the least noise."""
_NEIGHBOURS = 3
"""Degrees on either side over which an estimated spectrum is averaged."""


def fill_all(
    samples: NDArray[np.float64],
    mask: Mask,
    spectrum: NDArray[np.float64] | None,
    seed: checks.Seed,
    n_threads: int | None,
    spin: int = 0,
) -> NDArray[np.float64]:
    """A batch of maps, ``(..., *grid.shape)``, with their holes filled, one map per thread.

    With spin, of two components each: ``(..., 2, *grid.shape)``. Several threads on one map would
    change last bits of its sums from run to run, and the solver makes 1e-3 of them: the same map
    would not get the same fill.
    """
    maps = samples.reshape(-1, *components(spin), *mask.grid.shape)
    rng = None if seed is None else checks.generator(seed)
    seeds = [None if rng is None else int(rng.integers(2**63)) for _ in maps]
    out = np.empty_like(maps)

    def one(i: int) -> None:
        out[i] = _filled(maps[i], mask, spectrum, seeds[i], spin)

    each(one, len(maps), checks.threads(n_threads))
    return out.reshape(samples.shape)


def _filled(
    samples: NDArray[np.float64],
    mask: Mask,
    spectrum: NDArray[np.float64] | None,
    seed: int | None,
    spin: int,
) -> NDArray[np.float64]:
    """One map, of one component or two, with its holes filled.

    See `sphere_toolkit.masks.fill`.
    """
    keeps = Mask(mask.keeps, mask.grid)
    # Monopole and dipole may be far larger than all else, and would leak into every degree.
    large = np.zeros(()) if spin else dipole_map(*fit_dipole(samples, keeps), mask.grid)
    rest = np.where(keeps.keeps, samples - large, 0.0)
    unit = float(np.sqrt(np.mean(np.square(rest), where=keeps.keeps)))
    if keeps.keeps.all() or not unit > 1e-13 * float(np.abs(samples).max()):
        return np.where(keeps.keeps, samples, large)
    d = np.round(rest / unit, _DECIMALS)
    rng = np.random.default_rng(_seed_of(d[..., keeps.keeps]) if seed is None else seed)
    field = _Field(d, keeps, spin)
    prior = field.guessed() if spectrum is None else _allowed(_rounded(spectrum / unit**2), spin)
    noise = field.noise(prior)
    if spectrum is None:
        prior = field.estimated(prior, noise, rng)
    inside = large + unit * field.realised(prior, noise, rng)
    return np.where(keeps.keeps, samples, inside)


def _seed_of(known: NDArray) -> int:
    """A seed made of which known samples, ``(..., n)``, are smaller than the next one.

    Another unit leaves that as it is; another map does not.
    """
    digest = hashlib.sha256(np.packbits(np.diff(known) > 0).tobytes()).digest()
    return int.from_bytes(digest[:8], "little")


def _rounded(spectrum: NDArray) -> NDArray[np.float64]:
    """A spectrum without its last digits, for the same reason as samples (`_DECIMALS`)."""
    mantissa, exponent = np.frexp(spectrum)
    return np.ldexp(np.round(mantissa, _DECIMALS), exponent)


def _allowed(spectrum: NDArray, spin: int) -> NDArray[np.float64]:
    """A spectrum that leaves room for what a fit of monopole and dipole has left or taken.

    With spin, without the degrees below it.
    """
    allowed = np.array(spectrum, np.float64)
    if spin:
        allowed[..., :spin] = 0
    else:
        allowed[:2] = np.maximum(allowed[:2], allowed[2:3].max(initial=0.0))
    return allowed


class _Field:
    r"""A Gaussian field of which some samples are known: d = M (Y a + n).

    Y is the synthesis, M the mask, n noise that is alike in all samples: what degrees beyond the
    band-limit leave there. Given d, the field has the mean

    .. math:: \bar a = C^{1/2} \left(N + C^{1/2} Y^\dagger M Y C^{1/2}\right)^{-1}
                       C^{1/2}\, Y^\dagger M d

    with the adjoint for the area of samples. It is solved by conjugate gradients. A realisation is
    ``s + mean(d - Y s - n)`` with a field s and noise n drawn without regard to d (Hoffman & Ribak
    1991).
    """

    def __init__(self, d: NDArray, mask: Mask, spin: int) -> None:
        self.d, self.mask, self.grid, self.spin = d, mask, mask.grid, spin
        self.L = self.grid.L
        self.ell = degrees(self.L)
        self._areas = mask.keeps * areas(self.grid)
        # Both orders m and -m count.
        self._count = np.where(np.arange(self.ell.size) < self.L, 1.0, 2.0)

    def samples(self, alm: NDArray) -> NDArray[np.float64]:
        """The field on the grid."""
        out = np.empty(self.d.shape)
        return synthesise(alm, self.L, self.grid, out, 1, self.spin)

    def _back(self, f: NDArray) -> NDArray[np.complex128]:
        """The adjoint, over what is known."""
        out = np.empty((*components(self.spin), self.ell.size), np.complex128)
        return adjoint(f * self._areas, self.grid, self.L, out, 1, self.spin)

    def mean(self, d: NDArray, C: NDArray, noise: float, steps: int) -> NDArray[np.complex128]:
        """The mean of the field, given samples ``d`` where they are known."""
        root = np.sqrt(C)[..., self.ell]
        scale = 1 / (noise + self.mask.fraction * C[..., self.ell])
        x = np.zeros(root.shape, np.complex128)
        r = root * self._back(d)
        z = scale * r
        p, rz = z, self._dot(r, z)
        enough = _TOLERANCE**2 * rz
        for _ in range(steps):
            if rz <= enough:
                break
            Ap = noise * p + root * self._back(self.samples(root * p))
            step = rz / self._dot(p, Ap)
            x += step * p
            r = r - step * Ap
            z = scale * r
            rz, before = self._dot(r, z), rz
            p = z + (rz / before) * p
        return root * x

    def _dot(self, a: NDArray, b: NDArray) -> float:
        return float(np.sum(self._count * (a.real * b.real + a.imag * b.imag)))

    def noise(self, C: NDArray) -> float:
        """Power of the noise: what the field cannot explain of the known samples."""
        least = self._least(C)
        rest = self.d - self.samples(self.mean(self.d, C, least, _FEWER_STEPS))
        left = float(np.average(rest**2, weights=np.broadcast_to(self._areas, rest.shape)))
        # As many coefficients as samples would explain all noise; so many explain their share.
        share = min(0.9, self.L**2 / self.grid.n_samples)
        return max(least, left / (1 - share) * 4 * np.pi / self.grid.n_samples)

    def realised(self, C: NDArray, noise: float, rng: np.random.Generator) -> NDArray[np.float64]:
        """Samples of one realisation, given the known ones; noise where they are not known."""
        alm, n = self._realisation(C, noise, rng, _STEPS)
        return self.samples(alm) + (n if noise > self._least(C) else 0.0)

    def _least(self, C: NDArray) -> float:
        """The noise that keeps the equations solvable; known samples need not have any."""
        return _LEAST_NOISE * float(C.min(where=C > 0, initial=C.max()))

    def _realisation(
        self, C: NDArray, noise: float, rng: np.random.Generator, steps: int
    ) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
        shape = *components(self.spin), self.ell.size
        alm = rng.standard_normal((*shape, 2)).view(np.complex128)[..., 0]
        alm *= np.sqrt(C[..., self.ell] / self._count)
        alm[..., : self.L] = alm[..., : self.L].real
        n = rng.standard_normal(self.d.shape)
        n *= np.sqrt(noise * self.grid.n_samples / (4 * np.pi))
        return alm + self.mean(self.d - self.samples(alm) - n, C, noise, steps), n

    def guessed(self) -> NDArray[np.float64]:
        """The spectrum of the masked map, for a whole sphere."""
        return _smoothed(power_spectrum(self._back(self.d)) / self.mask.fraction, self.spin)

    def estimated(self, C: NDArray, noise: float, rng: np.random.Generator) -> NDArray[np.float64]:
        """A better spectrum than C, from realisations, each with the spectrum of the last."""
        for _ in range(_ROUNDS):
            alm, _ = self._realisation(C, noise, rng, _FEWER_STEPS)
            C = _smoothed(power_spectrum(alm), self.spin)
        return C


def _smoothed(spectrum: NDArray, spin: int) -> NDArray[np.float64]:
    r"""A spectrum whose :math:`\ell^2 C_\ell` is averaged over neighbouring degrees, from 2 on."""
    ell = np.arange(spectrum.shape[-1]) + 0.5
    scaled = ell**2 * spectrum
    smooth = scaled.copy()
    first = max(2, spin)
    for i in range(first, ell.size):
        reach = min(_NEIGHBOURS, i - first)
        smooth[..., i] = scaled[..., i - reach : i + reach + 1].mean(axis=-1)
    C = smooth / ell**2
    return _allowed(np.maximum(C, _LEAST_POWER * C[..., 2:].max(initial=C.max())), spin)
