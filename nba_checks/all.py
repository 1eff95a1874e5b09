"""All checks, each with the table whose page shows it."""

import dagster as dg

from nba_assets.kit.table import Tables
from nba_checks.completeness.coverage import coverage_check, is_checked_by_date
from nba_checks.completeness.freshness import freshness_check
from nba_checks.completeness.layers import layers_of_the_date, layers_of_the_last_seven_days
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_checks.completeness.prediction_coverage import prediction_coverage
from nba_checks.framework.by_date import by_date, by_source
from nba_checks.leakage.grade_alarms import ALARMS, GRADES
from nba_checks.leakage.leak_alarm import recent_points_do_not_know_tonight
from nba_checks.leakage.point_in_time import rows_know_nothing_of_their_games
from nba_checks.quality.feature_health import feature_health
from nba_checks.quality.name_resolution import published_names_are_resolved
from nba_checks.quality.no_regression import no_regression
from nba_checks.quality.reconciliation import players_add_up_to_their_team, team_rows_agree_with_the_schedule
from nba_checks.quality.rejected_rows import no_rows_set_aside
from nba_checks.quality.source_differences import source_differences

COVERED = ("analytics", "precompute", "predictions")


def all_checks(tables: Tables) -> list[dg.AssetChecksDefinition]:
    """Create all checks: contradictions and leaks block, missing or late rows warn."""
    covered = [table for table in tables.values() if table.layer in COVERED and is_checked_by_date(table)]
    raw = [table for table in tables.values() if table.feed and table.contract.partition]
    features, evidence = tables["ml_feature_store_v2"], tables["prediction_evidence"]
    summaries = tables["player_game_summary"]
    teams, players = tables["team_boxscores"], tables["player_boxscores"]
    predictions, grades = tables["player_prop_predictions"], tables[GRADES]
    return [
        published_names_are_resolved,
        *(by_date(coverage_check(table), table, tables, name="coverage") for table in covered),
        *(by_date(no_rows_set_aside(table.contract.name), table, tables, name="no_rows_set_aside") for table in raw),
        by_source(source_differences, players),
        by_date(team_rows_agree_with_the_schedule, teams, tables, blocking=True),
        by_date(players_add_up_to_their_team, players, tables, blocking=True, after=(teams,)),
        by_date(rows_know_nothing_of_their_games, evidence, tables, blocking=True, computes_long=True),
        by_date(recent_points_do_not_know_tonight, features, tables, blocking=True, after=(summaries,)),
        by_date(feature_health, features, tables),
        by_date(layers_of_the_date, features, tables),
        by_date(layers_of_the_last_seven_days, features, tables),
        freshness_check(features, tables),
        by_date(prediction_coverage, predictions, tables),
        by_date(no_regression, pipeline_coverage, tables),
        *(
            by_date(alarm.check, grades, tables, name=alarm.name, description=alarm.description, blocking=True)
            for alarm in ALARMS
        ),
    ]
