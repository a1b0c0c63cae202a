"""The tensor-product activation: an exactly equivariant nonlinearity."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from ..._util import checks
from ..math import products
from ..math.clebsch_gordan import MIXINGS, Products, count_terms, mixing_set, tensor_products
from ..math.irreps import IrrepArray, check_irreps
from ..registry import register


@register
class TensorProductActivation(eqx.Module):
    r"""Products of the degrees of a signal with each other, channel by channel, without parameters.

    .. math:: g^{(\ell_1 \ell_2)}_{\ell m} = \sum_{m_1 + m_2 = m}
        \langle \ell_1 m_1\, \ell_2 m_2 | \ell m \rangle f_{\ell_1 m_1} f_{\ell_2 m_2}

    The layer takes an `IrrepArray` of degrees below L with one vector per degree and channel. In
    each degree below ``L_out`` it returns one vector per pair :math:`(\ell_1, \ell_2)` of the
    mixing set. Channels are not mixed; a `GeneralizedConvolution` behind it mixes pairs and
    channels.

    Parameters
    ----------
    L : int
        Band-limit of the input.
    L_out : int, optional
        Band-limit of the output, L by default and at most 2L-1, the band-limit of a product.
    mixing : {"mst", "full", "rmst"}
        The pairs that are used. ``"full"``: all that the triangle rule allows. ``"mst"``: the
        minimum spanning tree of Cobb et al. 2021. ``"rmst"``: about :math:`\log_2 L` edges of that
        tree; sorted by cost, those at places 0, 1, 2, 4, 8, ... and the last.

    Raises
    ------
    TypeError, ValueError
        ``L`` or ``L_out`` is out of range or ``mixing`` unknown; in a call, the input has other
        degrees or multiplicities.

    Notes
    -----
    Exact. The layer is a polynomial, so it has derivatives everywhere. Where
    :math:`\ell_1+\ell_2+\ell` is odd, as in a cross product, the complex sum is imaginary, and the
    layer returns the sum times i, which is real. Such a vector rotates like the others but changes
    its sign under a reflection.

    The product of a vector with itself has no odd degrees, so no mixing set holds such pairs. A
    tree has no loops: with ``"mst"`` and ``"rmst"`` only the output degrees 0 and 2L-2 hold
    products of a degree with itself. A signal of a single degree below L-1 therefore gives nothing
    but its power, in degree 0. ``"full"`` holds such products in every even degree. The pairs of
    ``"rmst"`` are our choice. Their number has the order that the abstract of Cobb et al. states
    for their own reduced set, which may hold other pairs.

    Cost, of C channels: :math:`O(C L^5)` multiplications with ``"full"``, :math:`O(C L^4)` with
    ``"mst"``, :math:`O(C L^3 \log L)` with ``"rmst"``. `terms` counts them: at L = 32 they are
    7.5e6, 3.8e5 and 5.7e4. The backward pass is written by hand, because the one that JAX derives
    is slow (it scatters). Forward-mode derivatives (`jax.jvp`) are therefore not available.

    Sources: Kondor et al. 2018 [kondor2018], the product as activation; Cobb et al. 2021
    [cobb2021], channel by channel, and the tree.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> layer = st.nn.TensorProductActivation(8, mixing="mst")
    >>> layer(st.nn.to_irreps(st.signals.earth_relief(8)[None])).multiplicities
    (8, 7, 7, 7, 7, 7, 7, 7)
    """

    L: int = eqx.field(static=True)
    L_out: int = eqx.field(static=True)
    mixing: str = eqx.field(static=True)
    exact = True

    def __init__(self, L: int, *, L_out: int | None = None, mixing: str = "mst") -> None:
        self.L = checks.integer("L", L, 1)
        self.L_out = self.L if L_out is None else checks.integer("L_out", L_out, 1, 2 * self.L - 1)
        self.mixing = checks.choice("mixing", mixing, MIXINGS)

    @property
    def pairs(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        r"""The mixing set: for each output degree the pairs :math:`\ell_1 \le \ell_2`, in order."""
        return mixing_set(self.L, self.L_out, self.mixing)

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """Vectors per channel in each degree of the output: the number of pairs."""
        return tuple(map(len, self.pairs))

    @property
    def terms(self) -> int:
        r"""Multiplications by a coefficient per channel: the cost.

        For each pair those :math:`(m_1, m_2)` with :math:`|m_1 + m_2| \le \ell`, as for complex
        vectors; the tables of the real basis have 1.9 times as many entries.
        """
        pairs = enumerate(self.pairs)
        return sum(count_terms(*pair, degree) for degree, of in pairs for pair in of)

    def __call__(self, signal: IrrepArray, *, key: PRNGKeyArray | None = None) -> IrrepArray:
        """The products of one signal; `jax.vmap` takes a batch."""
        check_irreps(signal, multiplicities=(1,) * self.L)
        products = _product(self.L, self.L_out, self.mixing)(signal.rows)
        return IrrepArray.from_rows(products, self.multiplicities)


@lru_cache(maxsize=16)
def _product(L: int, L_out: int, mixing: str) -> Callable[[jax.Array], jax.Array]:
    """The product of rows (L*L, columns) with themselves, and its derivative."""
    out, first, second, value, n_out = tensor_products(L, L_out, mixing)
    forward_plan = products.plan(Products(out, first, second, value, n_out))
    # The cotangent of a term goes to both its factors.
    backward_plan = products.plan(
        Products(
            np.concatenate([first, second]),
            np.tile(out, 2),
            np.concatenate([second, first]),
            np.tile(value, 2),
            L * L,
        )
    )

    forward = _side_by_side(lambda x: products.sparse_product_sum(forward_plan, x.T, x.T).T)
    backward = _side_by_side(
        lambda x, cotangent: products.sparse_product_sum(backward_plan, cotangent.T, x.T).T
    )
    product = jax.custom_vjp(forward)
    product.defvjp(lambda x: (forward(x), x), lambda x, cotangent: (backward(x, cotangent),))
    return product


def _side_by_side(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """``function`` of (channels, rows), to which `jax.vmap` hands a batch as more channels."""
    wide = jax.custom_batching.custom_vmap(function)

    @wide.def_vmap
    def _batched(size: int, batched: list[bool], *arrays: jax.Array) -> tuple[jax.Array, bool]:
        stacked = [
            array if has_batch else jnp.broadcast_to(array, (size, *array.shape))
            for array, has_batch in zip(arrays, batched, strict=True)
        ]
        result = wide(*(array.reshape(-1, array.shape[-1]) for array in stacked))
        return result.reshape(size, -1, result.shape[-1]), True

    return wide
