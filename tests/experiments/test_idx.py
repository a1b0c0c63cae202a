"""The reader of MNIST's files, on files made by hand."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as hs

from experiments.digits.idx import read, read_labelled


def idx(array, kind=8):
    """The format as its description has it: 0, 0, type, axes, sizes (big-endian), elements."""
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def write_set(folder, images, labels, compress=False):
    """The four files of a data set; the test part is the training part backwards."""
    for part, step in (("train", 1), ("t10k", -1)):
        for what, array in (("images-idx3", images[::step]), ("labels-idx1", labels[::step])):
            name = f"{part}-{what}-ubyte"
            if compress:
                (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
            else:
                (folder / name).write_bytes(idx(array))


IMAGES = np.arange(5 * 3 * 4, dtype=np.uint8).reshape(5, 3, 4)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


@pytest.mark.parametrize("compress", [False, True])
def test_images_and_labels_come_as_they_were_written(tmp_path, compress):
    write_set(tmp_path, IMAGES, LABELS, compress)
    for part, step in (("train", 1), ("test", -1)):
        images, labels = read_labelled(tmp_path, part)
        np.testing.assert_array_equal(images, IMAGES[::step])
        np.testing.assert_array_equal(labels, LABELS[::step])


@given(shape=hs.lists(hs.integers(0, 5), min_size=1, max_size=4), seed=hs.integers(0, 99))
def test_any_shape_is_read(shape, seed, tmp_path_factory):
    array = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    file = tmp_path_factory.mktemp("idx") / "file"
    file.write_bytes(idx(array))
    np.testing.assert_array_equal(read(file, len(shape)), array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must begin with the bytes 00 00 08 03 .*got an empty file"),
        (b"PK\x03\x04 a zip file", "unsigned bytes, 3 axes.*got 50 4b 03 04"),
        (idx(LABELS), "3 axes.*got 00 00 08 01"),
        (idx(IMAGES, kind=13), "unsigned bytes.*got 00 00 0d 03"),
        (idx(IMAGES)[:9], "is truncated: 9 of 16 bytes of its head"),
        (idx(IMAGES)[:-1], r"is truncated: 59 bytes follow its head, expected 60 .*\(5, 3, 4\)"),
        (idx(IMAGES) + b"!", "is too long: 61 bytes follow its head, expected 60"),
    ],
)
@pytest.mark.parametrize("compress", [False, True])
def test_what_is_not_such_a_file_is_refused(tmp_path, content, message, compress):
    file = tmp_path / ("images.gz" if compress else "images")
    file.write_bytes(gzip.compress(content) if compress else content)
    with pytest.raises(ValueError, match=message) as caught:
        read(file, 3)
    assert file.name in str(caught.value)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-10], lambda b: b[:20] + b"\xff" * 9 + b[29:], lambda b: b"no gzip"]
)
def test_damaged_compression_is_refused(tmp_path, damage):
    file = tmp_path / "images.gz"
    file.write_bytes(damage(gzip.compress(idx(np.tile(IMAGES, (9, 1, 1))))))
    with pytest.raises(ValueError, match=r"images\.gz is damaged"):
        read(file, 3)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder .*absent"):
        read_labelled(tmp_path / "absent", "train")
    with pytest.raises(FileNotFoundError, match="neither train-images-idx3-ubyte nor .*gz in"):
        read_labelled(tmp_path, "train")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    with pytest.raises(FileNotFoundError, match="neither train-labels-idx1-ubyte"):
        read_labelled(tmp_path, "train")


def test_every_image_needs_a_label(tmp_path):
    write_set(tmp_path, IMAGES, LABELS[:4])
    with pytest.raises(ValueError, match="holds 5 images, but .* 4 labels"):
        read_labelled(tmp_path, "train")
