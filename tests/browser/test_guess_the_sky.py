"""The game of four skies in a page: the numbers of Python, a fair score, by pointer and keys."""

from __future__ import annotations

import numpy as np
import pytest
from driving import PHONE

import sphere_toolkit as st
from sphere_toolkit.explore._guess_the_sky.ensemble import typical

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return st.explore.guess_the_sky(rounds=2)


def look_at(explorer, words, evidence):
    explorer.root.get_by_role("radio", name=words).check(force=True)
    explorer.wait_for(evidence=evidence)
    if evidence == "scattering":
        explorer.wait_for(known=4)
        explorer.root.locator(".st-disc").first.wait_for()


def guess(explorer, sky):
    explorer.root.get_by_role("button", name=f"Guess {'ABCD'[sky]}").click()
    explorer.wait_for(guess=sky)


def numbers(explorer):
    """Departures (4, columns) and typical sizes (4,) in full precision."""
    discs = explorer.root.locator(".st-disc").evaluate_all(
        "discs => discs.map(d => Number(d.dataset.departure))"
    )
    sizes = explorer.root.locator(".st-size").evaluate_all(
        "all => all.map(one => Number(one.dataset.size))"
    )
    return np.reshape(discs, (4, -1)), np.array(sizes)


def maps_of(explorer):
    return explorer.root.locator("canvas.st-pixels").evaluate_all(
        "all => all.map(c => c.toDataURL())"
    )


def scores(explorer):
    return explorer.root.locator(".st-score b").evaluate_all("all => all.map(b => b.dataset.score)")


@pytest.mark.parametrize("L", [16, 128])
def test_every_number_equals_python_in_every_round(show, L):
    widget = st.explore.guess_the_sky(L, N=50 * L // 4, rounds=2, seed=L)
    explorer = show(widget).explorer()
    for k in range(2):
        widget.round = k
        expected = widget.departures()
        look_at(explorer, "spectra", "spectra")
        found, sizes = numbers(explorer)
        np.testing.assert_allclose(found, expected.spectra, atol=1e-4)
        np.testing.assert_allclose(sizes, typical(expected.spectra), atol=1e-4)
        look_at(explorer, "scattering", "scattering")
        explorer.page.wait_for_function(
            "n => document.querySelectorAll('.st-disc').length === n",
            arg=expected.scattering.size,
        )
        found, sizes = numbers(explorer)
        np.testing.assert_allclose(found, expected.scattering, atol=1e-2)
        np.testing.assert_allclose(sizes, typical(expected.scattering), atol=1e-2)
        if k == 0:
            guess(explorer, 0)
            explorer.root.get_by_role("button", name="Next round").click()
            explorer.wait_for(round=1)


def test_a_game_from_the_first_round_to_the_score(explorer, widget):
    assert explorer.data["evidence"] == "maps"
    assert explorer.root.locator(".st-chart").is_hidden()
    next_round = explorer.root.get_by_role("button", name="Next round")
    assert next_round.is_disabled()
    first, second = widget.odd
    maps = maps_of(explorer)
    guess(explorer, first)
    words = explorer.root.inner_text()
    assert f"Right: Sky {'ABCD'[first]} has the kicks" in words
    assert scores(explorer) == ["1/1", "0/0", "0/0"]
    assert explorer.root.locator(".st-cell.st-found").count() == 1
    next_round.click()
    explorer.wait_for(round=1)
    assert maps_of(explorer) != maps
    look_at(explorer, "scattering", "scattering")
    _, sizes = numbers(explorer)
    assert sizes.argmax() == second
    # Who has seen the scattering cannot forget it.
    look_at(explorer, "maps only", "maps")
    wrong = (second + 1) % 4
    guess(explorer, wrong)
    assert f"Not {'ABCD'[wrong]}: Sky {'ABCD'[second]} has the kicks" in explorer.root.inner_text()
    assert scores(explorer) == ["1/1", "0/0", "0/1"]
    assert explorer.root.locator(".st-cell.st-missed").count() == 1
    explorer.root.get_by_role("button", name="Start over").click()
    explorer.wait_for(round=0, guess=-1)
    assert scores(explorer) == ["0/0", "0/0", "0/0"]
    assert maps_of(explorer) == maps


def test_the_keyboard_is_enough(explorer, widget):
    page = explorer.page
    explorer.root.locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    explorer.wait_for(evidence="spectra")
    page.keyboard.press("ArrowRight")
    explorer.wait_for(evidence="scattering", known=4)
    page.keyboard.press("Tab")  # the button of globes
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Guess A"
    page.keyboard.press("Enter")
    explorer.wait_for(guess=0)
    assert page.evaluate("document.activeElement.textContent") == "Next round"
    page.keyboard.press("Enter")
    explorer.wait_for(round=1, guess=-1)
    assert page.evaluate("document.activeElement.textContent") == "Guess A"


def test_what_is_drawn_is_told_in_words(explorer, widget):
    spheres = explorer.root.locator(".st-sphere")
    labels = [spheres.nth(k).get_attribute("aria-label") for k in range(4)]
    assert [label[: len("Map of sky A")] for label in labels] == [
        f"Map of sky {letter}" for letter in "ABCD"
    ]
    look_at(explorer, "scattering", "scattering")
    label = explorer.root.locator(".st-chart").get_attribute("aria-label")
    for letter, size in zip("ABCD", typical(widget.departures().scattering), strict=True):
        assert f"sky {letter} {size:.1f}" in label
    rates = [f"{100 * rate:.0f}" for rate in widget.rates]
    words = explorer.root.locator(".st-caption").inner_text()
    assert f"{rates[0]} of 100 rounds by spectra and in {rates[1]} by scattering" in words


def test_globes_turn_together_and_keep_their_colours_on_dark_pages(show, widget):
    explorer = show(widget, theme="dark").explorer()
    pictures = explorer.turn_globes(2)
    assert len(pictures) == 3
    assert explorer.use_theme("light") in pictures


def test_it_fits_a_phone(show, widget):
    explorer = show(widget, **PHONE).explorer()
    look_at(explorer, "scattering", "scattering")
    guess(explorer, 1)
    assert explorer.page.evaluate("document.documentElement.scrollWidth") <= 360
