"""Signals drawn from their scattering coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any, NamedTuple

import numpy as np
import scipy  # its parts take 0.3 s to load, when they are first used
from numpy.typing import ArrayLike, NDArray

from ..._util import checks
from ..._util.progress import bar
from ..._util.threads import each
from ...sphere.layouts import alm_to_rows, rows_to_alm
from ..coefficients import ScatteringCoefficients
from ..transform import ScatteringTransform
from .statistics import STATISTICS, Statistic, averaged
from .targets import rows_to_start_from, target_of

# Degrees of the noise without power could never be moved: this share of the largest is the least.
_FLOOR = 1e-12
# Steps that L-BFGS remembers, if they fit into so many bytes for each signal.
_MEMORY, _LEAST_MEMORY = 100, 20
_ROOM = 1 << 28


@dataclass(frozen=True)
class SynthesisHistory:
    """How the loss of each signal fell; `plot.losses` draws it.

    Attributes
    ----------
    losses : tuple of arrays
        For each signal the loss before the first step and after each.
    interrupted : bool
        Whether Ctrl-C ended it before its time.
    """

    losses: tuple[NDArray[np.float64], ...]
    interrupted: bool = False

    def __repr__(self) -> str:
        first, last = (np.median([loss[i] for loss in self.losses]) for i in (0, -1))
        steps = max(len(loss) for loss in self.losses) - 1
        text = f"<SynthesisHistory: loss {first:.3g} to {last:.3g} in {steps} steps"
        return text + (", interrupted>" if self.interrupted else ">")


class Synthesis(NamedTuple):
    """What `synthesise` returns.

    Attributes
    ----------
    alm : array (L(L+1)/2,), or (n, L(L+1)/2)
    history : SynthesisHistory
    """

    alm: NDArray[np.complex128]
    history: SynthesisHistory


def synthesise(
    target: ArrayLike | ScatteringCoefficients,
    scatter: ScatteringTransform | Sequence[ScatteringTransform],
    *,
    seed: checks.Seed = None,
    match: str = "means",
    spectrum: ArrayLike | None = None,
    n: int | None = None,
    steps: int = 200,
    start: ArrayLike | None = None,
    progress: bool = False,
) -> Synthesis:
    r"""Signals whose scattering coefficients have the statistics of a target, drawn from noise.

    Gaussian noise f with the spectrum of the target is changed by the method of L-BFGS until the
    loss

    .. math:: c(f) = \frac{1}{K} \sum_{k=1}^{K} \Big(
              \frac{\phi_k(S f) - \bar\phi_k}{\sigma_k} \Big)^2

    is small. Here :math:`\phi_k` are K statistics of the coefficient maps :math:`S f`,
    :math:`\bar\phi_k` what they are for the target, averaged over its signals, and
    :math:`\sigma_k` their sizes, which ``match`` tells.

    Parameters
    ----------
    target : array (..., L(L+1)/2), complex, or ScatteringCoefficients
        One signal or several; or their coefficients, which need ``spectrum``.
    scatter : ScatteringTransform, or a list of them
        With ``directions`` or without, of any nonlinearity. The losses of several are averaged.
    seed : int or numpy.random.Generator, optional
    match : {"means", "moments", "covariances", "even covariances", "maps"}
        ``"means"``: the mean of each path's coefficient map; its size is the map's RMS.
        ``"moments"``: these, and the variance of each map over the sphere; the size is the
        target's variance.
        ``"covariances"``: these, and the covariances between the maps of all pairs of paths; the
        size is the product of both standard deviations.
        ``"even covariances"``: without those of path ``()`` with the others, which are odd (below).
        ``"maps"``: the maps themselves, coefficient by coefficient, so that the signal gets the
        target's large structures in their places; the size is the map's RMS.
    spectrum : array (L,), optional
        Ensemble power spectrum of the noise to start from; the mean spectrum of the target by
        default. In the descent each degree is measured in units of its root.
    n : int, optional
        Number of signals, drawn side by side; by default a single one, without a batch axis.
    steps : int, default 200
        At most so many steps for each signal; fewer where no step lowers the loss any more.
    start : array ([n,] L(L+1)/2), optional
        Signals to go on from in place of noise, such as those that an earlier call returned.
    progress : bool, default False
        Show a bar.

    Returns
    -------
    Synthesis
        The signals and the history of their losses.

    Raises
    ------
    TypeError, ValueError
        The target does not fit the transform, or has no energy; coefficients come without
        ``spectrum`` or with several transforms; transforms differ in L; ``match`` is unknown;
        ``start`` has another shape.

    Notes
    -----
    Ctrl-C ends the work and returns the signals as they are then, with ``history.interrupted``.
    Between two calls L-BFGS forgets its estimate of the curvature, so the first steps from a
    ``start`` gain less than steps without the break.

    Only what ``match`` names is matched. The spectrum is that of the start, and nothing holds it
    during the descent: the lowest degrees may end far from it.

    Covariances need more steps than means: they are more, and less alike. For the relief at L = 32
    with J_min = 2 the singular values of the derivative of the 77 covariances and means have a
    ratio of 65, of the 11 means alone of 22, and the curvatures of the loss those squared. L-BFGS
    knows the curvature in as many directions as it remembers steps. So it remembers 100; above
    L = 409 as many as fit into 256 MiB for each signal, and at least 20. With 20 the loss of the
    covariances is a thousand times larger after 60 steps at L = 16
    (``tests/scattering/test_synthesis.py``).

    The modulus, the envelope and the root mean square do not tell f from -f, so no mean but that
    of path ``()`` changes with the sign of the signal. Of the covariances those of path ``()`` with
    the other images are odd: they change their sign with the signal. They are

    .. math:: \langle f \star \Phi,\; |f \star \Psi_j| \star \Phi \rangle \quad \text{and so on,}

    and see the degrees below :math:`\lambda^{J_{min}}`. So a skewed signal needs
    ``match="covariances"`` and a large ``J_min``, and the coarse scales a small one: give several
    transforms, with ``J_min`` from 2 up to the finest scale. Together they see every coarse scale
    :math:`j'` of the signal with the modulus at every finer scale :math:`j \ge J_{min} > j'`: what
    Cheng et al. 2024 take from a single transform
    (``benchmarks/results/synthesis.json`` has what that brings, and what is left without the odd
    ones).

    With statistics that do not change when a signal is turned (all but ``"maps"``), the signals
    are statistically isotropic, because the start is and the descent turns with it. But not all
    signals with the same statistics are equally likely. Chapter 14 explains this. Mousset et al.
    2024 draw signals on the sphere in this way, from covariances of directional scattering.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter = st.ScatteringTransform(32, J_min=2, nonlinearity="envelope")
    >>> relief = st.signals.earth_relief(32)
    >>> alm, history = st.scattering.synthesise(relief, scatter, seed=0, steps=50)
    >>> bool(history.losses[0][-1] < 1e-5 * history.losses[0][0])
    True
    """
    transforms = _transforms(scatter)
    statistic = STATISTICS[checks.choice("match", match, STATISTICS)]
    steps = checks.integer("steps", steps, 1)
    S, spectrum = target_of(target, transforms, spectrum)
    scale = np.sqrt(np.maximum(spectrum, _FLOOR * spectrum.max()))
    z = rows_to_start_from(start, transforms[0].L, scale, seed, n)
    n_threads = max(one.n_threads for one in transforms)
    if len(z) > 1:
        transforms = [one.with_threads(1) for one in transforms]
    loss = _Loss(statistic, S, transforms, scale)
    with bar(progress, len(z) * steps, "synthesis") as tick:
        history = _descend(loss, z, steps, n_threads, tick)
    alone = n is None and (start is None or np.ndim(start) == 1)
    return Synthesis(loss.signal(z[0] if alone else z), history)


class _Loss:
    """The loss and its gradient as functions of a signal's rows, each divided by its RMS."""

    def __init__(
        self,
        statistic: Statistic,
        S: Sequence[ScatteringCoefficients],
        transforms: Sequence[ScatteringTransform],
        scale: NDArray,
    ) -> None:
        self._statistic, self._transforms = statistic, transforms
        self._scale = np.repeat(scale, 2 * np.arange(transforms[0].L) + 1)
        self._goals = [_goal(statistic, of) for of in S]

    def signal(self, z: NDArray) -> NDArray[np.complex128]:
        """The coefficients of a signal from its rows, or of many."""
        return rows_to_alm(z * self._scale)

    def __call__(self, z: NDArray) -> tuple[float, NDArray]:
        alm = self.signal(z)
        loss, gradient = 0.0, np.zeros_like(alm)
        for scatter, (goal, weight) in zip(self._transforms, self._goals, strict=True):
            S, vjp = scatter.vjp(alm)
            value, pull = self._statistic.of(S.alm)
            away = (value - goal) * weight
            loss += float(np.mean(np.square(away)))
            gradient += vjp(pull(2 * away * weight / away.size))
        n = len(self._transforms)
        return loss / n, alm_to_rows(gradient / n) * self._scale


def _goal(statistic: Statistic, S: ScatteringCoefficients) -> tuple[NDArray, NDArray]:
    """What a statistic shall be, and one over its size."""
    goal, size = averaged(statistic, S)
    return goal, np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)


def _transforms(scatter: Any) -> list[ScatteringTransform]:
    transforms = list(scatter) if isinstance(scatter, (list, tuple)) else [scatter]
    for one in transforms:
        checks.instance("scatter", one, ScatteringTransform)
    if len({one.L for one in transforms}) != 1:
        raise ValueError(
            f"scatter must hold transforms of one band-limit, got L={[one.L for one in transforms]}"
        )
    return transforms


def _memory(n: int) -> int:
    """Steps to remember of ``n`` unknowns: two vectors for each."""
    return min(_MEMORY, max(_LEAST_MEMORY, _ROOM // (16 * n)))


def _descend(
    loss: _Loss, z: NDArray, steps: int, n_threads: int, tick: Callable[[], object]
) -> SynthesisHistory:
    """Replace the rows of each signal by those that L-BFGS finds."""
    losses: list[list[float]] = [[] for _ in z]
    stop = Event()

    def one(i: int) -> None:
        losses[i].append(loss(z[i])[0])

        def keep(intermediate_result: Any) -> None:
            z[i] = intermediate_result.x
            losses[i].append(float(intermediate_result.fun))
            tick()
            if stop.is_set():
                raise StopIteration

        options = {
            "maxiter": steps,
            "maxfun": 20 * steps,
            "maxcor": _memory(z.shape[1]),
            "ftol": 0,
            "gtol": 0,
        }
        try:
            scipy.optimize.minimize(
                loss, z[i], jac=True, method="L-BFGS-B", callback=keep, options=options
            )
        except BaseException:
            stop.set()  # the other threads end at their next step
            raise

    with suppress(KeyboardInterrupt):
        each(one, len(z), n_threads)
    return SynthesisHistory(tuple(np.array(values) for values in losses), stop.is_set())
