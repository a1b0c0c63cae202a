"""Directional scale-discretised wavelets: filter banks that tell how a signal is oriented."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..sphere.coefficients import as_alm, degrees, n_coefficients, orders, truncation_index
from .angular import KINDS, angular_weights, multiplicity
from .responses import DirectionalWaveletCoefficients
from .scales import Scales, frozen


class DirectionalWaveletBank(Scales):
    r"""A tight frame of directional scale-discretised wavelets.

    A wavelet of scale :math:`j` is centred on the north pole and has the coefficients

    .. math:: \psi_{j,\ell n} = \sqrt{\tfrac{2\ell+1}{4\pi}}\; \kappa_j(\ell)\, s_{\ell n},
              \qquad |n| < N, \qquad \sum_n |s_{\ell n}|^2 = 1

    where :math:`\kappa_j` is the window of the `WaveletBank` of the same ``L``, ``J_min`` and
    ``lam``. Turned by :math:`\gamma` and moved to a point :math:`\omega = (\theta, \phi)`, it
    responds to a signal with

    .. math:: W_j(\omega, \gamma) = \langle f,\, R_z(\phi) R_y(\theta) R_z(\gamma)\, \psi_j \rangle
              = \sum_{|n| < N} e^{-i n \gamma}\, w_{j,n}(\omega),

    whose Fourier components :math:`w_{j,n}` are signals of spin :math:`n`. They hold the weights:
    for "complex" wavelets :math:`w_{j,n} = d_n W_{j,n}` from degree :math:`N - 1` on, where
    :math:`W_{j,n}` has the coefficients and the energy of the zonal :math:`W_j`, as in chapter 08
    of the course. The scaling function has no direction.

    Parameters
    ----------
    L, J_min, lam
        As of `WaveletBank`.
    N : int, default 3
        Azimuthal band-limit, ``1 <= N <= L``. The larger, the sharper is the direction; 1 gives
        the wavelets of `WaveletBank`.
    kind : {"complex", "steerable"}
        "complex": :math:`s_{\ell n} = (-i)^n d_{\ell n}` with :math:`d_{\ell n}^2` proportional to
        :math:`\binom{2N-2}{N-1+n}`. The wavelet is one-sided: it passes waves that run in the
        direction :math:`\gamma` and hardly those of the opposite one, so a response is complex,
        its phase is that of the wave, and its modulus is an envelope.
        "steerable": the real wavelets of McEwen et al. 2015. They respond to waves whose *crests*
        run in the direction :math:`\gamma`, and :math:`W(\gamma + \pi) = (-1)^{N-1} W(\gamma)`.

    Attributes
    ----------
    J, scales, scaling, scaling_band_limit
        As of `WaveletBank`.
    spins : tuple of int
        The :math:`n \ge 0` that the wavelets have: all below ``N`` for "complex", those of the
        parity of ``N - 1`` for "steerable".
    weights : array (len(spins), L), float64
        :math:`|s_{\ell n}|`, the same for :math:`n` and :math:`-n`.

    Raises
    ------
    TypeError, ValueError
        A parameter is of the wrong kind or out of range.

    Notes
    -----
    Angles :math:`\gamma` are measured from south to east, as everywhere (:doc:`/book/conventions`).
    A degree below :math:`N - 1` has orders up to itself only; the weights of such degrees are those
    of a smaller ``N``, or scaled, so that the frame stays tight. The squared windows sum to 1
    within 1e-14, which the tests check.

    The factor differs from McEwen et al. 2015, whose coefficients are
    :math:`W / \sqrt{2\pi}`: here ``N = 1`` gives the zonal coefficients. The root mean square over
    :math:`\gamma` of a "complex" response is the Riesz envelope of order ``N - 1``. A plane wave of
    the opposite direction is weaker in it by a factor of about 6, 19 and 51 for ``N`` = 2, 3, 4.
    Sources: McEwen et al. 2015 for "steerable", whose coefficients a test compares with s2wav's.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> bank = st.DirectionalWaveletBank(64, J_min=4, N=3)
    >>> bank
    DirectionalWaveletBank(L=64, J_min=4, lam=2.0, N=3, kind='complex'): scaling ell < 16, ...
      j=4: 8 < ell < 32
      j=5: 16 < ell < 64
      j=6: 32 < ell < 64
    >>> alm = st.signals.earth_relief(64)
    >>> w = bank.analysis(alm)
    >>> w.wavelets[5].shape, bool(np.allclose(bank.synthesis(w), alm))
    ((3, 2080), True)
    """

    def __init__(
        self, L: int, J_min: int = 0, lam: float = 2.0, N: int = 3, kind: str = "complex"
    ) -> None:
        super().__init__(L, J_min, lam)
        self.N = checks.integer("N", N, 1, self.L, given=f"L={self.L}", has_default=True)
        self.kind: str = checks.choice("kind", kind, KINDS)
        weights = angular_weights(self.kind, self.N, self.L)
        self.spins = tuple(int(n) for n in range(self.N) if weights[n].any())
        self.weights = frozen(weights[list(self.spins)])
        self._counts = multiplicity(self.spins)

    def __repr__(self) -> str:
        return self._described(
            f"L={self.L}, J_min={self.J_min}, lam={self.lam}, N={self.N}, kind={self.kind!r}"
        )

    @property
    def _parameters(self) -> tuple[object, ...]:
        return *super()._parameters, self.N, self.kind

    def __getitem__(self, j: int) -> NDArray[np.float64]:
        """The windows of scale ``j``: ``bank[j]`` is `window` ``(j)``."""
        return self.window(j)

    def __call__(self, alm: ArrayLike) -> DirectionalWaveletCoefficients:
        """Wavelet coefficients of a signal: ``bank(alm)`` is `analysis` ``(alm)``."""
        return self.analysis(alm)

    def window(self, j: int) -> NDArray[np.float64]:
        r"""The windows :math:`\kappa_j(\ell)\, |s_{\ell n}|` of ``spins``, shape ``(spins, L)``.

        Raises
        ------
        ValueError
            The bank has no such scale.
        """
        return self._windows[self._scale(j)] * self.weights

    def frame_bounds(self) -> tuple[float, float]:
        r"""The frame bounds: the least and the largest share of the energy that is kept.

        .. math:: \kappa_\Phi(\ell)^2 + \sum_j \sum_{|n| < N} \kappa_j(\ell)^2\, |s_{\ell n}|^2

        over the degrees. Both are 1 up to rounding: the frame is tight.

        Examples
        --------
        >>> import numpy as np, sphere_toolkit as st
        >>> bounds = st.DirectionalWaveletBank(128, J_min=2, N=4).frame_bounds()
        >>> bool(np.allclose(bounds, 1, atol=1e-14, rtol=0))
        True
        """
        total = self.scaling**2 + sum(self._counts @ self.window(j) ** 2 for j in self)
        return float(total.min()), float(total.max())

    def wavelet(self, j: int) -> NDArray[np.complex128]:
        r"""The wavelet of scale ``j`` itself, on the north pole, :math:`\gamma = 0`.

        Parameters
        ----------
        j : int

        Returns
        -------
        array (n,), or (2, n) for "complex", complex128
            Its coefficients, ``n = n_coefficients(band_limit(j))``; of a complex wavelet those
            of its real and of its imaginary part. `rotate` turns and moves it.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> st.DirectionalWaveletBank(16, J_min=2, N=2).wavelet(3).shape
        (2, 136)
        """
        L = self.band_limit(j)
        ell, m = degrees(L), orders(L)
        sizes = np.zeros(ell.size)
        for weights, n in zip(self.window(j), self.spins, strict=True):
            sizes[m == n] = weights[ell[m == n]]
        psi = np.sqrt((2 * ell + 1) / (4 * np.pi)) * sizes
        if self.kind == "steerable":
            return (psi if self.N % 2 else 1j * psi).astype(np.complex128)
        # psi_(l,-n) = i^n: even orders make the real part, odd ones the imaginary part.
        quarter = np.array([1, 0, -1, 0])
        return np.stack([psi * quarter[m % 4], psi * -quarter[(m - 1) % 4]]).astype(np.complex128)

    def analysis(self, alm: ArrayLike) -> DirectionalWaveletCoefficients:
        r"""Wavelet coefficients of a signal.

        .. math:: E^j_{\ell m n} = \kappa_j(\ell)\, |s_{\ell n}|\, f_{\ell m}

        are the E of the spin-:math:`n` signals, which have no B.

        Parameters
        ----------
        alm : array (..., L(L+1)/2), complex

        Returns
        -------
        DirectionalWaveletCoefficients
            Unit of ``alm``, with the energies that `WaveletBank.analysis` has. Exact.

        Raises
        ------
        TypeError, ValueError
            As `WaveletBank.analysis`.

        Examples
        --------
        >>> import sphere_toolkit as st
        >>> bank = st.DirectionalWaveletBank(16, J_min=2, N=2)
        >>> w = bank.analysis(st.signals.earth_relief(16))
        >>> {j: w.wavelets[j].shape for j in bank}
        {2: (2, 36), 3: (2, 136), 4: (2, 136)}
        """
        alm = as_alm(alm, self.L)
        scaling = alm[..., truncation_index(self.L, self.scaling_band_limit)]
        scaling *= self.scaling[degrees(self.scaling_band_limit)]
        wavelets = {}
        for j, factors in self._factors.items():
            kept: NDArray[np.complex128] = alm[..., truncation_index(self.L, self.band_limit(j))]
            wavelets[j] = kept[..., None, :] * factors
        return DirectionalWaveletCoefficients(self, scaling, wavelets)

    def synthesis(self, coefficients: DirectionalWaveletCoefficients) -> NDArray[np.complex128]:
        r"""The signal back from its wavelet coefficients.

        .. math:: f_{\ell m} = \kappa_\Phi(\ell)\, W_{\Phi,\ell m}
                  + \sum_j \sum_{|n| < N} \kappa_j(\ell)\, |s_{\ell n}|\, E^j_{\ell m n}

        Parameters
        ----------
        coefficients : DirectionalWaveletCoefficients

        Returns
        -------
        array (..., L(L+1)/2), complex128
            Exact as `WaveletBank.synthesis`.

        Raises
        ------
        TypeError, ValueError
            They are of another bank, or a part has another shape, or degrees below its spin.
        """
        checks.instance("coefficients", coefficients, DirectionalWaveletCoefficients)
        if coefficients.bank != self:
            raise ValueError(
                f"coefficients must be of {self!r}, got those of {coefficients.bank!r}"
            )
        self._check_scales(coefficients.wavelets)
        L = self.scaling_band_limit
        scaling = as_alm(coefficients.scaling, L)
        batch = scaling.shape[:-1]
        alm = np.zeros((*batch, n_coefficients(self.L)), np.complex128)
        alm[..., truncation_index(self.L, L)] += scaling * self.scaling[degrees(L)]
        for j, factors in self._factors.items():
            part = coefficients.part(j)
            if part.shape[:-2] != batch:
                raise ValueError(f"every part must have batch shape {batch}, got {part.shape[:-2]}")
            back = np.einsum("...sn,sn,s->...n", part, factors, self._counts, optimize=True)
            alm[..., truncation_index(self.L, self.band_limit(j))] += back
        return alm

    @cached_property
    def _factors(self) -> dict[int, NDArray[np.float64]]:
        return {j: self.window(j)[:, degrees(self.band_limit(j))] for j in self}
