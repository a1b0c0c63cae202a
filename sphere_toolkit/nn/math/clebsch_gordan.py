r"""Pairs of degrees to multiply, and the Clebsch-Gordan coefficients of their products.

The products of the orders of a vector of degree :math:`\ell_1` with those of one of degree
:math:`\ell_2` hold one vector of each degree
:math:`|\ell_1-\ell_2| \le \ell \le \ell_1+\ell_2` (the triangle rule).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import ducc0
import numpy as np
from numpy.typing import NDArray

from ..._util import checks

MIXINGS = ("full", "mst", "rmst")
Pair = tuple[int, int]


# --- pairs of degrees ---------------------------------------------------------------------


def count_terms(first: int, second: int, degree: int) -> int:
    r"""The cost of a pair of degrees in an output degree.

    Counted are the pairs of orders :math:`(m_1, m_2)` with :math:`|m_1 + m_2| \le \ell`: the
    multiplications by a coefficient.
    """
    m1 = np.arange(-first, first + 1)
    lowest = np.maximum(-second, -degree - m1)
    highest = np.minimum(second, degree - m1)
    return int(np.maximum(highest - lowest + 1, 0).sum())


@lru_cache(maxsize=64)
def mixing_set(L: int, L_out: int, mixing: str) -> tuple[tuple[Pair, ...], ...]:
    r"""The pairs of degrees :math:`\ell_1 \le \ell_2 < L` that make each output degree.

    ``full``
        Every pair that the triangle rule allows, except :math:`\ell_1=\ell_2` with an odd output
        degree: the product of a vector with itself has no odd degrees.
    ``mst``
        The minimum spanning tree (Kruskal) of the graph whose nodes are the degrees and whose
        edges are the pairs, weighted by `count_terms`. Every degree that can take part does, with
        about L-1 pairs instead of :math:`L^2/2`. A tree has no loops, so a degree that no edge
        reaches is multiplied with itself. This concerns every degree for output degree 0, which
        would be empty otherwise, and degree L-1 for output degree 2L-2. No other output degree
        holds a product of a degree with itself.
    ``rmst``
        The edges of the tree are sorted by cost, and those at places 0, 1, 2, 4, 8, ... and the
        last are used, at most :math:`\log_2 L + 2`. So cheap pairs of low degrees and costly pairs
        of high degrees both contribute to every output degree. Place 0 is the pair (0, l), which
        passes every degree on. Output degree 0 keeps every product.
    """
    pairs = []
    for degree in range(L_out):
        allowed = [
            (first, second)
            for first in range(L)
            for second in range(first, L)
            if second - first <= degree <= first + second and (first < second or degree % 2 == 0)
        ]
        if mixing == "full":
            pairs.append(tuple(allowed))
            continue
        edges = _spanning_tree([p for p in allowed if p[0] < p[1]], degree, L)
        reached = {node for edge in edges for node in edge}
        alone = [p for p in allowed if p[0] == p[1] and p[0] not in reached]
        if mixing == "rmst":
            places = {0, len(edges) - 1, *(2**k for k in range(len(edges).bit_length()))}
            edges = [edge for place, edge in enumerate(edges) if place in places]
        pairs.append((*edges, *alone))
    return tuple(pairs)


def _spanning_tree(edges: list[Pair], degree: int, L: int) -> list[Pair]:
    """The cheapest edges that join all degrees that edges can join, cheapest first (Kruskal)."""
    root = list(range(L))

    def find(node: int) -> int:
        while root[node] != node:
            node = root[node]
        return node

    tree = []
    for _, first, second in sorted((count_terms(*edge, degree), *edge) for edge in edges):
        if (a := find(first)) != (b := find(second)):
            root[a] = b
            tree.append((first, second))
    return tree


# --- the coefficients -----------------------------------------------------------------------


def clebsch_gordan(first: int, second: int) -> NDArray[np.float64]:
    r"""All Clebsch-Gordan coefficients of two degrees.

    They split the products of coefficients of degree :math:`\ell_1` of a signal f with those of
    degree :math:`\ell_2` of a signal g into one vector of each degree
    :math:`|\ell_1-\ell_2| \le \ell \le \ell_1+\ell_2`. It turns as the coefficients of a signal do:

    .. math:: h_{\ell m} = \sum_{m_1 + m_2 = m}
              \langle \ell_1 m_1\, \ell_2 m_2 | \ell m \rangle\, f_{\ell_1 m_1}\, g_{\ell_2 m_2}

    Parameters
    ----------
    first, second : int
        The degrees :math:`\ell_1` and :math:`\ell_2`, from 0.

    Returns
    -------
    array (2 first + 1, 2 second + 1, first + second + 1), float64
        Over ``m1 + first``, ``m2 + second`` and the output degree, with ``m = m1 + m2``. Entries
        that the triangle rule or :math:`|m| \le \ell` forbid are 0. No unit.

    Raises
    ------
    TypeError, ValueError
        A degree is no integer, or negative.

    Notes
    -----
    From Wigner's 3j symbols,

    .. math:: \langle \ell_1 m_1\, \ell_2 m_2 | \ell m \rangle
              = (-1)^{\ell_1-\ell_2+m} \sqrt{2\ell+1}
              \begin{pmatrix} \ell_1 & \ell_2 & \ell \\ m_1 & m_2 & -m \end{pmatrix}

    in the phases of Condon and Shortley, for complex harmonics of the orders
    :math:`m = -\ell, \ldots, \ell`. Exact up to rounding: ``tests/nn/test_tensor_product.py``
    compares with Racah's sum in integers. Source: Digital Library of Mathematical Functions,
    section 34.1 (https://dlmf.nist.gov/34.1); engine: ducc0.

    Examples
    --------
    >>> import numpy as np
    >>> from sphere_toolkit import nn
    >>> table = nn.clebsch_gordan(1, 1)
    >>> table[[0, 1, 2], [2, 1, 0], 0].round(3)  # the scalar product of two vectors
    array([ 0.577, -0.577,  0.577])
    >>> np.allclose((table**2).sum(axis=(0, 1)), [1, 3, 5])  # as many orders as each degree has
    True
    """
    first, second = checks.integer("first", first, 0), checks.integer("second", second, 0)
    table = np.zeros((2 * first + 1, 2 * second + 1, first + second + 1))
    for m1 in range(-first, first + 1):
        for m2 in range(max(-second, -m1), second + 1):
            lowest, symbols = ducc0.misc.wigner3j_int(first, second, m1, m2)
            table[m1 + first, m2 + second, lowest:] = symbols
    sign = (-1.0) ** np.add.outer(*map(np.arange, table.shape[:2]))  # of l1 - l2 + m
    degree = np.arange(table.shape[2])
    table *= sign[..., None] * np.sqrt(2 * degree + 1)
    below = np.add.outer(*(np.arange(-ell, ell + 1) for ell in (first, second))) < 0  # m < 0
    mirrored = table[::-1, ::-1] * (-1.0) ** (first + second - degree)
    table[below] = mirrored[below]
    return table


class Products(NamedTuple):
    """Sums of products of rows: ``out[o] = sum of value * x[first] * y[second]`` over its terms.

    Four arrays of the same length, and the number of rows of the output.
    """

    out: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    value: NDArray[np.float64]
    n_out: int


def real_products(first: int, second: int, degree: int, table: NDArray) -> Products:
    r"""The product of two vectors in the real basis of `IrrepArray`; rows are ``order + degree``.

    ``table`` is `clebsch_gordan` of the two. Where :math:`\ell_1+\ell_2+\ell` is even, the product
    of two real signals has the coefficients of a real signal. Where it is odd, they are i times
    those of a real signal (the case 1, 1, 1 is the cross product of two vectors), and the factor i
    is left out. So every product is real, and its norm is that of the complex coefficients.
    """
    i, j = np.nonzero(table[..., degree])
    m1, m2 = i - first, j - second
    # Real signals need m >= 0 alone. Of m = 0, (m1, -m1) and (-m1, m1) give the same: one, twice.
    kept = (m1 + m2 <= degree) & ((m1 + m2 > 0) | ((m1 + m2 == 0) & (m1 >= 0)))
    i, j, m1, m2 = i[kept], j[kept], m1[kept], m2[kept]
    m = m1 + m2
    value = table[i, j, degree] * np.where(m > 0, np.sqrt(2), np.where(m1 > 0, 2, 1))
    for order in (m1, m2):
        # a_m = (u_m - i u_-m) / sqrt(2) for m > 0, and a_-m = (-1)^m conj(a_m).
        value *= np.where(order == 0, 1, np.sqrt(0.5)) * np.where(order < 0, (-1.0) ** order, 1)
    s1, s2 = np.sign(m1), np.sign(m2)
    a, b = abs(m1), abs(m2)
    like = [(a, b, value), (-a, -b, -s1 * s2 * value)]
    unlike = [(a, -b, s2 * value), (-a, b, s1 * value)]
    if (first + second + degree) % 2 == 0:
        parts = [(m, *t) for t in like] + [(-m, *t) for t in unlike]
    else:
        parts = [(m, *t) for t in unlike] + [(-m, mu1, mu2, -v) for mu1, mu2, v in like]
    of_sine = np.repeat([False, True], 2 * m.size)
    out, mu1, mu2, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    kept = (value != 0) & ~(of_sine & (out == 0))
    return Products(
        out[kept] + degree, mu1[kept] + first, mu2[kept] + second, value[kept], 2 * degree + 1
    )


def tensor_products(L: int, L_out: int, mixing: str) -> Products:
    """The products of all pairs of a mixing set.

    Rows of the input are degree by degree, its orders one after another; rows of the output are
    degree by degree, pair by pair, and the orders of each.
    """
    pairs = mixing_set(L, L_out, mixing)
    sizes = [len(of_degree) * (2 * degree + 1) for degree, of_degree in enumerate(pairs)]
    wanted = sorted(
        (pair, degree, sum(sizes[:degree]) + place * (2 * degree + 1))
        for degree, of_degree in enumerate(pairs)
        for place, pair in enumerate(of_degree)
    )
    parts = []
    for (first, second), group in groupby(wanted, key=lambda item: item[0]):
        table = clebsch_gordan(first, second)
        for _, degree, start in group:
            some = real_products(first, second, degree, table)
            parts.append(
                (some.out + start, some.first + first**2, some.second + second**2, some.value)
            )
    out, one, other, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Products(out, one, other, value, sum(sizes))
