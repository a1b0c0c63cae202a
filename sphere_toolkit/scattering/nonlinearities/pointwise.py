"""Nonlinearities that act on each sample by itself."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from .engine import Load
from .fused import OnSamples, RootOfSquares


class Pointwise(OnSamples):
    """A nonlinearity that acts on each sample by itself."""

    @abstractmethod
    def rectify(self, samples: NDArray) -> object:
        """Replace real samples, of any shape, in place; anything returned is refused."""

    def slope(self, samples: NDArray) -> NDArray:
        """The derivative at each sample. Only gradients need it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no derivative: give it a method slope(samples)"
        )

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The rectified samples."""
        if self.rectify(load(0, like)) is not None:
            raise TypeError(
                f"rectify of {type(self).__name__} must change the samples in place and return "
                "nothing, as by np.abs(samples, out=samples)"
            )
        return [like]

    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        """See `OnSamples`."""
        return self.slope(values) * cotangents

    def push(self, values: NDArray, tangents: NDArray, n_out: int) -> NDArray:
        """See `OnSamples`."""
        return self.slope(values) * tangents


class Modulus(RootOfSquares):
    r""":math:`|x|`, the nonlinearity of the published network: keeps energy, does not expand.

    Of a signal with spin it is the modulus of the two components.
    """

    name = "modulus"

    def combine(self, load: Load, n_series: int, like: NDArray, n_out: int) -> list[NDArray]:
        """The modulus of real samples, or of the two components of a signal with spin."""
        if n_series > 1:
            return super().combine(load, n_series, like, n_out)
        return [np.abs(load(0, like), out=like)]

    def remembered(self, values: NDArray) -> NDArray:
        """The signs of real samples."""
        return super().remembered(values) if len(values) == 2 else np.sign(values).astype(np.int8)

    def pull(self, values: NDArray, cotangents: NDArray) -> NDArray:
        """See `OnSamples`."""
        if len(values) > 1:
            return super().pull(values, cotangents)
        return np.sign(values) * cotangents


class Square(Pointwise):
    r""":math:`x^2`: exactly equivariant at an oversampling of 2, but neither stable nor linear."""

    name = "square"

    def rectify(self, samples: NDArray) -> None:
        """Square in place."""
        np.square(samples, out=samples)

    def slope(self, samples: NDArray) -> NDArray:
        """Twice the samples."""
        return 2 * samples


class ReLU(Pointwise):
    r""":math:`\max(x, 0)`: half the sum of the signal and of its modulus."""

    name = "relu"

    def rectify(self, samples: NDArray) -> None:
        """Replace negative samples by zero in place."""
        np.maximum(samples, 0, out=samples)

    def slope(self, samples: NDArray) -> NDArray:
        """1 where samples are positive, else 0."""
        return np.where(samples > 0, samples.dtype.type(1), samples.dtype.type(0))
