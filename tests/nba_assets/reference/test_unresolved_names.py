import datetime as dt
from typing import Any

import ibis

from nba_assets.kit.as_of import History
from nba_assets.reference.players import players
from nba_assets.reference.unresolved_names import unresolved_names
from nba_resources.dates import DateRange

BEFORE, TODAY = dt.date(2024, 11, 30), dt.date(2024, 12, 1)


def quarantine(lines: list[tuple[str, str | None, str | None]], news: list[tuple[str, str]]) -> list[dict[str, Any]]:
    seen = [(1, "Jalen Williams", "OKC", BEFORE), (2, "Jaylin Williams", "OKC", BEFORE), (3, "Bol Bol", "PHX", TODAY)]
    games = ibis.memtable(
        seen, schema={"player_id": "int64", "player_name": "string", "team_abbr": "string", "game_date": "date"}
    )
    props = ibis.memtable(
        [("books", name, home, away, TODAY) for name, home, away in lines],
        schema=dict.fromkeys(("source", "player_name_raw", "home_team", "away_team"), "string") | {"game_date": "date"},
    )
    reports = ibis.memtable(
        [("list", name, team, TODAY) for name, team in news],
        schema=dict.fromkeys(("source", "player_name_raw", "team_abbr"), "string") | {"report_date": "date"},
    )
    history = History(games, DateRange(TODAY, TODAY), "game_date")
    births = ibis.memtable([], schema={"player_id": "int64", "birth_date": "date"})
    found = unresolved_names(props, reports, players(games, births), history)
    return sorted(found.to_pyarrow().to_pylist(), key=lambda row: (row["source"], row["raw_name"]))


def test_names_nobody_can_place_are_kept_with_their_reason_and_counted() -> None:
    lines = [("J. Williams", "OKC", "DEN"), ("J. Williams", "DEN", "OKC"), ("Jalen Williams", "OKC", "DEN")]
    assert quarantine([*lines, ("Bol Bol", None, None)], [("left knee injury (DTD)", "PHX")]) == [
        {
            "source": "books",
            "raw_name": "Bol Bol",
            "game_date": TODAY,
            "team_hint": None,
            "n_rows": 1,
            "reason": "unknown",
            "normalised": "bolbol",
        },
        {
            "source": "books",
            "raw_name": "J. Williams",
            "game_date": TODAY,
            "team_hint": "DEN OKC",
            "n_rows": 2,
            "reason": "ambiguous",
            "normalised": "jwilliams",
        },
        {
            "source": "list",
            "raw_name": "left knee injury (DTD)",
            "game_date": TODAY,
            "team_hint": "PHX",
            "n_rows": 1,
            "reason": "unknown",
            "normalised": "leftkneeinjury",
        },
    ]
