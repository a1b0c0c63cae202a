r"""Signals inside a network: coefficients on the sphere, and fragments by degree.

On the sphere a signal is ``alm``, complex ``(channels, L(L+1)/2)``, as everywhere in the
toolkit. What a network makes of it lives in `Fragments`: for each degree a few vectors, each of
which turns with the Wigner matrix of its degree. Fragments are real numbers, in the orthonormal
real harmonics :math:`Y_{\ell 0}`, :math:`\sqrt2\,\mathrm{Re}\,Y_{\ell m}` and
:math:`\sqrt2\,\mathrm{Im}\,Y_{\ell m}`. In this basis a rotation acts by a real orthogonal
matrix per degree, and a linear map commutes with all of them just when it mixes the vectors of
one degree by real numbers (Schur's lemma): those numbers are what a layer learns.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..sphere import rotations
from ..sphere.coefficients import band_limit, degrees, n_coefficients, orders
from ._registry import register

if TYPE_CHECKING:
    from scipy.spatial.transform import Rotation

Signal = TypeVar("Signal")
AnyArray = TypeVar("AnyArray", jax.Array, NDArray)


class Fragments(eqx.Module):
    r"""A generalized signal: for each degree a stack of vectors that turn with the signal.

    Parameters
    ----------
    degrees : sequence of arrays (channels, types_l, 2l+1), real
        One array per degree :math:`\ell = 0, 1, \dots, L-1`. The last axis is the order, from
        :math:`-\ell` to :math:`\ell`: for the signal :math:`f_{\ell m}` it holds
        :math:`\sqrt2\,\mathrm{Re} f_{\ell m}` at :math:`m > 0`, :math:`f_{\ell 0}` at 0 and
        :math:`-\sqrt2\,\mathrm{Im} f_{\ell |m|}` at :math:`m < 0`.

    Attributes
    ----------
    rows : array (channels, R), real
        All these numbers in one array: degree by degree, type by type, and the orders of each.
        See `from_rows`.
    types : tuple of int
        Number of vectors per channel in each degree.

    Raises
    ------
    TypeError
        A degree is not real floating-point.
    ValueError
        There is no degree, or one has another number of channels or orders than it should.

    Notes
    -----
    ``types[l]`` is 1 for a signal on the sphere, :math:`2\min(N-1, \ell)+1` for a signal on SO(3)
    of azimuthal band-limit N (one per order of the filter), and as many as there are products for
    a tensor product; it may be 0. A batch is a `Fragments` whose ``rows`` have one more axis in
    front, as `jax.vmap` makes it.

    The name and the notion are those of Cobb et al. 2021 [cobb2021]; the real basis is ours.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> fragments = st.nn.to_fragments(st.signals.earth_relief(4)[None])
    >>> fragments.L, fragments.channels, fragments.types
    (4, 1, (1, 1, 1, 1))
    """

    rows: jax.Array
    types: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, degrees: Iterable[Any]) -> None:
        arrays = tuple(map(jnp.asarray, degrees))
        if not arrays:
            raise ValueError("fragments need at least one degree, got none")
        channels = arrays[0].shape[:1]
        for degree, values in enumerate(arrays):
            if values.ndim != 3 or values.shape[::2] != (*channels, 2 * degree + 1):
                raise ValueError(
                    f"degree {degree} must have shape ({channels[0] if channels else 'channels'}, "
                    f"types, {2 * degree + 1}), got {values.shape}"
                )
            if not jnp.issubdtype(values.dtype, jnp.floating):
                raise TypeError(f"degree {degree} must be real, got dtype {values.dtype}")
        flat = [values.reshape(values.shape[0], -1) for values in arrays]
        self.rows = jnp.concatenate(flat, axis=-1)
        self.types = tuple(values.shape[1] for values in arrays)

    @classmethod
    def from_rows(cls, rows: jax.Array, types: tuple[int, ...]) -> Fragments:
        """Fragments of numbers that lie in one array already.

        One array instead of L of them: compiled programs have that many operations fewer.

        Parameters
        ----------
        rows : array (..., channels, R), real
            With one more axis in front it makes a batch.
        types : tuple of int
            R must be the sum of ``types[l] * (2l+1)``.

        Raises
        ------
        ValueError
            R is another number.
        """
        expected = sum(row_sizes(types))
        if rows.shape[-1] != expected:
            raise ValueError(f"types {types} have {expected} rows, got shape {rows.shape}")
        made = object.__new__(cls)
        object.__setattr__(made, "rows", rows)
        object.__setattr__(made, "types", types)
        return made

    @property
    def degrees(self) -> tuple[jax.Array, ...]:
        """One array (channels, types_l, 2l+1) per degree."""
        parts = jax.lax.split(self.rows, row_sizes(self.types), axis=self.rows.ndim - 1)
        return tuple(
            part.reshape(*part.shape[:-1], count, 2 * degree + 1)
            for degree, (part, count) in enumerate(zip(parts, self.types, strict=True))
        )

    @property
    def L(self) -> int:
        """Band-limit: the degrees run from 0 to L-1."""
        return len(self.types)

    @property
    def channels(self) -> int:
        """Number of channels, the same in every degree."""
        return self.rows.shape[-2]


def row_sizes(types: tuple[int, ...]) -> list[int]:
    """How many rows each degree has."""
    return [count * (2 * degree + 1) for degree, count in enumerate(types)]


def so3_types(L: int, N: int) -> tuple[int, ...]:
    """``types`` of a signal on SO(3) with band-limit L and azimuthal band-limit N."""
    return tuple(2 * min(N - 1, degree) + 1 for degree in range(L))


# --- between alm and rows -------------------------------------------------------------------
# Rows: the real numbers of all degrees one after another, at l*l + l + m for the orders -l..l.


@cache
def _places(L: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The row of the real part of each coefficient of ``alm``, and that of its imaginary part."""
    # JAX remembers constants by identity: int64 of one precision would come back in another.
    ell, m = degrees(L).astype(np.int32), orders(L).astype(np.int32)
    return ell * ell + ell + m, ell * ell + ell - m


def alm_to_rows(alm: AnyArray) -> AnyArray:
    """``alm`` (..., L(L+1)/2) as real rows (..., L*L). NumPy stays NumPy, JAX stays JAX."""
    L = band_limit(alm)
    real, imaginary = _places(L)
    source = np.empty(L * L, dtype=np.int64)
    source[imaginary] = np.arange(imaginary.size) + real.size
    source[real] = np.arange(real.size)  # order 0 has both places in one: its real part stays
    factor = np.full(L * L, np.sqrt(2))
    factor[imaginary] *= -1
    factor[real[:L]] = 1
    parts = alm.__array_namespace__().concatenate([alm.real, alm.imag], axis=-1)
    return parts[..., source] * factor.astype(parts.dtype)


def rows_to_alm(rows: AnyArray) -> AnyArray:
    """Real rows (..., L*L) as ``alm`` (..., L(L+1)/2): the inverse of `alm_to_rows`."""
    L = int(np.sqrt(rows.shape[-1]))
    real, imaginary = _places(L)
    order_0 = orders(L) == 0
    plus = np.where(order_0, 1, np.sqrt(0.5)).astype(rows.dtype)
    minus = np.where(order_0, 0, -np.sqrt(0.5)).astype(rows.dtype)
    return rows[..., real] * plus + 1j * (rows[..., imaginary] * minus)


@register
def to_fragments(alm: jax.Array) -> Fragments:
    """A signal on the sphere as fragments, one of each degree per channel.

    Parameters
    ----------
    alm : array (channels, L(L+1)/2), complex
        Real signals, unit kept.

    Returns
    -------
    Fragments
        ``types`` all 1; the norm of each degree is that of the signal.

    Raises
    ------
    TypeError
        ``alm`` is not complex, or is `Fragments` already.
    ValueError
        ``alm`` has no channel axis or no valid length.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> alm = st.signals.earth_relief(8)[None]
    >>> back = st.nn.to_alm(st.nn.to_fragments(alm))
    >>> bool(abs(back - alm).max() < 1e-6 * abs(alm).max())  # single precision
    True
    """
    check_alm(alm)
    return Fragments.from_rows(alm_to_rows(jnp.asarray(alm)), (1,) * band_limit(alm))


@register
def to_alm(fragments: Fragments) -> jax.Array:
    """Fragments of a signal on the sphere as ``alm``: the inverse of `to_fragments`.

    Parameters
    ----------
    fragments : Fragments
        ``types`` all 1.

    Returns
    -------
    array (channels, L(L+1)/2), complex

    Raises
    ------
    TypeError
        ``fragments`` is something else.
    ValueError
        Some degree has not one vector per channel: that is no signal on the sphere.
    """
    check_fragments(fragments)
    check_types(fragments, (1,) * fragments.L)
    return rows_to_alm(fragments.rows)


def rotate(signal: Signal, rotation: Rotation) -> Signal:
    r"""The rotated signal, ``alm`` or `Fragments`, computed outside JAX in double precision.

    Every vector of a fragment turns like the coefficients of its degree; for a signal on SO(3)
    that is :math:`(R f)(Q) = f(R^{-1} Q)`.

    Parameters
    ----------
    signal : array (channels, L(L+1)/2) or Fragments
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
    Exact: see `sphere_toolkit.rotate`, which does it.
    """
    if not getattr(rotation, "single", True):
        raise ValueError(f"rotation must be a single one, got a stack of {len(rotation)}")
    if not isinstance(signal, Fragments):
        alm = np.asarray(signal)
        return jnp.asarray(rotations.rotate(alm, rotation).astype(alm.dtype))  # type: ignore[return-value]
    # In NumPy, or each number of types would be compiled for itself. The k-th vectors of all
    # degrees make one signal; where a degree has none there is zero.
    channels, types = signal.channels, signal.types
    flat = np.asarray(signal.rows)
    parts = np.split(flat, np.cumsum(row_sizes(types))[:-1], axis=-1)
    rows = np.zeros((channels, max(types), signal.L**2))
    for ell, (part, count) in enumerate(zip(parts, types, strict=True)):
        rows[:, :count, ell**2 : (ell + 1) ** 2] = part.reshape(channels, count, 2 * ell + 1)
    turned = alm_to_rows(rotations.rotate(rows_to_alm(rows), rotation))
    parts = [
        turned[:, :count, ell**2 : (ell + 1) ** 2].reshape(channels, count * (2 * ell + 1))
        for ell, count in enumerate(types)
    ]
    together = np.concatenate(parts, axis=-1).astype(flat.dtype)
    return Fragments.from_rows(jnp.asarray(together), types)  # type: ignore[return-value]


# --- what layers ask of their input ---------------------------------------------------------


def real_dtype(dtype: DTypeLike) -> np.dtype:
    """``dtype`` of a layer as float32 or float64.

    Raises
    ------
    ValueError
        It is another, or float64 while JAX runs in single precision.
    """
    found = np.dtype(dtype)
    if found not in (np.dtype("float32"), np.dtype("float64")):
        raise ValueError(f"dtype must be float32 or float64, got {found}")
    if jax.dtypes.canonicalize_dtype(found) != found:
        raise ValueError(
            "dtype float64 needs JAX in double precision: use jax.enable_x64() or "
            "jax.config.update('jax_enable_x64', True)"
        )
    return found


def check_alm(alm: Any, channels: int | None = None, L: int | None = None) -> None:
    """Raise unless ``alm`` is complex ``(channels, n_coefficients(L))``."""
    if isinstance(alm, Fragments):
        raise TypeError("expected alm of a signal on the sphere, got Fragments: see nn.to_alm")
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


def check_fragments(
    signal: Any, channels: int | None = None, types: tuple[int, ...] | None = None
) -> None:
    """Raise unless ``signal`` is `Fragments` with these channels and types."""
    if not isinstance(signal, Fragments):
        raise TypeError(f"expected Fragments, got {type(signal).__name__}: see nn.to_fragments")
    if channels is not None and signal.channels != channels:
        raise ValueError(f"expected {channels} channels, got {signal.channels}")
    if types is not None:
        check_types(signal, types)


def check_types(signal: Fragments, types: tuple[int, ...]) -> None:
    """Raise unless ``signal`` has these numbers of vectors per degree."""
    if signal.types != types:
        raise ValueError(
            f"expected {len(types)} degrees with types {types}, "
            f"got {signal.L} degrees with types {signal.types}"
        )
