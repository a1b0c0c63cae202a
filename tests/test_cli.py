"""The command: what it is given, what it says, how it ends."""

import json
import re
import subprocess
import sys
from pathlib import Path

import healpy
import numpy as np
import pytest
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import pipeline
from sphere_toolkit.cli import main

# Beside the interpreter: where pip puts the command that README names.
INSTALLED = str(Path(sys.executable).with_name("sphere-toolkit"))
L = 16
SMALL = ["--J-min", "2", "--oversampling", "1", "--workers", "1", "--quiet"]


@pytest.fixture
def alm_files(tmp_path):
    files = [str(tmp_path / f"{i}.npy") for i in range(3)]
    for file, alm in zip(files, noise(L, n=3), strict=True):
        np.save(file, alm)
    return files


def test_a_simulation_set_from_the_command_to_the_data(tmp_path):
    store = str(tmp_path / "store.zarr")
    command = [INSTALLED, "scatter", "cmb128-laptop", "--n", "6"]
    options = ["--seed", "7", "--first", "3", "--oversampling", "1", "--workers", "2"]
    done = subprocess.run(
        [*command, *options, "--out", store], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{store}: 6 maps, 6 of them computed now\n"
    assert "6/6" in done.stderr
    assert "map/s" in done.stderr
    data = pipeline.load_dataset(store)
    skies = st.cmb.simulation_set("cmb128-laptop")
    assert data.labels.tolist() == [1, 0, 1, 0, 1, 0]
    assert data.seeds == [7] * 6
    assert data.names[0] == "cmb128-laptop 3 (non-Gaussian)"
    assert data.parameters == st.ScatteringTransform(128, oversampling=1).parameters()
    for i in (0, 5):
        expected = st.ScatteringTransform(128, oversampling=1)(skies.map(3 + i, 7)).alm
        np.testing.assert_allclose(data.alm[i], expected, rtol=1e-6, atol=1e-6)


def test_a_range_of_a_set_is_the_same_within_a_larger_one(tmp_path):
    arguments = ["--seed", "1", *SMALL]
    name = "cmb128-laptop"
    assert main(["scatter", name, "--n", "5", "--out", str(tmp_path / "all"), *arguments]) == 0
    part = ["--n", "2", "--first", "3", "--out", str(tmp_path / "part"), *arguments]
    assert main(["scatter", name, *part]) == 0
    whole, part = (pipeline.load_dataset(tmp_path / name) for name in ("all", "part"))
    np.testing.assert_array_equal(whole.alm[3:], part.alm)
    assert whole.names[3:] == part.names


@pytest.mark.parametrize("grid", ["gauss-legendre", "mcewen-wiaux", "alm"])
def test_files_of_numpy(tmp_path, capsys, grid):
    for i, alm in enumerate(noise(L, n=3)):
        content = alm if grid == "alm" else st.inverse(alm, st.Grid(grid, L))
        np.save(tmp_path / f"{i}.npy", content)
    files = [str(tmp_path / f"{i}.npy") for i in range(3)]
    out = tmp_path / "store"
    assert main(["scatter", *files, "--L", str(L), "--grid", grid, "--out", str(out), *SMALL]) == 0
    assert capsys.readouterr().out == f"{out}: 3 maps, 3 of them computed now\n"
    expected = st.ScatteringTransform(L, J_min=2, oversampling=1)(noise(L, n=3)).alm
    np.testing.assert_allclose(pipeline.load_dataset(out).alm, expected, atol=1e-5)


def test_files_of_healpix(tmp_path):
    file, out = tmp_path / "sky.fits", tmp_path / "store"
    samples = st.inverse(noise(L), st.Grid.healpix(8))
    healpy.write_map(file, samples, dtype=np.float64, column_units="uK")
    assert main(["scatter", str(file), "--unit", "uK", "--out", str(out), *SMALL]) == 0
    expected = st.ScatteringTransform(L, J_min=2, oversampling=1)(noise(L)).alm
    np.testing.assert_allclose(pipeline.load_dataset(out).alm[0], expected, atol=1e-5)


def test_unusable_maps_are_listed_and_change_the_exit_status(tmp_path, alm_files, capsys):
    np.save(alm_files[1], np.full(136, np.nan + 0j))
    arguments = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s"), *SMALL]
    for computed in (3, 0):
        assert main(["scatter", *arguments]) == 3
        said = capsys.readouterr()
        assert f"3 maps, {computed} of them computed now" in said.out
        assert said.err.splitlines() == [
            f"unusable: {alm_files[1]}: alm must be finite, got 136 NaN or infinite of 136"
        ]
    np.save(alm_files[1], noise(L))
    assert main(["scatter", *arguments, "--retry-unusable"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cmb-1024", "--n", "2"], "name must be one of 'cmb1024', .* got 'cmb-1024'"),
        (["cmb128-laptop"], "--n must be given for the simulation set 'cmb128-laptop'"),
        (["cmb128-laptop", "--n", "0"], "n must be an integer >= 1, got 0"),
        (["cmb128-laptop", "--n", "2", "--seed", "-1"], "seed must be an integer >= 0, got -1"),
        (["cmb128-laptop", "--n", "2", "--J-min", "9"], "J_min must be an integer"),
        (
            ["cmb128-laptop", "--n", "2", "--workers", "0"],
            "n_workers must be an integer >= 1, got 0",
        ),
        (["cmb128-laptop", "cmb1024", "--n", "2"], "source must be one set, or files"),
        (["a.npy", "b.fits"], "source must be one set, or files all .npy or all .fits"),
        (["a.npy"], "--L must be given for .npy files"),
        (["a.fits"], "files must hold HEALPix maps; none can be read: a.fits: FileNotFoundError"),
        (["cmb128-laptop", "--n", "2", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.setattr("sphere_toolkit.pipeline.cluster.CONNECT_SECONDS", 1)
    assert main(["scatter", *arguments, "--out", str(tmp_path / "store"), "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("sphere-toolkit: error: ")
    assert re.search(message, line), line


def test_a_store_made_with_other_parameters_is_refused(tmp_path, alm_files, capsys):
    base = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s")]
    assert main(["scatter", *base, *SMALL]) == 0
    assert main(["scatter", *base, *SMALL, "--depth", "1"]) == 1
    assert "transform.depth is 2 there, 1 here" in capsys.readouterr().err
    header = json.loads((tmp_path / "s" / "zarr.json").read_text())["attributes"]
    assert header["transform"]["depth"] == 2


@pytest.mark.parametrize(
    "argv", [[], ["scatter"], ["nonsense"], ["study", "nonsense"],
             ["scatter", "cmb1024", "--out", "s", "--workers", "2", "--scheduler", "tcp://a:1"]],
)  # fmt: skip
def test_wrong_usage_exits_with_two(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage: sphere-toolkit" in capsys.readouterr().err


def test_version_and_help(capsys):
    for argv in (["--version"], ["--help"], ["scatter", "--help"]):
        with pytest.raises(SystemExit) as caught:
            main(argv)
        assert caught.value.code == 0
    said = capsys.readouterr().out
    assert f"sphere-toolkit {st.__version__}\n" in said
    assert "goes on where it was" in " ".join(said.split())


def test_a_study_gets_its_arguments(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["study", "gaussianity", "--help"])
    assert caught.value.code == 0
    assert "--train" in capsys.readouterr().out


def test_the_package_runs_as_a_module():
    command = [sys.executable, "-m", "sphere_toolkit", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"sphere-toolkit {st.__version__}\n"


def test_the_command_starts_without_loading_what_it_does_not_need():
    code = (
        "import sys; from sphere_toolkit.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(*{m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"dask", "distributed", "zarr", "jax", "sklearn"} & set(done.stdout.split()) == set()
