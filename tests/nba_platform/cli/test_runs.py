import datetime as dt

from models.training.gates import ModelStatus
from nba_platform.cli.render import to_json
from nba_platform.cli.runs import TrainResult, train_result, trained_page
from nba_platform.cli.views.models import StoredModels
from nba_platform.cli.views.outcome import Outcome
from nba_platform.orchestration.backfill.runs import Failure, Run

from ...shared import warehouse_at
from ..printed import printed
from ..registry_rows import DECEMBER, NOVEMBER, model
from ..rows import store

RAN = Outcome(None, (Run("1", "2024-12-01", ("nba_predictions.ml_model_registry",), 3.0, None),))


def of(tmp_path, *rows: dict, ran: Outcome = RAN) -> TrainResult:
    warehouse = store(warehouse_at(tmp_path / "nba.duckdb"), ml_model_registry=list(rows))
    return train_result(StoredModels(warehouse), (NOVEMBER, DECEMBER), ran)


def test_after_training_each_model_is_told_but_not_the_retired_nor_what_learned_nothing(tmp_path):
    found = of(
        tmp_path,
        model("new", ModelStatus.PRODUCTION),
        model("bad", ModelStatus.REJECTED),
        model("old", ModelStatus.RETIRED),
        model("spread", ModelStatus.PRODUCTION, system_id="ensemble_v1", mae_train=None),
        model("spring", ModelStatus.PRODUCTION, month=dt.date(2024, 5, 1)),
    )

    assert {card.model_id for card in found.cards} == {"new", "bad"}


def test_a_month_with_too_little_history_says_so(tmp_path):
    found = of(tmp_path, model("new", ModelStatus.PRODUCTION))
    page = printed(trained_page(found))

    assert found.notes == (
        "2024-11 has no trained model: fewer than 5,000 rows of history before it, so the trained systems abstain.",
    )
    assert found.notes[0] in page
    assert "9,000  4.900     5.100" in page


def test_a_failed_training_is_an_error_of_the_command(tmp_path):
    failed = Outcome(None, (Run("1", "2024-12-01", (), 3.0, Failure("the run", "the disk is full")),))

    assert "the disk is full" in (of(tmp_path, ran=failed).outcome.error or "")
    assert to_json(of(tmp_path, ran=failed))["models"] == []
