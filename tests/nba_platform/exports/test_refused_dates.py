"""Documents hold nothing that may not be published, is outdated, or is missing."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from nba_resources.dates import DateRange

from .exported_site import BOSTON, TONIGHT, YESTERDAY, ExportedSite, game
from .three_dates import fill, morning


def test_a_refused_date_has_no_forecast_anywhere(site: ExportedSite):
    """Not in the file of the date, in results, in profiles, nor in a page written before the refusal."""
    fill(site)
    site.publish("predictions", "tonight")
    assert _of_tonight(site) != []
    site.publish(refused=[TONIGHT])
    for path in ("predictions/today.json", "tonight/all-players.json", "status.json", "players/player2.json"):
        assert site.read(path)["publish"] == {"allowed": False, "reasons": ["the data are stale"]}
    assert site.read("predictions/today.json")["games"] == []
    assert site.read("tonight/all-players.json")["players"] == []
    assert site.read("tonight/player/player2.json")["tonight"] is None
    assert _of_tonight(site) == []


def test_the_page_of_who_played_yesterday_says_tonight_that_he_does_not(site: ExportedSite):
    site.store(upcoming_player_game_context=[morning(2)])
    site.publish("tonight")
    site.store(upcoming_player_game_context=[morning(3)])
    site.publish("tonight")
    assert site.read("tonight/player/player2.json")["tonight"] is None
    assert site.read("tonight/player/player3.json")["tonight"]["player_id"] == 3


def test_a_warehouse_that_holds_a_schedule_and_nothing_else_has_empty_documents(tmp_path: Path):
    site = ExportedSite.in_folder(tmp_path)
    site.store(schedule=[game(TONIGHT, BOSTON)])
    site.publish(refused=[TONIGHT])
    assert site.read("predictions/today.json")["games"] == []
    assert site.read("players/index.json")["players"] == []
    assert "results/latest.json" not in site.all()


def test_a_date_of_the_past_is_not_tonight(site: ExportedSite):
    site.publish("predictions", dates=DateRange(YESTERDAY, YESTERDAY))
    assert [*site.all()] == ["predictions/2024-12-03.json"]


def _of_tonight(site: ExportedSite) -> list[str]:
    """Return the documents with a forecast of tonight."""
    return [path for path, content in site.all().items() if _has_forecast(json.loads(content), TONIGHT)]


def _has_forecast(document: Any, date: dt.date) -> bool:
    """Return whether a document has a forecast of the date anywhere."""
    if isinstance(document, list):
        return any(_has_forecast(one, date) for one in document)
    if not isinstance(document, dict):
        return False
    forecast = document.get("predicted_value") is not None
    of_tonight = document.get("game_date", str(date)) == str(date)
    return (forecast and of_tonight) or any(_has_forecast(one, date) for one in document.values() if of_tonight)
