"""The first layer of a scattering network that knows direction."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from ...wavelets.angular import phase
from .base import Nonlinearity, Part
from .engine import Load
from .envelope import Envelope, riesz_parts
from .fused import OnSamples, norm, reciprocal
from .pointwise import Modulus

MAX_DIRECTIONS = 9
# Matrix products of this many columns stay in the cache, and BLAS starts no threads for them.
_SAMPLES_AT_ONCE = 1024


class Directional(OnSamples):
    r"""The modulus or the envelope of complex directional wavelets, as signals of even spin.

    The response of the wavelet of scale j that is turned by :math:`\gamma` is

    .. math:: W(\omega, \gamma) = \sum_{n=-N+1}^{N-1} d_n\, W_n(\omega)\, e^{-in\gamma}.

    What acts on it is a mean over neighbouring directions,

    .. math:: V(\omega, \gamma)^2 = \frac{1}{2\pi} \int
              K(\gamma - \gamma')\, |W(\omega, \gamma')|^2\, d\gamma',

    and the result is V as signals :math:`V_n` of spin n = 0, 2, ... below N, its Fourier components
    over :math:`\gamma`; odd n vanish for a real signal. For the modulus K is a delta function, so
    that V = |W|. For an envelope :math:`K \propto \cos^{2(N-1)} \gamma`: |W| vanishes in single
    directions, where it has a kink, but such a mean over directions does not. V does not expand
    distances, because it is the norm of a vector. The energies of all its components, of spin N and
    above too, add up to that of W. The signals of spin n > 0 stand for n and -n.

    Parameters
    ----------
    N : int
        Azimuthal band-limit of the wavelets.
    within : Modulus or Envelope
        Chooses K.
    """

    def __init__(self, N: int, within: Modulus | Envelope) -> None:
        self.N = N
        self.name = within.name
        self.spins = tuple(range(0, N, 2))
        self.smooth = isinstance(within, Envelope)

    def parts(self, L: int, spin: int) -> tuple[Part, ...]:
        """The signals of spin 0 to N - 1 that make the response in every direction."""
        return riesz_parts(self.N - 1, L)

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The Fourier components of V over the directions: of spin 0, then two for each spin."""
        series = np.empty((n_series, *like.shape), like.dtype)
        for i, one in enumerate(series):
            load(i, one)
        w = series.reshape(n_series, -1)
        out = np.empty((n_out, w.shape[1]), w.dtype)
        real, imaginary, mean, back = matrices(self.N, self.smooth, w.dtype)
        for some in _few(w.shape[1]):
            square = np.square(real[:, :n_series] @ w[:, some])
            square += np.square(imaginary[:, :n_series] @ w[:, some])
            if self.smooth:
                square = np.maximum(mean @ square, 0)  # rounding may leave it below
            np.matmul(back[:n_out], np.sqrt(square, out=square), out=out[:, some])
        return list(out.reshape(-1, *like.shape))

    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        """See `OnSamples`."""
        v, h = values.reshape(len(values), -1), cotangents.reshape(len(cotangents), -1)
        real, imaginary, mean, back = matrices(self.N, self.smooth, v.dtype)
        real, imaginary, back = real[:, : len(v)], imaginary[:, : len(v)], back[: len(h)]
        out = np.empty_like(v)
        for some in _few(v.shape[1]):
            response = np.stack([real @ v[:, some], imaginary @ v[:, some]])
            along, change = self._along(response, mean), back.T @ h[:, some]
            change = response * (mean.T @ (along * change)) if self.smooth else along * change
            out[:, some] = real.T @ change[0] + imaginary.T @ change[1]
        return out.reshape(values.shape)

    def push(self, values: NDArray, tangents: NDArray, n_out: int) -> NDArray:
        """See `OnSamples`."""
        v, t = values.reshape(len(values), -1), tangents.reshape(len(tangents), -1)
        real, imaginary, mean, back = matrices(self.N, self.smooth, v.dtype)
        real, imaginary = real[:, : len(v)], imaginary[:, : len(v)]
        out = np.empty((n_out, v.shape[1]), v.dtype)
        for some in _few(v.shape[1]):
            response = np.stack([real @ v[:, some], imaginary @ v[:, some]])
            change = np.stack([real @ t[:, some], imaginary @ t[:, some]])
            along = self._along(response, mean)
            if self.smooth:
                change = along * (mean @ (response * change).sum(axis=0))
            else:
                change = (along * change).sum(axis=0)
            out[:, some] = back[:n_out] @ change
        return out.reshape(n_out, *values.shape[1:])

    def _along(self, response: NDArray, mean: NDArray) -> NDArray:
        """The derivative of V: by the squares of the response, averaged, or by the response."""
        if not self.smooth:
            return response * reciprocal(norm(response))
        root = np.sqrt(np.maximum(mean @ np.square(response).sum(axis=0), 0))
        return reciprocal(root)


def _few(n: int) -> Iterator[slice]:
    """The numbers below ``n``, so many at once that matrix products stay in the cache."""
    return (slice(start, start + _SAMPLES_AT_ONCE) for start in range(0, n, _SAMPLES_AT_ONCE))


def _directions(N: int, smooth: bool) -> int:
    """Directions in which V is taken.

    More of them change the coefficients by less than 1e-3 (modulus) and 1e-5 (envelope), which the
    tests check.
    """
    return 3 * N if smooth else 4 * N


@lru_cache(maxsize=16)
def matrices(N: int, smooth: bool, dtype: np.dtype) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """From the components of all spins to the response in each direction, and from V to spins.

    Real and imaginary part of the response, the mean over neighbouring directions, the components.
    V has the period pi, so that directions over half a circle are enough.
    """
    n_directions = _directions(N, smooth)
    gamma = np.pi / n_directions * np.arange(n_directions)
    real, imaginary = (np.zeros((n_directions, 2 * N - 1)) for _ in range(2))
    real[:, 0] = 1
    back = [np.ones(n_directions)]
    for n in range(1, N):
        turned = np.sqrt(2) * phase("complex", N, n) * np.exp(-1j * n * gamma)
        target, part = (imaginary, np.imag) if n % 2 else (real, np.real)
        target[:, 2 * n - 1], target[:, 2 * n] = part(turned), part(1j * turned)
        if n % 2 == 0:
            back += [turned.real, -turned.imag]
    p = N - 1
    mean = np.cos(gamma[:, None] - gamma) ** (2 * p) * 4**p / comb(2 * p, p) / n_directions
    real, imaginary, mean, components = (
        matrix.astype(dtype) for matrix in (real, imaginary, mean, np.array(back) / n_directions)
    )
    return real, imaginary, mean, components


def first_of(within: Nonlinearity, directions: int) -> Nonlinearity:
    """The nonlinearity of the first layer: itself, or `Directional` for more than one direction."""
    if directions == 1:
        return within
    if not isinstance(within, Modulus | Envelope):
        raise ValueError(
            f"directions={directions} goes with the nonlinearity 'modulus' or an envelope, "
            f"got {within.name!r}"
        )
    return Directional(directions, within)
