"""The `best-bets` export: picks of the house with the highest expected value, and their record."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from models.evaluation.betting_record import BettingRecord, betting_records
from models.evaluation.graded_predictions import COLUMNS, GRADES, GradedPredictions
from models.evaluation.scores import Rate
from models.inference.explanations import reason_of
from models.inference.odds import implied_probability
from models.markets import MARKETS, POINTS
from models.picks import PICKS, SIDES, price_of
from models.system_ids import DEFAULT_SYSTEM, SystemId
from nba_assets.exports.forecasts import PLAYER, Row, of_houses, with_games
from nba_assets.exports.other_markets import house_place, place_of
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export, within
from nba_assets.kit.json_values import json_value
from nba_assets.kit.records import records
from nba_assets.predictions.prediction_accuracy import with_grades
from nba_assets.predictions.prediction_columns import GRADED, PREDICTION_COLUMNS, PREDICTION_GRAIN
from nba_resources.dates import DateRange

MOST = 15
RULE = (
    "Every OVER and UNDER of the house with a price and a positive expected value, at most "
    f"{MOST} of each market a date; the highest expected value first, then the earlier tip-off, then the player's "
    f"name. The house is {DEFAULT_SYSTEM} on points and {SystemId.MARKET_BLEND} in other markets. A published pick is "
    "never removed: its state shows what has changed since. A record counts the picks of one market published before "
    "tip-off, as they were published; records of markets are not summed."
)
DATED = re.compile(r"best-bets/(\d{4}-\d{2}-\d{2})\.json")
PUBLISHED_FIELDS = (
    *("prediction_id", *PLAYER, "game_id", "market", "label", "system_id", "edition"),
    *("start_time_utc", "player_status", "recommendation", "line"),
    *("price", "price_book", "break_even", "predicted_value", "over_probability", "push_probability"),
    *("expected_value", "reason"),
)
GRADABLE = (*PREDICTION_GRAIN, *GRADED, "team_abbr", "player_status", *SIDES.values())
OUTCOME = ("actual_value", "grade", "grade_reason", "profit_units")
NO_RECORD = BettingRecord(
    DEFAULT_SYSTEM, "all", dict.fromkeys(GRADES, 0), Rate(0, 0), Rate(0, 0), Rate(0, 0), None, 0, 0, None
)
Picks = list[dict[str, Any]]
Player = tuple[str, str]  # his key and the market
Rows = Mapping[Player, Row]


def best_bets_documents(frames: Frames, edition: Edition) -> Iterator[Document]:
    """Make a document per date: earlier picks with their current state, new picks, and the record up to the date."""
    house = records(frames["house"])
    results = {row["prediction_id"]: row for row in records(frames["results"])}
    published = published_picks(edition)
    for date in edition.dates:
        rows = {_player(row): row for row in house if row["game_date"].date() == date}
        earlier, allowed = published.get(date, []), edition.permits[date].allowed
        picks = [_updated(pick, rows, allowed, edition) for pick in earlier]
        picks += [new for market in MARKETS for new in _new(market, rows, earlier, edition)]
        published[date] = [{**pick, **_result(pick, date, results)} for pick in picks]
        content = {"rule": RULE, "most": MOST, "picks": published[date], **_records(published, date)}
        latest = "best-bets/latest.json" if date <= edition.today else None
        yield Document(f"best-bets/{date}.json", date, content, latest)


def published_rows(edition: Edition) -> pa.Table:
    """Return published picks as rows that can be graded."""
    rows = [
        {
            **{name: pick.get(name) for name in GRADABLE},
            "game_date": date,
            "prediction_id": _published_id(date, pick),
            SIDES[pick["recommendation"]]: pick["price"],
        }
        for date, picks in published_picks(edition).items()
        for pick in picks
    ]
    schema = ibis.schema({name: PREDICTION_COLUMNS[name].dtype for name in GRADABLE})
    return pa.Table.from_pylist(rows, schema=schema.to_pyarrow())


@export(
    make_documents=best_bets_documents,
    frames=("house", "results"),
    in_memory={"published": published_rows},
    folder="best-bets",
    max_age=MINUTE,
    dated=True,
    guarded=True,
    critical=True,
)
def best_bets(
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    published: ir.Table,
    dates: DateRange,
) -> dict[str, ir.Table]:
    """At most fifteen picks of the house per date and market, by expected value at real prices, and their record.

    A pick is graded like every forecast, on the line, side and price it was published with.
    """
    forecasts = of_houses(within(player_prop_predictions, dates))
    picks = forecasts.filter(forecasts.recommendation.isin(PICKS)).select(*published.columns)
    graded = with_grades(picks.union(published.cast(picks.schema())), player_game_summary, schedule)
    return {"house": with_games(forecasts, players, schedule), "results": graded.select("prediction_id", *OUTCOME)}


def published_picks(edition: Edition) -> dict[dt.date, Picks]:
    """Return the season's picks published by earlier editions, by date."""
    matches = ((DATED.fullmatch(path), path) for path in edition.stored)
    paths = {dt.date.fromisoformat(match[1]): path for match, path in matches if match}
    season = DateRange(season_floor(edition.dates.start), edition.dates.end)
    stored = {date: edition.stored[path]["picks"] for date, path in sorted(paths.items()) if date in season}
    return {date: [_with_place(pick) for pick in picks] for date, picks in stored.items()}


def _new(market: str, rows: Rows, earlier: Picks, edition: Edition) -> Picks:
    """Fill the free places of a market by the rule; beside earlier picks, add none of a game that has begun."""
    taken = {_player(pick) for pick in earlier if pick["market"] == market}
    good = [
        row
        for player, row in rows.items()
        if row["market"] == market
        and row["recommendation"] in PICKS
        and row["expected_value"] > 0
        and player not in taken
        and not (earlier and _has_begun(row, edition))
    ]
    best = sorted(good, key=lambda row: (-row["expected_value"], *_tip_off_and_name(row)))
    return [_new_pick(row, edition) for row in best[: MOST - len(taken)]]


def _new_pick(row: Row, edition: Edition) -> dict[str, Any]:
    price = price_of(row)
    values = {**row, **place_of(row["market"], row["edition"]), "price": price, "reason": reason_of(row)}
    values["break_even"] = float(implied_probability(price))
    return {
        **{name: json_value(values[name]) for name in PUBLISHED_FIELDS},
        "told_at": json_value(edition.now),
        "before_tip_off": not _has_begun(row, edition),
        "state": "stands",
        "note": None,
        "now": _now(row),
        **dict.fromkeys(OUTCOME),
    }


def _updated(pick: Content, rows: Rows, allowed: bool, edition: Edition) -> dict[str, Any]:
    """Return a published pick with its current state, which is final once the game has begun."""
    if _has_begun(pick, edition):
        return {**pick}
    if not allowed:
        return {**pick, "state": "unconfirmed", "note": "The date may not be published any more.", "now": None}
    row = rows.get(_player(pick))
    if row is None:
        return {**pick, "state": "withdrawn", "note": "There is no forecast for him any more.", "now": None}
    now, (state, note) = _now(row), ("stands", None)
    if now["recommendation"] not in PICKS:
        state, note = "withdrawn", f"No pick any more: {reason_of(row)}."
    elif now["recommendation"] != pick["recommendation"]:
        state, note = "changed", f"The house recommends {now['recommendation']} now."
    elif now["line"] != pick["line"]:
        state, note = "line_moved", f"The line is {now['line']:g} now."
    return {**pick, "state": state, "note": note, "now": now}


def _now(row: Row) -> dict[str, Any]:
    values = {**row, "price": price_of(row)}
    return {name: json_value(values[name]) for name in ("recommendation", "line", "price", "expected_value")}


def _result(pick: Content, date: dt.date, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the grade of a pick as published; a new pick has that of its forecast."""
    result = results.get(_published_id(date, pick)) or results.get(pick["prediction_id"])
    return {name: json_value(result[name]) for name in OUTCOME} if result else {}


def _records(published: Mapping[dt.date, Picks], until: dt.date) -> Content:
    """Return the record of the season up to a date on points, and under `markets` that of each other market."""
    season = DateRange(season_floor(until), until)
    picks = [
        {**pick, "game_date": pd.Timestamp(date)} for date in published if date in season for pick in published[date]
    ]
    of_market = {market: [pick for pick in picks if pick["market"] == market] for market in MARKETS}
    record = {**house_place(POINTS), **_record(of_market.pop(POINTS))}
    of_each = ({**house_place(market), **_record(picks)} for market, picks in of_market.items() if picks)
    return {"record": record, "markets": list(of_each)}


def _record(picks: Picks) -> Content:
    """Sum up the picks of one market; those published after tip-off are only counted."""
    before_tip_off = [pick for pick in picks if pick["before_tip_off"]]
    rows = pd.DataFrame(before_tip_off).reindex(columns=[*COLUMNS, "price"])
    rows = rows.assign(system_id=DEFAULT_SYSTEM.value, price_used=rows["price"])
    record = betting_records(GradedPredictions.from_rows(rows))[0] if len(rows) else NO_RECORD
    return {
        "since": min((pick["game_date"].date() for pick in before_tip_off), default=None),
        "picks": record.picks,
        "grades": {grade.lower(): n for grade, n in record.grades.items()},
        "hit_rate": record.hit.to_dict(),
        "break_even": record.break_even,
        "staked_units": record.staked,
        "profit_units": record.profit,
        "roi": record.roi,
        "claim": record.claim.value,
        "told_after_tip_off": len(picks) - len(before_tip_off),
    }


def _with_place(pick: Content) -> dict[str, Any]:
    """Add the market to a pick published when there was only one."""
    return {**pick} if "label" in pick else {**house_place(POINTS), **pick}


def _published_id(date: dt.date, pick: Content) -> str:
    return f"told {date} {pick['market']} {pick['player_lookup']}"


def _player(row: Row) -> Player:
    return row["player_lookup"], row["market"]


def _has_begun(row: Row, edition: Edition) -> bool:
    """Return whether the game may have begun: a game with an unknown tip-off counts as begun."""
    start = json_value(row["start_time_utc"])
    return start is None or pd.Timestamp(start) <= edition.now


def _tip_off_and_name(row: Row) -> tuple[Any, ...]:
    start = json_value(row["start_time_utc"])
    return start is None, start, row["player_name"], row["player_lookup"]
