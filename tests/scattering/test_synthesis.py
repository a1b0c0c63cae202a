"""Signals drawn from statistics: do they have them, and what is asked of the arguments?"""

import numpy as np
import pytest
from strategies import noise, relative

import sphere_toolkit as st
from sphere_toolkit.scattering.synthesis import drawing
from sphere_toolkit.scattering.synthesis.statistics import STATISTICS
from sphere_toolkit.sphere.layouts import alm_to_rows

synthesise = st.scattering.synthesise
SCATTER = st.ScatteringTransform(16, J_min=2, nonlinearity="envelope")
RELIEF = st.signals.earth_relief(16)


def by_hand(match, S):
    """Each statistic, from samples of the images on a grid rather than from coefficients."""
    grid = st.Grid.gauss_legendre(S.L)
    images = st.inverse(S.alm, grid)
    weights = (
        grid.weights[:, None] * np.ones(grid.shape) if grid.weights.ndim == 1 else grid.weights
    )
    weights = weights / weights.sum()
    means = (images * weights).sum(axis=(-2, -1))
    away = images - means[:, None, None]
    products = np.einsum("pij,qij,ij->pq", away, away, weights)
    if match == "maps":
        return images
    rows = {"means": [], "moments": [np.diag(products)], "covariances": [products.ravel()],
            "even covariances": [products[:1, 0], products[1:, 1:].ravel()]}  # fmt: skip
    return np.concatenate([means, *rows[match]])


@pytest.mark.parametrize("match", STATISTICS)
def test_the_signal_has_the_statistics_and_is_another(match):
    alm, history = synthesise(RELIEF, SCATTER, seed=1, match=match, steps=100)
    # With the 20 steps of memory that L-BFGS often has: 2e-6 for maps, 2e-13 for covariances.
    assert history.losses[0][-1] < (1e-7 if match == "maps" else 1e-20) * history.losses[0][0]
    goal, found = (by_hand(match, SCATTER(signal)) for signal in (RELIEF, alm))
    before = by_hand(match, SCATTER(st.signals.gaussian(st.power_spectrum(RELIEF), seed=1)))
    assert relative(found, goal) < 0.1 * relative(before, goal)
    assert st.norm(alm - RELIEF) > 0.05 * st.norm(RELIEF)


@pytest.mark.parametrize("match", STATISTICS)
def test_gradients_of_the_statistics_are_those_of_differences(match):
    alm, h = noise(8, 1, n=5), noise(8, 2, n=5)
    value, pull = STATISTICS[match].of(alm)
    g = np.random.default_rng(0).standard_normal(value.shape)
    step = 1e-5
    up, down = (g @ STATISTICS[match].of(alm + s * h)[0] for s in (step, -step))
    assert st.inner(pull(g), h).sum() == pytest.approx((up - down) / (2 * step), rel=1e-7)


def test_several_signals_are_those_of_their_own_seeds_and_share_a_target():
    targets = st.cmb.gaussian(16, seed=3, n=4)
    several, history = synthesise(targets, SCATTER, seed=2, n=3, steps=20)
    assert several.shape == (3, RELIEF.size)
    assert len(history.losses) == 3
    mean = SCATTER(targets).means().mean(axis=0)
    rms = np.abs(mean[1:]).max()
    assert np.abs(SCATTER(several).means() - mean).max() < 0.05 * rms
    again, _ = synthesise(targets, SCATTER, seed=2, n=3, steps=20)
    np.testing.assert_array_equal(several, again)
    from_coefficients, _ = synthesise(
        SCATTER(targets), SCATTER, seed=2, n=3, steps=20,
        spectrum=st.power_spectrum(targets).mean(axis=0),
    )  # fmt: skip
    np.testing.assert_allclose(
        from_coefficients, several, rtol=1e-6, atol=1e-9 * st.norm(several).max()
    )


def test_of_several_transforms_the_losses_are_averaged():
    several = [SCATTER, st.ScatteringTransform(16, J_min=3, nonlinearity="envelope")]
    alm, history = synthesise(RELIEF, several, seed=1, match="covariances", steps=60)
    first = st.signals.gaussian(st.power_spectrum(RELIEF), seed=5)
    losses = [
        synthesise(RELIEF, scatter, start=first, match="covariances", steps=1)[1].losses[0][0]
        for scatter in (*several, several)
    ]
    assert losses[2] == pytest.approx(np.mean(losses[:2]))
    assert history.losses[0][-1] < 1e-4 * history.losses[0][0]
    for scatter in several:
        goal, found = (by_hand("covariances", scatter(signal)) for signal in (RELIEF, alm))
        assert relative(found, goal) < 0.05


def test_covariances_of_the_average_are_odd_and_the_others_even():
    statistic = STATISTICS["covariances"]
    (value, _), (negative, _) = (statistic.of(SCATTER(sign * RELIEF).alm) for sign in (1, -1))
    n = len(SCATTER.paths)
    p, q = np.triu_indices(n)
    odd = np.concatenate([np.arange(n) == 0, (p == 0) & (q > 0)])
    np.testing.assert_allclose(negative, np.where(odd, -1, 1) * value, rtol=1e-12, atol=1e-12)
    assert np.abs(value[odd]).min() > 1e-6 * np.abs(value).max()


def test_covariances_are_less_alike_than_means():
    scatter = st.ScatteringTransform(32, J_min=2, nonlinearity="envelope")
    relief = st.signals.earth_relief(32)
    scale = np.sqrt(st.power_spectrum(relief))[st.degrees(32)]
    S, vjp = scatter.vjp(relief)
    spread = {}
    for match in ("means", "covariances"):
        _, pull = STATISTICS[match].of(S.alm)
        each = np.diag(1 / STATISTICS[match].size(S.alm))
        singular = np.linalg.svd([alm_to_rows(vjp(pull(row)) * scale) for row in each])[1]
        spread[len(each)] = singular[0] / singular[-1]
    assert spread == {11: pytest.approx(22, rel=0.05), 77: pytest.approx(65, rel=0.05)}


def test_a_longer_memory_goes_down_faster_and_large_signals_have_less(monkeypatch):
    def loss():
        _, history = synthesise(RELIEF, SCATTER, seed=1, match="covariances", steps=60)
        return history.losses[0][-1]

    long = loss()
    monkeypatch.setattr(drawing, "_MEMORY", 20)
    assert long < 1e-3 * loss()
    monkeypatch.undo()
    assert [drawing._memory(L * L) for L in (16, 409, 512, 1024)] == [100, 100, 64, 20]


def test_only_covariances_with_the_average_tell_a_signal_from_its_negative():
    """The skewness of the relief below J_min: with means either sign, with covariances its own."""
    low = st.ScatteringTransform(16, J_min=4, nonlinearity="envelope")

    def loss(match, sign):
        start = np.where(st.degrees(16) == 0, 1, sign) * RELIEF
        return synthesise(RELIEF, low, start=start, match=match, steps=1)[1].losses[0][0]

    assert loss("means", -1) < 1e-20
    assert loss("moments", -1) < 1e-20
    assert loss("even covariances", -1) < 1e-20
    assert loss("covariances", -1) > 1e-3


def test_it_goes_on_from_what_an_earlier_call_returned():
    first, early = synthesise(RELIEF, SCATTER, seed=1, steps=5)
    _, late = synthesise(RELIEF, SCATTER, start=first, steps=5)
    assert late.losses[0][0] == pytest.approx(early.losses[0][-1], rel=1e-6)
    assert late.losses[0][-1] < late.losses[0][0]


def test_an_interruption_returns_what_is_there(monkeypatch, capsys):
    steps = iter(range(1000))
    vjp = st.ScatteringTransform.vjp

    def interrupted(self, alm):
        if next(steps) == 12:
            raise KeyboardInterrupt  # a signal would be ignored in a shell's background
        return vjp(self, alm)

    monkeypatch.setattr(st.ScatteringTransform, "vjp", interrupted)
    alm, history = synthesise(RELIEF, SCATTER, seed=1, steps=500)
    assert history.interrupted
    assert 5 < len(history.losses[0]) < 20
    assert "interrupted" in repr(history)
    assert SCATTER(alm).means().shape == (len(SCATTER.paths),)


def test_progress_and_the_chart_of_the_losses(capsys):
    _, history = synthesise(RELIEF, SCATTER, seed=1, steps=2, progress=True)
    assert "synthesis" in capsys.readouterr().err
    (line,) = st.plot.losses(history).lines
    np.testing.assert_array_equal(line.get_ydata(), history.losses[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"match": "mean"}, "match must be one of .*'mean'"),
        ({"steps": 0}, "steps must be .* 0"),
        ({"n": 0}, "n must be .* 0"),
        ({"spectrum": np.ones(5)}, r"shape \(16,\), got float64 \(5,\)"),
        ({"spectrum": -np.ones(16)}, "negative, .* -1 to -1"),
        ({"start": noise(8)}, "136 .* 36"),
        ({"start": noise(16, n=2), "n": 3}, r"n=3 signals, got shape \(2, 136\)"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthesise(RELIEF, SCATTER, **arguments)


def test_bad_targets():
    with pytest.raises(ValueError, match="all zero"):
        synthesise(0 * RELIEF, SCATTER, spectrum=np.ones(16))
    with pytest.raises(ValueError, match="spectrum="):
        synthesise(SCATTER(RELIEF), SCATTER)
    other = st.ScatteringTransform(16, J_min=2)
    with pytest.raises(ValueError, match=r"envelope.*modulus"):
        synthesise(other(RELIEF), SCATTER, spectrum=np.ones(16))
    with pytest.raises(ValueError, match="2 transforms"):
        synthesise(SCATTER(RELIEF), [SCATTER, SCATTER], spectrum=np.ones(16))
    for scatter in ("envelope", [SCATTER, "envelope"]):
        with pytest.raises(TypeError, match="ScatteringTransform"):
            synthesise(RELIEF, scatter)
    for some in ([], [SCATTER, st.ScatteringTransform(8, J_min=2)]):
        with pytest.raises(ValueError, match="one band-limit, got L="):
            synthesise(RELIEF, some)
