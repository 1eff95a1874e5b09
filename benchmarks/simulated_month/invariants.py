"""Promises that hold after each day, and at the end, whatever went wrong. Each check returns what does not hold."""

import datetime as dt
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from nba_platform.definitions import TABLES
from nba_platform.errors import step_error
from nba_platform.orchestration.automation.tick_state import IN_PROGRESS
from nba_platform.orchestration.instance import open_instance
from nba_resources.dates import EASTERN
from simulated_month.faults import DAILY, HOOK, KEY, MONTHLY, Providers
from simulated_month.league import FIRST, Truth

FACTS = ("schedule", "player_boxscores", "team_boxscores", "shots")
OF_FACTS = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
STAMPS = ("ingested_at", "computed_at", "code_version")
BENCH = 2  # players whom the fake lists besides the league's, one for each team
SET_ASIDE = {f"no_rows_set_aside of nba_raw.{name}" for name in ("player_props", "game_odds")}
UNKNOWN = "This is not an error we know"
Sizes = Mapping[str, Mapping[str, int]]
PICK = ("recommendation", "line", "price", "told_at", "before_tip_off", "prediction_id")
CHECKED = {
    "no row doubled": "every table: no two rows with one key",
    "no game half written": "box scores and shots: all rows of a game or none",
    "nothing later than tip-off": "forecasts and picks: what they know and when they were stored",
    "no pick dropped or rewritten": "each edition of the picks against all earlier ones",
    "states are true": "pipeline_coverage against the stored schedule and box scores",
    "alerts begin and end once": "each message against those before it",
    "no secret written": "every file of the home, compressed ones as well",
    "budget kept": "what the provider charged, by day and month",
    "errors are sentences": "every failed step and tick: an error that we know",
    "no run left in progress": "runs after the work of the day",
    "lines are true": "every stored line was posted by then",
    "facts as without faults": "facts and what is made of them, row by row, against the same seed without faults",
    "nothing left to do": "the last work of the daemon computes nothing, and each date is complete",
}


@dataclass(frozen=True)
class Finding:
    """A promise that did not hold."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


def of_tables(file: Path, sizes: Sizes, yesterday: dt.date) -> list[Finding]:
    """Check the stored tables; runs in a process of its own, as all that open the file do."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        stored = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        found = [*_doubled(con, stored), *_half_written(con, stored, sizes), *_late(con, stored)]
        return [*found, *_false_states(con, stored, yesterday)]


def _doubled(con: duckdb.DuckDBPyConnection, stored: set[str]) -> Iterator[Finding]:
    for name in sorted(stored & TABLES.keys()):
        contract = TABLES[name].contract
        keys = f"SELECT DISTINCT {', '.join(contract.grain)} FROM {contract.key}"
        sql = f"SELECT (SELECT count(*) FROM {contract.key}) - (SELECT count(*) FROM ({keys}))"
        if n := con.execute(sql).fetchall()[0][0]:
            yield Finding("no row doubled", f"{n} rows of {name} share their key with another")


def sizes_of(truth: Truth) -> Sizes:
    """Return the number of rows of each game in each table that has rows of games."""
    return {
        "player_boxscores": {game: len(rows) + BENCH for game, rows in truth.league.players.items()},
        "team_boxscores": dict.fromkeys(truth.league.teams, 2),
        "shots": {game: len(rows) for game, rows in truth.league.shots.items()},
    }


def _half_written(con: duckdb.DuckDBPyConnection, stored: set[str], expected: Sizes) -> Iterator[Finding]:
    for name, sizes in expected.items():
        if name in stored:
            games = con.execute(f"SELECT game_id, count(*) FROM nba_raw.{name} GROUP BY ALL ORDER BY ALL").fetchall()
            for game, n in games:
                if n != sizes.get(game):
                    what = f"{name} has {n} rows of game {game}, which has {sizes.get(game)}"
                    yield Finding("no game half written", what)


def _late(con: duckdb.DuckDBPyConnection, stored: set[str]) -> Iterator[Finding]:
    if "player_prop_predictions" not in stored:
        return
    late = con.execute(
        "SELECT game_date, count(*) FROM nba_predictions.player_prop_predictions JOIN nba_raw.schedule "
        "USING (game_id, game_date) WHERE game_date >= ? AND (known_until >= start_time_utc OR "
        "price_known_at >= start_time_utc) GROUP BY ALL",
        [FIRST],
    ).fetchall()
    for day, n in late:
        yield Finding("nothing later than tip-off", f"{n} forecasts of {day} know facts from after their tip-off")


def _false_states(con: duckdb.DuckDBPyConnection, stored: set[str], yesterday: dt.date) -> Iterator[Finding]:
    """Compare the state of box scores with games counted here: 95 % of them make a date complete."""
    if not {"pipeline_coverage", "player_boxscores"} <= stored:
        return
    rows = con.execute(
        "SELECT c.game_date, c.state, "
        "(SELECT count(*) FROM nba_raw.schedule AS s WHERE s.game_date = c.game_date "
        " AND s.status NOT IN ('postponed', 'cancelled')), "
        "(SELECT count(DISTINCT game_id) FROM nba_raw.player_boxscores AS b WHERE b.game_date = c.game_date) "
        "FROM nba_reference.pipeline_coverage AS c "
        "WHERE table_name = 'nba_raw.player_boxscores' AND game_date BETWEEN ? AND ? ORDER BY 1",
        [FIRST, yesterday],
    ).fetchall()
    for day, state, games, held in rows:
        allowed = (
            {"no_games"} if not games else {"missing"} if not held else {"complete" if held == games else "partial"}
        )
        if state not in allowed | ({"not_due"} if held < games else set()):
            what = f"{day} of player_boxscores is called {state}, with {held} of {games} games"
            yield Finding("states are true", what)


def of_runs() -> list[Finding]:
    """Check Dagster's records of the day's runs."""
    with open_instance() as instance:
        unended = instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS))
        left = [Finding("no run left in progress", f"run {run.run_id} is {run.status.value}") for run in unended]
        failed = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=50)
        unknown = [one for record in failed for one in _unknown_errors(instance, record.dagster_run.run_id)]
    return list(dict.fromkeys([*left, *unknown]))


def _unknown_errors(instance: dg.DagsterInstance, run_id: str) -> Iterator[Finding]:
    """Yield the errors of a run's steps that `nba history` could not put into a sentence."""
    for entry in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        event = entry.event_log_entry.dagster_event
        error = event.step_failure_data.error if event else None
        if event and error and UNKNOWN in (said := step_error(error)) and "CheckFailed" not in said:
            yield Finding("errors are sentences", f"{event.step_key}: {said[:300]}")


@dataclass
class Published:
    """All picks that were ever published, in the words in which they were."""

    picks: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    documents: int = 0

    def check(self, objects: Path, now: dt.datetime) -> list[Finding]:
        """Compare the stored documents with earlier ones, and what is new in them with the clock."""
        found, seen = [], set()
        for file in sorted((objects / "exports" / "v1" / "best-bets").glob("2*.json")):
            self.documents += 1
            for pick in json.loads(file.read_text(encoding="utf-8"))["picks"]:
                key = (file.stem, pick["market"], pick["player_lookup"])
                seen.add(key)
                told = {name: pick[name] for name in PICK}
                if self.picks.setdefault(key, told) != told:
                    found.append(Finding("no pick dropped or rewritten", f"{key} was {self.picks[key]}, is {told}"))
                start = dt.datetime.fromisoformat(pick["start_time_utc"] or pick["told_at"])
                if pick["before_tip_off"] != (dt.datetime.fromisoformat(pick["told_at"]) < start):
                    found.append(
                        Finding("nothing later than tip-off", f"{key} of {start} was told at {pick['told_at']}")
                    )
        dropped = self.picks.keys() - seen
        return [*found, *(Finding("no pick dropped or rewritten", f"{key} is gone") for key in sorted(dropped))]


def of_messages(messages: Sequence[str]) -> list[Finding]:
    """Check that each alert begins once, may get worse, and ends once before it begins again."""
    found, state = [], dict[str, str]()
    for message in messages:
        head, _, title = message.partition("\n")[0].partition("] ")
        level, about = head.strip("["), title.split(" fails on ")[0]
        before = state.get(about, "RECOVERED")
        worse = (before, level) == ("WARNING", "CRITICAL")
        if (level == "RECOVERED") == (before == "RECOVERED") and not worse:
            found.append(Finding("alerts begin and end once", f"{about}: {level} after {before}"))
        state[about] = level
    return found


def open_alerts(messages: Sequence[str]) -> set[str]:
    """Return the titles of alerts that were not taken back, but for rows of lines that are set aside.

    A response of lines is kept for good, as is what was wrong in it: that is told until its date is a week old.
    """
    state = {}
    for message in messages:
        head, _, title = message.partition("\n")[0].partition("] ")
        state[title.split(" fails on ")[0]] = head
    return {title for title, head in state.items() if head != "[RECOVERED" and title not in SET_ASIDE}


def of_budget(providers: Providers) -> list[Finding]:
    """Compare what the provider charged with what may be spent."""
    found = [
        Finding("budget kept", f"{spent} credits were charged on {day}, of {DAILY}")
        for day, spent in providers.charged.items()
        if spent > DAILY
    ]
    spent_in = {month: providers.charged_in(month) for month in {day[:7] for day in providers.charged}}
    return found + [Finding("budget kept", f"{n} credits in {month}") for month, n in spent_in.items() if n > MONTHLY]


def of_secrets(home: Path) -> list[Finding]:
    """Search the key and the address of alerts in every file."""
    found: list[Finding] = []
    for file in (one for one in home.rglob("*") if one.is_file()):
        content = file.read_bytes()
        content += gzip.decompress(content) if file.suffix == ".gz" else b""
        names = [name for name, secret in (("the key", KEY), ("the address", HOOK)) if secret.encode() in content]
        found += [Finding("no secret written", f"{name} is in {file.relative_to(home)}") for name in names]
    return found


def of_lines(file: Path, posted: Mapping[tuple[str, str, str, float], dt.datetime]) -> list[Finding]:
    """Check that every stored line was posted at the time under which it is stored."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        rows = con.execute(
            "SELECT bookmaker, market, player_name_raw, line, snapshot_utc FROM nba_raw.player_props"
        ).fetchall()
    untrue = [row for row in rows if row[4] < posted.get((row[0], row[1], row[2], row[3]), row[4] + dt.timedelta(1))]
    return [Finding("lines are true", f"{len(untrue)} lines, such as {untrue[0]}")] if untrue else []


def facts(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the facts and of what is made of them, without the time at which they were stored."""
    with closing(duckdb.connect(file, read_only=True)) as con:
        con.execute("SET TimeZone = 'UTC'")
        columns = f"COLUMNS(name -> name NOT IN {STAMPS})"
        return {
            name: con.execute(f"SELECT {columns} FROM {TABLES[name].contract.key} ORDER BY ALL").fetchall()
            for name in (*FACTS, *OF_FACTS)
        }


def differences(calm: Mapping[str, list[Any]], under_faults: Mapping[str, list[Any]]) -> list[Finding]:
    """Compare the facts of a month with those of the same month without faults."""
    found = []
    for name, rows in calm.items():
        lost, added = (Counter(map(repr, one)) for one in (rows, under_faults[name]))
        if lost != added:
            gone, new = list((lost - added).elements()), list((added - lost).elements())
            example = (gone or new)[0][:300]
            found.append(Finding("facts as without faults", f"{name}: {len(gone)} lost, {len(new)} more: {example}"))
    return found


def of_the_end(file: Path, last: dt.date, work: Mapping[str, Any]) -> list[Finding]:
    """Check that nothing is left to do: the last work of the daemon ran nothing, and each date is complete."""
    found = []
    if work["runs"] or work["problems"]:
        found.append(Finding("nothing left to do", f"the last work of the daemon was {work}"))
    with closing(duckdb.connect(file, read_only=True)) as con:
        names = tuple(TABLES[name].contract.key for name in (*FACTS, *OF_FACTS))
        lacking = con.execute(
            f"SELECT table_name, game_date, state FROM nba_reference.pipeline_coverage WHERE table_name IN {names} "
            "AND game_date BETWEEN ? AND ? AND state NOT IN ('complete', 'no_games') ORDER BY ALL",
            [FIRST, last],
        ).fetchall()
    return found + [Finding("nothing left to do", f"{name} of {day} is {state}") for name, day, state in lacking]


def eastern(moment: dt.datetime) -> str:
    """Return a time in New York for people."""
    return f"{moment.astimezone(EASTERN):%m-%d %H:%M}"
