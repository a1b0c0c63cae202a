"""How well a share is known that was counted on a sample."""

from __future__ import annotations


def interval(n_true: int, n: int) -> tuple[float, float]:
    """The 95 % Clopper-Pearson interval of a share, counted as ``n_true`` of ``n``.

    It covers the true share with a probability of at least 95 %.
    """
    from scipy.stats import binomtest  # a third of a second that few commands need

    found = binomtest(n_true, n).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)
