import hashlib
from importlib.resources import files

import pytest

from sphere_toolkit import data


@pytest.mark.parametrize("name", sorted(data.SHA256))
def test_every_file_is_what_was_shipped_and_documented(name):
    assert hashlib.sha256(data.read(name)).hexdigest() == data.SHA256[name]
    assert name in files(data).joinpath("README.md").read_text()


def test_every_shipped_file_is_registered():
    found = {f.name for f in files(data).iterdir() if f.name not in ("README.md", "__pycache__")}
    assert {name for name in found if not name.endswith(".py")} == set(data.SHA256)


def test_unknown_name():
    with pytest.raises(ValueError, match="name must be one of.*got 'mars.npz'"):
        data.read("mars.npz")


def test_damage_is_noticed(monkeypatch):
    name = "earth_relief_20min.npz"
    monkeypatch.setitem(data.SHA256, name, "0" * 64)
    with pytest.raises(ValueError, match="is damaged"):
        data.read(name)
