import datetime as dt
from collections.abc import Mapping
from typing import Any

import ibis

from nba_assets.reference.players import players

AUTUMN, WINTER, SPRING = dt.date(2024, 10, 22), dt.date(2025, 1, 10), dt.date(2025, 4, 1)
BORN = dt.date(1986, 6, 3)


def registry(*seen: tuple[int, str, dt.date], born: Mapping[int, dt.date] = {}) -> dict[int, dict[str, Any]]:
    schema = {"player_id": "int64", "player_name": "string", "game_date": "date"}
    births = ibis.memtable(list(born.items()), schema={"player_id": "int64", "birth_date": "date"})
    rows = players(ibis.memtable(list(seen), schema=schema), births).to_pyarrow().to_pylist()
    assert len(rows) == len({row["player_id"] for row in rows})
    return {row["player_id"]: row for row in rows}


def test_the_lookup_is_made_from_the_first_spelling_and_the_latest_is_shown() -> None:
    known = registry((1, "Monte Morris", AUTUMN), (1, "Monté Morris Jr.", SPRING), (1, "Monte Morris", WINTER))[1]
    assert (known["player_lookup"], known["player_name"]) == ("montemorris", "Monté Morris Jr.")
    assert (known["first_seen"], known["last_seen"]) == (AUTUMN, SPRING)
    assert known["aliases"] == ["montemorrisjr"]
    assert known["birth_date"] is None


def test_a_birth_date_is_known_where_a_roster_tells_it_and_of_nobody_who_never_played() -> None:
    known = registry((1, "Al Horford", AUTUMN), (2, "Luka Garza", AUTUMN), born={1: BORN, 3: BORN})
    assert {player: row["birth_date"] for player, row in known.items()} == {1: BORN, 2: None}


def test_a_suffix_is_kept_in_the_lookup_and_left_out_in_an_alias() -> None:
    known = registry((1, "Jaime Jaquez Jr.", AUTUMN))[1]
    assert (known["player_lookup"], known["aliases"]) == ("jaimejaquezjr", ["jaimejaquez"])


def test_of_two_people_with_one_name_the_later_carries_his_id() -> None:
    known = registry((7, "Justin Jackson", WINTER), (9, "Justin Jackson", AUTUMN))
    assert (known[9]["player_lookup"], known[7]["player_lookup"]) == ("justinjackson", "justinjackson7")


def test_of_two_who_came_on_one_day_the_lower_id_keeps_the_plain_lookup() -> None:
    known = registry((9, "Justin Jackson", AUTUMN), (7, "Justin Jackson", AUTUMN))
    assert (known[7]["player_lookup"], known[9]["player_lookup"]) == ("justinjackson", "justinjackson9")


def test_a_spelling_of_two_people_is_an_alias_of_neither() -> None:
    known = registry((1, "Gary Payton", AUTUMN), (2, "Gary Payton II", AUTUMN), (3, "Gary Payton III", WINTER))
    assert [known[player]["aliases"] for player in (1, 2, 3)] == [[], [], []]
    assert known[1]["player_lookup"] == "garypayton"


def test_nicknames_of_the_alias_table_are_listed() -> None:
    assert registry((1, "Bam Adebayo", AUTUMN))[1]["aliases"] == ["edriceadebayo", "edricefemiadebayo"]


def test_a_name_without_variants_has_no_alias() -> None:
    assert registry((1, "Stephon Castle", AUTUMN))[1]["aliases"] == []
