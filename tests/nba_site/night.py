"""A night of games as frames, and the documents that the exports make of it, written where the page reads them.

Numbers are simple: player n of game g has a line of 10.5 + n, and in his last ten games he was over it in n of them.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

import pandas as pd

from models.markets import BASES
from nba_assets import exports
from nba_assets.exports.player_pages import GAME
from nba_assets.exports.results import TOTALS
from nba_assets.kit.canonical_json import encode
from nba_assets.kit.export import SCHEMA_VERSION, Document, Edition, Permit, declared_exports
from nba_assets.kit.export_writer import ROOT
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore

NIGHT = dt.date(2025, 11, 14)
NOON = dt.datetime(2025, 11, 14, 17, tzinfo=dt.UTC)
TEAMS = (
    *("ATL", "BOS", "BKN", "CHA", "CHI", "CLE", "DAL", "DEN", "DET", "GSW", "HOU", "IND", "LAC", "LAL", "MEM"),
    *("MIA", "MIL", "MIN", "NOP", "NYK", "OKC", "ORL", "PHI", "PHX", "POR", "SAC", "SAS", "TOR", "UTA", "WAS"),
)
MARKUP, ARABIC, FORMULA = '<img src=x onerror="alert(1)">', "محمد علي", '=HYPERLINK("http://x","y")'
NAMES = {0: "Luka Dončić", 1: "Shaquille O'Neal", 2: MARKUP, 3: ARABIC, 4: FORMULA}
PLAYERS = 14  # of a game, with two lines each: fifteen games are 420 rows
HOUSE, RATES = ("ensemble_v1", "at_tip"), ("rates_v1", "at_line")
EXPORTS = declared_exports(exports)
REFUSED = Permit(False, ("the data are stale", "2 of 9 players have no forecast"))


def documents(
    games: int = 15, permit: Permit | None = None, stored: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """Return every document that the page reads, by path; `stored` are those that were published before."""
    yesterday, before = NIGHT - dt.timedelta(days=1), {path: json.loads(file) for path, file in (stored or {}).items()}
    permits = {yesterday: Permit(True), NIGHT: permit or Permit(True)}
    made: dict[str, bytes] = {}
    for name, frames in _frames(games, NIGHT).items():
        export = EXPORTS[name]
        day = yesterday if export.dated else NIGHT
        known = {path: document for path, document in before.items() if path.startswith(f"{export.folder}/")}
        edition = Edition(DateRange(day, day), NIGHT, NOON, permits, known)
        for document in export.documents(frames, edition):
            content = _encoded(document, name, edition)
            made |= dict.fromkeys(filter(None, (document.path, document.pointer)), content)
    return made


@cache
def everything() -> dict[str, bytes]:
    """Return the documents of fifteen games, made once."""
    return documents()


def write(objects: ObjectStore, files: Mapping[str, bytes]) -> ObjectStore:
    for path, content in files.items():
        objects.write(ROOT + path, content)
    return objects


def changed(content: bytes, **values: Any) -> bytes:
    return encode(json.loads(content) | values)


def lookup(game: int, player: int) -> str:
    return f"player{game:02}{player:02}"


def _encoded(document: Document, name: str, edition: Edition) -> bytes:
    head = {"generated_at": NOON, "game_date": document.game_date, "schema_version": SCHEMA_VERSION}
    permit = asdict(edition.permits[document.game_date])
    return encode(head | {"code_version": EXPORTS[name].code_version, "publish": permit} | dict(document.content))


def _frames(games: int, night: dt.date) -> dict[str, dict[str, pd.DataFrame]]:
    return {
        "board": _board(games, night),
        "results": _results(night - dt.timedelta(days=1)),
        "best_bets": _best_bets(night - dt.timedelta(days=1)),
        "performance": {
            "totals": _windows(),
            "calibration": _chances(),
            "known": pd.DataFrame({"until": [night - dt.timedelta(days=1)]}),
        },
        "status": _status(night),
        "coverage": {"judged": _judged(night)},
        "game_counts": {"dates": _dates(night)},
        "players": _players(night),
    }


def _board(games: int, night: dt.date) -> dict[str, pd.DataFrame]:
    slate = [(game, player) for game in range(games) for player in range(PLAYERS)]
    offers = [(*one, market) for one in slate for market in ("player_points", "player_rebounds")]
    return {
        "players": pd.DataFrame([_player(*one, night) for one in slate], columns=[*_player(0, 0, night)]),
        "lines": pd.DataFrame([_line(*one, night) for one in offers], columns=[*_line(0, 0, "", night)]),
        "forecasts": pd.DataFrame([_forecast(*one, night) for one in offers], columns=[*_forecast(0, 0, "", night)]),
        "games": pd.DataFrame([game for one in slate for game in _games(*one, night)], columns=[*GAME]),
        "path": pd.DataFrame([look for one in slate for look in _path(*one, night)], columns=[*_path(0, 0, night)[0]]),
        "form": pd.DataFrame(
            [
                {"game_date": night, "player_lookup": lookup(*one), "base": base}
                | {"season_average": 12.0, "allowed": 115.0, "league_level": 110.0}
                for one in slate
                for base in BASES
            ],
            columns=["game_date", "player_lookup", "base", "season_average", "allowed", "league_level"],
        ),
        "defence": pd.DataFrame([_defence(team, night) for team in TEAMS]),
    }


def _player(game: int, player: int, night: dt.date) -> dict[str, Any]:
    home, away = TEAMS[2 * game], TEAMS[2 * game + 1]
    team, other = (home, away) if player % 2 else (away, home)
    name = NAMES.get(player, f"Player {game:02}-{player:02}") if game == 0 else f"Player {game:02}-{player:02}"
    start = dt.datetime.combine(night + dt.timedelta(days=1), dt.time(game % 4), dt.UTC)
    about = {"game_date": pd.Timestamp(night), "game_id": f"00225{game:05}", "player_lookup": lookup(game, player)}
    about |= {"player_id": 100 * game + player, "team_abbr": team, "opponent_team_abbr": other, "player_name": name}
    about |= {"is_home": team == home, "player_status": {5: "questionable", 6: "out"}.get(player, "available")}
    about |= {"games_played_season": 12, "days_rest": player % 3, "games_last_7_days": 3}
    about |= {"teammates_out": [lookup(game, 6)] if player % 2 == 0 and player != 6 else []}
    return about | {"start_time_utc": start, "away_team": away, "home_team": home, "neutral_site": False}


def _line(game: int, player: int, market: str, night: dt.date) -> dict[str, Any]:
    value = 10.5 + player if market == "player_points" else 4.5
    known = f"{NOON:%Y-%m-%dT%H:%M:%SZ}"
    offers = [
        {"book": "harborline", "kind": "sportsbook", "line": value, "over_price": -105, "under_price": -115},
        {"book": "northside", "kind": "sportsbook", "line": value, "over_price": -110, "under_price": -110},
    ]
    return {
        **{"game_date": pd.Timestamp(night), "player_lookup": lookup(game, player), "market": market, "line": value},
        **{"opening_line": value - player % 2, "best_over_price": -105, "best_over_book": "harborline"},
        **{"best_under_price": -110, "best_under_book": "northside", "over_prob_novig": 0.4887, "n_books": 2},
        **{"line_known_at": NOON, "offers": json.dumps([offer | {"known_at": known} for offer in offers])},
    }


def _forecast(game: int, player: int, market: str, night: dt.date) -> dict[str, Any]:
    """Return the house's points, a pick for the first two players of a game, and the rates' rebounds."""
    (system, edition), pick = (HOUSE, player < 2) if market == "player_points" else (RATES, False)
    over, side = (0.44 + 0.01 * player, "UNDER" if player == 0 else "OVER") if system == HOUSE[0] else (0.55, "")
    told = side if pick else "PASS" if system == HOUSE[0] else "NO_LINE"
    over = 0.60 if (player, system) == (1, HOUSE[0]) else over
    return {
        **{"game_date": pd.Timestamp(night), "player_lookup": lookup(game, player), "market": market},
        **{"system_id": system, "edition": edition, "predicted_value": 10.0 + player, "predicted_sd": 6.0},
        **{"line": 10.5 + player if system == HOUSE[0] else 4.5, "edge": -0.5, "confidence_score": 60.0},
        **{
            "over_probability": over,
            "push_probability": 0.0,
            "recommendation": told,
        },
        **{"over_price": -105 if pick else None, "under_price": -110 if pick else None},
        **{"price_book": "northside" if pick else None, "expected_value": 0.069 if pick else None},
        **{"abstain_reason": None, "pass_reason": None if pick else "SMALL_EDGE"},
        "components": json.dumps([{"system": "xgboost_v1", "prediction": 9.0 + player, "weight": 1.0}]),
    }


def _games(game: int, player: int, night: dt.date) -> list[dict[str, Any]]:
    """Return twelve games, the earliest first: in the last `player` of ten he was over his line by two points."""
    team = TEAMS[2 * game + (0 if player % 2 else 1)]
    played = []
    for back in range(12, 0, -1):
        points = 12 + player + 1 if back <= min(player, 10) else 8 + player
        counts = {"points": points, "reb": 5, "ast": 2, "fg3m": 1, "stl": 1, "blk": 0, "tov": 2}
        date = night - dt.timedelta(days=2 * back)
        where = {"team_abbr": team, "opponent_team_abbr": "WAS", "is_home": back % 2 == 0, "starter": player < 10}
        when = {"game_date": pd.Timestamp(date), "game_id": f"00225{game:02}{back:03}", "season": "2025-26"}
        if player == 6 and back <= 4:
            continue  # he is out since then
        played.append(
            when | where | counts | {"player_lookup": lookup(game, player), "minutes": 30.0, "days_rest": 1}
            | {"usage_rate": 0.2}
        )  # fmt: skip
    return played


def _path(game: int, player: int, night: dt.date) -> list[dict[str, Any]]:
    of = {"game_date": pd.Timestamp(night), "player_lookup": lookup(game, player), "market": "player_points"}
    looks = [("harborline", 300.0, 11.5), ("harborline", 60.0, 10.5), ("northside", 240.0, 10.5)]
    return [
        of | {"bookmaker": book, "line": value + player, "over_price": -110, "under_price": -110}
        | {"minutes_before_tip": minutes}
        for book, minutes, value in looks
    ]  # fmt: skip


def _defence(team: str, night: dt.date) -> dict[str, Any]:
    about = {"game_date": pd.Timestamp(night), "team_abbr": team, "games_in_sample": 12, "defensive_rating": 112.0}
    zones = {
        f"{zone}_{name}": value
        for zone in ("paint", "mid_range", "three")
        for name, value in (("pct_allowed", 0.45), ("league_pct", 0.43), ("attempts_allowed_per_game", 30.0))
    }
    return about | {"def_rating_rank": 9, "opponent_pace": 99.0} | zones


def _total(system: str, place: int, **of: Any) -> dict[str, Any]:
    """Return a season's totals: picks won 53 of 100 at a break-even of 52.4 %, errors a little above the line's."""
    counts = dict.fromkeys(TOTALS, 0) | {"system_id": system, "n_rows": 900, "n_predicted": 900, "n_played": 860}
    picks = {"n_picks": 104, "n_over": 60, "n_under": 44, "wins": 53, "losses": 47, "pushes": 1, "voids": 3}
    errors = {"mae": 5.0, "bias": -0.2, "within_3_rate": 0.4, "within_5_rate": 0.6, "n_shared_with_line": 700}
    errors |= {"mae_shared": 4.9 + 0.05 * place, "line_mae_shared": 4.92}
    rates = {"hit_rate": 0.53, "hit_rate_low": 0.433, "hit_rate_high": 0.625, "mean_break_even": 0.524}
    money = {"profit_units": 1.2, "staked_units": 100, "roi": 0.012, "brier": 0.2489}
    closes = {"n_closing": 40, "n_late_close": 50, "n_unknown_close": 14, "n_closing_value": 40}
    closes |= {"closing_value": 0.004, "beat_close_rate": 0.6, "n_carried_value": 0, "carried_closing_value": None}
    return counts | picks | errors | rates | money | closes | of


def _windows() -> pd.DataFrame:
    windows = [(name, part) for name in ("last_7_days", "last_30_days", "season") for part in ("all", "with_line")]
    months = [("2025-10", "with_line"), ("2025-11", "with_line")]
    tiers = [("season", "tier_8_15"), ("season", "tier_22_up"), ("season", "tier_0_8")]
    return pd.DataFrame(
        [
            _total(system, place, window=window, population=population, market="player_points", edition="at_tip")
            for window, population in (*windows, *months, *tiers)
            for place, system in enumerate(("xgboost_v1", "ensemble_v1", "market_line"))
        ]
    )


def _chances() -> pd.DataFrame:
    """Return chances told: of the ensemble 44 % and 56 %, of which 45 and 55 of 100 came, the market's 50 % of all."""
    key = {"market": "player_points", "edition": "at_tip", "system_id": "ensemble_v1"}
    bins = [("system", 8, 0.44, 100, 45), ("system", 11, 0.56, 100, 55), ("system", 14, 0.70, 4, 1)]
    bins.append(("market", 10, 0.5, 204, 101))
    names = ("voice", "bin", "mean_probability", "n", "n_over")
    return pd.DataFrame([key | dict(zip(names, one, strict=True)) for one in bins])


def _results(day: dt.date) -> dict[str, pd.DataFrame]:
    grades = [
        ("WIN", "UNDER", 8, 0.909, None),
        ("LOSS", "OVER", 9, -1.0, None),
        ("VOID", "OVER", None, 0.0, "dnp_unknown"),
    ]
    rows = [
        {
            **_player(0, player, day),
            **{"system_id": "ensemble_v1", "edition": "at_tip", "market": "player_points", "line": 10.5 + player},
            **{"outcome_state": "DNP" if actual is None else "PLAYED", "actual_value": actual, "actual_minutes": 30.0},
            **{"line_absolute_error": None if actual is None else 2.5, "predicted_value": 10.0, "signed_error": 2.0},
            **{"recommendation": side, "grade": grade, "grade_reason": why, "price_used": -110, "break_even": 0.5238},
            **{"profit_units": profit, "close_state": "closing", "closing_line": 10.5, "closing_chance": 0.53},
            **{"closing_value": 0.012, "close_age_minutes": 5.0},
        }
        for player, (grade, side, actual, profit, why) in enumerate(grades)
    ]  # fmt: skip
    total = _total("ensemble_v1", 0, game_date=pd.Timestamp(day), market="player_points", edition="at_tip")
    totals = [total | {"population": population} for population in ("all", "with_line")]
    return {
        "grades": pd.DataFrame(rows),
        "others": pd.DataFrame(rows[:0], columns=[*rows[0]]),
        "totals": pd.DataFrame(totals),
    }


def _best_bets(day: dt.date) -> dict[str, pd.DataFrame]:
    picks = [_forecast(0, player, "player_points", day) | _player(0, player, day) for player in (0, 1)]
    house = pd.DataFrame([row | {"prediction_id": row["player_lookup"]} for row in picks])
    results = [
        {"prediction_id": lookup(0, player), "actual_value": actual, "grade": grade, "grade_reason": None}
        | {"profit_units": units}
        for player, actual, grade, units in ((0, 8, "WIN", 0.909), (1, 9, "LOSS", -1.0))
    ]
    return {"house": house, "results": pd.DataFrame(results)}


def _status(night: dt.date) -> dict[str, pd.DataFrame]:
    days = [night - dt.timedelta(days=back) for back in range(7)]
    model = {"system_id": "xgboost_v1", "model_id": "m", "model_month": pd.Timestamp(night.replace(day=1))}
    model |= {"validation_end": pd.Timestamp(night.replace(day=1) - dt.timedelta(days=1)), "mae_validation": 4.9}
    return {
        "judged": _judged(night)[["game_date", "table_name", "state"]],
        "recent": pd.DataFrame({"game_date": pd.to_datetime(days)}),
        "forecasts": pd.DataFrame({"until": [night]}),
        "results": pd.DataFrame({"until": [night - dt.timedelta(days=1)]}),
        "models": pd.DataFrame([model | {"market": "player_points", "variant": "at_tip"}]),
    }


def _judged(night: dt.date) -> pd.DataFrame:
    states = {0: "not_due", 1: "missing", 2: "partial", 8: "no_games", 20: "bootstrap"}
    return pd.DataFrame(
        [
            {"game_date": pd.Timestamp(night - dt.timedelta(days=back)), "table_name": f"nba_raw.{name}"}
            | {"state": states.get(back, "complete"), "expected_count": 10, "actual_count": 7, "reason": "7 of 10 rows"}
            for back in range(24, -1, -1)
            for name in ("player_boxscores", "shots")
        ]
    )  # fmt: skip


def _dates(night: dt.date) -> pd.DataFrame:
    days = [night - dt.timedelta(days=back) for back in (2, 1, 0)]
    return pd.DataFrame({"game_date": days, "games": [9, 8, 15], "final": [9, 8, 0]})


def _players(night: dt.date) -> dict[str, pd.DataFrame]:
    """Return one player, who is not on tonight's slate."""
    nobody = {"player_lookup": "elsewhere", "player_id": 9_999, "player_name": "Somebody Else", "team_abbr": "SEA"}
    game = {"player_lookup": "elsewhere", "game_date": pd.Timestamp(night - dt.timedelta(days=3)), "game_id": "1"}
    game |= {"team_abbr": "SEA", "opponent_team_abbr": "WAS", "is_home": True, "played": True, "starter": True}
    game |= {"minutes": 31.0, "points": 17, "fgm": 6, "fga": 12, "fg3m": 2, "fg3a": 5, "ftm": 3, "fta": 4, "reb": 6}
    game |= {"ast": 4, "tov": 1, "usage_rate": 0.2, "ts_pct": 0.6}
    grade = {"player_lookup": "elsewhere", "game_date": game["game_date"], "game_id": "1", "predicted_value": 15.0}
    grade |= {"line": 14.5, "recommendation": "OVER", "outcome_state": "PLAYED", "actual_value": 17, "grade": "WIN"}
    grade |= {"absolute_error": 2.0, "line_absolute_error": 2.5, "price_used": -110, "profit_units": 0.909}
    grade |= {"market": "player_points", "system_id": HOUSE[0], "edition": HOUSE[1]}
    roster = nobody | {"last_listed": pd.Timestamp(night - dt.timedelta(days=3))}
    return {"rosters": pd.DataFrame([roster]), "games": pd.DataFrame([game]), "grades": pd.DataFrame([grade])}
