"""What no reviewer should have to look for: rules of the house that a reading of the sources can check."""

import ast
import functools
import re
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import nba_assets
from nba_assets.kit.table import COMPILED_FOR, declared_tables
from nba_resources.warehouse.contract import CONTRADICTION

from .shared import TEMPLATES

ROOT = Path(nba_assets.__file__).parents[1]
PACKAGES = ("nba_platform", "nba_checks", "nba_assets", "nba_resources", "nba_site", "models")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
KIT = ROOT / "nba_assets" / "kit"
TABLE_MODULES = [path for path in MODULES if path.is_relative_to(ROOT / "nba_assets") and not path.is_relative_to(KIT)]
OUTSIDE_RESOURCES = [path for path in MODULES if "nba_resources" not in path.parts]
COMPAT = [path for path in MODULES if path.is_relative_to(ROOT / "nba_platform" / "dagster_compat")]
OUTSIDE_COMPAT = [path for path in MODULES if path not in COMPAT]
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
COMPAT_TESTS = ROOT / "tests" / "nba_platform" / "dagster_compat"
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if not path.is_relative_to(COMPAT_TESTS))
RUN = [*MODULES, *BENCHMARKS, *sorted((ROOT / "deploy").rglob("*.py"))]
TABLES = declared_tables(nba_assets)

MAY_IMPORT = {
    "nba_platform": {"nba_platform", "nba_checks", "nba_assets", "nba_resources", "nba_site", "models"},
    "nba_checks": {"nba_checks", "nba_assets", "nba_resources", "models"},
    "nba_assets": {"nba_assets", "nba_resources", "models"},
    "nba_resources": {"nba_resources"},
    "nba_site": {"nba_site", "nba_resources"},
    "models": {"models"},
}

CLIENTS = {"httpx", "requests", "socket", "smtplib", "ftplib", "aiohttp", "websockets", "grpc", "urllib3", "psycopg2"}
CONNECT = {
    "nba_platform/alerts/channels.py": "the webhook that the operator names",
    "nba_platform/dagster_compat/records.py": "the PostgreSQL that the operator names",
    "nba_platform/orchestration/ui_processes.py": "whether a port of this machine is taken",
    "nba_resources/objects/bucket.py": "the errors of Google's client",
    "nba_resources/sources/http/client.py": "the headers of responses",
    "nba_resources/sources/http/http_request.py": "every request to a provider",
    "nba_resources/warehouse/bigquery/jobs.py": "the errors of Google's client",
}
FILLS = {
    "nba_assets/kit/as_of.py": "an unknown tip-off: news counts from the next day on",
    "nba_assets/raw/game_odds.py": "the tip-off of the schedule where the source gives none",
    "nba_assets/raw/player_props.py": "the tip-off of the schedule where the source gives none",
    "nba_assets/raw/matching.py": "a key for what has no time",
    "nba_assets/raw/injury_reports.py": "a key for news of no game",
    "nba_assets/analytics/availability.py": "who is not on the report of a reported game is available",
    "nba_assets/reference/players.py": "a list of no aliases is empty",
    "nba_assets/reference/names.py": "a side or an initial that is not given is an empty piece of a key",
    "nba_assets/analytics/slate.py": "an unknown tip-off is the start of the day, before all of its news",
    "nba_assets/analytics/lines_before_tip.py": "one clock where the other is silent",
    "nba_assets/analytics/player_prop_lines.py": "the word null in JSON",
    "nba_assets/kit/expressions/known.py": "the one sum that leaves out what is unknown, and names it",
    "nba_assets/predictions/system_daily_performance.py": "a sum over no rows is a count of zero",
    "nba_checks/quality/feature_health.py": "a sum over no rows is a count of zero",
    "nba_checks/leakage/replay_inputs.py": "what has no time was not heard before tip-off",
}

NOT_ALIKE = {
    r"\.asof_join\(": "as_of joins by date on both engines",
    r"\.(approx_)?median\(": "median_by of the kit is exact on both engines",
    r"\.(approx_)?quantile\(": "BigQuery has only approximate ones",
    r"\.mode\(": "not compiled for BigQuery",
    r"\.[lr]pad\(": "the emulator does not know it with a length from Ibis: add a power of ten and cut",
    r"\.hexdigest\(|\.hash\(": "engines hash differently",
    r"\.corr\(": "engines disagree on one row",
    r"\.epoch_seconds\(|\.time\(\)": "broken on DuckDB",
    r"ibis\.(greatest|least)\(": "BigQuery gives NULL where DuckDB skips it: write .clip or ifelse",
    r"\.delta\([^)]*unit=\"(week|hour)\"": "boundaries on one engine, whole units on the other",
    r"\.topk\(|\.sample\(|ibis\.(random|uuid|now|today)\(": "a table gives the same rows whenever it runs",
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(path: Path) -> str:
    """The module without its texts: what a docstring mentions, nobody calls."""
    source = path.read_text(encoding="utf-8")
    return re.sub(r'"""(.|\n)*?"""', '""', source)


@functools.cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Return all nodes of a module: each is parsed once for all rules."""
    return [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


@functools.cache
def imported(path: Path) -> set[str]:
    imports = (node for node in nodes_of(path) if isinstance(node, ast.Import))
    sources = {node.module for node in nodes_of(path) if isinstance(node, ast.ImportFrom) and node.module}
    return sources | {alias.name for node in imports for alias in node.names}


def broken(rule: Callable[[Path], object], paths: Iterable[Path]) -> dict[str, object]:
    """Return what breaks a rule, by module: nothing if all keep it."""
    return {named(path): found for path in paths if (found := rule(path))}


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def imports_upwards(path: Path) -> set[str]:
    package = path.relative_to(ROOT).parts[0]
    names = {name for name in imported(path) if not name.startswith("nba_platform.dagster_compat")}
    ours = {name.split(".")[0] for name in (names if package == "nba_checks" else imported(path))} & set(PACKAGES)
    return ours - MAY_IMPORT[package]


def test_arrows_run_down_only():
    """A resource that knows a table, or a model that knows the orchestrator, cannot be used without it."""
    assert broken(imports_upwards, MODULES) == {}


def private_imports(path: Path) -> list[str]:
    sources = [node for node in nodes_of(path) if isinstance(node, ast.ImportFrom)]
    members = {f"{node.module}.{one.name}" for node in sources for one in node.names}
    return [name for name in imported(path) | members if re.match(r"dagster\w*\.(.*\.)?_", name)]


def test_private_modules_of_dagster_are_imported_in_one_room():
    """A private name may change with a patch: `dagster_compat` holds them, each with its reason and a test."""
    assert broken(private_imports, [*OUTSIDE_COMPAT, *BENCHMARKS, *TESTS]) == {}


def private_attributes(path: Path) -> set[str]:
    nodes = nodes_of(path)
    if not any(name.split(".")[0].startswith("dagster") for name in imported(path)):
        return set()
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    defined |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and re.match(r"_[^_]", node.attr)]
    defined |= {node.attr for node in attributes if isinstance(node.ctx, ast.Store) and is_self(node.value)}
    return {node.attr for node in attributes} - defined - {"_replace", "_asdict"}


def test_private_attributes_are_used_only_where_they_are_defined():
    """Also of a class that a module of ours inherits from Dagster."""
    assert broken(private_attributes, [*OUTSIDE_COMPAT, *BENCHMARKS]) == {}


def test_dagster_compat_imports_nothing_else_of_ours():
    def others(path: Path) -> set[str]:
        ours = {name for name in imported(path) if name.split(".")[0] in PACKAGES}
        return {name for name in ours if not name.startswith("nba_platform.dagster_compat")}

    assert broken(others, COMPAT) == {}


def test_models_know_no_orchestrator():
    models = [path for path in MODULES if path.is_relative_to(ROOT / "models")]
    assert len(models) > 25
    assert not [path for path in models if any(name.split(".")[0].startswith("dagster") for name in imported(path))]


def test_the_kit_knows_no_table():
    for path in KIT.rglob("*.py"):
        assets = {name for name in imported(path) if name.startswith("nba_assets.")}
        assert all(name.startswith("nba_assets.kit") for name in assets), named(path)


def test_no_module_outgrows_one_idea():
    assert [named(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 320] == []


def goes_around_a_door(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "rows"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "History"


def test_history_is_read_through_its_doors_only():
    """`.rows` of a history is the table with tonight in it, and a `History` built by hand hides nothing."""
    assert broken(lambda path: [*filter(goes_around_a_door, nodes_of(path))], TABLE_MODULES) == {}


def test_unknown_stays_unknown():
    """A third of a predecessor's training rows held made-up numbers: each place that fills has its reason above."""
    fills = r"\.(fill_null|fillna|coalesce)\(|ibis\.(coalesce|ifnull)\(|\.zeroifnull\("
    assert {named(path) for path in OUTSIDE_RESOURCES if re.search(fills, code_of(path))} == {*FILLS}


def test_tables_use_nothing_on_which_the_engines_disagree():
    def found(path: Path) -> dict[str, str]:
        return {pattern: why for pattern, why in NOT_ALIKE.items() if re.search(pattern, code_of(path))}

    assert broken(found, TABLE_MODULES) == {}


def test_there_is_one_clock():
    """`now` may stamp a row or measure a wait, but which day it is only a pin or the source says."""
    assert not [named(path) for path in MODULES if "date.today(" in code_of(path)]
    pinned = {named(path) for path in MODULES if '"NBA_TODAY"' in code_of(path)}
    assert pinned == {"nba_assets/kit/calendar.py"}


def test_annotations_are_real():
    """The orchestrator and `@table` read annotations at run time; postponed ones are texts."""
    assert [named(path) for path in OUTSIDE_RESOURCES if "__future__" in imported(path)] == []


def test_nothing_is_unpickled():
    """Unpickling runs code: a model or a frame from outside would be a program."""
    formats = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}

    def unpickled(path: Path) -> set[str]:
        names = {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)}
        names |= {node.arg for node in nodes_of(path) if isinstance(node, ast.keyword) and node.arg}
        return (formats & imported(path)) | ({"read_pickle", "to_pickle", "allow_pickle", "unsafe_load"} & names)

    assert broken(unpickled, RUN) == {}


def test_no_table_for_spreadsheets_is_written():
    """A spreadsheet runs a cell that begins with `=`: rows leave as Parquet, JSON or text for a terminal."""

    def writes(path: Path) -> set[str]:
        names = {node.attr for node in nodes_of(path) if isinstance(node, ast.Attribute)}
        return {"to_csv", "write_csv", "to_excel", "writer", "DictWriter"} & names

    assert broken(writes, MODULES) == {}


def runs_a_text(path: Path) -> set[str]:
    calls = [node for node in nodes_of(path) if isinstance(node, ast.Call)]
    named = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    of_os = {
        node.func.attr
        for node in calls
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "os"
    }
    shells = {"shell" for node in calls for keyword in node.keywords if keyword.arg == "shell"}
    return (named & {"eval", "exec", "compile", "__import__"}) | (of_os & {"system", "popen"}) | shells


def test_no_text_is_run_as_a_program():
    """Neither by Python nor by a shell: names and rows come from outside."""
    assert broken(runs_a_text, RUN) == {}


def test_a_program_that_runs_a_text_is_found(tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text("import os, subprocess\neval('1')\nos.system('ls')\nsubprocess.run('ls', shell=True)\n")
    assert runs_a_text(program) == {"eval", "system", "shell"}


def test_programs_are_started_in_one_place():
    assert broken(lambda path: {"subprocess", "pty"} & imported(path), MODULES).keys() == {
        "nba_platform/orchestration/ui_processes.py"
    }


def connects(path: Path) -> set[str]:
    return {
        name for name in imported(path) if name.split(".")[0] in CLIENTS or name in ("urllib.request", "http.client")
    }


def test_connections_are_opened_in_a_few_modules():
    """Each has its reason; files of an archive and BigQuery go through the clients of their own libraries."""
    assert broken(connects, MODULES).keys() == {*CONNECT}


def hosts_of(path: Path) -> set[str]:
    texts = [node.value for node in nodes_of(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {host for text in texts for host in re.findall(r"\bhttps?://([A-Za-z0-9.-]+)", text)} - {"127.0.0.1"}


def test_no_module_names_a_host_but_those_of_its_providers():
    assert broken(hosts_of, MODULES) == {
        "nba_resources/sources/http/http_request.py": {"github.com"},  # says who asks
        "nba_resources/sources/providers/injury_report.py": {"ak-static.cms.nba.com"},
        "nba_resources/sources/providers/nba_com.py": {"cdn.nba.com", "www.nba.com"},  # www only as the referring page
        "nba_resources/sources/providers/sportsdataverse.py": {"github.com"},
        "nba_resources/sources/providers/the_odds_api.py": {"api.the-odds-api.com"},
    }


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("2001:db8::1", 443), ("metadata.google.internal", 80)])
def test_tests_reach_no_other_machine(address: tuple[str, int]):
    with pytest.raises(OSError, match="tests connect to this machine only"):
        socket.create_connection(address, timeout=1)


def test_every_library_that_comes_with_us_is_in_the_lock():
    """A library outside the lock is neither the same on every machine nor asked for by `make audit`."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines)
    waiting, seen = [Requirement("nba-props-platform[production,test,lint]")], set()
    found: dict[str, str] = {}
    while waiting:
        asked = waiting.pop()
        name, extras = canonicalize_name(asked.name), frozenset(asked.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
            wanted = [{"extra": extra} for extra in extras or [""]]
            declared = map(Requirement, metadata.requires(name) or [])
            waiting += [one for one in declared if one.marker is None or any(map(one.marker.evaluate, wanted))]
    del found["nba-props-platform"]
    assert len(found) > 100
    assert {name: version for name, version in found.items() if pinned.get(name) != version} == {}


@pytest.mark.parametrize("dialect", ["duckdb", pytest.param("bigquery", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_compiles_for_both_engines(name: str, dialect: str):
    for statement in TABLES[name].statements(TABLES, dialect, TEMPLATES).values():
        assert statement.startswith(("SELECT", "WITH"))


@pytest.mark.parametrize("name", sorted(name for name, table in TABLES.items() if table.compute_frame is None))
def test_every_table_makes_exactly_the_columns_it_declares(name: str):
    table = TABLES[name]
    made = set(table.build(TABLES, COMPILED_FOR).columns) - ({CONTRADICTION} if table.feed else set())
    added = {"source", "ingested_at"} if table.feed else {"code_version", "computed_at"}
    assert made | added == set(table.contract.columns)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_says_what_it_holds(name: str):
    assert TABLES[name].contract.description
