import functools
import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pytest

from . import shared  # noqa: F401 - makes the folder of the run before other processes start

TESTS = Path(__file__).parent
NEEDS = {"endpoint": "emulator", "emulator": "emulator", "archive_dir": "archive", "filled": "slow", "autumn": "slow"}
SLOW = (  # more than four seconds; the longest first, so that the last minute is busy on all cores
    "benchmarks/test_month_seeds.py",
    "nba_site/test_screens.py",
    "backends/test_end_to_end.py",
    "nba_platform/live/test_a_day.py",
    "doors/test_environment.py",
    "doors/test_arguments.py",
    "nba_platform/cli/test_imports.py",
    "backends/test_planted_dirt.py",
    "nba_assets/precompute/test_precompute_on_the_archive.py",
    "nba_platform/test_compiled_once.py",
    "backends/test_evaluation.py",
    "nba_platform/orchestration/backfill/test_interrupted.py",
    "nba_assets/test_truncation.py",
    "nba_platform/orchestration/backfill/test_planted_dirt.py",
    "nba_platform/live/test_live_commands.py",
    "backends/test_bigquery.py",
    "nba_platform/orchestration/backfill/test_resume.py",
    "nba_platform/cli/test_commands.py",
    "backends/test_warehouses.py",
    "nba_checks/test_publish.py",
    "nba_platform/cli/test_ui.py",
    "backends/test_googlesql.py",
    "backends/test_faults.py",
    "nba_assets/predictions/test_no_outcome_reaches_a_forecast.py",
    "backends/test_changes.py",
    "nba_platform/orchestration/backfill/test_stale_partitions.py",
    "nba_resources/sources/archive/test_real_archive.py",
    "nba_assets/analytics/test_no_leak.py",
    "nba_assets/test_truncation_to_the_minute.py",
    "nba_checks/test_permission.py",
    "nba_checks/quality/test_no_regression.py",
    "nba_platform/orchestration/test_schedules.py",
    "nba_platform/orchestration/automation/test_bridging.py",
    "nba_assets/reference/test_names_on_the_archive.py",
    "nba_assets/kit/test_code_version.py",
    "nba_resources/sources/providers/test_number_of_requests.py",
    "nba_platform/dagster_compat/test_postgres_storage.py",
    "nba_platform/dagster_compat/test_records.py",
    "nba_resources/sources/providers/test_the_odds_api.py",
    "backends/test_plain_reads.py",
    "nba_platform/exports/test_best_bets.py",
    "nba_resources/warehouse/test_duckdb.py",
    "nba_platform/orchestration/automation/test_conditions.py",
    "nba_platform/exports/test_board.py",
    "nba_platform/diagnostics/test_history.py",
    "nba_assets/analytics/test_analytics_on_the_archive.py",
    "nba_platform/orchestration/automation/test_conditions_of_forecasts.py",
    "nba_resources/sources/providers/test_nba_com.py",
    "nba_platform/cli/views/test_player_quote.py",
    "nba_platform/live/test_archiving.py",
    "backends/test_rejected.py",
    "nba_assets/test_one_status_changes.py",
    "nba_platform/orchestration/automation/test_conditions_by_content.py",
    "nba_platform/cli/views/test_player_search.py",
    "nba_assets/precompute/test_player_composite_factors.py",
    "nba_assets/reference/test_names.py",
    "nba_checks/completeness/test_coverage.py",
    "nba_assets/analytics/test_player_prop_lines.py",
    "nba_platform/exports/test_documents.py",
    "nba_assets/precompute/test_presence_on_the_archive.py",
    "nba_assets/analytics/test_vacated_usage.py",
    "nba_checks/quality/test_feature_health.py",
    "nba_checks/completeness/test_source_gaps.py",
    "nba_platform/exports/test_publishing.py",
    "nba_platform/alerts/test_tables.py",
    "nba_assets/analytics/test_availability.py",
    "nba_assets/predictions/test_ml_feature_store_v2.py",
    "nba_platform/cli/test_forecast_commands.py",
    "nba_assets/analytics/test_reported_games.py",
    "nba_assets/precompute/test_player_presence.py",
    "nba_platform/orchestration/test_instance.py",
    "backends/test_warehouse_updates.py",
    "nba_platform/test_definitions.py",
    "nba_platform/test_without_docstrings.py",
    "nba_platform/dagster_compat/test_data_versions.py",
    "nba_resources/sources/providers/test_injury_report.py",
    "nba_platform/orchestration/automation/test_conditions_that_hold.py",
    "nba_assets/analytics/test_upcoming_player_game_context.py",
    "nba_platform/orchestration/backfill/test_content.py",
    "models/training/test_train.py",
    "nba_resources/sources/providers/test_real_payloads.py",
    "nba_platform/diagnostics/test_preflight.py",
)
THIS_MACHINE = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "", socket.gethostname())
SLOWEST_FIRST = {TESTS / name: place for place, name in enumerate(SLOW)}


@pytest.fixture(scope="session")
def archive_dir() -> str:
    """The real archive is never part of the repository; what needs it says so and steps aside."""
    folder = os.environ.get("NBA_ARCHIVE_DIR") or str(TESTS.parents[1] / "shared" / "data" / "nba")
    if "://" not in folder and not Path(folder, "games.parquet").exists():
        pytest.skip(
            f"needs the real archive: no games.parquet in {folder}; set NBA_ARCHIVE_DIR to a folder that has it"
        )
    return folder


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what `make check` leaves out."""
    for mark in {NEEDS[name] for name in getattr(item, "fixturenames", ()) if name in NEEDS}:
        item.add_marker(mark)
    if item.path in SLOWEST_FIRST:
        item.add_marker("slow")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the quick modules, in their random order; then run the slow ones, the slowest first."""
    items.sort(key=lambda item: SLOWEST_FIRST.get(item.path, -1))


def pytest_collection_finish() -> None:
    """Leave imports and collected tests out of garbage collections, which took a third of the time of compiling."""
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


def pytest_sessionfinish() -> None:
    """Leave all that is left out of the last collections, which look for objects that could not be deleted."""
    gc.freeze()


def pytest_configure() -> None:
    """Compile equal expressions once in each process: most of the time of the tests is the compiler's.

    Until all tests are collected there is no garbage to speak of, and to look for it took a third of the time.
    """
    gc.disable()
    if missing := [str(path) for path in SLOWEST_FIRST if not path.exists()]:
        raise pytest.UsageError(f"SLOW in tests/conftest.py names modules that do not exist: {', '.join(missing)}")
    ibis.to_sql = _compiled_once(ibis.to_sql)
    duckdb.connect = functools.partial(_on_one_thread, duckdb.connect)
    _stay_on_this_machine()


def _stay_on_this_machine() -> None:
    """Refuse connections to other hosts, and questions for their addresses."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(host: object) -> None:
        if isinstance(host, str | bytes) and os.fsdecode(host) not in THIS_MACHINE:
            raise socket.gaierror(socket.EAI_NONAME, f"tests connect to this machine only, not to {host!r}")

    def refuse_address(address: object) -> None:
        refuse(address[0] if isinstance(address, tuple) else None)

    socket.socket.connect = lambda self, address: refuse_address(address) or connect(self, address)
    socket.socket.connect_ex = lambda self, address: refuse_address(address) or connect_ex(self, address)
    socket.getaddrinfo = lambda host, *others, **more: refuse(host) or resolve(host, *others, **more)


def _on_one_thread(connect: Callable[..., Any], *args: Any, **settings: Any) -> duckdb.DuckDBPyConnection:
    """Start DuckDB with one thread: the workers keep all cores busy, and more threads only wait for each other."""
    return connect(*args, **{**settings, "config": {"threads": 1, **settings.get("config", {})}})


def _compiled_once(compile_: Callable[..., Any]) -> Callable[..., Any]:
    @functools.lru_cache(maxsize=2_000)
    def compiled(rows: ops.Node, options: tuple[tuple[str, object], ...]) -> Any:
        return compile_(rows.to_expr(), **dict(options))

    def to_sql(rows: ir.Expr, **options: Any) -> Any:
        if rows.op().find(ops.InMemoryTable):  # would keep its rows in memory
            return compile_(rows, **options)
        return compiled(rows.op(), tuple(options.items()))

    return to_sql
