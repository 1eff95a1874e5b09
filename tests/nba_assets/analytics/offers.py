"""Hand-written offers of bookmakers on two players."""

from typing import Any

from .league import League, Row, moment

TODAY = "2024-12-10"
PRICES = (-110, -110)


def tonight(league: League) -> League:
    """Brunson of New York and Tatum of Boston have played before and meet tonight at 23:30 UTC."""
    earlier = league.game("2024-12-05", "NYK", "BOS")
    for team, player, name in (("NYK", 1, "Jalen Brunson"), ("BOS", 2, "Jayson Tatum")):
        league.person(player, name.replace(" ", "").lower())
        league.box(earlier, team, player, 30, player_name=name)
    league.game(TODAY, "NYK", "BOS")
    return league


def offer(
    league: League,
    line: float,
    over: int | None = PRICES[0],
    under: int | None = PRICES[1],
    book: str = "draftkings",
    at: str | None = "22:00",
    tip: str | None = "23:30",
    name: str = "Jalen Brunson",
    teams: tuple[str | None, str | None] = ("NYK", "BOS"),
    kind: str = "sportsbook",
    source: str = "us_books",
    market: str = "player_points",
) -> None:
    seen, start = (hour and moment(f"{TODAY} {hour}") for hour in (at, tip))
    known: Row = {
        "source": source,
        "market": market,
        "bookmaker": book,
        "book_kind": kind,
        "game_date": moment(f"{TODAY} 12:00").date(),
        "player_name_raw": name,
        "home_team": teams[0],
        "away_team": teams[1],
        "snapshot_key": seen.isoformat() if seen else "date_only",
        "snapshot_utc": seen,
        "start_time_utc": start,
        "minutes_before_tip": (start - seen).total_seconds() / 60 if seen and start else None,
    }
    league.add("player_props", **known, line=line, over_price=over, under_price=under)


def consensus_line(league: League, line: float, **facts: Any) -> None:
    offer(league, line, at=None, tip=None, source="consensus_2024", book="consensus", kind="consensus", **facts)


def lines(league: League) -> list[Row]:
    """Return the lines of the evening."""
    return league.compute("player_prop_lines", TODAY)


def brunson(league: League, market: str = "player_points") -> Row:
    """Return Brunson's line."""
    return league.one("player_prop_lines", TODAY, player_lookup="jalenbrunson", market=market)
