"""How quickly explorers answer in Chromium, in a static page and in JupyterLab.

Each explorer's first slider is moved 64 times through its range. The tree of paths has no slider:
its nodes are clicked, each for the first time. In the game of skies, what to look at is chosen. The
time runs from the event to the end of the frame that shows the new picture. A screen that refreshes
60 times a second gives at least one frame's 16.7 ms on average, however short the drawing.

From the repository's root::

    python benchmarks/explorers.py [--out FILE.json]
    python benchmarks/explorers.py --screenshot book/_static/energy_shift.png
"""

from __future__ import annotations

import argparse
import json
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

# By explorer, where they are not both of these: sampling has grids, network one of its own, and
# synthesis computes a step of its descent for each picture.
BAND_LIMITS = (64, 128)
OTHERS = {"network": (16,), "sampling": (16,), "synthesis": (32, 64)}
CASES = [(name, L) for name in st.explore.EXPLORERS for L in OTHERS.get(name, BAND_LIMITS)]
RESULTS = ROOT / "benchmarks" / "results" / "explorers.json"

_MOVE_AND_MEASURE = """async (moves) => {
  const root = document.querySelector(".st-explorer[data-draws]");
  const nodes = [...root.querySelectorAll("button.st-node:not([aria-pressed=true])")];
  const slider = nodes.length ? null : root.querySelector("input[type=range]");
  const steps = slider && Math.round((slider.max - slider.min) / (Number(slider.step) || 1)) + 1;
  const frames = [], draws = [];
  const choices = [...root.querySelectorAll("input[type=radio]")];
  const first = nodes.length ? 0 : -8; // the first eight warm up
  for (let k = first; k < (nodes.length || moves); k++) {
    const start = performance.now(), before = Number(root.dataset.draws);
    if (slider) {
      slider.value = Number(slider.min) + ((k - first) % steps) * (Number(slider.step) || 1);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (nodes.length) nodes[k].click();
    else choices[(k - first + 1) % choices.length].click();
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


def options(name: str, L: int) -> dict[str, int]:
    """What gives an explorer its band-limit, where it can be chosen."""
    return {} if name == "network" else {"L": L}


def measure(page: Page) -> list[float]:
    """Median and 95th percentile of input to frame, and the median of drawing alone, in ms."""
    page.wait_for_selector(".st-explorer[data-draws]", timeout=120_000)
    page.wait_for_timeout(1000)  # whatever else the page does at first
    return page.evaluate(_MOVE_AND_MEASURE, 64)


def static_page(browser: Browser, folder: Path, name: str, L: int) -> list[float]:
    """Measure an explorer in a page without a kernel."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(write_page(folder, [getattr(st.explore, name)(**options(name, L))]).as_uri())
    result = measure(page)
    page.close()
    return result


def in_jupyterlab(browser: Browser, folder: Path, name: str, L: int) -> list[float]:
    """Measure an explorer in a live notebook."""
    with jupyter_lab(folder) as lab:
        cells = [
            "import sphere_toolkit as st",
            f"explorer = st.explore.{name}(**{options(name, L)})\nexplorer",
        ]
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
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        browser = playwright.chromium.launch(executable_path=browser_path(playwright), args=FLAGS)
        if arguments.screenshot:
            screenshot(browser, folder, arguments.screenshot)
            return
        print("explorer          L  where          event to frame: median, 95 %; drawing [ms]")
        rows = []
        for name, L in CASES:
            for where, visit in (("static page", static_page), ("JupyterLab", in_jupyterlab)):
                median, high, drawing = visit(browser, folder / f"{where} {name} {L}", name, L)
                print(f"{name:15} {L:3}  {where:12} {median:14.1f} {high:7.1f} {drawing:7.1f}")
                rows.append({"explorer": name, "L": L, "where": where, "median_ms": median,
                             "95_percent_ms": high, "drawing_ms": drawing})  # fmt: skip
    result = {"command": "python benchmarks/explorers.py", "rows": rows}
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
