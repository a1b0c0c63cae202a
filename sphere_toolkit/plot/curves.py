"""Figures over the degrees: spectra, coefficients, the windows of a filter bank."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from .._util import checks
from ..scattering import SynthesisHistory
from ..sphere.coefficients import band_limit, degrees, one_signal, orders
from ..sphere.spectra import power_spectrum as _power_spectrum
from ..wavelets.zonal import WaveletBank
from ._common import GREY, MODULUS, PALE, SCALES, colour_bar, in_unit, plain_axes

# A logarithmic axis ends this many decades below its maximum: what is smaller is rounding.
_DECADES = 12
_DEGREE = r"degree $\ell$"


def power_spectrum(
    alm: ArrayLike,
    *,
    ax: Axes | None = None,
    label: str | None = None,
    unit: str | None = None,
    title: str | None = None,
) -> Axes:
    r"""Angular power spectrum :math:`C_\ell` of one signal on two logarithmic axes.

    Call it again with the ``ax`` that it returned to compare spectra. The degree 0, the mean, has
    no place on a logarithmic axis and is left out, and so are degrees without power; the
    vertical axis ends twelve decades below the largest value drawn.

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
        With L >= 2.
    ax : Axes, optional
        By default a new figure.
    label : str, optional
        Name of the signal in a legend.
    unit : str, optional
        Unit of the *signal*; the axis shows its square.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        ``alm`` is not complex.
    ValueError
        ``alm`` is no valid set of coefficients of one signal, or has no power at all beyond
        the degree 0.

    Examples
    --------
    >>> import numpy as np, sphere_toolkit as st
    >>> relief = st.signals.earth_relief(128)
    >>> ax = st.plot.power_spectrum(relief, unit="m", label="relief")
    >>> noise = 1e3 * st.signals.band_limited_noise(128, np.random.default_rng(0))
    >>> ax = st.plot.power_spectrum(noise, ax=ax, label="noise")
    """
    spectrum = _power_spectrum(one_signal(alm))
    ell = np.flatnonzero(spectrum)
    ell = ell[ell > 0]
    if ell.size == 0:
        raise ValueError("alm must have power at a degree of at least 1 to be drawn, got none")
    ax = plain_axes(ax, (6.4, 4))
    drawn = np.full(spectrum.size, np.nan)
    drawn[ell] = spectrum[ell]
    # A degree alone between gaps makes no line: few degrees are marked one by one.
    ax.loglog(drawn, label=label, marker="o" if ell.size < 32 else "", markersize=4, linewidth=1.4)
    spectra = [np.asarray(line.get_ydata(), float) for line in ax.lines]
    highest = max(np.nanmax(values) for values in spectra)
    lowest = min(np.nanmin(values) for values in spectra)
    ax.set_ylim(max(lowest / 3, highest / 10**_DECADES), highest * 3)
    ax.set_xlim(0.9, 1.1 * max(map(len, spectra)))
    ax.set_xlabel(_DEGREE)
    if unit or not ax.get_ylabel():  # a second spectrum keeps the unit of the first
        ax.set_ylabel(in_unit(r"power $C_\ell$", unit, power=2))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    ax.grid(color=PALE, linewidth=0.6)
    if label:
        ax.legend(frameon=False)
    if title:
        ax.set_title(title)
    return ax


def coefficients(
    alm: ArrayLike,
    *,
    ax: Axes | None = None,
    unit: str | None = None,
    title: str | None = None,
    decades: float = 6,
) -> Axes:
    r"""The triangle of magnitudes :math:`|f_{\ell m}|` over degree and order, in colour.

    Only the orders :math:`0 \le m \le \ell` are drawn: those of a real signal mirror them,
    :math:`f_{\ell,-m} = (-1)^m f^*_{\ell m}`.

    Parameters
    ----------
    alm : array (L(L+1)/2,), complex
    unit : str, optional
        Unit of the signal.
    ax, title
        As of `power_spectrum`.
    decades : float
        The most that the logarithmic colour scale spans below the largest magnitude; what is
        smaller, zero included, has its lowest colour.

    Returns
    -------
    Axes
        The triangle is ``ax.images[0]``.

    Raises
    ------
    TypeError
        ``alm`` is not complex, ``decades`` no number.
    ValueError
        ``alm`` is no valid set of coefficients of one signal or is zero everywhere, or
        ``decades`` is not above 0.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> ax = st.plot.coefficients(st.signals.earth_relief(64), unit="m")
    """
    alm = one_signal(alm)
    decades = checks.real("decades", decades, above=0)
    L = band_limit(alm)
    highest = float(np.abs(alm).max())
    if highest == 0:
        raise ValueError("alm must have a coefficient other than zero to be drawn")
    magnitude = np.abs(alm)
    lowest = max(highest / 10**decades, min(magnitude[magnitude > 0].min(), highest / 10))
    triangle = np.full((L, L), np.nan)
    triangle[orders(L), degrees(L)] = np.maximum(magnitude, lowest)
    ax = plain_axes(ax, (5.6, 4.6))
    image = ax.imshow(
        triangle, origin="lower", cmap=MODULUS, norm=LogNorm(lowest, highest),
        interpolation="nearest",
    )  # fmt: skip
    below = "min" if (magnitude < lowest).any() else "neither"
    label = in_unit(r"$|f_{\ell m}|$", unit)
    colour_bar(image, ax, label, shrink=0.8, aspect=25, pad=0.03, extend=below)
    ax.set(xlabel=_DEGREE, ylabel="order $m$")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    if title:
        ax.set_title(title)
    return ax


def windows(bank: WaveletBank, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    r"""The windows of a filter bank over the degrees, and the sum of their squares.

    The axis of degrees is logarithmic with base ``bank.lam``, so that all wavelets look alike,
    and linear from 0 to 1, so that the degree 0 has a place. Windows live on the integers: the
    first degrees are marked.

    Parameters
    ----------
    bank : WaveletBank
    ax, title
        As of `power_spectrum`.

    Returns
    -------
    Axes
        Its lines are the scaling function, the scales in order and the sum of squares.

    Raises
    ------
    TypeError
        ``bank`` is no WaveletBank.

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> ax = st.plot.windows(st.WaveletBank(256, J_min=3))
    """
    checks.instance("bank", bank, WaveletBank)
    ax = plain_axes(ax, (8, 3.6))
    ax.set_xscale("symlog", base=bank.lam, linthresh=1, linscale=0.6)
    total = bank.scaling**2
    _window(ax, bank.scaling, GREY, r"$\kappa_\Phi$", bank.lam ** (bank.J_min - 1) / 2)
    colours = SCALES(np.linspace(0, 1, len(bank)))
    step = _step(bank)
    for j, colour in zip(bank, colours, strict=True):
        window = bank.window(j)
        total = total + window**2
        name = rf"$\kappa_{{{j}}}$" if j % step == 0 else ""
        _window(ax, window, colour, name, bank.lam**j)
    (line,) = ax.plot(
        total, color="black", linestyle=(0, (4, 2)), linewidth=1, label="sum of squares"
    )
    ax.legend(handles=[line], loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
    ax.set(xlabel=_DEGREE, ylabel="window", xlim=(0, max(bank.L - 1, 1)), ylim=(0, 1.2))
    _mark_powers(ax, bank)
    if title:
        ax.set_title(title, loc="left")
    return ax


def _window(ax: Axes, window: NDArray, colour: Any, name: str, peak: float) -> None:
    """One window, from the zero before its support to the zero behind it, and its name."""
    ell = np.flatnonzero(window)
    if ell.size:  # a narrow window may fall between two degrees
        ell = np.arange(max(ell[0] - 1, 0), min(ell[-1] + 2, window.size))
    ax.plot(
        ell, window[ell], color=colour, linewidth=1.6,
        marker=".", markersize=5, markevery=np.flatnonzero(ell < 32).tolist(),
    )  # fmt: skip
    if peak < window.size:
        xy, offset, ha, va = (peak, 1.0), (0, 5), "center", "bottom"
    else:  # the last window peaks beyond the band-limit: its name goes to its end
        xy, offset, ha, va = (window.size - 1, window[-1]), (5, 0), "left", "center"
    ax.annotate(name, xy, offset, textcoords="offset points", color=colour, ha=ha, va=va)


def _mark_powers(ax: Axes, bank: WaveletBank) -> None:
    """Ticks at 0 and at powers of lam, where one window peaks and its neighbours end."""
    exponents = [j for j in range(0, bank.J + 1, _step(bank)) if bank.lam**j <= bank.L]
    if bank.lam.is_integer():
        names = [f"{bank.lam**j:.0f}" for j in exponents]
    else:
        names = [f"${bank.lam:.3g}^{{{j}}}$" for j in exponents]
    ax.set_xticks([0, *(bank.lam**j for j in exponents)], ["0", *names])
    ax.xaxis.set_minor_locator(NullLocator())


def _step(bank: WaveletBank) -> int:
    """Name every scale, or every second, third … of a bank with many."""
    return ceil((bank.J + 1) / 13)


def losses(history: SynthesisHistory, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """The loss of a synthesis by step on a logarithmic axis, a line for each signal.

    Parameters
    ----------
    history : SynthesisHistory
        What `scattering.synthesise` returned beside the signals.
    ax, title
        As of `power_spectrum`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import sphere_toolkit as st
    >>> scatter = st.ScatteringTransform(16, J_min=2, nonlinearity="envelope")
    >>> relief = st.signals.earth_relief(16)
    >>> alm, history = st.scattering.synthesise(relief, scatter, seed=0, steps=5)
    >>> ax = st.plot.losses(history)
    """
    checks.instance("history", history, SynthesisHistory)
    ax = plain_axes(ax, (6.4, 3.6))
    for values in history.losses:
        ax.semilogy(values, linewidth=1.4)
    ax.set_xlabel("step")
    ax.set_ylabel("loss")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(color=PALE, linewidth=0.6)
    if title:
        ax.set_title(title)
    return ax
