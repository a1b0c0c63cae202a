"""The project's own promises: floors, declared dependencies, versions, licences, packaging."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from commands import ROOT, make
from matplotlib.colors import Colormap
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import sphere_toolkit as st

PACKAGE = ROOT / "sphere_toolkit"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]


def floors():
    """The floors that CONTRIBUTING.md lists, lowest first, each a list of rooms."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    listed = text.partition("**Floors.**")[2].partition("lower floors:")[2].partition(".")[0]
    return [re.findall(r"`(\w+)`", floor) for floor in listed.split("<")]


FLOORS = floors()
# What stays unloaded until it is used.
HEAVY = {"anywidget", "cartopy", "dask", "ipywidgets", "jax", "matplotlib", "zarr"}
HEAVY |= {"scipy.linalg", "scipy.optimize", "scipy.spatial", "scipy.special"}

# Which part of the tree each extra serves, and what that part runs without importing it.
LAB = [PACKAGE / "plot", PACKAGE / "explore"]
NN = [PACKAGE / "nn", PACKAGE / "sklearn.py", PACKAGE / "signals" / "handwritten.py"]
NN += [PACKAGE / "cli" / "train.py"]
LABELLED = [PACKAGE / room / "labelled.py" for room in ("scattering", "sphere/grids")]
SCALE = [PACKAGE / "pipeline", *LABELLED]
ALONE = ("make_s2wav_reference", "make_own_spheres", "pin", "wheels")
PARTS = {
    "nn": (NN, set()),
    "scale": (SCALE, set()),
    "lab": (LAB, {"ipykernel", "jupyterlab"}),
    "book": ([ROOT / "book/_extensions"], {"jupyter-book"}),
    "experiments": ([ROOT / "experiments"], set()),
    # Some scripts need what they alone use, as they say, or what the tests use.
    "cmb": (
        [p for p in (ROOT / "scripts").glob("*.py") if p.stem not in ALONE],
        set(),
    ),
    "test": (
        [ROOT / "tests"],
        {"hatchling", "mypy", "nbstripout", "pre-commit", "pyssht", "ruff"},
    ),
    # The peers are no part of it: benchmarks/requirements.txt has them.
    "bench": ([*(ROOT / "benchmarks").glob("*.py")], set()),
}
# A part stands on others: what their extras declare, its own does not declare again.
BELOW = {"nn": {"lab"}, "lab": {"nn", "scale"}}
BELOW["bench"] = {"course", "lab", "nn", "scale"}
BELOW["cmb"] = {"nn"}
BELOW["book"] = {"scale"}
BELOW["experiments"] = {"lab", "nn", "scale"}
BELOW["test"] = {"course", "lab", "book", "nn", "scale", "experiments"}


# Extras that hold others.
HELD = {"course": {"lab", "nn", "scale"}, "book": {"course"}, "experiments": {"course"}}
HELD["test"] = {"book", "experiments"}
HELD["all"] = {"cmb", "test", "bench"}


def requirements(lines):
    """Requirements by canonical name, without those of the project's own extras."""
    parsed = map(Requirement, lines)
    return {canonicalize_name(r.name): r for r in parsed if r.name != PROJECT["name"]}


def held(extra):
    """The project's own extras that an extra holds."""
    parsed = map(Requirement, PROJECT["optional-dependencies"][extra])
    return set().union(*(r.extras for r in parsed if r.name == PROJECT["name"]))


def pythons(variable):
    """Versions of Python that a variable of the Makefile lists."""
    return re.search(rf"^{variable} := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()


# Of the one dependency that is not as free to combine as the package itself.
STATEMENT = "runs on ducc0, which is under the GPL (version 2 or later)"
CORE = requirements(PROJECT["dependencies"])
EXTRAS = {extra: requirements(lines) for extra, lines in PROJECT["optional-dependencies"].items()}
DIRECT = CORE | {name: r for extra in EXTRAS.values() for name, r in extra.items()}


def python_sources(path):
    """The Python source of a file, a folder or a folder of notebooks; of other files none."""
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path] * path.exists():
        if file.suffix == ".py":
            yield file.read_text()
    for notebook in sorted(path.glob("*.ipynb")):
        for cell in json.loads(notebook.read_text())["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                yield "\n".join(line for line in lines if not line.startswith(("%", "!")))


def absolute_imports(source):
    """Top-level names of the modules that a source imports by their full name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def imported_distributions(paths):
    """Canonical names of the third-party distributions that the paths import."""
    siblings = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").iterdir()]
    ours = {"sphere_toolkit", "experiments"} | {p.stem for p in siblings}
    names = {n for path in paths for text in python_sources(path) for n in absolute_imports(text)}
    providers = metadata.packages_distributions()
    third_party = names - ours - sys.stdlib_module_names
    # Where no distribution claims a name (ducc0 is a single compiled file), it bears that name.
    return {canonicalize_name(providers.get(name, [name])[0]) for name in third_party}


def package_imports(path):
    """Modules of the package (first component) that a file of the package imports."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            modules = [node.module] if node.module else [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module] if node.module.startswith("sphere_toolkit") else []
        elif isinstance(node, ast.Import):
            modules = [a.name for a in node.names if a.name.startswith("sphere_toolkit")]
        else:
            continue
        names = (m.removeprefix("sphere_toolkit.").partition(".")[0] for m in modules)
        yield from (name for name in names if name != "__version__")


def tracked(folder="."):
    """Files of the project below a folder: what git tracks, or all of an unpacked archive."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", folder]
        listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        files = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        made = {".venv", "__pycache__", "_build", ".hypothesis", ".pytest_cache", ".ruff_cache"}
        made |= {".mypy_cache", "my_course"}
        files = [
            f for f in (ROOT / folder).rglob("*") if made.isdisjoint(f.relative_to(ROOT).parts)
        ]
    return [file for file in files if file.is_file()]


# --- floors ---------------------------------------------------------------------------------


def test_a_module_imports_only_from_lower_floors():
    number = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
    files = [
        (p, p.relative_to(PACKAGE).parts[0].removesuffix(".py")) for p in PACKAGE.rglob("*.py")
    ]
    rooms = {room for _, room in files} - {"__init__"}
    assert rooms == set(number), "CONTRIBUTING.md lists the floors"
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {imported}"
        for path, room in files
        if room != "__init__"
        for imported in sorted(set(package_imports(path)) - {room})
        if number[imported] >= number[room]
    ]
    assert wrong == []


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, sphere_toolkit; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert HEAVY & set(loaded.stdout.split()) == set()


# --- dependencies ---------------------------------------------------------------------------


def test_the_core_declares_what_it_imports():
    elsewhere = [*LAB, *NN, *SCALE]
    files = PACKAGE.rglob("*.py")
    core = [path for path in files if not any(map(path.is_relative_to, elsewhere))]
    assert imported_distributions(core) == set(CORE)


@pytest.mark.parametrize("extra", PARTS)
def test_an_extra_declares_what_its_part_imports(extra):
    paths, commands = PARTS[extra]
    below = set(CORE).union(*(EXTRAS[other] for other in BELOW.get(extra, ())))
    assert set(EXTRAS[extra]) == (imported_distributions(paths) - below) | commands


def test_requirements_of_the_benchmarks_are_the_peers_that_they_import():
    folder = ROOT / "benchmarks"
    lines = (folder / "requirements.txt").read_text().splitlines()
    asked = {canonicalize_name(line.partition("#")[0].strip()) for line in lines} - {""}
    below = set(CORE).union(*(EXTRAS[extra] for extra in ("nn", "scale")))
    imported = imported_distributions([folder / "peers", folder / "tensor_product.py"]) - below
    # Two peers import colorlog and matplotlib themselves.
    assert imported <= asked
    assert asked - imported == {"colorlog", "matplotlib"}
    pins = (folder / "constraints.txt").read_text().splitlines()
    pinned = {canonicalize_name(pin.partition("==")[0]) for pin in pins if pin[0] != "#"}
    assert asked | set(CORE) | set(EXTRAS["nn"]) <= pinned


def test_extras_hold_each_other():
    assert {extra: held(extra) for extra in EXTRAS if held(extra)} == HELD
    assert set(PARTS) | {"course", "all"} == set(EXTRAS)

    def all_of(extra):
        return {extra}.union(*map(all_of, HELD.get(extra, ())))

    assert all_of("all") == set(EXTRAS)


def test_the_course_installs_what_the_chapters_import_and_no_tools_of_the_tests():
    parts = set(CORE).union(*(EXTRAS[extra] for extra in HELD["course"]))
    assert imported_distributions([ROOT / "notebooks"]) - parts == set(EXTRAS["course"])
    course = parts | set(EXTRAS["course"])
    assert course & (set(EXTRAS["test"]) | set(EXTRAS["cmb"]) | set(EXTRAS["bench"])) == set()


def test_constraints_pin_every_dependency_to_a_version_that_is_allowed():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.\-]+==[\w.]+(; .+)?", pin)] == []
    versions = {}
    for pin in map(Requirement, pins):
        versions.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier)[2:])
    refused = {
        name: versions.get(name)
        for name, requirement in DIRECT.items()
        if not all(version in requirement.specifier for version in versions.get(name, [""]))
    }
    assert refused == {}


def test_conda_and_binder_install_the_course_in_the_tested_versions():
    python, *rest = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    # repo2docker reads the version from python=X.Y alone.
    assert python == f"python={pythons('SUPPORTED')[0]}"
    assert rest == ["pip", {"pip": ["-c constraints.txt", "-e .[course]"]}]


# --- versions and licences ------------------------------------------------------------------


def test_one_version_everywhere():
    version = PROJECT["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1]
    assert (st.__version__, citation["version"], newest) == (version,) * 3
    assert metadata.version(PROJECT["name"]) == version, "run make install"
    assert str(Version(version)) == version


def test_the_licence_of_ducc0_is_stated_where_people_look():
    assert "ducc0" in CORE
    for name in ("README.md", "CITATION.cff", "book/intro.md"):
        assert STATEMENT in " ".join((ROOT / name).read_text().split()), name


def test_the_readme_says_what_make_supports_and_installs():
    readme = " ".join((ROOT / "README.md").read_text().split())
    *versions, last = sorted(pythons("SUPPORTED"), key=Version)
    assert f"Python {', '.join(versions)} or {last}." in readme
    download, disk = re.search(
        r"^SIZE_course := (\d+ MB) to download, ([\d.]+ GB)", (ROOT / "Makefile").read_text(), re.M
    ).groups()
    assert f"about {download} and takes {disk} of disk" in readme


def test_the_tools_aim_at_the_oldest_python():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    tools = PYPROJECT["tool"]
    assert tools["mypy"]["python_version"] == oldest
    assert tools["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert oldest == min(pythons("SUPPORTED"), key=Version)


def test_classifiers_name_the_pythons_that_continuous_integration_tests():
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    tested = sorted(pythons("SUPPORTED"), key=Version)
    assert named == tested
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == tested
    (run,) = [step for step in job["steps"] if step.get("run") == "bash .ci/run"]
    # Not the first supported one of the machine.
    assert run["env"]["PYTHON"] == "python3"


@pytest.mark.parametrize(
    "folder", ["sphere_toolkit/data", "notebooks/data", "book/_static/vendor/*"]
)
def test_vendored_files_state_source_and_licence(folder):
    folders = [path for path in ROOT.glob(folder) if path.is_dir()]
    assert folders
    for path in folders:
        readme = (path / "README.md").read_text()
        assert re.search(r"licen[cs]e|public domain", readme, re.I)
        names = {file.name for file in path.iterdir() if file.is_file()}
        vendored = names - {"README.md", "LICENSE", "__init__.py"}
        assert [name for name in sorted(vendored) if f"`{name}`" not in readme] == []


def test_no_path_of_a_machine_in_the_tree():
    pattern = re.compile(r"(?<![\w./-])/(home|root|tmp|work|Users)/\w")
    text = [p for p in tracked() if p.suffix not in {".npz", ".png", ".woff"}]
    assert len(text) > 30
    assert [p for p in text if pattern.search(p.read_text(errors="ignore"))] == []


def test_no_marks_of_a_merge_are_left_in_prose():
    marks = re.compile(r"^(<{7}|>{7}) ", re.M)
    pages = [p for p in tracked() if p.suffix in {".md", ".ipynb", ".toml", ".cff"}]
    assert len(pages) > 30
    assert [p for p in pages if marks.search(p.read_text(encoding="utf-8"))] == []


# --- what the commands do -------------------------------------------------------------------


def test_the_wheel_holds_code_data_and_licence(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = tracked("sphere_toolkit")
    assert {str(path.relative_to(ROOT)) for path in ours} <= names
    assert {".npz", ".js", ".css", ".typed"} <= {path.suffix for path in ours}
    read = {f"results/{name}.json" for name in st.data.RESULTS} | {*st.data.OF_THE_COURSE}
    assert {f"sphere_toolkit/data/{name}" for name in read - {st.data.TOO_LARGE}} <= names
    assert wheel.stat().st_size < 2e6
    with zipfile.ZipFile(wheel) as archive:
        description = archive.read(f"sphere_toolkit-{PROJECT['version']}.dist-info/METADATA")
    assert STATEMENT in " ".join(description.decode().split())
    info = f"sphere_toolkit-{PROJECT['version']}.dist-info"
    assert f"{info}/licenses/LICENSE" in names
    assert {name.partition("/")[0] for name in names} == {"sphere_toolkit", info}

    # Installed, in an empty folder: a chapter that was downloaded finds what it reads.
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "elsewhere").mkdir()
    code = f"""
from sphere_toolkit import data
assert data.__file__.startswith({str(tmp_path / "installed")!r}), data.__file__
for name in data.RESULTS:
    data.results(name)
for name in {{*data.SHA256}} - {{data.TOO_LARGE}}:
    data.read(name)
"""
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=tmp_path / "elsewhere", env=environment, check=True)


def test_make_lists_its_targets():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    listing = make().stdout.splitlines()
    assert [line.split()[1] for line in listing] == targets
    assert {"install", "lab", "edit", "test", "test-unit", "book", "bench", "clean"} <= set(targets)
    sizes = re.findall(r"^SIZE_(\w+) := \d+ MB to download, [\d.]+ GB on disk$", makefile, re.M)
    assert sorted(sizes) == sorted(set(re.findall(r"VENV\)/\.has-(\w+)", makefile)))


@pytest.fixture
def checkout(tmp_path):
    """A folder with what make needs, and a maker of interpreters that say a version."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)

    def interpreter(name, version):
        """An interpreter that makes no environment but says that it was asked to."""
        path = tmp_path / name
        path.write_text(
            f'#!/bin/sh\n[ "$1" = -c ] && echo {version} || {{ echo "$0 $*"; exit 7; }}\n'
        )
        path.chmod(0o755)
        return str(path)

    return tmp_path, interpreter


@pytest.mark.parametrize("python", ["/bin/false", "no-such-python"])
def test_make_says_which_pythons_it_supports(checkout, python):
    folder, _ = checkout
    result = make("install", f"PYTHON={python}", cwd=folder)
    assert result.returncode != 0
    assert [v for v in (*pythons("SUPPORTED"), python) if v not in result.stderr] == []
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.15"])
def test_make_refuses_a_python_without_wheels(checkout, version):
    folder, interpreter = checkout
    result = make("lab", f"PYTHON={interpreter('old', version)}", cwd=folder)
    assert result.returncode != 0
    assert "sphere_toolkit needs one of Python" in result.stderr
    assert "-m venv" not in result.stdout


def test_make_takes_the_first_python_that_it_supports(checkout):
    folder, interpreter = checkout
    found = [interpreter("new", "3.15"), interpreter("good", "3.12"), interpreter("late", "3.13")]
    result = make("lab", f"PYTHON={' '.join(found)}", cwd=folder)
    assert f"{found[1]} -m venv --clear .venv" in result.stdout


def test_make_prefers_pythons_for_which_every_wheel_exists():
    recipe = make("-n", "-W", ".venv/bin/python", "lab", "VENV=no-such-folder").stdout
    candidates = re.search(r"for candidate in (.*?);", recipe)[1].split()
    assert candidates == [*(f"python{version}" for version in pythons("SUPPORTED")), "python3"]


def test_make_clean_removes_what_was_made_and_keeps_what_is_the_readers(checkout):
    folder, _ = checkout
    made = ["book/_build", "notebooks/.ipynb_checkpoints", "sphere_toolkit/cmb/__pycache__"]
    kept = ["my_course/.ipynb_checkpoints", ".venv/lib/__pycache__", "notebooks/data"]
    for name in (*made, *kept):
        (folder / name).mkdir(parents=True)
    assert make("clean", cwd=folder).returncode == 0
    assert [name for name in (*made, *kept) if (folder / name).exists()] == kept


def test_make_fills_an_environment_anew_whose_interpreter_is_gone(checkout):
    folder, interpreter = checkout
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/pyvenv.cfg").touch()
    (folder / ".venv/.has-course").touch()
    (folder / ".venv/bin/python").symlink_to(folder / "gone")
    result = make("lab", f"PYTHON={interpreter('good', '3.12')}", cwd=folder)
    assert "good -m venv --clear .venv" in result.stdout


@pytest.mark.parametrize("target", ["lab", "book", "test"])
def test_make_says_the_size_first_and_shows_what_pip_does(target):
    recipe = make("-n", target, "VENV=no-such-folder").stdout
    size, _, install = recipe.partition("-m pip install ")
    assert re.search(r"\d+ MB to download, [\d.]+ GB on disk", size)
    extra = {"lab": "course"}.get(target, target)
    assert install.startswith(f"-c constraints.txt -e '.[{extra}]'\n")


def test_the_short_tests_leave_out_only_what_there_is():
    left_out = re.findall(r"--ignore=(\S+)", make("-n", "test-unit").stdout)
    assert left_out
    assert [path for path in left_out if not (ROOT / path).exists()] == []


def test_the_examples_of_the_readme_run():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert blocks
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)
    assert namespace["S"].energy().sum() > 0


def hooks():
    """The commands of the hooks, by their name."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    return {hook["id"]: hook["entry"].split() for hook in config["repos"][0]["hooks"]}


def test_pre_commit_accepts_its_configuration():
    config = ROOT / ".pre-commit-config.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(config)], check=True)
    commands = [Path(program).name for program, *_ in hooks().values()]
    assert set(map(canonicalize_name, commands)) <= set(EXTRAS["test"])


def test_the_hook_for_notebooks_leaves_committed_ones_as_they_are(tmp_path):
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    copies = [Path(shutil.copy(notebook, tmp_path)) for notebook in notebooks]
    program, *options = hooks()["nbstripout"]
    command = [Path(sys.executable).with_name(Path(program).name), *options]
    dirty = tmp_path / "dirty.ipynb"
    content = json.loads(copies[0].read_text())
    code = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["shown"]}]
    dirty.write_text(json.dumps(content))
    subprocess.run([*command, *copies, dirty], check=True)
    changed = [
        n.name for n, c in zip(notebooks, copies, strict=True) if n.read_bytes() != c.read_bytes()
    ]
    assert changed == []
    assert "shown" not in dirty.read_text()


# --- the book's pages name what there is ----------------------------------------------------


def documented(*pages):
    """The names that API pages document, and the modules that they open."""
    text = "".join((ROOT / "book/api" / page).read_text() for page in pages)
    kinds = "class|data|exception|function"
    names = re.findall(rf"^\.\. auto(?:{kinds}):: (?:sphere_toolkit\.)?(\S+)", text, re.M)
    return names, re.findall(r"^\.\. automodule:: sphere_toolkit\.(\S+)", text, re.M)


def test_the_api_pages_document_every_public_name():
    pages = {page.name for page in (ROOT / "book/api").glob("*.rst")}
    explorers, (explore,) = documented("explorers.rst")
    names, modules = documented(*pages - {"explorers.rst"})
    own = [name for name in names if "." not in name]
    assert sorted([*own, *modules, explore]) == sorted([*st.__all__, "scattering.features"])
    rooms = {"scattering": st.scattering, "wavelets": st.wavelets}
    more = {
        f"{key}.{name}"
        for key, room in rooms.items()
        for name in set(room.__all__) - set(own)
        if not isinstance(getattr(room, name), ModuleType)
    }
    assert {name for name in names if name.partition(".")[0] in rooms and "." in name} == more
    assert sorted(explorers) == sorted(st.explore.__all__)


def without_example():
    """Public functions and classes whose docstring has no example, by room."""
    rooms = {"st": st} | {
        name: getattr(st, name) for name in st.__all__ if isinstance(getattr(st, name), ModuleType)
    }
    for room, module in rooms.items():
        for name in module.__all__ if hasattr(module, "__all__") else ():
            thing = getattr(module, name)
            # A colour table can be called, too.
            colours = isinstance(thing, Colormap)
            if callable(thing) and not colours and "Examples\n" not in (thing.__doc__ or ""):
                yield f"{room}.{name}"


# What functions return and raise is shown by their examples; explorers are made by functions.
SHOWN_ELSEWHERE = {
    "cmb.SimulationSet",
    "nn.Summary",
    "nn.TrainingError",
    "nn.TrainingInterrupted",
    "pipeline.Dataset",
    "pipeline.Report",
    "pipeline.StokesWarning",
    "pipeline.UnusableMapsWarning",
    "plot.NetworkMap",
}


def test_every_public_function_and_class_has_an_example():
    lacking = set(without_example())
    assert {name for name in lacking if not re.match(r"explore\.[A-Z]", name)} == SHOWN_ELSEWHERE


def test_the_conventions_name_their_tests():
    page = (ROOT / "book/conventions.md").read_text()
    named = re.findall(r"`(test_\w+)`", page)
    defined = re.findall(
        r"^def (test_\w+)", (ROOT / "tests/sphere/test_conventions.py").read_text(), re.M
    )
    assert sorted(named) == sorted(defined)
