"""Check what was built, in an environment where nothing but the wheel is installed.

Usage::

    python scripts/check_package.py FOLDER

The folder holds one wheel and one sdist. The wheel must be small and hold every file of the
package; the README's examples must run outside the checkout. On a tag, which GitHub names in
``GITHUB_REF``, the version must be that of the tag.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 2_000_000


def check(folder: Path, tracked: list[str], ref: str) -> str:
    """The version that was built.

    Parameters
    ----------
    folder : Path
        With the wheel and the sdist.
    tracked : list of str
        Files that both must hold, relative to the checkout.
    ref : str
        Such as ``refs/tags/v0.1.0``; others than tags allow any version.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        Anything is not as it must be; the message says what.
    """
    wheels, sdists = [*folder.glob("*.whl")], [*folder.glob("*.tar.gz")]
    if len(wheels) != 1 or len(sdists) != 1:
        raise ValueError(f"{folder} must hold one wheel and one sdist, got {wheels + sdists}")
    (wheel,), (sdist,) = wheels, sdists
    version = wheel.name.split("-")[1]
    tag = ref.removeprefix("refs/tags/v")
    if ref.startswith("refs/tags/") and tag != version:
        raise ValueError(f"the tag must be v{version}, which was built, got {ref!r}")
    if wheel.stat().st_size >= MOST_BYTES:
        raise ValueError(f"{wheel.name} has {wheel.stat().st_size} bytes, expected < {MOST_BYTES}")
    with zipfile.ZipFile(wheel) as archive:
        held = {wheel.name: {*archive.namelist()}}
    with tarfile.open(sdist) as archive:
        held[sdist.name] = {name.partition("/")[2] for name in archive.getnames()}
    for name, files in held.items():
        missing = sorted({*tracked} - files)
        if missing:
            raise ValueError(f"{name} lacks {len(missing)} files of the package: {missing[:3]}")
    return version


def run_examples(readme: str) -> None:
    """Run the Python of a README in an empty folder, warnings being errors."""
    blocks = re.findall(r"```python\n(.*?)```", readme, re.S)
    if not blocks:
        raise ValueError("the README must have an example")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-I", "-W", "error", "-c", "\n".join(blocks)]
        subprocess.run(command, cwd=folder, check=True)


def main(folder: Path) -> None:
    """Check, and say what was checked."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "sphere_toolkit"],
        cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    tracked = [name for name in listing.stdout.split("\0") if name]
    version = check(folder, tracked, os.environ.get("GITHUB_REF", ""))
    if metadata.version("sphere-toolkit") != version:
        raise ValueError(f"installed is {metadata.version('sphere-toolkit')}, built was {version}")
    run_examples((ROOT / "README.md").read_text(encoding="utf-8"))
    print(f"sphere-toolkit {version}: {len(tracked)} files are in the wheel and the sdist")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
