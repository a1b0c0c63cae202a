"""Models in files: every bit comes back, and whatever else is in a file is told apart."""

import io
import json
import os
import pickle
import subprocess
import sys
import textwrap
from functools import cache

import equinox as eqx
import jax
import jax.numpy as jnp
import joblib
import numpy as np
import pytest
import support
from distributed.protocol import pickle as dask_pickle

from sphere_toolkit import nn


@nn.register
class Everything(eqx.Module):
    """One field of each kind that a layer may have."""

    single: jax.Array
    parts: tuple
    table: np.ndarray
    factor: float
    named: dict
    activation: object
    constant: nn.Constant = eqx.field(static=True)
    mixing: str = eqx.field(static=True)

    def __init__(self, seed=0, *, width=3, mixing="mst", activation=jax.nn.relu):
        keys = jax.random.split(jax.random.key(seed), 3)
        self.single = jax.random.normal(keys[0], (width, 2))
        self.parts = (jax.random.normal(keys[1], (2,), complex), jnp.arange(3), [None, True])
        self.table = np.linspace(0, 1, 5) + seed
        self.factor = 0.1
        self.named = {"head": eqx.nn.Linear(width, 2, key=keys[2])}
        self.activation, self.mixing = activation, mixing
        self.constant = nn.Constant([[1.5, np.nan]])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model"


NETWORKS = ("ZonalCNN", "SphericalCNN", "GeneralizedCNN", "HybridClassifier")


@cache
def network(name):
    return getattr(nn, name)(
        2, 4, 3, channels=(2, 2), hidden=2, key=jax.random.key(0),
        standardisation=nn.Standardisation(np.full((2, 4), 3.0), [0.5, 1], [True, False]),
    )  # fmt: skip


OTHERS = {
    "everything": Everything,
    "MLP": lambda: eqx.nn.MLP(2, 3, 4, 1, key=jax.random.key(0)),
    "Sequential": lambda: eqx.nn.Sequential([
        network("ZonalCNN"), eqx.nn.LayerNorm(3), eqx.nn.Lambda(jax.nn.gelu), eqx.nn.Identity()
    ]),
    "pair": lambda: (eqx.nn.Linear(2, 3, key=jax.random.key(0)), network("ZonalCNN").layers[0]),
    "half": lambda: eqx.nn.Linear(2, 3, dtype=jnp.bfloat16, key=jax.random.key(0)),
}  # fmt: skip


@pytest.mark.parametrize("name", [*NETWORKS, *OTHERS])
def test_the_file_alone_gives_every_bit_back(path, name):
    model = OTHERS[name]() if name in OTHERS else network(name)
    nn.save(path, model, {"accuracy": 0.5, "by": ["me"]})
    assert support.identical(nn.load(path), model)
    assert nn.read_metadata(path) == {"accuracy": 0.5, "by": ["me"]}
    assert os.listdir(path.parent) == [path.name]


def test_a_classifier_comes_back_with_standardisation_and_names_in_another_process(path):
    model = nn.models.base.with_classes(network("HybridClassifier"), ["dust", "sky"])
    nn.save(path, model)
    x = support.random_alm(2, 4, 1).at[0, 0].set(2.0)
    script = f"""
        import equinox as eqx
        import numpy as np
        from sphere_toolkit import nn
        model = nn.load({str(path)!r})
        assert model.classes == ("dust", "sky") and model.L == 4
        assert model.layers[0].rms.tolist() == [[3.0] * 4] * 2
        x = np.array({np.asarray(x).tolist()}, np.complex64)
        print(eqx.filter_jit(model)(x).tolist())
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True
    )
    expected = eqx.filter_jit(model)(x)
    np.testing.assert_allclose(json.loads(run.stdout), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dump", [pickle, dask_pickle])
@pytest.mark.parametrize("name", NETWORKS)
def test_models_can_be_pickled(dump, name):
    model = network(name)
    assert support.identical(pickle.loads(dump.dumps(model)), model)


def test_models_can_be_dumped_by_joblib(path):
    joblib.dump(network("SphericalCNN"), path)
    assert support.identical(joblib.load(path), network("SphericalCNN"))


def test_an_activation_is_saved_by_name_or_refused(path):
    def build(activation):
        return nn.PointwiseActivation(4, activation=activation)

    assert build("relu") == build(jax.nn.relu)
    assert build("relu") != build("softplus")
    for name in nn.ACTIVATIONS:
        nn.save(path, build(name))
        assert nn.load(path) == build(name)
    written = path.read_bytes()
    with pytest.raises(
        TypeError, match=r"model\.activation is '<lambda>'.*jax\.nn\.relu.*register"
    ):
        nn.save(path, build(lambda x: x * 2))
    with pytest.raises(TypeError, match=r"layers\[1\]\.fn is '<lambda>'"):
        nn.save(path, eqx.nn.Sequential([build("relu"), eqx.nn.Lambda(lambda x: x)]))
    assert path.read_bytes() == written
    with pytest.raises(ValueError, match="activation must be one of 'celu', .*, got 'reluu'"):
        build("reluu")


# --- what is registered -----------------------------------------------------------------------


def test_a_function_of_the_users_is_saved_once_it_is_registered(path, monkeypatch):
    def twice(x):
        return 2 * x

    monkeypatch.setattr(nn.registry, "_REGISTERED", dict(nn.registry._REGISTERED))
    model = nn.PointwiseActivation(4, activation=twice)
    with pytest.raises(TypeError, match="'twice', a function that a file cannot name"):
        nn.save(path, model)
    assert nn.register(twice) is twice
    nn.save(path, model)
    assert nn.load(path).activation is twice
    monkeypatch.undo()
    with pytest.raises(ValueError, match="holds 'twice', which is not registered here"):
        nn.load(path)


def test_a_class_that_is_not_registered_is_refused_with_the_way_out(path):
    class Mine(eqx.Module):
        weight: jax.Array

    with pytest.raises(
        TypeError, match=r"model\[0\] is a Mine.*nn\.register\(Mine\).*before nn.load"
    ):
        nn.save(path, [Mine(jnp.ones(2))])
    assert not path.exists()


def test_a_class_with_other_fields_is_another_version(path, monkeypatch):
    monkeypatch.setattr(nn.registry, "_REGISTERED", dict(nn.registry._REGISTERED))

    def define(*names):
        fields = dict.fromkeys(names, jax.Array)
        cls = type("Changing", (eqx.Module,), {"__annotations__": fields})
        return nn.register(cls)

    nn.save(path, define("a")(jnp.ones(2)))
    define("a", "b")  # as when a notebook's cell is run again
    with pytest.raises(ValueError, match=r"Changing with the fields \['a'\].*\['a', 'b'\]"):
        nn.load(path)


@pytest.mark.parametrize(
    ("thing", "options", "error", "message"),
    [
        (lambda x: x, {}, TypeError, "has no name: give it one"),
        (3, {}, TypeError, "subclass of eqx.Module or a function, got 3"),
        (dict, {}, TypeError, "subclass of eqx.Module or a function, got <class 'dict'>"),
        (lambda x: x, {"name": "ZonalCNN"}, ValueError, "'ZonalCNN' is that of .*zonal.ZonalCNN"),
        (lambda x: x, {"name": "jax.nn.relu"}, ValueError, "'jax.nn.relu' is taken"),
    ],
)
def test_names_are_given_once(thing, options, error, message):
    with pytest.raises(error, match=message):
        nn.register(thing, **options)


# --- what is no model -------------------------------------------------------------------------


@pytest.mark.parametrize("thing", ["hello", 3, None, [], {"a": 1}, np.ones(3), jax.nn.relu])
def test_what_is_no_model_is_refused(path, thing):
    with pytest.raises(TypeError, match="model must be an eqx.Module, got"):
        nn.save(path, thing)
    assert not path.exists()


def test_what_a_file_cannot_hold_is_named(path):
    with pytest.raises(TypeError, match=r"\.mixing is 1j of type complex, which a file cannot"):
        nn.save(path, Everything(mixing=1j))
    with pytest.raises(TypeError, match=r"\.activation must hold numbers, got .* dtype key<"):
        nn.save(path, Everything(activation=jax.random.key(0)))
    with pytest.raises(TypeError, match=r"\.activation must hold numbers, got .* dtype object"):
        nn.save(path, Everything(activation=np.array([{}])))


def test_what_json_cannot_hold_is_refused(path):
    with pytest.raises(TypeError, match=r"metadata must be what JSON can hold.*function"):
        nn.save(path, Everything(), {"activation": jax.nn.gelu})
    with pytest.raises(ValueError, match="metadata must be what JSON can hold"):
        nn.save(path, Everything(), {"rate": float("nan")})
    assert not path.exists()


def test_a_missing_file_or_folder_is_named(path):
    with pytest.raises(FileNotFoundError, match="model"):
        nn.load(path)
    target = path.parent / "missing" / "model"
    with pytest.raises(FileNotFoundError) as error:
        nn.save(target, Everything())
    assert str(error.value) == f"there is no folder {target.parent} for the file {target}"
    with pytest.raises(IsADirectoryError, match=f"{path.parent} is a folder"):
        nn.save(path.parent, Everything())


# --- files ------------------------------------------------------------------------------------


def test_the_file_is_one_line_of_json_and_numpys_arrays(path):
    model = Everything()
    nn.save(path, model, {"L": 8})
    line, _, content = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    assert header["format"] == "sphere_toolkit model"
    assert header["model"]["class"] == "Everything"
    fields = header["model"]["fields"]
    assert fields["single"]["array"]["shape"] == [3, 2]
    assert fields["activation"] == {"function": "jax.nn.relu"}
    assert fields["named"]["dict"]["head"]["class"] == "equinox.nn.Linear"
    stream = io.BytesIO(content)
    np.testing.assert_array_equal(np.load(stream, allow_pickle=False), model.single)


def test_any_damage_is_noticed(path):
    nn.save(path, Everything(), {"note": "abc"})
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in [0, 30, *rng.integers(0, len(whole), 60), len(whole) - 1]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"model (is damaged|is no model|has format version)"):
            nn.load(path)


def test_a_part_of_a_file_is_noticed(path):
    nn.save(path, Everything())
    whole = path.read_bytes()
    header = whole.index(b"\n") + 1
    for length in (0, 5, 60, header - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="no model of sphere_toolkit|damaged: its first line"):
            nn.load(path)
    for length in (header, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"truncated: {length - header} of \d+ bytes"):
            nn.read_metadata(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ValueError, match="damaged: its content does not match"):
        nn.load(path)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"format": "other"}\n', pickle.dumps({"a": 1}), b"\x93NUMPY\x01\x00"]
)
def test_a_foreign_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no model of sphere_toolkit"):
        nn.load(path)


def test_another_version_is_refused(path, monkeypatch):
    for version in (1, 3):
        monkeypatch.setattr(nn.training.saving, "_VERSION", version)
        nn.save(path, Everything())
        monkeypatch.undo()
        with pytest.raises(ValueError, match=f"format version {version}, expected 2"):
            nn.load(path)


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


# --- forged files: whole by their checksum, but not written by `save` ---------------------------


def forge(path, encoded, content=b""):
    header = {"format": "sphere_toolkit model", "version": 2, "model": encoded}
    header["bytes"] = len(content)
    header["sha256"] = nn.training.saving._digest(header, content)
    path.write_bytes(json.dumps(header).encode() + b"\n" + content)


class Trap:
    """Unpickled, it would leave a trace."""

    def __reduce__(self):
        return os.mkdir, (os.environ["TRAP"],)


def test_a_forged_file_runs_no_code(path, monkeypatch):
    # Its array is a pickle in NumPy's own wrapping.
    trace = path.parent / "trace"
    monkeypatch.setenv("TRAP", str(trace))
    stream = io.BytesIO()
    np.save(stream, np.array([Trap()], dtype=object), allow_pickle=True)
    for kind in ("array", "numpy", "constant"):
        entry = {"index": 0, "dtype": "float32", "shape": [1]}
        forge(path, {"class": "Scale", "fields": {"factor": {kind: entry}}}, stream.getvalue())
        with pytest.raises(ValueError, match="not hold the arrays it lists: .*allow_pickle=False"):
            nn.load(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        ({"function": "os.system"}, "'os.system', which is not registered here"),
        ({"class": "builtins.eval", "fields": {}}, "'builtins.eval', which is not registered"),
        ({"class": "jax.nn.relu", "fields": {}}, "'jax.nn.relu' as a class.* a function"),
        ({"class": "equinox.nn.Linear", "fields": {"weight": 1}}, r"Linear .*fields \['weight'\]"),
        ({"unknown": 3}, "no part of a model"),
        ([1, 2], "no part of a model"),
        ({"array": {"index": 0, "dtype": "float32", "shape": [2]}}, "not hold the arrays it lists"),
        ({"array": {"index": 1, "dtype": "float32", "shape": [2]}}, "cannot be loaded: 0"),
        ({"array": {"index": 0, "dtype": "rubbish", "shape": [2]}}, "cannot be loaded: .*rubbish"),
        ({"array": {"index": 0, "shape": [2]}}, "cannot be loaded: 'dtype'"),
    ],
)
def test_a_forged_header_is_refused(path, encoded, message):
    forge(path, encoded)
    with pytest.raises(ValueError, match=message):
        nn.load(path)


def test_a_forged_shape_is_refused(path):
    stream = io.BytesIO()
    np.save(stream, np.ones((4, 2), np.float32))
    forge(path, {"array": {"index": 0, "dtype": "float32", "shape": [3, 2]}}, stream.getvalue())
    with pytest.raises(ValueError, match="does not hold the arrays it lists"):
        nn.load(path)
