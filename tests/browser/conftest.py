"""A real Chromium for the tests here; without one they are skipped, on CI they fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from built_book import build
from commands import unavailable
from driving import FLAGS, Explorer, Visit, Windows, browser_path, serve
from ipywidgets import Widget
from playwright.sync_api import Browser, sync_playwright
from static_page import write_page

_HOW_TO = (
    "no Chromium found: install one (Debian: apt-get install chromium) or run "
    "'python -m playwright install chromium'"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = browser_path(playwright)
        if path is None:
            unavailable(_HOW_TO)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """For pages that keep nothing."""
    return Windows(browser)


@pytest.fixture
def visit(browser: Browser, windows: Windows) -> Iterator[Callable[..., Visit]]:
    """Open a page; afterwards it must have logged no error and asked nobody else for anything.

    It gets a window of its own where it is ``fresh``: for what a page changes of its window.
    """
    visits: list[Visit] = []

    def open_page(url: str, *, fresh: bool = False, **options: object) -> Visit:
        visits.append(Visit(browser, url, windows=None if fresh else windows, **options))
        return visits[-1]

    yield open_page
    for each in visits:
        each.close()
    for each in visits:
        assert each.errors == each.expected_errors
        assert each.external == []


@pytest.fixture
def show(
    visit: Callable[..., Visit], tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[..., Visit]:
    """Open a page that shows some widgets, from a file or served; other options are `visit`'s."""
    numbers = itertools.count()

    def show_widgets(
        *widgets: Widget,
        state: dict | None = None,
        theme: str = "light",
        width: str = "62rem",
        served: bool = False,
        **options: object,
    ) -> Visit:
        name = f"page_{next(numbers)}.html"
        page = write_page(tmp_path, list(widgets), state=state, theme=theme, width=width, name=name)
        address = f"{request.getfixturevalue('site')}/{name}" if served else page.as_uri()
        return visit(address, **options)

    return show_widgets


@pytest.fixture
def explorer(show: Callable[..., Visit], widget: Widget) -> Explorer:
    """The explorer that the fixture ``widget`` of a module makes, on a page of its own."""
    return show(widget).explorer()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serves ``tmp_path`` on localhost; the address without the slash at its end."""
    with serve(tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def book(
    tmp_path_factory: pytest.TempPathFactory, executed_chapters: Path, browser: Browser
) -> Path:
    """The folder of a fresh build, by the command of `make book`."""
    return build(tmp_path_factory.mktemp("book"), EXECUTED_CHAPTERS=str(executed_chapters))


@pytest.fixture(scope="session")
def addresses(book: Path) -> Iterator[dict[str, str]]:
    """Where the book can be opened: over http, and from a file."""
    with serve(book) as address:
        yield {"http": address, "file": book.as_uri()}
