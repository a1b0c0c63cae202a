"""QR codes of links, read again by a decoder that shares nothing with what makes them."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from commands import ROOT, unavailable
from qr_codes import decode

_QR = ROOT / "sphere_toolkit" / "explore" / "_page" / "qr.js"
_TEXTS = [
    "https://example.org/#waves.scale=4",
    *(
        "".join(chr(33 + (7 * k + n) % 90) for k in range(n))
        for n in (1, 14, 15, 150, 170, 260, 450)
    ),
    "https://örtlich.example/#kugel.größe=π",
    "x" * 666,
]


def test_every_code_is_read_as_what_was_written():
    if shutil.which("node") is None:
        unavailable("no node: install Node.js 20 or newer")
    script = (
        f"import {{ qrCode }} from {json.dumps(_QR.as_uri())};"
        "const codes = JSON.parse(process.argv[1]).map((text) => qrCode(text));"
        "console.log(JSON.stringify(codes.map((one) => one?.map((row) => row.map(Number)))));"
    )
    texts = [*_TEXTS, "y" * 667]
    command = ["node", "--input-type=module", "--eval", script, json.dumps(texts)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    *codes, too_long = json.loads(told)
    assert too_long is None
    assert [decode(code) for code in codes] == _TEXTS
    assert {1, 2, 8, 9, 12, 16, 20} <= {(len(code) - 17) // 4 for code in codes}
    damaged = [list(row) for row in codes[0]]
    damaged[-1][-5] ^= 1
    with pytest.raises(AssertionError):
        decode(damaged)
