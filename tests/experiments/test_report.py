"""What a result says of itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as hs
from scipy.stats import binom

from experiments import report


@given(n=hs.integers(1, 300), share=hs.floats(0, 1))
def test_interval_is_where_the_binomial_tails_are_a_fortieth(n, share):
    right = round(share * n)
    found = report.accuracy(right, n)
    low, high = found["low"], found["high"]
    assert low <= found["accuracy"] == right / n <= high
    if right > 0:
        assert binom.sf(right - 1, n, low) == pytest.approx(0.025, rel=1e-6)
    if right < n:
        assert binom.cdf(right, n, high) == pytest.approx(0.025, rel=1e-6)


def test_interval_of_all_right_stays_below_one():
    found = report.accuracy(800, 800)
    assert (found["low"], found["high"]) == (pytest.approx(0.9954, abs=1e-4), 1.0)


def test_provenance_holds_the_command_and_no_name_of_a_host():
    import platform

    found = report.provenance("gaussianity", ["--out", "a file.json"], ["scipy"])
    assert found["command"] == "python -m experiments.gaussianity --out 'a file.json'"
    assert found["machine"]["processor"]
    assert {"numpy", "ducc0", "scipy", "python"} < set(found["versions"])
    assert platform.node() not in json.dumps(found["machine"])


def test_a_result_that_cannot_be_written_leaves_the_old_one(tmp_path):
    file = tmp_path / "result.json"
    report.write_json(file, {"accuracy": 0.5})
    with pytest.raises(ValueError, match="Out of range float"):
        report.write_json(file, {"accuracy": float("nan")})
    assert json.loads(file.read_text()) == {"accuracy": 0.5}
    assert list(tmp_path.iterdir()) == [file]
