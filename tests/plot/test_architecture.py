"""The figure of a network says what the network is: its layers, their sizes, what is exact."""

import subprocess
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import pytest
from figures import assert_no_overlap
from matplotlib.patches import Rectangle

from sphere_toolkit import nn, plot

KEY = jax.random.key(0)
MODELS = {
    "spherical": (nn.SphericalCNN(1, 12, 10, channels=(3, 8), key=KEY), 12),
    "generalized": (nn.GeneralizedCNN(2, 9, 10, channels=(4, 5, 6), key=KEY), 9),
    "hybrid": (nn.HybridClassifier(11, 16, 2, channels=(8, 4), key=KEY), 16),
}


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


def boxes(ax):
    """The front sheet of each layer's box, from the top down."""
    fronts = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_label() != "_sheet"]
    return sorted(fronts, key=lambda box: box.get_y())


def lines(ax):
    """The texts beside each layer, from left to right; the first line names the columns."""
    found = {}
    for text in ax.texts:
        if text.get_text():
            found.setdefault(text.get_position()[1], []).append(text)
    return [
        [text.get_text() for text in sorted(line, key=lambda text: text.get_position()[0])]
        for _, line in sorted(found.items())
    ]


@pytest.mark.parametrize("kind", MODELS)
def test_every_layer_has_its_box_and_the_lines_of_the_summary(kind):
    model, L = MODELS[kind]
    ax = plot.architecture(model, L, title=kind)
    rows = nn.summary(model, L).rows
    assert [box.get_label() for box in boxes(ax)] == [row.layer for row in rows]
    names, *drawn = lines(ax)
    assert names == ["degrees", "channels", "vectors", "parameters"]
    for row, (name, degrees, channels, vectors, parameters) in zip(rows, drawn, strict=True):
        assert name == row.layer
        assert (degrees, channels, vectors) == (row.degrees, row.channels, row.multiplicities)
        assert parameters.replace("–", "0").replace(",", "") == str(row.parameters)
    (total,) = [t.get_text() for t in ax.get_legend().texts if "parameters" in t.get_text()]
    assert total == f"{nn.count_parameters(model):,} parameters"
    assert ax.get_title() == kind


def test_a_box_is_as_wide_as_its_band_limit_and_as_deep_as_its_channels():
    model, L = MODELS["generalized"]  # band-limits 9, 5, 3; channels 2, then 4, 5, 6
    ax = plot.architecture(model, L)
    signals = boxes(ax)[:-4]
    limits = [9, 9, 9, 9, 5, 5, 5, 3, 3]
    shares = [box.get_width() / signals[0].get_width() for box in signals]
    assert shares == pytest.approx([b / 9 for b in limits])
    left = {box.get_x() for box in signals}
    sheets = [p for p in ax.patches if p.get_label() == "_sheet"]
    # 2 and 3 channels make two sheets, 4 to 7 make three.
    assert len(sheets) == 2 * 1 + 7 * 2
    assert not left & {sheet.get_x() for sheet in sheets}
    narrow = boxes(ax)[-4:]
    assert {box.get_width() < signals[0].get_width() for box in narrow} == {True}


def test_colour_and_hatch_tell_what_is_exact():
    ax = plot.architecture(*MODELS["spherical"])
    kinds = {}
    for box, row in zip(boxes(ax), nn.summary(*MODELS["spherical"]).rows, strict=True):
        kinds.setdefault(row.exact, set()).add((box.get_facecolor(), box.get_hatch() or ""))
    assert [len(looks) for looks in kinds.values()] == [1, 1, 1]
    looks = {key: look for key, (look,) in kinds.items()}
    assert len(set(looks.values())) == 3
    assert looks["no"][1]
    assert not looks["yes"][1]
    legend = {text.get_text() for text in ax.get_legend().texts}
    assert "approximate: samples on a grid" in legend
    exact = {text.get_text() for text in plot.architecture(*MODELS["hybrid"]).get_legend().texts}
    assert "approximate: samples on a grid" not in exact
    assert "exactly equivariant" in legend & exact


@pytest.mark.parametrize("kind", MODELS)
def test_no_words_cover_each_other(kind):
    ax = plot.architecture(*MODELS[kind], title=kind)
    texts = [*(text for text in ax.texts if text.get_text()), *ax.get_legend().texts, ax.title]
    assert_no_overlap(ax, [*texts, *boxes(ax)], slack=0)


def test_draws_any_model_with_layers_into_the_axes_it_is_given():
    class Odd(eqx.Module):
        layers: tuple = (lambda alm: alm, lambda alm: jnp.abs(alm[:, 0]))

    _, (left, right) = plt.subplots(1, 2)
    assert plot.architecture(Odd(), 3, in_channels=7, ax=right) is right
    assert not left.patches
    assert [box.get_label() for box in boxes(right)] == ["input", "<lambda>", "<lambda>"]


def test_bad_input():
    model, L = MODELS["hybrid"]
    with pytest.raises(TypeError, match=r"layers in `\.layers`, got Invariants"):
        plot.architecture(nn.Invariants(), L)
    with pytest.raises(ValueError, match="band-limit 16"):
        plot.architecture(model, 12)
    with pytest.raises(TypeError, match="Axes.*int"):
        plot.architecture(model, L, ax=1)
    assert not plt.get_fignums()


def test_other_figures_load_no_jax():
    code = "import sys, sphere_toolkit as st; st.plot.mollweide; print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False"]
