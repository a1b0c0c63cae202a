"""Questions of a chapter in Chromium, on a page without a kernel."""

from __future__ import annotations

import pytest
from axe import violations
from static_page import embedded_state, write_page

import sphere_toolkit as st

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}}
_REST = """<details><summary>Show the answer</summary><p id="why">Because.</p></details>
<div class="cell" id="output">a figure</div><p id="text">As the figure shows.</p>
<section><h3 id="next">The next section</h3></section>"""


@pytest.fixture
def ask(visit, tmp_path):
    """Open a page like the book's: each question in a cell, and behind the last what may wait."""

    def open_page(*questions, options=PHONE, **settings):
        page = write_page(tmp_path, list(questions), **settings)
        text = page.read_text().replace('<div class="cell_output">', '<div class="cell">')
        text = text.replace("<main>", "<main><section><h2>Questions</h2>")
        page.write_text(text.replace("</main>", f"{_REST}</section></main>"))
        return visit(page.as_uri(), **options).page

    return open_page


def verdict(page):
    return page.locator(".st-verdict").nth(0).inner_text()


def shown(page):
    return [
        name for name in ("why", "output", "text", "next") if page.locator(f"#{name}").is_visible()
    ]


def test_a_prediction_is_made_before_the_rest_is_seen_and_forgotten_on_reload(ask):
    page = ask(st.explore.predict("How much?", 0.11, unit="%", why="A *tenth* at most."))
    number = page.get_by_role("textbox", name="Your number")
    number.wait_for()
    page.locator("[data-st-waits]").first.wait_for(state="attached")
    assert shown(page) == ["next"]
    page.keyboard.press("Tab")
    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    assert verdict(page) == "Enter a number first, such as 0.25 or 3/8."
    assert shown(page) == ["next"]
    number.fill("1,5 %")
    number.press("Enter")
    assert verdict(page) == "You said 1.5 %. It is 0.11 %. A tenth at most."
    assert shown(page) == ["why", "output", "text", "next"]
    assert page.locator(".st-verdict").evaluate("one => one === document.activeElement")
    assert number.is_disabled()
    page.reload()
    page.locator("[data-st-waits]").first.wait_for(state="attached")
    assert shown(page) == ["next"]


def test_a_prediction_can_be_skipped_and_one_without_an_answer_lets_the_output_tell(ask):
    page = ask(st.explore.predict("How much?", why="See below."))
    page.get_by_role("button", name="Skip and show").press("Enter")
    assert verdict(page) == "See below."
    assert shown(page) == ["why", "output", "text", "next"]


def test_each_prediction_keeps_its_own_rest_but_for_an_explorer_that_a_link_leads_to(ask):
    explorer = st.explore.energy_shift(L=16)
    page = ask(st.explore.predict("First?", 1), explorer, st.explore.predict("Second?", 2))
    first, second = page.locator(".st-asked").all()
    assert first.is_visible()
    page.wait_for_function("document.querySelector('#text').dataset.stWaits === '2'")
    assert not second.is_visible()
    page.wait_for_function("document.querySelector('.st-explorer').dataset.draws > 0")
    assert not page.locator(".st-explorer").is_visible()
    page.evaluate("location.hash = '#energy_shift.scale=1'")
    page.locator(".st-explorer").wait_for()
    assert not second.is_visible()
    assert shown(page) == ["next"]
    first.get_by_role("button", name="Skip").click()
    assert second.is_visible()
    assert shown(page) == ["next"]
    second.get_by_role("button", name="Skip").click()
    assert shown(page) == ["why", "output", "text", "next"]


def test_without_javascript_nothing_waits(ask):
    page = ask(st.explore.predict("How much?", 1), options={"java_script_enabled": False})
    assert shown(page) == ["output", "text", "next"]  # the answer unfolds without a script, too
    page.get_by_text("Show the answer").click()
    assert "why" in shown(page)


def test_a_choice_is_checked_as_often_as_one_likes(ask):
    weights = {"(1, 1)/2": "The hum stays.", "(3, 4, 1)/8": "*c*_0 is 6/16."}
    page = ask(st.explore.check("Which?", "(3, 4, 1)/8", choices=weights, why="So it is."))
    assert shown(page) == ["output", "text", "next"]
    page.get_by_role("button", name="Check").click()
    assert verdict(page) == "Choose one first."
    page.get_by_role("radio", name="(1, 1)/2").press("Space")
    page.keyboard.press("Enter")
    assert verdict(page) == "Not yet. The hum stays."
    page.get_by_role("radio", name="(1, 1)/2").press("ArrowDown")
    assert verdict(page) == ""
    page.keyboard.press("Enter")
    assert verdict(page).split() == ["Right.", "c0", "is", "6/16.", "So", "it", "is."]
    assert page.locator(".st-asked").get_attribute("data-state") == "right"


def test_an_order_is_made_with_the_keyboard(ask):
    question = st.explore.check(
        "From coarse to fine?", ["scale 2", "scale 3"], hint="Larger is finer."
    )
    page = ask(question)
    page.get_by_role("button", name="Check").click()
    assert verdict(page) == "Not yet. Larger is finer."
    down = page.get_by_role("button", name="Move scale 3 down")
    down.press("Enter")
    assert down.evaluate("one => one === document.activeElement")
    assert page.locator("[aria-live]").inner_text() == "scale 3 is number 2 of 2."
    page.get_by_role("button", name="Check").click()
    assert verdict(page) == "Right."


def test_a_number_is_graded_as_python_grades_it(ask):
    question = st.explore.check("Which share?", 3 / 8, hint="Shares are weights.")
    page = ask(question)
    for text, value in (("3/8", 0.375), ("0.378", 0.378), ("0.38", 0.38), ("−3/8", -0.375)):
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Check").click()
        assert verdict(page).startswith("Right." if question.accepts(value) else "Not yet. Shares")


def test_a_curve_is_drawn_with_a_pointer_and_with_keys(ask):
    places = ["0", "1", "2–3", "4–7"]
    question = st.explore.predict("Draw it.", [60, 2, 4, 9], at=places, span=(0, 80), unit="%")
    page = ask(question)
    field = page.locator(".st-field")
    box = field.bounding_box()
    heights = "all => all.map(one => one.valueAsNumber)"
    sliders = page.get_by_role("slider")
    assert sliders.evaluate_all(heights) == [40, 40, 40, 40]
    page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 4, steps=8)
    page.mouse.up()
    assert sliders.evaluate_all(heights) == pytest.approx([60, 60, 60, 40], abs=1)
    last = page.get_by_role("slider", name="4–7")
    last.press("ArrowDown")
    assert last.get_attribute("aria-valuetext") == "39.2 %"
    line = page.locator("polyline.st-answer")
    assert not line.get_attribute("points")
    page.get_by_role("button", name="That is my prediction").click()
    told = " ".join(verdict(page).split())
    assert told.startswith("You said the dashed line (0: 60 %")
    assert "It is the solid line (0: 60 %, 1: 2 %, 2–3: 4 %, 4–7: 9 %)" in told
    assert line.get_attribute("points").split()[0] == "0.5,25"
    page.mouse.click(box["x"] + 3, box["y"] + 3)
    assert sliders.evaluate_all(heights)[0] == pytest.approx(60, abs=1)  # it stays as it was made


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_is_accessible_and_fits_a_phone(ask, theme):
    page = ask(
        st.explore.check("Which?", "a", choices={"a": "", "b": "No."}),
        st.explore.check("In which order?", ["a path with a long name, which wraps", "b", "c"]),
        st.explore.check("How much?", 1, unit="%"),
        st.explore.predict("Draw it.", at=["0", "1"], span=(0, 1)),
        theme=theme,
    )
    page.locator(".st-asked").nth(3).wait_for()
    assert violations(page) == []
    page.get_by_role("radio", name="b").check()
    page.get_by_role("textbox").fill("1")
    for button in page.get_by_role("button", name="Check").all():
        button.click()
    page.get_by_role("button", name="That is my prediction").click()
    verdicts = [one.inner_text().strip() for one in page.locator(".st-verdict b").all()]
    assert verdicts == ["Not yet.", "Not yet.", "Right."]
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("trait", ["kind", "prompt", "options", "unit", "span", "sealed", "salt"])
def test_a_damaged_question_says_so_and_hides_nothing(ask, trait):
    question = st.explore.predict("Draw it.", [1, 2], at=["0", "1"], span=(0, 1))
    state = embedded_state(question)
    record = state[question.model_id]
    record["state"][trait] = None
    record["buffers"] = [one for one in record["buffers"] if one["path"] != [trait]]
    page = ask(question, state=state)
    error = page.locator(".st-asked .st-error").inner_text()
    assert error.startswith("This question cannot be shown: ")
    assert shown(page) == ["output", "text", "next"]
