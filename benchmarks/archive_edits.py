"""Changes to a copy of the archive, as a league that corrects a box score and bookmakers who move their lines make."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb


def edit(archive: str, date: str, column: str, value: str) -> None:
    """Change one player's line of a date in the archive's file."""
    with _rewritten(Path(archive, "player_boxscores.parquet")) as con:
        of_date = f"CAST(game_date AS VARCHAR)[:10] = '{date}'"
        query = f"SELECT min(player_id) FROM rows WHERE {of_date} AND minutes IS NOT NULL"
        player = con.execute(query).fetchall()[0][0]
        con.execute(f"UPDATE rows SET {column} = {value} WHERE {of_date} AND player_id = ?", [player])


def move_lines(archive: str, date: str) -> None:
    """Add a snapshot of a date, a minute after the latest: each book's last lines, half a point up or down in turn."""
    with _rewritten(Path(archive, "player_points_props.parquet")) as con:
        con.execute(f"CREATE VIEW lines AS FROM rows WHERE CAST(game_date AS VARCHAR)[:10] = '{date}'")
        con.execute("CREATE TABLE newest AS SELECT max(snapshot_utc) AS snapshot_utc FROM lines")
        con.execute(
            "INSERT INTO rows BY NAME SELECT * REPLACE ("
            "  (SELECT snapshot_utc FROM newest) + INTERVAL 1 MINUTE AS snapshot_utc,"
            "  line + if(minute((SELECT snapshot_utc FROM newest)) % 2 = 0, 0.5, -0.5) AS line) "
            "FROM lines QUALIFY rank() OVER (PARTITION BY bookmaker, player_name ORDER BY snapshot_utc DESC) = 1"
        )


@contextmanager
def _rewritten(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the rows of a file as the table `rows`, and put them in its place at the end."""
    new = file.with_suffix(".new")
    with closing(duckdb.connect()) as con:
        con.execute(f"CREATE TABLE rows AS FROM '{file}'")
        yield con
        con.execute(f"COPY rows TO '{new}' (FORMAT parquet)")
    new.replace(file)
