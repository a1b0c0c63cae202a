import numpy as np
import pytest
import xarray as xr
from strategies import noise

import sphere_toolkit as st

SCATTER = st.ScatteringTransform(32, J_min=2)


@pytest.fixture
def S():
    return SCATTER(noise(32, n=2))


def test_lookup_by_path(S):
    assert S[(5, 3)].shape == (2, 10)
    np.testing.assert_array_equal(S[(5, 3)], S.alm[:, S.paths.index((5, 3))])
    np.testing.assert_array_equal(S[()], S.alm[:, 0])
    assert (5, 3) in S
    assert (3, 5) not in S
    assert list(S) == list(S.paths)
    assert len(S) == len(SCATTER.paths)


def test_orders(S):
    second = S.at_depth(2)
    assert second.paths == tuple(p for p in S.paths if len(p) == 2)
    np.testing.assert_array_equal(second[(5, 3)], S[(5, 3)])
    with pytest.raises(ValueError, match="depth must be one of 0, 1, 2, got 3"):
        S.at_depth(3)


def test_energies(S):
    energy = S.energy()
    assert energy.shape == (2, len(S))
    np.testing.assert_allclose(energy[:, 3], st.energy(S.alm[:, 3]))
    by_order = S.energy_by_depth()
    assert by_order.shape == (2, 3)
    np.testing.assert_allclose(by_order.sum(axis=-1), energy.sum(axis=-1))
    np.testing.assert_allclose(by_order[:, 0], energy[:, 0])
    assert S.at_depth(2).energy_by_depth().shape == (2, 3)


def test_maps(S):
    maps = S.maps()
    assert maps.shape == (2, len(S), 4, 8)
    assert (maps[:, 1:].mean(axis=(-1, -2)) > 0).all()
    grid = st.Grid.healpix(4)
    np.testing.assert_allclose(S.maps(grid), st.inverse(S.alm, grid))


def test_repr(S):
    assert repr(S) == "ScatteringCoefficients(11 paths of depth 0..2, L=4, batch shape (2,))"
    assert "10 paths" not in repr(S.at_depth(0))
    assert "1 paths of depth 0," in repr(S.at_depth(0))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_save_and_load(tmp_path, dtype):
    S = st.ScatteringTransform(32, J_min=2, dtype=dtype)(noise(32, n=2))
    file = tmp_path / "coefficients.npz"
    S.save(file)
    back = st.ScatteringCoefficients.load(file)
    np.testing.assert_array_equal(back.alm, S.alm)
    assert back.alm.dtype == S.alm.dtype
    assert back.paths == S.paths
    assert back.parameters == S.parameters
    assert st.ScatteringTransform(**back.parameters).paths == S.paths
    assert [f.name for f in tmp_path.iterdir()] == [file.name]


def test_saved_files_hold_no_pickle(tmp_path, S):
    S.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as content:
        assert set(content) == {"alm", "header"}


def test_bad_files(tmp_path, S):
    with pytest.raises(ValueError, match=r"file must end in \.npz"):
        S.save(tmp_path / "a.h5")
    with pytest.raises(FileNotFoundError):
        st.ScatteringCoefficients.load(tmp_path / "none.npz")
    S.save(tmp_path / "a.npz")
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.npz").write_text("not an archive")
    np.savez(tmp_path / "foreign.npz", x=np.ones(3))
    np.savez(tmp_path / "other.npz", alm=S.alm, header=np.array('{"format": "something"}'))
    np.save(tmp_path / "array.npy", np.ones(3))
    for name in ("cut.npz", "text.npz", "foreign.npz", "other.npz", "array.npy"):
        with pytest.raises(ValueError, match=f"{name} holds no scattering coefficients") as error:
            st.ScatteringCoefficients.load(tmp_path / name)
        assert "pickle" not in str(error.value)
    with pytest.raises(FileNotFoundError, match=r"no folder '.*missing' for the file '.*a\.npz'$"):
        S.save(tmp_path / "missing" / "a.npz")


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, S, monkeypatch):
    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    S.save(tmp_path / "a.npz")
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        S.save(tmp_path / "a.npz")
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]
    np.testing.assert_array_equal(st.ScatteringCoefficients.load(tmp_path / "a.npz").alm, S.alm)


def test_bad_contents(S):
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 2, n\) for 2 paths, got \(2, 11, 10\)"):
        st.ScatteringCoefficients(S.alm, [(), (3,)])
    with pytest.raises(ValueError, match=r"L\(L\+1\)/2"):
        st.ScatteringCoefficients(np.zeros((1, 4)), [()])
    with pytest.raises(ValueError, match=r"path must be one of .*decreasing.*got \(9, 9\)"):
        S[(9, 9)]
    with pytest.raises(TypeError, match=r"write \(3,\), not 3"):
        SCATTER.propagate(noise(32), 3)
    with pytest.raises(TypeError, match="a path is a tuple of scales"):
        S["3"]


def test_signals_of_a_batch(S):
    one = S[1]
    assert isinstance(one, st.ScatteringCoefficients)
    assert (one.batch_shape, one.paths, one.parameters) == ((), S.paths, S.parameters)
    np.testing.assert_array_equal(one.alm, S.alm[1])
    np.testing.assert_array_equal(S[-1:].alm, S.alm[1:])
    np.testing.assert_array_equal(S[np.array([False, True])].alm, S.alm[1:])
    np.testing.assert_array_equal(S[np.array([1, 0, 1])][(5,)], S[(5,)][[1, 0, 1]])
    with pytest.raises(IndexError):
        S[2]
    with pytest.raises(TypeError, match=r"no batch.*S\[\(5,\)\]"):
        one[5]


def test_as_an_array(S):
    np.testing.assert_array_equal(np.asarray(S), S.alm)
    assert np.asarray(S) is S.alm or np.shares_memory(np.asarray(S), S.alm)
    assert not np.shares_memory(np.array(S), S.alm)
    assert np.asarray(S, np.complex64).dtype == np.complex64


def test_moments_are_those_of_the_images(S):
    maps = S.maps()
    weights = np.polynomial.legendre.leggauss(4)[1][:, None] / 2 * np.full(8, 1 / 8)
    np.testing.assert_allclose(S.means(), (weights * maps).sum(axis=(-1, -2)), rtol=1e-12)
    np.testing.assert_allclose(
        S.second_moments(), (weights * maps**2).sum(axis=(-1, -2)), rtol=1e-12
    )
    assert S.means().dtype == S.second_moments().dtype == np.float64


def test_labels_of_the_xarray(S):
    labelled = S.to_xarray()
    assert labelled.dims == ("batch_0", "path", "coefficient")
    np.testing.assert_array_equal(labelled.sel(path="5,3"), S[(5, 3)])
    np.testing.assert_array_equal(labelled.sel(path=""), S[()])
    second = labelled.isel(path=np.flatnonzero(labelled.depth == 2))
    np.testing.assert_array_equal(second, S.at_depth(2).alm)
    degree_one = labelled.isel(coefficient=np.flatnonzero(labelled.degree == 1))
    np.testing.assert_array_equal(degree_one.order, [0, 1])
    assert labelled.attrs == S.parameters
    assert S[0].to_xarray().dims == ("path", "coefficient")
    assert S.to_xarray(dims=["time"]).dims == ("time", "path", "coefficient")
    with pytest.raises(ValueError, match=r"dims must name the 1 leading axes of S, got \[\]"):
        S.to_xarray(dims=[])


def test_images_as_xarray_go_through_netcdf(S, tmp_path):
    grid = st.Grid.equiangular(9, 16)
    images = S.to_xarray(grid, dims=["time"])
    assert images.dims == ("time", "path", "lat", "lon")
    images.to_netcdf(tmp_path / "images.nc")
    with xr.open_dataarray(tmp_path / "images.nc") as back:
        np.testing.assert_array_equal(back.sel(path="5,3"), S.maps(grid)[:, S.paths.index((5, 3))])
        assert back.attrs == S.parameters
        np.testing.assert_array_equal(back.depth, images.depth)


def test_what_a_notebook_shows(S):
    for shown in (S, S[0]):
        html = shown._repr_html_()
        assert html.count("<circle") == len(S)
        assert html.count("<line") == len(S) - 1
        assert "(5, 3)" in html
    share = S[0].energy() / S[0].energy().sum()
    assert f"{share[0]:.2%}" in S[0]._repr_html_()
    assert "<svg" not in S.at_depth(2)._repr_html_()  # no tree without its root


def test_masks_and_units_are_not_dropped(S):
    masked = np.ma.array(S.alm, mask=np.zeros(S.alm.shape, bool))
    masked[0, 0, 0] = np.ma.masked
    with pytest.raises(ValueError, match="1 masked of"):
        st.ScatteringCoefficients(masked, S.paths)
