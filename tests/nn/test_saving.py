"""Models in files: every bit comes back, and whatever else is in a file is told apart."""

import io
import json
import os
import pickle

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sphere_toolkit import nn


class Everything(eqx.Module):
    """One field of each kind that a layer may have."""

    single: jax.Array
    parts: tuple
    table: np.ndarray
    factor: float
    named: dict
    activation: object
    mixing: str = eqx.field(static=True)

    def __init__(self, seed=0, *, width=3, mixing="mst", activation=jax.nn.relu):
        keys = jax.random.split(jax.random.key(seed), 3)
        self.single = jax.random.normal(keys[0], (width, 2))
        self.parts = (jax.random.normal(keys[1], (2,), complex), jnp.arange(3), None)
        self.table = np.linspace(0, 1, 5) + seed
        self.factor = 0.1
        self.named = {"head": eqx.nn.Linear(width, 2, key=keys[2])}
        self.activation, self.mixing = activation, mixing


def identical(first, second):
    leaves = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return all(
        a is b or (np.asarray(a).dtype == np.asarray(b).dtype and np.array_equal(a, b))
        for a, b in leaves
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model"


def test_every_array_comes_back_to_the_bit(path):
    model = Everything()
    nn.save(path, model, {"width": 3, "mixing": "mst"})
    found = nn.load(path, Everything(seed=1))
    assert identical(found, model)
    assert not identical(Everything(seed=1), model)
    assert nn.hyperparameters(path) == {"width": 3, "mixing": "mst"}
    assert os.listdir(path.parent) == [path.name]


def test_a_template_needs_no_weights(path):
    model = eqx.nn.MLP(2, 3, 4, 1, key=jax.random.key(0))
    nn.save(str(path), model)
    like = eqx.filter_eval_shape(eqx.nn.MLP, 2, 3, 4, 1, key=jax.random.key(1))
    assert identical(nn.load(str(path), like), model)
    assert nn.hyperparameters(path) == {}


def test_double_precision_is_another_architecture(path):
    nn.save(path, eqx.nn.Linear(2, 3, key=jax.random.key(0)))
    with jax.enable_x64():
        like = eqx.nn.Linear(2, 3, dtype=jnp.float64, key=jax.random.key(0))
        with pytest.raises(ValueError, match=r"weight is float32\[3,2\] in the file, float64"):
            nn.load(path, like)
        nn.save(path, like)
        assert identical(nn.load(path, like), like)


def test_the_file_is_one_line_of_json_and_numpys_arrays(path):
    model = Everything()
    nn.save(path, model, {"L": 8})
    line, _, content = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    assert header["format"] == "sphere_toolkit model"
    assert header["structure"][".single"] == "float32[3,2]"
    assert header["structure"][".mixing"] == "'mst'"
    assert header["structure"][".activation"] == "relu"
    assert header["structure"][".named['head']"] == "Linear"
    stream = io.BytesIO(content)
    np.testing.assert_array_equal(np.load(stream, allow_pickle=False), model.single)


@pytest.mark.parametrize(
    ("like", "message"),
    [
        (Everything(width=4), r"single is float32\[3,2\] in the file, float32\[4,2\] here; named"),
        (Everything(mixing="full"), "mixing is 'mst' in the file, 'full' here$"),
        (Everything(activation=jax.nn.softplus), "activation is relu in the file, softplus here$"),
        (eqx.nn.MLP(2, 3, 4, 5, key=jax.random.key(0)), "the model is Everything.* and .* more$"),
        (eqx.tree_at(lambda m: m.factor, Everything(), 0.2), "factor is 0.1 in the file, 0.2 here"),
        (eqx.tree_at(lambda m: m.parts, Everything(), (None, None)), "parts.* is .* in the file"),
    ],
)  # fmt: skip
def test_another_architecture_is_named_by_its_first_differences(path, like, message):
    nn.save(path, Everything())
    with pytest.raises(ValueError, match=f"holds another architecture: .*{message}"):
        nn.load(path, like)


def test_any_damage_is_noticed(path):
    nn.save(path, Everything(), {"note": "abc"})
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in [0, 30, *rng.integers(0, len(whole), 60), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"model (is damaged|is no model|has format version)"):
            nn.load(path, Everything())


def test_a_part_of_a_file_is_noticed(path):
    nn.save(path, Everything())
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    for length in (0, 5, 60, header - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="no model of sphere_toolkit|damaged: its first line"):
            nn.load(path, Everything())
    for length in (header, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"truncated: {length - header} of \d+ bytes"):
            nn.hyperparameters(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ValueError, match="damaged: its content does not match"):
        nn.load(path, Everything())


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"format": "other"}\n', pickle.dumps({"a": 1}), b"\x93NUMPY\x01\x00"]
)
def test_a_foreign_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no model of sphere_toolkit"):
        nn.load(path, Everything())


def test_a_later_version_is_refused(path, monkeypatch):
    monkeypatch.setattr(nn.saving, "_VERSION", 2)
    nn.save(path, Everything())
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format version 2, expected 1"):
        nn.load(path, Everything())


class Trap:
    """Unpickled, it would leave a trace."""

    def __reduce__(self):
        return os.mkdir, (os.environ["TRAP"],)


def test_a_forged_file_runs_no_code(path, monkeypatch):
    # Whole by its checksum, but its array is a pickle in NumPy's own wrapping.
    trace = path.parent / "trace"
    monkeypatch.setenv("TRAP", str(trace))
    model = eqx.nn.Linear(1, 1, use_bias=False, key=jax.random.key(0))

    def forge(stream, _):
        np.save(stream, np.array([Trap()], dtype=object), allow_pickle=True)

    monkeypatch.setattr(nn.saving.eqx, "tree_serialise_leaves", forge)
    nn.save(path, model)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="does not hold the arrays it lists: .*allow_pickle=False"):
        nn.load(path, model)
    assert not trace.exists()


def test_a_forged_shape_is_refused(path, monkeypatch):
    model = eqx.nn.Linear(2, 3, key=jax.random.key(0))
    monkeypatch.setattr(nn.saving, "describe", lambda _: nn._structure.describe(model))
    nn.save(path, eqx.nn.Linear(2, 4, key=jax.random.key(0)))
    monkeypatch.undo()
    with pytest.raises(ValueError, match="does not hold the arrays it lists"):
        nn.load(path, model)


def test_saving_replaces_in_one_step(path, monkeypatch):
    nn.save(path, Everything())
    before = path.read_bytes()

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        nn.save(path, Everything(seed=1))
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
    nn.save(path, Everything(seed=1))
    assert path.read_bytes() != before


def test_what_json_cannot_hold_is_refused(path):
    with pytest.raises(TypeError, match="hyperparameters must be what JSON can hold.*function"):
        nn.save(path, Everything(), {"activation": jax.nn.gelu})
    with pytest.raises(ValueError, match="hyperparameters must be what JSON can hold"):
        nn.save(path, Everything(), {"rate": float("nan")})
    assert not path.exists()


def test_a_missing_file_or_folder_is_named(path):
    with pytest.raises(FileNotFoundError, match="model"):
        nn.load(path, Everything())
    with pytest.raises(FileNotFoundError):
        nn.save(path.parent / "missing" / "model", Everything())
