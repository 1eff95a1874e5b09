import datetime as dt
import json
from pathlib import Path

import pytest

from models.systems.base import SystemId
from models.training.gates import ModelStatus
from models.training.registry import NoSuchModel
from nba_assets.predictions.month_models import MonthModels
from nba_platform.cli.render import to_json
from nba_platform.cli.views.model_registry import ModelRegistry
from nba_platform.cli.views.models import card_document, models_page
from nba_platform.errors import NothingToDo
from nba_resources.objects.store import ObjectStore

from ....shared import warehouse_at
from ...printed import printed
from ...registry_rows import DECEMBER, FAILED, NOT_JUDGED, NOVEMBER, PASSED, model, retired
from ...rows import TABLES, store

NOW = dt.datetime(2024, 12, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def stored(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(
        warehouse_at(tmp_path / "nba.duckdb"),
        TABLES["ml_model_registry"],
        ObjectStore(root=str(tmp_path / "objects")),
    )


def holding(stored: ModelRegistry, *models: dict) -> ModelRegistry:
    store(stored.warehouse, ml_model_registry=list(models))
    return stored


def statuses(stored: ModelRegistry) -> dict[str, str]:
    return {card.model_id: card.status for card in stored.cards()}


def test_the_newest_month_is_listed_in_the_order_systems_speak(stored):
    holding(
        stored,
        model("old", ModelStatus.PRODUCTION, month=NOVEMBER),
        model("cat", ModelStatus.PRODUCTION),
        model("xgb", ModelStatus.PRODUCTION, SystemId.XGBOOST),
    )

    assert [card.model_id for card in stored.listed()] == ["xgb", "cat"]
    assert [card.model_id for card in stored.listed(NOVEMBER)] == ["old"]
    assert [card.model_id for card in stored.listed(None, SystemId.CATBOOST)] == ["cat", "old"]


def test_a_month_without_models_says_which_months_have_some(stored):
    holding(stored, model("cat", ModelStatus.PRODUCTION))

    with pytest.raises(NothingToDo, match=r"no model of xgboost_v1 for 2024-11 is stored: models exist for 2024-12"):
        stored.listed(NOVEMBER, SystemId.XGBOOST)


def test_before_the_first_training_everyone_is_told_to_train(stored):
    with pytest.raises(NothingToDo, match="nba train MONTH"):
        stored.listed()
    assert stored.of_month(DECEMBER) == MonthModels({}, {}, {})
    assert stored.months_in_production() == set()


def test_a_rejected_model_is_listed_with_the_gate_it_failed_and_unjudged_gates_are_not_counted(stored):
    gates = json.dumps(PASSED + FAILED + NOT_JUDGED)
    holding(stored, model("cat", ModelStatus.REJECTED, gate_results=gates))

    lines = printed(models_page(stored.listed())).splitlines()
    assert "1 of 2" in lines[1]
    assert lines[2] == "cat failed season_average (error minus: 0.31 against 0.0 on 900 rows)"


def test_who_is_promoted_takes_the_place_of_the_one_in_production_of_the_same_month(stored):
    holding(
        stored,
        model("new", ModelStatus.CANDIDATE),
        model("present", ModelStatus.PRODUCTION),
        model("november", ModelStatus.PRODUCTION, month=NOVEMBER),
        model("other", ModelStatus.PRODUCTION, SystemId.XGBOOST),
    )

    change = stored.promote("new", "for the test", None, NOW)

    assert statuses(stored) == {
        "new": "production",
        "present": "retired",
        "november": "production",
        "other": "production",
    }
    assert "new is in production for 2024-12 in place of present" in change.sentence
    assert "nba backfill 2024-12-01 2024-12-31 --select player_prop_predictions+" in change.sentence


def test_a_promotion_is_recorded_with_who_when_and_why(stored):
    holding(stored, model("new", ModelStatus.CANDIDATE))
    stored.promote("new", "for the test", None, NOW)

    (card,) = stored.cards()
    assert card.promoted_at == NOW
    assert card.promoted_by
    assert card.notes == "for the test"


def test_a_rejected_model_is_promoted_only_with_a_reason_which_is_kept(stored):
    holding(
        stored,
        model("bad", ModelStatus.REJECTED, gate_results=json.dumps(FAILED)),
        model("present", ModelStatus.PRODUCTION),
    )

    with pytest.raises(NoSuchModel, match="bad was rejected by"):
        stored.promote("bad", "please", None, NOW)
    assert statuses(stored) == {"bad": "rejected", "present": "production"}

    stored.promote("bad", "please", "the line feed was down", NOW)
    assert statuses(stored) == {"bad": "production", "present": "retired"}
    assert next(card for card in stored.cards() if card.model_id == "bad").notes == (
        "please; despite its gates: the line feed was down"
    )


def test_an_unknown_model_is_refused_with_the_nearest_and_not_with_all_of_them(stored):
    holding(stored, model("catboost_v8-2024-12-abc", ModelStatus.PRODUCTION), model("zzzz", ModelStatus.RETIRED))

    with pytest.raises(
        NoSuchModel, match=r"no model 'catboost_v8-2024-12-abd': did you mean catboost_v8-2024-12-abc\?$"
    ):
        stored.promote("catboost_v8-2024-12-abd", None, None, NOW)


def test_one_goes_back_to_the_model_in_production_last_and_the_same_again_undoes_it(stored):
    holding(
        stored,
        model("present", ModelStatus.PRODUCTION, promoted_at=dt.datetime(2024, 12, 1, 12, tzinfo=dt.UTC)),
        retired("before", 1),
        model("never", ModelStatus.RETIRED),
        retired("november", 1, month=NOVEMBER),
        retired("other", 1, system_id=SystemId.XGBOOST.value),
    )

    assert stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW).promoted.model_id == "before"
    assert statuses(stored)["present"] == "retired"
    assert stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW).promoted.model_id == "present"


OTHERS = [
    model("rebounds", ModelStatus.PRODUCTION, market="player_rebounds"),
    model("at the line", ModelStatus.PRODUCTION, variant="at_line"),
    retired("rebounds before", 9, market="player_rebounds"),
    retired("at the line before", 9, variant="at_line"),
]


def test_models_of_another_market_or_variant_are_not_those_of_points(stored):
    """They would be a second model in production of the same system and month, and the newest to go back to."""
    holding(stored, *OTHERS, retired("before", 1))

    assert {card.model_id for card in stored.listed(variant="at_tip")} == {"before"}
    assert stored.of_month(DECEMBER) == MonthModels({}, {}, {})
    assert stored.months_in_production() == set()
    assert stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW).promoted.model_id == "before"
    assert statuses(stored)["rebounds"] == statuses(stored)["at the line"] == "production"


def test_one_goes_back_in_another_market_or_variant_and_nothing_else_changes(stored):
    holding(stored, *OTHERS, model("present", ModelStatus.PRODUCTION))

    assert stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW, "player_rebounds").promoted.model_id == (
        "rebounds before"
    )
    back = stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW, variant="at_line")
    assert back.promoted.model_id == "at the line before"
    assert statuses(stored)["present"] == "production"


def test_models_are_listed_by_market_and_variant(stored):
    holding(stored, *OTHERS, model("minutes", ModelStatus.PRODUCTION, market="minutes"))

    assert {card.model_id for card in stored.listed()} == {"at the line", "at the line before"}
    assert {card.model_id for card in stored.listed(market="player_rebounds")} == {"rebounds", "rebounds before"}
    assert [card.model_id for card in stored.listed(market="minutes", variant="at_tip")] == ["minutes"]
    with pytest.raises(NothingToDo, match=r"no model of player_steals of at_line is stored: models exist for 2024-12"):
        stored.listed(market="player_steals", variant="at_line")


def test_the_id_of_a_sum_is_folded_and_no_number_is_cut(stored):
    name = "market_blend_v1-player_points_rebounds_assists-at_line-2024-12-0123456789ab"
    holding(stored, model(name, ModelStatus.PRODUCTION, SystemId.MARKET_BLEND, market="player_rebounds"))

    _, first, second = printed(models_page(stored.listed(market="player_rebounds"))).splitlines()
    assert first.split()[1] + second.split()[0] == name
    assert first.split()[2:] == ["production", "9,000", "4.900", "5.100", "1", "of", "1"]


def test_a_model_of_rates_alone_does_not_make_a_month_one_that_is_trained(stored):
    holding(stored, model("rates", ModelStatus.PRODUCTION, SystemId.RATES))

    assert stored.months_in_production() == set()
    assert stored.of_month(DECEMBER) == MonthModels({}, {}, {})


def test_where_there_is_nothing_to_go_back_to_nothing_changes(stored):
    holding(stored, model("present", ModelStatus.PRODUCTION), retired("november", 1, month=NOVEMBER))

    with pytest.raises(
        NothingToDo, match=r"catboost_v8 has no earlier model of player_points, at_tip, 2024-12: nothing was changed"
    ):
        stored.rollback(SystemId.CATBOOST, DECEMBER, None, NOW)
    assert statuses(stored) == {"present": "production", "november": "retired"}


def test_months_in_production_are_named_as_their_partitions(stored):
    holding(stored, model("cat", ModelStatus.PRODUCTION), model("bad", ModelStatus.REJECTED, month=NOVEMBER))

    assert stored.months_in_production() == {"2024-12-01"}


def test_programs_get_whole_cards_with_their_json_read(stored):
    holding(stored, model("cat", ModelStatus.PRODUCTION, bias_to_line=None))
    (card,) = (json.loads(json.dumps(to_json(card_document(one)), allow_nan=False)) for one in stored.listed())

    assert (card["model_month"], card["bias_to_line"], card["gate_results"]) == ("2024-12-01", None, PASSED)
