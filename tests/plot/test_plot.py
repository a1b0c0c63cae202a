"""Figures: what is drawn, where, in which colours; oracles are cartopy, healpy and the pixels."""

import importlib.util
import socket

import cartopy.crs as ccrs
import healpy
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from cartopy.mpl.geoaxes import GeoAxes
from figures import assert_no_overlap
from hypothesis import given
from hypothesis import strategies as some
from matplotlib.colors import LogNorm
from scipy.special import sph_harm_y

import sphere_toolkit as st
from sphere_toolkit import plot

IMAGE = st.Grid.equiangular(20, 41, poles=False, phi0=2.0)
GRIDS = [st.Grid.gauss_legendre(20), st.Grid.mcewen_wiaux(20), st.Grid.healpix(8), IMAGE]
PROJECTIONS = [ccrs.Mollweide(), ccrs.Orthographic(-100, 35), ccrs.Mollweide(-60)]
MAPS = [plot.mollweide, plot.globe]
LON_LAT = ccrs.PlateCarree()


@pytest.fixture(autouse=True)
def _closed_figures():
    """Every test starts without figures and leaves the global settings as they were."""
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a figure asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def relief():
    return st.signals.earth_relief(64)


@pytest.fixture(scope="module")
def scattered(relief):
    return st.ScatteringTransform(64, J_min=2, depth=2)(relief)


def pixel_centres(pixels):
    """Coordinates of the pixels' centres in the projection, first row in the north."""
    left, right, bottom, top = pixels.extent
    height, width = pixels.shape
    x = left + (np.arange(width) + 0.5) * (right - left) / width
    y = top - (np.arange(height) + 0.5) * (top - bottom) / height
    return np.meshgrid(x, y)


def rendered(ax):
    """The figure as RGB in [0, 1], its first row at the top."""
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3] / 255.0


def red_spot(ax):
    """Display coordinates of the largest values of the map."""
    picture = rendered(ax)
    red = np.abs(picture - plot.SIGNED(1.0)[:3]).max(axis=-1) < 0.1
    rows, columns = np.nonzero(red)
    inside = rows < picture.shape[0] - ax.get_window_extent().y0  # not the colour bar
    return columns[inside].mean(), picture.shape[0] - 1 - rows[inside].mean()


# --- pixels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("projection", PROJECTIONS, ids=["mollweide", "globe", "turned"])
@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.scheme)
def test_every_pixel_shows_the_nearest_sample(grid, projection):
    pixels = plot.PixelMap(projection, grid, width=90)
    lon, lat, _ = np.moveaxis(LON_LAT.transform_points(projection, *pixel_centres(pixels)), -1, 0)
    inside = np.isfinite(lon)
    np.testing.assert_array_equal(pixels.inside, inside)
    assert 0.75 < inside.mean() < 0.82  # pi / 4 of the rectangle
    theta, phi = np.radians(90 - lat[inside]), np.radians(lon[inside])
    if grid.scheme == "healpix":
        expected = healpy.ang2pix(grid.nside, theta, phi)
    else:
        ring = np.abs(theta[:, None] - grid.theta).argmin(axis=1)
        apart = np.cos(phi[:, None] - grid.phi).argmax(axis=1)
        expected = ring * grid.shape[1] + apart
    agree = pixels.index[inside] == expected
    assert agree.mean() > 0.999  # a centre on the edge of two samples may go either way


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: grid.scheme)
def test_pictures_of_a_batch_are_stacked(grid):
    pixels = plot.PixelMap(ccrs.Mollweide(), grid, width=40)
    f = np.random.default_rng(0).normal(size=(2, 3, *grid.shape))
    pictures = pixels(f)
    assert pictures.shape == (2, 3, *pixels.shape) == (2, 3, 20, 40)
    np.testing.assert_array_equal(pictures[1, 2], pixels(f[1, 2]))


def test_pixels_beyond_the_limb_repeat_the_limb():
    grid = st.Grid.gauss_legendre(64)
    pixels = plot.PixelMap(ccrs.Orthographic(0, 90), grid, width=200)
    theta = pixels(grid.mesh()[0])  # seen from the pole, the limb is the equator
    assert not pixels.inside.all()
    np.testing.assert_allclose(theta[~pixels.inside], np.pi / 2, atol=0.03)


def test_lookup_draws_what_cartopy_draws():
    grid = st.Grid.gauss_legendre(6)
    f = np.random.default_rng(1).normal(size=grid.shape)
    ours = plot.mollweide(f, grid, width=800)
    theirs = plt.figure(figsize=(8, 4.7)).add_axes(ours.get_position(), projection=ours.projection)
    ours.figure.canvas.draw()
    theirs.set_position(ours.get_position())
    # cartopy draws cells with straight edges, so each is cut into 10 by 10.
    edges = np.concatenate([[0], (grid.theta[1:] + grid.theta[:-1]) / 2, [np.pi]])
    lat = 90 - np.degrees(np.interp(np.arange(61) / 10, np.arange(7), edges))
    lon = (np.arange(121) / 10 - 0.5) * 30 - 180
    cells = np.roll(f, 6, axis=1).repeat(10, axis=0).repeat(10, axis=1)
    image = ours.images[0]
    theirs.pcolormesh(lon, lat, cells, transform=LON_LAT, cmap=image.cmap, norm=image.norm)
    theirs.set_global()
    a, b = rendered(ours), rendered(theirs)
    box = ours.get_window_extent()
    rows = slice(int(a.shape[0] - box.y1) + 5, int(a.shape[0] - box.y0) - 5)
    same = np.abs(a - b)[rows, int(box.x0) + 5 : int(box.x1) - 5].max(axis=-1) < 0.1
    assert same.mean() > 0.97  # edges of cells and the outline differ


@pytest.mark.parametrize("draw", MAPS)
def test_coefficients_are_drawn_as_their_sum(draw):
    alm = 2 * st.signals.harmonic(8, degree=5, order=3)
    alm /= np.abs(alm).max() / 2
    ax = draw(alm, width=200)
    pixels = plot.PixelMap(ax.projection, st.Grid.gauss_legendre(8), width=200)
    lon, lat, _ = np.moveaxis(
        LON_LAT.transform_points(ax.projection, *pixel_centres(pixels)), -1, 0
    )
    theta, phi = np.radians(90 - lat), np.radians(lon)
    index = healpy.Alm.getidx(7, 5, 3)
    expected = 2 * (alm[index] * sph_harm_y(5, 3, theta, phi)).real
    error = np.abs(np.asarray(ax.images[0].get_array()) - expected)[pixels.inside]
    # Samples are at most one pixel apart at the centre, and the function turns 5 times.
    assert np.median(error) < 0.02 * np.nanmax(np.abs(expected))


@given(lon=some.floats(-175, 175), lat=some.floats(-65, 65))
def test_a_spot_is_drawn_where_it_lies(lon, lat):
    grid = st.Grid.gauss_legendre(48)
    theta, phi = grid.mesh()
    row = np.abs(grid.theta - np.radians(90 - lat)).argmin()
    column = np.cos(grid.phi - np.radians(lon)).argmax()
    f = np.zeros(grid.shape)
    f[row, column] = 1.0
    for projection in (ccrs.Mollweide(), ccrs.Orthographic(lon + 20, lat - 15)):
        pixels = plot.PixelMap(projection, grid, width=200)
        x, y = pixel_centres(pixels)
        lit = (pixels(f) == 1) & pixels.inside
        where = projection.transform_point(
            np.degrees(phi[row, column]), 90 - np.degrees(theta[row, column]), LON_LAT
        )
        pixel = (pixels.extent[1] - pixels.extent[0]) / 200
        assert np.hypot(x[lit].mean() - where[0], y[lit].mean() - where[1]) < 3 * pixel


@pytest.mark.parametrize(("lon", "lat"), [(-100, 40), (25, -30), (140, 10)])
@pytest.mark.parametrize("draw", MAPS)
def test_the_figure_has_north_up_and_east_to_the_right(draw, lon, lat):
    grid = st.Grid.gauss_legendre(90)
    theta, phi = grid.mesh()
    away = np.cos(theta) * np.sin(np.radians(lat)) + np.sin(theta) * np.cos(
        np.radians(lat)
    ) * np.cos(phi - np.radians(lon))
    f = np.where(away > np.cos(np.radians(5)), 1.0, -0.2)
    options = {"centre": np.deg2rad([110 - lat, lon - 30])} if draw is plot.globe else {}
    ax = draw(f, grid, symmetric=True, **options)
    where = ax.projection.transform_point(lon, lat, LON_LAT)
    spot = red_spot(ax)
    np.testing.assert_allclose(spot, ax.transData.transform(where), atol=4)


# --- maps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", MAPS)
def test_a_map_says_what_it_shows(draw, relief):
    ax = draw(relief, unit="m", title="Relief", width=200)
    assert isinstance(ax, GeoAxes)
    assert ax.get_title() == "Relief"
    assert ax.images[0].colorbar.ax.get_xlabel() == "m"
    assert plt.get_fignums() == [ax.figure.number]
    assert ax.figure.get_layout_engine() is not None


def test_a_signed_signal_has_zero_in_the_middle(relief):
    grid = st.Grid.mcewen_wiaux(64)
    f = st.inverse(relief, grid)
    image = plot.mollweide(f, grid).images[0]
    assert image.get_clim() == (-np.abs(f).max(), np.abs(f).max())
    middle = np.array(image.cmap(image.norm(0.0)))
    assert middle[:3].min() > 0.95  # white
    assert image.colorbar.extend == "neither"


def test_a_non_negative_signal_has_a_sequential_scale(relief):
    grid = st.Grid.gauss_legendre(64)
    f = np.abs(st.inverse(relief, grid))
    image = plot.mollweide(f, grid).images[0]
    assert image.get_clim() == (f.min(), f.max())
    lightness = image.cmap(np.linspace(0, 1, 32))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) < 0).all()  # the more, the darker


@pytest.mark.parametrize(
    ("low", "symmetric", "expected"),
    [
        (-0.005, None, (-0.005, 1.0)),  # ringing of a smoothed non-negative signal
        (-0.02, None, (-1.0, 1.0)),
        (-0.02, False, (-0.02, 1.0)),
        (0.5, True, (-1.0, 1.0)),
        (-3.0, None, (-3.0, 3.0)),
    ],
)
def test_the_scale_follows_the_sign(low, symmetric, expected):
    grid = st.Grid.healpix(2)
    f = np.ones(grid.shape)
    f[5] = low
    assert plot.mollweide(f, grid, symmetric=symmetric).images[0].get_clim() == expected


@pytest.mark.parametrize("value", [0.0, 2.5])
def test_a_constant_signal_can_be_drawn(value):
    grid = st.Grid.healpix(2)
    low, high = plot.mollweide(np.full(grid.shape, value), grid).images[0].get_clim()
    assert low < value < high


@pytest.mark.parametrize(
    ("limits", "symmetric", "extend", "white"),
    [
        ((-1, 1), None, "both", True),
        ((-9000, 9000), None, "neither", True),
        ((-9000, 100), None, "max", False),
        ((-100, 9000), None, "min", False),
        ((-100, 100), False, "both", False),
    ],
)
def test_limits_are_taken_and_the_bar_tells_what_is_beyond(
    relief, limits, symmetric, extend, white
):
    image = plot.mollweide(relief, limits=limits, symmetric=symmetric, width=100).images[0]
    assert image.get_clim() == limits
    assert image.colorbar.extend == extend
    assert (min(image.cmap(image.norm(0.0))[:3]) > 0.95) == white


def test_relief_lies_under_the_coastlines():
    ax = plot.mollweide(st.signals.earth_relief(200), coastlines=True)
    picture = np.asarray(ax.images[0].get_array())
    left, right, bottom, top = ax.images[0].get_extent()
    height, width = picture.shape

    def heights(x, y):
        column = ((x - left) / (right - left) * width).astype(int).clip(0, width - 1)
        row = ((top - y) / (top - bottom) * height).astype(int).clip(0, height - 1)
        return np.abs(picture[row, column])

    (coast,) = [c for c in ax.collections if c.get_label() == "coastlines"]
    x, y = np.concatenate([path.vertices for path in coast.get_paths()]).T
    assert np.median(heights(x, y)) < 250
    assert np.median(heights(-x, y)) > 1500  # a mirrored map would put them elsewhere
    assert np.median(heights(x, -y)) > 1500


@pytest.mark.usefixtures("_no_network")
def test_coastlines_come_without_a_download(relief):
    whole = plot.mollweide(relief, coastlines=True, width=100)
    side = plot.globe(relief, centre=(2.0, 2.6), coastlines=True, width=100)
    for ax in (whole, side):
        ax.figure.canvas.draw()
    lines = {ax: ax.collections[0].get_paths() for ax in (whole, side)}
    assert len(lines[whole]) == 128
    assert 30 < len(lines[side]) < 128
    for ax, paths in lines.items():
        steps = np.concatenate([np.abs(np.diff(path.vertices, axis=0)) for path in paths])
        left, right = ax.projection.x_limits
        assert steps.max() < 0.05 * (right - left)  # nothing runs across the map
    assert not plot.mollweide(relief, width=100).collections


def test_no_coast_runs_across_a_map_cut_elsewhere(relief):
    ax = plt.figure().add_subplot(projection=ccrs.Mollweide(central_longitude=150))
    assert plot.mollweide(relief, ax=ax, coastlines=True, width=100) is ax
    paths = ax.collections[0].get_paths()
    assert max(np.abs(np.diff(path.vertices[:, 0])).max() for path in paths) < 0.05 * 3.6e7


@pytest.mark.parametrize("draw", MAPS)
def test_an_empty_plain_axes_is_replaced_in_its_place(draw, relief):
    figure, axes = plt.subplots(2, 2, layout="constrained")
    place = axes[1, 0].get_subplotspec()
    ax = draw(relief, ax=axes[1, 0], width=100)
    assert ax.figure is figure
    assert ax.get_subplotspec() == place
    assert axes[1, 0] not in figure.axes
    assert plt.get_fignums() == [figure.number]
    free = draw(relief, ax=figure.add_axes((0.1, 0.2, 0.3, 0.4)), width=100)
    assert free.figure is figure


def test_a_subfigure_keeps_its_map(relief):
    left, _ = plt.figure(layout="constrained").subfigures(1, 2)
    assert plot.mollweide(relief, ax=left.add_subplot(), width=100) in left.axes


def test_the_globe_is_centred_where_asked(relief):
    ax = plot.globe(relief, centre=np.deg2rad([80, -60]), width=100)  # colatitude 80
    np.testing.assert_allclose(ax.projection.transform_point(-60, 10, LON_LAT), 0, atol=1e-6)
    own = plt.figure().add_subplot(projection=ccrs.Orthographic(30, 40))
    assert plot.globe(relief, ax=own, width=100) is own


# --- figures over the degrees -------------------------------------------------------------------


def test_power_spectrum_is_that_of_healpy(relief):
    ax = plot.power_spectrum(relief, label="relief", unit="m")
    (line,) = ax.lines
    ell, power = line.get_data()
    np.testing.assert_array_equal(ell[1:], np.arange(1, 64))
    np.testing.assert_allclose(power[1:], healpy.alm2cl(relief)[1:], rtol=1e-12)
    assert np.isnan(power[0])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_ylabel() == r"power $C_\ell$ (m²)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["relief"]


def test_a_second_spectrum_is_added(relief):
    ax = plot.power_spectrum(relief, unit="m/s", title="Two")
    assert plot.power_spectrum(1e-9 * st.truncate(relief, 16), ax=ax, label="weak") is ax
    assert len(ax.lines) == 2
    assert ax.get_ylabel() == r"power $C_\ell$ ((m/s)²)"
    assert ax.get_title() == "Two"
    low, high = ax.get_ylim()
    assert high > healpy.alm2cl(relief)[1:].max()
    assert high / low < 1e13  # rounding does not stretch the axis
    assert ax.get_xlim()[1] > 63


def test_a_single_degree_is_visible():
    ax = plot.power_spectrum(st.signals.harmonic(64, degree=20, order=3))
    (line,) = ax.lines
    assert np.flatnonzero(np.isfinite(line.get_ydata())).tolist() == [20]
    assert line.get_marker() == "o"
    assert ax.get_xlim()[0] < 1
    assert ax.get_xlim()[1] > 63


def test_coefficients_lie_at_their_degree_and_order(relief):
    ax = plot.coefficients(relief, unit="m", title="Triangle")
    image = ax.images[0]
    triangle = image.get_array()
    for ell, m in [(0, 0), (5, 2), (63, 63), (40, 0)]:
        value = np.abs(relief[healpy.Alm.getidx(63, ell, m)])
        assert triangle[m, ell] == pytest.approx(value, rel=1e-12)
    assert triangle.mask.sum() == 64 * 63 / 2  # no order above the degree
    assert isinstance(image.norm, LogNorm)
    assert image.colorbar.ax.get_ylabel() == r"$|f_{\ell m}|$ (m)"
    assert image.origin == "lower"
    assert ax.get_title() == "Triangle"


def test_small_coefficients_have_the_lowest_colour():
    alm = st.signals.harmonic(16, degree=3, order=1)
    image = plot.coefficients(alm, decades=3).images[0]
    low, high = image.get_clim()
    assert high == np.abs(alm).max()
    assert low >= high / 1e3
    assert image.colorbar.extend == "min"
    assert image.get_array().min() == low


@pytest.mark.parametrize(
    ("L", "J_min", "lam"),
    [(64, 0, 2.0), (1024, 5, 2.0), (600, 3, 2.0), (100, 1, 3.0), (256, 2, 1.3), (1, 0, 2.0)],
)
def test_windows_and_the_sum_of_their_squares(L, J_min, lam):
    bank = st.WaveletBank(L, J_min, lam)
    ax = plot.windows(bank, title="Bank")
    scaling, *wavelets, total = ax.lines
    assert len(wavelets) == len(bank)
    np.testing.assert_allclose(total.get_ydata(), 1, atol=1e-12)
    for line, window in zip(
        [scaling, *wavelets], [bank.scaling, *map(bank.window, bank)], strict=True
    ):
        drawn = np.zeros(L)
        drawn[np.asarray(line.get_xdata(), int)] = line.get_ydata()
        np.testing.assert_array_equal(drawn, window)
    assert ax.xaxis.get_transform().base == lam
    assert_no_overlap(ax, [*ax.texts, ax.get_legend(), ax._left_title])
    assert_no_overlap(ax, ax.get_xticklabels())


# --- the tree -----------------------------------------------------------------------------------


def test_the_tree_shows_every_path_with_its_share(scattered):
    ax = plot.scattering_tree(scattered, title="Relief")
    (nodes,) = [c for c in ax.collections if c.get_offsets().shape == (len(scattered.paths), 2)]
    shares = scattered.energy() / scattered.energy().sum()
    np.testing.assert_allclose(np.sort(nodes.get_array()), np.sort(shares))
    named = dict(text.get_text().split("   ") for text in ax.texts)
    assert set(named) == {str(path) for path in scattered.paths}
    for path, share in zip(scattered.paths, shares, strict=True):
        shown = float(named[str(path)].removesuffix(" %"))
        assert shown == pytest.approx(100 * share, rel=0.06)
    largest = nodes.get_sizes()[np.argmax(nodes.get_array())]
    assert largest == nodes.get_sizes().max()
    assert ax.get_title() == "Relief"


def test_the_tree_shows_shares_of_the_signals_energy():
    alm = st.signals.earth_relief(32)
    S = st.ScatteringTransform(32, J_min=3)(alm)
    ax = plot.scattering_tree(S, signal_energy=st.energy(alm))
    (root,) = [text.get_text() for text in ax.texts if text.get_text().startswith("()")]
    share = S.energy()[0] / st.energy(alm)
    assert abs(share - S.energy()[0] / S.energy().sum()) > 0.02  # else the next line shows nothing
    assert float(root.split("   ")[1].removesuffix(" %")) == pytest.approx(100 * share, rel=0.01)
    labels = [ax.figure.axes[-1].get_ylabel(), plot.scattering_tree(S).figure.axes[-1].get_ylabel()]
    assert ["the signal" in label for label in labels] == [True, False]


def test_children_stand_beside_their_parent(scattered):
    ax = plot.scattering_tree(scattered)
    where = {text.get_text().split("   ")[0]: text.xy for text in ax.texts}
    for path in scattered.paths:
        assert where[str(path)][0] == len(path)
        children = [p for p in scattered.paths if p and p[:-1] == path]
        heights = [where[str(child)][1] for child in children]
        if children:
            assert where[str(path)][1] == pytest.approx((min(heights) + max(heights)) / 2)
        finest_first = sorted(children, reverse=True)
        assert sorted(children, key=lambda p: -where[str(p)][1]) == finest_first


@pytest.mark.parametrize(
    ("L", "J_min", "depth", "n_paths"), [(1024, 5, 2, 22), (64, 2, 3, 26), (64, 5, 0, 1)]
)
def test_the_labels_of_the_tree_are_legible(L, J_min, depth, n_paths):
    scatter = st.ScatteringTransform(L, J_min, depth, oversampling=1.0)
    S = scatter(st.signals.harmonic(L, degree=L - 2, order=3) + st.signals.ring(L))
    assert len(S.paths) == n_paths
    ax = plot.scattering_tree(S)
    assert_no_overlap(ax, ax.texts)


@pytest.mark.parametrize("draw", MAPS)
@pytest.mark.parametrize("hole", ["masked", np.nan, -1.6375e30])
def test_what_a_mask_hides_is_grey_and_out_of_the_colour_scale(draw, hole):
    grid = st.Grid.healpix(8)
    gone = np.arange(grid.n_samples) % 2 == 0
    f = np.ma.masked_array(np.where(gone, 1e3, 1.0), gone)
    f[1] = 5.0
    f = f if hole == "masked" else f.filled(hole)
    with pytest.raises(ValueError, match=r"masked|NaN|marks missing"):
        draw(f, grid)
    image = draw(f, grid, mask=st.masks.known(f, grid)).images[0]
    pixels = plot.PixelMap(image.axes.projection, grid, image.get_size()[1])
    np.testing.assert_array_equal(image.get_array().mask, pixels(gone))
    assert image.get_clim() == (1, 5)
    assert (image.to_rgba(image.get_array())[pixels(gone)] == [0.6, 0.6, 0.6, 1]).all()


@pytest.mark.parametrize("draw", MAPS)
def test_a_mask_on_any_grid_hides_what_coefficients_show(draw, relief):
    mask = st.masks.Mask(np.abs(np.cos(GRIDS[2].theta)) > 0.5, GRIDS[2])
    image = draw(relief, mask=mask).images[0]
    pixels = plot.PixelMap(image.axes.projection, mask.grid, image.get_size()[1])
    np.testing.assert_array_equal(image.get_array().mask, ~pixels(mask.keeps))


# --- bad input ----------------------------------------------------------------------------------

GRID = st.Grid.gauss_legendre(8)
F = np.ones(GRID.shape)
ALM = st.signals.harmonic(8, 2, 1)
BROKEN = F.copy()
BROKEN[1, 2:4] = np.nan


@pytest.mark.parametrize("draw", MAPS)
@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((F[:-1], GRID), {}, ValueError, r"\(8, 16\).*\(7, 16\)"),
        ((np.ones((2, 8, 16)), GRID), {}, ValueError, r"one signal.*\(2, 8, 16\)"),
        ((BROKEN, GRID), {}, ValueError, "2 NaN"),
        ((F + 0j, GRID), {}, TypeError, "real.*complex128"),
        ((F,), {}, TypeError, "with their grid.*complex.*float64 and no grid"),
        ((ALM[:-1],), {}, ValueError, r"L\(L\+1\)/2.*\(35,\)"),
        ((np.stack([ALM, ALM]),), {}, ValueError, r"one signal.*\(2, 36\)"),
        ((np.full_like(ALM, np.nan),), {}, ValueError, "NaN"),
        ((ALM, "healpix"), {}, TypeError, "Grid.*'healpix'"),
        ((F, GRID), {"mask": F > 0}, TypeError, "Mask.*ndarray"),
        ((ALM,), {"mask": F > 0}, TypeError, "Mask.*ndarray"),
        ((F, GRID), {"mask": st.masks.Mask(np.ones(768), GRIDS[2])}, ValueError, "grid of the"),
        ((BROKEN, GRID), {"mask": st.masks.Mask(F, GRID)}, ValueError, "got 2 of 128"),
        ((ALM,), {"width": 1}, ValueError, "width.*1"),
        ((ALM,), {"width": 9.5}, TypeError, "width.*9.5"),
        ((ALM,), {"symmetric": "yes"}, ValueError, "symmetric.*'yes'"),
        ((ALM,), {"limits": (1, -1)}, ValueError, r"increase.*\(1, -1\)"),
        ((ALM,), {"limits": 3}, ValueError, "two numbers.*3"),
        ((ALM,), {"limits": (0, np.inf)}, ValueError, "inf"),
        ((ALM,), {"limits": (-1, 2), "symmetric": True}, ValueError, r"\(-x, x\).*\(-1, 2\)"),
        ((ALM,), {"ax": "axes"}, TypeError, "Axes.*str"),
    ],
)
def test_maps_refuse(draw, arguments, options, error, message):
    with pytest.raises(error, match=message):
        draw(*arguments, **options)
    assert not plt.get_fignums()  # nothing half drawn is left behind


def test_maps_refuse_axes_that_do_not_fit(relief):
    wrong = plt.figure().add_subplot(projection=ccrs.PlateCarree())
    with pytest.raises(ValueError, match=r"Mollweide.*PlateCarree"):
        plot.mollweide(relief, ax=wrong)
    with pytest.raises(ValueError, match=r"Orthographic.*PlateCarree"):
        plot.globe(relief, ax=wrong)
    busy = plt.figure().add_subplot()
    busy.plot([1, 2])
    with pytest.raises(ValueError, match="empty"):
        plot.mollweide(relief, ax=busy)
    own = plt.figure().add_subplot(projection=ccrs.Orthographic(30, 40))
    with pytest.raises(ValueError, match=r"centre.*\(1, 2\)"):
        plot.globe(relief, centre=(1, 2), ax=own)


@pytest.mark.parametrize("centre", [(3.2, 0), (-0.1, 0), (90, 0), 5, (1, 2, 3), (0, np.nan)])
def test_a_globe_refuses_a_centre_off_the_sphere(centre):
    with pytest.raises(ValueError, match=r"centre must (be|have)"):
        plot.globe(ALM, centre=centre)


def test_a_pixel_map_refuses():
    with pytest.raises(ValueError, match=r"Orthographic, got PlateCarree"):
        plot.PixelMap(ccrs.PlateCarree(), GRID, 100)
    with pytest.raises(TypeError, match="Grid.*8"):
        plot.PixelMap(ccrs.Mollweide(), 8, 100)
    with pytest.raises(ValueError, match="width.*0"):
        plot.PixelMap(ccrs.Mollweide(), GRID, 0)
    pixels = plot.PixelMap(ccrs.Mollweide(), GRID, 100)
    assert repr(pixels) == f"PixelMap(Mollweide, {GRID!r}, 100 x 50 pixels)"
    with pytest.raises(ValueError, match=r"\(8, 16\).*\(16,\)"):
        pixels(F[0])


@pytest.mark.parametrize("draw", [plot.power_spectrum, plot.coefficients])
@pytest.mark.parametrize(
    ("alm", "error", "message"),
    [
        (np.stack([ALM, ALM]), ValueError, r"one signal.*\(2, 36\)"),
        (ALM.real, TypeError, "complex.*float64"),
        (ALM[:5], ValueError, r"\(5,\)"),
        (np.full_like(ALM, np.nan), ValueError, "36 NaN"),
        (ALM * 0, ValueError, "alm must have"),
    ],
)
def test_figures_over_degrees_refuse(draw, alm, error, message):
    with pytest.raises(error, match=message):
        draw(alm)
    assert not plt.get_fignums()


def test_figures_refuse_other_objects(scattered):
    with pytest.raises(TypeError, match="WaveletBank.*int"):
        plot.windows(5)
    with pytest.raises(TypeError, match="ScatteringCoefficients.*ndarray"):
        plot.scattering_tree(scattered.alm)
    with pytest.raises(TypeError, match="Axes.*int"):
        plot.power_spectrum(ALM, ax=1)
    with pytest.raises(ValueError, match="decades"):
        plot.coefficients(ALM, decades=0)
    with pytest.raises(ValueError, match=r"parent"):
        plot.scattering_tree(scattered.at_depth(2))
    with pytest.raises(ValueError, match=r"signal_energy.*-1"):
        plot.scattering_tree(scattered, signal_energy=-1.0)
    scatter = st.ScatteringTransform(8, J_min=1)
    with pytest.raises(ValueError, match=r"one signal.*\(2,\)"):
        plot.scattering_tree(scatter(np.stack([ALM, ALM])))
    with pytest.raises(ValueError, match="energy"):
        plot.scattering_tree(scatter(0 * ALM))


# --- the coastlines' data -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def script(request):
    path = request.config.rootpath / "scripts" / "make_coastlines.py"
    spec = importlib.util.spec_from_file_location("make_coastlines", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_topojson_is_decoded(script):
    topology = {
        "transform": {"scale": [0.5, 2.0], "translate": [-180.0, -90.0]},
        "arcs": [[[10, 5], [4, -1], [0, 2]], [[0, 0], [1, 1]], [[2, 2], [2, 2]]],
        "objects": {"land": {"geometries": [{"arcs": [[[0]], [[~2]]]}]}},
    }
    first, second = script.decode(topology)  # the arc 1 bounds no land
    np.testing.assert_array_equal(first, [[-175, -80], [-173, -82], [-173, -78]])
    np.testing.assert_array_equal(second, [[-179, -86], [-178, -82]])


def test_lines_are_cut_at_the_antimeridian(script):
    line = np.array([[-180.0, 1], [-179, 2], [-180, 3], [179, 4], [180, 5], [-180, 6], [-178, 7]])
    pieces = [piece.tolist() for piece in script.split_at_antimeridian(line)]
    assert pieces == [
        [[-180, 1], [-179, 2], [-180, 3]],
        [[180, 3], [179, 4], [180, 5]],
        [[-180, 6], [-178, 7]],
    ]
    whole = np.array([[1.0, 2], [3, 4]])
    assert [piece.tolist() for piece in script.split_at_antimeridian(whole)] == [whole.tolist()]
