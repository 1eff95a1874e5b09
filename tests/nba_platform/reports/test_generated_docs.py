"""Generated pages equal the code, and every command and table is documented."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from models.features import BASE, EXTENDED
from nba_platform.cli.main import app
from nba_platform.definitions import TABLES
from nba_platform.reports.generated_docs import catalogue, feature_page
from nba_platform.reports.layers import LAYERS

DOCS = Path(__file__).parents[3]
README = (DOCS / "README.md").read_text(encoding="utf-8")


def test_the_catalogue_is_made_from_the_contracts():
    kept = (DOCS / "docs" / "tables.md").read_text(encoding="utf-8")
    assert kept == catalogue(TABLES), "run: python -m nba_platform.reports.generated_docs > docs/tables.md"


def test_the_catalogue_leaves_no_table_out():
    assert {table.layer for table in TABLES.values()} <= set(LAYERS)


def test_the_page_of_features_is_made_from_the_feature_contract():
    kept = (DOCS / "docs" / "features.md").read_text(encoding="utf-8")
    assert kept == feature_page(BASE, EXTENDED), (
        "run: python -m nba_platform.reports.generated_docs features > docs/features.md"
    )


@pytest.mark.parametrize("name", BASE.names)
def test_every_feature_is_a_column_of_its_table(name: str):
    assert name in TABLES[BASE.name].contract.columns


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_readme_names_every_table(name: str):
    assert f"`{name}`" in README


@pytest.mark.parametrize("command", sorted(get_command(app).commands))
def test_the_readme_or_the_docs_show_every_command(command: str):
    told = README + "".join(page.read_text(encoding="utf-8") for page in (DOCS / "docs").glob("*.md"))
    assert re.search(rf"\b(nba|make) {command}\b", told)


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []
