"""The project's own promises: floors, declared dependencies, versions, licences, packaging."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from commands import ROOT, make
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import sphere_toolkit as st

PACKAGE = ROOT / "sphere_toolkit"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]

# Lowest first. A module imports only from what stands before it.
FLOORS = [
    ["_checks", "_progress", "_threads", "data"],
    ["sphere"],
    ["wavelets"],
    ["scattering"],
    ["signals", "cmb", "citations"],
    ["nn"],
    ["pipeline"],
    ["plot"],
    ["explore"],
    ["studies"],
    ["cli"],
    ["__main__"],
]
# What stays unloaded until it is used.
HEAVY = {"anywidget", "cartopy", "dask", "ipywidgets", "jax", "matplotlib", "zarr"}

# Which part of the tree each extra serves, and what that part runs without importing it.
LAB = [PACKAGE / "plot", PACKAGE / "explore", ROOT / "notebooks"]
NN = [PACKAGE / "nn", PACKAGE / "studies", PACKAGE / "signals" / "handwritten.py"]
SCALE = [PACKAGE / "pipeline"]
PARTS = {
    "nn": (NN, set()),
    "scale": (SCALE, set()),
    "lab": (LAB, {"ipykernel", "jupyterlab"}),
    "book": ([], {"jupyter-book"}),
    "cmb": ([ROOT / "scripts"], set()),
    "test": (
        [ROOT / "tests"],
        {"hatchling", "ipywidgets", "mypy", "nbstripout", "pre-commit", "ruff"},
    ),
    # The peers are no part of it: benchmarks/requirements.txt has them.
    "bench": ([*(ROOT / "benchmarks").glob("*.py")], set()),
}
# A part stands on others: what their extras declare, its own does not declare again.
BELOW = {"nn": {"lab"}, "lab": {"nn", "scale"}, "test": {"lab", "book", "nn", "scale"}}
BELOW["bench"] = {"lab", "nn", "scale"}
BELOW["cmb"] = {"nn"}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}
NOT_ON_CONDA_FORGE = {"pyssht"}


def requirements(lines):
    """Requirements by canonical name, without those of the project's own extras."""
    parsed = map(Requirement, lines)
    return {canonicalize_name(r.name): r for r in parsed if r.name != PROJECT["name"]}


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
    ours = {"sphere_toolkit"} | {p.stem for p in siblings}
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


def tracked(*patterns):
    """Files that git tracks, as paths from the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()]


# --- floors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_a_module_imports_only_from_below(path):
    order = [module for floor in FLOORS for module in floor]
    module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if module == "__init__":
        return
    imported = set(package_imports(path)) - {module}
    assert module in order, "a new module: give it a floor"
    assert imported <= set(order[: order.index(module)])


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, sphere_toolkit; print(*{m.partition('.')[0] for m in sys.modules})"
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
    # Two peers import torch, colorlog and matplotlib themselves.
    assert imported <= asked
    assert asked - imported == {"colorlog", "healpy", "matplotlib", "torch"}
    pins = (folder / "constraints.txt").read_text().splitlines()
    pinned = {canonicalize_name(pin.partition("==")[0]) for pin in pins if pin[0] != "#"}
    assert asked | set(CORE) | set(EXTRAS["nn"]) <= pinned


def test_all_means_every_extra():
    (everything,) = PROJECT["optional-dependencies"]["all"]
    assert Requirement(everything).extras == set(PROJECT["optional-dependencies"]) - {"all"}
    assert set(PARTS) == set(EXTRAS) - {"all"}


def test_constraints_pin_every_dependency_to_a_version_that_is_allowed():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.\-]+==[\w.]+", pin)] == []
    versions = {canonicalize_name(n): v for n, v in (pin.split("==") for pin in pins)}
    refused = {
        name: versions.get(name)
        for name, requirement in DIRECT.items()
        if versions.get(name) not in requirement.specifier
    }
    assert refused == {}


def test_environment_follows_pyproject():
    *conda, pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert pip == {"pip": ["-e .[all]"]}

    def is_compiled(name):
        return any(file.suffix == ".so" for file in metadata.files(name))

    compiled = {name for name in DIRECT if is_compiled(name)} - NOT_ON_CONDA_FORGE
    wanted = {f"{CONDA_NAMES.get(n, n)}{DIRECT[n].specifier}" for n in compiled}
    assert set(conda) == wanted | {f"python{PROJECT['requires-python']}", "pip"}


# --- versions and licences ------------------------------------------------------------------


def test_one_version_everywhere():
    version = PROJECT["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1]
    assert (st.__version__, citation["version"], newest) == (version,) * 3
    assert metadata.version(PROJECT["name"]) == version, "run make install"
    assert str(Version(version)) == version


def test_the_tools_aim_at_the_oldest_python():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    tools = PYPROJECT["tool"]
    assert tools["mypy"]["python_version"] == oldest
    assert tools["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert f"Python :: {oldest}" in " ".join(PROJECT["classifiers"])


@pytest.mark.parametrize("folder", ["sphere_toolkit/data", "book/_static/vendor/*"])
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


# --- what the commands do -------------------------------------------------------------------


def test_the_wheel_holds_code_data_and_licence(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = tracked("sphere_toolkit")
    assert {str(path.relative_to(ROOT)) for path in ours} <= names
    assert any(path.suffix == ".npz" for path in ours)
    assert any(path.suffix == ".js" for path in ours)
    info = f"sphere_toolkit-{PROJECT['version']}.dist-info"
    assert f"{info}/licenses/LICENSE" in names
    assert {name.partition("/")[0] for name in names} == {"sphere_toolkit", info}


def test_make_lists_its_targets():
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    listing = make().stdout.splitlines()
    assert [line.split()[1] for line in listing] == targets
    assert {"install", "lab", "test", "book", "bench", "clean"} <= set(targets)


@pytest.mark.parametrize("python", ["/bin/false", "no-such-python"])
def test_make_says_that_it_needs_a_newer_python(tmp_path, python):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    result = make("install", f"PYTHON={python}", cwd=tmp_path)
    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stderr
    assert python in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_lab_serves_this_machine_only_and_keeps_its_token():
    recipe = make("-n", "lab", "LAB_ARGS=--no-browser").stdout
    assert "--ip=127.0.0.1" in recipe
    assert "--no-browser" in recipe
    assert "notebooks/00_start_here.ipynb" in recipe
    assert "token" not in recipe
    assert "password" not in recipe


def test_the_examples_of_the_readme_run():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert blocks
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)
    assert namespace["S"].energy().sum() > 0


def test_pre_commit_accepts_its_configuration():
    config = ROOT / ".pre-commit-config.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(config)], check=True)
    hooks = yaml.safe_load(config.read_text())["repos"][0]["hooks"]
    commands = [Path(hook["entry"].split()[0]).name for hook in hooks]
    assert set(map(canonicalize_name, commands)) <= set(EXTRAS["test"])


# --- the book's pages name what there is ----------------------------------------------------


def documented(*pages):
    """The names that API pages document, and the modules that they open."""
    text = "".join((ROOT / "book/api" / page).read_text() for page in pages)
    names = re.findall(r"^\.\. auto(?:class|data|exception|function):: (\S+)", text, re.M)
    return names, re.findall(r"^\.\. automodule:: sphere_toolkit\.(\S+)", text, re.M)


def test_the_api_pages_document_every_public_name():
    pages = {page.name for page in (ROOT / "book/api").glob("*.rst")}
    explorers, (explore,) = documented("explorers.rst")
    names, modules = documented(*pages - {"explorers.rst"})
    assert sorted([*names, *modules, explore]) == sorted(st.__all__)
    assert sorted(explorers) == sorted(st.explore.__all__)


def test_the_conventions_name_their_tests():
    page = (ROOT / "book/conventions.md").read_text()
    named = re.findall(r"`(test_\w+)`", page)
    defined = re.findall(
        r"^def (test_\w+)", (ROOT / "tests/sphere/test_conventions.py").read_text(), re.M
    )
    assert sorted(named) == sorted(defined)
