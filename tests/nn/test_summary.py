"""The table of a model against layers whose shapes are known."""

from html.parser import HTMLParser

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from sphere_toolkit import nn


class Mix(eqx.Module):
    """Mixes channels of alm and keeps degrees below ``L_out``: exact."""

    weight: jax.Array
    in_channels: int = eqx.field(static=True)
    exact = True

    def __init__(self, in_channels, out_channels):
        self.in_channels = in_channels
        self.weight = jnp.ones((out_channels, in_channels))

    def __call__(self, alm):
        """Alm to alm."""
        if alm.shape[0] != self.in_channels:
            raise ValueError(f"expected {self.in_channels} channels, got {alm.shape[0]}")
        return self.weight @ alm


class Spread(eqx.Module):
    """Gives degree l of a signal l+1 times, up to degree 2: called inexact."""

    exact = False

    def __call__(self, alm):
        """Alm to irreps."""
        degrees = nn.to_irreps(alm).degrees[:3]
        return nn.IrrepArray(jnp.repeat(v, ell + 1, axis=1) for ell, v in enumerate(degrees))


def invariants(irreps):
    return jnp.concatenate([(v**2).sum(axis=-1).ravel() for v in irreps.degrees])


class Model(eqx.Module):
    """The layers in order, and a weight that belongs to none of them."""

    layers: tuple
    temperature: jax.Array

    def __init__(self):
        head = eqx.nn.Linear(30, 10, key=jax.random.key(0))
        self.layers = (Mix(2, 5), Spread(), invariants, head, eqx.nn.Lambda(jax.nn.relu))
        self.temperature = jnp.ones(())

    def __call__(self, x):
        """Logits."""
        for layer in self.layers:
            x = layer(x)
        return x * self.temperature


TABLE = """\
layer       output degrees  channels  multiplicities  parameters  exact
──────────  ──────────────  ────────  ──────────────  ──────────  ─────
input       0 to 7          2         1                        0  –
Mix         0 to 7          5         1                       10  yes
Spread      0 to 2          5         1 to 3                   0  no
invariants  –               30        –                        0  –
Linear      –               10        –                      310  –
relu        –               10        –                        0  –
──────────  ──────────────  ────────  ──────────────  ──────────  ─────
total                                                        321"""


def test_the_table_of_a_model():
    model = Model()
    table = nn.summary(model, 8)
    assert str(table) == repr(table) == TABLE
    assert table.parameters == nn.count_parameters(model) == 321
    assert len(table.rows) == 1 + len(model.layers)


def test_the_html_has_the_cells_of_the_text():
    class Cells(HTMLParser):
        def __init__(self):
            super().__init__()
            self.rows = []

        def handle_starttag(self, tag, attributes):
            if tag == "tr":
                self.rows.append([])
            if tag in ("td", "th"):
                self.rows[-1].append("")

        def handle_data(self, data):
            self.rows[-1][-1] += data

    cells = Cells()
    cells.feed(nn.summary(Model(), 8)._repr_html_())
    lines = [line for line in TABLE.splitlines() if not line.startswith("─")]
    assert [" ".join(row).split() for row in cells.rows] == [line.split() for line in lines]
    assert all(len(row) == 6 for row in cells.rows)


def test_names_are_escaped_in_html():
    class Odd(eqx.Module):
        layers: tuple = (lambda x: x,)

    table = nn.summary(Odd(), 3, in_channels=1)
    assert table.rows[1].layer == "<lambda>"
    assert "<lambda>" not in table._repr_html_()
    assert table.rows[0].degrees == "0 to 2"
    assert nn.summary(Odd(), 1, in_channels=4).rows[1].degrees == "0"


def test_nothing_is_computed():
    called = []

    def layer(x):
        called.append(isinstance(x, jax.core.Tracer))
        return x

    class One(eqx.Module):
        layers: tuple = (layer,)

    nn.summary(One(), 4096, in_channels=10**6)  # 67 TB if it were there
    assert called == [True]


def test_parameters_are_what_trains():
    tree = {"a": jnp.ones((2, 3)), "index": jnp.arange(4), "name": "x", "b": jnp.ones(5, complex)}
    assert nn.count_parameters(tree) == 6 + 10
    assert nn.count_parameters(eqx.nn.MLP(4, 3, 8, 2, key=jax.random.key(0))) == 40 + 72 + 27
    assert nn.count_parameters(()) == 0


def test_bad_input():
    with pytest.raises(TypeError, match=r"layers in `\.layers`, got Linear"):
        nn.summary(Model().layers[3], 8)
    with pytest.raises(TypeError, match="in_channels is needed"):
        nn.summary(eqx.tree_at(lambda m: m.layers, Model(), Model().layers[1:]), 8)
    with pytest.raises(ValueError, match="L must be an integer >= 1, got 0"):
        nn.summary(Model(), 0)
    with pytest.raises(ValueError, match="expected 2 channels, got 3"):
        nn.summary(Model(), 8, in_channels=3)
