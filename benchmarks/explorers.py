"""How quickly explorers answer in Chromium, in a static page and in JupyterLab.

Each slider is moved 64 times through its range; the time runs from the input event to the end of
the frame that shows the new picture. A screen that refreshes 60 times a second gives at least one
frame's 16.7 ms on average, however short the drawing.

From the repository's root::

    python benchmarks/explorers.py
    python benchmarks/explorers.py --screenshot book/_static/energy_shift.png
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import sphere_toolkit as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from driving import FLAGS, browser_path  # noqa: E402
from lab import jupyter_lab  # noqa: E402
from static_page import write_page  # noqa: E402

EXPLORERS = ("energy_shift",)

_MOVE_AND_MEASURE = """async (moves) => {
  const root = document.querySelector(".st-explorer[data-draws]");
  const slider = root.querySelector("input[type=range]");
  const count = Number(slider.max) - Number(slider.min) + 1;
  const frames = [], draws = [];
  for (let k = -8; k < moves; k++) { // the first eight warm up
    const start = performance.now(), before = Number(root.dataset.draws);
    slider.value = Number(slider.min) + ((k + 8) % count);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    do await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    while (Number(root.dataset.draws) === before);
    if (k < 0) continue;
    frames.push(performance.now() - start);
    draws.push(Number(root.dataset.drawMs));
  }
  const sorted = (list) => list.sort((a, b) => a - b);
  const at = (list, share) => sorted(list)[Math.floor(share * (list.length - 1))];
  return [at(frames, 0.5), at(frames, 0.95), at(draws, 0.5)];
}"""


def measure(page: Page) -> list[float]:
    """Median and 95th percentile of input to frame, and the median of drawing alone, in ms."""
    page.wait_for_selector(".st-explorer[data-draws]", timeout=120_000)
    page.wait_for_timeout(1000)  # whatever else the page does at first
    return page.evaluate(_MOVE_AND_MEASURE, 64)


def static_page(browser: Browser, folder: Path, name: str) -> list[float]:
    """Measure an explorer in a page without a kernel."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(write_page(folder, [getattr(st.explore, name)()]).as_uri())
    result = measure(page)
    page.close()
    return result


def in_jupyterlab(browser: Browser, folder: Path, name: str) -> list[float]:
    """Measure an explorer in a live notebook."""
    with jupyter_lab(folder) as lab:
        cells = ["import sphere_toolkit as st", f"explorer = st.explore.{name}()\nexplorer"]
        lab.write_notebook("explorer.ipynb", cells)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(lab.url("explorer.ipynb"), timeout=120_000)
        lab.run_all(page)
        result = measure(page)
        page.close()
    return result


def screenshot(browser: Browser, folder: Path, path: Path) -> None:
    """Save a picture of the energy explorer, as the README shows it."""
    page = browser.new_page(viewport={"width": 840, "height": 900})
    page.goto(write_page(folder, [st.explore.energy_shift(scale=4)]).as_uri())
    page.wait_for_selector(".st-explorer[data-draws]")
    page.locator(".st-explorer").screenshot(path=path)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Print the table, or save the screenshot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--screenshot", type=Path, help="only save a picture of energy_shift")
    arguments = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        browser = playwright.chromium.launch(executable_path=browser_path(playwright), args=FLAGS)
        if arguments.screenshot:
            screenshot(browser, folder, arguments.screenshot)
            return
        print(
            "explorer        where         input to frame: median, 95 %    drawing: median   [ms]"
        )
        for name in EXPLORERS:
            for where, visit in (("static page", static_page), ("JupyterLab", in_jupyterlab)):
                middle, high, drawing = visit(browser, folder / where, name)
                print(f"{name:15} {where:12} {middle:23.1f} {high:7.1f} {drawing:18.1f}")


if __name__ == "__main__":
    main()
