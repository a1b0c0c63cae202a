"""Files of the reader's in Chromium: opened, dropped, analysed in the page, or refused."""

from __future__ import annotations

import base64
import gzip
import sys
from io import BytesIO

import ducc0
import healpy
import numpy as np
import pytest
from astropy.io import fits
from axe import violations
from commands import ROOT
from PIL import Image

import sphere_toolkit as st
from sphere_toolkit import data
from sphere_toolkit.sphere.spectra import real_coefficient

sys.path.append(str(ROOT / "tests" / "javascript"))
from file_oracle import quadrature, sky_coefficients

pytestmark = pytest.mark.browser

TAKERS = (
    "harmonics", "wavelets", "directions", "energy_shift", "envelope", "scattering_tree",
    "equivariance", "stability", "synthesis",
)  # fmt: skip
"""The explorers of signals."""


@pytest.fixture(scope="module")
def widget():
    return st.explore.harmonics(mode="harmonic")


def status(explorer):
    return explorer.root.locator(".st-file")


def wait(explorer, state):
    explorer.page.wait_for_function(
        "([line, state]) => line.dataset.state === state",
        arg=[status(explorer).element_handle(), state],
        timeout=60_000,
    )
    return status(explorer).get_by_role("status").inner_text()


def open_file(explorer, path, state="shown"):
    """Open a file as a reader does, with the button; returns what the page says."""
    with explorer.page.expect_file_chooser() as chooser:
        explorer.root.locator("[data-action=open]").click()
    before = explorer.draws
    status(explorer).evaluate("line => { line.dataset.state = ''; }")  # that of another file
    chooser.value.set_files(path)
    words = wait(explorer, state)
    if state == "shown":
        explorer.wait_for_draw(before)
    return words


def coefficients(explorer, places):
    """Coefficients that the page shows at some degrees and orders."""
    shown = []
    for ell, m in places:
        explorer.move_together({"Degree ℓ": ell, "Order m": m})
        explorer.wait_for(degree=ell, order=m)
        shown.append(float(explorer.data["coefficient"]))
    return shown


PLACES = [(1, 0), (2, 1), (5, -3), (12, 7), (40, 0), (127, -100)]


def expected(alm):
    return [real_coefficient(alm, ell, m) for ell, m in PLACES]


def grey_picture(rows):
    """A picture of the whole sphere: waves, and noise of every pixel's own."""
    grid = np.linspace(0, 1, 2 * rows, endpoint=False)
    waves = np.sin(2 * np.pi * (3 * grid[None, :] + np.sin(5 * np.pi * grid[: 2 * rows : 2, None])))
    noise = np.random.default_rng(1).integers(-40, 40, (rows, 2 * rows))
    return (128 + 60 * waves + noise).astype(np.uint8)


def test_an_image_of_4096_pixels_is_analysed_as_python_does(explorer, tmp_path):
    pixels = grey_picture(2048)
    Image.fromarray(pixels).save(tmp_path / "mine.png", compress_level=1)
    words = open_file(explorer, tmp_path / "mine.png")
    assert explorer.data["signal"] == "mine.png"
    assert "“mine.png” is an image of 4096 × 2048 pixels" in words
    assert "It stays on your machine" in words
    alm = quadrature(pixels / 255, "F1", 128, np.pi / 4096 - np.pi)
    alm[0] = 0
    size = np.sqrt(st.energy(alm))
    np.testing.assert_allclose(coefficients(explorer, PLACES), expected(alm), atol=1e-5 * size)
    assert not explorer.root.get_by_label("Channel").is_visible()
    assert violations(explorer.page) == []


def test_a_channel_is_chosen_and_pythons_signals_come_back(explorer, tmp_path):
    first = explorer.picture()
    pixels = np.random.default_rng(2).integers(0, 256, (128, 256, 3)).astype(np.uint8)
    pixels[..., 1] = 0
    Image.fromarray(pixels).save(tmp_path / "colours.webp", lossless=True)
    open_file(explorer, tmp_path / "colours.webp")
    for channel, part in [("grey", pixels @ [0.2126, 0.7152, 0.0722]), ("blue", pixels[..., 2])]:
        explorer.root.get_by_label("Channel").select_option(channel)
        name = "colours.webp" + (", blue" if channel == "blue" else "")
        explorer.wait_for(signal=name)
        alm = quadrature(part / 255, "F1", 64, np.pi / 256 - np.pi)
        size = np.sqrt(st.energy(alm) - abs(alm[0]) ** 2)
        places = [(ell, m) for ell, m in PLACES if ell < 64]
        values = [real_coefficient(alm, ell, m) for ell, m in places]
        np.testing.assert_allclose(coefficients(explorer, places), values, atol=1e-5 * size)
    channel = explorer.root.get_by_label("Channel")
    channel.select_option("green")
    assert "is 0 everywhere" in wait(explorer, "refused")
    assert channel.input_value() == "blue"
    coefficients(explorer, [(5, 3)])
    menu = explorer.root.get_by_label("Signal", exact=True)
    for name in ("Earth's relief", "colours.webp", "Earth's relief"):
        menu.select_option(name)
        explorer.wait_for(signal=name)
    assert explorer.picture() == first
    open_file(explorer, tmp_path / "colours.webp")  # once more: it takes its own place
    names = menu.locator("option").all_inner_texts()
    assert names[4:] == ["colours.webp", "colours.webp, blue"]


def test_a_file_is_dropped(explorer):
    L = 100
    alm = st.signals.band_limited_noise(L, 3)
    alm[0] = 0
    grid = st.Grid.mcewen_wiaux(L)  # has no row at the north pole, and an odd number of columns
    file = BytesIO()
    np.save(file, st.inverse(alm, grid))
    drop(explorer, "not this.npy", file.getvalue())
    assert "shape (100, 199)" in wait(explorer, "refused")
    rows = rows_with_poles(alm, 201)
    file = BytesIO()
    np.save(file, rows)
    drop(explorer, "mine.npy", file.getvalue())
    words = wait(explorer, "shown")
    assert "an array of 201 × 400 samples" in words
    assert "degrees from 101 on" in words
    explorer.wait_for(signal="mine.npy")
    places = [(ell, m) for ell, m in PLACES if ell < L]
    values = [real_coefficient(alm, ell, m) for ell, m in places]
    np.testing.assert_allclose(coefficients(explorer, places), values, atol=1e-4)


def rows_with_poles(alm, rows):
    """Samples of a signal on rows with both poles, by ducc0."""
    L = st.band_limit(alm)
    return ducc0.sht.synthesis_2d(
        alm=alm[None], spin=0, lmax=L - 1, geometry="CC", ntheta=rows, nphi=2 * (rows - 1)
    )[0]


def drop(explorer, name, content):
    explorer.root.evaluate(
        """(root, [name, content]) => {
          const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], name));
          const options = { dataTransfer, bubbles: true, cancelable: true };
          root.dispatchEvent(new DragEvent('dragover', options));
          if (!root.classList.contains('st-dropping')) throw new Error('nothing shows');
          root.dispatchEvent(new DragEvent('drop', options));
          if (root.classList.contains('st-dropping')) throw new Error('it stays marked');
        }""",
        [name, base64.b64encode(content).decode()],
    )


def sky(tmp_path, name, samples, nest=False):
    path = tmp_path / f"{name}.fits"
    healpy.write_map(path, samples, nest=nest, dtype=np.float32, column_units="mK")
    return path


def test_a_sky_with_a_mask_is_filled_and_shown_grey(explorer, tmp_path):
    samples = np.random.default_rng(0).standard_normal(12 * 64**2).astype(np.float32)
    theta, phi = healpy.pix2ang(64, np.arange(samples.size))
    hidden = (abs(theta - np.pi / 2) < 0.3) & (phi < 1)
    stored = np.where(hidden, healpy.UNSEEN, samples)
    path = sky(tmp_path, "sky", healpy.reorder(stored, r2n=True), nest=True)
    packed = tmp_path / "sky.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    words = open_file(explorer, packed)
    missing = int(hidden.sum())
    assert f"{missing:,} of its 49,152 samples" in words
    assert "grey in the maps" in words
    assert "mK" in words
    filled = np.where(hidden, samples[~hidden].mean(dtype=float), samples)
    alm = sky_coefficients(filled - filled.mean())
    size = np.sqrt(st.energy(alm))
    np.testing.assert_allclose(coefficients(explorer, PLACES), expected(alm), atol=1e-4 * size)
    grey = explorer.root.locator("canvas.st-coast").nth(1)
    colour = "(c, x) => [...c.getContext('2d').getImageData(x * c.width, c.height / 2, 1, 1).data]"
    # Longitude 0 is the middle of the map, and longitude 1 lies at 0.5 + 1 / (2 pi).
    assert grey.evaluate(colour, 0.55) == [134, 143, 153, 255]
    seen = explorer.root.locator(".st-sphere").nth(1)
    assert explorer.root.locator(".st-missing").nth(1).inner_text() == "grey: no samples"
    assert explorer.read(seen, 0.55, 0.5) == ["missing", "θ = 90°, φ = 18°"]
    assert explorer.read(seen, 0.75, 0.5)[0].endswith("mK")
    for place in (0.45, 0.75):
        assert grey.evaluate(colour, place)[3] == 0


@pytest.fixture
def bad_files(tmp_path):
    """By name a file, and what the page says of it."""
    nothing = np.full(48, healpy.UNSEEN)
    Image.fromarray(grey_picture(64)[:, :100]).save(tmp_path / "narrow.png")
    Image.fromarray(grey_picture(64)).save(tmp_path / "whole.png")
    Image.fromarray(np.full((64, 128), 7, np.uint8)).save(tmp_path / "flat.png")
    (tmp_path / "text.png").write_text("This is no picture.")
    (tmp_path / "torn.png").write_bytes((tmp_path / "whole.png").read_bytes()[:300])
    (tmp_path / "torn.fits.gz").write_bytes(gzip.compress(b"SIMPLE" * 99)[:25])
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"hello"))
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(10 * 2**30)  # takes no space
    np.save(tmp_path / "nan.npy", np.full((64, 128), np.nan))
    np.save(tmp_path / "list.npy", np.arange(9.0))
    sky(tmp_path, "blank", nothing)
    columns = [fits.Column("RA", "D", array=np.arange(48.0))]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "catalogue.fits")
    return {
        "narrow.png": "100 × 64 pixels: an image of the whole sphere is twice as wide as high",
        "text.png": "is none of the files that are read here",
        "torn.png": "is damaged: it cannot be decoded",
        "flat.png": "is 0.027 everywhere",
        "huge.png": "has 10,240 MiB: at most 256 MiB are read",
        "torn.fits.gz": "is damaged: it cannot be decompressed",
        "text.gz": "is none of the files",
        "nan.npy": "has no samples",
        "list.npy": "shape (9)",
        "blank.fits": "has no samples",
        "catalogue.fits": "holds a table that is no HEALPix map",
    }


def test_what_cannot_be_shown_gets_a_sentence_and_changes_nothing(explorer, tmp_path, bad_files):
    before = explorer.picture(), explorer.data
    for name, words in bad_files.items():
        said = open_file(explorer, tmp_path / name, "refused")
        assert said.startswith(f"“{name}” ")
        assert words in said
        assert said.endswith("Nothing has changed.")
    assert (explorer.picture(), explorer.data) == before
    assert explorer.root.locator("option").count() == 4


# V is a file like that of W; the mask holds bytes, and the page reads real numbers.
LEFT_OUT = {"wmap_v_whole.fits", "wmap_mask.fits"}
OPENED = [n for n in data.OF_THE_COURSE if not n.endswith(".npz") and n not in LEFT_OUT]


def test_what_comes_with_the_course_can_be_opened(explorer):
    for name in OPENED:
        words = open_file(explorer, ROOT / "notebooks" / "data" / name)
        explorer.wait_for(signal=name)
        assert words.startswith(f"“{name}” ")
        assert ("missing" in words) == ("masked" in name)
        if not name.endswith("fits"):
            continue
        assert "nside 32" in words
        samples = healpy.read_map(ROOT / "notebooks" / "data" / name).astype(float)
        valid = samples > -1e30
        alm = sky_coefficients(np.where(valid, samples - samples[valid].mean(), 0))
        places = [(ell, m) for ell, m in PLACES if ell < 64]
        values = [real_coefficient(alm, ell, m) for ell, m in places]
        size = np.sqrt(st.energy(alm))
        np.testing.assert_allclose(coefficients(explorer, places), values, atol=1e-4 * size)


def test_every_explorer_of_signals_takes_a_file_and_the_others_do_not(show, tmp_path):
    names = list(st.explore.EXPLORERS)
    widgets = [
        st.explore.EXPLORERS[name](**({} if name == "network" else {"L": 16})) for name in names
    ]
    page = show(*widgets)
    Image.fromarray(grey_picture(128)).save(tmp_path / "mine.png")
    for k, name in enumerate(names):
        explorer = page.explorer(k)
        assert explorer.root.locator("[data-action=open]").count() == (name in TAKERS)
        if name in TAKERS:
            before = explorer.picture()
            open_file(explorer, tmp_path / "mine.png")
            explorer.wait_for(signal="mine.png")
            assert explorer.picture() != before
            assert "cannot be shown" not in explorer.root.inner_text()


def test_an_explorer_of_one_signal_gets_a_menu_with_the_second(show, tmp_path):
    relief = {"mine.png": st.signals.earth_relief(16)}
    widget = st.explore.energy_shift(relief)
    explorer = show(widget).explorer()
    menu = explorer.root.get_by_label("Signal", exact=True)
    assert not menu.is_visible()
    Image.fromarray(grey_picture(64)).save(tmp_path / "mine.png")
    open_file(explorer, tmp_path / "mine.png")
    explorer.wait_for(signal="mine.png (yours)")
    assert menu.locator("option").all_inner_texts() == ["mine.png", "mine.png (yours)"]
