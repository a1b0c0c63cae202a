"""Explorers whose state in the page is damaged: a message in place of each, never a blank."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
from static_page import embedded_state, write_page

import sphere_toolkit as st

pytestmark = pytest.mark.browser

# Of no consequence where they are lost; the root of the tree, and no coastlines, are good values.
_OTHERS = {"layout", "tabbable", "tooltip"}
_HARMLESS = {"path emptied", "coastlines short", "coastlines empty"}


def damages(record):
    """Copies of a widget's state with one thing lost, misspelt or cut short, each by its name."""

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


@pytest.mark.parametrize("name", st.explore.EXPLORERS)
def test_whatever_is_damaged_a_message_says_so(visit, tmp_path, name):
    make = st.explore.EXPLORERS[name]
    widget = make() if name == "network" else make(L=16)  # whose band-limit is always 16
    state = embedded_state(widget)
    cases = dict(damages(state.pop(widget.model_id)))
    assert len(cases) > 40
    views = [SimpleNamespace(model_id=f"damaged-{k}") for k in range(len(cases))]
    state |= {view.model_id: one for view, one in zip(views, cases.values(), strict=True)}
    page = visit(write_page(tmp_path, views, state=state).as_uri()).page
    page.wait_for_function(
        "n => document.querySelectorAll('.st-error, .st-explorer[data-draws]').length === n",
        arg=len(cases),
    )
    words = page.locator("[data-explorer]").evaluate_all(
        "all => all.map((one) => one.querySelector('.st-error')?.textContent ?? '')"
    )
    shown = {case for case, text in zip(cases, words, strict=True) if not text}
    assert shown <= _HARMLESS
    start = "This explorer cannot be shown: "
    assert all(text.startswith(start) and len(text) > len(start) + 7 for text in words if text)
