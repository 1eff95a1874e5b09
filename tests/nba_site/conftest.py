"""One browser and one server for all tests of the page; each view has a tab of its own, at noon of the night.

A window would have more to draw than the page: Chromium's own buttons are pages, too.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from nba_resources.objects.store import ObjectStore
from nba_site.server import PageServer, page_server

from .night import NOON, everything, write

HEADLESS = "chromium-headless-shell"  # Chromium without windows: two thirds of its processor time
PROGRAMS = (HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
ONE_PROCESS = "--renderer-process-limit=1"  # draws all tabs: to start one for each takes a tenth of the time
PATIENCE_MS = 120_000  # for a busy machine, not a measurement
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser, and end it with the module: its event loop would stop other tests from running theirs."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(PROGRAMS)} is installed; Debian's package is {HEADLESS}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, ONE_PROCESS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """Everything that is published of a night of fifteen games."""
    return write(ObjectStore(root=str(tmp_path_factory.mktemp("site"))), everything())


@pytest.fixture(scope="session")
def server(published: ObjectStore) -> Iterator[PageServer]:
    with page_server(published, port=0) as running:
        yield running


@pytest.fixture(scope="module")
def window(browser: Browser) -> BrowserContext:
    """A window whose tabs begin without settings."""
    window = browser.new_context(color_scheme="light", timezone_id="America/New_York", locale="en-GB")
    window.set_default_timeout(PATIENCE_MS)
    window.new_page()  # stays, as a window ends with its last tab
    window.add_init_script("localStorage.clear()")
    return window


@pytest.fixture
def see(window: BrowserContext, server: PageServer) -> Iterator[Open]:
    """Open a view in a new tab. `instead` replaces documents: with others, or with None for missing ones.

    Afterwards no page has failed, complained or asked for anything outside.
    """
    tabs, wrong, absent = [], [], []

    def open_view(
        view: str = "#/tonight",
        *,
        instead: Mapping[str, bytes | None] | None = None,
        width: int = 1300,
        now: object = NOON,
        address: str | Path | None = None,
    ) -> Page:
        page = window.new_page()
        tabs.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        page.clock.set_fixed_time(now)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda told: wrong.append(told.text) if told.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        home = str(address or server.address)
        page.on(
            "request", lambda request: None if request.url.startswith((home, "data:")) else wrong.append(request.url)
        )
        for path, content in (instead or {}).items():
            absent.append(path) if content is None else None
            answer = {"status": 404} if content is None else {"body": content, "content_type": "application/json"}
            page.route(f"**/v1/{path}", lambda route, _, answer=answer: route.fulfill(**answer))
        page.goto(f"{home}{'' if address else '/'}{view}")
        page.wait_for_selector("main:not([aria-busy]) h1")
        return page

    yield open_view
    for page in tabs:
        page.close()
    expected = [told for told in wrong if absent and "404" in told]
    assert [told for told in wrong if told not in expected] == []
