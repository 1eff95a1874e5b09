"""Overviews of an evaluation as tables at most 120 columns wide: each row is of its own market, edition and rows."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.table import Table

from models.evaluation.closing_record import ClosingRecord
from models.evaluation.editions import EditionComparison
from models.evaluation.graded_predictions import Overview
from models.evaluation.market_figures import Beside, MarketFigures
from models.evaluation.subject import Subject
from nba_platform.cli.command import Page
from nba_platform.cli.render import number, numbers, table
from nba_platform.cli.views.evaluation import difference_text, share_text
from nba_platform.reports.overviews import EvaluationOverview


def overview_page(overview: EvaluationOverview) -> Page:
    """Show the tables of an overview, then its sentences."""
    pages: Mapping[Overview, Callable[[Any, Any], Page]] = {
        Overview.MARKET: _markets,
        Overview.EDITION: _editions,
        Overview.AGE: _closes,
    }
    yield from pages[overview.by](overview.subject, overview.rows)
    yield ""
    yield from (f"- {verdict}" for verdict in overview.verdicts)


def _markets(subject: Subject, rows: tuple[MarketFigures, ...]) -> Page:
    yield _errors(subject, rows)
    if any(row.price for row in rows):
        yield _chances(subject, rows)
    if any(row.record for row in rows):
        yield _picks(subject, rows)


def _errors(subject: Subject, rows: tuple[MarketFigures, ...]) -> Table:
    columns = numbers("n", "MAE", "plain", "ratio", "v plain", "with line", "MAE", "line", "v line")
    cells = []
    for row in rows:
        ratio = number(row.ratio, ".3f", "-")
        plain, line = _beside(row.plain, 3), _beside(row.line, 3)
        cells.append((row.subject.short, row.system, *plain[:3], ratio, plain[3], *line))
    title = f"Mean absolute error {subject.edition}, each market in its own unit: v the plain average, and v the line"
    return table(["market", "system", *columns], cells, title)


def _chances(subject: Subject, rows: tuple[MarketFigures, ...]) -> Table:
    cells = [
        (row.subject.short, row.system, *_beside(row.price, 4), number(row.calibration_error, ".3f", "-"))
        for row in rows
        if row.price
    ]
    title = f"Chances of over {subject.edition} beside the no-vig price (pushes left out)"
    return table(["market", "system", *numbers("n", "Brier", "price", "v price", "ECE")], cells, title)


def _picks(subject: Subject, rows: tuple[MarketFigures, ...]) -> Table:
    columns = numbers("picks", "n", "hit rate", "needs", "return", "timely closes", "worth", "beat it")
    cells = []
    for row in rows:
        if record := row.record:
            rate = (f"{record.priced.n:,}", str(record.priced), number(record.break_even, ".1%", "-"))
            money, close = number(record.roi, "+.1%", "-"), row.closing
            value = (
                (f"{close.value.n:,}", difference_text(close.value, 3), share_text(close.beat))
                if close
                else ("0", "-", "-")
            )
            cells.append((row.subject.short, row.system, f"{record.picks:,}", *rate, money, *value))
    return table(
        ["market", "system", *columns], cells, f"Picks {subject.edition} at their own prices, and at the close"
    )


def _editions(subject: Subject, rows: tuple[EditionComparison, ...]) -> Page:
    columns = numbers("n", "at_line", "at_tip", "tip v line", "chances", "at_line", "at_tip", "tip v line")
    cells = [
        (
            *(row.system, f"{row.errors.n:,}"),
            *(number(mae, ".3f", "-") for mae in (row.at_line_mae, row.at_tip_mae)),
            *(difference_text(row.errors, 3), f"{row.chances.n:,}"),
            *(number(brier, ".4f", "-") for brier in (row.at_line_brier, row.at_tip_brier)),
            difference_text(row.chances, 4),
        )
        for row in rows
    ]
    title = f"Mean absolute error in {subject.unit}, and Brier score, on the rows that both editions forecast"
    yield table(["system", *columns], cells, title)


def _closes(subject: Subject, rows: tuple[ClosingRecord, ...]) -> Page:
    columns = numbers("picks", "void", "minutes old", "n", "worth a unit", "beat the close", "line moved", "worth")
    cells = [
        (
            *(row.system, row.state, row.side, f"{row.picks:,}", f"{row.voids:,}"),
            *(number(row.age_minutes, ".0f", "-"), f"{row.value.n:,}"),
            *(difference_text(row.value, 3), share_text(row.beat)),
            *(f"{row.carried.n:,}", difference_text(row.carried, 3)),
        )
        for row in rows
    ]
    yield table(
        ["system", "close", "side", *columns], cells, f"Picks of {subject} at the other books' close, by its age"
    )


def _beside(beside: Beside | None, digits: int) -> tuple[str, str, str, str]:
    if beside is None:
        return ("-", "-", "-", "-")
    ours, theirs = (f"{value:.{digits}f}" for value in (beside.ours, beside.theirs))
    return f"{beside.difference.n:,}", ours, theirs, difference_text(beside.difference, digits)
