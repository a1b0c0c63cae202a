"""Explorers whose state in the page is damaged: a message in place of each, never a blank."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
from static_page import embedded_state

import sphere_toolkit as st

pytestmark = pytest.mark.browser

# Without these an explorer is drawn all the same. So it is with two values of other traits: the
# empty path is the root of the tree, and there may be no coastlines.
_OTHERS = {"later", "layout", "tabbable", "tooltip"}
_HARMLESS = {"path emptied", "coastlines short", "coastlines empty", "scenes emptied"}

# What the message must say, by explorer and by the trait and its wrong value, or by the damage.
_WORDS = {
    "energy_shift": {
        "coefficients short": "“coefficients” has 12 bytes, expected 4352",
        "windows lost": "“windows” is missing",
        "names emptied": "“names” are damaged",
        "signal misspelt": "no signal “?”",
    },
    "equivariance": {("path", (9,)): "no path “9”"},
    "guess_the_sky": {
        ("round", 9): "no round “9”",
        ("evidence", "hearsay"): "no evidence “hearsay”",
        ("odd", (0, 4)): "“odd” are damaged",
        ("guesses", (0,)): "“guesses” are damaged",
        ("evidence_used", (5, 0)): "“evidence_used” are damaged",
        ("rates", (2, 0.5)): "“rates” are damaged",
    },
    "harmonics": {
        ("band_limit", 0): "no band_limit “0”",
        ("order", 9): "no order “9”",
        ("mode", 1): "no mode",
    },
    "network": {
        ("channels", (1, 4, 4)): "damaged",
        ("limits", (16, 8, 16, 16)): "damaged",
    },
    "scattering_tree": {
        "scales emptied": "“scales” are damaged",
        ("path", (9,)): "no path “9”",
        "signal misspelt": "no signal “?”",
    },
    "stability": {
        ("size", 3): "no size “3”",
        "scales emptied": "“scales” are damaged",
        "signal misspelt": "no signal “?”",
    },
    "wavelets": {
        ("lam", 0.5): "no lam “0.5”",
        ("J_min", 8): "no J_min “8”",
        ("scale", 1): "no scale “1”",
    },
}


def damages(record, wrong_values):
    """Copies of a widget's state with one thing lost, misspelt, cut short or wrong, by its name."""

    def but(change):
        damaged = copy.deepcopy(record)
        change(damaged["state"], damaged["buffers"])
        return damaged

    for trait in record["state"]:
        if not trait.startswith("_") and trait not in _OTHERS:
            yield f"{trait} lost", but(lambda state, _, t=trait: state.pop(t))
            yield f"{trait} misspelt", but(lambda state, _, t=trait: state.update({t: "?"}))
            yield f"{trait} emptied", but(lambda state, _, t=trait: state.update({t: []}))
    for k, buffer in enumerate(record["buffers"]):
        trait = buffer["path"][0]
        yield f"{trait} lost", but(lambda _, buffers, k=k: buffers.pop(k))
        for what, data in (("short", "A" * 16), ("empty", "")):
            yield f"{trait} {what}", but(lambda _, b, k=k, d=data: b[k].update(data=d))
    for trait, value in wrong_values:
        assert trait in record["state"]
        sent = list(value) if isinstance(value, tuple) else value
        yield (trait, value), but(lambda state, _, t=trait, v=sent: state.update({t: v}))


@pytest.mark.parametrize("name", st.explore.EXPLORERS)
def test_whatever_is_damaged_a_message_says_so(show, name):
    make = st.explore.EXPLORERS[name]
    smallest = {"network": {}, "sampling": {"L": 4}, "guess_the_sky": {"L": 16, "rounds": 2}}
    widget = make(**smallest.get(name, {"L": 16}))
    state = embedded_state(widget)
    words = _WORDS.get(name, {})
    wrong_values = [case for case in words if isinstance(case, tuple)]
    cases = dict(damages(state.pop(widget.model_id), wrong_values))
    assert len(cases) > 40
    assert set(words) <= set(cases)
    views = [SimpleNamespace(model_id=f"damaged-{k}") for k in range(len(cases))]
    state |= {view.model_id: one for view, one in zip(views, cases.values(), strict=True)}
    page = show(*views, state=state).page
    page.wait_for_function(
        "n => document.querySelectorAll('.st-error, .st-explorer[data-draws]').length === n",
        arg=len(cases),
    )
    said = page.locator("[data-explorer]").evaluate_all(
        "all => all.map((one) => one.querySelector('.st-error')?.textContent ?? '')"
    )
    messages = dict(zip(cases, said, strict=True))
    assert {case for case, text in messages.items() if not text} <= _HARMLESS
    start = "This explorer cannot be shown: "
    given = [text for text in messages.values() if text]
    assert all(text.startswith(start) and len(text) > len(start) + 7 for text in given)
    wrong = {case: messages[case] for case, text in words.items() if text not in messages[case]}
    assert wrong == {}
    assert page.locator("[data-explorer]:has(.st-error) canvas").count() == 0
