"""Of what may not be said, is no longer so, or is not there, documents say nothing."""

import datetime as dt
import json
from typing import Any

from nba_resources.dates import DateRange

from .press import TONIGHT, YESTERDAY, Press
from .three_dates import fill, morning


def test_an_evening_that_is_refused_tells_no_forecast_anywhere(press: Press):
    """Not in the file of the evening, nor in results, profiles or a page that was written before it was refused."""
    fill(press)
    press.publish("predictions", "tonight")
    assert _of_tonight(press) != []
    press.publish(refused=[TONIGHT])
    for path in ("predictions/today.json", "tonight/all-players.json", "status.json", "players/player2.json"):
        assert press.read(path)["publish"] == {"allowed": False, "reasons": ["the data are stale"]}
    assert press.read("predictions/today.json")["games"] == []
    assert press.read("tonight/all-players.json")["players"] == []
    assert press.read("tonight/player/player2.json")["tonight"] is None
    assert _of_tonight(press) == []


def test_the_page_of_who_played_yesterday_says_tonight_that_he_does_not(press: Press):
    press.store(upcoming_player_game_context=[morning(2)])
    press.publish("tonight")
    press.store(upcoming_player_game_context=[morning(3)])
    press.publish("tonight")
    assert press.read("tonight/player/player2.json")["tonight"] is None
    assert press.read("tonight/player/player3.json")["tonight"]["player_id"] == 3


def test_a_warehouse_that_holds_a_schedule_and_nothing_else_has_empty_documents(press: Press):
    press.publish(refused=[TONIGHT])
    assert press.read("predictions/today.json")["games"] == []
    assert press.read("players/index.json")["players"] == []
    assert "results/latest.json" not in press.all()


def test_a_date_of_the_past_is_not_tonight(press: Press):
    press.publish("predictions", dates=DateRange(YESTERDAY, YESTERDAY))
    assert [*press.all()] == ["predictions/2024-12-03.json"]


def _of_tonight(press: Press) -> list[str]:
    """The documents that hold a forecast of tonight."""
    return [path for path, content in press.all().items() if _tells(json.loads(content), TONIGHT)]


def _tells(document: Any, date: dt.date) -> bool:
    """Whether a forecast of the date is anywhere in it."""
    if isinstance(document, list):
        return any(_tells(one, date) for one in document)
    if not isinstance(document, dict):
        return False
    told = document.get("predicted_points") is not None
    of_tonight = document.get("game_date", str(date)) == str(date)
    return (told and of_tonight) or any(_tells(one, date) for one in document.values() if of_tonight)
