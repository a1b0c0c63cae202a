r"""Signals inside a network: coefficients on the sphere, and vectors of each degree.

A signal on the sphere is ``alm``, complex ``(channels, L(L+1)/2)``, as everywhere in the toolkit.
Inside a network a signal is an `IrrepArray`, which holds a few vectors for each degree. A rotation
multiplies each vector by the Wigner matrix of its degree, the irreducible representation ("irrep")
of that degree. The vectors are real, in the orthonormal real harmonics
:math:`Y_{\ell 0}`, :math:`\sqrt2\,\mathrm{Re}\,Y_{\ell m}` and
:math:`\sqrt2\,\mathrm{Im}\,Y_{\ell m}`. In this basis a rotation acts by a real orthogonal
matrix per degree. A linear map commutes with all rotations if and only if it mixes the vectors of
one degree by real numbers (Schur's lemma). These numbers are what a layer learns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from ...sphere import rotations
from ...sphere.coefficients import band_limit, n_coefficients
from ...sphere.layouts import alm_to_rows, rows_to_alm
from ..registry import register
from . import padded
from .padded import Multiplicities, pack, row_sizes, unpack

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

Signal = TypeVar("Signal")


class IrrepArray(eqx.Module):
    r"""A generalized signal: for each degree a stack of vectors that rotate with the signal.

    Parameters
    ----------
    degrees : sequence of arrays (channels, multiplicity, 2l+1), real
        One array per degree :math:`\ell = 0, 1, \dots, L-1`. The last axis is the order, from
        :math:`-\ell` to :math:`\ell`: for the signal :math:`f_{\ell m}` it holds
        :math:`\sqrt2\,\mathrm{Re} f_{\ell m}` at :math:`m > 0`, :math:`f_{\ell 0}` at 0 and
        :math:`-\sqrt2\,\mathrm{Im} f_{\ell |m|}` at :math:`m < 0`.

    Attributes
    ----------
    rows : array (channels, R), real
        All these numbers in one array: degree by degree, vector by vector, and the orders of
        each. See `from_rows`.
    multiplicities : tuple of int
        Number of vectors per channel in each degree.

    Raises
    ------
    TypeError
        A degree is not real floating-point.
    ValueError
        There is no degree, or one has another number of channels or orders than it should.

    Notes
    -----
    ``multiplicities[l]`` is 1 for a signal on the sphere, :math:`2\min(N-1, \ell)+1` for a signal
    on SO(3) of azimuthal band-limit N (one per order of the filter), and the number of products
    for a tensor product; it may be 0. A batch is an `IrrepArray` whose ``rows`` have one more axis
    in front, as `jax.vmap` makes it.

    Cobb et al. 2021 [cobb2021] call such signals generalized, and the vectors fragments; the real
    basis is ours.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> irreps = st.nn.to_irreps(st.signals.earth_relief(4)[None])
    >>> irreps.L, irreps.channels, irreps.multiplicities
    (4, 1, (1, 1, 1, 1))
    """

    # Gives the padded array. A slot is no part of the tree that JAX sees.
    __slots__ = ("_kept",)

    rows: Float[Array, "... channels rows"]
    multiplicities: Multiplicities = eqx.field(static=True)

    def __init__(self, degrees: Iterable[Any]) -> None:
        arrays = tuple(map(jnp.asarray, degrees))
        if not arrays:
            raise ValueError("an IrrepArray needs at least one degree, got none")
        channels = arrays[0].shape[:1]
        for degree, values in enumerate(arrays):
            if values.ndim != 3 or values.shape[::2] != (*channels, 2 * degree + 1):
                raise ValueError(
                    f"degree {degree} must have shape ({channels[0] if channels else 'channels'}, "
                    f"multiplicity, {2 * degree + 1}), got {values.shape}"
                )
            if not jnp.issubdtype(values.dtype, jnp.floating):
                raise TypeError(f"degree {degree} must be real, got dtype {values.dtype}")
        flat = [values.reshape(values.shape[0], -1) for values in arrays]
        self.rows = jnp.concatenate(flat, axis=-1)
        self.multiplicities = tuple(values.shape[1] for values in arrays)

    @classmethod
    def from_rows(
        cls, rows: Float[Array, "... channels rows"], multiplicities: Multiplicities
    ) -> IrrepArray:
        """An `IrrepArray` of numbers that are in one array already.

        Compiled programs have fewer operations with one array than with one per degree.

        Parameters
        ----------
        rows : array (..., channels, R), real
            With one more axis in front it makes a batch.
        multiplicities : tuple of int
            R must be the sum of ``multiplicities[l] * (2l+1)``.

        Raises
        ------
        ValueError
            R is not that sum.
        """
        expected = sum(row_sizes(multiplicities))
        if rows.shape[-1] != expected:
            raise ValueError(
                f"multiplicities {multiplicities} have {expected} rows, got shape {rows.shape}"
            )
        made = object.__new__(cls)
        object.__setattr__(made, "rows", rows)
        object.__setattr__(made, "multiplicities", multiplicities)
        return made

    @classmethod
    def from_padded(
        cls,
        padded: Float[Array, "... L channels vectors orders"],
        multiplicities: Multiplicities,
    ) -> IrrepArray:
        """The inverse of `padded` for all degrees.

        The padded array is kept beside the rows for the next linear layer. If a program uses only
        one of the two, the compiler removes the other.
        """
        return cls.from_rows(unpack(padded, multiplicities), multiplicities)._with(lambda: padded)

    def padded(self, L: int) -> Float[Array, "... L channels vectors orders"]:
        """Degrees below L as one array, padded with zeros; see `pack` in ``padded.py``."""
        multiplicities = self.multiplicities[:L]
        kept = getattr(self, "_kept", None)
        if kept is None:
            return pack(self.rows[..., : sum(row_sizes(multiplicities))], multiplicities)
        every, vectors, dropped = kept(), max(1, *multiplicities), self.L - L
        first = every.shape[-2] // 2 - vectors // 2
        return every[..., :L, :, first : first + vectors, dropped : dropped + 2 * L - 1]

    def __reduce__(self) -> tuple[Any, ...]:
        return IrrepArray.from_rows, (self.rows, self.multiplicities)  # without what is kept

    def _with(self, padded: Callable[[], jax.Array]) -> IrrepArray:
        object.__setattr__(self, "_kept", padded)
        return self

    @property
    def degrees(self) -> tuple[Float[Array, "... channels multiplicity orders"], ...]:
        """One array (channels, multiplicity, 2l+1) per degree."""
        parts = jax.lax.split(self.rows, row_sizes(self.multiplicities), axis=self.rows.ndim - 1)
        return tuple(
            part.reshape(*part.shape[:-1], count, 2 * degree + 1)
            for degree, (part, count) in enumerate(zip(parts, self.multiplicities, strict=True))
        )

    @property
    def L(self) -> int:
        """Band-limit: the degrees run from 0 to L-1."""
        return len(self.multiplicities)

    @property
    def channels(self) -> int:
        """Number of channels, the same in every degree."""
        return self.rows.shape[-2]


def so3_multiplicities(L: int, N: int) -> Multiplicities:
    """``multiplicities`` of a signal on SO(3) with band-limit L and azimuthal band-limit N."""
    return tuple(2 * min(N - 1, degree) + 1 for degree in range(L))


@register
def to_irreps(alm: Complex[Array, "channels coefficients"]) -> IrrepArray:
    """A signal on the sphere as an `IrrepArray` with one vector per degree and channel.

    Parameters
    ----------
    alm : array (channels, L(L+1)/2), complex
        Real signals, unit kept.

    Returns
    -------
    IrrepArray
        ``multiplicities`` all 1; the norm of each degree is that of the signal.

    Raises
    ------
    TypeError
        ``alm`` is not complex, or is `IrrepArray` already.
    ValueError
        ``alm`` has no channel axis or no valid length.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(8)[None]
    >>> back = st.nn.to_alm(st.nn.to_irreps(alm))
    >>> bool(abs(back - alm).max() < 1e-6 * abs(alm).max())  # single precision
    True
    """
    check_alm(alm)
    alm = jnp.asarray(alm)
    irreps = IrrepArray.from_rows(padded.alm_to_rows(alm), (1,) * band_limit(alm))
    return irreps._with(lambda: padded.alm_to_padded(alm))


@register
def to_alm(signal: IrrepArray) -> Complex[Array, "channels coefficients"]:
    """IrrepArray of a signal on the sphere as ``alm``: the inverse of `to_irreps`.

    Parameters
    ----------
    signal : IrrepArray
        ``multiplicities`` all 1.

    Returns
    -------
    array (channels, L(L+1)/2), complex

    Raises
    ------
    TypeError
        ``signal`` is something else.
    ValueError
        A degree does not have exactly one vector per channel, as a signal on the sphere has.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> st.nn.to_alm(st.nn.to_irreps(st.signals.earth_relief(8)[None])).shape
    (1, 36)
    """
    check_irreps(signal)
    check_multiplicities(signal, (1,) * signal.L)
    kept = getattr(signal, "_kept", None)
    return padded.rows_to_alm(signal.rows) if kept is None else padded.padded_to_alm(kept())


def rotate(signal: Signal, rotation: Rotation) -> Signal:
    r"""The rotated signal, ``alm`` or `IrrepArray`, computed outside JAX in double precision.

    Every vector of an `IrrepArray` rotates like the coefficients of its degree; for a signal on
    SO(3) that is :math:`(R f)(Q) = f(R^{-1} Q)`.

    Parameters
    ----------
    signal : array (channels, L(L+1)/2) or IrrepArray
    rotation : scipy.spatial.transform.Rotation
        A single rotation.

    Returns
    -------
    The same kind of signal, in its own precision.

    Raises
    ------
    TypeError, ValueError
        As `sphere_toolkit.rotate`; ``rotation`` is a stack.

    Notes
    -----
    Exact, see `sphere_toolkit.rotate`.

    Examples
    --------
    >>> from scipy.spatial.transform import Rotation
    >>> import sphere_toolkit as st
    >>> alm, R = st.signals.earth_relief(8)[None], Rotation.from_euler("x", 1)
    >>> st.nn.rotate(st.nn.to_irreps(alm), R).L
    8
    """
    if not getattr(rotation, "single", True):
        raise ValueError(f"rotation must be a single one, got a stack of {len(rotation)}")
    if not isinstance(signal, IrrepArray):
        alm = np.asarray(signal)
        return jax.device_put(rotations.rotate(alm, rotation).astype(alm.dtype))
    # In NumPy, because JAX would compile a program for each tuple of multiplicities. The k-th
    # vectors of all degrees make one signal; a degree that has no k-th vector is zero in it.
    channels, multiplicities = signal.channels, signal.multiplicities
    flat = np.asarray(signal.rows)
    parts = np.split(flat, np.cumsum(row_sizes(multiplicities))[:-1], axis=-1)
    rows = np.zeros((channels, max(multiplicities), signal.L**2))
    for ell, (part, count) in enumerate(zip(parts, multiplicities, strict=True)):
        rows[:, :count, ell**2 : (ell + 1) ** 2] = part.reshape(channels, count, 2 * ell + 1)
    turned = alm_to_rows(rotations.rotate(rows_to_alm(rows), rotation))
    parts = [
        turned[:, :count, ell**2 : (ell + 1) ** 2].reshape(channels, count * (2 * ell + 1))
        for ell, count in enumerate(multiplicities)
    ]
    together = np.concatenate(parts, axis=-1).astype(flat.dtype)
    return IrrepArray.from_rows(jax.device_put(together), multiplicities)  # type: ignore[return-value]


# --- what layers ask of their input ---------------------------------------------------------


def check_alm(alm: Any, channels: int | None = None, L: int | None = None) -> None:
    """Raise unless ``alm`` is complex ``(channels, n_coefficients(L))``."""
    if isinstance(alm, IrrepArray):
        raise TypeError("expected alm of a signal on the sphere, got IrrepArray: see nn.to_alm")
    shape = jnp.shape(alm)
    wanted = (
        f"({channels or 'channels'}, {n_coefficients(L) if L else 'L(L+1)/2'})"
        f"{f' (band-limit {L})' if L else ''}"
    )
    if not jnp.issubdtype(jnp.result_type(alm), jnp.complexfloating):
        raise TypeError(
            f"alm must be complex, got {jnp.result_type(alm)} of shape {shape}, expected shape "
            f"{wanted}: alm of samples on a grid is st.forward(samples, grid)"
        )
    if len(shape) == 1:
        raise ValueError(f"alm must have shape {wanted}, got {shape}: alm[None] is one channel")
    if len(shape) != 2:
        raise ValueError(f"alm must have shape {wanted}, got {shape}; jax.vmap takes batches")
    if (channels and shape[0] != channels) or (L and shape[1] != n_coefficients(L)):
        raise ValueError(f"alm must have shape {wanted}, got {shape}")


def check_irreps(
    signal: Any, channels: int | None = None, multiplicities: Multiplicities | None = None
) -> None:
    """Raise unless ``signal`` is `IrrepArray` with these channels and multiplicities."""
    if not isinstance(signal, IrrepArray):
        raise TypeError(f"expected IrrepArray, got {type(signal).__name__}: see nn.to_irreps")
    if channels is not None and signal.channels != channels:
        raise ValueError(f"expected {channels} channels, got {signal.channels}")
    if multiplicities is not None:
        check_multiplicities(signal, multiplicities)


def check_multiplicities(signal: IrrepArray, multiplicities: Multiplicities) -> None:
    """Raise unless ``signal`` has these numbers of vectors per degree."""
    if signal.multiplicities != multiplicities:
        raise ValueError(
            f"expected {len(multiplicities)} degrees with multiplicities {multiplicities}, "
            f"got {signal.L} degrees with multiplicities {signal.multiplicities}"
        )
