"""The few picks of the house one would bet on: once told they stay, with what became of them."""

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
from models.inference.odds import implied_probability
from models.inference.recommendation import PICKS
from models.training.promotion import DEFAULT_SYSTEM
from nba_assets.exports.forecasts import PLAYER, SIDES, Row, named, placed, price_of, why
from nba_assets.kit.calendar import season_floor
from nba_assets.kit.export import MINUTE, Content, Document, Edition, Frames, export
from nba_assets.kit.json_values import plain
from nba_assets.predictions.prediction_accuracy import prediction_accuracy
from nba_assets.predictions.prediction_columns import GRADED, PREDICTION_COLUMNS
from nba_resources.dates import DateRange

MOST = 15
RULE = (
    f"Every OVER and UNDER of {DEFAULT_SYSTEM} with a price at which it is worth more than nothing by its own "
    f"chances, at most {MOST} a date; the highest expected value first, then the earlier tip-off, then the player's "
    "name. A pick told once is never taken back: it says what has changed since. The record counts picks told before "
    "tip-off, as they were told."
)
DATED = re.compile(r"best-bets/(\d{4}-\d{2}-\d{2})\.json")
AS_TOLD = (
    *("prediction_id", *PLAYER, "game_id", "start_time_utc", "player_status", "recommendation", "line"),
    *("price", "price_book", "break_even", "predicted_points", "over_probability", "push_probability"),
    *("expected_value", "reason"),
)
GRADABLE = ("game_date", "player_lookup", "system_id", *GRADED, "team_abbr", "player_status", *SIDES.values())
OUTCOME = ("actual_points", "grade", "grade_reason", "profit_units")
NO_RECORD = BettingRecord(
    DEFAULT_SYSTEM, "all", dict.fromkeys(GRADES, 0), Rate(0, 0), Rate(0, 0), Rate(0, 0), None, 0, 0, None
)
Picks = list[dict[str, Any]]
Rows = Mapping[str, Row]


def evenings(frames: Frames, edition: Edition) -> Iterator[Document]:
    """A document for each date: what was told before, what is new, and the record up to the date."""
    house = frames["house"].to_dict("records")
    results = {row["prediction_id"]: row for row in frames["results"].to_dict("records")}
    told = told_before(edition)
    for date in edition.dates:
        rows = {row["player_lookup"]: row for row in house if row["game_date"].date() == date}
        earlier, allowed = told.get(date, []), edition.permits[date].allowed
        picks = [_annotated(pick, rows, allowed, edition) for pick in earlier] + _new(rows, earlier, edition)
        told[date] = [{**pick, **_result(pick, date, results)} for pick in picks]
        content = {"rule": RULE, "most": MOST, "picks": told[date], "record": _record(told, date)}
        latest = "best-bets/latest.json" if date <= edition.today else None
        yield Document(f"best-bets/{date}.json", date, content, latest)


@export(make=evenings, folder="best-bets", max_age=MINUTE, dated=True, guarded=True, critical=True)
def best_bets(
    player_prop_predictions: ir.Table,
    player_game_summary: ir.Table,
    schedule: ir.Table,
    players: ir.Table,
    edition: Edition,
) -> dict[str, ir.Table]:
    """At most fifteen picks of the house by expected value at real prices, and the record of those told before.

    A pick is graded by the rules of every forecast, on the line, side and price it was told at.
    """
    said = edition.within(player_prop_predictions)
    said = said.filter(said.system_id == DEFAULT_SYSTEM.value)
    told = _as_forecasts(edition)
    picks = said.filter(said.recommendation.isin(PICKS)).select(*told.columns)
    graded = prediction_accuracy(picks.union(told), player_game_summary, schedule)
    return {
        "house": placed(named(said, players), schedule),
        "results": graded.select("prediction_id", *OUTCOME),
    }


def told_before(edition: Edition) -> dict[dt.date, Picks]:
    """The picks of the season that are published already, by date."""
    found = ((DATED.fullmatch(path), path) for path in edition.before)
    dates = {dt.date.fromisoformat(match[1]): path for match, path in found if match}
    season = DateRange(season_floor(edition.dates.start), edition.dates.end)
    return {date: list(edition.before[path]["picks"]) for date, path in sorted(dates.items()) if date in season}


def _as_forecasts(edition: Edition) -> ir.Table:
    """What was published, as rows that can be graded."""
    rows = [
        {
            **{name: pick.get(name) for name in GRADABLE},
            "game_date": date,
            "system_id": DEFAULT_SYSTEM.value,
            "prediction_id": _told_id(date, pick),
            SIDES[pick["recommendation"]]: pick["price"],
        }
        for date, picks in told_before(edition).items()
        for pick in picks
    ]
    schema = ibis.schema({name: PREDICTION_COLUMNS[name].dtype for name in GRADABLE})
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema.to_pyarrow()), schema=schema)


def _new(rows: Rows, earlier: Picks, edition: Edition) -> Picks:
    """By the rule, as far as there is room; once there are picks, none is added of a game that has begun."""
    known = {pick["player_lookup"] for pick in earlier}
    good = [
        row
        for lookup, row in rows.items()
        if row["recommendation"] in PICKS
        and row["expected_value"] > 0
        and lookup not in known
        and not (earlier and _has_begun(row, edition))
    ]
    best = sorted(good, key=lambda row: (-row["expected_value"], *_when_and_who(row)))
    return [_as_told(row, edition) for row in best[: MOST - len(earlier)]]


def _as_told(row: Row, edition: Edition) -> dict[str, Any]:
    price = price_of(row)
    told = {**row, "price": price, "break_even": float(implied_probability(price)), "reason": why(row)}
    return {
        **{name: plain(told[name]) for name in AS_TOLD},
        "told_at": plain(edition.now),
        "before_tip_off": not _has_begun(row, edition),
        "state": "stands",
        "note": None,
        "now": _now(row),
        **dict.fromkeys(OUTCOME),
    }


def _annotated(pick: Content, rows: Rows, allowed: bool, edition: Edition) -> dict[str, Any]:
    """With what has become of it since it was told; once the game has begun that changes no more."""
    if _has_begun(pick, edition):
        return {**pick}
    if not allowed:
        return {**pick, "state": "unconfirmed", "note": "The date may not be published any more.", "now": None}
    row = rows.get(pick["player_lookup"])
    if row is None:
        return {**pick, "state": "withdrawn", "note": "Nothing is forecast of him any more.", "now": None}
    now, (state, note) = _now(row), ("stands", None)
    if now["recommendation"] not in PICKS:
        state, note = "withdrawn", f"No pick any more: {why(row)}."
    elif now["recommendation"] != pick["recommendation"]:
        state, note = "changed", f"The house says {now['recommendation']} now."
    elif now["line"] != pick["line"]:
        state, note = "line_moved", f"The line is {now['line']:g} now."
    return {**pick, "state": state, "note": note, "now": now}


def _now(row: Row) -> dict[str, Any]:
    told = {**row, "price": price_of(row)}
    return {name: plain(told[name]) for name in ("recommendation", "line", "price", "expected_value")}


def _result(pick: Content, date: dt.date, results: Mapping[str, Any]) -> dict[str, Any]:
    """On its own terms; a pick told a moment ago has those of its forecast."""
    found = results.get(_told_id(date, pick)) or results.get(pick["prediction_id"])
    return {name: plain(found[name]) for name in OUTCOME} if found else {}


def _record(told: Mapping[dt.date, Picks], until: dt.date) -> Content:
    """Of this season's picks up to a date, those told before tip-off: the others are only counted."""
    season = DateRange(season_floor(until), until)
    picks = [{**pick, "game_date": pd.Timestamp(date)} for date, of in told.items() if date in season for pick in of]
    honest = pd.DataFrame([pick for pick in picks if pick["before_tip_off"]]).reindex(columns=[*COLUMNS, "price"])
    honest = honest.assign(system_id=DEFAULT_SYSTEM.value, price_used=honest["price"])
    record = betting_records(GradedPredictions.from_rows(honest))[0] if len(honest) else NO_RECORD
    return {
        "since": min((pick["game_date"].date() for pick in picks if pick["before_tip_off"]), default=None),
        "picks": record.picks,
        "grades": {grade.lower(): n for grade, n in record.grades.items()},
        "hit_rate": record.hit.to_dict(),
        "break_even": record.break_even,
        "staked_units": record.staked,
        "profit_units": record.profit,
        "roi": record.roi,
        "claim": record.claim.value,
        "told_after_tip_off": sum(not pick["before_tip_off"] for pick in picks),
    }


def _told_id(date: dt.date, pick: Content) -> str:
    return f"told {date} {pick['player_lookup']}"


def _has_begun(row: Row, edition: Edition) -> bool:
    """An unknown tip-off is no proof that the game has not begun."""
    start = plain(row["start_time_utc"])
    return start is None or pd.Timestamp(start) <= edition.now


def _when_and_who(row: Row) -> tuple[Any, ...]:
    start = plain(row["start_time_utc"])
    return start is None, start, row["player_name"], row["player_lookup"]
