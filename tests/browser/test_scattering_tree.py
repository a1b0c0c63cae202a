"""The tree of paths in a page: the same numbers as Python, by pointer and by keys."""

from __future__ import annotations

import numpy as np
import pytest
from driving import PHONE

import sphere_toolkit as st

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.scattering_tree()


def node(explorer, *path):
    return explorer.root.locator(f"button.st-node[data-path='{','.join(map(str, path))}']")


def energies(explorer):
    """What arrives at each path and what is kept, in full precision, once all is known."""
    explorer.wait_for(known=explorer.root.locator(".st-node").count())
    return np.array(
        explorer.root.evaluate(
            "root => [...root.querySelectorAll('.st-node')]"
            ".map(b => [Number(b.dataset.arriving), Number(b.dataset.kept)])"
        )
    ).T


def bars(explorer):
    shares = "rows => rows.map(row => Number(row.dataset.share))"
    return explorer.root.locator(".st-depths li").evaluate_all(shares)


def test_every_number_equals_python_for_every_signal(explorer, widget):
    for name in widget.names:
        explorer.choose(name)
        transform, alm = widget.transform, widget._alm[name]
        scattered = transform(alm)
        found = energies(explorer)
        np.testing.assert_allclose(found[1], scattered.energy() / st.energy(alm), atol=1e-5)
        np.testing.assert_allclose(
            found, st.scattering.energy_by_path(alm, transform), rtol=1e-4, atol=1e-7
        )
        by_depth = scattered.energy_by_depth() / st.energy(alm)
        np.testing.assert_allclose(bars(explorer), [*by_depth, 1 - by_depth.sum()], atol=1e-5)


def test_the_envelope_and_the_local_rms_leave_less_on_no_path(explorer):
    energies(explorer)
    lost = bars(explorer)[-1]
    twin = st.explore.scattering_tree()
    for kind, noun in (("envelope", "envelope"), ("rms", "local RMS")):
        explorer.press(noun)
        explorer.wait_for(nonlinearity=kind)
        twin.nonlinearity = kind
        np.testing.assert_allclose(energies(explorer), twin.energy_by_path(), rtol=1e-4, atol=1e-7)
        assert bars(explorer)[-1] < lost / 3
        assert f"the {noun} left it" in explorer.root.locator(".st-result").inner_text()


def test_the_default_shows_why_depth_two_is_enough(explorer):
    energies(explorer)
    words = explorer.root.locator(".st-result").inner_text().replace("\u00a0", " ")
    assert "Depths 0 to 2 keep 95.0 % of the energy; depth 3 adds 0.013 %" in words
    assert explorer.data["path"] == "5,4"
    assert node(explorer, 5, 4).get_attribute("aria-pressed") == "true"
    assert explorer.root.locator("button[aria-pressed=true]").count() == 1
    label = node(explorer, 4).text_content().replace("\u00a0", " ")
    assert label == "Path 4: its average keeps 3.6 % of the energy"
    budget = explorer.root.locator(".st-budget").evaluate("b => ({...b.dataset})")
    arriving, kept, on, lost = (float(budget[k]) for k in ("arriving", "kept", "on", "lost"))
    assert kept + on + lost == pytest.approx(arriving)
    assert on == pytest.approx(energies(explorer)[0][11])  # (5, 4, 3)


def test_nodes_are_chosen_by_pointer_and_keys_and_the_pictures_follow(explorer):
    energies(explorer)
    start = explorer.picture()
    node(explorer, 6, 3).click()
    explorer.wait_for(path="6,3")
    clicked = explorer.picture()
    for key, expected in [
        ("ArrowLeft", "6"),
        ("ArrowLeft", ""),
        ("ArrowLeft", ""),  # the root has no parent
        ("ArrowRight", "6"),
        ("ArrowDown", "5"),
        ("ArrowRight", "5,4"),
        ("ArrowUp", "6,3"),
    ]:
        explorer.page.locator("button.st-node:focus").press(key)
        explorer.wait_for(path=expected)
        label = explorer.root.locator(".st-sphere").first.get_attribute("aria-label")
        assert f"U[{expected.replace(',', ', ')}] of: Earth's relief" in label
    assert explorer.picture() == clicked != start
    node(explorer, 5, 4).focus()
    explorer.page.keyboard.press("Enter")  # the native way
    explorer.wait_for(path="5,4")
    assert explorer.picture() == start


def test_a_path_is_computed_when_it_is_chosen_and_kept(explorer):
    """Before the page had time to look ahead, and without a second computation."""
    known = explorer.root.evaluate(
        """async root => {
          const select = root.querySelector("select"), before = Number(root.dataset.draws);
          select.value = "A ring";
          select.dispatchEvent(new Event("change", { bubbles: true }));
          while (Number(root.dataset.draws) === before) await new Promise(requestAnimationFrame);
          return Number(root.dataset.known);
        }"""
    )
    assert known == 3  # (), (5,) and (5, 4)
    first = energies(explorer)
    node(explorer, 6, 4, 3).click()
    explorer.wait_for(path="6,4,3")
    np.testing.assert_array_equal(energies(explorer), first)


def test_pictures_show_what_python_propagates(show):
    """Where U[p] f and S[p] f are strongest, the map is darkest."""
    alm = st.signals.spots(64)
    widget = st.explore.scattering_tree(alm, path=(6, 5))
    explorer = show(widget).explorer()
    samples, grid = widget.transform.propagate(alm, (6, 5))
    averaged = st.inverse(widget.transform(alm)[(6, 5)], grid)
    for which, expected in enumerate((samples, averaged)):
        theta, phi = (axis.ravel() for axis in grid.mesh())
        order = np.argsort(expected.ravel())
        shades = []
        for k in (order[10], order[-1]):
            t, u = np.pi / 2 - theta[k], phi[k] if phi[k] < np.pi else phi[k] - 2 * np.pi
            angle = t
            for _ in range(60):
                angle -= (2 * angle + np.sin(2 * angle) - np.pi * np.sin(t)) / (
                    2 + 2 * np.cos(2 * angle) + 1e-9
                )
            x = 0.5 + u / (2 * np.pi) * np.cos(angle)
            shades.append(sum(explorer.map_colour(x, 0.5 - np.sin(angle) / 2, which)))
        assert shades[1] < shades[0] - 200


def test_globes_turn_and_keep_their_colours_on_dark_pages(show, widget):
    explorer = show(widget, theme="dark").explorer()
    energies(explorer)
    maps = explorer.picture()
    assert len(explorer.turn_globes()) == 3
    assert explorer.show("maps") == maps
    assert explorer.use_theme("light") == maps


@pytest.mark.parametrize("options", [{}, {"J_min": 2, "depth": 4}])
def test_it_fits_a_phone(show, options):
    widget = st.explore.scattering_tree(L=32, **options)
    explorer = show(widget, **PHONE).explorer()
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 360
    boxes = explorer.root.locator(".st-node").evaluate_all(
        "nodes => nodes.map(n => { const r = n.getBoundingClientRect();"
        " return [r.left, r.right, r.top, r.bottom, n.scrollWidth - n.clientWidth]; })"
    )
    for k, (left, right, top, bottom, overflow) in enumerate(boxes):
        assert left >= 0
        assert right <= 360 or options  # a deep tree may be scrolled
        assert overflow <= 0
        for other in boxes[k + 1 :]:
            apart = other[0] >= right or other[1] <= left or other[2] >= bottom or other[3] <= top
            assert apart


def test_another_band_limit_and_oversampling_equal_python(show):
    grid = st.Grid.healpix(32, L=50)
    samples = st.inverse(st.signals.earth_relief(50), grid)
    widget = st.explore.scattering_tree((samples, grid), J_min=2, depth=2, oversampling=4, unit="K")
    explorer = show(widget).explorer()
    found = energies(explorer)
    np.testing.assert_allclose(found, widget.energy_by_path(), atol=1e-5)
    assert " K" in explorer.root.inner_text()
    assert explorer.menu.count() == 0


def test_pictures_of_a_new_size_are_never_blank(show, widget):
    explorer = show(widget).explorer()
    alpha = explorer.root.evaluate(
        """root => new Promise((done) => {
          const before = root.querySelector("canvas.st-pixels").width;
          root.style.width = `${0.8 * root.clientWidth}px`;
          requestAnimationFrame(() => setTimeout(() => { // after what this frame shows
            const pixels = [...root.querySelectorAll("canvas.st-pixels")];
            done(pixels.map((c) => c.width !== before &&
              c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data[3]));
          }));
        })"""
    )
    assert alpha == [255, 255]
