"""From noise to a signal's path means, step by step; descent.js does the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...scattering import ScatteringTransform
from ...sphere.layouts import alm_to_rows, rows_to_alm

MOMENTUM = 0.8
"""What is left of a step in the next one."""

LEAST = 1e-6
"""A smaller mean, of a signal of unit energy, is none."""


class Descent(NamedTuple):
    """Where a descent has come.

    Attributes
    ----------
    alm : array (L(L+1)/2,), complex128
        The signal after the last step.
    errors : array (steps + 1,)
        Root mean square of the relative errors of the path means, before each step and after the
        last.
    """

    alm: NDArray[np.complex128]
    errors: NDArray[np.float64]


def descend(target: NDArray, noise: NDArray, scatter: ScatteringTransform, steps: int) -> Descent:
    r"""Take noise towards the path means of a target, at the target's power spectrum.

    Each degree of the noise is scaled to the energy :math:`E_\ell` of the target's; degree 0 is the
    target's own. Then each step goes down the gradient of the loss

    .. math:: c(f) = \frac{1}{K} \sum_p (r_p - 1)^2, \qquad
              r_p = \langle U[p] f\rangle / \langle U[p] \bar f\rangle

    over the K paths with a mean, and scales each degree to its energy again. In the coordinates
    :math:`z_{\ell m} = f_{\ell m} \sqrt{(2\ell+1)/E_\ell}`, with g the part of the gradient that
    keeps these energies, it goes by v, which becomes :math:`0.8\, v - 0.2\, (c/|g|^2)\, g`: a mean
    over the last steps of Polyak's, :math:`-(c/|g|^2)\, g`, for a loss whose least value is 0.

    Parameters
    ----------
    target, noise : array (L(L+1)/2,), complex
        The target of unit energy.
    scatter : ScatteringTransform
    steps : int
        0: only the spectrum is the target's.
    """
    goal = scatter(target).means()
    paths = [i for i, path in enumerate(scatter.paths) if path and goal[i] > LEAST]
    sphere = _Degrees(target)
    rows = sphere.onto(alm_to_rows(noise))
    errors, velocity = [], np.zeros_like(rows)
    for step in range(steps + 1):
        S, vjp = scatter.vjp(rows_to_alm(rows))
        away = S.means()[paths] / goal[paths] - 1
        loss = float(np.mean(np.square(away))) if paths else 0.0
        errors.append(np.sqrt(loss))
        if step == steps or not loss:
            continue  # the end, or nothing is left to match
        cotangent = np.zeros_like(S.alm)
        cotangent[paths, 0] = 2 * away / goal[paths] / len(paths) / np.sqrt(4 * np.pi)
        slope, square = sphere.slope(rows, alm_to_rows(vjp(cotangent)))
        if square > 0:
            velocity = MOMENTUM * velocity - (1 - MOMENTUM) * loss / square * slope
            rows = sphere.onto(rows + velocity)
    return Descent(rows_to_alm(rows), np.array(errors))


class _Degrees:
    """Signals, as rows, whose degrees have the energies of a target's."""

    def __init__(self, target: NDArray) -> None:
        self._target = alm_to_rows(target)
        self.L = int(np.sqrt(len(self._target)))
        self.ell = np.repeat(np.arange(self.L), 2 * np.arange(self.L) + 1)
        self.energies = self._dot(self._target, self._target)

    def onto(self, rows: NDArray) -> NDArray:
        """Each degree scaled to its energy; degree 0 is the target's."""
        found = self._dot(rows, rows)
        factor = np.sqrt(np.divide(self.energies, found, out=np.zeros(self.L), where=found > 0))
        rows = rows * factor[self.ell]
        rows[0] = self._target[0]
        return rows

    def slope(self, rows: NDArray, gradient: NDArray) -> tuple[NDArray, float]:
        """Of g, as a change of f, and its square."""
        n = 2 * np.arange(self.L) + 1
        along = self._dot(rows, gradient) / n
        slope = (self.energies / n)[self.ell] * gradient - rows * along[self.ell]
        return slope, float(slope @ gradient)

    def _dot(self, a: NDArray, b: NDArray) -> NDArray:
        return np.bincount(self.ell, a * b)
