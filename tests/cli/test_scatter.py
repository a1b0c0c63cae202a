"""The command: what it is given, what it says, how it ends."""

import json
import re
import subprocess
import sys
from pathlib import Path

import healpy
import numpy as np
import pytest
from commands import ROOT
from strategies import noise

import sphere_toolkit as st
from sphere_toolkit import pipeline
from sphere_toolkit.cli import STUDIES, main
from sphere_toolkit.scattering.nonlinearities import NONLINEARITIES

# Beside the interpreter: where pip puts the command that README names.
INSTALLED = str(Path(sys.executable).with_name("sphere-toolkit"))
L = 16
SMALL = ["--J-min", "2", "--oversampling", "1", "--workers", "1", "--quiet"]


@pytest.fixture
def small(work):
    """The same, by a worker that is there already."""
    return [*SMALL[: SMALL.index("--workers")], *work]


@pytest.fixture
def alm_files(tmp_path):
    files = [str(tmp_path / f"{i}.npy") for i in range(3)]
    for file, alm in zip(files, noise(L, n=3), strict=True):
        np.save(file, alm)
    return files


def test_a_simulation_set_from_the_command_to_the_data(tmp_path):
    store = str(tmp_path / "store.zarr")
    command = [INSTALLED, "scatter", "cmb128-laptop", "--n", "6"]
    options = ["--seed", "7", "--first", "3", "--oversampling", "1", "--workers", "1"]
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


def test_a_range_of_a_set_is_the_same_within_a_larger_one(small, tmp_path):
    arguments = ["--seed", "1", *small]
    name = "cmb128-laptop"
    assert main(["scatter", name, "--n", "5", "--out", str(tmp_path / "all"), *arguments]) == 0
    part = ["--n", "2", "--first", "3", "--out", str(tmp_path / "part"), *arguments]
    assert main(["scatter", name, *part]) == 0
    whole, part = (pipeline.load_dataset(tmp_path / name) for name in ("all", "part"))
    np.testing.assert_array_equal(whole.alm[3:], part.alm)
    assert whole.names[3:] == part.names


@pytest.mark.parametrize("grid", ["gauss-legendre", "mcewen-wiaux", "fejer", "alm"])
def test_files_of_numpy(small, tmp_path, capsys, grid):
    for i, alm in enumerate(noise(L, n=3)):
        content = alm if grid == "alm" else st.inverse(alm, st.Grid(grid, L))
        np.save(tmp_path / f"{i}.npy", content)
    files = [str(tmp_path / f"{i}.npy") for i in range(3)]
    out = tmp_path / "store"
    assert main(["scatter", *files, "--L", str(L), "--grid", grid, "--out", str(out), *small]) == 0
    assert capsys.readouterr().out == f"{out}: 3 maps, 3 of them computed now\n"
    expected = st.ScatteringTransform(L, J_min=2, oversampling=1)(noise(L, n=3)).alm
    np.testing.assert_allclose(pipeline.load_dataset(out).alm, expected, atol=1e-5)


def test_paths_with_spins_go_through_the_store(small, tmp_path, capsys):
    np.save(tmp_path / "0.npy", noise(L))
    what = [str(tmp_path / "0.npy"), "--L", str(L), "--grid", "alm", "--directions", "3"]
    out = ["--nonlinearity", "envelope", "--out", str(tmp_path / "store"), *small]
    assert main(["scatter", *what, *out]) == 0
    assert main(["scatter", *what, *out]) == 0  # and is taken up again
    assert capsys.readouterr().out.endswith("1 map, 0 of them computed now\n")
    scatter = st.ScatteringTransform(
        L, J_min=2, oversampling=1, nonlinearity="envelope", directions=3
    )
    S = pipeline.load_dataset(tmp_path / "store").coefficients()
    assert S.paths == scatter.paths
    np.testing.assert_allclose(S[(4, (3, 2))][0], scatter(noise(L))[(4, (3, 2))], atol=1e-5)


def test_files_of_healpix(small, tmp_path, capsys):
    file, out = tmp_path / "sky.fits", tmp_path / "store"
    samples = st.inverse(noise(L), st.Grid.healpix(8))
    healpy.write_map(file, samples, dtype=np.float64, column_units="uK")
    mask = str(tmp_path / "mask.fits")
    healpy.write_map(mask, np.ones(768))
    options = ["--unit", "uK", "--mask", mask, "--out", str(out)]
    assert main(["scatter", str(file), *options, *small]) == 0
    said = capsys.readouterr().out
    assert re.search(r"1 of them computed now, in uK, behind the mask \w+ \(100 % of the", said)
    expected = st.ScatteringTransform(L, J_min=2, oversampling=1)(noise(L)).alm
    np.testing.assert_allclose(pipeline.load_dataset(out).alm[0], expected, atol=1e-5)


def test_unusable_maps_are_listed_and_change_the_exit_status(small, tmp_path, alm_files, capsys):
    np.save(alm_files[1], np.full(136, np.nan + 0j))
    arguments = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s"), *small]
    for computed, options in ((3, []), (0, []), (1, ["--retry-unusable"])):
        assert main(["scatter", *arguments, *options]) == 3
        said = capsys.readouterr()
        assert said.out.endswith(f"3 maps, 2 of them with coefficients; {computed} tried now\n")
        named, counted = said.err.splitlines()
        assert named == (
            f"unusable: {alm_files[1]}: alm must be finite, got 136 NaN or infinite of 136"
        )
        assert counted.startswith("Unusable maps: 1 of 3.")
        assert "--retry-unusable" in counted

    # A repaired file is computed without being asked to, and its old reason is gone.
    np.save(alm_files[1], noise(L))
    assert main(["scatter", *arguments]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cmb-1024", "--n", "2"], "one of the simulation sets cmb1024, .* got cmb-1024"),
        (["folder/"], "there is no folder 'folder/'"),
        (["list.txt"], "there is no list of files 'list.txt'"),
        (["@names"], "there is no list of files 'names'"),
        (["maps/*.fits"], "'maps/\\*.fits' is a pattern that no file matches"),
        (["x.h5"], r"'x.h5' is of no kind that can be read: give .npy files, HEALPix .fits files"),
        (["x.npz"], "'x.npz' is of no kind that can be read"),
        (["x.npy.gz"], "'x.npy.gz' is of no kind that can be read"),
        (
            ["cmb128-laptop", "--n", "2", "--L", "64"],
            "--L does not apply to simulation sets: it is for .npy files and .fits files",
        ),
        (["cmb128-laptop", "--n", "2", "--grid", "alm"], "--grid does not apply to simulation"),
        (["cmb128-laptop", "--n", "2", "--unit", "K"], "--unit does not apply to simulation sets"),
        (["a.fits", "--grid", "alm"], "--grid does not apply to .fits files: it is for .npy files"),
        (["a.fits", "--n", "2"], "--n does not apply to .fits files: it is for simulation sets"),
        (["a.fits", "--seed", "0"], "--seed does not apply to .fits files"),
        (["a.npy", "--L", "8", "--first", "0"], "--first does not apply to .npy files"),
        (
            ["a.npy", "--L", "8", "--grid", "fejer", "--ordering", "NESTED"],
            "no .npy file can be read",
        ),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--ordering", "NESTED"],
            "ordering='NESTED' is for HEALPix samples",
        ),
        (["a.npy", "--L", "8", "--coordinates", "G"], "--coordinates does not apply to .npy"),
        (["a.npy", "--L", "8", "--field", "0"], "--field does not apply to .npy files"),
        (
            ["a.npy", "./a.npy", "--L", "8", "--grid", "alm"],
            "files must differ: 'a.npy' and './a.npy' are both",
        ),
        (["cmb128-laptop"], "--n must be given for the simulation set 'cmb128-laptop'"),
        (["cmb128-laptop", "--n", "0"], "n must be an integer >= 1, got 0"),
        (["cmb128-laptop", "--n", "2", "--seed", "-1"], "seed must be an integer >= 0, got -1"),
        (["cmb128-laptop", "--n", "2", "--J-min", "9"], "J_min must be an integer"),
        (
            ["cmb128-laptop", "--n", "2", "--workers", "0"],
            "--workers must be an integer >= 1, got 0",
        ),
        (["cmb128-laptop", "cmb1024", "--n", "2"], "one of the simulation sets"),
        (["cmb128-laptop", "a.npy"], "one of the simulation sets .* got cmb128-laptop a.npy"),
        (["a.npy", "b.fits"], "source must be files of one kind, got 'a.npy' and 'b.fits'"),
        (
            ["a.npy", "--L", "8"],
            "--grid must be given for .npy files.*: one of gauss-legendre.*alm",
        ),
        (
            ["a.npy", "--grid", "mcewen-wiaux"],
            "--lmax must be given for .npy files that hold 'mcewen-wiaux'",
        ),
        (["a.npy", "--L", "8", "--lmax", "8"], "--L 8 is --lmax 7, got --lmax 8; give one of them"),
        (["a.npy", "--lmax", "-1"], "--lmax must be an integer >= 0, got -1"),
        (["a.npy", "--L", "8", "--hdu", "1"], "--hdu does not apply to .npy files"),
        (
            ["cmb128-laptop", "--n", "2", "--pixel-window", "apply,64"],
            "--pixel-window does not apply to simulation sets: it is for .npy files and .fits",
        ),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--pixel-window", "apply"],
            "pixel_window must name an nside, as in 'apply,32', .* HEALPix pixels, got 'apply'",
        ),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--pixel-window", "divide"],
            "pixel_window must be 'remove' or 'apply', with an nside as in .* got 'divide'",
        ),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--pixel-window", "apply,12"],
            "pixel_window 'apply,12': nside must be a power of 2, got 12",
        ),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--pixel-window", "apply,1"],
            "pixel_window 'apply,1': L must be an integer >= 1 and <= 5 for nside=1, got 8",
        ),
        (["a.npy", "--grid", "healpix"], "no .npy file can be read: a.npy is no array, or is not"),
        (["cmb128-laptop", "--n", "2", "--labels", "x"], "--labels is for maps in files"),
        (
            ["a.npy", "--L", "8", "--grid", "alm", "--labels", "x.csv"],
            "there is no table of labels 'x.csv'",
        ),
        (
            ["a.fits"],
            "files must hold HEALPix maps; none can be read: a.fits: there is no such file",
        ),
        (["cmb128-laptop", "--n", "2", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.setattr("sphere_toolkit.pipeline.cluster.CONNECT_SECONDS", 1)
    monkeypatch.chdir(tmp_path)
    assert main(["scatter", *arguments, "--out", str(tmp_path / "store"), "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("sphere-toolkit: error: ")
    assert re.search(message, line), line


def test_a_store_made_with_other_parameters_is_refused(small, tmp_path, alm_files, capsys):
    base = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s")]
    assert main(["scatter", *base, *small]) == 0
    assert main(["scatter", *base, *small, "--depth", "1"]) == 1
    assert "transform.depth is 2 there, 1 here" in capsys.readouterr().err
    header = json.loads((tmp_path / "s" / "zarr.json").read_text())["attributes"]
    assert header["transform"]["depth"] == 2


class _Cancelled(Exception):
    """As if raised by Dask."""


_Cancelled.__module__ = "distributed.client"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            _Cancelled("task lost\nbecause\n  of this"),
            "_Cancelled: task lost because of this. What",
        ),
        (RuntimeError("the scheduler\ndied"), "the scheduler died"),
        (MemoryError("unable to allocate 3 EiB"), "not enough memory.* 3 EiB"),
        (OSError(28, "No space left on device"), "No space left"),
        (ModuleNotFoundError("No module named 'dask'", name="dask"), "dask.* install .*scale"),
    ],
)
def test_errors_of_other_packages_are_one_line(
    tmp_path, alm_files, capsys, monkeypatch, error, said
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(pipeline, "scatter_dataset", fail)
    arguments = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s"), *SMALL]
    assert main(["scatter", *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(f"^sphere-toolkit: error: .*{said}", line), line


def test_a_store_grows_and_its_labels_are_never_lost(small, tmp_path, alm_files, capsys):
    options = ["--L", "16", "--grid", "alm", "--out", str(tmp_path / "s"), *small]
    options += ["--maps-per-shard", "2"]  # more than there are at first
    table = tmp_path / "labels.csv"
    table.write_text("0.npy,dust\n")
    labels = ["--labels", str(table)]
    assert main(["scatter", *alm_files[:1], *options, *labels]) == 0
    header = (tmp_path / "s/zarr.json").read_bytes()
    table.write_text("0.npy,dust\n1.npy,dust\n1.npy,sync\n")
    assert main(["scatter", *alm_files, *options, *labels]) == 1
    assert "must name each map once, got" in capsys.readouterr().err
    assert (tmp_path / "s/zarr.json").read_bytes() == header
    table.write_text("0.npy,dust\n1.npy,sync\n2.npy,\n")
    assert main(["scatter", *alm_files[::-1], *options, *labels]) == 0
    assert capsys.readouterr().out.endswith("3 maps, 3 of them computed now\n")
    assert main(["scatter", *alm_files, *options]) == 0
    assert capsys.readouterr().out.endswith("3 maps, 0 of them computed now\n")
    data = pipeline.load_dataset(tmp_path / "s")
    assert dict(zip(data.names, data.labels, strict=True)) == {
        alm_files[0]: "dust", alm_files[1]: "sync", alm_files[2]: "",
    }  # fmt: skip
    expected = st.ScatteringTransform(L, J_min=2, oversampling=1)(noise(L, n=3)).alm
    order = [alm_files.index(name) for name in data.names]
    np.testing.assert_allclose(data.alm, expected[order], atol=1e-5)


@pytest.mark.parametrize("there", [False, True])
def test_a_stopped_run_says_whether_anything_is_kept(
    tmp_path, alm_files, capsys, monkeypatch, there
):
    def stop(source, transform, store, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "scatter_dataset", stop)
    store = tmp_path / "store"
    if there:
        store.mkdir()
    command = ["scatter", *alm_files, "--grid", "alm", "--L", str(L), "--out", str(store), *SMALL]
    assert main(command) == 130
    said = capsys.readouterr().err
    assert (f"kept in {store}" in said) == there
    assert ("Nothing was computed yet" in said) != there


def test_a_fault_of_the_package_itself_keeps_its_traceback(tmp_path, alm_files, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "scatter_dataset", fail)
    arguments = [*alm_files, "--L", "16", "--grid", "alm", "--out", str(tmp_path / "s"), *SMALL]
    with pytest.raises(ZeroDivisionError):
        main(["scatter", *arguments])


@pytest.fixture
def asked(monkeypatch):
    """What the command asks `scatter_dataset` for, which does nothing here."""
    calls = []

    def scatter_dataset(source, transform, store, **options):
        calls.append((source, transform, store, options))
        return pipeline.Report(store, n=3, n_computed=3, unusable={})

    monkeypatch.setattr(pipeline, "scatter_dataset", scatter_dataset)
    return calls


@pytest.mark.parametrize("spelling", [["--out", "~/s"], ["--out=~/s"]])
def test_the_home_folder_is_known(tmp_path, alm_files, monkeypatch, asked, spelling):
    monkeypatch.setenv("HOME", str(tmp_path))
    names = [f"~/{Path(name).name}" for name in alm_files]
    assert main(["scatter", *names, "--L", "16", "--grid", "alm", *spelling, *SMALL]) == 0
    ((source, _, store, _),) = asked
    assert (source.paths, store) == (alm_files, tmp_path / "s")


def test_a_folder_and_a_list_name_the_same_maps(tmp_path, alm_files, asked):
    (tmp_path / "all.txt").write_text("0.npy\n1.npy\n2.npy\n")
    for names in (alm_files, [str(tmp_path)], [str(tmp_path / "all.txt")], [f"{tmp_path}/*.npy"]):
        assert main(["scatter", *names, "--L", "16", "--grid", "alm", "--out", "s", *SMALL]) == 0
        assert asked[-1][0].paths == alm_files


def test_what_numpy_files_hold_is_found_from_their_shape(tmp_path, asked):
    np.save(tmp_path / "sky.npy", np.zeros((2, 48)))
    np.save(tmp_path / "era.npy", np.zeros((3, 7, 12)))

    def grid(name, *options):
        assert main(["scatter", str(tmp_path / name), "--out", "s", *options, "--J-min", "1"]) == 0
        return asked[-1][0].grid, len(asked[-1][0].names)

    assert grid("sky.npy", "--grid", "healpix") == (st.Grid.healpix(2), 2)
    assert grid("sky.npy", "--grid", "healpix", "--lmax", "2") == (st.Grid.healpix(2, 3), 2)
    (tmp_path / "mixed").mkdir()
    for i, n in enumerate((12, 48, 48)):  # a stray map comes first
        np.save(tmp_path / "mixed" / f"{i}.npy", np.zeros(n))
    assert grid("mixed", "--grid", "healpix") == (st.Grid.healpix(2), 3)
    era = st.Grid.equiangular(7, 12)
    assert grid("era.npy", "--grid", "clenshaw-curtis", "--unit", "K") == (era, 3)
    assert asked[-1][0].unit == "K"
    np.save(tmp_path / "ncep.npy", np.zeros((2, 9, 20)))
    ncep = st.Grid.gauss_legendre(9, n_phi=20)
    assert grid("ncep.npy", "--grid", "gauss-legendre") == (ncep, 2)


def test_several_fields_are_several_maps(tmp_path, asked, capsys):
    file = str(tmp_path / "sky.fits")
    healpy.write_map(file, st.inverse(noise(L, n=3), st.Grid.healpix(8)), dtype=np.float64)
    mask = str(tmp_path / "mask.fits")
    healpy.write_map(mask, np.ones(768))
    for options, said in (([], ""), (["--mask", mask], "Note: behind a mask E and B mix: ")):
        command = ["scatter", file, "--out", "s", "--field", "0,E,B", *options, *SMALL]
        assert main(command) == 0
        assert asked[-1][0].names == [f"{file}[{field}]" for field in (0, "E", "B")]
        assert capsys.readouterr().err[: len(said) or None] == said


def test_options_are_handed_on(tmp_path, asked, capsys):
    file = tmp_path / "sky.FITS.gz"
    tqu = st.inverse(noise(L, n=3), st.Grid.healpix(8))
    healpy.write_map(file, tqu, dtype=np.float64, column_units=["K", "mK", "uK"], coord="E")
    source = ["--field", "1", "--unit", "mK", "--coordinates", "E", "--lmax", "11", "--hdu", "1"]
    healpy.write_map(tmp_path / "mask.fits", np.ones(768))
    source += ["--beam", "60", "--mask", str(tmp_path / "mask.fits"), "--pixel-window", "remove"]
    transform = ["--J-min", "1", "--depth", "1", "--lam", "3", "--oversampling", "1",
                 "--nonlinearity", "envelope(2)", "--directions", "4"]  # fmt: skip
    work = ["--accept-versions", "--retry-unusable", "--worker-timeout", "7", "--quiet",
            "--maps-per-shard", "2", "--workers", "1"]  # fmt: skip
    dtype = ["--dtype", "float32"]
    assert main(["scatter", str(file), "--out", "s", *source, *transform, *dtype, *work]) == 0
    ((maps, scatter, store, options),) = asked
    assert (maps.field, maps.unit, maps.coordinates, maps.L) == (1, "mK", "E", 12)
    assert (maps.hdu, maps.names) == (1, [str(file)])
    assert maps.preparation.mask == str(tmp_path / "mask.fits")
    assert maps.preparation.beam == pytest.approx(np.radians(1))
    assert maps.preparation.pixel_window == maps.describe()["pixel_window"] == "remove,8"
    expected = {"L": 12, "J_min": 1, "depth": 1, "lam": 3.0, "oversampling": 1, "dtype": "float32",
                "nonlinearity": "envelope(2)", "directions": 4}  # fmt: skip
    assert {name: scatter.parameters()[name] for name in expected} == expected
    assert store == Path("s")
    said = capsys.readouterr().err
    assert said.startswith("Note: Q_POLARISATION will be scattered as scalars, but")
    assert said.count("\n") == 1
    assert options == {
        "client": None, "n_workers": 1, "maps_per_shard": 2, "retry_unusable": True,
        "accept_versions": True, "worker_timeout": 7.0, "progress": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "argv", [[], ["scatter"], ["nonsense"], ["study", "nonsense"],
             ["study", "features"], ["study", "figures"], ["study"],
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
    (offered,) = re.findall(r"--nonlinearity NONLINEARITY\n([^-]*)", said)
    assert [name for name in NONLINEARITIES if name not in offered] == []


def test_the_studies_are_those_that_can_be_run(capsys):
    runnable = {file.parent.name for file in (ROOT / "experiments").glob("*/__main__.py")}
    assert set(STUDIES) == runnable
    with pytest.raises(SystemExit) as caught:
        main(["study", "--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in STUDIES)


# As `python -m experiments.NAME --help` for each name: one process loads what all of them need.
HELPS = """
import runpy, sys
for name in sys.argv[1:]:
    sys.argv = [name, "--help"]
    try: runpy.run_module(f"experiments.{name}", run_name="__main__", alter_sys=True)
    except SystemExit as end: assert end.code == 0
"""


def test_a_study_is_run_from_a_checkout_by_the_command_that_is_printed(capsys):
    for name in STUDIES:
        assert main(["study", name, "--out", "a file.json"]) == 1
        said = capsys.readouterr().err
        assert f"python -m experiments.{name} --out 'a file.json'" in said
    helps = subprocess.run(
        [sys.executable, "-c", HELPS, *STUDIES],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = [line.split()[3] for line in helps.stdout.splitlines() if line.startswith("usage: pyth")]
    assert said == [f"experiments.{name}" for name in STUDIES]


def test_the_package_runs_as_a_module_and_loads_only_what_it_needs():
    command = [sys.executable, "-X", "importtime", "-m", "sphere_toolkit", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"sphere-toolkit {st.__version__}\n"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"numpy", "sphere_toolkit"} < loaded
    assert {"dask", "distributed", "zarr", "jax", "sklearn", "scipy.special"} & loaded == set()
