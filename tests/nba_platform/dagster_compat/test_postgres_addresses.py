"""Addresses of PostgreSQL as people write them, without a server."""

import pytest

from nba_platform.dagster_compat.postgres_storage import BadAddress, with_driver


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("postgresql://nba:x@db/dagster", "postgresql+psycopg2://nba:x@db/dagster"),
        ("postgres://nba:a%40b@db:5433/dagster", "postgresql+psycopg2://nba:a%40b@db:5433/dagster"),
        ("postgresql+psycopg2://nba@db/dagster", "postgresql+psycopg2://nba@db/dagster"),
        ("postgresql:///dagster?host=/run/postgresql", "postgresql+psycopg2:///dagster?host=%2Frun%2Fpostgresql"),
    ],
)
def test_an_address_without_a_driver_gets_the_installed_one(address, meant):
    """SQLAlchemy 2.1 takes it for psycopg 3, which dagster-postgres does not bring."""
    assert with_driver(address) == meant


@pytest.mark.parametrize(
    "address", ["hush", "postgresql://nba:hush@db", "mysql://nba:hush@db/x", "postgresql://hush@db:hush/x"]
)
def test_an_invalid_address_is_refused_without_being_quoted(address):
    with pytest.raises(BadAddress, match="must look like postgresql://user:password@host") as refused:
        with_driver(address)
    assert "hush" not in str(refused.value)
    assert refused.value.__context__ is None
