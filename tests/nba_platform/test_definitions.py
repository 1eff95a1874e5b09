import json
import os
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import dagster as dg
import pytest

from nba_assets.kit.assets import partitions_of
from nba_assets.kit.table import Table
from nba_checks.completeness.pipeline_coverage import pipeline_coverage
from nba_platform.definitions import EXPORTS, TABLES, platform

GRAPH = Path(__file__).with_name("graph.json")
REGENERATE = "REGENERATE_GRAPH=1 pytest tests/nba_platform/test_definitions.py"
BY_NAME = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory, settled) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as monkeypatch:
        settled(tmp_path_factory.mktemp("home"), monkeypatch)
        monkeypatch.delenv("NBA_SOURCE", raising=False)
        monkeypatch.delenv("NBA_TODAY", raising=False)
        return platform()


@pytest.fixture(scope="module")
def nodes(definitions: dg.Definitions) -> Mapping[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def key_of(table: Table) -> str:
    return f"{table.contract.dataset}/{table.contract.name}"


def test_the_definitions_load_and_can_be_run(definitions: dg.Definitions):
    dg.Definitions.validate_loadable(definitions)
    assert definitions.executor is dg.in_process_executor


def test_loading_the_definitions_touches_no_file_and_imports_only_what_declares_assets(tmp_path: Path):
    """The UI loads them at every start, on a machine that may have nothing yet; the learners take half a second.

    What is compiled does not matter, but one statement is, for what the compiler imports.
    """
    heavy = {"catboost", "xgboost", "scipy", "matplotlib", "PIL", "pdfplumber", "google.cloud"}
    program = (
        "import sys, ibis; ibis.to_sql(ibis.table({'a': 'int'}, name='t'), dialect='duckdb'); "
        "ibis.to_sql = lambda rows, **options: 'SELECT 1'; "
        f"import nba_platform.definitions as d; d.platform(); print({heavy} & sys.modules.keys())"
    )
    environment = {**os.environ, "NBA_HOME": str(tmp_path / "home"), "NBA_SOURCE": "simulated"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert list(tmp_path.iterdir()) == []


def test_every_table_is_an_asset_and_every_other_asset_a_report_or_an_export(nodes: Mapping[str, dg.AssetSpec]):
    tables = {key_of(table) for table in TABLES.values()}
    assert tables <= set(nodes)
    assert {nodes[key].group_name for key in set(nodes) - tables} == {"reports", "exports"}


def test_documents_are_the_last_steps_of_a_run(definitions: dg.Definitions):
    """Among the tables, each asked anew whether the date may be published, as one more table had been stored."""
    steps = definitions.resolve_implicit_global_asset_job_def().nodes
    priorities = {step.name: int(step.definition.tags.get("dagster/priority", 0)) for step in steps}
    documents = {f"exports__{name}" for name in EXPORTS}
    assert max(priorities[name] for name in documents) < min(priorities[name] for name in {*priorities} - documents)


@BY_NAME
def test_an_asset_describes_its_table(nodes: Mapping[str, dg.AssetSpec], table: Table):
    spec = nodes[key_of(table)]
    assert spec.metadata["dagster/table_name"] == table.contract.key
    assert [column.name for column in spec.metadata["dagster/column_schema"].columns] == list(table.contract.columns)
    assert spec.description == table.contract.description
    assert spec.group_name == ("reports" if table is pipeline_coverage else table.layer)
    assert spec.kinds == {"duckdb"}
    assert spec.code_version


@BY_NAME
def test_any_range_of_a_table_is_one_run(definitions: dg.Definitions, table: Table):
    node = definitions.resolve_asset_graph().get(dg.AssetKey([table.contract.dataset, table.contract.name]))
    assert node.backfill_policy == dg.BackfillPolicy.single_run()
    assert node.partitions_def == partitions_of(table.contract)


def test_edges_change_on_purpose_only(nodes: Mapping[str, dg.AssetSpec]):
    """A link that nobody sees disappear is how a retraining once stopped for months."""
    graph = {key: sorted(dep.asset_key.to_user_string() for dep in spec.deps) for key, spec in sorted(nodes.items())}
    if os.environ.get("REGENERATE_GRAPH"):
        GRAPH.write_text(json.dumps(graph, indent=1) + "\n", encoding="utf-8")
    assert graph == json.loads(GRAPH.read_text(encoding="utf-8")), f"if this is meant: {REGENERATE}"


def test_the_groups_of_the_graph_lie_in_one_order(nodes: Mapping[str, dg.AssetSpec]):
    """`reference` once stood behind the predictions, for one table in it that tells of all others."""
    before: dict[str | None, set[str | None]] = {}
    for spec in nodes.values():
        above = {nodes[dep.asset_key.to_user_string()].group_name for dep in spec.deps}
        before.setdefault(spec.group_name, set()).update(above - {spec.group_name})
    *order, last, beside = TopologicalSorter(before).static_order()
    assert order == ["raw", "reference", "analytics", "precompute", "predictions"]
    assert {last, beside} == {"exports", "reports"}


def test_whatever_the_ui_lists_says_what_it_is_for_in_words(definitions: dg.Definitions):
    """The second paragraph of an indented docstring is shown as a block of code."""
    graph = definitions.resolve_asset_graph()
    described = {key.to_user_string(): graph.get(key).description for key in graph.get_all_asset_keys()}
    described |= {str(key): graph.get(key).description for key in graph.asset_check_keys}
    described |= {one.name: one.description for one in (*(definitions.sensors or ()), *(definitions.schedules or ()))}
    silent = {name for name, words in described.items() if not words}
    in_code = {name for name, words in described.items() if words and "\n    " in words}
    assert (silent, in_code) == (set(), set())


def test_no_table_depends_on_a_layer_above_it(nodes: Mapping[str, dg.AssetSpec]):
    layers = ["nba_raw", "nba_reference", "nba_analytics", "nba_precompute", "nba_predictions", "reports", "exports"]
    about_all_layers = {key_of(pipeline_coverage), "reports/coverage_calendar"}
    for key, spec in ((key, spec) for key, spec in nodes.items() if key not in about_all_layers):
        for dep in spec.deps:
            assert layers.index(dep.asset_key.path[0]) <= layers.index(key.split("/")[0]), (
                f"{key} reads {dep.asset_key}"
            )
