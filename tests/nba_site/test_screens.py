"""Every screen of the page in a real Chromium, over documents that the exports made of a night by hand."""

import datetime as dt
import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from nba_assets.exports.ladders import Ladder
from nba_assets.exports.performance import NOTICE
from nba_resources.objects.store import ObjectStore
from nba_site.page import single_page

from .conftest import Open
from .night import ARABIC, FORMULA, MARKUP, NIGHT, NOON, REFUSED, changed, documents, everything, lookup

DASH = "\u2013"
CARD, FIRST = "board/tonight.json", lookup(0, 7)
NOT_ON_THE_CARD = {"board/player/elsewhere.json": None, f"players/{FIRST}.json": None}
SCREENS = ("#/tonight", f"#/player/{FIRST}", "#/results", "#/record", "#/health", "#/how", "#/player/elsewhere")
ROWS = "table.card tbody tr"


def go(page: Page, view: str) -> None:
    """Follow a link within the page."""
    page.evaluate(
        "view => new Promise(done => { if (location.hash === view) done(); "
        "addEventListener('hashchange', () => done(), { once: true }); location.hash = view; })",
        view,
    )
    page.wait_for_selector("main:not([aria-busy]) h1")


def names(page: Page) -> list[str]:
    return page.locator(f"{ROWS} .c-player a").all_inner_texts()


def count(page: Page) -> str:
    return page.locator("output.count").inner_text()


def drawn(page: Page, rows: int) -> None:
    """Scroll to the end, as rows are drawn when a reader comes near them."""
    page.wait_for_function(
        "n => { scrollTo(0, document.body.scrollHeight);"
        " return document.querySelectorAll('table.card tbody tr').length === n; }",
        arg=rows,
    )


def column(page: Page, key: str) -> list[float]:
    """Return the numbers of a column, in the order of the rows; the later ones are drawn after a pause."""
    drawn(page, int(count(page).split(" of ")[0]))
    texts = [text.split("\n")[0] for text in page.locator(f"{ROWS} .c-{key}").all_inner_texts()]
    return [float(text.replace("\u2212", "-").replace(" %", "").lstrip("OU ")) for text in texts if text != DASH]


def test_tonight_has_a_row_for_each_player_and_market_and_the_picks_first(see: Open):
    page = see()
    assert count(page) == "420 of 420 rows, 30 picks"
    drawn(page, 420)
    assert page.locator(f"{ROWS}.pick").count() == 30
    assert "pick" in page.locator(ROWS).nth(29).get_attribute("class")
    assert page.locator("ul.games > li").count() == 15
    assert page.locator("ul.games button").first.inner_text().split("\n")[1] == "19:00 · in 7 h 0 min"


FILTERED = {
    "market=player_rebounds": 210,
    "team=BOS": 14,
    "picks=1": 30,
    "picks=1&side=under": 15,
    "book=northside": 420,
    "state=doubt": 60,
    "state=silent": 0,
    "least=60": 15,
    "game=0022500003": 28,
    "q=player 03": 56,
}


def test_a_link_shows_the_rows_that_its_filters_fit(see: Open):
    """In each game two of fourteen players are in doubt, and one has a chance of 60 %."""
    page = see()
    found = {}
    for query in FILTERED:
        go(page, f"#/tonight?{query}")
        found[query] = int(count(page).split(" of ")[0])
    assert found == FILTERED


def test_a_filter_that_is_chosen_is_in_the_address_and_clear_forgets_all(see: Open):
    page = see()
    page.select_option("#market", "player_points")
    page.check("#picks")
    assert count(page) == "30 of 420 rows, 30 picks"
    assert page.url.endswith("#/tonight?market=player_points&picks=1")
    page.click("text=Clear")
    assert (count(page), page.url[-9:]) == ("420 of 420 rows, 30 picks", "#/tonight")
    page.click("ul.games button >> nth=0")
    assert page.locator("ul.games button >> nth=0").get_attribute("aria-pressed") == "true"
    assert count(page) == "28 of 420 rows, 2 picks"
    assert page.inner_text(".doubts") == "Player 00-05 (ATL) questionable, Player 00-06 (BOS) out"


def test_a_player_is_found_by_any_spelling(see: Open):
    page = see()
    for spelling in ("doncic", "LUKA DON", "Dončić", "lukadoncic", "  doncić luka "):
        page.fill("#q", spelling)
        assert (names(page), count(page)) == (["Luka Dončić"] * 2, "2 of 420 rows, 1 picks"), spelling


def test_the_search_above_leads_to_a_player_by_keys_alone_also_one_who_is_not_on_the_card(see: Open):
    page = see(instead=NOT_ON_THE_CARD)
    page.keyboard.press("/")
    page.keyboard.type("oneal")
    page.locator("#found a").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Shaquille O'Neal").wait_for()
    page.fill("#find", "someb")
    page.locator("#found a").first.click()
    page.locator("h1", has_text="Somebody Else").wait_for()
    assert "not on tonight's card" in page.inner_text("main")


def test_a_chance_that_reads_no_price_has_no_value(see: Open):
    """The rates' rebounds are never bet: their distance from the price is no edge. Points have one, by the ensemble."""
    page = see("#/tonight?game=0022500001&market=player_rebounds")
    drawn(page, 14)
    assert {*page.locator(f"{ROWS} .c-value").all_inner_texts()} == {DASH}
    page = see("#/tonight?game=0022500001&market=player_points")
    drawn(page, 14)
    assert DASH not in page.locator(f"{ROWS} .c-value").all_inner_texts()


def test_a_column_sorts_down_and_up(see: Open):
    page = see("#/tonight?game=0022500001")
    for key in ("line", "chance", "forecast"):
        page.click(f"[data-sort={key}]")
        down = column(page, key)
        assert down == sorted(down, reverse=True)
        assert len({*down}) > 1
        page.click(f"[data-sort={key}]")
        assert column(page, key) == sorted(down)
        assert page.locator(f"th:has([data-sort={key}])").get_attribute("aria-sort") == "ascending"
        assert page.evaluate("document.activeElement.dataset.sort") == key, "the keyboard stays where it was"


def test_prices_are_shown_as_the_reader_likes_and_times_where_he_is(see: Open):
    page = see(f"#/tonight?q={FIRST}&market=player_points")
    found = []
    for odds in ("american", "decimal", "probability"):
        page.select_option("#odds", odds)
        page.wait_for_selector("main:not([aria-busy])")
        found.append(page.locator(f"{ROWS} .c-over").inner_text().split("\n")[0])
    assert found == ["\u2212105", "1.95", "51.2 %"]
    page.select_option("#zone", "utc")
    page.locator("ul.games button", has_text="00:00").first.wait_for()


def rates(page: Page) -> dict[str, list[str]]:
    rows = page.locator("table.rates tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def test_the_rates_follow_the_line_by_keys_and_by_hand(see: Open):
    """In his last twelve games he had 20 points in the last seven and 15 before: over 17.5 in 7 of 12, and never 20.5.

    Wilson's interval of 7 of 10 is 40 to 89 %, of 5 of 5 57 to 100 %, of 0 of 5 0 to 43 %.
    """
    page = see(f"#/player/{FIRST}")
    assert rates(page) == {
        "last 5": ["5 of 5", "100 %", "57 to 100 %", "0"],
        "last 10": ["7 of 10", "70 %", "40 to 89 %", "0"],
        "season 2025-26": ["7 of 12", "58 %", "32 to 81 %", "0"],
    }
    page.focus("[role=slider]")
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    assert page.locator("#line").input_value() == "20"
    assert rates(page)["last 5"] == ["no game", DASH, DASH, "5"], "20 points on a line of 20 are pushes"
    page.keyboard.press("ArrowUp")
    assert rates(page)["last 5"] == ["0 of 5", "0 %", "0 to 43 %", "0"]
    assert page.url.endswith("?line=20.5")
    page.click("#offered")
    assert (page.locator("#line").input_value(), page.url.endswith(FIRST)) == ("17.5", True)


def test_a_line_is_dragged_with_the_mouse(see: Open):
    page = see(f"#/player/{FIRST}")
    chart = page.locator("svg.bars").bounding_box()
    knob = page.locator(".knob").bounding_box()
    page.mouse.move(knob["x"] + 5, knob["y"] + knob["height"] / 2)
    page.mouse.down()
    page.mouse.move(knob["x"] + 5, chart["y"] + chart["height"] * (250 - 34 - 101) / 250, steps=4)
    page.mouse.up()
    assert page.locator("#line").input_value() == "12.5", "the axis ends at 25, and 101 of its 202 units are half of it"
    assert rates(page)["last 10"] == ["10 of 10", "100 %", "72 to 100 %", "0"]


def test_the_chance_at_any_line_is_the_ladders(see: Open):
    """Stored are 51 % at 17.5 and a deviation of 6; at 20 a push is possible."""
    forecast = {"system_id": "ensemble_v1", "line": 17.5, "over_probability": 0.51, "predicted_sd": 6.0}
    ladder = Ladder.of(forecast)
    above = {ladder.first + place: chance for place, chance in enumerate(ladder.above)}
    page = see(f"#/player/{FIRST}?line=20")
    over, under = (page.locator("table.sides tbody tr").nth(n).locator("td").first.inner_text() for n in (0, 1))
    assert (over, under) == (f"{100 * above[20]:.1f} %", f"{100 * (1 - above[19]):.1f} %")
    assert f"Exactly 20: {100 * (above[19] - above[20]):.1f} %" in page.inner_text("main")
    page.fill("#line", "17.5")
    page.press("#line", "Enter")
    cells = page.locator("table.sides tbody tr").first.locator("td").all_inner_texts()
    assert cells[:3] == ["51.0 %", "48.9 %", "\u2212104"]
    assert cells[4] == "\u22120.4 %", "0.51 x 100/105 - 0.49"


def test_a_market_is_a_tab_and_one_without_a_line_says_why_there_is_no_chance(see: Open):
    page = see(f"#/player/{FIRST}")
    page.focus("#tab-player_points")
    page.keyboard.press("ArrowRight")
    page.locator("#tab-player_rebounds[aria-selected=true]").wait_for()
    assert page.url.endswith("?market=player_rebounds")
    assert "Rates" in page.locator("#at-line").inner_text()
    page.click("#tab-player_steals")
    page.locator("#tab-player_steals[aria-selected=true]").wait_for()
    assert "No bookmaker offers a line." in page.inner_text("main")
    assert "No system forecasts this market tonight" in page.inner_text("main")


def test_games_with_and_without_an_absent_mate_are_counted(see: Open):
    """Player 6 of the same team plays with even players, and has missed the last four of twelve games."""
    page = see(f"#/player/{lookup(1, 8)}")
    rows = {row.split("\t")[0]: row.split("\t")[1] for row in page.locator("#at-line tbody tr").all_inner_texts()}
    assert (rows["with Player 01-06"], rows["without Player 01-06"]) == ("8", "4")


def test_a_night_that_may_not_be_published_says_why_on_every_screen_and_shows_no_pick(see: Open):
    page = see(instead=NOT_ON_THE_CARD | documents(permit=REFUSED, stored=everything()))
    page.locator("#notice .refused").wait_for()
    for view in SCREENS:
        go(page, view)
        assert "may not be published" in page.inner_text("#notice")
        assert "the data are stale" in page.inner_text("#notice")
        assert page.locator(".badge.verdict, svg.bars").count() == 0


def test_a_document_that_was_not_updated_is_called_old_and_one_made_afterwards_a_replay(see: Open):
    later = NOON + dt.timedelta(days=1)
    assert see(now=later).inner_text("#notice").startswith("Old: this is the evening of Fri 14 Nov 2025")
    replayed = {CARD: changed(everything()[CARD], generated_at=later.isoformat())}
    assert see(now=later, instead=replayed).inner_text("#notice").startswith("A past evening, Fri 14 Nov 2025")
    assert see().inner_text("#notice") == ""


@pytest.mark.parametrize(
    ("view", "path"),
    [
        ("#/tonight", CARD),
        (f"#/player/{FIRST}", f"board/player/{FIRST}.json"),
        ("#/results", "results/latest.json"),
        ("#/record", "systems/performance.json"),
        ("#/health", "status.json"),
    ],
)
def test_a_document_of_another_version_and_a_missing_one_are_told_and_not_guessed(see: Open, view: str, path: str):
    files = everything()
    unknown = see(view, instead={path: changed(files[path], schema_version=99)})
    assert f"{path} has schema version 99; this page reads" in unknown.inner_text("main")
    absent = {path: None, f"players/{FIRST}.json": None}
    assert "is not published yet" in see(view, instead=absent).inner_text("main")


def test_a_night_without_games_says_so(see: Open):
    quiet = see(instead=documents(games=0))
    assert "No game is on the schedule of Fri 14 Nov 2025" in quiet.inner_text("main")


def test_a_season_without_a_game_yet_says_so_on_every_screen(see: Open):
    """In summer nothing is on the slate, nothing is played and nothing is graded."""
    empty = {"dates": [], "systems": [], "games": [], "windows": [], "blocks": [], "players": [], "models": []}
    none = {"forecasts_until": None, "results_until": None}
    summer = {
        path: changed(file, **{name: value for name, value in (empty | none).items() if name in json.loads(file)})
        for path, file in everything().items()
        if not path.startswith(("board/player", "players/", "coverage"))
    }
    page = see(instead=summer | NOT_ON_THE_CARD)
    said = {
        "#/tonight": "No game is on the schedule of Fri 14 Nov 2025",
        "#/results": "No game of this date is over.",
        "#/record": "Nothing is graded yet",
        "#/health": f"Newest forecast: {DASH}. Newest result: {DASH}.",
    }
    for view, sentence in said.items():
        go(page, view)
        assert sentence in page.inner_text("main"), view


def test_a_name_is_text_whatever_it_holds(see: Open):
    page = see("#/tonight?game=0022500000&market=player_points&sort=line")
    assert {MARKUP, ARABIC, FORMULA} <= {*names(page)}
    assert page.locator("main img").count() == 0
    page = see(f"#/player/{lookup(0, 2)}")
    assert page.locator("h1").inner_text().strip() == MARKUP


def test_a_name_from_the_right_turns_nothing_beside_it(see: Open):
    """Without isolation the team and the status would stand on the other side of the name."""
    card = json.loads(everything()[CARD])
    card["games"][0]["doubts"] = [{**card["games"][0]["doubts"][0], "player_name": ARABIC, "player_status": "out"}]
    page = see("#/tonight?game=0022500000", instead={CARD: changed(everything()[CARD], games=card["games"])})
    name, status = (page.locator(f".doubts {tag}").bounding_box() for tag in ("bdi", "b"))
    assert name["x"] + name["width"] < status["x"]
    assert page.inner_text(".doubts") == f"{ARABIC} (ATL) out"


def test_a_saved_table_runs_no_formula(see: Open):
    page = see("#/tonight?game=0022500000&market=player_points&sort=line")
    with page.expect_download() as saved:
        page.click("text=Save CSV")
    rows = Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert (saved.value.suggested_filename, len(rows)) == ("props-2025-11-14.csv", 15)
    (formula,) = (row for row in rows if "HYPERLINK" in row)
    assert '"\'=HYPERLINK(""http://x"",""y"")"' in formula
    assert ",-105,harborline,-110,northside," in formula


def test_results_show_every_grade_with_what_the_close_said(see: Open):
    page = see("#/results", instead={"results/2025-11-12.json": None})
    assert page.locator("h1").inner_text() == "Results Thu 13 Nov 2025"
    badges = page.locator(".panel >> nth=1 >> .badge").all_inner_texts()
    assert badges == ["✗ loss", "∅ void", "✓ win"], "the home team first, then by name"
    assert "did not play" in page.inner_text("main")
    page.click("text=Earlier")
    page.locator("text=results/2025-11-12.json is not published yet").wait_for()


def test_the_record_stands_beside_the_market_and_says_what_is_not_shown(see: Open):
    """53 of 100 picks won, of which 52.4 % had to: the interval of 43 to 62 % holds that."""
    page = see("#/record")
    claim = page.inner_text(".claim")
    assert NOTICE in claim
    assert claim.startswith(
        "Points, at tip-off: XGBoost had a smaller mean error than the market's line on the same players. That any "
        "of them makes money is not shown: no hit rate lies above its break-even with its whole interval, and the most "
        "graded picks of a system are 100, fewer than the 500 that could tell."
    )
    row = page.locator(ROWS, has_text="XGBoost").inner_text()
    assert all(text in row for text in ("4.900", "4.920", "53 of 100", "53.0 %", "43 % to 63 %", "52.4 %"))


def test_a_systems_season_shows_what_came_of_its_chances_beside_the_market(see: Open):
    """Told 44, 56 and 70 %, came 45, 55 and 1 of 4: 3.8 of 204 are 1.9 points apart, the market 1 of 204."""
    page = see("#/record")
    assert page.input_value("#system") == "ensemble_v1", "the house, unless another is chosen"
    told = page.locator("section", has=page.locator("h2", has_text="Calibration"))
    assert "the same 204 results" in told.inner_text()
    assert "Mean distance: 1.9 points, market 0.5 points." in told.inner_text()
    rows = [row.split("\t") for row in told.locator("tbody tr").all_inner_texts()]
    assert rows[0] == ["44.0 %", "45.0 %", "36 % to 55 %", "100"], "Wilson's interval of 45 of 100"
    assert rows[2] == ["70.0 %", "25.0 %", "5 % to 70 %", "4"]
    curve = told.locator("svg").get_attribute("aria-label")
    assert curve.endswith(
        "Ensemble: 44 % told, 45 % of 100 came, 56 % told, 55 % of 100 came; market: 50 % told, 50 % of 204 came"
    ), "four results are in the table only"
    assert told.locator("circle.dot").count() == 2
    assert told.locator("rect.square").count() == 1
    page.select_option("#system", "xgboost_v1")
    page.locator("h2", has_text="Calibration").wait_for()
    assert page.url.endswith("?system=xgboost_v1")
    assert "XGBoost tells no chance of a line with both prices" in page.inner_text("main")


def test_the_record_is_by_month_and_tier_and_at_the_close(see: Open):
    """Beaten were 24 of 40 closes: 60 %, Wilson's interval is 45 to 74 %."""
    page = see("#/record")
    parts = {
        title: [
            row.split("\t")[:3]
            for row in page.locator("section", has=page.locator("h2", has_text=title)).locator("tr").all_inner_texts()
        ]
        for title in ("By month", "By points a game")
    }
    assert parts["By month"][1:] == [[month, "700", "4.95 / 4.92"] for month in ("Oct 2025", "Nov 2025")]
    assert [row[0] for row in parts["By points a game"][1:]] == ["under 8", "8 to 15", "22 or more"]
    closes = page.locator("section", has=page.locator("h2", has_text="Closing line"))
    (ensemble,) = (row for row in closes.locator("tbody tr").all_inner_texts() if row.startswith("Ensemble"))
    assert [" ".join(cell.split()) for cell in ensemble.split("\t")][1:] == [
        *("104", "40", "50", "14", "40", "+0.4 %", "60.0 % 45 % to 74 %", DASH),
    ]


def test_a_record_without_its_season_still_shows_the_systems(see: Open):
    page = see("#/record", instead={"systems/record.json": None})
    assert "systems/record.json is not published yet" in page.inner_text("main")
    assert page.locator(ROWS, has_text="XGBoost").count() == 1


def test_health_shows_gaps_models_and_the_calendar(see: Open):
    text = see("#/health").inner_text("main")
    assert "✓ Fri 14 Nov 2025 may be published." in text
    assert "missing 2" in text
    assert "7 of 10 rows" in text
    assert "XGBoost" in text


def test_one_file_holds_the_night_and_needs_no_server(see: Open, published: ObjectStore, tmp_path: Path):
    file = tmp_path / "tonight.html"
    file.write_bytes(single_page(published))
    page = see("#/tonight", address=file.as_uri())
    assert count(page) == "420 of 420 rows, 30 picks"
    page.click(f"{ROWS} a >> nth=0")
    page.locator("svg.bars").wait_for()
    assert page.locator("nav a").all_inner_texts() == ["Tonight", "How it works"]
    assert "script-src 'sha256-" in page.locator("meta[http-equiv]").get_attribute("content")


def test_no_cell_of_the_card_is_cut_off(see: Open):
    """Columns have widths of their own: the longest market ended in dots."""
    card = json.loads(everything()[CARD])
    for player in card["games"][0]["players"]:
        player["player_name"] = "Shai Gilgeous-Alexander"
        for row in player["rows"]:
            row |= {"market": "player_points_rebounds_assists"}
            row["line"] |= {"over_book": "williamhill_us", "under_book": "betonlineag", "over_price": -1250}
    page = see("#/tonight?game=0022500000", instead={CARD: changed(everything()[CARD], games=card["games"])})
    for width in (360, 1300, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        cut = page.evaluate(
            "[...document.querySelectorAll('table.night td, table.night th')]"
            ".filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
        )
        assert cut == [], width


def test_everything_is_reached_by_the_keyboard(see: Open):
    """The first key leads past the header; then come games, filters, actions, columns and players."""
    page = see("#/tonight?game=0022500000")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = []
    while len(reached) < 60 and (not reached or reached[-1] != "A"):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(one => one.id || one.dataset.sort || one.tagName)(document.activeElement)"))
    assert reached[:15] == ["BUTTON"] * 15, "the games"
    kept = [name for name in reached if name not in ("BUTTON", "SUMMARY", "DIV")]
    assert kept[:7] == ["q", "market", "team", "side", "book", "state", "least"]
    assert kept[7:10] == ["picks", "player", "market"]
    assert reached[-1] == "A"
    page.keyboard.press("Enter")
    page.locator("svg.bars").wait_for()


def test_a_game_is_chosen_by_the_keyboard(see: Open):
    page = see()
    page.focus("ul.games button >> nth=1")
    page.keyboard.press("Space")
    assert count(page) == "28 of 420 rows, 2 picks"


MADE = """() => {
    window.made = 0;
    for (const name of ["createElement", "createElementNS"]) {
        const make = Document.prototype[name];
        Document.prototype[name] = function (...words) { window.made += 1; return make.apply(this, words); };
    }
}"""


def test_an_input_draws_the_rows_that_are_seen_and_none_of_them_twice(see: Open):
    """All rows were made anew at each letter: 63 to 136 ms for 1,240 of them, and fourfold on a slow processor."""
    page = see()
    page.evaluate(MADE)
    made = []
    for key in ("a", "Backspace", "0", "Backspace"):
        page.evaluate("window.made = 0")
        page.focus("#q")
        page.keyboard.press(key)
        made.append(page.evaluate("window.made"))
        assert page.locator(ROWS).count() <= 60
    assert count(page) == "420 of 420 rows, 30 picks"
    assert made[1] < 100, "the rows of before are still there"
    assert made[3] < 100


def test_rows_come_as_the_reader_does_and_their_place_is_kept(see: Open):
    page = see()
    before = page.evaluate("document.documentElement.scrollHeight")
    assert page.locator(ROWS).count() < 100
    drawn(page, 420)
    after = page.evaluate("document.documentElement.scrollHeight")
    assert after == pytest.approx(before, rel=0.1)
    assert page.locator(".rest").count() == 0


def test_a_print_has_every_row_and_no_controls(see: Open):
    page = see()
    page.pdf()
    assert page.locator(ROWS).count() == 420
    page.emulate_media(media="print")
    assert page.locator("#top, .filters, .games button").filter(visible=True).count() == 0
    assert page.locator(f"{ROWS} .c-reason").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_browsers_own_search_finds_rows_that_were_not_drawn(see: Open):
    page = see()
    page.keyboard.press("Control+f")
    assert page.locator(ROWS).count() == 420


def test_no_rule_of_accessibility_is_broken_in_light_and_dark(see: Open):
    """A game of the card stands for all, as each rule looks at every row; in the dark only colours differ."""
    page = see("#/how", instead=NOT_ON_THE_CARD)
    for theme, rules in {"light": {}, "dark": {"runOnly": ["color-contrast"]}}.items():
        page.emulate_media(color_scheme=theme)
        for view in ("#/tonight?game=0022500000", *SCREENS[1:]):
            go(page, view)
            found = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
            broken = {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found}
            assert broken == {}, f"{view}, {theme}"


SHIFTS = """() => new Promise(done => {
    let sum = 0;
    const seen = new PerformanceObserver(list => list.getEntries().forEach(one => { sum += one.value; }));
    seen.observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 50);
})"""


@pytest.mark.parametrize("width", [360, 1300])
def test_nothing_moves_while_the_card_is_drawn_and_no_screen_sticks_out(see: Open, width: int):
    """A score under 0.1 is what readers do not notice."""
    page = see(width=width, instead=NOT_ON_THE_CARD)
    assert page.evaluate(SHIFTS) < 0.1
    for view in SCREENS:
        go(page, view)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert page.evaluate(SHIFTS) < 0.1, view


def test_the_night_is_one_request_and_a_player_one_more(see: Open):
    page = see()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/v1/")[2]))
    page.click(f"{ROWS} a >> nth=0")
    page.locator("svg.bars").wait_for()
    assert [path for path in asked if path] == [f"board/player/{lookup(0, 1)}.json"]
    assert str(NIGHT.year) in page.inner_text("footer")
