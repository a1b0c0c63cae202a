"""From labelled maps to a model and from the model to a table, on tiny maps."""

import csv
import re
from pathlib import Path

import healpy
import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import nn, pipeline
from sphere_toolkit.cli import main
from sphere_toolkit.nn.training.loop import Loop

L, NSIDE, N = 16, 8, 16
TRAINING = ["--channels", "2", "--epochs", "6", "--validation", "0.25", "--quiet"]


def sky(i):
    """A map in kelvin: steep or flat by turns."""
    alm = noise(L, seed=i) / (1 + st.degrees(L)) ** (2 * (i % 2))
    return 1e-3 * alm / st.norm(alm)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Maps 0 to 15 in single precision, the last of them for prediction only; and their labels."""
    folder = tmp_path_factory.mktemp("maps")
    for i in range(N):
        samples = st.inverse(sky(i), st.Grid.healpix(NSIDE))
        name = folder / f"{'new' if i >= 12 else 'sky'}{i:02}.fits"
        healpy.write_map(name, samples, dtype=np.float32, column_units="K")
    rows = [f"sky{i:02}.fits,{['flat', 'steep'][i % 2]},{i % 2 + i / 100}" for i in range(12)]
    (folder / "labels.csv").write_text("\n".join(["file,label,slope", *rows]) + "\n")
    return folder


@pytest.fixture(scope="module")
def store(folder, work):
    """The store of twelve maps in microkelvin."""
    store = folder / "store.zarr"
    files, labels = str(folder / "sky*.fits"), str(folder / "labels.csv")
    options = ["--unit", "uK", "--J-min", "1", "--depth", "1", "--oversampling", "1", *work]
    assert main(["scatter", files, "--labels", labels, "--out", str(store), *options]) == 0
    return str(store)


@pytest.fixture(scope="module")
def model(store, folder):
    """A classifier trained on the store."""
    assert main(["train", store, "--out", str(folder / "model"), *TRAINING]) == 0
    return str(folder / "model")


def table(file):
    with open(file, newline="") as stream:
        return list(csv.reader(stream))


def test_a_training_that_is_stopped_goes_on_and_ends_alike(
    store, model, tmp_path, capsys, monkeypatch
):
    def stop(loop, now, shown):
        if now.history.epochs == 2:
            raise KeyboardInterrupt
        return epoch(loop, now, shown)

    epoch, out = Loop.epoch, tmp_path / "model"
    with monkeypatch.context() as context:
        context.setattr(Loop, "epoch", stop)
        assert main(["train", store, "--out", str(out), *TRAINING]) == 130
    assert f"Stopped, the weights after 2 of 6 epochs are in {out}; the" in capsys.readouterr().err
    assert nn.read_metadata(out)["finished"] is False
    assert nn.load(out).classes == ("flat", "steep")
    assert main(["train", store, "--out", str(out), *TRAINING]) == 0
    said = capsys.readouterr().out
    assert f"{out}: classes flat, steep, 9 maps, 6 epochs" in said
    assert re.search(r"held-out accuracy \S+ \(\d of 3 maps; 95 % interval \S+ to \S+\)", said)
    assert out.read_bytes() == Path(model).read_bytes()
    assert main(["train", store, "--out", str(out), *TRAINING, "--seed", "1"]) == 1
    assert "belongs to another run" in capsys.readouterr().err


def test_held_out_maps_are_neither_trained_nor_scaled_on(store, model):
    data, told = pipeline.load_dataset(store), nn.read_metadata(model)
    assert told["held_out"]["n"] == 3
    first = nn.load(model).layers[0]
    fits = [
        np.allclose(nn.Standardisation.from_data(np.delete(data.alm, held, 0)).rms[:, 1:],
                    first.rms[:, 1:])
        for held in np.array(np.meshgrid(*[np.arange(12)] * 3)).T.reshape(-1, 3)
        if (np.diff(held) > 0).all()
    ]  # fmt: skip
    assert sum(fits) == 1


def test_maps_are_predicted_as_they_were_scattered_for_the_training(
    folder, model, work, tmp_path, capsys
):
    out = str(tmp_path / "table.csv")
    files = [str(folder / f"new{i}.fits") for i in range(12, 15)]
    assert main(["predict", model, *files, "--out", out, *work]) == 0
    rows = table(out)
    assert rows[0] == ["file", "label", "probability of flat", "probability of steep", "problem"]
    assert [row[0] for row in rows[1:]] == files
    scatter = st.ScatteringTransform(L, J_min=1, depth=1, oversampling=1)
    S = scatter(1e6 * np.array([sky(i) for i in range(12, 15)]))  # in microkelvin
    found = np.array([row[2:4] for row in rows[1:]], float)
    np.testing.assert_allclose(found, nn.predict_proba(nn.load(model), S), atol=1e-4)
    assert [row[1] for row in rows[1:]] == nn.predict(nn.load(model), S).tolist()

    # One more map, which is unusable: the others are not computed again.
    capsys.readouterr()
    samples = np.full(12 * NSIDE**2, np.nan)
    healpy.write_map(tmp_path / "bad.fits", samples, dtype=np.float32, column_units="K")
    assert main(["predict", model, *files, str(tmp_path / "bad.fits"), "--out", out, *work]) == 3
    assert "Unusable maps: 1 of 4." in capsys.readouterr().err
    again = table(out)
    assert again[:4] == rows
    assert again[4][:4] == [str(tmp_path / "bad.fits"), "", "", ""]
    assert "NaN" in again[4][4]


def test_a_model_of_simulations_reads_files_in_their_unit(folder, model, work, tmp_path):
    told = nn.read_metadata(model)
    told["scattered"]["source"] = {"kind": "set", "name": "skies", "L": L}
    nn.save(tmp_path / "of_a_set", nn.load(model), told)
    np.save(tmp_path / "sky.npy", 1e6 * st.inverse(sky(12), st.Grid.healpix(NSIDE)))
    found = []
    for name, maps in (
        (model, [str(folder / "new12.fits")]),
        (str(tmp_path / "of_a_set"), [str(folder / "new12.fits")]),
        (model, [str(tmp_path / "sky.npy"), "--grid", "healpix"]),
    ):
        out = str(tmp_path / f"{len(found)}.csv")
        assert main(["predict", name, *maps, "--out", out, *work]) == 0
        found.append([float(cell) for cell in table(out)[1][2:4]])
    np.testing.assert_allclose(found, [found[0]] * 3, atol=1e-4)


def test_a_stopped_prediction_goes_on(folder, model, tmp_path, capsys, monkeypatch):
    def stop(source, transform, store, **options):
        store.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "scatter_dataset", stop)
    out = tmp_path / "t.csv"
    assert main(["predict", model, str(folder / "new12.fits"), "--out", str(out)]) == 130
    assert f"What was computed is kept in {out}.zarr; the same" in capsys.readouterr().err
    assert not out.exists()


def test_numbers_are_fitted_and_a_store_is_predicted_as_it_is(store, tmp_path, capsys, monkeypatch):
    def fit(model, data, **options):  # compiling another training takes seconds
        return model.measured(data[1][:, None]), nn.History(loss=[1.0])

    monkeypatch.setattr(nn, "fit", fit)
    model, out = str(tmp_path / "slope"), str(tmp_path / "slopes.csv")
    assert main(["train", store, "--target", "slope", "--out", model, *TRAINING]) == 0
    assert "held-out error of 'slope'" in capsys.readouterr().out
    assert main(["predict", model, store, "--out", out]) == 0
    rows, data = table(out), pipeline.load_dataset(store)
    assert rows[0] == ["file", "slope", "problem"]
    expected = nn.predict(nn.load(model), data.alm)[:, 0]
    np.testing.assert_allclose([float(row[1]) for row in rows[1:]], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "z"], "no labels named 'z'; the data set has 'label', 'slope'"),
        (
            ["--model", "regressor"],
            "--model regressor does not fit the labels 'label', which are n",
        ),
        (["--target", "slope", "--model", "classifier"], "which are numbers; --model regressor"),
        (["--channels", "2,x"], "--channels must be integers with commas between them, got '2,x'"),
        (["--validation", "1"], "--validation must be a finite number >= 0 and < 1, got 1.0"),
        (["--validation", "0.9"], "must leave at least 2 maps on both sides"),
        (["--seed", "-1"], "--seed must be an integer >= 0, got -1"),
        (["--out", "none/model"], "there is no folder 'none' for the model 'model'"),
        (["--out", "."], "the model must be a file, got the folder '.'"),
        (["--out", "mine"], "'mine' is there already and is left as it is"),
    ],
)
def test_what_cannot_be_trained_is_said(store, tmp_path, monkeypatch, capsys, options, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("a thesis")
    assert main(["train", store, "--out", "model", "--quiet", *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(message, line), line
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lmax", "7"], "--lmax must be 15 as for the maps that the model was trained on, got 7"),
        (["--L", "8"], "--L must be 16 as for the maps that the model was trained on, got 8"),
        (["--unit", "K"], "--unit must be 'uK' as for the maps .* got 'K'"),
        (["--field", "1"], "--field must be 0 as for"),
        (["--beam", "30"], "trained on: beam is none there, 0.0087"),
        (["--pixel-window", "remove"], "pixel_window is none there, 'remove,8' here"),
        (["--out", "mine"], "'mine' is there already, is no table of this model and is left"),
        (["--out", "none/t.csv"], "there is no folder 'none' for the table 't.csv'"),
        (["--workers", "0"], "--workers must be an integer >= 1, got 0"),
    ],
)
def test_other_parameters_are_refused(
    folder, model, tmp_path, monkeypatch, capsys, options, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("a thesis")
    files = str(folder / "new*.fits")
    assert main(["predict", model, files, "--out", "t.csv", "--quiet", *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(message, line), line
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_other_maps_and_other_models_are_refused(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    samples = st.inverse(noise(L), st.Grid.healpix(16))
    healpy.write_map("fine.fits", samples, dtype=np.float32, column_units="K")
    assert main(["predict", model, "fine.fits", "--out", "t.csv", "--quiet"]) == 1
    assert "trained on: nside is 8 there, 16 here" in capsys.readouterr().err
    healpy.write_map("coarse.fits", np.ones(192), dtype=np.float32, column_units="K")
    assert main(["predict", model, "coarse.fits", "--out", "t.csv", "--quiet"]) == 1
    assert "coarse.fits: L must be an integer >= 1 and <= 12 for nside=4" in capsys.readouterr().err
    nn.save("bare", nn.load(model))
    assert main(["predict", "bare", "fine.fits", "--out", "t.csv"]) == 1
    assert "'bare' was not made by `sphere-toolkit train`" in capsys.readouterr().err
    assert main(["predict", ".", "fine.fits", "--out", "t.csv"]) == 1
    assert "there is no model '.'" in capsys.readouterr().err
    assert main(["train", "fine.fits", "--out", "m"]) == 1
    assert "the store must be a folder, got the file 'fine.fits'" in capsys.readouterr().err
