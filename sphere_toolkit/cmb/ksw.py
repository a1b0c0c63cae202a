"""The optimal estimator of local f_NL by Komatsu, Spergel and Wandelt."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..sphere.coefficients import as_alm, band_limit, degrees
from ..sphere.grids.grid import Grid
from ..sphere.legendre import ring_weights
from ..sphere.schemes import synthesise
from .local import MAX_L_LOCAL, radial
from .spectrum import angular_power_spectrum


class KSW:
    r"""Estimate local :math:`f_\mathrm{NL}` from the bispectrum of a full sky without noise.

    .. math:: \hat f_\mathrm{NL} = \frac{1}{F} \int r^2 dr \int d\omega\;
        A(r, \omega)\, B^2(r, \omega),
        \qquad A_{\ell m}(r) = \frac{\alpha_\ell(r)}{C_\ell}\, a_{\ell m},
        \qquad B_{\ell m}(r) = \frac{\beta_\ell(r)}{C_\ell}\, a_{\ell m}

    Parameters
    ----------
    L : int
        Band-limit of the skies, in 3..256.

    Attributes
    ----------
    L : int
    fisher : float
        :math:`F = \frac{1}{6} \sum_{\ell_1 \ell_2 \ell_3} B^2_{\ell_1 \ell_2 \ell_3} /
        C_{\ell_1} C_{\ell_2} C_{\ell_3}`, the information on :math:`f_\mathrm{NL}`.
    error : float
        :math:`F^{-1/2}`, the standard deviation of the estimate for a Gaussian sky.

    Raises
    ------
    TypeError, ValueError
        ``L`` is not an integer in 3..256.

    Notes
    -----
    No unbiased estimator has a smaller variance while the sky is nearly Gaussian. The term linear
    in the sky, which masks and anisotropic noise require, is zero on a full sky with isotropic
    statistics.

    Model, shells, units and signs are those of `LocalNonGaussianity`.

    Source: Komatsu, Spergel & Wandelt 2005 [komatsu2005].

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> gaussian, quadratic = st.cmb.LocalNonGaussianity(32)(seed=0)
    >>> ksw = st.cmb.KSW(32)
    >>> difference = ksw(gaussian + 100 * quadratic) - ksw(gaussian)
    >>> bool(0 < difference < 200)
    True
    """

    def __init__(self, L: int) -> None:
        self.L = checks.integer("L", L, 3, maximum=MAX_L_LOCAL)
        spectrum, self._radial = angular_power_spectrum(self.L), radial(self.L)
        inverse = np.zeros(self.L)
        inverse[2:] = 1 / spectrum[2:]
        self._filters = np.stack([self._radial.alpha, self._radial.beta]) * inverse[:, None]
        # This grid integrates a product of three signals exactly.
        self._grid = Grid.gauss_legendre(-(-3 * self.L // 2))
        self._rings = ring_weights(self._grid.L, np.dtype(np.float64))
        weight = self._radial.weight
        pairs = bispectrum_overlap(self._radial.alpha, self._radial.beta, spectrum)
        self.fisher = float(weight @ pairs @ weight)
        self.error = self.fisher**-0.5

    def __repr__(self) -> str:
        """Band-limit and error."""
        return f"KSW(L={self.L}): error of f_NL {self.error:.1f}"

    def __call__(self, alm: ArrayLike) -> NDArray[np.float64]:
        """Estimate f_NL.

        Parameters
        ----------
        alm : array (..., L(L+1)/2), complex
            Skies in microkelvin, with the spectrum of `angular_power_spectrum`.

        Returns
        -------
        array (...,), float64

        Raises
        ------
        ValueError
            ``alm`` has another band-limit, or is not finite.
        """
        skies = as_alm(alm)
        if band_limit(skies) != self.L:
            raise ValueError(f"alm must have band-limit {self.L}, got {band_limit(skies)}")
        checks.finite("alm", skies)
        values = [self._cubic(sky) for sky in skies.reshape(-1, skies.shape[-1])]
        return np.array(values).reshape(skies.shape[:-1]) / self.fisher

    def _cubic(self, alm: NDArray) -> float:
        """Integral of A B^2 over shells and directions."""
        ell, total = degrees(self.L), 0.0
        a, b = np.empty((2, *self._grid.shape))
        for i, weight in enumerate(self._radial.weight):
            synthesise(alm * self._filters[0, ell, i], self.L, self._grid, a, 1)
            synthesise(alm * self._filters[1, ell, i], self.L, self._grid, b, 1)
            total += weight * (self._rings @ np.einsum("ij,ij,ij->i", a, b, b))
        return float(total)


def bispectrum_overlap(
    alpha: NDArray[np.float64], beta: NDArray[np.float64], spectrum: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Fisher matrix of the bispectra of single shells of unit weight.

    .. math:: F_{rs} = \frac{1}{6} \sum_{\ell_1 \ell_2 \ell_3}
        \frac{(2\ell_1+1)(2\ell_2+1)(2\ell_3+1)}{4\pi}
        \begin{pmatrix} \ell_1 & \ell_2 & \ell_3 \\ 0 & 0 & 0 \end{pmatrix}^2
        \frac{b^{(r)}_{\ell_1 \ell_2 \ell_3}\, b^{(s)}_{\ell_1 \ell_2 \ell_3}}
             {C_{\ell_1} C_{\ell_2} C_{\ell_3}}

    with :math:`b^{(r)}_{\ell_1 \ell_2 \ell_3} = 2\, (\alpha_{\ell_1} \beta_{\ell_2} \beta_{\ell_3}
    + \text{2 permutations})` at r.

    Parameters
    ----------
    alpha, beta : array (L, n)
    spectrum : array (L,)
        Degrees below 2 are left out.

    Returns
    -------
    array (n, n)

    Notes
    -----
    The square of the 3j symbol is half the integral of the product of three Legendre polynomials
    over [-1, 1]. The triple sum is therefore an integral over products of sums over one degree,
    which 3L/2 Gauss-Legendre points compute exactly (Smith & Zaldarriaga 2011 [smith2011]).
    """
    L = len(spectrum)
    ell = np.arange(2, L)
    nodes, weight = np.polynomial.legendre.leggauss(3 * L // 2)
    polynomials = np.polynomial.legendre.legvander(nodes, L - 1)
    density = (2 * ell + 1) / (4 * np.pi) / spectrum[2:]
    alpha, beta = alpha[2:], beta[2:]
    total = np.zeros((alpha.shape[1],) * 2)
    for P, w in zip(polynomials, weight, strict=True):
        kernel = (density * P[2:])[:, None]
        aa, bb = alpha.T @ (kernel * alpha), beta.T @ (kernel * beta)
        ab = alpha.T @ (kernel * beta)
        total += w * (aa * bb**2 + 2 * ab * ab.T * bb)
    return 16 * np.pi**2 * total
