"""The scattered data set that comes with the course, against the maps that it was made from."""

import numpy as np
import pytest

import sphere_toolkit as st
from sphere_toolkit import data
from sphere_toolkit.cmb import FIRST_TEST
from sphere_toolkit.pipeline import bundled


@pytest.fixture(scope="module", params=["train", "test"])
def part(request):
    return request.param


@pytest.fixture(scope="module")
def dataset(part):
    return st.pipeline.bundled_dataset("cmb128-laptop", part)


def test_it_holds_the_first_maps_of_both_classes(part, dataset):
    n, first = {"train": (800, 0), "test": (300, FIRST_TEST)}[part]
    assert len(dataset) == n
    assert dataset.valid.all()
    assert dataset.alm.dtype == np.complex64
    assert dataset.alm.shape == (n, 7, st.n_coefficients(32))
    np.testing.assert_array_equal(np.bincount(dataset.labels), [n // 2, n // 2])
    skies = st.cmb.simulation_set("cmb128-laptop")
    assert dataset.labels.tolist() == [skies.label(first + i) for i in range(n)]
    assert dataset.names[1] == f"cmb128-laptop {first + 1} (non-Gaussian)"
    assert dataset.seeds == [0] * n


def test_the_maps_scattered_anew_differ_by_rounding_alone(part, dataset):
    first = {"train": 0, "test": FIRST_TEST}[part]
    skies = st.cmb.simulation_set("cmb128-laptop")
    transform = st.ScatteringTransform(**dataset.parameters)
    few = 24
    exact = transform(np.array([skies.map(first + i, 0) for i in range(few)])).alm
    rest = dataset.alm - dataset.alm.mean(axis=0)
    # Per path and degree; rounding to steps of std/4 leaves an error of variance step^2 / 12.
    spread = np.sqrt(st.power_spectrum(rest).mean(axis=0))
    error = np.sqrt(st.power_spectrum(dataset.alm[:few] - exact).mean(axis=0))
    seen = spread > 0
    assert (error[~seen] == 0).all()
    np.testing.assert_allclose((error[seen] / spread[seen])[..., 2:].mean(), 0.0722, rtol=0.02)
    assert (error[seen] < 0.13 * spread[seen]).all()  # half a step and a little


def test_without_its_file_the_maps_are_scattered_anew(monkeypatch):
    dataset = st.pipeline.bundled_dataset(part="test")

    def gone(name):
        raise FileNotFoundError(name)

    monkeypatch.setattr(data, "read", gone)
    monkeypatch.setitem(bundled.PARTS, "test", (FIRST_TEST, 1))
    with pytest.warns(UserWarning, match="scattered anew"):
        anew = st.pipeline.bundled_dataset(part="test")
    assert (anew.names, anew.paths) == (dataset.names[:2], dataset.paths)
    assert anew.labels.tolist() == dataset.labels[:2].tolist()
    assert st.norm(anew.alm - dataset.alm[:2]).max() < 0.1 * st.norm(anew.alm).max()


def test_no_map_is_in_both_parts():
    train, test = (st.pipeline.bundled_dataset(part=part) for part in ("train", "test"))
    assert not set(train.names) & set(test.names)


def test_coefficients_are_labelled(dataset):
    S = dataset.coefficients()
    assert S.paths == ((), (5,), (6,), (7,), (6, 5), (7, 5), (7, 6))
    assert S.L == 32


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cmb1024",), "name must be one of .cmb128-laptop., got 'cmb1024'"),
        (("cmb128-laptop", "validation"), "part must be one of 'train', 'test'.*'validation'"),
    ],
)
def test_unknown_names(arguments, message):
    with pytest.raises(ValueError, match=message):
        st.pipeline.bundled_dataset(*arguments)
