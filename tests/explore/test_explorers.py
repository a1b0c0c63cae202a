"""Explorers as Python objects: what they accept, hold and refuse."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from commands import unavailable
from ipywidgets.embed import dependency_state

import sphere_toolkit as st
from sphere_toolkit._util import colours
from sphere_toolkit.explore._page import compose, controls


@pytest.fixture(scope="module")
def default():
    return st.explore.energy_shift()


def coefficients(explorer):
    """The signals as they travel to the page, put back into alm."""
    pairs = np.frombuffer(explorer.coefficients, "<f4").reshape(len(explorer.names), -1)
    return pairs.view(np.complex64) * np.array(explorer.norms)[:, None]


def test_the_default_offers_four_signals(default):
    assert default.names == [
        "Earth's relief",
        "CMB-like Gaussian sky",
        "Band-limited noise",
        "A ring",
    ]
    assert default.L == 128
    assert default.scales == list(range(8))
    assert default.bands[5] == [17, 64]
    assert (default.scale, default.signal, default.view) == (5, "Earth's relief", "map")
    assert default.on_earth == [True, False, False, False]
    relief = coefficients(default)[0]
    np.testing.assert_allclose(relief, st.signals.earth_relief(128), rtol=0, atol=0.3)


def test_windows_and_coastlines_travel_as_binary(default):
    windows = np.frombuffer(default.windows, "<f4").reshape(8, 128)
    np.testing.assert_allclose(windows[4], st.WaveletBank(128).window(4), atol=1e-7)
    lines = np.frombuffer(default.coastlines, "<i2").reshape(-1, 2)
    points = lines[lines[:, 0] != 32767]
    assert len(points) > 5000
    assert np.abs(points[:, 0]).max() <= 18000
    assert np.abs(points[:, 1]).max() <= 9000


def test_the_state_is_small(default):
    state = dependency_state([default], drop_defaults=False)[default.model_id]
    binary = sum(len(buffer["data"]) for buffer in state["buffers"])
    assert binary < 450_000
    assert len(state["state"]["_esm"]) < 120_000


def test_scale_signal_and_view_can_be_set(default):
    default.scale, default.signal, default.view = 3, "A ring", "globe"
    before, after = default.energy_fraction_below()
    assert before == 0
    assert 0.5 < after < 1
    default.nonlinearity = "relu"
    assert default.energy_fraction_below()[1] < after
    default.nonlinearity = "modulus"
    for trait, value, words in [
        ("scale", 8, "scale must be one of 0, 1, .*got 8"),
        ("signal", "the Moon", "signal must be one of .*got 'the Moon'"),
        ("view", "cube", "view must be one of 'map', 'globe', got 'cube'"),
        ("nonlinearity", "tanh", "one of 'modulus', .*'envelope', got 'tanh'"),
    ]:
        with pytest.raises(ValueError, match=words):
            setattr(default, trait, value)
    assert (default.scale, default.signal, default.view) == (3, "A ring", "globe")
    default.scale, default.signal, default.view = 5, "Earth's relief", "map"


def test_a_signal_may_be_alm_samples_or_several_by_name():
    grid = st.Grid.mcewen_wiaux(32)
    noise = st.signals.band_limited_noise(32, 1)
    one = st.explore.energy_shift(noise, unit="K", coastlines=True)
    assert (one.names, one.units, one.on_earth) == (["your signal"], ["K"], [True])
    sampled = st.explore.energy_shift((st.inverse(noise, grid), grid))
    assert sampled.coastlines == b""
    for explorer in (one, sampled):
        np.testing.assert_allclose(coefficients(explorer)[0], noise, atol=1e-6)
    several = st.explore.energy_shift({"a": noise, "b": (st.inverse(2 * noise, grid), grid)})
    np.testing.assert_allclose(coefficients(several)[1], 2 * noise, atol=1e-6)


def test_truncation_is_explicit():
    alm = st.signals.earth_relief(200)
    with pytest.raises(ValueError, match=r"band-limit 200.*at most 128; pass L=128"):
        st.explore.energy_shift(alm)
    explorer = st.explore.energy_shift(alm, L=128)
    np.testing.assert_allclose(coefficients(explorer)[0], st.truncate(alm, 128), atol=0.3)
    with pytest.raises(ValueError, match="at most the band-limit of signal, 16, got 32"):
        st.explore.energy_shift(st.signals.ring(16), L=32)


def test_extreme_units_survive_single_precision():
    noise = st.signals.band_limited_noise(16, 1)
    for factor in (1e-60, 1e60):
        explorer = st.explore.energy_shift(factor * noise)
        np.testing.assert_allclose(coefficients(explorer)[0] / factor, noise, atol=1e-6)


def spoiled(alm, value):
    alm = alm.copy()
    alm[3] = value
    return alm


NOISE = st.signals.band_limited_noise(16, 0)
OF_SIGNALS = [
    name
    for name, explorer in st.explore.EXPLORERS.items()
    if "signal" in inspect.signature(explorer).parameters
]
GRID = st.Grid.gauss_legendre(16)


@pytest.mark.parametrize(
    ("signal", "options", "error", "words"),
    [
        (np.stack([NOISE, NOISE]), {}, ValueError, "one signal"),
        ("relief", {}, TypeError, "the string 'relief'"),
        ({}, {}, ValueError, "empty mapping"),
        ({3: NOISE}, {}, TypeError, "names of signals must be strings, got 3"),
        ({"a": NOISE, "b": 0 * NOISE}, {}, ValueError, "signal 'b' is zero"),
        ({"a": NOISE, "b": st.signals.ring(8)}, {}, ValueError, "one band-limit"),
        (NOISE, {"L": 8.0}, TypeError, "L must be an integer"),
        (NOISE, {"scale": 7}, ValueError, "scale must be one of 0, 1, 2, 3, 4, got 7"),
        (NOISE, {"J_min": 9}, ValueError, "J_min"),
        (NOISE, {"lam": 1.0}, ValueError, "lam"),
        (NOISE, {"view": "flat"}, ValueError, "view must be one of 'map', 'globe'"),
        (NOISE, {"nonlinearity": "tanh"}, ValueError, "nonlinearity must be one of"),
    ],
)
def test_bad_input_is_refused_before_anything_is_shown(signal, options, error, words):
    with pytest.raises(error, match=words):
        st.explore.energy_shift(signal, **options)


@pytest.mark.parametrize("name", OF_SIGNALS)
@pytest.mark.parametrize(
    ("signal", "options", "error", "words"),
    [
        (spoiled(NOISE, np.nan), {}, ValueError, "1 NaN or infinite"),
        ((np.full(GRID.shape, np.inf), GRID), {}, ValueError, "512 NaN or infinite"),
        (NOISE[:-1], {}, ValueError, "nearest lengths"),
        ((np.zeros((16, 31)), GRID), {}, ValueError, "shape"),
        (st.signals.ring(200), {}, ValueError, "band-limit 200.*at most 128; pass L=128"),
        (st.signals.ring(200), {"L": 200}, ValueError, "L must be .* <= 128, got 200"),
        (0 * NOISE, {}, ValueError, "signal is zero everywhere"),
        (NOISE, {"L": 32}, ValueError, "at most the band-limit of signal, 16, got 32"),
        (NOISE, {"colour": "red"}, TypeError, "unexpected keyword argument 'colour'"),
        (NOISE, {"unit": 3}, TypeError, "unit must be a string, got 3"),
        (NOISE, {"seed": -1}, ValueError, "seed must be an integer >= 0, got -1"),
    ],
)
def test_every_explorer_refuses_what_it_cannot_show(name, signal, options, error, words):
    with pytest.raises(error, match=words):
        getattr(st.explore, name)(signal, **options)


def test_the_registry_holds_every_explorer():
    folders = {path.parent.name for path in compose.FOLDER.glob("_*/view.js")}
    assert folders == {f"_{name}" for name in st.explore.EXPLORERS}
    assert len(OF_SIGNALS) == 9
    for name, explorer in st.explore.EXPLORERS.items():
        assert getattr(st.explore, name) is explorer
        widget = get_type_hints(explorer)["return"]
        assert widget.__name__ in st.explore.__all__
        described = [line.split(" :")[0].strip() for line in widget.__doc__.splitlines()]
        assert set(controls.controls_of(widget)) <= set(described)


@pytest.mark.parametrize("name", OF_SIGNALS)
def test_the_bundled_signals_need_a_degree_of_the_sky(name):
    explore = getattr(st.explore, name)
    with pytest.raises(ValueError, match="L must be at least 3 .* got 2: "):
        explore(L=2)
    for L in (3, 4, 5):
        assert min(explore(L=L).norms) > 0
    assert len(explore(st.signals.band_limited_noise(2, 0)).norms) == 1  # one of one's own


def test_a_seed_makes_the_random_signals():
    first, same, other = (st.explore.energy_shift(L=16, seed=s) for s in (1, 1, 2))
    assert first.coefficients == same.coefficients != other.coefficients


def test_nothing_of_it_is_loaded_until_it_is_used():
    code = (
        "import sys, sphere_toolkit as st;"
        "heavy = {'anywidget', 'ipywidgets', 'traitlets', 'matplotlib'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "st.explore; assert 'anywidget' in sys.modules and 'matplotlib' not in sys.modules;"
        "st.explore.equivariance(L=16); assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_colours_are_balanced_and_monotonic():
    table = colours.diverging().astype(float)
    luminance = table @ [0.2126, 0.7152, 0.0722]
    assert luminance[127:129].mean() > 235
    assert (np.diff(luminance[:128]) > -1).all()
    assert (luminance[:128] - luminance[::-1][:128]).max() < 30


def test_figures_explorers_and_pages_have_the_same_colours():
    explorers = (Path(colours.__file__).parents[1] / "explore/_page/theme.css").read_text()
    pages = (Path(colours.__file__).parents[2] / "book/_static/custom.css").read_text()
    for k, shades in enumerate(colours.CATEGORIES):
        assert tuple(re.findall(rf"--st-line-{k}: (#\w+);", pages)) == shades
    for name, shades in zip(("line", "moved"), colours.CATEGORIES, strict=False):
        assert tuple(re.findall(rf"--st-{name}: (#\w+);", explorers)) == shades
    table = colours.diverging()
    assert (np.round(255 * np.array(st.plot.SIGNED.colors)) == table).all()
    assert (np.round(255 * np.array(st.plot.MODULUS.colors)) == table[128:]).all()


def test_modules_are_composed_in_the_order_of_their_needs(default):
    source = default._esm
    order = [
        source.index(f"// {name}")
        for name in ("_page/dom.js", "_page/chart.js", "_energy_shift/view.js")
    ]
    assert order == sorted(order)
    assert source.count("class SphericalHarmonics") == 1
    assert source.count("export ") == source.count("export default ") == 1
    assert "import {" not in source


def test_each_module_keeps_its_own_names(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "a.js").write_text("const own = 1;\nexport const twice = (x) => x + own;\n")
    (tmp_path / "room" / "b.js").write_text(
        'import { twice as add } from "../a.js";\nconst own = 10;\n'
        "export async function b() {\n  return add(own);\n}\nexport default { b };\n"
    )
    source = compose.compose(tmp_path / "room" / "b.js")
    script = f"{source}\nconsole.log(await m1.standard.b());"
    command = ["node", "--input-type=module", "--eval", script]
    if shutil.which("node") is None:
        unavailable("no node: install Node.js 20 or newer")
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout == "11\n"


def test_spaces_go_where_they_mean_nothing(tmp_path):
    (tmp_path / "a.js").write_text(
        'export const f = (a, b) => {\n  const x = /** @type {any} */ (a) ? "p = q, r" : b - -a;\n'
        "  return [x, 4 / 2, / = /.test(\"a = b\"), `${a} = ${b}`, ' : '];\n};\n"
        "export default f;\n"
    )
    source = compose.compose(tmp_path / "a.js")
    assert 'const x=(a)?"p = q, r":b - -a;' in source
    assert """[x, 4 / 2, / = /.test("a = b"), `${a} = ${b}`, ' : ']""" in source
    assert len(source.split("@type")) == 1


def test_styles_keep_the_space_that_means_something(tmp_path):
    (tmp_path / "a.css").write_text(
        "/* A remark. */\n.a :is(.b, .c) > .d {\n  margin: 0 1px;\n"
        '  font: 1rem "A B",\n    serif;\n}\n'
    )
    (tmp_path / "b.css").write_text("@media (width > 1px) {\n  .e:hover {\n    top: 0;\n  }\n}\n")
    sheet = compose.style_sheet(tmp_path / "a.css", tmp_path / "b.css", tmp_path / "none.css")
    assert sheet == (
        '.a :is(.b,.c) > .d{margin: 0 1px;font: 1rem "A B",serif;}'
        "@media (width > 1px){.e:hover{top: 0;}}"
    )


def selectors(sheet):
    """Those of a style sheet, each with what it is nested in, and ``()`` for what stands in any."""
    outer, found = [], []
    for text, end in re.findall(r"([^{};]*)([{};])", re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)):
        if end == "{":
            while (shorter := re.sub(r"\((?:[^()]|\(\))+\)", "()", text)) != text:
                text = shorter
            outer.append(text.strip())
            found += [" ".join([*outer[:-1], each.strip()]) for each in outer[-1].split(",")]
        elif end == "}":
            outer.pop()
    return found


def test_a_change_of_a_page_leaves_the_styles_of_its_other_parts():
    """What hangs on ``:has()`` has a name, or a browser computes all of a page at each change."""
    assert selectors(".a:has(> b, :is(i)) { &.c > :not(.d), e { top: 0 } }") == [
        ".a:has()",
        ".a:has() &.c > :not()",
        ".a:has() e",
    ]
    book = Path(colours.__file__).parents[2] / "book/_static"
    found = [
        s
        for f in (compose.FOLDER, book)
        for p in f.rglob("*.css")
        for s in selectors(p.read_text())
    ]
    hanging = [each for each in found if ":has()" in each and "@media print" not in each]
    assert len(hanging) > 5
    nameless = r":has\(\).*[\s>+~][:*][^\s>+~]*$"
    assert [each for each in hanging if re.search(nameless, each)] == []


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in compose.FOLDER.glob("_*/view.js"))
)
def test_what_explorers_share_stays_small(name):
    source = compose.compose(compose.FOLDER / name / "view.js")
    modules = re.split(r"(?=^// _)", source, flags=re.MULTILINE)
    shared = sum(len(module) for module in modules if module.startswith("// _page/"))
    assert 40_000 < shared < 90_000
    assert not re.search(r"^// _page/(readers|fits|rings|own_sphere)\.js", source, re.MULTILINE)


def test_what_is_loaded_on_demand_stays_small():
    widget = st.explore.sampling(4)
    assert "// _page/fits.js" in widget.later
    assert len(widget.later) < 60_000


@pytest.mark.parametrize(
    "line",
    [
        'import * as a from "./a.js";',
        'import a from "./a.js";',
        'import "./a.js";',
        "export let a = 1;",
        "const a = `one",
        'export { a } from "./a.js";',
    ],
)
def test_modules_that_cannot_be_composed_are_refused(tmp_path, line):
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "c.js").write_text(f"{line}\nexport default {{}};\n")
    with pytest.raises(ValueError, match=rf"c\.js.*{re.escape(line)}"):
        compose.compose(tmp_path / "c.js")


def test_modules_that_import_each_other_are_refused(tmp_path):
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = b;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = a;\n')
    with pytest.raises(ValueError, match=r"a\.js imports itself, by way of b\.js"):
        compose.compose(tmp_path / "a.js")
