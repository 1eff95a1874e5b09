import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from nba_assets.kit.calendar import BadSetting
from nba_platform import definitions
from nba_platform.alerts.alert import without_secrets
from nba_platform.config.environments import automation_is_on, objects, resources, source, warehouse, webhook
from nba_platform.config.settings import VARIABLES, problems, read_settings, unknown_variables
from nba_platform.dagster_compat.records import RANGE_END, RANGE_START
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.provider_priority import PROVIDERS
from nba_resources.sources.simulated import SimulatedSource
from nba_resources.warehouse.bigquery.warehouse import BigQueryWarehouse
from nba_resources.warehouse.duckdb import attached
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

ROOT = Path(__file__).parents[3]
PACKAGES = ("nba_platform", "nba_checks", "nba_assets", "nba_resources", "models")
WHOLE = {
    "NBA_ENV": "production",
    "NBA_SOURCE": "simulated",
    "NBA_OBJECTS": "gs://our-bucket/nba",
    "NBA_BIGQUERY_PROJECT": "our-project",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)


def put(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_a_laptop_needs_no_setting(monkeypatch: pytest.MonkeyPatch):
    assert problems() == []
    assert isinstance(source(), SimulatedSource)
    assert warehouse().path == str(ROOT / ".nba" / "nba.duckdb")
    assert objects().root == str(ROOT / ".nba" / "objects")


def test_a_laptop_needs_no_library_of_google():
    program = (
        "import sys; from nba_platform.config.environments import resources;"
        "from nba_platform.config.settings import read_settings; resources(read_settings());"
        "sys.exit(any(name.startswith(('google.cloud', 'dagster_gcp')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_production_is_bigquery_and_a_bucket_by_its_variables_alone(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **WHOLE, NBA_BIGQUERY_LOCATION="EU", NBA_BIGQUERY_MAX_GB="2.5")
    made = warehouse()
    assert isinstance(made, BigQueryWarehouse)
    assert (made.project, made.location, made.endpoint) == ("our-project", "EU", "")
    assert made.max_bytes_billed == 2_500_000_000
    assert warehouse(patience_seconds=7).patience_seconds == 7


@pytest.mark.parametrize(("given", "engine"), [({}, "duckdb"), (WHOLE, "bigquery")], ids=["laptop", "production"])
def test_tables_are_shown_with_the_engine_that_keeps_them(
    given: dict[str, str], engine: str, monkeypatch: pytest.MonkeyPatch
):
    put(monkeypatch, **given)
    monkeypatch.setattr(definitions, "compiled_sql", lambda tables, folder: dict.fromkeys(tables, "SELECT 1"))
    made = definitions._assets.__wrapped__()
    assert {kind for asset in made for spec in asset.specs for kind in spec.kinds} == {
        engine,
        "html",
        "json",
        "matplotlib",
    }
    assert type(warehouse()).__name__.lower().startswith(engine)


def test_production_keeps_its_files_in_the_bucket(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **WHOLE)
    assert objects().root == "gs://our-bucket/nba"


@pytest.mark.parametrize("missing", ["NBA_SOURCE", "NBA_OBJECTS", "NBA_BIGQUERY_PROJECT"])
def test_production_does_not_begin_without(missing: str, monkeypatch: pytest.MonkeyPatch):
    """A simulated league that nobody asked for would be published as if it had been played."""
    put(monkeypatch, **{name: value for name, value in WHOLE.items() if name != missing})
    for opened in (warehouse, objects, source, automation_is_on):
        with pytest.raises(BadSetting, match=f"^{missing} is not set, and NBA_ENV=production needs it"):
            opened()


def test_all_that_is_missing_or_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_ENV="production", NBA_OBJECTS="s3://x", NBA_AUTOMATION="yes", NBA_TODAY="tomorrow")
    with pytest.raises(BadSetting) as refused:
        warehouse()
    told = str(refused.value)
    assert told.startswith("5 settings are missing or wrong: NBA_SOURCE is not set, and NBA_ENV=production needs it")
    for words in (
        "NBA_AUTOMATION is 'yes': it must be on or off",
        "NBA_TODAY is 'tomorrow': it must be a date like 2025-01-31",
        "NBA_OBJECTS is 's3://x': it must be an address like gs://bucket/prefix",
        "NBA_BIGQUERY_PROJECT is not set",
    ):
        assert words in told


WRONG = {
    "NBA_ENV": ["prod", "Production"],
    "NBA_SOURCE": ["the paper"],
    "NBA_AUTOMATION": ["yes", "ON"],
    "NBA_TODAY": ["tomorrow", "2025-02-30"],
    "NBA_OBJECTS": ["bucket", "gs://", "gs://A/b", "gs://bucket/../x", "gs://bucket//x", "/tmp", "gs://bucket/a b"],
    "NBA_BIGQUERY_PROJECT": ["Our Project", "a`; DROP", "-x"],
    "NBA_BIGQUERY_LOCATION": ["europe west", "US;"],
    "NBA_BIGQUERY_MAX_GB": ["0", "-1", "ten", "inf", "nan", "1e3"],
    "NBA_BIGQUERY_ENDPOINT": ["localhost:9050", "http://"],
    "STORAGE_EMULATOR_HOST": ["127.0.0.1:9023", "http://[::1"],
    "NBA_ALERT_WEBHOOK": ["slack", "file:///etc/passwd"],
    "NBA_DAGSTER_POSTGRES": ["sqlite:///x", "postgresql:///db", "user:hunter22@host"],
    "NBA_PROVIDERS": ["espn", "sportsdataverse, espn"],
    "NBA_LINES": ["cheap"],
    "NBA_MARKETS": ["dunks", "pts reb", "pts,", "PTS"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_setting_that_means_nothing_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **{name: value})
    (told,) = problems()
    assert told.startswith(f"{name} ")
    secret = {variable.name: variable.secret for variable in VARIABLES}[name]
    assert (value in told) != secret


def test_what_is_wrong_is_told_with_what_it_must_be(monkeypatch: pytest.MonkeyPatch):
    """Of credits and of the addresses of providers it said `it must be` and nothing more."""
    put(monkeypatch, NBA_HISTORY_CREDITS="many", NBA_NBA_COM_URL="stats.nba.com", NBA_PROVIDERS="espn", NBA_LINES="x")
    assert problems() == [
        "NBA_PROVIDERS is 'espn': it must be some of nba_com, sportsdataverse, the_odds_api, injury_report, "
        "separated by commas",
        "NBA_LINES is 'x': it must be one of full, free",
        "NBA_NBA_COM_URL is 'stats.nba.com': it must be an http or https address",
        "NBA_HISTORY_CREDITS is 'many': it must be a number of credits",
    ]


@pytest.mark.parametrize(
    ("value", "instead"),
    [("balldontlie, nba_com,sportsdataverse", "write nba_com,sportsdataverse"), ("balldontlie", "unset it to use all")],
)
def test_a_removed_provider_is_told_with_what_to_write_instead(value, instead, monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_PROVIDERS=value)
    (told,) = problems()
    assert f"; balldontlie was removed in 0.3.0: {instead}" in told


def test_headers_for_nba_com_reach_its_requests_and_are_not_shown(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_NBA_COM_HEADERS='{"User-Agent": "mine", "Origin": ""}')
    assert read_settings().live.of_source.headers == {"nba_com": {"User-Agent": "mine", "Origin": ""}}
    put(monkeypatch, NBA_NBA_COM_HEADERS="Cookie: secret")
    (told,) = problems()
    assert "a JSON object" in told
    assert "secret" not in told


RIGHT = {
    "NBA_OBJECTS": ["gs://bucket", "gs://bucket/", "gs://a.b-c_d/x/y.z/"],
    "NBA_BIGQUERY_PROJECT": ["local", "nba-props-1", "example.com:nba-props"],
    "NBA_BIGQUERY_LOCATION": ["US", "europe-west1"],
    "NBA_BIGQUERY_MAX_GB": ["1", "0.5"],
    "NBA_BIGQUERY_ENDPOINT": ["http://127.0.0.1:9050"],
    "STORAGE_EMULATOR_HOST": ["http://127.0.0.1:9023"],
    "NBA_ALERT_WEBHOOK": ["https://hooks.example.com/services/T1"],
    "NBA_DAGSTER_POSTGRES": ["postgresql://nba:hunter22@127.0.0.1:5432/dagster"],
    "NBA_MARKETS": ["pts", "player_assists, pra"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in RIGHT.items() for value in values])
def test_a_setting_that_fits_is_taken(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **{name: value})
    assert problems() == []


def test_markets_are_asked_once_each_by_their_keys(monkeypatch: pytest.MonkeyPatch):
    """The same markets in another order are the same request, so they are put in one order."""
    assert read_settings().live.of_source.markets == ("player_points",)
    put(monkeypatch, NBA_MARKETS="ast, player_points,pts")
    assert read_settings().live.of_source.markets == ("player_points", "player_assists")


def test_settings_are_typed_and_changes_win_over_the_environment(monkeypatch: pytest.MonkeyPatch):
    """A command hands its own settings on, and leaves the environment as it is."""
    put(monkeypatch, NBA_SOURCE="archive", NBA_ARCHIVE_DIR="/archive", NBA_PROVIDERS="nba_com, sportsdataverse")
    settings = read_settings({"NBA_SOURCE": "live", "NBA_HISTORY_CREDITS": "1000000.000000"})

    assert (settings.platform.source, settings.platform.archive_dir) == ("live", "/archive")
    assert settings.live.of_source.for_history == 1_000_000
    assert settings.live.of_source.providers == ("nba_com", "sportsdataverse")
    assert settings.bigquery.max_gb == 10
    assert read_settings().platform.source == os.environ["NBA_SOURCE"] == "archive"
    with pytest.raises(BadSetting, match=r"^NBA_KNOWN_BY is 'noon': it must be `now` or a moment with its zone"):
        read_settings({"NBA_KNOWN_BY": "noon"})


def test_every_provider_may_be_at_another_address(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **{f"NBA_{name.upper()}_URL": f"http://{name.replace('_', '-')}" for name in PROVIDERS})

    assert read_settings().live.of_source.urls == {name: f"http://{name.replace('_', '-')}" for name in PROVIDERS}


def test_the_archive_wants_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    put(monkeypatch, NBA_SOURCE="archive")
    with pytest.raises(BadSetting, match="NBA_ARCHIVE_DIR is not set, and NBA_SOURCE=archive needs it"):
        source()
    put(monkeypatch, NBA_ARCHIVE_DIR=str(tmp_path))
    assert isinstance(source(), ArchiveSource)


def test_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch):
    """Compose files pass variables on that nobody filled in."""
    put(monkeypatch, **dict.fromkeys((variable.name for variable in VARIABLES), ""))
    assert problems() == []
    assert isinstance(warehouse(), DuckDBWarehouse)


def test_nothing_acts_by_itself_in_a_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Whoever tests with production's variables at hand would call everybody in its chat."""
    acting = {"NBA_AUTOMATION": "on", "NBA_ALERT_WEBHOOK": "https://hooks.example.com/x", "NBA_HOME": str(tmp_path)}
    put(monkeypatch, **acting)
    assert (automation_is_on(), webhook()) == (True, "https://hooks.example.com/x")
    put(monkeypatch, NBA_ENV="test")
    assert (automation_is_on(), webhook()) == (False, None)
    assert warehouse().path == str(tmp_path / "nba.duckdb")


def test_a_test_never_takes_the_home_of_the_checkout(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_ENV="test")
    with pytest.raises(BadSetting, match=r"^NBA_HOME is not set, and NBA_ENV=test needs it"):
        warehouse()


@pytest.mark.parametrize("name", [variable.name for variable in VARIABLES if variable.secret])
def test_no_secret_is_shown_anywhere(name: str, monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, **{name: "hunter22hunter22"})
    (variable,) = (variable for variable in VARIABLES if variable.name == name)
    assert variable.shown(variable.value) == "set"
    assert "hunter" not in without_secrets(f"they said hunter22hunter22 of {os.environ[name]}")
    assert "hunter" not in " ".join(problems())


def test_a_log_in_within_an_address_is_not_shown_either(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_OBJECTS="s3://key:hunter22@bucket")
    assert "hunter22" not in " ".join(problems())


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch):
    put(monkeypatch, NBA_SORUCE="archive", NBA_ZEBRA="1")
    assert unknown_variables() == {"NBA_SORUCE": "NBA_SOURCE", "NBA_ZEBRA": ""}


def test_the_docs_have_every_variable_as_it_is_declared():
    page = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
    made = "run: python -m nba_platform.reports.generated_docs variables"
    rows = [line for line in page.splitlines() if re.match(r"\| `[A-Z]+_", line)]
    assert rows == [variable.row for variable in VARIABLES], made


def test_the_readme_has_the_first_of_them_as_they_are_declared():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| `NBA_")]
    assert rows
    assert [row for row in rows if row not in {variable.row for variable in VARIABLES}] == []


def test_every_setting_that_is_read_is_declared():
    """One that nobody declared is in no table, and doctor calls it a stranger."""
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r'"(NBA_[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert "NBA_SOURCE" in named
    assert named - {variable.name for variable in VARIABLES} == set()


READ_ELSEWHERE = {
    "nba_assets/kit/calendar.py": "NBA_TODAY: the one clock",
    "nba_platform/alerts/alert.py": "values that must not be shown, whatever their variables are called",
    "nba_platform/cli/commands/service.py": "handed on to the UI's process",
    "nba_platform/dagster_compat/event_log.py": "DAGSTER_HOME, Dagster's own",
    "nba_platform/orchestration/instance.py": "DAGSTER_HOME, Dagster's own",
    "nba_resources/objects/bucket.py": "Google's client reads the same variable",
    "nba_resources/sources/http/client.py": "keys, read for one request and kept nowhere",
}


def test_only_the_settings_read_the_environment():
    """Commands changed the environment of their process to hand settings on."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8")
    }
    assert readers - {"nba_platform/config/settings.py"} == {*READ_ELSEWHERE}
    assert not [name for name in readers if "os.environ |=" in (ROOT / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize(("last", "threads"), [("2025-01-13", 1), ("2025-01-14", 3)])
def test_a_run_of_one_date_has_one_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, last: str, threads: int):
    """To share out the rows of a date among threads takes a sixth of its processor time."""
    put(monkeypatch, NBA_HOME=str(tmp_path))
    duckdb.connect(tmp_path / "nba.duckdb").close()
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda config: connect(config={**config, "threads": 3}))
    monkeypatch.setattr(attached, "_engine", None)
    found = []

    @dg.asset(required_resource_keys={"warehouse"})
    def threads_of_run(context: dg.AssetExecutionContext) -> None:
        found.extend(context.resources.warehouse.results(["SELECT current_setting('threads')"]))

    tags = {RANGE_START: "2025-01-13", RANGE_END: last}
    stored = resources(read_settings())["warehouse"]
    dg.materialize([threads_of_run], resources={"warehouse": stored}, tags=tags)
    assert found == [[(threads,)]]
