"""What every layer and model shares: Equinox's conventions."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import support

from sphere_toolkit import nn
from sphere_toolkit.nn.math import initial

L, SO3 = 4, (1, 3, 3, 3)
KEY = jax.random.key(0)
SMALL = {"channels": (2, 2), "hidden": 2, "key": KEY}


def alm():
    return support.random_alm(2, L)


def irreps(multiplicities=(1,) * L):
    return support.random_irreps(2, multiplicities)


LAYERS = {
    "Activation": (lambda: nn.Activation("tanh"), lambda: jnp.linspace(-1, 1, 5)),
    "GeneralizedCNN": (lambda: nn.GeneralizedCNN(2, L, 3, **SMALL), alm),
    "GeneralizedConvolution": (
        lambda: nn.GeneralizedConvolution(2, 3, (1,) * L, key=KEY), irreps,
    ),
    "GroupConvolution": (lambda: nn.GroupConvolution(2, 3, L, 2, key=KEY), lambda: irreps(SO3)),
    "HybridClassifier": (lambda: nn.HybridClassifier(2, L, 3, **SMALL), alm),
    "Invariants": (nn.Invariants, irreps),
    "LiftConvolution": (lambda: nn.LiftConvolution(2, 3, L, 2, key=KEY), alm),
    "Network": (lambda: nn.Network([nn.Invariants()], 2, L), alm),
    "Normalisation": (lambda: nn.Normalisation(2, L), irreps),
    "PointwiseActivation": (lambda: nn.PointwiseActivation(L), alm),
    "Regressor": (lambda: nn.Regressor(nn.Invariants(), [0.5], [2.0]), alm),
    "Residual": (lambda: nn.Residual(nn.Normalisation(2, L)), irreps),
    "Scattering": (lambda: nn.Scattering(L, 0), lambda: alm()[0]),
    "SpectralPooling": (lambda: nn.SpectralPooling(L, 2), irreps),
    "SphericalCNN": (lambda: nn.SphericalCNN(2, L, 3, **SMALL), alm),
    "Standardisation": (
        lambda: nn.Standardisation(np.ones((2, L)), np.zeros(2), [False, False]), alm,
    ),
    "TensorProductActivation": (lambda: nn.TensorProductActivation(L), irreps),
    "ZonalCNN": (lambda: nn.ZonalCNN(2, L, 3, **SMALL), alm),
    "ZonalConvolution": (lambda: nn.ZonalConvolution(2, 3, L, key=KEY), alm),
}  # fmt: skip


def test_no_layer_is_left_out():
    modules = (getattr(nn, name) for name in nn.__all__)
    layers = {m for m in modules if isinstance(m, type) and issubclass(m, eqx.Module)}
    callable_ones = {m.__name__ for m in layers if any("__call__" in vars(c) for c in m.__mro__)}
    assert callable_ones == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_takes_a_key_in_a_sequence_and_can_be_saved(name, tmp_path):
    layer, signal = (make() for make in LAYERS[name])
    apply = eqx.filter_jit(lambda layer, x, key: layer(x, key=key))
    expected = jax.tree.leaves(apply(layer, signal, None))
    together = eqx.nn.Sequential([eqx.nn.Identity(), layer])
    nn.save(tmp_path / "model", together)
    for sequence in (together, nn.load(tmp_path / "model")):
        found = jax.tree.leaves(apply(sequence, signal, KEY))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make", [alm, irreps])
def test_a_function_of_numbers_is_not_for_coefficients(make):
    with pytest.raises(TypeError, match=r"real numbers, got .*nn\.PointwiseActivation"):
        nn.Activation("tanh")(make())


def test_a_network_of_layers_in_a_sequence_is_trained():
    x = np.asarray(support.random_alm(8, L))[:, None]
    network = eqx.nn.Sequential(
        [
            nn.ZonalConvolution(1, 2, L, key=KEY),
            nn.PointwiseActivation(L),
            nn.Invariants(),
            eqx.nn.Linear(2 * L, 2, key=KEY),
        ]
    )
    trained, history = nn.fit(network, (x, np.arange(8) % 2), epochs=1)
    assert not support.identical(trained, network)
    assert history.epochs == 1
    assert [row.layer for row in nn.summary(network, L).rows][1:3] == [
        "ZonalConvolution", "PointwiseActivation",
    ]  # fmt: skip


def test_first_weights_are_those_that_jax_draws_for_their_shape():
    key, real = jax.random.key(3), np.dtype("float32")
    found = initial.linear(40, 30, key, real)
    expected = eqx.nn.Linear(40, 30, key=key, dtype=real)
    np.testing.assert_allclose(found.weight, expected.weight, rtol=0, atol=3e-8)
    np.testing.assert_allclose(found.bias, expected.bias, rtol=0, atol=3e-8)
    layout = [((5,), 4.0), ((2, 3), 0.25)]
    numbers = np.asarray(jax.random.normal(key, (11,), real))
    traced = jax.jit(lambda key: initial.normal(key, layout, real)).lower(key)
    traced = traced.compile({"xla_cpu_use_fusion_emitters": True})(key)  # as a user's process does
    for of_shape, of_trace in zip(initial.normal(key, layout, real), traced, strict=True):
        scale = 2 if of_shape.ndim == 1 else 0.5
        part = numbers[:5] if of_shape.ndim == 1 else numbers[5:].reshape(2, 3)
        np.testing.assert_array_equal(of_shape, scale * part)
        np.testing.assert_array_equal(of_trace, of_shape)


def test_keys_are_those_of_jax_however_many_are_asked_for():
    key = jax.random.PRNGKey(3)
    for n in (1, 2, 8, 9, 17):
        np.testing.assert_array_equal(np.stack(initial.split(key, n)), jax.random.split(key, n))
