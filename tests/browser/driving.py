"""Driving explorers in Chromium."""

from __future__ import annotations

import functools
import hashlib
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, Request

# Quiet, and without a sandbox, since containers run as root.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each context opens a window, and with it two pages for suggestions below its address. Chromium
    # heeds the last such list, so that this one repeats what Playwright leaves out.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AcceptCHFrame,AimEnabled,"
    "DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,"
    "MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning,Translate",
]

PHONE = {"viewport": {"width": 360, "height": 700}, "device_scale_factor": 2}
"""A small screen, for `Visit`."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def browser_path(playwright: Playwright) -> str | None:
    """An installed Chromium, or the one that playwright downloaded, or None."""
    found = [path for path in map(shutil.which, _NAMES) if path]
    own = playwright.chromium.executable_path
    return next(iter(found + [own] * Path(own).exists()), None)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # a page asks for many files at once; more than 5 would be reset


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of localhost."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def skip_predictions(page: Page) -> None:
    """Wait until every widget of a page is there, and show what waits for a prediction."""
    page.wait_for_function(
        "[...document.querySelectorAll('.sphere-host')].every(host => host.childElementCount)"
    )
    page.evaluate(
        "document.querySelectorAll('.st-asked [data-action=skip]').forEach(b => b.click())"
    )


class Windows:
    """Windows of a browser, which serve again: for a small page, a new one is half of the work."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Page]] = {}

    def take(self, *, viewport: dict[str, int], **settings: object) -> Page:
        """A page in a window that nobody uses, with settings of a context."""
        free = self._free.setdefault(repr(sorted(settings.items())), [])
        if not free:
            return self._browser.new_context(viewport=viewport, **settings).new_page()
        page = free.pop()
        if page.viewport_size != viewport:
            page.goto("about:blank")  # or the last page would be laid out once more
            page.set_viewport_size(viewport)
        page.mouse.move(0, 0)
        page.emulate_media(reduced_motion="null")
        return page

    def give_back(self, page: Page, *, viewport: dict[str, int], **settings: object) -> None:
        """For the next; the settings are those of `take`."""
        self._free[repr(sorted(settings.items()))].append(page)


class Visit:
    """A page with a record of its errors and of what it asked others for.

    Typesetting the ``formulas`` is most of the work for a page that has many. A page that changes
    nothing of its window may be opened in one of ``windows`` that has shown others before, where
    scripts that they have in common are compiled already.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        *,
        own: str = "",
        formulas: bool = True,
        windows: Windows | None = None,
        **options: object,
    ) -> None:
        own = own or url.rsplit("/", 1)[0]
        self.errors: list[str] = []
        self.expected_errors: list[str] = []
        self.asked: set[str] = set()
        self.external: list[str] = []
        self._waits_for: set[Request] = set()
        # What stands for MathJax here must not be kept for the next page.
        self._windows = windows if formulas else None
        self._settings = {"viewport": {"width": 1000, "height": 900}, **options}
        self._listeners = {
            "console": lambda m: self._log(m.text) if m.type == "error" else None,
            "pageerror": lambda error: self._log(str(error)),
            "request": lambda r: self._asked(r, own),
            "requestfinished": lambda r: self._waits_for.discard(r),
            "requestfailed": self._failed,
        }
        self.page: Page = (self._windows or Windows(browser)).take(**self._settings)
        if self.page.url.split("#")[0] == url.split("#")[0]:
            self.page.goto("about:blank")  # another hash alone would not open the page anew
        for event, listener in self._listeners.items():
            self.page.on(event, listener)
        if not formulas:
            empty = {"body": "", "content_type": "text/javascript"}
            self.page.route("**/vendor/mathjax/**", lambda route: route.fulfill(**empty))
        self.page.goto(url)

    def close(self) -> None:
        """Close the page, or leave its window to the next."""
        if self._windows is None:
            self.page.context.close()
            return
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)
        if self._waits_for:
            self.page.goto("about:blank")  # or the next page would be told that they have failed
        self._windows.give_back(self.page, **self._settings)

    def _log(self, text: str) -> None:
        self.errors.append(text[:300])

    def _asked(self, request: Request, own: str) -> None:
        self._waits_for.add(request)
        if request.url.startswith(own):
            self.asked.add(request.url)
        elif not request.url.startswith(("data:", "blob:")):
            self.external.append(request.url)

    def _failed(self, request: Request) -> None:
        self._waits_for.discard(request)
        self._log(f"{request.url}: {request.failure}")

    def explorer(self, n: int = 0) -> Explorer:
        """The n-th explorer on the page, once it is drawn."""
        return Explorer(self.page.locator(".st-explorer").nth(n))


class Explorer:
    """An explorer in a page, as a reader uses it."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.page.wait_for_function("root => root.dataset.draws > 0", arg=root.element_handle())
        self.slider = root.locator("input[type=range]")
        self.menu = root.locator("select")

    @property
    def data(self) -> dict[str, str]:
        """The root's data attributes."""
        return self.root.evaluate("root => ({...root.dataset})")

    @property
    def draws(self) -> int:
        """How often it has been drawn."""
        return int(self.data["draws"])

    def wait_for(self, **expected: object) -> None:
        """Wait until the root's data attributes have these values."""
        self.page.wait_for_function(
            "([root, expected]) => Object.entries(expected)"
            ".every(([key, value]) => root.dataset[key] === value)",
            arg=[self.root.element_handle(), {k: str(v) for k, v in expected.items()}],
            timeout=20_000,
        )

    def wait_for_draw(self, after: int) -> None:
        """Wait for a redraw beyond the ``after``-th."""
        self.page.wait_for_function(
            "([root, after]) => root.dataset.draws > after",
            arg=[self.root.element_handle(), after],
        )

    def wait_for_rest(self, after: int = 0) -> None:
        """Wait for a redraw beyond the ``after``-th that does not ask for another."""
        self.page.wait_for_function(
            "([root, after]) => root.dataset.draws > after && root.ariaBusy === 'false'",
            arg=[self.root.element_handle(), after],
        )

    def control(self, label: str) -> Locator:
        """The control with this label."""
        return self.root.get_by_label(label, exact=True)

    def move(self, slider: Locator | str, value: object) -> None:
        """Move a slider, given itself or by its label, as a script does."""
        slider = self.control(slider) if isinstance(slider, str) else slider
        slider.evaluate(
            "(slider, value) => { slider.value = value;"
            " slider.dispatchEvent(new Event('input', {bubbles: true})); }",
            value,
        )

    def move_together(self, values: dict[str, object]) -> None:
        """Move sliders by their labels, one after another before anything is drawn."""
        self.root.evaluate(
            """(root, values) => Object.entries(values).forEach(([label, value]) => {
              const slider = root.querySelector(`input[aria-label="${label}"]`);
              slider.value = value;
              slider.dispatchEvent(new Event('input', {bubbles: true}));
            })""",
            values,
        )

    def set_scale(self, j: int) -> None:
        """Move the first slider, which is that of scales, and wait for the picture."""
        self.move(self.slider, j)
        self.wait_for(scale=j)

    def choose(self, name: str) -> None:
        """Choose a signal, and wait for the picture."""
        self.menu.select_option(name)
        self.wait_for(signal=name)

    def press(self, text: str) -> None:
        """Choose one of several radio buttons by its text."""
        self.root.locator(".st-choices label", has_text=text).click()

    def drag(self, grip: Locator, right: float, down: float = 0) -> None:
        """Drag a thing from its middle, by shares of its width and height."""
        box = grip.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right * box["width"], y + down * box["height"], steps=5)
        self.page.mouse.up()

    def drag_slider(self, slider: Locator, start: float, end: float) -> None:
        """Drag the thumb of a slider between two shares of its way, 0 to 1."""
        box = slider.bounding_box()
        middle, way = box["y"] + box["height"] / 2, box["width"] - 16  # the thumb's own width
        self.page.mouse.move(box["x"] + 8 + way * start, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 8 + way * end, middle, steps=8)
        self.page.mouse.up()

    def redrawn(self, action: Callable[[], object]) -> str:
        """Do something that changes the picture; a digest of the next picture."""
        before = self.draws
        action()
        self.wait_for_draw(before)
        return self.picture()

    def show(self, what: str) -> str:
        """Press the button that shows "maps" or "globes"; a digest of the next picture."""
        return self.redrawn(self.root.get_by_role("button", name=f"Show {what}").click)

    def turn_globes(self, which: int = 0) -> set[str]:
        """Show globes and turn one by a key, and with it all; the three pictures of the way."""
        maps, globes = self.picture(), self.show("globes")
        globe = self.root.locator(".st-sphere").nth(which)
        return {maps, globes, self.redrawn(lambda: globe.press("ArrowLeft"))}

    def step(self, control: Locator, key: str, **expected: object) -> str:
        """Press a key on a control and wait for data attributes; a digest of the picture."""
        control.press(key)
        self.wait_for(**expected)
        return self.picture()

    def use_theme(self, theme: str) -> str:
        """Turn the page light or dark; a digest of the next picture."""
        script = "theme => { document.documentElement.dataset.theme = theme; }"
        return self.redrawn(lambda: self.page.evaluate(script, theme))

    def picture(self) -> str:
        """A digest of all that is drawn, maps and charts, wherever the pointer rests."""
        drawn = self.root.evaluate(
            """root => [...root.querySelectorAll("canvas")].map((one) => one.toDataURL())
              .concat([...root.querySelectorAll("svg")].map((one) => {
                const still = one.cloneNode(true);
                still.querySelectorAll(".st-mark, .st-lit-window").forEach((mark) => mark.remove());
                return still.outerHTML.replace(/ ?st-(lit|now)/g, "");
              })).join()"""
        )
        return hashlib.sha1(drawn.encode()).hexdigest()

    def read(self, what: Locator, x: float, y: float) -> list[str]:
        """What is said of a place, by shares of width and height, when the pointer rests there."""
        what.scroll_into_view_if_needed()
        box = what.bounding_box()
        self.page.mouse.move(box["x"] - 3, box["y"] - 3)
        self.root.locator(".st-tip").wait_for(state="hidden")
        self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        self.root.locator(".st-tip").wait_for()
        return self.root.locator(".st-tip > *").all_inner_texts()

    def lit(self) -> set[str]:
        """The names of what is lit up."""
        names = self.root.locator(".st-lit").evaluate_all(
            "all => all.map((one) => one.getAttribute('data-link'))"
        )
        return set(" ".join(names).split())

    def map_colour(self, x: float, y: float, which: int = 0) -> tuple[int, int, int]:
        """Colour at a place of a map, as fractions of its width and height."""
        pixels = self.root.locator("canvas.st-pixels").nth(which)
        return tuple(
            pixels.evaluate(
                "(c, [x, y]) => [...c.getContext('2d').getImageData("
                "x * c.width, y * c.height, 1, 1).data].slice(0, 3)",
                [x, y],
            )
        )
