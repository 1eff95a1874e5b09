"""Measure the page as a reader with a processor of a quarter of this one's speed has it.

`python benchmarks/page.py HOME` opens tonight's card as published in HOME, once cut to 400 rows and once whole. It prints
the size of what is loaded, the time until the first row is painted, and for some inputs the longest time from the event
to the next painted frame, as Chromium measures it in steps of 8 ms. Elements made do not depend on the machine.
"""

import gzip
import json
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from nba_resources.objects.store import ObjectStore
from nba_site.page import CARD, DOCUMENTS, files
from nba_site.server import PageServer, page_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SLOWER, ROWS, TRIES = 4, 400, 5
MOST_MS = {"first row": 1000, "input": 100}
STILL_MS = 700  # after an input: everything is drawn by then
READY = "main:not([aria-busy]) table.card tbody tr"
WATCH = """
window.made = 0;
for (const name of ["createElement", "createElementNS"]) {
  const make = Document.prototype[name];
  Document.prototype[name] = function (...words) { window.made += 1; return make.apply(this, words); };
}
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (one.interactionId) window.took = Math.max(window.took ?? 0, one.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
const rows = new MutationObserver(() => {
  if (!document.querySelector("table.card tbody tr")) return;
  rows.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstRow = performance.now(); }));
});
rows.observe(document, { childList: true, subtree: true });
"""


def _typed(page: Page) -> None:
    page.focus("#q")
    page.keyboard.press("a")


def _erased(page: Page) -> None:
    page.keyboard.press("Backspace")


INPUTS: Mapping[str, Callable[[Page], None]] = {
    "type a letter": _typed,
    "delete it": _erased,
    "sort by line": lambda page: page.click("[data-sort=line]"),
    "sort by name": lambda page: page.click("[data-sort=player]"),
    "choose a game": lambda page: page.click("ul.games button >> nth=0"),
    "all games again": lambda page: page.click("ul.games button >> nth=0"),
    "only picks": lambda page: page.click("#picks"),
    "clear": lambda page: page.click("text=Clear"),
}


def main() -> None:
    """Print sizes, then times for each number of rows."""
    if len(sys.argv) != 2:
        sys.exit("name a home with published documents: python benchmarks/page.py HOME")
    objects = ObjectStore(root=str(Path(sys.argv[1]).resolve() / "objects"))
    card = json.loads(objects.read(CARD))
    every = sum(len(player["rows"]) for game in card["games"] for player in game["players"])
    report_sizes(objects)
    with page_server(objects, port=0) as server, started_browser() as browser:
        for rows in (ROWS, every):
            document = json.dumps(cut(card, rows)).encode()
            report_first(browser, server, rows, document)
            report_inputs(browser, server, document)


def cut(card: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Return the card with its first rows only."""
    games = []
    for game in card["games"]:
        players = []
        for player in game["players"]:
            rows = player["rows"][:most]
            most -= len(rows)
            players += [{**player, "rows": rows}] if rows else []
        games.append({**game, "players": players})
    return {**card, "games": games}


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sys.exit(f"needs a browser: none of {', '.join(PROGRAMS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, server: PageServer, card: bytes) -> Iterator[Page]:
    """Open a new window with an empty cache on a slowed processor."""
    window = browser.new_context(viewport={"width": 1300, "height": 900})
    page = window.new_page()
    page.set_default_timeout(120_000)
    window.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.route("**/v1/board/tonight.json", lambda route: route.fulfill(body=card, content_type="application/json"))
    page.goto(f"{server.address}/#/tonight")
    page.wait_for_selector(READY)
    page.wait_for_function("window.firstRow")
    yield page
    window.close()


def report_sizes(objects: ObjectStore) -> None:
    """Print the bytes of each file of the page, the card and the largest player, plain and compressed."""
    players = [objects.read(path) for path in objects.paths(f"{DOCUMENTS}board/player/")]
    loaded = {**files(), "v1/board/tonight.json": objects.read(CARD), "v1/board/player/ (largest)": max(players, key=len)}
    print(f"{'':<32}{'bytes':>12}{'compressed':>12}")
    for name, content in loaded.items():
        print(f"{name:<32}{len(content):>12,}{len(gzip.compress(content)):>12,}")
    own = [len(gzip.compress(content)) for content in files().values()]
    print(f"{'the page, without documents':<32}{'':>12}{sum(own):>12,}")
    print(f"{'the first screen':<32}{'':>12}{sum(own) + len(gzip.compress(objects.read(CARD))):>12,}")


def report_first(browser: Browser, server: PageServer, rows: int, card: bytes) -> None:
    """Print how long the first row takes, the median of some visits."""
    times, made = [], 0
    for _ in range(TRIES):
        with opened(browser, server, card) as page:
            times.append(page.evaluate("window.firstRow"))
            made = page.evaluate("window.made")
    print(f"\n{rows} rows, processor slowed {SLOWER}-fold{'median ms':>16}{'most':>8}{'at most':>10}{'elements':>10}")
    _line("first row painted", times, MOST_MS["first row"], made)


def report_inputs(browser: Browser, server: PageServer, card: bytes) -> None:
    """Print how long the page takes to answer to each input, the median of some tries in one window."""
    with opened(browser, server, card) as page:
        page.wait_for_timeout(STILL_MS)
        answers: dict[str, list[tuple[float, int]]] = {}
        for _ in range(TRIES):
            for name, act in INPUTS.items():
                page.evaluate("() => { window.took = 0; window.made = 0; }")
                act(page)
                page.wait_for_timeout(STILL_MS)
                answers.setdefault(name, []).append(page.evaluate("() => [window.took, window.made]"))
    for name, measured in answers.items():
        _line(name, [took for took, _ in measured], MOST_MS["input"], max(made for _, made in measured))


def _line(name: str, times: list[float], at_most: int, made: int) -> None:
    print(f"{name:<40}{statistics.median(times):>12.0f}{max(times):>8.0f}{at_most:>10}{made:>10}", flush=True)


if __name__ == "__main__":
    main()
