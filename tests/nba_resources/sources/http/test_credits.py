"""What is spent of a paid plan, and what is never spent."""

import pytest
from werkzeug import Response

from nba_resources.sources.base import SourceUnavailable
from nba_resources.sources.http.landing import Received
from nba_resources.sources.providers.provider import CreditsSpent, Manners, Quota

from ..hosts import answers, busy

PAID = Manners(
    key_variable="NBA_TEST_KEY",
    key_param="apiKey",
    spent="OUT_OF_USAGE_CREDITS",
    quota=Quota("NBA_TEST_CREDITS", 500, "NBA_TEST_DAILY"),
)


def test_what_was_put_aside_is_corrected_by_what_it_cost(desk):
    answers(desk, Response("[]", headers={"x-requests-last": "0", "x-requests-remaining": "480.0"}))
    client = desk.client()
    client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 480


def test_without_a_word_from_the_provider_our_own_estimate_stands(desk):
    answers(desk, Response("[]"))
    client = desk.client()
    client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_question_without_an_answer_is_counted_as_spent(desk):
    answers(desk, busy(status=503))
    client = desk.client()
    with pytest.raises(SourceUnavailable):
        client.ask(desk.request(cost=3), PAID)
    assert client.credits.left("nba_com", PAID.quota) == 497


def test_a_plan_stops_before_zero(desk):
    asked = answers(desk, Response("[]", headers={"x-requests-last": "1", "x-requests-remaining": "11"}))
    client = desk.client()
    client.ask(desk.request(cost=1), PAID)
    client.ask(desk.request(cost=1), PAID)
    with pytest.raises(CreditsSpent, match="counts 11 credits left, of which 10 are never spent"):
        client.ask(desk.request(cost=2), PAID)
    assert len(asked) == 2


@pytest.mark.parametrize(("variable", "told"), [("NBA_TEST_CREDITS", "of this month"), ("NBA_TEST_DAILY", "of today")])
def test_what_the_operator_allows_is_never_overspent(desk, variable: str, told: str):
    asked = answers(desk, Response("[]"))
    client = desk.client(environment={"NBA_TEST_KEY": "k", variable: "5"})
    client.ask(desk.request(cost=3), PAID)
    with pytest.raises(CreditsSpent, match=f"3 of 5 credits {told} are spent: {variable} allows more"):
        client.ask(desk.request(cost=3), PAID)
    assert len(asked) == 1


@pytest.mark.parametrize("written", ["nan", "inf", "1e9", "-5", "²", "plenty"])
def test_what_the_operator_allows_is_a_plain_number_or_nothing_is_sent(desk, written: str):
    """No sum of credits is more than `nan`: a plan that allows so many would allow all."""
    asked = answers(desk, Response("[]"))
    with pytest.raises(SourceUnavailable, match=f"NBA_TEST_CREDITS is '{written}': it must be a number of credits"):
        desk.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_CREDITS": written}).ask(desk.request(cost=3), PAID)
    assert not asked


def test_tomorrow_and_next_month_begin_anew(desk):
    answers(desk, Response("[]"))
    client = desk.client(environment={"NBA_TEST_KEY": "k", "NBA_TEST_DAILY": "5", "NBA_TEST_CREDITS": "7"})
    client.ask(desk.request(cost=4), PAID)
    desk.clock.pass_minutes(24 * 60)
    client.ask(desk.request(cost=3), PAID)
    desk.clock.pass_minutes(24 * 60)
    with pytest.raises(CreditsSpent, match="of this month"):
        client.ask(desk.request(cost=3), PAID)
    desk.clock.pass_minutes(20 * 24 * 60)
    assert isinstance(client.ask(desk.request(cost=3), PAID), Received)


def test_credits_that_ran_out_are_not_a_wrong_key(desk):
    asked = answers(desk, Response('{"error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    client = desk.client()
    with pytest.raises(CreditsSpent):
        client.ask(desk.request(cost=1), PAID)
    assert len(asked) == 1
    assert client.credits.left("nba_com", PAID.quota) == 500


def test_credits_that_ran_out_are_recognised_however_long_the_answer(desk):
    answers(desk, Response('{"message": "' + "x" * 500 + '", "error_code": "OUT_OF_USAGE_CREDITS"}', 401))
    with pytest.raises(CreditsSpent, match="the credits are spent"):
        desk.client().ask(desk.request(cost=1), PAID)


def test_paid_history_needs_an_allowance_of_its_own(desk):
    asked = answers(desk, Response("[]", headers={"x-requests-last": "10"}))
    with pytest.raises(CreditsSpent, match="`nba ingest --credits`"):
        desk.client().ask(desk.request(cost=10, history=True), PAID)
    client = desk.client(for_history=25)
    client.ask(desk.request(cost=10, history=True), PAID)
    client.ask(desk.request(cost=10, history=True), PAID)
    with pytest.raises(CreditsSpent, match="where 5 credits are left for history"):
        client.ask(desk.request(cost=10, history=True), PAID)
    assert len(asked) == 2
