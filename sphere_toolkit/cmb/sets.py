"""Named sets of simulations: two classes that share an ensemble spectrum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from ..sphere.coefficients import n_coefficients
from .local import LocalNonGaussianity
from .oscillator import oscillator_pixels
from .poisson import poisson_sources
from .spectrum import angular_power_spectrum, gaussian

FIRST_TEST = 10_000_000
"""Number of the first test sky of every set. Training skies count from 0."""

Simulator = Callable[[np.random.Generator], NDArray[np.complex128]]


@dataclass(frozen=True)
class SimulationSet:
    """A named set of simulated skies, without end; made by `simulation_set`.

    Attributes
    ----------
    name : str
    L : int
        Band-limit.
    classes : tuple of str
        Names of the classes; a label is an index into them.
    recipe : str
        How the skies of class 1 are made.
    """

    name: str
    L: int
    recipe: str
    classes: tuple[str, ...]
    _simulators: tuple[Simulator, ...] = field(repr=False)

    @property
    def spectrum(self) -> NDArray[np.float64]:
        r"""The ensemble spectrum :math:`C_\ell` of every class, shape ``(L,)``."""
        return angular_power_spectrum(self.L)

    def label(self, index: int) -> int:
        """Class of sky ``index``: even numbers are Gaussian (0), odd ones are not (1)."""
        return checks.integer("index", index, 0) % len(self.classes)

    def map(self, index: int, seed: int) -> NDArray[np.complex128]:
        """Sky ``index`` of the set with this ``seed``, of class ``label(index)``.

        Returns
        -------
        array (L(L+1)/2,), complex128
            Microkelvin; monopole and dipole are zero. On one machine the bits are the same in
            every order and every process.

        Raises
        ------
        TypeError, ValueError
            ``index`` or ``seed`` is not an integer >= 0.
        """
        return self.simulate(self.label(index), seed, index)

    def simulate(self, label: int, seed: int, index: int) -> NDArray[np.complex128]:
        """A sky of class ``label`` from the random numbers of sky ``index``.

        Skies of both classes with the same ``index`` share their Gaussian part: compare them side
        by side, but do not train on them. Skies of `map` are independent.

        Raises
        ------
        TypeError, ValueError
            ``label`` is not a class, ``index`` or ``seed`` is not an integer >= 0.
        """
        label = checks.integer("label", label, 0, maximum=len(self.classes) - 1)
        index = checks.integer("index", index, 0)
        seed = checks.integer("seed", seed, 0)
        key = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4], "big")
        sequence = np.random.SeedSequence(seed, spawn_key=(key, index))
        return self._simulators[label](np.random.default_rng(sequence))


def simulation_set(name: str) -> SimulationSet:
    """A set of simulations by its name.

    ===================  ====  =======================================================
    name                 L     class 1 (class 0 is Gaussian, of the same spectrum)
    ===================  ====  =======================================================
    ``cmb1024``          1024  `poisson_sources`, f = 0.05, N = 100 000
    ``cmb1024-rocha``    1024  `oscillator_pixels`, alpha3 = 0.085, nside = 512
    ``cmb256-class``     256   `poisson_sources`, f = 0.124, N = 10 000
    ``cmb128-laptop``    128   `poisson_sources`, f = 0.175, N = 2500
    ``fnl256``           256   `LocalNonGaussianity`, f_NL = 100
    ===================  ====  =======================================================

    Parameters
    ----------
    name : str

    Returns
    -------
    SimulationSet

    Raises
    ------
    ValueError
        ``name`` is unknown; the message lists the known names.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> skies = st.cmb.simulation_set("cmb128-laptop")
    >>> skies.L, skies.classes[skies.label(7)], skies.map(7, seed=0).shape
    (128, 'non-Gaussian', (8256,))
    """
    return SETS[checks.choice("name", name, SETS)]


def simulate(
    name: str, n: int, seed: int, *, first: int = 0
) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Skies ``first .. first + n - 1`` of a named set, and their classes.

    Parameters
    ----------
    name : str
        See `simulation_set`.
    n : int
        Number of skies, of all classes together.
    seed : int
    first : int, default 0
        Number of the first sky. Sky ``i`` depends on name, seed and ``i`` only: disjoint ranges
        are independent, and overlapping ranges share skies.

    Returns
    -------
    alm : array (n, L(L+1)/2), complex128
        Microkelvin; monopole and dipole are zero.
    labels : array (n,), int64
        0 (Gaussian, even ``i``) or 1 (non-Gaussian, odd ``i``).

    Raises
    ------
    TypeError, ValueError
        The set is unknown (the message lists the known ones), or a number is out of range.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm, labels = st.cmb.simulate("cmb128-laptop", 4, seed=0)
    >>> alm.shape, labels
    ((4, 8256), array([0, 1, 0, 1]))
    """
    skies = simulation_set(name)
    n, first = checks.integer("n", n, 0), checks.integer("first", first, 0)
    alm = np.empty((n, n_coefficients(skies.L)), np.complex128)
    for row, index in enumerate(range(first, first + n)):
        alm[row] = skies.map(index, seed)
    labels = np.array([skies.label(i) for i in range(first, first + n)], np.int64)
    return alm, labels


def _against_gaussian(
    name: str, L: int, recipe: str, non_gaussian: Simulator, gaussian_class: Simulator | None = None
) -> SimulationSet:
    """A set of two classes; ``gaussian_class`` replaces `gaussian` as the maker of the first."""
    simulators = (gaussian_class or partial(gaussian, L), non_gaussian)
    return SimulationSet(name, L, recipe, ("Gaussian", "non-Gaussian"), simulators)


def _sources(name: str, L: int, f: float, N: int) -> SimulationSet:
    recipe = f"poisson_sources, f={f}, N={N}"
    return _against_gaussian(name, L, recipe, partial(poisson_sources, L, f, N))


def _pixels(name: str, L: int, alpha3: float, nside: int) -> SimulationSet:
    # Gaussian pixels, so that the slight anisotropy of the covariance is the same in both classes.
    same = partial(oscillator_pixels, L, 0.0, nside)
    recipe = f"oscillator_pixels, alpha3={alpha3}, nside={nside}"
    return _against_gaussian(name, L, recipe, partial(oscillator_pixels, L, alpha3, nside), same)


def _local(name: str, L: int, f_nl: float) -> SimulationSet:
    # With f_NL = 0 the scheme gives `gaussian` itself.
    return _against_gaussian(name, L, f"local f_NL={f_nl:g}", partial(_with_f_nl, L, f_nl))


def _with_f_nl(L: int, f_nl: float, rng: np.random.Generator) -> NDArray[np.complex128]:
    alm, quadratic = _local_simulator(L)(rng)
    return alm + f_nl * quadratic


@lru_cache(maxsize=1)
def _local_simulator(L: int) -> LocalNonGaussianity:
    return LocalNonGaussianity(L)


SETS = MappingProxyType(
    {
        skies.name: skies
        for skies in (
            _sources("cmb1024", 1024, f=0.05, N=100_000),
            _pixels("cmb1024-rocha", 1024, alpha3=0.085, nside=512),
            _sources("cmb256-class", 256, f=0.124, N=10_000),
            _sources("cmb128-laptop", 128, f=0.175, N=2500),
            _local("fnl256", 256, f_nl=100.0),
        )
    }
)
