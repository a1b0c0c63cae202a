"""With the core alone, what needs more says which extra to install and how."""

import json
import subprocess
import sys
from importlib import metadata

import pytest
from commands import ROOT

from sphere_toolkit._util import extras

# What is not in the core; a finder that refuses it stands for an installation without it.
_BLOCK = """
import sys
from importlib.abc import MetaPathFinder
from importlib.metadata import requires
from re import match, split

class Refuse(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

extras = {match(r"[\\w.-]+", r)[0] for r in requires("sphere-toolkit") if "extra ==" in r}
absent = {name.lower() for name in extras} | {"sklearn"}
absent -= {"packaging", "sphere-toolkit"}
sys.meta_path.insert(0, Refuse())
"""


def run(code):
    """What Python prints on standard output and error where only the core is installed."""
    command = [sys.executable, "-c", _BLOCK + code]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("use", "extra"),
    [
        ("import sphere_toolkit as st; st.plot.globe", "lab"),
        ("import sphere_toolkit as st; st.explore.harmonics", "lab"),
        ("import sphere_toolkit as st; st.nn.ZonalCNN", "nn"),
        ("import sphere_toolkit as st; st.pipeline.NamedSet", "scale"),
        ("import sphere_toolkit as st; st.signals.digits(8)", "nn"),
        ("from sphere_toolkit import plot", "lab"),
        (
            "from sphere_toolkit.cli import main\n"
            "sys.exit(main(['scatter', 'cmb128-laptop', '--n', '2', '--out', 'no-such-store']))",
            "scale",
        ),
    ],
)
def test_without_an_extra_the_error_names_it_and_how_to_install_it(use, extra):
    result = run(use)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert extras.install_command(extra) in last
    assert "'course'" in last


def test_the_core_works_without_extras():
    result = run("import sphere_toolkit as st; print(st.signals.earth_relief(L=4).shape)")
    assert (result.stdout, result.stderr) == ("(10,)\n", "")


def test_what_no_extra_has_stays_the_error_that_it_is():
    error = ModuleNotFoundError("No module named 'no_such_module'", name="no_such_module")
    assert extras.explained(error, "st.plot") is error


def test_an_error_is_explained_once():
    error = extras.explained(ModuleNotFoundError("missing", name="matplotlib.pyplot"), "st.plot")
    assert extras.explained(error, "the command") is error
    assert "matplotlib" in str(error)


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'sphere-toolkit[nn]'"),
        (
            {"url": "file:///folder/sphere_toolkit.whl", "archive_info": {}},
            "pip install 'sphere-toolkit[nn] @ file:///folder/sphere_toolkit.whl'",
        ),
        (
            {"url": "https://example.org/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "pip install 'sphere-toolkit[nn] @ git+https://example.org/x@abc'",
        ),
    ],
    ids=["index", "file", "repository"],
)
def test_an_installed_package_says_where_it_came_from(monkeypatch, tmp_path, origin, command):
    class Installed:
        def read_text(self, name):
            assert name == "direct_url.json"
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(extras, "__file__", str(tmp_path / "sphere_toolkit/_util/extras.py"))
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed())
    assert extras.install_command("nn") == command


def test_a_checkout_is_installed_from_its_folder():
    assert extras.install_command("lab") == f"pip install -e '{ROOT}[lab]'"
