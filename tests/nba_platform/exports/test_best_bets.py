import datetime as dt

import pytest

from nba_resources.dates import DateRange

from .press import BOSTON, DENVER, MORNING, TOMORROW, TONIGHT, YESTERDAY, Press, forecast, game, night, pick

AFTER = dt.datetime(2024, 12, 5, 12, tzinfo=dt.UTC)
FILE = "best-bets/2024-12-04.json"


def told(press: Press, path: str = FILE) -> list[dict]:
    return press.read(path)["picks"]


def final(press: Press, *dates: dt.date) -> None:
    """The games of these dates are over."""
    days = (YESTERDAY, TONIGHT, TOMORROW)
    over = {date: {"status": "final"} if date in dates else {} for date in days}
    press.store(schedule=[game(date, of) | over[date] for date in days for of in (BOSTON, DENVER)])


def test_the_pick_worth_most_comes_first_then_the_earlier_game_then_the_name(press: Press):
    """Player 2 is called Luka Dončić and player 11 Player 11; both play in the earlier game."""
    picks = [pick(2, 0.1), pick(11, 0.1), pick(12, 0.1, of=DENVER), pick(13, 0.2, of=DENVER), pick(14, 0.05)]
    press.store(player_prop_predictions=picks)
    press.publish("best_bets")
    assert [one["player_lookup"] for one in told(press)] == ["player13", "player2", "player11", "player12", "player14"]


def test_what_is_no_pick_of_the_house_or_has_no_price_or_no_worth_is_no_best_bet(press: Press):
    unpriced = pick(3, 0.1) | {"over_price": None, "under_price": None, "expected_value": None}
    other = pick(4, 0.3, system_id="catboost_v8")
    press.store(player_prop_predictions=[forecast(1), pick(2, 0.0), unpriced, other, pick(5, 0.01)])
    press.publish("best_bets")
    assert [one["player_lookup"] for one in told(press)] == ["player5"]


def test_at_most_fifteen_are_told_of_a_date_however_often_it_is_published(press: Press):
    press.store(player_prop_predictions=[pick(n, n / 100) for n in range(1, 15)])
    press.publish("best_bets")
    press.store(player_prop_predictions=[pick(n, n / 100) for n in range(1, 25)])
    press.publish("best_bets")
    assert [one["player_id"] for one in told(press)] == [*range(14, 0, -1), 24]


def test_a_pick_tells_its_price_what_that_must_be_beaten_by_and_why(press: Press):
    """-110 loses money below 110 wins in 210."""
    press.store(player_prop_predictions=[pick(2, 0.1455)])
    press.publish("best_bets")
    (found,) = told(press)
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
def test_a_pick_told_once_stays_as_it_was_told_and_says_what_has_changed(press: Press, state: str):
    now, note = CHANGES[state]
    press.store(player_prop_predictions=[pick(2, 0.1)])
    press.publish("best_bets")
    (before,) = told(press)
    press.store(player_prop_predictions=[now])
    press.publish("best_bets", now=MORNING.replace(hour=20))
    (after,) = told(press)
    annotated = ("state", "note", "now")
    assert (after["state"], after["note"], after["now"]["line"]) == (state, note, now["line"])
    assert {name: after[name] for name in after if name not in annotated} == {
        name: before[name] for name in before if name not in annotated
    }


def test_a_pick_of_who_is_out_is_withdrawn_and_not_dropped(press: Press):
    press.store(player_prop_predictions=[pick(2, 0.1), pick(1, 0.05)])
    press.publish("best_bets")
    press.store(player_prop_predictions=[pick(1, 0.05)])
    press.publish("best_bets")
    assert [(one["player_id"], one["state"]) for one in told(press)] == [(2, "withdrawn"), (1, "stands")]
    assert told(press)[0]["note"] == "There is no forecast for him any more."


def test_a_date_that_may_not_be_published_tells_no_new_pick_and_keeps_the_old_ones_unconfirmed(press: Press):
    press.store(player_prop_predictions=[pick(2, 0.1)])
    press.publish("best_bets", refused=[TONIGHT])
    assert told(press) == []
    press.publish("best_bets")
    press.store(player_prop_predictions=[pick(2, 0.1), pick(1, 0.3)])
    press.publish("best_bets", refused=[TONIGHT])
    document = press.read("best-bets/latest.json")
    assert document["publish"] == {"allowed": False, "reasons": ["the data are stale"]}
    assert [(one["player_id"], one["state"], one["now"]) for one in document["picks"]] == [(2, "unconfirmed", None)]
    press.publish("best_bets")
    assert [(one["player_id"], one["state"]) for one in told(press)] == [(2, "stands"), (1, "stands")]


def test_once_games_have_begun_no_pick_of_them_is_added_or_annotated(press: Press):
    """Between the tip-offs at midnight and at two."""
    press.store(player_prop_predictions=[pick(1, 0.1), pick(11, 0.1, of=DENVER)])
    press.publish("best_bets")
    moved = [pick(1, 0.1, line=30.5), pick(11, 0.1, of=DENVER, line=30.5), pick(2, 0.5), pick(12, 0.5, of=DENVER)]
    press.store(player_prop_predictions=moved)
    press.publish("best_bets", now=dt.datetime(2024, 12, 5, 1, tzinfo=dt.UTC))
    found = [(one["player_id"], one["state"]) for one in told(press)]
    assert found == [(1, "stands"), (11, "line_moved"), (12, "stands")]


def test_a_pick_is_graded_at_the_line_and_price_it_was_told_at(press: Press):
    """Over 20.5 told in the morning won with 22, although the line rose to 24.5 and the stored forecast lost."""
    press.store(player_prop_predictions=[pick(2, 0.1)], player_game_summary=[night(1, 10)])
    press.publish("best_bets")
    press.store(player_prop_predictions=[pick(2, 0.1, line=24.5, over_price=150)])
    press.store(player_game_summary=[night(2, 22, TONIGHT)])
    final(press, TONIGHT)
    press.publish("best_bets", now=AFTER)
    (found,) = told(press)
    assert (found["grade"], found["actual_points"], found["profit_units"]) == ("WIN", 22, 0.91)
    assert press.read(FILE)["record"]["grades"]["win"] == 1


def test_who_did_not_play_after_all_makes_a_pick_void_also_when_nothing_is_forecast_of_him_any_more(press: Press):
    press.store(player_prop_predictions=[pick(2, 0.1)])
    press.publish("best_bets")
    press.store(player_prop_predictions=[], player_game_summary=[night(1, 10, TONIGHT)])
    final(press, TONIGHT)
    press.publish("best_bets", now=AFTER)
    assert (told(press)[0]["grade"], told(press)[0]["profit_units"]) == ("VOID", 0)


def test_the_record_counts_every_pick_told_before_its_game(press: Press):
    """Yesterday +0.9091 at -110 and -1; a void; tonight one to come: 1 of 2, -0.0909 units of two staked."""
    evening = dt.datetime(2024, 12, 3, 14, tzinfo=dt.UTC)
    picks = [pick(1, 0.3, YESTERDAY), pick(2, 0.2, YESTERDAY), pick(3, 0.1, YESTERDAY)]
    press.store(player_prop_predictions=picks)
    press.publish("best_bets", now=evening, today=YESTERDAY)
    press.store(
        player_prop_predictions=[*picks, pick(4, 0.1)],
        player_game_summary=[night(1, 21), night(2, 20), night(3, None)],
    )
    press.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT))
    record = press.read(FILE)["record"]
    six = {"win": 1, "loss": 1, "push": 0, "void": 1, "pending": 1, "ungradeable": 0}
    assert (record["since"], record["picks"], record["grades"]) == ("2024-12-03", 4, six)
    assert (record["hit_rate"]["hits"], record["hit_rate"]["n"], record["break_even"]) == (1, 2, 0.5238)
    assert (record["staked_units"], record["profit_units"], record["roi"]) == (2, -0.09, -0.0455)
    assert record["claim"] == "not shown: fewer than 500 picks"
    assert press.read("best-bets/2024-12-03.json")["record"]["picks"] == 3


def test_a_pick_published_after_the_game_is_no_record(press: Press):
    """Whoever publishes last season's evenings today has foreseen nothing."""
    press.store(player_prop_predictions=[pick(1, 0.3, YESTERDAY)], player_game_summary=[night(1, 30)])
    press.publish("best_bets", dates=DateRange(YESTERDAY, YESTERDAY))
    document = press.read("best-bets/2024-12-03.json")
    (found,) = document["picks"]
    assert (found["before_tip_off"], found["grade"]) == (False, "WIN")
    assert (document["record"]["picks"], document["record"]["since"]) == (0, None)
    assert document["record"]["told_after_tip_off"] == 1


def test_publishing_again_changes_nothing(press: Press):
    press.store(player_prop_predictions=[pick(1, 0.3, YESTERDAY), pick(4, 0.1)], player_game_summary=[night(1, 30)])
    press.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT))
    before = press.all()
    again = press.publish("best_bets", dates=DateRange(YESTERDAY, TONIGHT), now=MORNING.replace(hour=20))
    assert not any(file.changed for file in again)
    assert press.all() == before
