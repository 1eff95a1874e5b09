import datetime as dt

import pytest

from nba_resources.dates import DateRange

from .exported_site import (
    BOSTON,
    DENVER,
    MORNING,
    TOMORROW,
    TONIGHT,
    YESTERDAY,
    ExportedSite,
    forecast,
    game,
    night,
    pick,
)

AFTER = dt.datetime(2024, 12, 5, 12, tzinfo=dt.UTC)
FILE = "best-bets/2024-12-04.json"


def told(site: ExportedSite, path: str = FILE) -> list[dict]:
    return site.read(path)["picks"]


def final(site: ExportedSite, *dates: dt.date) -> None:
    """The games of these dates are over."""
    days = (YESTERDAY, TONIGHT, TOMORROW)
    over = {date: {"status": "final"} if date in dates else {} for date in days}
    site.store(schedule=[game(date, of) | over[date] for date in days for of in (BOSTON, DENVER)])


def test_the_pick_worth_most_comes_first_then_the_earlier_game_then_the_name(site: ExportedSite):
    """Player 2 is called Luka Dončić and player 11 Player 11; both play in the earlier game."""
    picks = [pick(2, 0.1), pick(11, 0.1), pick(12, 0.1, of=DENVER), pick(13, 0.2, of=DENVER), pick(14, 0.05)]
    site.store(player_prop_predictions=picks)
    site.publish("best_bets")
    assert [one["player_lookup"] for one in told(site)] == ["player13", "player2", "player11", "player12", "player14"]


def test_what_is_no_pick_of_the_house_or_has_no_price_or_no_worth_is_no_best_bet(site: ExportedSite):
    unpriced = pick(3, 0.1) | {"over_price": None, "under_price": None, "expected_value": None}
    other = pick(4, 0.3, system_id="catboost_v8")
    site.store(player_prop_predictions=[forecast(1), pick(2, 0.0), unpriced, other, pick(5, 0.01)])
    site.publish("best_bets")
    assert [one["player_lookup"] for one in told(site)] == ["player5"]


def test_at_most_fifteen_are_told_of_a_date_however_often_it_is_published(site: ExportedSite):
    site.store(player_prop_predictions=[pick(n, n / 100) for n in range(1, 15)])
    site.publish("best_bets")
    site.store(player_prop_predictions=[pick(n, n / 100) for n in range(1, 25)])
    site.publish("best_bets")
    assert [one["player_id"] for one in told(site)] == [*range(14, 0, -1), 24]


def test_a_pick_tells_its_price_what_that_must_be_beaten_by_and_why(site: ExportedSite):
    """-110 loses money below 110 wins in 210."""
    site.store(player_prop_predictions=[pick(2, 0.1455)])
    site.publish("best_bets")
    (found,) = told(site)
    wanted = {
        "player_name": "Luka Dončić",
        "recommendation": "OVER",
        "line": 20.5,
        "price": -110,
        "price_book": "book",
        "break_even": 0.5238,
        "over_probability": 0.6,
        "expected_value": 0.1455,
        "reason": "1 of 1 systems over, 23.0 to 23.0",
        "told_at": "2024-12-04T14:00:00+00:00",
        "before_tip_off": True,
        "state": "stands",
        "grade": "PENDING",
    }
    assert {name: found[name] for name in wanted} == wanted


CHANGES = {
    "line_moved": (pick(2, 0.01, line=24.5), "The line is 24.5 now."),
    "changed": (pick(2, 0.01, recommendation="UNDER", line=24.5), "The house recommends UNDER now."),
    "withdrawn": (forecast(2, edge=0.4), "No pick any more: edge +0.4 is under 1.5."),
}


@pytest.mark.parametrize("state", CHANGES)
def test_a_pick_told_once_stays_as_it_was_told_and_says_what_has_changed(site: ExportedSite, state: str):
    now, note = CHANGES[state]
    site.store(player_prop_predictions=[pick(2, 0.1)])
    site.publish("best_bets")
    (before,) = told(site)
    site.store(player_prop_predictions=[now])
    site.publish("best_bets", now=MORNING.replace(hour=20))
    (after,) = told(site)
    annotated = ("state", "note", "now")
    assert (after["state"], after["note"], after["now"]["line"]) == (state, note, now["line"])
    assert {name: after[name] for name in after if name not in annotated} == {
        name: before[name] for name in before if name not in annotated
    }


def test_a_pick_of_who_is_out_is_withdrawn_and_not_dropped(site: ExportedSite):
    site.store(player_prop_predictions=[pick(2, 0.1), pick(1, 0.05)])
    site.publish("best_bets")
    site.store(player_prop_predictions=[pick(1, 0.05)])
    site.publish("best_bets")
    assert [(one["player_id"], one["state"]) for one in told(site)] == [(2, "withdrawn"), (1, "stands")]
    assert told(site)[0]["note"] == "There is no forecast for him any more."


def test_a_date_that_may_not_be_published_tells_no_new_pick_and_keeps_the_old_ones_unconfirmed(site: ExportedSite):
    site.store(player_prop_predictions=[pick(2, 0.1)])
    site.publish("best_bets", refused=[TONIGHT])
    assert told(site) == []
    site.publish("best_bets")
    site.store(player_prop_predictions=[pick(2, 0.1), pick(1, 0.3)])
    site.publish("best_bets", refused=[TONIGHT])
    document = site.read("best-bets/latest.json")
    assert document["publish"] == {"allowed": False, "reasons": ["the data are stale"]}
    assert [(one["player_id"], one["state"], one["now"]) for one in document["picks"]] == [(2, "unconfirmed", None)]
    site.publish("best_bets")
    assert [(one["player_id"], one["state"]) for one in told(site)] == [(2, "stands"), (1, "stands")]


def test_once_games_have_begun_no_pick_of_them_is_added_or_annotated(site: ExportedSite):
    """Between the tip-offs at midnight and at two."""
    site.store(player_prop_predictions=[pick(1, 0.1), pick(11, 0.1, of=DENVER)])
    site.publish("best_bets")
    moved = [pick(1, 0.1, line=30.5), pick(11, 0.1, of=DENVER, line=30.5), pick(2, 0.5), pick(12, 0.5, of=DENVER)]
    site.store(player_prop_predictions=moved)
    site.publish("best_bets", now=dt.datetime(2024, 12, 5, 1, tzinfo=dt.UTC))
    found = [(one["player_id"], one["state"]) for one in told(site)]
    assert found == [(1, "stands"), (11, "line_moved"), (12, "stands")]


def test_a_pick_is_graded_at_the_line_and_price_it_was_told_at(site: ExportedSite):
    """Over 20.5 told in the morning won with 22, although the line rose to 24.5 and the stored forecast lost."""
    site.store(player_prop_predictions=[pick(2, 0.1)], player_game_summary=[night(1, 10)])
    site.publish("best_bets")
    site.store(player_prop_predictions=[pick(2, 0.1, line=24.5, over_price=150)])
    site.store(player_game_summary=[night(2, 22, TONIGHT)])
    final(site, TONIGHT)
    site.publish("best_bets", now=AFTER)
    (found,) = told(site)
    assert (found["grade"], found["actual_value"], found["profit_units"]) == ("WIN", 22, 0.91)
    assert site.read(FILE)["record"]["grades"]["win"] == 1


def test_who_did_not_play_after_all_makes_a_pick_void_also_when_nothing_is_forecast_of_him_any_more(site: ExportedSite):
    site.store(player_prop_predictions=[pick(2, 0.1)])
    site.publish("best_bets")
    site.store(player_prop_predictions=[], player_game_summary=[night(1, 10, TONIGHT)])
    final(site, TONIGHT)
    site.publish("best_bets", now=AFTER)
    assert (told(site)[0]["grade"], told(site)[0]["profit_units"]) == ("VOID", 0)


def test_the_record_counts_every_pick_told_before_its_game(site: ExportedSite):
    """Yesterday +0.9091 at -110 and -1; a void; tonight one to come: 1 of 2, -0.0909 units of two staked."""
    evening = dt.datetime(2024, 12, 3, 14, tzinfo=dt.UTC)
    picks = [pick(1, 0.3, YESTERDAY), pick(2, 0.2, YESTERDAY), pick(3, 0.1, YESTERDAY)]
    site.store(player_prop_predictions=picks)
    site.publish("best_bets", now=evening, today=YESTERDAY)
    site.store(
        player_prop_predictions=[*picks, pick(4, 0.1)],
        player_game_summary=[night(1, 21), night(2, 20), night(3, None)],
    )
    site.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT))
    record = site.read(FILE)["record"]
    six = {"win": 1, "loss": 1, "push": 0, "void": 1, "pending": 1, "ungradeable": 0}
    assert (record["since"], record["picks"], record["grades"]) == ("2024-12-03", 4, six)
    assert (record["hit_rate"]["hits"], record["hit_rate"]["n"], record["break_even"]) == (1, 2, 0.5238)
    assert (record["staked_units"], record["profit_units"], record["roi"]) == (2, -0.09, -0.0455)
    assert record["claim"] == "not shown: fewer than 500 picks"
    assert site.read("best-bets/2024-12-03.json")["record"]["picks"] == 3


def test_a_pick_published_after_the_game_is_no_record(site: ExportedSite):
    """Whoever publishes last season's evenings today has foreseen nothing."""
    site.store(player_prop_predictions=[pick(1, 0.3, YESTERDAY)], player_game_summary=[night(1, 30)])
    site.publish("best_bets", dates=DateRange(YESTERDAY, YESTERDAY))
    document = site.read("best-bets/2024-12-03.json")
    (found,) = document["picks"]
    assert (found["before_tip_off"], found["grade"]) == (False, "WIN")
    assert (document["record"]["picks"], document["record"]["since"]) == (0, None)
    assert document["record"]["told_after_tip_off"] == 1


def test_publishing_again_changes_nothing(site: ExportedSite):
    site.store(player_prop_predictions=[pick(1, 0.3, YESTERDAY), pick(4, 0.1)], player_game_summary=[night(1, 30)])
    site.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT))
    before = site.all()
    again = site.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT), now=MORNING.replace(hour=20))
    assert not any(file.changed for file in again)
    assert site.all() == before
