"""What the course teaches holds in all of the project: norms are taken on the sphere.

``alm`` holds the orders m >= 0 alone, so that ``numpy.linalg.norm`` of it counts those above 0 once
instead of twice. Which arrays are alm no reader of a source can tell. So any use of a ``norm`` of
``linalg`` is refused, but for the functions below, whose arrays are not alm.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import nbformat
import pytest

import sphere_toolkit as st

ROOT = Path(__file__).parents[1]

NOT_ALM = {
    ("sphere_toolkit/explore", "errors"): "the ten outputs of a classifier",
    ("sphere_toolkit/nn", "equivariance_error"): "rows of real numbers, all orders",
    ("sphere_toolkit/sphere", "moved_points"): "vectors in space",
    ("experiments/gaussianity", "hybrid_model"): "weights of a layer",
    ("benchmarks/peers", "relative"): "samples, or coefficients of all orders",
    ("tests/explore", "test_fine_grids_agree_with_the_network_itself"): "outputs of a classifier",
    (
        "tests/scattering",
        "test_distances_equal_sums_over_samples_and_the_scattering_transform",
    ): "coefficients of all orders, and spectra",
    ("tests/nn", "relative_error"): "rows of real numbers, all orders",
    ("tests/nn", "test_numbers_without_degrees_are_to_stand_still"): "vectors of degree 1",
    ("tests/sphere", "test_points_stay_on_the_sphere_and_move_by_at_most_the_size"): "points",
    (
        "tests/experiments",
        "test_the_matrix_is_symmetric_and_its_eigenvalues_are_at_most_one",
    ): "points",
}
"""Folder and function in which ``linalg.norm`` is right, and of what it is taken there."""

LINALG = re.compile(r"(numpy|scipy|jax\.numpy|jax\.scipy)\.linalg")


def norms(source: str) -> Iterator[tuple[str, int]]:
    """Function ("" outside of one) and line of each use of ``linalg.norm``, however imported.

    A use is the name itself, called or handed on, and also ``linalg`` handed on as a whole, from
    which ``getattr`` could take it.
    """
    if "linalg" not in source:
        return
    tree = ast.parse(source)
    known = {}  # what a name stands for
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.split(".")[0]
                known[one.asname or first] = one.name if one.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                known[one.asname or one.name] = f"{node.module}.{one.name}"

    def full(node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{full(node.value)}.{node.attr}"
        return known.get(node.id, node.id) if isinstance(node, ast.Name) else "?"

    def visit(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node.name
        if isinstance(node, ast.Attribute | ast.Name):
            name = full(node)
            if LINALG.fullmatch(name) or LINALG.fullmatch(name.removesuffix(".norm")):
                yield function, node.lineno
            if LINALG.match(name):
                return  # linalg or a function of it: what is below has been looked at
        elif isinstance(node, ast.ImportFrom) and node.module and LINALG.fullmatch(node.module):
            yield from ((function, node.lineno) for one in node.names if one.name in ("norm", "*"))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, function)

    yield from visit(tree, "")


def sources() -> Iterator[tuple[Path, str]]:
    """Every piece of Python in the project: modules, their examples, notebooks, pages."""
    for folder in ("sphere_toolkit", "experiments", "tests", "benchmarks", "scripts", "book"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "_build" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            yield path, text
            examples = doctest.DocTestParser().get_examples(text)
            yield path, "".join(example.source for example in examples)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, 4).cells
        yield path, "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    pages = [path for path in (ROOT / "book").rglob("*.md") if "_build" not in path.parts]
    for path in [*ROOT.glob("*.md"), *sorted(pages)]:
        text = path.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(?:python|\{code-cell\}[^\n]*)\n(.*?)^```", text, re.M | re.S)
        for block in blocks:  # without the options of a cell
            yield path, re.sub(r"\A---\n.*?^---\n|^:.*\n", "", block, flags=re.M | re.S)


def test_norms_are_taken_on_the_sphere():
    used, wrong, kinds = set(), [], set()
    for path, source in sources():
        kinds.add(path.suffix)
        if path == Path(__file__):
            continue
        place = path.relative_to(ROOT).as_posix()
        for function, line in norms(source):
            allowed = [key for key in NOT_ALM if place.startswith(key[0]) and key[1] == function]
            used.update(allowed)
            if not allowed:
                wrong.append(f"{place}, line {line} in {function or 'no function'}")
    assert wrong == [], "take st.norm(alm), or name the function in NOT_ALM if it is no alm"
    assert kinds == {".py", ".ipynb", ".md"}
    assert set(NOT_ALM) == used, "a function of NOT_ALM takes no norm of linalg any more"


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.linalg.norm(alm)",
        "import numpy\nnumpy.linalg.norm(alm)",
        "import numpy.linalg as la\nla.norm(alm)",
        "from numpy import linalg\nlinalg.norm(alm)",
        "from numpy.linalg import norm\nnorm(alm)",
        "from numpy.linalg import norm as length\nlength(alm)",
        "from numpy.linalg import *\nnorm(alm)",
        "from scipy import linalg as la\nla.norm(alm)",
        "import jax.numpy as jnp\njnp.linalg.norm(alm)",
        "import numpy as np\nsizes = list(map(np.linalg.norm, alms))",
        "import numpy as np\nsize = getattr(np.linalg, 'norm')(alm)",
        "import numpy as np\nla = np.linalg\nla.norm(alm)",
        "import numpy as np\nassert np.linalg.norm(a - b) / np.linalg.norm(b) < 1e-12",
    ],
)
def test_no_use_of_the_wrong_norm_is_missed(source):
    assert [function for function, _ in norms(source)]
    indented = source.replace("\n", "\n    ")
    assert "f" in [function for function, _ in norms(f"def f(alm):\n    {indented}")]


@pytest.mark.parametrize(
    "source",
    [
        "import sphere_toolkit as st\nst.norm(alm)",
        "import numpy as np\nnp.linalg.solve(a, b), np.linalg.det(a), np.linalg.LinAlgError",
        "from numpy.linalg import solve\nsolve(a, b)",
        "from matplotlib.colors import Normalize as norm\nnorm(0, 1)",
        "norm = 3  # np.linalg.norm(alm)",
    ],
)
def test_what_is_no_such_norm_is_left_alone(source):
    assert list(norms(source)) == []


def test_names_in_the_table_of_symbols_exist():
    text = (ROOT / "book/notation.md").read_text(encoding="utf-8")
    names = re.findall(r"`st\.([\w.]+)`", text)
    assert len(names) > 15
    for name in names:
        attrgetter(name)(st)
    rows = re.findall(r"^\| (.+?) \|", text, re.M)
    symbols = [row for row in rows if row.startswith("$")]
    assert len(set(symbols)) > 30
    assert {one for one in symbols if symbols.count(one) > 1} == {"$N$"}  # a row per meaning
