import hashlib
import json
from importlib.resources import files

import pytest
from commands import ROOT

from sphere_toolkit import data


@pytest.mark.parametrize("name", sorted(data.SHA256))
def test_every_file_is_what_was_shipped_and_documented(name):
    assert hashlib.sha256(data.read(name)).hexdigest() == data.SHA256[name]
    course = name in data.OF_THE_COURSE
    readme = ROOT / "notebooks/data/README.md" if course else files(data).joinpath("README.md")
    assert name in readme.read_text()


def test_every_shipped_file_is_registered():
    found = {f.name for f in files(data).iterdir() if f.name not in ("README.md", "__pycache__")}
    found |= {f.name for f in (ROOT / "notebooks/data").iterdir() if f.name != "README.md"}
    assert {name for name in found if not name.endswith(".py")} == set(data.SHA256)


def test_unknown_name():
    with pytest.raises(ValueError, match="name must be one of.*got 'mars.npz'"):
        data.read("mars.npz")


def test_damage_is_noticed(monkeypatch):
    name = "earth_relief_20min.npz"
    monkeypatch.setitem(data.SHA256, name, "0" * 64)
    with pytest.raises(ValueError, match="is damaged"):
        data.read(name)


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """The package without the course, and a working directory."""
    monkeypatch.setattr(data, "_CHECKOUT", tmp_path / "lib")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", data.OF_THE_COURSE)
@pytest.mark.parametrize("folder", ["", "data"])
def test_files_of_the_course_are_read_beside_a_notebook(installed, name, folder):
    place = installed / folder
    place.mkdir(exist_ok=True)
    (place / name).write_bytes((ROOT / "notebooks/data" / name).read_bytes())
    assert hashlib.sha256(data.read(name)).hexdigest() == data.SHA256[name]


@pytest.mark.parametrize("name", data.OF_THE_COURSE)
def test_without_the_course_the_error_says_where_its_files_are(installed, name):
    with pytest.raises(FileNotFoundError, match=f"{name}.*notebooks/data") as error:
        data.read(name)
    assert str(installed / "data") in str(error.value)


@pytest.mark.parametrize("name", data.RESULTS)
def test_results_are_those_of_the_repository(name):
    text = (ROOT / "benchmarks/results" / f"{name}.json").read_text()
    assert data.results(name) == json.loads(text)


def test_unknown_result():
    with pytest.raises(ValueError, match="name must be one of.*'digits'.*got 'digit'"):
        data.results("digit")


def test_files_of_the_package_need_no_course(installed):
    assert data.read("coastlines_110m.npz")
