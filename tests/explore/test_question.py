"""Questions as Python objects: what they hold, hide and refuse."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from ipywidgets.embed import dependency_state

import sphere_toolkit as st
from sphere_toolkit.explore._question.widget import seal

predict, check = st.explore.predict, st.explore.check
WEIGHTS = {"(1, 1)/2": "The hum stays.", "(3, 4, 1)/8": "It is the binomial formula."}


def test_a_number_is_accepted_within_its_tolerance():
    asked = predict("How much?", 0.3, tolerance=0.1)
    assert asked.kind == "number"
    assert [asked.accepts(x) for x in (0.2, 0.3, 0.4, 0.41, -0.3)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    tenth = check("How much?", -10)  # one per cent by default
    assert tenth.accepts(-10.1)
    assert not tenth.accepts(-10.2)
    assert check("How much?", 0).accepts(0)


def test_choices_orders_and_curves_know_their_answers():
    chosen = check("Which?", "(3, 4, 1)/8", choices=WEIGHTS)
    assert (chosen.kind, chosen.options) == ("choice", list(WEIGHTS))
    assert chosen.accepts("(3, 4, 1)/8")
    assert not chosen.accepts("(1, 1)/2")
    scales = ["scale 2", "scale 3", "scale 4"]
    ordered = check("From coarse to fine?", scales)
    assert sorted(ordered.options) == scales != ordered.options
    assert ordered.accepts(tuple(scales))
    assert not ordered.accepts(ordered.options)
    drawn = predict("Draw it.", np.array([0.6, 0.2]), at=["0", "1"], span=(0, 1), tolerance=0.1)
    assert (drawn.kind, drawn.options, drawn.span) == ("curve", ["0", "1"], [0, 1])
    assert drawn.accepts([0.55, 0.3])
    assert not drawn.accepts([0.55, 0.4])
    assert not drawn.accepts([0.55])


def test_only_a_prediction_makes_the_page_wait():
    assert predict("How much?").waits
    assert not check("How much?", 1).waits
    with pytest.raises(ValueError, match=r"'How much\?' has no answer to compare with"):
        predict("How much?").accepts(1)


def test_the_page_does_not_show_the_answer_in_its_source():
    asked = [
        predict("How much?", 0.8237, why="Because of the secret tower."),
        check("Which?", "(3, 4, 1)/8", choices=WEIGHTS, why="a secret reason"),
        check("In which order?", ["first", "second", "third"], hint="a secret hint"),
        predict("Draw it.", [0.8237, 0.1], at=["0", "1"], span=(0, 1)),
    ]
    for record in dependency_state(asked, drop_defaults=False).values():
        told = {key: value for key, value in record["state"].items() if key not in ("_esm", "_css")}
        page = json.dumps(
            [
                told,
                *(
                    base64.b64decode(one["data"]).decode("latin-1")
                    for one in record.get("buffers", ())
                ),
            ]
        )
        for words in ("8237", "secret", "binomial", "stays", "answer", '"first", "second"'):
            assert words not in page


def test_sealing_is_one_to_one_and_no_plain_text():
    secret = {"answer": 3, "why": "ℓ = 2 × 3"}
    sealed = seal(secret, 7)
    assert sealed == seal(secret, 7) != seal(secret, 8)
    assert b"answer" not in sealed
    assert len(sealed) == len(json.dumps(secret))


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda: check("", 1), ValueError, "prompt must be a question, got ''"),
        (lambda: check(3, 1), TypeError, "prompt must be a string, got 3"),
        (lambda: check("How much?", None), ValueError, "answer must be given"),
        (lambda: check("How much?", "much"), TypeError, "answer must be a real .*got 'much'"),
        (lambda: check("How much?", np.nan), ValueError, "answer must be a finite .*nan"),
        (lambda: check("How much?", 1, tolerance=-1), ValueError, "tolerance must be .*>= 0"),
        (lambda: check("How much?", 1, unit=2), TypeError, "unit must be a string, got 2"),
        (lambda: check("Which?", "c", choices=["a", "b"]), ValueError, "'a', 'b', got 'c'"),
        (lambda: check("Which?", "a", choices=["a", "a"]), ValueError, "two or more different"),
        (lambda: check("Which?", "a", choices=["a", 2]), TypeError, "each of choices .*got 2"),
        (lambda: check("Order?", ["a"]), ValueError, "answer must be two or more different"),
        (lambda: predict("Draw.", at=["a", "b"]), ValueError, r"pair \(low, high\).*got None"),
        (
            lambda: predict("Draw.", at=["a", "b"], span=(1, 0)),
            ValueError,
            "upper end of span must be .*> 1.0, got 0",
        ),
        (
            lambda: predict("Draw.", [1], at=["a", "b"], span=(0, 1)),
            ValueError,
            "answer must have 2 heights",
        ),
    ],
)
def test_bad_questions_are_refused(ask, error, words):
    with pytest.raises(error, match=words):
        ask()
