import numpy as np
import pytest
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
    second = S.order(2)
    assert second.paths == tuple(p for p in S.paths if len(p) == 2)
    np.testing.assert_array_equal(second[(5, 3)], S[(5, 3)])
    with pytest.raises(ValueError, match="order must be one of 0, 1, 2, got 3"):
        S.order(3)


def test_energies(S):
    energy = S.energy()
    assert energy.shape == (2, len(S))
    np.testing.assert_allclose(energy[:, 3], st.energy(S.alm[:, 3]))
    by_order = S.energy_by_order()
    assert by_order.shape == (2, 3)
    np.testing.assert_allclose(by_order.sum(axis=-1), energy.sum(axis=-1))
    np.testing.assert_allclose(by_order[:, 0], energy[:, 0])
    assert S.order(2).energy_by_order().shape == (2, 3)


def test_maps(S):
    maps = S.maps()
    assert maps.shape == (2, len(S), 4, 8)
    assert (maps[:, 1:].mean(axis=(-1, -2)) > 0).all()
    grid = st.Grid.healpix(4)
    np.testing.assert_allclose(S.maps(grid), st.inverse(S.alm, grid))


def test_repr(S):
    assert repr(S) == "ScatteringCoefficients(11 paths of order 0..2, L=4, batch shape (2,))"
    assert "10 paths" not in repr(S.order(0))
    assert "1 paths of order 0," in repr(S.order(0))


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
        with pytest.raises(ValueError, match=f"{name} holds no scattering coefficients"):
            st.ScatteringCoefficients.load(tmp_path / name)


def test_bad_contents(S):
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 2, n\) for 2 paths, got \(2, 11, 10\)"):
        st.ScatteringCoefficients(S.alm, [(), (3,)])
    with pytest.raises(ValueError, match=r"L\(L\+1\)/2"):
        st.ScatteringCoefficients(np.zeros((1, 4)), [()])
    with pytest.raises(ValueError, match=r"path must be one of .*decreasing.*got \(9, 9\)"):
        S[(9, 9)]
    with pytest.raises(TypeError, match=r"write \(3,\), not 3"):
        S[3]
    with pytest.raises(TypeError, match="a path is a tuple of scales"):
        S["3"]
