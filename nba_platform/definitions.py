"""Everything the orchestrator sees, put together from the declarations."""

import gc
from functools import cache, partial

import dagster as dg

import nba_assets
from nba_assets import exports
from nba_assets.kit.assets import asset_of
from nba_assets.kit.export import declared_exports
from nba_assets.kit.table import declared_tables
from nba_checks.all import all_checks
from nba_checks.completeness.coverage_asset import coverage_asset
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.alerts.sensors import alert_sensors
from nba_platform.config.environments import automation_is_on, resources, templates, warehouse
from nba_platform.config.settings import Settings, read_settings
from nba_platform.orchestration.automation.conditions import automated, whenever_newer, whenever_ready
from nba_platform.orchestration.automation.up_to_date import games_to_keep, up_to_date
from nba_platform.orchestration.compiled_sql_cache import compiled_sql
from nba_platform.orchestration.schedules import schedules
from nba_platform.orchestration.sensors import sensors
from nba_platform.orchestration.tip_off_times import last_tip_offs
from nba_platform.reports.coverage_calendar import coverage_calendar
from nba_platform.reports.evaluation import evaluation_report
from nba_platform.reports.export_assets import export_asset
from nba_platform.reports.report_assets import report_asset
from nba_platform.reports.site_asset import site

DECLARED = declared_tables(nba_assets)
TABLES = {**DECLARED, pipeline_coverage.contract.name: pipeline_coverage}
EXPORTS = declared_exports(exports)
REPORTS = (
    report_asset("coverage_calendar", coverage_calendar, after=[pipeline_coverage], tables=TABLES),
    report_asset("evaluation", evaluation_report, after=[TABLES["system_daily_performance"]], tables=TABLES),
)
REPORT_KEYS = tuple(report.key for report in REPORTS)


@cache
def _assets() -> tuple[dg.AssetsDefinition, ...]:
    """Build the assets once a process: Dagster's own commands read the definitions several times.

    They live as long as the process, and so do the imported modules: looking for garbage among them took a tenth of the
    time of a date.
    """
    compiled = compiled_sql(DECLARED, templates())
    engine = "bigquery" if read_settings().platform.env == "production" else "duckdb"
    keep_games = partial(games_to_keep, tables=DECLARED)
    tables = (
        automated(
            asset_of(table, DECLARED, compiled[name], engine, up_to_date, keep_games),
            whenever_ready(table, DECLARED, lambda: last_tip_offs(warehouse(), DECLARED)),
        )
        for name, table in DECLARED.items()
    )
    documents = (export_asset(export, TABLES) for export in EXPORTS.values())
    coverage = automated(coverage_asset(TABLES, engine), whenever_newer(by_date=True, at_once=True))
    assets = (*tables, coverage, *REPORTS, *documents, site)
    gc.freeze()
    return assets


@dg.definitions
def platform() -> dg.Definitions:
    """Return the whole graph on the warehouse and the source that the environment names."""
    return definitions_of(read_settings())


def definitions_of(settings: Settings) -> dg.Definitions:
    """Return the whole graph on the warehouse and the source that the settings name."""
    checks, status = all_checks(TABLES), "RUNNING" if automation_is_on(settings) else "STOPPED"
    return dg.Definitions(
        assets=_assets(),
        asset_checks=checks,
        resources=resources(settings),
        executor=dg.in_process_executor,
        sensors=[*sensors(TABLES, dg.DefaultSensorStatus[status]), *alert_sensors(TABLES, checks)],
        schedules=schedules(TABLES, checks, dg.DefaultScheduleStatus[status]),
    )
