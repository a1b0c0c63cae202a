"""What a reader takes home: pictures, charts, numbers, and the explorer itself."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest
from PIL import Image

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The explorer as a file of its own."""
    widget = st.explore.energy_shift(scale=4)
    file = widget.to_html(tmp_path_factory.mktemp("own") / "energy.html", title="Energy <moves>")
    assert file.stat().st_size < 2_000_000
    return file.as_uri()


def saved(explorer, kind, which=0):
    """The content of the file that a button of the menu saves."""
    button = explorer.root.locator(f"[data-save={kind}]").nth(which)
    with explorer.page.expect_download() as download:
        button.click()
    return download.value


def test_a_file_of_its_own_works_without_a_network(visit, page):
    explorer = visit(page, fresh=True).explorer()
    explorer.page.context.set_offline(True)
    explorer.set_scale(3)
    alm = st.signals.earth_relief(128)
    _, after = st.scattering.energy_fraction_below(alm, st.WaveletBank(128), 3)
    assert float(explorer.data["after"]) == pytest.approx(after, abs=1e-5)
    assert explorer.page.title() == "Energy <moves>"
    assert visit(f"{page}#energy_shift.scale=2").explorer().data["scale"] == "2"


def with_menu(visit, page, **options):
    """The explorer with the menu of what can be saved."""
    explorer = visit(page, **options).explorer()
    menu = explorer.root.locator("[data-action=save]")
    menu.click()
    assert menu.get_attribute("aria-expanded") == "true"
    return explorer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_saved(visit, page, scheme):
    explorer = with_menu(visit, page, color_scheme=scheme)
    before = explorer.picture()
    width = explorer.root.locator(".st-sphere").first.evaluate("sphere => sphere.clientWidth")
    for which in (0, 1):
        download = saved(explorer, "png", which)
        assert download.suggested_filename == f"energy_shift_{which + 1}.png"
        picture = Image.open(download.path()).convert("RGB")
        assert picture.width == 2 * (width + 32)
        colours = picture.getcolors(picture.width * picture.height)
        assert len(colours) > 100
        corner = sum(picture.getpixel((2, 2)))
        assert corner == 3 * 255 if scheme == "light" else corner < 150
    assert explorer.picture() == before  # all is drawn as it was


def test_charts_and_numbers_are_saved(visit, page, tmp_path):
    explorer = with_menu(visit, page)
    before = explorer.picture()
    download = saved(explorer, "svg", 1)
    chart = ElementTree.parse(download.path()).getroot()
    assert chart.tag == "{http://www.w3.org/2000/svg}svg"
    assert any("degree" in (text.text or "") for text in chart.iter(f"{chart.tag[:-3]}text"))
    drawn = tmp_path / "chart.svg"
    download.save_as(drawn)
    alone = visit(drawn.as_uri()).page
    shot = Image.open(io.BytesIO(alone.screenshot())).convert("RGB")
    assert len(shot.getcolors(10**6)) > 20
    rows = list(csv.reader(saved(explorer, "csv").path().read_text().splitlines()))
    assert rows[0] == ["part", "quantity", "value"]
    assert ["control", "scale", "4"] in rows
    numbers = {quantity: value for part, quantity, value in rows if part == "shown"}
    assert numbers["after"] == explorer.data["after"]
    squares = [row for row in rows if row[1:] == ["nonlinearity", "square"]]
    assert len(squares) == 1
    assert explorer.picture() == before


def test_what_cannot_be_written_is_refused(tmp_path):
    widget = st.explore.sampling(4)
    with pytest.raises(TypeError, match="title must be a string, got 3"):
        widget.to_html(tmp_path / "page.html", title=3)
    with pytest.raises(FileNotFoundError):
        widget.to_html(tmp_path / "nowhere" / "page.html")
    assert list(tmp_path.iterdir()) == []
