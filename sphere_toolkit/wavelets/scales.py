"""The scales of a bank of wavelets: their windows and the degrees on which they live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor

import numpy as np
from numpy.typing import NDArray

from .._util import checks
from .windows import exclusive_limit, finest_scale, generating_function


class Scales:
    """What every bank has: scales, the windows on the degrees, and comparison by parameters.

    A bank is what one of its subclasses makes of it, which describe the parameters.
    """

    def __init__(self, L: int, J_min: int = 0, lam: float = 2.0) -> None:
        self.L = checks.integer("L", L, 1)
        self.lam = checks.real("lam", lam, above=1.0)
        self.J = finest_scale(self.L, self.lam)
        self.J_min = checks.integer(
            "J_min", J_min, 0, maximum=self.J, given=f"L={self.L} and lam={self.lam:g}",
            has_default=True,
        )  # fmt: skip
        self.scales = tuple(range(self.J_min, self.J + 1))
        self.scaling_band_limit = exclusive_limit(self.lam**self.J_min, self.L)
        falling = {j: generating_function(np.arange(self.L) / self.lam**j, self.lam)
                   for j in range(self.J_min, self.J + 2)}  # fmt: skip
        self.scaling = frozen(np.sqrt(falling[self.J_min][0]))
        self._windows = {}
        for j in self.scales:
            # Below lam^j the window is 1 - k, above it is k. Each comes from its own integral, so
            # that small values are accurate too.
            rising = falling[j][1]
            upper = np.arange(self.L) >= self.lam**j
            self._windows[j] = frozen(np.sqrt(np.where(upper, falling[j + 1][0], rising)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scales):
            return NotImplemented
        return self._parameters == other._parameters

    def __hash__(self) -> int:
        return hash(self._parameters)

    @property
    def _parameters(self) -> tuple[object, ...]:
        return type(self), self.L, self.J_min, self.lam

    def __len__(self) -> int:
        return len(self.scales)

    def __iter__(self) -> Iterator[int]:
        return iter(self.scales)

    def support(self, j: int) -> tuple[float, float]:
        r"""The open interval :math:`(\lambda^{j-1}, \lambda^{j+1})` of degrees of scale ``j``."""
        j = self._scale(j)
        return self.lam ** (j - 1), self.lam ** (j + 1)

    def band_limit(self, j: int) -> int:
        """The band-limit of the coefficients of scale ``j``, at most ``L``."""
        return exclusive_limit(self.support(j)[1], self.L)

    def band(self, j: int) -> tuple[int, int]:
        """The degrees that scale ``j`` lets pass: the first, and the one after the last."""
        return floor(self.support(j)[0] * (1 + 1e-12)) + 1, self.band_limit(j)

    def _described(self, parameters: str) -> str:
        lines = [
            f"{type(self).__name__}({parameters}): "
            f"scaling ell < {self.scaling_band_limit}, scales {self.J_min}..{self.J}"
        ]
        for j in self.scales:
            lower, upper = self.support(j)
            lines.append(f"  j={j}: {lower:.4g} < ell < {min(upper, self.L):.4g}")
        return "\n".join(lines)

    def _scale(self, j: int) -> int:
        return checks.choice("scale", j, self.scales)

    def _check_scales(self, wavelets: Mapping[int, NDArray]) -> None:
        if set(wavelets) != set(self.scales):
            raise ValueError(
                f"coefficients must hold the scales {list(self.scales)}, got {sorted(wavelets)}"
            )


def frozen(array: NDArray) -> NDArray:
    """``array`` itself, read-only from now on."""
    array.flags.writeable = False
    return array
