"""What the benchmarks conclude from what they measure; nothing here depends on a clock."""

import json
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from commands import peer
from figures import assert_no_overlap

import sphere_toolkit as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import check  # noqa: E402
import contest  # noqa: E402
import gpu  # noqa: E402
import gradients  # noqa: E402
import healpix  # noqa: E402
import install_peers  # noqa: E402
import peers  # noqa: E402
import peers.worker as worker  # noqa: E402
import pipeline  # noqa: E402
import report  # noqa: E402
import report_figures  # noqa: E402
import report_gradients  # noqa: E402
import report_ours  # noqa: E402
import sections  # noqa: E402
import side_by_side  # noqa: E402

LIMITS = contest.Limits()


def timing(ms, **more):
    """A made-up timing with quartiles a tenth below and above it."""
    return {"ms": ms, "quartiles": [0.9 * ms, 1.1 * ms], "cores": 1.0, **more}


def row(L, who, ms, *, prepare=1.0, peak=100.0):
    return {
        "L": L, "who": who, "error": 1e-15, "prepare_s": prepare, "peak_mib": peak,
        "before_mib": 20.0, "operations": {"inverse": timing(ms), "forward": timing(2 * ms)},
    }  # fmt: skip


def results(**ms):
    """Made-up results with one contest at L = 64: ours, and ``peer`` at the given times."""
    rows = [row(64, "sphere_toolkit", ms.get("ours", 1.0)), row(64, "peer", ms.get("peer", 4.0))]
    bare = {"ratio": ms.get("bare", 1.0), "quartiles": [0.99, 1.01]}
    ways = {"one core": timing(10), "all cores, maps shared out": timing(ms.get("batch", 5.5))}
    return {
        "quick": False,
        "sections": {
            "transforms": {"rows": rows},
            "against_bare": {"rows": [{"L": 512, "operations": {"scattering x1": bare}}]},
            "batches": {"rows": [{"L": 512, "ways": ways}]},
        },
    }


class _Cells(HTMLParser):
    """Text of the header cells and of the others, and which tags stay open."""

    def __init__(self, html):
        super().__init__()
        self.headers, self.cells, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            return
        self.open.append(tag)
        if tag == "th":
            assert dict(attributes)["scope"] in ("row", "col")
            self.headers.append("")
        elif tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "th" in self.open:
            self.headers[-1] += data
        elif "td" in self.open:
            self.cells[-1] += data


def parsed(html):
    cells = _Cells(html)
    assert cells.open == []
    return cells


# --- comparing two runs -----------------------------------------------------------------------


def test_ratios_are_ours_over_theirs_with_the_quartiles_against_each_other():
    found = check.ratios(results(ours=1.0, peer=4.0))
    ratio = found["transforms", 64, "peer", "inverse"]
    assert ratio.value == pytest.approx(0.25)
    assert ratio.low == pytest.approx(0.9 / 4.4)
    assert ratio.high == pytest.approx(1.1 / 3.6)
    assert found["batches", 512, "one core", "batch"].value == pytest.approx(0.55)
    assert found["against_bare", 512, "bare transforms", "scattering x1"] == (1.0, 0.99, 1.01)


def test_tensor_products_are_compared_with_those_of_the_same_pairs():
    def product(who, mixing, ms):
        way = {"median_ms": ms, "fastest_ms": 0.8 * ms}
        return {"L": 8, "who": who, "mixing": mixing, "forward": way, "gradient": way}

    rows = [
        product("sphere_toolkit", "mst", 1.0), product("sphere_toolkit", "full", 3.0),
        product("e3nn-jax", "full", 2.0),
    ]  # fmt: skip
    found = check.ratios({"sections": {"tensor_product": {"rows": rows}}})
    assert set(found) == {("tensor_product", 8, "e3nn-jax", w) for w in ("forward", "gradient")}
    ratio = found["tensor_product", 8, "e3nn-jax", "forward"]
    assert ratio == pytest.approx((1.5, 1.2, 3.0 / 1.6))
    said = report.ahead({"sections": {"tensor_product": {"rows": rows}}})
    assert "tensor product, L = 8, forward: e3nn-jax takes 0.67 of our time<" in said


@pytest.mark.parametrize(("peer", "found"), [(4.0, 0), (3.0, 0), (2.0, 2), (8.0, 0)])
def test_only_what_is_worse_by_more_than_the_spread_is_named(peer, found):
    lines = check.worse(results(peer=peer), results(peer=4.0))
    assert len(lines) == found
    assert all("peer" in line and "0.5 of" in line and "was 0.25" in line for line in lines)


def test_a_batch_that_gains_less_is_worse():
    (line,) = check.worse(results(batch=9.5), results())
    assert line.startswith("batches, L = 512")


def test_check_ends_well_whatever_it_finds_and_says_what_it_cannot_compare(tmp_path, capsys):
    fresh, committed = tmp_path / "fresh.json", tmp_path / "committed.json"
    slow = results(peer=1.0)
    slow["sections"]["transforms"]["rows"] += [
        row(128, "sphere_toolkit", 1.0),
        row(128, "peer", 1.0),
    ]
    fresh.write_text(json.dumps(slow))
    committed.write_text(json.dumps(results()))
    check.main([str(fresh), str(committed)])
    said = capsys.readouterr().out
    assert "2 of 4 ratios got worse" in said
    assert "2 are in one of the files only" in said


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"sections": {"batches": {"rows": [{}]}}}'])
def test_check_refuses_what_is_no_file_of_results(tmp_path, capsys, text):
    broken, good = tmp_path / "broken.json", tmp_path / "good.json"
    broken.write_text(text)
    good.write_text(json.dumps(results()))
    for files in ([broken, good], [good, broken], [tmp_path / "missing.json", good]):
        with pytest.raises(SystemExit) as end:
            check.main([str(file) for file in files])
        assert end.value.code == 2
        assert "cannot be read" in capsys.readouterr().err


# --- who takes part ---------------------------------------------------------------------------


def test_whoever_would_be_too_slow_is_left_out_with_the_estimate():
    before = [row(256, "peer", 1000.0)]  # forward takes 2 s
    assert contest.expected_reason(before, 512, LIMITS).startswith("one call would take about 16 s")
    assert contest.expected_reason(before, 512, replace(LIMITS, call_s=17)) is None
    assert contest.expected_reason([], 512, LIMITS) is None


def test_preparation_and_memory_grow_as_they_did():
    before = [row(64, "peer", 1, prepare=2), row(128, "peer", 1, prepare=16)]
    assert "about 128 s" in contest.expected_reason(before, 256, LIMITS)
    before = [row(64, "peer", 1, peak=400), row(128, "peer", 1, peak=1600)]
    assert "about 6 GiB" in contest.expected_reason(before, 256, replace(LIMITS, memory_mib=6000))
    assert contest.expected_reason(before, 256, replace(LIMITS, memory_mib=7000)) is None


def test_a_limit_is_final_and_a_failure_is_not():
    slow = {"L": 256, "who": "peer", "reason": "too slow", "final": True}
    assert contest.expected_reason([slow], 512, LIMITS) == "too slow"
    assert contest.expected_reason([slow | {"final": False}], 512, LIMITS) is None


def test_a_contest_measures_who_works_and_says_why_another_does_not():
    limits = replace(LIMITS, rounds=3, band_limit_s=5)
    names = ["sphere_toolkit", "nobody", "pyssht"]
    rows = contest.hold("transforms", 16, names, [], limits)
    assert [r["who"] for r in rows] == names
    assert rows[1]["reason"] == "KeyError: 'nobody'"
    for measured in (rows[0], rows[2]):
        assert set(measured["operations"]) == {"inverse", "forward"}
        assert all(o["rounds"] == 3 and o["ms"] > 0 for o in measured["operations"].values())
        assert measured["error"] < 1e-13
        assert measured["peak_mib"] >= measured["before_mib"] > 0


def test_a_contestant_that_dies_or_is_silent_is_a_reason():
    contestant = contest.Contestant("transforms", "sphere_toolkit", 8)
    try:
        assert "setup_s" in contestant.hear(60)
        assert "no answer" in contestant.hear(0.2)["reason"]  # it was told to do nothing
        assert contestant.run("inverse", 10)["reason"] == "its process ended by signal 9"
    finally:
        contestant.stop()


# --- the same work ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("sphere_toolkit", 1e-13), ("sphere_toolkit, McEwen-Wiaux", 1e-13), ("pyssht", 1e-13),
        ("pyssht, ducc backend", 1e-13),
        ("healpy, no iteration", 1e-1), ("healpy, 3 iterations", 1e-4),
    ],
)  # fmt: skip
def test_contestants_at_hand_go_there_and_back(who, error):
    if who.startswith("pyssht"):
        peer("pyssht")
    prepared = peers.tasks()["transforms"][who](16)
    assert set(prepared.operations) == {"inverse", "forward"}
    assert prepared.error() < error


def test_contestants_transform_the_same_signal(pyssht):
    makers = peers.tasks()["transforms"]
    ours = makers["sphere_toolkit, McEwen-Wiaux"](16).operations["inverse"]()
    np.testing.assert_allclose(makers["pyssht"](16).operations["inverse"](), ours, atol=1e-13)


def test_our_wavelets_give_the_samples_back():
    prepared = peers.tasks()["wavelets"]["sphere_toolkit"](64)
    assert prepared.error() < 1e-13
    assert set(prepared.operations) == {"analysis", "synthesis"}


def test_operations_are_counted_as_the_page_says():
    scatter = st.ScatteringTransform(8, 1, depth=1, oversampling=1)
    flops = 0.0
    for step in scatter.steps():
        for L in (step.L, step.L_analysed):
            flops += sum(8 * step.grid.L / 2 for ell in range(L) for _ in range(ell + 1))
            flops += sum(2.5 * 2 * step.grid.L * np.log2(2 * step.grid.L) for _ in step.grid.theta)
    assert sections.needed(scatter)["flops"] == pytest.approx(flops)


# --- installing, going on ---------------------------------------------------------------------


def test_requirements_say_what_is_installed_without_its_pins():
    wanted = dict(install_peers.wanted("# a comment\nhealpy\n\ns2wav  # no-deps\n"))
    assert wanted == {"healpy": False, "s2wav": True}


def test_the_reason_why_pip_failed_has_no_address_and_no_path():
    said = "WARNING: no\nERROR: No wheel at https://host.example/a and /srv/me/b for x==1\nERROR: y"
    assert install_peers.reason(said) == "No wheel at … and … for x==1"
    assert install_peers.state("no-such-library") == {"reason": "not installed"}


def test_a_run_goes_on_only_on_the_same_machine_with_the_same_versions(tmp_path):
    out = tmp_path / "out.json"
    fresh = side_by_side.begin(out, True, [], False)
    assert fresh["sections"] == {}
    begun = fresh | {"sections": {"limits": {"done": True}}}
    draft = tmp_path / "out.partial.json"
    draft.write_text(json.dumps(begun))
    assert side_by_side.begin(out, True, [], False)["sections"] == begun["sections"]
    assert side_by_side.begin(out, True, [], True)["sections"] == {}  # --again
    assert side_by_side.begin(out, False, [], False)["sections"] == {}  # not --quick
    draft.write_text(json.dumps(begun | {"machine": {}}))
    assert side_by_side.begin(out, True, [], False)["sections"] == {}


def test_only_measures_some_sections_anew_and_keeps_the_others(tmp_path):
    out = tmp_path / "out.json"
    done = {"limits": {"done": True}, "batches": {"done": True}}
    out.write_text(json.dumps(side_by_side.begin(out, True, [], False) | {"sections": done}))
    again = side_by_side.begin(out, True, ["batches"], False)
    assert again["sections"] == {"limits": {"done": True}}


@pytest.mark.parametrize(("once", "calls"), [(0.2, [1]), (0.03, [1, 1]), (0.001, [1, 5])])
def test_what_is_over_soon_is_called_until_a_turn_is_full(monkeypatch, once, calls):
    made = []

    def timed(work, times=1):
        made.append(times)
        return once, once

    monkeypatch.setattr(worker, "timed", timed)
    worker.turn(lambda: None)
    assert made == calls


# --- the page ---------------------------------------------------------------------------------


def test_the_page_names_every_row_in_which_a_peer_is_faster():
    assert "faster in none of the 2 comparisons" in report.ahead(results())
    said = report.ahead(results(peer=0.5))
    assert "Other code was faster in 2 of 2 comparisons" in said
    assert "transforms, L = 64, inverse: peer takes 0.50 of our time</li>" in said
    assert "within the spread" in report.ahead(results(peer=0.95))


def test_the_fastest_other_library_is_named_task_by_task():
    made = results()
    made["sections"]["transforms"]["rows"] += [row(64, "slow", 9.0), row(128, "peer", 1.0)]
    found = parsed(report.fastest(made))
    # At L = 128 there is nothing of ours to compare with.
    assert found.headers == ["task", "L = 64", "transform, inverse", "transform, forward"]
    assert found.cells == ["4.0 ×peer", "4.0 ×peer"]


def test_targets_are_met_or_missed():
    said = report.targets(results(bare=1.2, batch=5.5))
    assert "1.20 of its bare transforms (at most 1.1: missed)" in said
    assert "1.82 times the maps a second of one core (at least 1.7: met)" in said
    assert "missed" in report.targets(results(batch=8))
    assert "at most 1.1: met" in report.targets(results(bare=1.05))


def test_a_row_without_a_measurement_has_its_reason_below():
    rows = [row(64, "peer", 1), {"L": 128, "who": "peer", "reason": "an error <b>"}]
    html = report.contest({"rows": rows}, "Transforms")
    found = parsed(html)
    assert found.headers[:4] == ["library", "L = 64", "L = 128", "peer"]
    assert found.cells[:2] == ["1.000.900–1.10", "not measured (a)"]
    assert found.cells.count("not measured (a)") == 5  # two times, error, memory, preparation
    assert "(a) an error &lt;b&gt;" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1234, "0.123"), (1234.5, "1,234"), (9.999, "10.00"), (2e-15, "2.0 · 10<sup>−15</sup>")],
)
def test_numbers_are_short(value, text):
    assert report.number(value) == text


COMMITTED = report.load()


def test_committed_results_are_complete():
    assert not COMMITTED["quick"]
    assert [*COMMITTED["sections"]] == [*side_by_side.NAMES]
    for name, section in COMMITTED["sections"].items():
        assert section["done"]
        rows = section["rows"] if name in side_by_side.BAND_LIMITS else []
        assert all("operations" in r or r["reason"] for r in rows)
        measured = {r["who"] for r in rows if "operations" in r}
        assert name not in side_by_side.BAND_LIMITS or measured & {*peers.tasks()[name]}


@pytest.mark.parametrize("name", side_by_side.BAND_LIMITS)
def test_tables_of_committed_contests_have_no_blank_cell(name):
    section = COMMITTED["sections"][name]
    found = parsed(report.contest(section, name))
    assert all(cell.strip() for cell in found.headers + found.cells)
    tables = len(report.operations(section)) + (2 if name == "scattering" else 3)
    assert found.headers.count("library") == tables
    assert report.cores(section).count("(L = ") >= 1


@pytest.mark.parametrize(
    "show",
    [
        report.trial, report.ahead, report.fastest, report.targets, report.machine,
        report.libraries, report_ours.counted, report_ours.bare, report_ours.bounds,
        report_ours.exponent, report_ours.depth, report_ours.batches, report_ours.pipeline,
        report_ours.training, report_ours.tensor_product,
    ],
)  # fmt: skip
def test_every_part_of_the_page_is_made_of_the_committed_results(show):
    found = parsed(show(COMMITTED))
    assert all(cell.strip() for cell in found.headers + found.cells)


def test_explorers_and_the_first_picture_come_from_their_own_files():
    for html in (report_ours.explorers(), report_ours.first_picture(), report_ours.large()):
        parsed(html)
    assert "energy_shift" in report_ours.explorers()


def test_half_a_billion_samples_fit_a_common_machine():
    rows = {row["L"]: row for row in report.load(report.RESULTS / "scale.json")["rows"]}
    first = rows[4096]
    for L, times, gib in ((8192, 8, 3), (16384, 70, 8)):
        assert rows[L]["seconds"] < times * first["seconds"]
        assert rows[L]["peak_mib"] < gib * 1024
    assert rows[16384]["samples"] > 5e8


def test_the_page_shows_what_an_envelope_costs():
    result = report.load(report.RESULTS / "equivariance.json")
    (ax,) = report_figures.nonlinearities(result).axes
    assert_no_overlap(ax, [*ax.texts, ax.get_legend()])
    assert [text.get_text() for text in ax.get_legend().get_texts()][:2] == ["modulus", "envelope"]
    shown = report_ours.a_tenth(result)
    for row in result["a_tenth"]:
        assert f"{row['error']:.1e}" in shown
    settings = {(r["nonlinearity"], r["oversampling"]): r["error"] for r in result["rows"]
                if r["signal"] == "white noise" and "directions" not in r}  # fmt: skip
    for order, bound in (("envelope", 1.5e-3), ("envelope(2)", 1.5e-4), ("envelope(3)", 3.5e-5)):
        assert settings[order, 2.0]["depth 2"] < bound
    assert min(error["depth 2"] for error in settings.values()) < 1e-7
    default = {row["L"]: row for row in result["a_tenth"] if row["nonlinearity"] == "modulus"}
    for row in result["a_tenth"]:
        if row["nonlinearity"] == "rms(0.5)":
            assert row["error"] < 1e-3 * default[row["L"]]["error"]
            assert row["ms"] < 1.05 * default[row["L"]]["ms"]
        if row["L"] >= 512:
            assert row["ms"] < 1.15 * row["bare_ms"]
    assert max(row["largest"] for row in result["lipschitz"]) < 1.001


def test_a_section_that_failed_says_why():
    broken = {"sections": {"batches": {"reason": "ran out of <memory>"}}}
    assert "ran out of &lt;memory&gt;" in report_ours.batches(broken)
    assert "was not run" in report_ours.training(broken)


def test_figures_show_what_was_measured():
    section = results(peer=3.0)["sections"]["transforms"]
    figure = report_figures.contest(section)
    assert [ax.get_title() for ax in figure.axes] == ["inverse", "forward"]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["sphere_toolkit", "peer"]
    line = figure.axes[1].containers[1].lines[0]
    assert (line.get_xdata().tolist(), line.get_ydata().tolist()) == ([64], [6.0])
    for name, draw in (("batches", report_figures.speedup),
                       ("depth_and_oversampling", report_figures.equivariance)):  # fmt: skip
        (ax,) = draw(COMMITTED["sections"][name]).axes
        assert len(ax.lines) >= 2


def test_healpix_benchmark_measures_each_way(capsys):
    for way in healpix.ways(16):
        healpix.measure_here(16, way, 1)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    plain, three, least = (row["error"] for row in rows)
    assert 1e-3 < plain < 1e-1
    assert plain > 100 * three > 100 * 100 * least
    assert all(row["before_mib"] <= row["peak_mib"] for row in rows)


def test_gradients_are_measured_in_pairs(monkeypatch, capsys):
    monkeypatch.setattr(gradients, "SECONDS_PER_ROW", 0)
    gradients.measure_here(64, "rms")
    row = json.loads(capsys.readouterr().out)
    assert {o["rounds"] for o in row["operations"].values()} == {3}
    assert row["before_mib"] <= row["peak_mib"]
    alm = st.signals.band_limited_noise(64, 0)
    prepared = peers.gradients.ours(64).operations
    # The energy of homogeneous coefficients grows along the signal by twice itself.
    along = st.inner(prepared[peers.gradients.BOTH](), alm)
    assert along == pytest.approx(2 * prepared[peers.gradients.VALUE]())


def test_the_page_shows_gradients_and_says_that_no_gpu_was_measured(tmp_path):
    found = report.load(report.RESULTS / "gradients.json")
    assert not found["quick"]
    sections = found["sections"]
    shown = [
        report_gradients.machine(found), report_gradients.targets(sections["ours"]),
        report_gradients.ours(sections["ours"]), report_gradients.errors(sections["scattering"]),
        *(report_gradients.contest(sections[name], name) for name in gradients.CONTESTS),
    ]  # fmt: skip
    for found in map(parsed, shown):
        assert all(cell.strip() for cell in found.headers + found.cells)
    for name, (task, _) in gradients.CONTESTS.items():
        rows = sections[name]["rows"]
        assert all("operations" in row or row["reason"] for row in rows)
        assert {row["who"] for row in rows} == {*peers.tasks()[task]}
    layers = [row for row in sections["scattering"]["rows"] if row.get("error") is not None]
    assert {row["L"] for row in layers} >= {64, 128, 256}
    assert max(row["error"] for row in layers) < 1e-13
    assert "No GPU was measured" in report_gradients.gpu(tmp_path / "gpu.json")


def test_the_script_for_a_gpu_works_on_a_processor_and_ends_where_there_is_no_card(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(gpu, "SECONDS_PER_ROW", 0)
    (device,) = gpu.jax.devices("cpu")[:1]
    row = gpu.on_device(4, 2, "float32", device)
    assert max(row["error"], row["gradient_error"]) < 1e-6
    rows = [what for what, _ in gpu.rows([64, 512], device)]
    assert [row["who"] for row in rows[-3:]] == ["NumPy", "engine='host'", "engine='host'"]
    rows = [rows[1] | row, rows[2] | {"reason": "late"}]
    result = {"card": "a card", "command": "gpu.py", "rows": rows}
    path = tmp_path / "gpu.json"
    path.write_text(json.dumps(result))
    assert "late" in parsed(report_gradients.gpu(path)).cells

    def none(platform):
        if platform == "gpu":
            raise RuntimeError("Unknown backend gpu")

    monkeypatch.setattr(gpu.jax, "devices", lambda platform="cpu": none(platform))
    with pytest.raises(SystemExit, match="no GPU here, so nothing was measured"):
        gpu.card()


def test_the_pipeline_takes_the_files_of_its_benchmark_for_as_many_maps(tmp_path):
    files = pipeline.files_of_noise(8, 10, tmp_path)
    assert len(st.pipeline.MapFiles(files, 8).names) == 10
    assert (np.load(files[8]) == np.load(files[0])).all()
