import datetime as dt

import dagster as dg

from models.training.gates import ModelStatus
from nba_assets.kit.table_context import TableContext
from nba_assets.predictions.ml_model_registry import incumbents
from nba_platform.orchestration.backfill.runs import PartitionRun
from nba_platform.orchestration.backfill.training import skip_trained_months, training_runs
from nba_resources.dates import DateRange
from nba_resources.objects.store import ObjectStore

from ....shared import warehouse_at
from ...registry_rows import DECEMBER, model
from ...rows import TABLES, store

REGISTRY = TABLES["ml_model_registry"].contract
MODELS = dg.AssetKey(["nba_predictions", "ml_model_registry"])
GAMES = PartitionRun((dg.AssetKey(["nba_raw", "schedule"]),), ("2024-11-01", "2024-11-02"))


def spans(legs: list[PartitionRun]) -> list[str]:
    return [leg.span for leg in legs]


def test_months_that_follow_one_another_are_one_run():
    months = [dt.date(2024, month, 1) for month in (5, 6, 10, 12)]

    assert spans(training_runs(months, REGISTRY)) == ["2024-05-01...2024-06-01", "2024-10-01", "2024-12-01"]


def test_a_backfill_leaves_training_out_where_every_month_has_its_models():
    kept, said = skip_trained_months(
        [GAMES, PartitionRun((MODELS,), ("2024-11-01", "2024-12-01"))], {"2024-11-01", "2024-12-01"}
    )

    assert kept == [GAMES]
    assert said == ("Months that have their models kept them: `nba train 2024-11..2024-12` trains again.",)


def test_a_backfill_trains_the_months_that_have_no_models_between_those_that_have():
    months = ("2024-10-01", "2024-11-01", "2024-12-01", "2025-01-01")
    kept, said = skip_trained_months([GAMES, PartitionRun((MODELS,), months)], {"2024-11-01"})

    assert spans(kept) == ["2024-11-01...2024-11-02", "2024-10-01", "2024-12-01...2025-01-01"]
    assert "`nba train 2024-11` trains again" in said[0]


def test_a_backfill_without_any_model_yet_trains_and_says_nothing():
    planned = [GAMES, PartitionRun((MODELS,), ("2024-11-01",))]

    assert skip_trained_months(planned, set()) == (planned, ())


def test_a_model_of_another_library_does_not_stop_the_training_that_mends_it(tmp_path):
    """Loading it says "train the month again", and training loaded it too, to compare with it."""
    warehouse = store(
        warehouse_at(tmp_path / "nba.duckdb"),
        ml_model_registry=[model("old", ModelStatus.PRODUCTION, library_version="catboost 0.1")],
    )
    said: list[str] = []
    objects = ObjectStore(root=str(tmp_path))
    context = TableContext(
        contract=REGISTRY, warehouse=warehouse, objects=objects, code_version="code", log=said.append
    )

    assert incumbents(context.stored(DateRange(DECEMBER, DECEMBER)), DECEMBER, context) == {}
    assert said[0].startswith("2024-12: no comparison with the present models: old: library: expected catboost 1")
