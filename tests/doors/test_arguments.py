"""Every command with every argument and option, of which one is bad: refused in a line, and nothing is written."""

import contextlib
import datetime as dt
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st
from typer.core import TyperArgument, TyperOption
from typer.main import get_command

from nba_platform.cli import arguments
from nba_platform.cli.main import app
from nba_platform.definitions import TABLES
from nba_resources.sources.provider_priority import is_time

from .cases import BAD_TEXT, assert_one_sentence, knock

NBA = get_command(app)
COMMANDS = {
    **{(name,): command for name, command in NBA.commands.items() if not hasattr(command, "commands")},
    **{("models", name): command for name, command in NBA.commands["models"].commands.items()},
}
OF_ALL = {"as_json", "debug", "help"}
GOOD = {  # the other arguments, while one is bad
    **{"start": ["2024-10-22"], "first": ["2024-25"], "months": ["2024-11"], "player": ["Nobody At All"]},
    **{"system": ["catboost_v8"], "month": ["2024-11"], "model_id": ["nobody-2024-11-00000000"]},
    **{"folder": ["/dev/null/x"], "names": ["catboost_v8", "catboost_v9", "2024-11-05", "2025-04-13"]},
}
NOWHERE = st.sampled_from(["/dev/null/x", "/dev/null/x/y", "/proc/none", "nosuch://x", "x" * 300])
Case = tuple[str, ...]


def a_shell_passes(text: str) -> bool:
    """No zero byte, and no lone surrogate but those that stand for a byte."""
    with contextlib.suppress(UnicodeEncodeError):
        return b"\0" not in os.fsencode(text)
    return False


def unread_by(read: Callable[[str], object]) -> st.SearchStrategy[str]:
    """Texts of which a function makes nothing."""

    def is_unread(text: str) -> bool:
        try:
            return not read(text)
        except Exception:  # noqa: BLE001 - whatever it raises, it has not read the text
            return True

    return TEXT.filter(is_unread)


TEXT = BAD_TEXT.filter(a_shell_passes)
DATE, MONTH = unread_by(dt.date.fromisoformat), unread_by(arguments.month_named)
SYSTEM, MARKET = unread_by(arguments.system_named), unread_by(arguments.model_market_named)
NO_TABLE = TEXT.filter(lambda text: not {*TABLES} & {*text.strip("+, ").split(",")})
BAD = {
    **dict.fromkeys(("start", "end", "day"), DATE),
    **dict.fromkeys(("month", "months"), MONTH),
    **{"system": SYSTEM, "market": MARKET, "edition": unread_by(arguments.edition_named)},
    **{"variant": unread_by(arguments.variant_named), "by": unread_by(arguments.by_named)},
    **{"line": unread_by(lambda text: arguments.lines_named([text])), "known_by": unread_by(is_time)},
    **dict.fromkeys(("select", "table"), NO_TABLE),
    **dict.fromkeys(("first", "last"), TEXT),
    "names": st.lists(TEXT, max_size=5).map(lambda texts: [*texts, "2024-11-05", "2024-11-04"]),
    "limit": unread_by(lambda text: int(text) >= 1),
    "port": unread_by(lambda text: 1 <= int(text) <= 65_535),
    "credits": unread_by(lambda text: 0 <= float(text) < 1e9),
    **dict.fromkeys(("folder", "target", "single", "png"), NOWHERE),
    **dict.fromkeys(("player", "model_id", "notes", "despite_gates"), TEXT),  # what is stored decides
}

CHOSEN, AT_MOST_ONE, AS_JSON = st.sampled_from(sorted(COMMANDS.items())), st.lists(TEXT, max_size=1), st.booleans()


@st.composite
def bad_words(draw: st.DrawFn) -> Case:
    """A command as it is typed, with one bad value, an option that does not exist, or a word too many."""
    name, command = draw(CHOSEN)
    mine = [one for one in command.params if one.name not in OF_ALL]
    needed = {one.name: GOOD[one.name] for one in mine if isinstance(one, TyperArgument) and one.required}
    valued = [one for one in mine if not getattr(one, "is_flag", False)]
    bad = draw(st.sampled_from([None, "option", *valued, *valued]))
    options: list[str] = []
    if isinstance(bad, TyperOption):
        options = [bad.opts[-1], draw(BAD[bad.name])]
    elif isinstance(bad, TyperArgument):
        given = draw(BAD[bad.name])
        needed |= {bad.name: given if isinstance(given, list) else [given]}
        if not bad.required:  # those before it
            before = [one.name for one in valued if isinstance(one, TyperArgument)]
            earlier = before[: before.index(bad.name)]
            needed = {one: GOOD.get(one, ["schedule"]) for one in earlier} | {bad.name: needed[bad.name]}
    elif bad == "option":
        options = [f"--{draw(TEXT)}-unknown", *draw(AT_MOST_ONE)]
    else:
        options = ["one", "two", "three", "four", draw(TEXT)]
    words = [word for one in needed.values() for word in one]
    return (*name, *["--json"] * draw(AS_JSON), *options, "--", *words)


def run(words: Case) -> tuple[int, str, str]:
    """Run a command in this process; its output must be writable as UTF-8."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        NBA.main(list(words), prog_name="nba")
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return int(ended.value.code or 0), *texts


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file; SQLite's logs come and go with those who read."""
    files = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    kept = (file for file in files if not file.name.endswith(("-wal", "-shm")))
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in kept}


def refuses(home: Path) -> Callable[[Case], None]:
    """Return what tries some words: they must be refused in one line, and change nothing."""
    before = state_of(home)

    def try_words(words: Case) -> None:
        code, out, err = run(words)
        assert code in (1, 2), err
        lines = err.splitlines()
        assert len(lines) == 1, err
        assert lines[0].startswith("error: ")
        assert_one_sentence(lines[0])
        if "--json" in words:
            assert json.loads(out) == {"error": lines[0].removeprefix("error: ")}
        else:
            assert out == ""
        assert state_of(home) == before

    return try_words


def test_every_argument_has_bad_values_here():
    """A new argument or option must be given to this door, too."""
    names = {one.name for command in COMMANDS.values() for one in command.params if not getattr(one, "is_flag", False)}
    assert names - OF_ALL == {*BAD}


def test_bad_words_are_refused_in_one_line_and_nothing_is_written(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(home)
    run(("publish",))  # makes the folder of Dagster's records
    knock("words of a command", bad_words(), refuses(home))


def test_over_stored_tables_they_are_refused_as_well(filled_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Here names of players, tables and models are looked for, and files could be written."""
    monkeypatch.chdir(filled_home)
    run(("coverage",))  # compiles the statements that this version of the code lacks
    knock("words of a command over stored tables", bad_words(), refuses(filled_home))
