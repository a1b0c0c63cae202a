import numpy as np
import pytest
from matplotlib.colors import same_color

import sphere_toolkit as st
from sphere_toolkit._util.colours import CATEGORIES

SCATTER = st.ScatteringTransform(32, J_min=2)
RELIEF = st.signals.earth_relief(32)
TWINS = SCATTER(st.signals.gaussian(st.power_spectrum(RELIEF), seed=0, n=40))


def test_points_are_means_and_bars_are_percentiles_of_the_ensemble():
    S = SCATTER(RELIEF)
    ax = st.plot.path_means(S, TWINS, unit="m", title="Relief")
    points = next(line for line in ax.lines if line.get_marker() == "o")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[:6] == ["2", "3", "4", "5", "3,2", "4,2"]
    by_path = dict(zip(S.paths, S.means(), strict=True))
    paths = [tuple(map(int, label.split(","))) for label in labels]
    np.testing.assert_array_equal(points.get_ydata(), [by_path[path] for path in paths])
    assert same_color(points.get_color(), CATEGORIES[1][0])
    for bars, (low, high) in zip(ax.containers, [(2.5, 97.5), (16, 84)], strict=True):
        for bar, path, x in zip(bars, paths, points.get_xdata(), strict=True):
            values = TWINS.means()[:, TWINS.paths.index(path)]
            ends = [bar.get_y(), bar.get_y() + bar.get_height()]
            np.testing.assert_allclose(ends, np.percentile(values, [low, high]))
            assert bar.get_x() < x < bar.get_x() + bar.get_width()
    assert (ax.get_ylabel(), ax.get_yscale(), ax.get_title()) == ("mean (m)", "log", "Relief")


def test_a_batch_has_a_row_of_points_each():
    ax = st.plot.path_means(TWINS[:3])
    assert sum(line.get_marker() == "o" for line in ax.lines) == 3
    assert not ax.containers


def test_bad_input():
    with pytest.raises(TypeError, match="ScatteringCoefficients"):
        st.plot.path_means(RELIEF)
    with pytest.raises(ValueError, match="besides the empty one"):
        st.plot.path_means(TWINS.at_depth(0))
    with pytest.raises(ValueError, match="several signals, got 1"):
        st.plot.path_means(TWINS[0], TWINS[0])
    with pytest.raises(ValueError, match="ensemble must have the paths"):
        st.plot.path_means(TWINS[0].at_depth(1), TWINS)
