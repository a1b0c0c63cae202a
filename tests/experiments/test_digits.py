"""The experiment on rotated digits: its parts, and a small run of all of it."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import equinox as eqx
import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as hs
from matplotlib.figure import Figure
from strategies import noise, relative

import sphere_toolkit as st
from experiments.digits import augmentation, networks, planar, sets, study
from experiments.digits.figure import digits_figure
from sphere_toolkit import nn

L = 8
KEY = jax.random.key(0)


def outline(make, *signals):
    """Outputs of a model, and the number of its parameters.

    From shapes alone: nothing is compiled.
    """

    def called(key, signals):
        model = make(key)
        return [model(x) for x in signals], eqx.filter(model, eqx.is_inexact_array)

    outputs, weights = eqx.filter_eval_shape(called, KEY, signals)
    return outputs, sum(weight.size for weight in jax.tree.leaves(weights))


# --- the planar baseline ----------------------------------------------------------------------


@pytest.mark.parametrize("L", [8, 11, 16])
def test_the_planar_network_sees_the_samples_of_the_grid(L):
    alm = noise(L, 1)
    seen = np.concatenate([alm.real, alm.imag]) @ planar._samples(L)
    np.testing.assert_allclose(
        seen.reshape(L, 2 * L), st.inverse(alm, st.Grid.gauss_legendre(L)), atol=1e-12
    )
    (logits,), _ = outline(
        lambda key: planar.PlanarCNN(L, 3, channels=(2, 3, 4), key=key), alm[None].astype("F")
    )
    assert logits.shape == (3,)


def test_the_planar_network_does_not_know_of_rotations():
    model = eqx.filter_jit(planar.PlanarCNN)(L, 5, channels=(4, 4, 4), key=KEY)
    x = noise(L, 0, 1).astype(np.complex64)
    turned = nn.random_rotations(x[None], np.random.default_rng(0))[0].astype(np.complex64)
    there, here = nn.outputs(model, np.stack([turned, x]))
    assert relative(there, here) > 0.1


@settings(max_examples=20)
@given(hs.integers(2000, 60_000), hs.sampled_from([8, 16, 24]))
def test_the_planar_network_is_as_large_as_another(target, L):
    channels = planar.channels_for(target, L, 10)
    assert planar.count(channels, L, 10) == pytest.approx(target, rel=0.05)


@pytest.mark.parametrize("L", [8, 13, 24])
def test_parameters_of_the_planar_network_are_counted_right(L):
    other = np.zeros(3000, np.float32)
    _, found = outline(lambda key: planar.planar_like(other, L, 7, key=key))
    assert found == planar.count(planar.channels_for(3000, L, 7), L, 7)


def test_the_planar_network_needs_room_to_pool():
    with pytest.raises(ValueError, match="L must be at least 8 for three poolings by two, got 7"):
        planar.PlanarCNN(7, 10, channels=(2, 2, 2), key=KEY)


# --- sets -------------------------------------------------------------------------------------


def test_the_bundled_set_is_that_of_the_signals():
    data = sets.bundled(L)
    for split in ("train", "validation", "test"):
        part = getattr(data, split)
        alm, labels = st.signals.digits(L, split)
        assert relative(part.x[:, 0], alm) < 1e-6
        np.testing.assert_array_equal(part.y, labels)
    small = sets.bundled(L, 50)
    assert [len(p.y) for p in (small.train, small.validation, small.test)] == [50, 10, 50]
    np.testing.assert_array_equal(small.test.x, data.test.x[:50])


def test_degrees_come_to_one_scale_measured_on_training_images_alone():
    data = sets.bundled(L)
    scaled = data.standardised()
    spectrum = st.power_spectrum(scaled.train.x[:, 0])
    np.testing.assert_allclose(spectrum.mean(axis=0)[1:], 1, rtol=1e-4)
    other = replace(data, test=data.validation).standardised()
    np.testing.assert_array_equal(other.validation.x, scaled.validation.x)
    np.testing.assert_array_equal(other.test.x, scaled.validation.x)


def test_every_image_is_turned_by_itself():
    part = sets.bundled(L, 40).test
    same = part._replace(x=np.repeat(part.x[:1], 40, axis=0))
    turned = same.rotated(np.random.default_rng(0))
    assert turned.x.dtype == part.x.dtype
    np.testing.assert_allclose(st.energy(turned.x), st.energy(same.x), rtol=1e-5)
    assert len(np.unique(turned.x[:, 0, 1].round(4))) == 40
    again = same.rotated(np.random.default_rng(0))
    np.testing.assert_array_equal(turned.x, again.x)
    np.testing.assert_array_equal(turned.y, part.y)


def idx(array):
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


@pytest.fixture
def files(tmp_path):
    """Images whose grey says which they are, and whose label is the grey modulo 3."""
    folder = tmp_path / "greys"
    folder.mkdir()
    for prefix, greys in (("train", np.arange(1, 121)), ("t10k", np.arange(130, 190))):
        images = np.broadcast_to(greys[:, None, None], (len(greys), 4, 4))
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(greys % 3))
    return folder


def greys(part):
    white = st.signals.project_images(np.ones((4, 4)), L)[0].real
    return (part.x[:, 0, 0].real / white * 255).round().astype(int)


def test_images_from_files_go_to_parts_that_share_none(files):
    data = sets.from_idx(files, L)
    assert (data.name, data.n_classes, data.L) == ("greys", 3, L)
    parts = [greys(part) for part in (data.train, data.validation, data.test)]
    assert [len(part) for part in parts] == [100, 20, 60]
    assert sorted([*parts[0], *parts[1]]) == list(range(1, 121))
    assert parts[2].tolist() == list(range(130, 190))
    for part in (data.train, data.validation, data.test):
        np.testing.assert_array_equal(part.y, greys(part) % 3)
    few = sets.from_idx(files, L, 30)
    assert [len(p.y) for p in (few.train, few.validation, few.test)] == [30, 6, 30]
    np.testing.assert_array_equal(few.train.x, data.train.x[:30])
    np.testing.assert_array_equal(few.validation.x, data.validation.x[:6])


def test_a_class_that_is_only_tested_is_refused(files):
    (files / "t10k-labels-idx1-ubyte").write_bytes(idx(np.full(60, 3)))
    with pytest.raises(ValueError, match="test labels in .* must be below 3 .*got 3"):
        sets.from_idx(files, L)


# --- the study --------------------------------------------------------------------------------


@pytest.fixture
def tiny(monkeypatch):
    """Two of the networks, so small that they are trained in seconds."""

    def generalized(L, n_classes, key):
        return nn.GeneralizedCNN(1, L, n_classes, channels=(4, 4), band_limits=(6, 3), key=key)

    def small(L, n_classes, key):
        return planar.PlanarCNN(L, n_classes, channels=(4, 8, 8), key=key)

    makers = {"planar": small, "generalized": generalized}
    tiny = [n._replace(make=makers[n.key]) for n in study.NETWORKS if n.key in makers]
    assert len(tiny) == 2
    monkeypatch.setattr(study, "NETWORKS", tiny)


def run(folder, *options):
    arguments = ["--out", str(folder / "digits.json"), "--store", str(folder / "store"), "--quiet",
                 "--L", str(L), "--n", "96", "--epochs", "4", *options]  # fmt: skip
    assert study.EXPERIMENT.main(arguments) == 0
    return json.loads((folder / "digits.json").read_text())


def test_a_small_run_of_all_of_it(tiny, tmp_path, capsys):
    result = run(tmp_path)
    assert result["images"] == {"train": 96, "validation": 19, "test": 96}
    assert result["command"].startswith("python -m experiments.digits --out ")
    rows = {row["key"]: row for row in result["networks"]}
    assert set(rows) == {"planar", "generalized"}
    for row in rows.values():
        for found in row["settings"].values():
            confusion = np.array(found["confusion"])
            assert confusion.sum() == 96
            assert found["accuracy"] == pytest.approx(np.trace(confusion) / 96)
            assert found["low"] <= found["accuracy"] <= found["high"]
        assert 1 <= row["best_epoch"]["NR"] <= 4
    exact = rows["generalized"]
    assert exact["decisions_changed"] == 0
    assert exact["settings"]["NR/R"] == exact["settings"]["NR/NR"]
    # It has learnt something, and the planar network's knowledge is lost under rotations.
    assert exact["settings"]["NR/R"]["low"] > 0.1
    assert rows["planar"]["decisions_changed"] > 20
    markdown = (tmp_path / "digits.md").read_text()
    assert markdown.startswith(study.table(result))
    assert result["command"] in markdown
    assert study.table(result) in capsys.readouterr().out
    assert (tmp_path / "digits.png").stat().st_size > 10_000

    # Given again, the command finds its networks in the store and says the same.
    made = {file: file.stat().st_mtime_ns for file in (tmp_path / "store").rglob("*.ckpt")}
    assert len(made) == 4
    assert run(tmp_path) == result
    assert made == {file: file.stat().st_mtime_ns for file in (tmp_path / "store").rglob("*.ckpt")}


def test_files_of_images_go_all_the_way(tiny, files, tmp_path, monkeypatch):
    one = [network for network in study.NETWORKS if network.key == "planar"]
    monkeypatch.setattr(study, "NETWORKS", one)
    result = run(tmp_path, "--data", "mnist-idx", str(files), "--epochs", "1")
    assert (result["data"], result["classes"]) == ("greys", 3)
    assert result["images"] == {"train": 96, "validation": 19, "test": 60}


@pytest.fixture(scope="module")
def sizes():
    """Parameters of the networks of the study."""
    counts = {}
    for network in networks.NETWORKS:
        make = partial(network.make, 16, 10)
        (logits,), counts[network.key] = outline(make, np.zeros((1, 136), np.complex64))
        assert logits.shape == (10,)
    return counts


def test_networks_of_the_study_are_as_large_as_promised(sizes):
    assert set(sizes) == {"planar", "spherical", "generalized"}
    assert sizes["generalized"] <= 60_000
    assert sizes["planar"] == pytest.approx(sizes["generalized"], rel=0.1)


def found(accuracy):
    confusion = np.diag([8] * 9 + [round(80 * accuracy) - 72]).tolist()
    return {"accuracy": accuracy, "low": accuracy - 0.05, "high": accuracy + 0.02,
            "confusion": confusion}  # fmt: skip


@pytest.fixture
def result():
    rows = [
        {"key": key, "title": key.title(), "parameters": 1234, "seconds": {"NR": 10.4, "R": 20.0},
         "decisions_changed": 7, "best_epoch": {"NR": 3, "R": 12},
         "settings": {s: found(0.95) for s in study.SETTINGS}}
        for key in ("planar", "generalized")
    ]  # fmt: skip
    rows[0]["settings"]["NR/R"] = found(0.9125)
    return {"data": "digits", "L": 16, "classes": 10, "epochs": 3, "seed": 0,
            "interval": "95 % Clopper-Pearson", "networks": rows,
            "images": {"train": 100, "validation": 20, "test": 80}}  # fmt: skip


def test_the_table_has_a_row_for_every_network(result):
    lines = study.table(result).splitlines()
    assert lines[-2] == (
        "| Planar | 1,234 | 95.0% (90.0% to 97.0%) | 95.0% (90.0% to 97.0%) "
        "| 91.2% (86.2% to 93.2%) | 7 of 80 | 3, 12 | 10, 20 |"
    )
    assert {line.count("|") for line in lines[2:]} == {9}


def test_the_figure_shows_every_accuracy_and_what_is_taken_for_what(result):
    figure = digits_figure(result)
    assert isinstance(figure, Figure)
    bars, confusion = figure.axes
    heights = sorted(patch.get_height() for patch in bars.patches)
    np.testing.assert_allclose(heights, [0.9125] + [0.95] * 5)
    assert sum(int(text.get_text()) for text in confusion.texts) == 76


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            ["--data", "mnist"],
            ValueError,
            "--data must be one of 'digits', 'mnist-idx', got 'mnist'",
        ),
        (["--data", "mnist-idx"], ValueError, "'digits' or 'mnist-idx DIR', got 'mnist-idx'"),
        (["--data", "digits", "x"], ValueError, "'digits' or 'mnist-idx DIR', got 'digits' 'x'"),
        (["--data", "mnist-idx", "absent"], FileNotFoundError, "there is no folder 'absent'"),
        (["--L", "7"], ValueError, "--L must be an integer >= 8, got 7"),
        (["--n", "5"], ValueError, "--n must be an integer >= 30, got 5"),
        (["--epochs", "0"], ValueError, "--epochs must be an integer >= 1, got 0"),
        (["--seed", "-1"], ValueError, "--seed must be an integer >= 0, got -1"),
        (["--out", "x.txt"], ValueError, r"--out must end in \.json, got 'x\.txt'"),
        (["--out", "absent/x.json"], FileNotFoundError, "there is no folder 'absent'"),
    ],
)
def test_unusable_options_are_named(options, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        study.EXPERIMENT.main(["--out", "digits.json", *options])
    assert list(tmp_path.iterdir()) == []


# --- longer augmentation ----------------------------------------------------------------------


def test_a_short_training_on_rotated_copies(monkeypatch, tmp_path, capsys):
    few = [part[:64] for part in st.signals.digits(augmentation.L, "test")]
    monkeypatch.setattr(augmentation.signals, "digits", lambda L, part: few)
    monkeypatch.setattr(augmentation, "TRAININGS", ((1, 1),))
    assert augmentation.main(["--out", str(tmp_path / "short.json")]) == 0
    result = json.loads((tmp_path / "short.json").read_text())
    assert result["command"].startswith("python -m experiments.digits.augmentation --out ")
    (row,) = result["trainings"]
    assert (row["copies"], row["epochs"]) == (1, 1)
    for where in ("upright", "turned"):
        assert row[where]["low"] <= row[where]["accuracy"] < row[where]["high"]
        assert row[where]["accuracy"] < 0.4  # two steps teach little
    assert capsys.readouterr().out.strip() == augmentation.table(result)
    for out, error in (("short.md", ValueError), ("nowhere/short.json", FileNotFoundError)):
        with pytest.raises(error, match="--out"):
            augmentation.main(["--out", str(tmp_path / out)])


def test_the_committed_table_is_that_of_the_result():
    result = st.data.results("digits-augmentation")
    trainings = [(row["copies"], row["epochs"]) for row in result["trainings"]]
    assert trainings == list(augmentation.TRAININGS)
    folder = Path(__file__).parents[2] / "benchmarks/results"
    text = (folder / "digits-augmentation.md").read_text()
    assert text == f"{augmentation.table(result)}\n\n    {result['command']}\n"
