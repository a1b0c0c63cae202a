"""Time to the first picture: importing, mounting an explorer, starting JupyterLab, and page weight.

    .venv/bin/python benchmarks/first_picture.py [--fresh | --weigh] [--book DIR] [--out FILE.json]

``--fresh`` clones the repository into a temporary folder and times ``make lab`` there twice: the
first run installs everything, the second is what a reader waits for from then on. Medians of some
rounds where one is short. Pages are weighed in ``book/_build/html`` or in ``--book``, if
``make book`` has built it. ``--weigh`` weighs them alone and keeps all other rows of the file:
a busy machine changes times, and no weights.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from explorers import FLAGS as BROWSER_FLAGS
from explorers import ROOT, browser_path, jupyter_lab, write_page
from playwright.sync_api import Browser, Playwright, sync_playwright

import sphere_toolkit as st

OUT = ROOT / "benchmarks" / "results" / "first_picture.json"
BOOK = ROOT / "book" / "_build" / "html"
HEAVIEST = "heaviest page of the book"
ROUNDS = 7
DRAWN = ".st-explorer[data-draws]"
_IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def launched(playwright: Playwright) -> Browser:
    """The browser that all rows are measured with."""
    return playwright.chromium.launch(executable_path=browser_path(playwright), args=BROWSER_FLAGS)


def importing(module: str) -> float:
    """Milliseconds to import a module in a fresh process."""
    command = [sys.executable, "-c", _IMPORT.format(module)]
    done = [subprocess.run(command, capture_output=True, text=True, check=True)
            for _ in range(ROUNDS)]  # fmt: skip
    return 1e3 * median(float(each.stdout) for each in done)


def mounting(browser: Browser, folder: Path) -> float:
    """Milliseconds from the address of a static page to its explorer's first picture."""
    page_file = write_page(folder, [st.explore.energy_shift()])
    taken = []
    for _ in range(ROUNDS):
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(page_file.as_uri())
        page.wait_for_selector(DRAWN)
        taken.append(time.perf_counter() - start)
        page.close()
    return 1e3 * median(taken)


def in_jupyterlab(browser: Browser, folder: Path) -> tuple[float, float]:
    """Seconds until the server answers; then from opening a notebook to its first picture."""
    start = time.perf_counter()
    with jupyter_lab(folder) as lab:
        up = time.perf_counter() - start
        lab.write_notebook(
            "first.ipynb", ["import sphere_toolkit as st\nst.explore.energy_shift()"]
        )
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(lab.url("first.ipynb"), timeout=120_000)
        lab.run_all(page)
        page.wait_for_selector(DRAWN, timeout=120_000)
        return up, time.perf_counter() - start


def heaviest_page(browser: Browser, book: Path) -> tuple[str, float]:
    """The page of the book that loads most, vendored scripts and fonts included, in MB."""
    weights = {}
    for file in sorted([*book.glob("book/*.html"), *book.glob("notebooks/*.html")]):
        page = browser.new_page()
        names: set[str] = set()
        page.on("requestfinished", lambda request, names=names: names.add(request.url))
        page.goto(file.as_uri())
        page.wait_for_load_state("networkidle")
        paths = [Path(urllib.request.url2pathname(u[7:].split("?")[0].split("#")[0]))
                 for u in names if u.startswith("file://")]  # fmt: skip
        weights[file.stem] = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
        page.close()
    return max(weights.items(), key=lambda item: item[1])


def make_lab(clone: Path) -> float:
    """Seconds from ``make lab`` until its server answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    arguments = f"--no-browser --port={port} --IdentityProvider.token={token}"
    start = time.perf_counter()
    lab = subprocess.Popen(
        ["make", "lab", f"LAB_ARGS={arguments}"], cwd=clone, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            if lab.poll() is not None:
                raise RuntimeError(f"make lab ended with status {lab.returncode}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=5)
                return time.perf_counter() - start
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
    finally:
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(timeout=60)


def fresh(folder: Path) -> dict[str, dict]:
    """``make lab`` in a new clone, and again."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    return {
        "fresh make lab": row(make_lab(clone), "s", "installing everything, until it answers"),
        "make lab again": row(make_lab(clone), "s", "the same clone, until it answers"),
    }


def row(value: float, unit: str, what: str) -> dict:
    """One measurement."""
    return {"value": value, "unit": unit, "what": what}


def weighed(browser: Browser, book: Path) -> dict[str, dict]:
    """The row of the heaviest page."""
    name, weight = heaviest_page(browser, book)
    return {HEAVIEST: row(weight, "MB", f"{name}, all that it loads")}


def measure(with_clone: bool, book: Path) -> dict[str, dict]:
    """All rows."""
    several = f"median of {ROUNDS} fresh processes"
    rows = {
        "import sphere_toolkit": row(importing("sphere_toolkit"), "ms", several),
        "of these, import numpy": row(importing("numpy"), "ms", several),
    }
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        browser = launched(playwright)
        rows["explorer in a static page"] = row(
            mounting(browser, folder / "page"), "ms", f"address to picture, median of {ROUNDS}"
        )
        up, picture = in_jupyterlab(browser, folder / "lab")
        rows["JupyterLab"] = row(up, "s", "start to answer, once")
        rows["explorer in JupyterLab"] = row(picture, "s", "opening a notebook to picture, once")
        if book.exists():
            rows |= weighed(browser, book)
        if with_clone:
            rows |= fresh(folder)
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--fresh", action="store_true", help="install a new clone, too")
    what.add_argument("--weigh", action="store_true", help="only weigh the pages of the book anew")
    parser.add_argument("--book", type=Path, default=BOOK, help="a book that is built")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    command = "python benchmarks/first_picture.py" + " --fresh" * options.fresh
    if options.weigh:
        before = json.loads(options.out.read_text(encoding="utf-8"))
        command = f"{before['command'].partition(',')[0]}, pages anew with --weigh"
        with sync_playwright() as playwright:
            rows = before["rows"] | weighed(launched(playwright), options.book)
    else:
        rows = measure(options.fresh, options.book)
    for name, found in rows.items():
        print(f"{name}: {found['value']:.3g} {found['unit']} ({found['what']})")
    options.out.write_text(
        json.dumps({"command": command, "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
