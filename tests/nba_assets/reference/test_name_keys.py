"""The name keys made in the database and in Python are the same."""

import ibis
import pytest

from nba_assets.reference.names import name_key
from nba_resources import names
from nba_resources.sources.simulated.names import FIRST, LAST

TRICKY = [
    "Nikola Đurišić",
    "Bøe Łukasz Őrsi",
    "Weiß ẞtraße",
    "Ægir Þór Œuvré",
    "Shaquille O'Neal",
    "D\u2019Angelo Russell",
    "J.R. Smith III",
    "Gary Payton II",
    "Tim Hardaway Jr.",
    "İlkan Karaman",
    "Ömer A\u015f\u0131k",
    "Nguyễn Văn A",
    "Jose\u0301 Caldero\u0301n",
    "Nikola\u00a0Jokić",
    "Gary\u2003Trent",
    "Justin Jackson (Aaron)",
    "Nenê",
    "ﬁnn Ⅲ",
    "  PJ   Washington  ",
    "",
    *map(" ".join, zip(FIRST, LAST, strict=False)),
]


def test_the_database_and_python_make_the_same_key():
    table = ibis.memtable({"name": TRICKY}, schema={"name": "string"})
    rows = table.select("name", key=name_key(table.name)).to_pyarrow().to_pylist()
    assert {row["name"]: row["key"] for row in rows} == {name: names.name_key(name) for name in TRICKY}


@pytest.mark.parametrize("name", ["Michael Porter Jr.", "MICHAEL PORTER", "Michael Pörter II", "Michael  Porter Sr"])
def test_the_key_without_suffix_is_the_same_with_and_without_one(name: str):
    assert names.name_key_without_suffix(name) == "michaelporter"


def test_a_name_without_accents_keeps_its_capitals():
    assert names.without_accents("Đorđe Žiga-Évan O'Łu Jr.") == "Dorde Ziga-Evan O'Lu Jr."
