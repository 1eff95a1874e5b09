"""The commands about forecasts as they are typed: what each refuses, and that it reads what is stored."""

import json

import pytest

from nba_platform.cli import runs


def test_tonight_within_the_first_two_weeks_has_no_card_and_says_why(filled, filled_home, nba):
    said = nba("predictions", "--json")

    assert said.code == 1
    assert "bootstrap" in said.document()["error"]
    assert filled.said.document()["tonight"] is None


def test_the_demo_ends_with_tonight_and_where_to_look(filled_home, nba):
    out = nba("demo").out

    assert "No card for tonight: no forecasts are stored for 2024-10-24 (bootstrap" in out
    assert out.index("No card for tonight") < out.index("Where to look next:")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["predict", "Nobody", "--line", "0"], "--line 0 is no line: expected a multiple of 0.5"),
        (["predict", "Nobody", "--line", "-5"], "--line -5 is no line"),
        (["predict", "Nobody", "--line", "1e9"], "--line 1e9 is no line"),
        (["predict", "Nobody", "--line", "25.5", "--line", "abc"], "--line abc is no line"),
        (["predict", "Nobody"], "no features are stored for 2024-10-24"),
        (["predictions", "--system", "catboost"], "did you mean catboost_v"),
        (["predictions", "--market", "dunks"], "there is no market 'dunks'; choose one of pts (player_points), reb "),
        (["predict", "Nobody", "--market", "reb", "--line", "7.2"], "--line 7.2 is no line"),
        (["models", "list", "--variant", "late"], "there is no variant 'late'"),
        (["train", "soon"], "'soon' is no month: write a month like 2024-11"),
        (["train", "2024-07"], "2024-07 holds no month that can be trained"),
        (
            ["evaluate", "2024-10-22", "--by", "week"],
            "unknown --by value 'week'; choose system, month, tier, edge, market, edition or age",
        ),
        (["evaluate", "2024-10-22"], "nothing is graded in 2024-10-22"),
        (["models", "list"], "no model was trained yet"),
        (["models", "promote", "nothing"], "there is no model 'nothing'"),
        (["models", "rollback", "catboost_v8", "2024-10"], "nothing was changed"),
        (["models", "compare", "catboost_v8", "catboost_v8", "2024-10-22", "2024-10-23"], "two different systems"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(words, complaint, filled_home, nba):
    said = nba(*words)

    assert said.code == 1
    assert said.err.startswith("error: ")
    assert complaint in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_comparison_of_one_system_is_a_slip_of_the_keyboard(home, nba):
    said = nba("models", "compare", "catboost_v8", "2024-10-22", "2024-10-23")

    assert said.code == 2
    assert "two systems or more" in said.err


def test_training_a_month_without_history_is_recorded_and_says_that_it_learned_nothing(filled_home, nba):
    said = nba("train", "2024-10", "--json")
    told = json.loads(said.out)

    assert said.code == 0
    assert told["months"] == ["2024-10"]
    assert told["models"] == []
    assert [run["partitions"] for run in told["runs"]] == ["2024-10-01"]
    assert told["notes"][0].startswith("2024-10 has no trained model: fewer than 5,000 rows")
    assert "2024-10: " in said.err


def test_a_picture_that_cannot_be_written_names_the_file(filled_home, nba, monkeypatch, tmp_path):
    class Drawn:
        def png(self) -> bytes:
            return b"PNG"

    monkeypatch.setattr("nba_platform.reports.evaluation.evaluate", lambda *_: Drawn())
    said = nba("evaluate", "2024-10-22", "--png", str(tmp_path / "nowhere" / "a.png"))

    assert said.code == 1
    assert f"{tmp_path / 'nowhere' / 'a.png'} cannot be written" in said.err


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (["--market", "dunks"], "there is no market 'dunks'; choose one of pts (player_points), reb (player_rebounds)"),
        (["--edition", "close"], "there is no edition 'close'; choose at_line or at_tip"),
        (["--by", "market", "--png", "a.png"], "--by market has no picture: draw one market and edition"),
    ],
)
def test_an_evaluation_that_cannot_be_made_is_refused_with_the_choices(nba, words, refusal):
    said = nba("evaluate", "2024-10-22", *words)

    assert said.code == 1
    assert refusal in said.err


def test_a_full_backfill_leaves_months_with_models_alone_and_says_so(filled_home, nba, monkeypatch):
    monkeypatch.setattr("nba_platform.cli.views.models.StoredModels.months_in_production", lambda _: {"2024-10-01"})
    monkeypatch.setattr(runs, "run_each", lambda *_: [])

    told = nba("backfill", "2024-10-24", "--json").document()

    assert told["notes"] == ["Months that have their models kept them: `nba train 2024-10` trains again."]


def test_who_selects_the_models_trains_them(filled_home, nba):
    told = nba("backfill", "2024-10-24", "--select", "ml_model_registry", "--force", "--json").document()

    assert [run["tables"] for run in told["runs"]] == [["nba_predictions.ml_model_registry"]]
    assert told["notes"] == []
