"""How often results were over, by the chance that was told: a system's, and the market's on the same rows."""

from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.types as ir

from models.forecast_keys import ForecastKey
from nba_assets.exports.forecasts import LINE, Row
from nba_assets.kit.expressions.joins import with_columns_of

BINS = 20  # of equal width: twentieths, as in `models.evaluation.scores`
SYSTEM, MARKET = "system", "market"


def binned_chances(graded: ir.Table, player_prop_lines: ir.Table) -> ir.Table:
    """Return rows and results by market, system, edition, voice and bin, of graded rows that both voices judged.

    A voice is the system or the market, whose chance is the mean of the books with the margin removed. Pushes and rows
    without both prices are left out, so that the two are measured on the same results.
    """
    rows = with_columns_of(graded, player_prop_lines.select(*LINE, price_said="over_prob_novig"), LINE)
    rows = rows.filter(rows.said.notnull(), rows.price_said.notnull())
    rows = rows.mutate(voice=ibis.array([SYSTEM, MARKET]).unnest())
    rows = rows.mutate(chance=(rows.voice == MARKET).ifelse(rows.price_said, rows.said))
    place: Any = (rows.chance * BINS).floor().cast("int64")
    rows = rows.mutate(bin=place.clip(upper=BINS - 1))
    return rows.group_by([*ForecastKey._fields, "voice", "bin"]).aggregate(
        n=rows.went_over.count(), n_over=rows.went_over.sum().cast("int64"), mean_probability=rows.chance.mean()
    )


def curve_of(rows: Iterable[Row], voice: str) -> list[dict[str, Any]]:
    """Return one voice's bins of a market, system and edition, the lowest chances first."""
    of_voice = sorted((row for row in rows if row["voice"] == voice), key=lambda row: row["bin"])
    return [{name: row[name] for name in ("mean_probability", "n", "n_over")} for row in of_voice]
