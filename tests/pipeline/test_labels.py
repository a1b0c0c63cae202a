"""Tables of labels: which map a line means, what a cell is, and what is wrong with a table."""

import pytest

from sphere_toolkit import pipeline

NAMES = ["maps/a.fits", "maps/b.fits", "more/b.fits", "stack.npy[0]", "stack.npy[1]"]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Labels for the maps, from the text of a table beside their folders."""
    monkeypatch.chdir(tmp_path)

    def call(text, names=NAMES):
        (tmp_path / "labels.csv").write_text(text)
        return pipeline.read_labels("labels.csv", names)

    return call


def test_files_are_named_by_path_place_or_last_part(read, tmp_path):
    text = f"a.fits, 1\n./maps/b.fits,2\n{tmp_path}/more/b.fits,3\n\nstack.npy,4\n"
    assert read(text) == {"label": [1, 2, 3, 4, 4]}
    one = "a.fits,1\nmaps/b.fits,2\nmore/b.fits,\nstack.npy[1],4\nstack.npy[0],5\n"
    assert read(one) == {"label": [1, 2, None, 5, 4]}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0", "12"], [0, 12]),
        (["0", ""], [0, None]),
        (["-1", "2"], [-1.0, 2.0]),
        (["1e3", "0.5"], [1000.0, 0.5]),
        (["dust", "a, b"], ["dust", "a, b"]),
        (["dust", ""], ["dust", None]),
        (["nan", "inf"], ["nan", "inf"]),
    ],
)
def test_cells_are_integers_numbers_or_names(read, cells, expected):
    text = "".join(f'{name},"{cell}"\n' for name, cell in zip("xy", cells, strict=True))
    assert read(text, ["x", "y"])["label"] == expected
    assert read(f"\ufeffFile,kind\n{text}", ["x", "y"])["kind"] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must hold labels, one map a line, got none"),
        ("file,label\n", "must hold labels, one map a line, got none"),
        ("file,a,a\nx,1,2\n", r"must name columns that differ, got \['a', 'a'\]"),
        ("file\nx\n", "must name columns that differ"),
        (
            "x,1\ny,1,2\n",
            "line 2 of 'labels.csv' must have 2 cells, a file and label, with .* got 3",
        ),
        ("x;1\n", "a file and label, with commas between them, got 1"),
        ("x,1\nz,1\n", "must name maps of this set, got 'z' in line 2, which is no map"),
        ("x,1\ny,2\nx,1\n", "must name each map once, got 'x' in line 1 and in line 3"),
        ("x,1\n", "must name every map, got no line for y. Give a map without a label a line"),
        ("x,1\ny,dust\n", "all names or all numbers, got 'dust' in line 2 and '1' in line 1"),
        ("x,1\ny,n/a\n", "got 'n/a' in line 2"),
        ('x,"1\ny,2', "must be a CSV table of labels"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text, ["x", "y"])


def test_a_name_that_fits_several_files_is_refused(read):
    with pytest.raises(ValueError, match="'b.fits' in line 1, which is several maps: maps/b.fits"):
        read("b.fits,1\n")
    with pytest.raises(FileNotFoundError, match="there is no table of labels 'none.csv'"):
        pipeline.read_labels("none.csv", NAMES)
    with pytest.raises(IsADirectoryError, match="labels must be a file, got the folder '.'"):
        pipeline.read_labels(".", NAMES)
    many = [f"{i}.npy" for i in range(9)]
    with pytest.raises(ValueError, match=r"no line for 1.npy, 2.npy, 3.npy and 5 more\."):
        read("0.npy,1\n", many)
