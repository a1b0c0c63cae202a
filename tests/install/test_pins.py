"""Pins for other systems, and the table of wheels."""

import re

import pytest
from commands import ROOT, load_script
from packaging.markers import Marker

pin, wheels = load_script("pin"), load_script("wheels")
CONSTRAINTS = """# Comments stay.
Alpha==1.0; sys_platform == "no-system"
alpha==2.0; sys_platform != "no-system"
gone==1.0
zeta==1.0; sys_platform == "no-system"
"""


def test_pins_of_other_systems_stay_and_those_of_this_one_are_renewed():
    assert pin.renewed(CONSTRAINTS, "zz @ file:///x\nalpha==3.0\nbeta==0.1\n") == (
        '# Comments stay.\nAlpha==1.0; sys_platform == "no-system"\n'
        'alpha==3.0; sys_platform != "no-system"\nbeta==0.1\n'
        'zeta==1.0; sys_platform == "no-system"\n'
    )


def test_the_markers_of_the_pins_leave_one_version_for_each_system():
    text = (ROOT / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    marked = [line.partition("==")[0] for line in lines if ";" in line]
    assert {"ducc0", "colorama"} <= set(marked)
    for system in wheels.SYSTEMS:
        for python in wheels.PYTHONS:
            where = wheels.environment(system, python)
            holding = [
                line.partition("==")[0]
                for line in lines
                if ";" in line and Marker(line.partition(";")[2]).evaluate(where)
            ]
            assert len(holding) == len(set(holding)), system.name


REQUIRES = {
    wheels.PROJECT: [
        "base>=1",
        "sphere-toolkit[lab]; extra == 'course'",
        "Window.Kit>2; extra == 'lab'",
        "other; extra == 'scale'",
    ],
    "window-kit": ["pty; os_name == 'nt'", "posix; os_name != 'nt'"],
}


@pytest.mark.parametrize(
    ("system", "more"), [(wheels.SYSTEMS[0], "posix"), (wheels.SYSTEMS[-1], "pty")]
)
def test_what_a_part_needs_depends_on_the_system(system, more):
    where = wheels.environment(system, "3.12")
    found = wheels.needed("course", where, lambda name: REQUIRES.get(name, []))
    assert found == {"base": ">=1", "window-kit": ">2", more: ""}
    assert wheels.needed("core", where, lambda name: REQUIRES.get(name, [])) == {"base": ">=1"}


def test_the_table_names_what_is_missing(tmp_path):
    parts = {part: [] for part in wheels.PARTS}
    found = {"A system": {p: parts | {"nn": ["jaxlib==1"]} for p in wheels.PYTHONS}}
    found["A system"]["3.14"] = parts
    row = wheels.table(found).splitlines()[-1]
    most = "core, lab, scale, test: 3.11 to 3.14"
    assert row == f"| A system | {most}<br>nn: 3.14; 3.11 to 3.13 without jaxlib 1 |"
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- wheels -->\nold\n<!-- end of wheels -->\nb\n")
    wheels.write(page, "new")
    assert page.read_text() == "a\n<!-- wheels -->\nnew\n<!-- end of wheels -->\nb\n"
    page.write_text("no marks")
    with pytest.raises(ValueError, match="must have the marks"):
        wheels.write(page, "new")


def test_the_table_of_the_book_is_of_these_pins_and_pythons():
    page = wheels.PAGE.read_text(encoding="utf-8")
    table = page.partition("<!-- wheels -->")[2].partition("<!-- end of wheels -->")[0]
    for system in wheels.SYSTEMS:
        assert f"| {system.name} |" in table
    pins = (ROOT / "constraints.txt").read_text()
    missing = re.findall(r"(?:without|,) ([\w-]+) ([\d.]+)", table)
    assert missing
    assert [pair for pair in missing if f"{pair[0]}=={pair[1]}" not in pins] == []
