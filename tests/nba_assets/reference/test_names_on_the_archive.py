"""The proof on real names, by a comparison that shares no code with the resolver.

The resolver must not look at the box score of the date; the proof does: a published name means the player of that
night, on the teams named, who has the same words in his name, or the same surname and a short form of the given name,
or who was looked up by hand. `NBA_TEST_NAMES=everything` proves it of every published name, not of two autumns only.
"""

import os
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

import nba_assets
from nba_assets.kit.as_of import History
from nba_assets.kit.calendar import FIRST_DAY
from nba_assets.kit.table import declared_tables
from nba_assets.reference.names import resolve, team_hint
from nba_resources.dates import DateRange
from nba_resources.sources.archive.source import ArchiveSource
from nba_resources.sources.base import ALWAYS

from ..compared import SPANS

TABLES = declared_tables(nba_assets)
CAREERS = DateRange(FIRST_DAY, ALWAYS.end)
PUBLISHED = [ALWAYS] if os.environ.get("NBA_TEST_NAMES") == "everything" else [DateRange(*span) for span in SPANS]
SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}
KNOWN_BY_HAND = {  # published name: the name of the box score, each looked up by a person
    "Edrice Femi Adebayo": "Bam Adebayo",
    "Alfred Joel Horford Reynoso": "Al Horford",
    "Christian James McCollum": "CJ McCollum",
    "Obadiah Toppin": "Obi Toppin",
    "Moe Wagner": "Moritz Wagner",
    "Mohamed Bamba": "Mo Bamba",
    "Kenyon Martin Jr.": "KJ Martin",
    "B.J. Boston Jr": "Brandon Boston",
    "James Huff": "Jay Huff",
    "Carlton Carrington": "Bub Carrington",
    "Gregory Jackson II": "GG Jackson",
    "Jalen (2001) Johnson": "Jalen Johnson",  # born on 18 December 2001, of Atlanta
}

REMARK = re.compile(r" \([A-Za-z]{3}\)$")  # "Kyle Lowry (Phi)": the team

NameOfADate = tuple[str, str, Any]  # source, published name, date


@dataclass(frozen=True)
class Archive:
    """Names as resolved, as the box scores have them, those of points lines, and who reached player_prop_lines."""

    resolved: dict[NameOfADate, set[int | None]]
    on_the_floor: dict[NameOfADate, int]
    of_points: set[NameOfADate]
    with_a_line: set[tuple[Any, int]]


@cache
def words(name: str) -> tuple[str, ...]:
    letters = unicodedata.normalize("NFKD", name.replace("-", " "))
    plain = "".join(letter for letter in letters.lower() if letter.isascii() and (letter.isalnum() or letter == " "))
    return tuple(word for word in plain.split() if word not in SUFFIXES)


@cache
def meant_words(published: str) -> tuple[str, ...]:
    published = REMARK.sub("", published)
    return words(KNOWN_BY_HAND.get(published, published))


@cache
def likenesses(said: tuple[str, ...]) -> tuple[object, ...]:
    """Return what names of one person have in common: their words, their letters, or all but the given name."""
    return tuple(sorted(said)), "".join(said), ("after the given name", said[1:])


@cache
def same_person(published: str, official: str) -> bool:
    one, other = meant_words(published), words(official)
    if sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return True
    short = one[0].startswith(other[0]) or other[0].startswith(one[0])
    return short and one[1:] == other[1:]


@pytest.fixture(scope="module")
def archive(archive_dir: str) -> Archive:
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    source = ArchiveSource(archive_dir)
    stored: dict[str, Any] = {}
    for name in ("schedule", "team_boxscores", "player_boxscores", "player_props", "birth_dates", "players"):
        table = TABLES[name]
        given = {upstream: stored[upstream] for upstream in table.reads}
        if feed := table.feed and table.feed.name:
            spans = PUBLISHED if name == "player_props" else [ALWAYS]
            given["delivered"] = ibis.memtable(pa.concat_tables(source.fetch(feed, span).rows for span in spans))
        rows = table(**given)
        stored[name] = engine.create_table(
            name, rows if "source" in rows.columns else rows.mutate(source=ibis.literal(""))
        )
    props, players = stored["player_props"], stored["players"]
    careers = History(stored["player_boxscores"], CAREERS, "game_date")
    named = props.select(
        "source", "game_date", raw_name="player_name_raw", team_hint=team_hint(props.home_team, props.away_team)
    )
    named = engine.create_table("named", named.distinct())
    placed = resolve(named.select("raw_name", "game_date", "team_hint").distinct(), players, careers)
    placed_names = named.inner_join(placed, ["raw_name", "game_date", "team_hint"]).select(*named.columns, "player_id")
    points = props.filter(props.market == "player_points")
    lines = TABLES["player_prop_lines"](points, stored["schedule"].drop("home_pts", "away_pts"), players, careers)
    boxes = engine.to_pyarrow(stored["player_boxscores"].select("game_date", "team_abbr", "player_id", "player_name"))
    names = engine.to_pyarrow(placed_names).to_pylist()
    resolved: dict[NameOfADate, set[int | None]] = defaultdict(set)
    for row in names:
        resolved[row["source"], row["raw_name"], row["game_date"]].add(row["player_id"])
    named_points = points.select("source", "player_name_raw", "game_date").distinct()
    of_points = {tuple(row.values()) for row in engine.to_pyarrow(named_points).to_pylist()}
    with_line = engine.to_pyarrow(lines.select("game_date", "player_id")).to_pylist()
    with_a_line = {(row["game_date"], row["player_id"]) for row in with_line}
    return Archive(resolved, found_by_eye(names, boxes.to_pylist()), of_points, with_a_line)


def found_by_eye(names: list[dict[str, Any]], boxes: list[dict[str, Any]]) -> dict[NameOfADate, int]:
    that_night = defaultdict(set)
    for box in boxes:
        line = (box["player_id"], box["player_name"])
        for alike in likenesses(words(box["player_name"])):
            that_night[box["game_date"], box["team_abbr"], alike].add(line)
            that_night[box["game_date"], "", alike].add(line)
    found = {}
    for row in names:
        published, teams = row["raw_name"], row["team_hint"].split() or [""]
        places = ((row["game_date"], team, alike) for team in teams for alike in likenesses(meant_words(published)))
        there = {line for place in places for line in that_night.get(place, ())}
        meant = {player for player, official in there if same_person(published, official)}
        if len(meant) == 1:
            found[row["source"], published, row["game_date"]] = meant.pop()
    return found


def test_no_name_is_given_to_the_wrong_player(archive: Archive) -> None:
    wrong = [
        (name, player, archive.resolved[name])
        for name, player in archive.on_the_floor.items()
        if archive.resolved[name] - {player, None}
    ]
    assert wrong == []


def test_nearly_every_name_of_a_player_with_a_stat_line_resolves(archive: Archive) -> None:
    lost = [name for name in archive.on_the_floor if None in archive.resolved[name]]
    assert 1 - len(lost) / len(archive.on_the_floor) >= 0.995
    assert len(lost) / len(archive.on_the_floor) < 0.001  # only debuts: the rest of what is possible


def test_nearly_every_name_of_a_player_with_a_stat_line_reaches_his_line(archive: Archive) -> None:
    """Missing beyond debuts: lines published in play only, and traded players' lines that name no teams."""
    playing = {name: player for name, player in archive.on_the_floor.items() if name in archive.of_points}
    reached = [name for name, player in playing.items() if (name[2], player) in archive.with_a_line]
    assert len(reached) / len(playing) >= 0.995


def test_names_resolved_to_somebody_who_did_not_play_are_names_of_his(archive: Archive, archive_dir: str) -> None:
    """The box score cannot confirm these: the resolved player's own name must."""
    absent = {
        (name[1], player)
        for name, people in archive.resolved.items()
        for player in people
        if name not in archive.on_the_floor and player is not None
    }
    called = defaultdict(set)
    query = "SELECT DISTINCT player_id, player_name FROM read_parquet(?)"
    for player, name in duckdb.execute(query, [f"{archive_dir}/player_boxscores.parquet"]).fetchall():
        called[player].add(name)
    assert [pair for pair in absent if not any(same_person(pair[0], name) for name in called[pair[1]])] == []
