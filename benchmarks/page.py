"""Measure the page as a reader with a processor of a quarter of this one's speed has it.

`python benchmarks/page.py HOME` opens tonight's card as published in HOME, once cut to 400 rows and once whole. It
prints the size of what is loaded, then what the first row and some inputs take, the least of three tries: processor
time of the page's main thread until it is still, which other work on the machine does not change; the time from the
event to the next painted frame, as Chromium measures it in steps of 8 ms, which it does; and the elements made.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from nba_resources.objects.store import ObjectStore
from nba_site.page import CARD, DOCUMENTS, files
from nba_site.server import PageServer, page_server

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SLOWER, ROWS, TRIES = 4, 400, 3
MOST_MS = {"first row painted": 1000, "input": 100}
STILL_MS = 700  # after an input: everything is drawn by then
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


@dataclass(frozen=True)
class Answer:
    """Cost of an input, or of loading: the page's main thread, the time to the next frame, and the elements made."""

    used_ms: float
    took_ms: float
    elements: int


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
            report(browser, server, rows, document)


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


class Window:
    """A new window with an empty cache on a slowed processor, and what its main thread has used."""

    def __init__(self, browser: Browser) -> None:
        """Open it; the page is loaded by `load`."""
        self._context = browser.new_context(viewport={"width": 1300, "height": 900})
        self.page = self._context.new_page()
        self.page.set_default_timeout(120_000)
        self.page.add_init_script(WATCH)
        self._session = self._context.new_cdp_session(self.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def load(self, address: str, card: bytes) -> None:
        """Open tonight with a card of its own, and wait for its first row."""
        answer = {"body": card, "content_type": "application/json"}
        self.page.route("**/v1/board/tonight.json", lambda route: route.fulfill(**answer))
        self.page.goto(f"{address}/#/tonight")
        self.page.wait_for_timeout(STILL_MS)
        self.page.wait_for_function("() => window.firstRow", polling=STILL_MS)

    def used_ms(self) -> float:
        """Return the processor time of the page's own work, slowed as the processor is."""
        found = {one["name"]: one["value"] for one in self._session.send("Performance.getMetrics")["metrics"]}
        return 1000 * (found["TaskDuration"] - found["DevToolsCommandDuration"])

    def measure(self, act: Callable[[Page], None]) -> Answer:
        """Give an input, and return what the page did until it was still again."""
        self.page.evaluate("() => { window.took = 0; window.made = 0; }")
        before = self.used_ms()
        act(self.page)
        self.page.wait_for_timeout(STILL_MS)
        used = self.used_ms() - before
        took, made = self.page.evaluate("() => [window.took, window.made]")
        return Answer(used, took, made)

    def close(self) -> None:
        """Close it."""
        self._context.close()


def report_sizes(objects: ObjectStore) -> None:
    """Print the bytes of each file of the page, the card and the largest player, plain and compressed."""
    players = [objects.read(path) for path in objects.paths(f"{DOCUMENTS}board/player/")]
    loaded = {
        **files(),
        "v1/board/tonight.json": objects.read(CARD),
        "v1/board/player/ (largest)": max(players, key=len),
    }
    print(f"{'':<32}{'bytes':>12}{'compressed':>12}")
    for name, content in loaded.items():
        print(f"{name:<32}{len(content):>12,}{len(gzip.compress(content)):>12,}")
    own = [len(gzip.compress(content)) for content in files().values()]
    print(f"{'the page, without documents':<32}{'':>12}{sum(own):>12,}")
    print(f"{'the first screen':<32}{'':>12}{sum(own) + len(gzip.compress(objects.read(CARD))):>12,}")


def first_row(browser: Browser, server: PageServer, card: bytes) -> Answer:
    """Load tonight in a new window."""
    with closing(Window(browser)) as window:
        window.load(server.address, card)
        took, made = window.page.evaluate("() => [window.firstRow, window.made]")
        return Answer(window.used_ms(), took, made)


def report(browser: Browser, server: PageServer, rows: int, card: bytes) -> None:
    """Print what the first row and each input take, the least of some tries."""
    print(f"\n{f'{rows:,} rows':<28}{'processor ms':>14}{'to the frame ms':>17}{'at most':>9}{'elements':>10}")
    _line("first row painted", [first_row(browser, server, card) for _ in range(TRIES)])
    answers: dict[str, list[Answer]] = {}
    with closing(Window(browser)) as window:
        window.load(server.address, card)
        for _ in range(TRIES):
            for name, act in INPUTS.items():
                answers.setdefault(name, []).append(window.measure(act))
    for name, tries in answers.items():
        _line(name, tries)


def _line(name: str, tries: list[Answer]) -> None:
    used, took = min(one.used_ms for one in tries), min(one.took_ms for one in tries)
    most, made = MOST_MS.get(name, MOST_MS["input"]), max(one.elements for one in tries)
    print(f"{name:<28}{used:>14.0f}{took:>17.0f}{most:>9}{made:>10,}", flush=True)


if __name__ == "__main__":
    main()
