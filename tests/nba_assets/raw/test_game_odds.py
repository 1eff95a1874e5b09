from typing import Any

from nba_assets.raw.game_odds import game_odds

from .delivered import MONDAY, TUESDAY, at, delivered, rows_of, slate


def odds(**changes: Any) -> dict[str, Any]:
    what = {"bookmaker": "fanduel", "snapshot_kind": "snapshot", "snapshot_utc": at(20), "game_date": MONDAY}
    spread = {"spread_home": -4.5, "spread_home_price": -112, "spread_away_price": -108}
    totals = {"total": 221.5, "over_price": -105, "under_price": -115, "ml_home": -190, "ml_away": 160}
    return {"home_team": "BOS", "away_team": "NYK"} | what | spread | totals | changes


def test_odds_are_taken_as_they_are_where_the_sides_agree():
    (found,) = rows_of(game_odds(delivered("game_odds", odds()), slate()))
    assert found["game_id"] == "0022400561"
    assert {name: found[name] for name in ("spread_home", "spread_home_price", "spread_away_price")} == {
        "spread_home": -4.5,
        "spread_home_price": -112,
        "spread_away_price": -108,
    }
    assert (found["ml_home"], found["ml_away"], found["over_price"], found["under_price"]) == (-190, 160, -105, -115)


def test_where_the_source_has_the_teams_reversed_sides_prices_and_sign_are_turned():
    (found,) = rows_of(game_odds(delivered("game_odds", odds(home_team="NYK", away_team="BOS")), slate()))
    assert (found["spread_home"], found["spread_home_price"], found["spread_away_price"]) == (4.5, -108, -112)
    assert (found["ml_home"], found["ml_away"]) == (160, -190)
    assert (found["total"], found["over_price"], found["under_price"]) == (221.5, -105, -115)


def test_odds_know_how_long_before_tipoff_they_were_seen():
    seen = [
        odds(snapshot_utc=at(22, 30)),
        odds(snapshot_utc=at(1, on=14)),
        odds(snapshot_utc=None, snapshot_kind="open"),
    ]
    found = {
        row["snapshot_key"]: row["minutes_before_tip"]
        for row in rows_of(game_odds(delivered("game_odds", *seen), slate()))
    }
    assert found == {"2025-01-13T22:30:00Z": 30.0, "2025-01-14T01:00:00Z": -120.0, "open": None}


def test_odds_of_no_scheduled_game_are_left_out_and_listed():
    lost = [odds(home_team="LAL"), odds(home_team="LAL", bookmaker="betmgm"), odds(game_date=TUESDAY)]
    table = delivered("game_odds", odds(), *lost)
    assert len(rows_of(game_odds(table, slate()))) == 1
    assert game_odds.left_out is not None
    listed = game_odds.left_out(table, slate())
    assert [tuple(row.values()) for row in rows_of(listed)] == [(MONDAY, "NYK", "LAL", 2), (TUESDAY, "NYK", "BOS", 1)]
