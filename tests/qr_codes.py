"""Reading QR codes without errors, level M, versions 1 to 20, from the tables of the standard."""

from __future__ import annotations

# Table 9 of ISO/IEC 18004, level M: for each version its blocks as (how many, codewords, of data).
_BLOCKS = {
    1: [(1, 26, 16)], 2: [(1, 44, 28)], 3: [(1, 70, 44)], 4: [(2, 50, 32)], 5: [(2, 67, 43)],
    6: [(4, 43, 27)], 7: [(4, 49, 31)], 8: [(2, 60, 38), (2, 61, 39)],
    9: [(3, 58, 36), (2, 59, 37)], 10: [(4, 69, 43), (1, 70, 44)], 11: [(1, 80, 50), (4, 81, 51)],
    12: [(6, 58, 36), (2, 59, 37)], 13: [(8, 59, 37), (1, 60, 38)],
    14: [(4, 64, 40), (5, 65, 41)], 15: [(5, 65, 41), (5, 66, 42)],
    16: [(7, 73, 45), (3, 74, 46)], 17: [(10, 74, 46), (1, 75, 47)],
    18: [(9, 69, 43), (4, 70, 44)], 19: [(3, 70, 44), (11, 71, 45)],
    20: [(3, 67, 41), (13, 68, 42)],
}  # fmt: skip

# Annex E: where alignment patterns have their middles.
_MIDDLES = {
    1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38],
    8: [6, 24, 42], 9: [6, 26, 46], 10: [6, 28, 50], 11: [6, 30, 54], 12: [6, 32, 58],
    13: [6, 34, 62], 14: [6, 26, 46, 66], 15: [6, 26, 48, 70], 16: [6, 26, 50, 74],
    17: [6, 30, 54, 78], 18: [6, 30, 56, 82], 19: [6, 30, 58, 86], 20: [6, 34, 62, 90],
}  # fmt: skip

_MASKS = [
    lambda i, j: (i + j) % 2,
    lambda i, j: i % 2,
    lambda i, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
]

# Annex C: level M with each mask, as fifteen bits.
_FORMATS = [
    "101010000010010", "101000100100101", "101111001111100", "101101101001011",
    "100010111111001", "100000011001110", "100111110010111", "100101010100000",
]  # fmt: skip

_POWERS = [1]
for _ in range(254):
    _POWERS.append((_POWERS[-1] << 1) ^ (0x11D if _POWERS[-1] & 0x80 else 0))
_LOGS = {power: k for k, power in enumerate(_POWERS)}


def _is_pattern(i, j, size, version):
    """Whether a module belongs to a pattern, to the format, or to the version."""
    corner = (i < 9 and (j < 9 or j >= size - 8)) or (i >= size - 8 and j < 9)
    far = (i < 6 and size - 11 <= j) or (j < 6 and size - 11 <= i)
    middles = _MIDDLES[version]
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    aligned = any(
        abs(i - a) <= 2 and abs(j - b) <= 2
        for a in middles
        for b in middles
        if (a, b) not in corners
    )
    return corner or (version > 6 and far) or 6 in (i, j) or aligned


def decode(rows):
    """The text of a code, whose codewords must have no error at all."""
    size = len(rows)
    version = (size - 17) // 4
    first = [rows[8][j] for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [
        rows[i][8] for i in (7, 5, 4, 3, 2, 1, 0)
    ]
    second = [rows[size - 1 - k][8] for k in range(7)] + [rows[8][size - 8 + k] for k in range(8)]
    assert first == second
    mask = _MASKS[_FORMATS.index("".join(map(str, first)))]
    assert rows[size - 8][8] == 1
    bits = []
    columns = [*range(size - 1, 6, -2), 5, 3, 1]
    for turn, right in enumerate(columns):
        upwards = range(size - 1, -1, -1)
        for i in upwards if turn % 2 == 0 else reversed(upwards):
            for j in (right, right - 1):
                if not _is_pattern(i, j, size, version):
                    bits.append(rows[i][j] ^ (mask(i, j) == 0))
    words = [int("".join(map(str, bits[k : k + 8])), 2) for k in range(0, len(bits) - 7, 8)]
    data = _data(words, _BLOCKS[version])
    stream = "".join(f"{word:08b}" for word in data)
    wide = 16 if version > 9 else 8
    assert stream[:4] == "0100"
    count = int(stream[4 : 4 + wide], 2)
    assert not stream[4 + wide + 8 * count :][:4].strip("0")  # the end, where there is room
    body = stream[4 + wide :][: 8 * count]
    return bytes(int(body[k : k + 8], 2) for k in range(0, 8 * count, 8)).decode()


def _data(words, kinds):
    """Codewords of data, once every block is a multiple of what generates its corrections."""
    sizes = [(total, data) for count, total, data in kinds for _ in range(count)]
    assert sum(total for total, _ in sizes) == len(words)
    blocks = [[] for _ in sizes]
    rest = iter(words)
    for k in range(max(data for _, data in sizes)):
        for block, (_, data) in zip(blocks, sizes, strict=True):
            if k < data:
                block.append(next(rest))
    corrections = sizes[0][0] - sizes[0][1]
    found = [word for block in blocks for word in block]
    for _ in range(corrections):
        for block in blocks:
            block.append(next(rest))
    for block in blocks:
        for root in range(corrections):
            value = 0
            for power, word in enumerate(reversed(block)):
                value ^= _POWERS[(_LOGS[word] + root * power) % 255] if word else 0
            assert value == 0
    return found
