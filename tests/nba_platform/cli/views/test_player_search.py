import datetime as dt

import pytest

from nba_platform.cli.views.player_search import find_player
from nba_platform.errors import NothingToDo, UnknownPlayer
from nba_resources.warehouse.duckdb.warehouse import DuckDBWarehouse

from ....shared import warehouse_at
from ...rows import TABLES, store

TONIGHT, LAST_SEASON, BEFORE = dt.date(2024, 12, 4), dt.date(2024, 4, 1), dt.date(2024, 12, 1)
PEOPLE = {
    1: ("Nikola Jokić", "DEN"),
    2: ("Josh Okogie", "PHX"),
    3: ("Jalen Williams", "OKC"),
    4: ("Jaylin Williams", "OKC"),
    5: ("Nah'Shon Hyland", "PHX"),
    6: ("Kelly Oubre Jr.", "PHX"),
    7: ("Karl-Anthony Towns", "OKC"),
    8: ("Robert Covington", "PHX"),
    9: ("Luka Dončić", "DAL"),
}
PLAYS = {2, 3, 4, 5, 6, 7}
GAMES = {
    dt.date(2024, 12, 4): ("OKC", "PHX"),
    dt.date(2024, 12, 6): ("DEN", "PHX"),
    dt.date(2024, 12, 9): ("LAL", "DEN"),
}


def game(date: dt.date, home: str, away: str) -> dict:
    kind = {"season": "2024-25", "season_year": 2024, "season_type": "regular", "status": "scheduled"}
    return {"game_id": f"00224{date:%m%d}", "game_date": date, "home_team": home, "away_team": away} | kind


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Tonight Oklahoma City plays Phoenix and Denver does not; Covington was last seen a season ago."""
    lookups = {
        n: "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())
        for n, (name, _) in PEOPLE.items()
    }
    boxes = [
        {"player_id": n, "player_name": name, "team_abbr": team, "game_date": LAST_SEASON if n == 8 else BEFORE}
        | {"game_id": "0022300009" if n == 8 else "0022400009"}
        for n, (name, team) in PEOPLE.items()
    ]
    rows = [
        {"player_id": n, "player_lookup": lookups[n], "team_abbr": PEOPLE[n][1], "game_date": TONIGHT}
        | {"opponent_team_abbr": "OKC", "game_id": "0022412040", "quality_tier": "gold"}
        for n in PLAYS
    ]
    return store(
        warehouse_at(tmp_path_factory.mktemp("league") / "nba.duckdb"),
        player_boxscores=boxes,
        players=[{"player_id": n, "player_lookup": lookups[n], "player_name": name} for n, (name, _) in PEOPLE.items()],
        ml_feature_store_v2=rows,
        schedule=[game(date, home, away) for date, (home, away) in GAMES.items()],
    )


def found(warehouse: DuckDBWarehouse, name: str, date: dt.date = TONIGHT) -> str:
    return find_player(warehouse, TABLES, name, date)["player_name"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("okogie", "Josh Okogie"),
        ("OKOGIE", "Josh Okogie"),
        ("Jalen", "Jalen Williams"),
        ("oubre", "Kelly Oubre Jr."),
        ("oubre jr.", "Kelly Oubre Jr."),
        ("bones", "Nah'Shon Hyland"),
        ("Bones Hyland", "Nah'Shon Hyland"),
        ("karl-anthony", "Karl-Anthony Towns"),
    ],
)
def test_a_surname_or_nickname_that_one_player_of_the_season_has_finds_him(warehouse, typed: str, name: str):
    assert found(warehouse, typed) == name


@pytest.mark.parametrize("typed", ["jokic", "Jokić", "JOKIC", "Nikola Jokic"])
def test_a_player_whose_team_does_not_play_is_named_with_his_next_game(warehouse, typed: str):
    """Only tonight's rosters were searched, and `nba predict jokic` answered with Josh Okogie."""
    with pytest.raises(NothingToDo) as refused:
        found(warehouse, typed)
    assert str(refused.value) == (
        "Nikola Jokić (DEN) does not play on 2024-12-04: DEN plays next on 2024-12-06 (PHX@DEN)."
    )


def test_a_day_without_any_game_names_the_next_game_too(warehouse):
    with pytest.raises(
        NothingToDo, match=r"^Nikola Jokić \(DEN\) does not play on 2024-12-07: .* 2024-12-09 \(DEN@LAL\)"
    ):
        found(warehouse, "jokic", dt.date(2024, 12, 7))


def test_a_team_without_a_later_game_says_so(warehouse):
    with pytest.raises(
        NothingToDo, match=r"^Luka Dončić \(DAL\) does not play on 2024-12-04, and no later game of DAL"
    ):
        found(warehouse, "doncic")


def test_a_game_whose_features_are_missing_says_what_to_run(warehouse):
    with pytest.raises(NothingToDo, match=r"no features are stored for 2024-12-06: run `nba backfill 2024-12-06`"):
        found(warehouse, "jokic", dt.date(2024, 12, 6))


def test_a_surname_of_two_players_is_never_guessed(warehouse):
    with pytest.raises(UnknownPlayer) as refused:
        found(warehouse, "williams")
    assert str(refused.value) == (
        "'williams' could be Jalen Williams (OKC), Jaylin Williams (OKC): which of these? Write the whole name."
    )


@pytest.mark.parametrize("typed", ["joki", "kogie", "covington", "xyz", "."])
def test_a_part_of_a_word_or_a_player_of_another_season_is_nobody(warehouse, typed: str):
    with pytest.raises(UnknownPlayer, match=r"is nobody we know on 2024-12-04: the closest on the rosters are"):
        found(warehouse, typed)
