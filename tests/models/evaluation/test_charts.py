import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence

import pytest

from models.evaluation.charts import charted_systems, consecutive_months, draw_evaluation
from models.evaluation.compare import compare
from models.evaluation.graded_predictions import GradedPredictions, GroupBy
from models.evaluation.subject import POINTS_AT_TIP, Subject
from models.forecast_keys import Edition

from ..graded_rows import LINE, OTHER, OURS, SEASON, graded, player_game


def picture(rows: GradedPredictions, systems: Sequence[str] | None = None) -> bytes:
    whole, tiers, months = (compare(rows, by=by) for by in (GroupBy.SYSTEM, GroupBy.TIER, GroupBy.MONTH))
    return draw_evaluation(rows.subject, "2024-11-01...2025-01-31", whole, tiers, months, systems)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def ink(png: bytes) -> int:
    """Bytes of the picture that are not background, whichever filter each line was stored with."""
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return sum(byte not in (0, 255) for byte in zlib.decompress(data))


def winter(
    over: float = 0.55,
    months: Sequence[str] = ("2024-12", "2025-01"),
    subject: Subject = POINTS_AT_TIP,
    systems: Sequence[str] = (OURS, OTHER),
) -> GradedPredictions:
    """120 player-games a month, with chances and a market price."""
    games = [
        player_game(
            *(n, 20.0 + n % 7, 21.5),
            date=f"{month}-{n % 28 + 1:02d}",
            **dict(zip(systems, (21, 22), strict=True)) | {SEASON: 20, LINE: 21.5},
            market_over_probability=0.51,
        )
        for month in months
        for n in range(120)
    ]
    chances = [[row | {"over_probability": over, "push_probability": 0.0} for row in rows] for rows in games]
    return graded(*chances, subject=subject)


@pytest.fixture(scope="module")
def drawn() -> bytes:
    return picture(winter())


def test_the_picture_is_1600_by_900(drawn):
    assert size(drawn) == (1600, 900)


def test_the_same_numbers_give_the_same_picture_and_others_another(drawn):
    assert picture(winter()) == drawn
    assert picture(winter(over=0.65)) != drawn


def test_another_market_has_a_picture_of_its_own_systems(drawn):
    """Only colours, names and the title differ: the numbers are the same."""
    rebounds = Subject("player_rebounds", Edition.AT_LINE)
    ours = charted_systems(rebounds)

    assert ours == ("rates_v1", "market_blend_v1")
    assert ours != charted_systems(Subject())
    assert picture(winter(subject=rebounds, systems=ours)) not in (drawn, picture(winter(subject=rebounds)))


def test_a_picture_of_too_few_numbers_is_emptier(drawn):
    few = picture(graded(player_game(1, 20, **{OURS: 21, SEASON: 20})))

    assert size(few) == (1600, 900)
    assert ink(few) < ink(drawn)


def test_systems_without_forecasts_leave_the_references_standing(drawn):
    alone = picture(winter(), ("zone_matchup_v1",))

    assert size(alone) == (1600, 900)
    assert ink(alone) < ink(drawn)


def test_no_line_is_drawn_across_a_month_that_is_missing_or_without_the_system():
    """A line from June to October would show errors of games that were not played."""
    months = ["2024-11", "2024-12", "2025-01", "2025-03", "2025-04"]
    abstained = player_game(1, 20, date="2025-04-02", **{OURS: float("nan"), SEASON: 20})
    predicted = [player_game(1, 20, date=f"{month}-02", **{OURS: 21, SEASON: 20}) for month in months[:-1]]

    comparison = compare(graded(*predicted, abstained), by=GroupBy.MONTH)

    assert consecutive_months(comparison, OURS) == [[0, 1, 2], [3]]
    assert consecutive_months(comparison, SEASON) == [[0, 1, 2], [3, 4]]


def test_importing_charts_does_not_import_matplotlib_and_drawing_leaves_no_global_figure(drawn):
    """It takes a second, which every command would wait for; a global figure would be shared by all runs."""
    code = "import sys, models.evaluation.charts; print('matplotlib' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
