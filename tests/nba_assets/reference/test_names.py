import datetime as dt
from functools import cache

import duckdb
import ibis
import pyarrow as pa
import pytest

from nba_assets.kit.as_of import History
from nba_assets.reference.names import Step, name_key, resolve, team_hint
from nba_assets.reference.players import players
from nba_resources import names as plain_names
from nba_resources.dates import DateRange

TONIGHT = dt.date(2024, 12, 1)
LAST_WEEK = dt.date(2024, 11, 24)
LAST_SPRING = dt.date(2024, 4, 1)
TWO_YEARS_AGO = dt.date(2022, 12, 1)

Seen = tuple[int, str, str, dt.date]  # player id, name, team, date of the game
Placed = tuple[int | None, str | None, int | None]  # player id, reason, step


SCHEMAS = {
    "seen": {"player_id": "int64", "player_name": "string", "team_abbr": "string", "game_date": "date"},
    "names": {"raw_name": "string", "game_date": "date", "team_hint": "string"},
    "births": {"player_id": "int64", "birth_date": "date"},
}


@cache
def resolving() -> str:
    """Compiled once: what changes from test to test is the rows."""
    games, names, births = (ibis.table(schema, name=name) for name, schema in SCHEMAS.items())
    seasons = DateRange(TWO_YEARS_AGO, TONIGHT + dt.timedelta(days=30))
    return str(
        ibis.to_sql(resolve(names, players(games, births), History(games, seasons, "game_date")), dialect="duckdb")
    )


@cache
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def place(name: str, *seen: Seen, hint: str = "", on: dt.date = TONIGHT) -> Placed:
    for table, rows in {"seen": seen, "names": [(name, on, hint)], "births": ()}.items():
        columns = ibis.schema(SCHEMAS[table]).to_pyarrow()
        lines = [dict(zip(columns.names, row, strict=True)) for row in rows]
        engine().register(table, pa.Table.from_pylist(lines, schema=columns))
    found = engine().execute(resolving()).to_arrow_table().to_pylist()
    assert len(found) == 1, f"{name} became {len(found)} rows"
    return found[0]["player_id"], found[0]["reason"], found[0]["step"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Jaime Jaquez Jr.", "jaimejaquezjr"),
        ("Luka Dončić", "lukadoncic"),
        ("Kristaps Porziņģis", "kristapsporzingis"),
        ("Dennis SCHRÖDER", "dennisschroder"),
        ("De'Aaron Fox", "deaaronfox"),
        ("Shai Gilgeous-Alexander", "shaigilgeousalexander"),
        ("P.J.  Washington", "pjwashington"),
        ("Weiß Ægir", "weissaegir"),
        ("Justin Jackson (Aaron)", "justinjackson"),
        ("Nikola\u00a0Jokić", "nikolajokic"),
        ("", ""),
    ],
)
def test_a_key_keeps_only_what_publishers_agree_on(name: str, key: str) -> None:
    assert plain_names.name_key(name) == key
    assert name_key(ibis.literal(name)).to_pyarrow().as_py() == key


def test_the_spelling_with_accents_or_dots_is_the_same_name() -> None:
    assert place("Luka Doncic", (1, "Luka Dončić", "DAL", LAST_WEEK)) == (1, None, Step.EXACT)
    assert place("PJ Washington", (1, "P.J. Washington", "DAL", LAST_WEEK)) == (1, None, Step.EXACT)


@pytest.mark.parametrize(
    ("published", "known"),
    [
        ("Jimmy Butler", "Jimmy Butler III"),
        ("Bruce Brown Jr.", "Bruce Brown"),
        ("Marcus Morris", "Marcus Morris Sr."),
        ("Robert Williams II", "Robert Williams III"),
    ],
)
def test_a_suffix_may_be_missing_on_either_side(published: str, known: str) -> None:
    assert place(published, (1, known, "MIA", LAST_WEEK)) == (1, None, Step.WITHOUT_SUFFIX)


def test_the_suffix_tells_father_and_son_apart_where_it_is_published() -> None:
    father, son = (1, "Gary Payton", "SEA", LAST_WEEK), (2, "Gary Payton II", "GSW", LAST_WEEK)
    assert place("Gary Payton II", father, son) == (2, None, Step.EXACT)
    assert place("Gary Payton", father, son) == (1, None, Step.EXACT)
    assert place("Gary Payton Jr.", father, son) == (None, "ambiguous", None)


@pytest.mark.parametrize("published", ["Dennis Schr?der", "Dennis SchrÃ¶der", "Dennis Schr\ufffdder"])
def test_a_name_whose_accents_a_file_has_broken_is_still_his(published: str) -> None:
    assert place(published, (1, "Dennis Schröder", "DET", LAST_WEEK)) == (1, None, Step.LOST_LETTERS)


@pytest.mark.parametrize(
    ("published", "known"),
    [
        ("S. Gilgeous-Alexander", "Shai Gilgeous-Alexander"),
        ("Cam Johnson Jr.", "Cameron Johnson"),
        ("Nicolas Claxton", "Nic Claxton"),
        ("Vincent Williams Jr", "Vince Williams Jr."),
        ("Mohamed Bamba", "Mo Bamba"),
    ],
)
def test_an_initial_or_a_short_form_with_the_surname_is_enough(published: str, known: str) -> None:
    assert place(published, (1, known, "OKC", LAST_WEEK), hint="DEN OKC") == (1, None, Step.INITIAL)


def test_another_given_name_with_the_same_initial_is_another_person() -> None:
    assert place("Jalen Johnson", (1, "James Johnson", "ATL", LAST_WEEK), hint="ATL BOS") == (None, "unknown", None)


def test_an_initial_needs_the_team_that_is_named() -> None:
    cam = (1, "Cameron Johnson", "BKN", LAST_WEEK)
    assert place("C. Johnson", cam, hint="BOS NYK") == (None, "unknown", None)
    assert place("C. Johnson", cam) == (1, None, Step.INITIAL)


def test_an_initial_names_nobody_who_has_long_been_gone() -> None:
    assert place("C. Johnson", (1, "Cameron Johnson", "BKN", TWO_YEARS_AGO)) == (None, "unknown", None)
    assert place("C. Johnson", (1, "Cameron Johnson", "BKN", LAST_SPRING)) == (1, None, Step.INITIAL)


def test_two_with_the_same_initial_and_surname_on_one_team_stay_ambiguous() -> None:
    """Oklahoma City had Jalen and Jaylin Williams; that one has not played yet this season decides nothing."""
    jalen, jaylin = (1, "Jalen Williams", "OKC", LAST_WEEK), (2, "Jaylin Williams", "OKC", LAST_SPRING)
    assert place("J. Williams", jalen, jaylin, hint="DEN OKC") == (None, "ambiguous", None)
    assert place("Jaylin Williams", jalen, jaylin, hint="DEN OKC") == (2, None, Step.EXACT)


@pytest.mark.parametrize(
    ("published", "known"),
    [
        ("Murray Dejounte", "Dejounte Murray"),
        ("Caldwell Pope Kentavious", "Kentavious Caldwell-Pope"),
        ("Porter Jr. Michael", "Michael Porter Jr."),
        ("Hansen, Yang", "Yang Hansen"),
    ],
)
def test_a_name_written_surname_first_is_turned_round(published: str, known: str) -> None:
    assert place(published, (1, known, "ATL", LAST_WEEK)) == (1, None, Step.REVERSED)


@pytest.mark.parametrize(
    ("published", "known"),
    [
        ("Edrice Femi Adebayo", "Bam Adebayo"),
        ("Alfred Joel Horford Reynoso", "Al Horford"),
        ("B.J. Boston Jr.", "Brandon Boston"),
        ("Carlton Carrington", "Bub Carrington"),
    ],
)
def test_a_nickname_is_looked_up_in_the_alias_table(published: str, known: str) -> None:
    assert place(published, (1, known, "MIA", LAST_WEEK)) == (1, None, Step.ALIAS)


def test_an_alias_is_not_given_to_somebody_a_looser_rule_would_find() -> None:
    father, son = (1, "LeBron James", "LAL", LAST_WEEK), (2, "Bronny James", "LAL", LAST_WEEK)
    assert place("LeBron James Jr.", father) == (None, "unknown", None)
    assert place("LeBron James Jr.", father, son) == (2, None, Step.ALIAS)


def test_a_debut_stays_unresolved_although_the_box_score_of_the_date_is_there() -> None:
    debut = (1, "Cooper Flagg", "DAL", TONIGHT)
    assert place("Cooper Flagg", debut) == (None, "unknown", None)
    assert place("Cooper Flagg", debut, on=TONIGHT + dt.timedelta(days=1)) == (1, None, Step.EXACT)


def test_a_stricter_step_wins_over_a_looser_one() -> None:
    junior, plain = (1, "Derrick Jones Jr.", "LAC", LAST_WEEK), (2, "Derrick Jones", "LAC", LAST_WEEK)
    assert place("Derrick Jones", junior, plain, hint="LAC UTA") == (2, None, Step.EXACT)


def test_of_two_namesakes_the_one_on_the_teams_named_is_meant() -> None:
    seen = [(1, "Justin Jackson", "PHX", LAST_WEEK), (2, "Justin Jackson", "BOS", LAST_WEEK)]
    assert place("Justin Jackson", *seen, hint="BOS NYK") == (2, None, Step.EXACT)


def test_the_latest_team_counts_not_an_earlier_one() -> None:
    traded = [(1, "Justin Jackson", "BOS", LAST_SPRING), (1, "Justin Jackson", "PHX", LAST_WEEK)]
    other = (2, "Justin Jackson", "BOS", LAST_WEEK)
    assert place("Justin Jackson", *traded, other, hint="BOS NYK") == (2, None, Step.EXACT)


def test_of_two_namesakes_without_a_team_the_one_seen_this_season_is_meant() -> None:
    seen = [(1, "Justin Jackson", "PHX", LAST_SPRING), (2, "Justin Jackson", "BOS", LAST_WEEK)]
    assert place("Justin Jackson", *seen) == (2, None, Step.EXACT)


def test_two_namesakes_that_nothing_tells_apart_stay_ambiguous() -> None:
    seen = [(1, "Justin Jackson", "PHX", LAST_WEEK), (2, "Justin Jackson", "BOS", LAST_WEEK)]
    assert place("Justin Jackson", *seen) == (None, "ambiguous", None)
    assert place("Justin Jackson", *seen, hint="BOS PHX") == (None, "ambiguous", None)


def test_one_person_in_two_spellings_is_no_rival_of_himself() -> None:
    seen = [(1, "Dante Exum", "DAL", LAST_SPRING), (1, "Danté Exum", "DAL", LAST_WEEK)]
    assert place("Dante Exum", *seen) == (1, None, Step.EXACT)


def test_a_player_traded_since_is_found_by_his_full_name_whatever_teams_are_named() -> None:
    assert place("Luka Doncic", (1, "Luka Dončić", "DAL", LAST_WEEK), hint="LAL UTA") == (1, None, Step.EXACT)


@pytest.mark.parametrize("remark", ["placed on IL with left knee injury", "?", "", "III"])
def test_what_is_no_name_is_nobodys(remark: str) -> None:
    assert place(remark, (1, "Jimmy Butler III", "MIA", LAST_WEEK)) == (None, "unknown", None)


def test_the_teams_named_read_alike_whichever_comes_first() -> None:
    pairs = [("NYK", "BOS"), ("BOS", "NYK"), ("BOS", None), (None, None)]
    named = ibis.memtable(pairs, schema={"home": "string", "away": "string"})
    hints = named.select(hint=team_hint(named.home, named.away)).to_pyarrow()
    assert hints["hint"].to_pylist() == ["BOS NYK", "BOS NYK", "BOS", ""]
