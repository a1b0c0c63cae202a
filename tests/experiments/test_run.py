"""What is computed once: kept, computed again when damaged or outdated, and in parallel."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import run as module
from experiments.run import Run

CALLS = []


def rows(name, seed, start, stop):
    """Two arrays whose rows say which sky they are of."""
    CALLS.append((start, stop))
    numbers = np.arange(start, stop)
    return numbers + 1000 * seed, np.stack([numbers, numbers**2], axis=1) * len(name)


def find(run, first=5, n=10, step=4):
    CALLS.clear()
    return run.in_blocks(rows, "four", first, n, step, "rows")


def check(found, seed=2, first=5, n=10):
    numbers = np.arange(first, first + n)
    np.testing.assert_array_equal(found[0], numbers + 1000 * seed)
    np.testing.assert_array_equal(found[1], 4 * np.stack([numbers, numbers**2], axis=1))


@pytest.fixture
def run(tmp_path):
    return Run(seed=2, epochs=1, store=tmp_path / "store", n_workers=1)


def test_blocks_are_joined_and_computed_once(run):
    check(find(run))
    assert CALLS == [(5, 9), (9, 13), (13, 15)]
    check(find(run))
    assert CALLS == []
    check(find(run, n=4), n=4)
    assert CALLS == []


def test_another_seed_version_or_code_is_computed_anew(run, monkeypatch):
    find(run)
    check(find(replace(run, seed=7)), seed=7)
    assert len(CALLS) == 3
    with monkeypatch.context() as patch:
        patch.setattr(module, "versions", lambda names: {"numpy": "another"})
        check(find(run))
        assert len(CALLS) == 3
    monkeypatch.setattr(module, "_digest_of_code", lambda: "another")
    check(find(run))
    assert len(CALLS) == 3


def test_code_is_what_numbers_come_from(tmp_path, monkeypatch):
    package, experiments = tmp_path / "package", tmp_path / "experiments"
    files = [package / "sphere/a.py", package / "plot/b.py", experiments / "wmap/figure.py"]
    files += [experiments / "wmap/skies.py"]
    for file in [package / "__init__.py", *files]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    monkeypatch.setattr(module.st, "__file__", str(package / "__init__.py"))
    monkeypatch.setattr(module, "__file__", str(experiments / "run.py"))
    changes = []
    for file in files:
        before = module._digest_of_code.__wrapped__()
        file.write_text("changed")
        changes.append(module._digest_of_code.__wrapped__() != before)
    assert changes == [True, False, False, True]


@pytest.mark.parametrize("damage", [lambda b: b[:-20], lambda b: b"", lambda b: b"no pickle"])
def test_only_what_is_damaged_is_computed_again(run, damage):
    find(run)
    file = sorted(run.store.rglob("output.pkl"))[0]
    file.write_bytes(damage(file.read_bytes()))
    check(find(run))
    assert len(CALLS) == 1
    check(find(run))
    assert CALLS == []


def test_two_processes_find_what_one_finds(run):
    check(find(replace(run, n_workers=2)))
    assert CALLS == []  # they ran elsewhere
    check(find(run))
    assert CALLS == []


@pytest.mark.parametrize("name", ["seed", "epochs"])
def test_bad_numbers_are_refused(run, name):
    with pytest.raises(ValueError, match=f"--{name} must be an integer >= ., got -1"):
        replace(run, **{name: -1})
