"""Measure what the league's injury reports tell about the games of the archive.

Fills a home from the archive and prints the regular-season dates without a report, the share of players called out at
tip-off who played, and the share of player-games with unknown team-mates, by season. Then does the last again without
the file of reports. `python benchmarks/statuses.py WAREHOUSE` reads a filled warehouse instead and prints the first
part only.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
from archive_home import EVERYTHING, archive_home, nba

REPORTS = "injury_statuses"
CONTEXTS = "upcoming_player_game_context"
_REPORTED = """
WITH told AS (
    SELECT DISTINCT game_id FROM nba_raw.schedule AS game JOIN nba_raw.injury_reports AS report
    ON report.game_date = game.game_date AND report.team_abbr IN (game.home_team, game.away_team)
    AND report.known_at < game.start_time_utc
), games AS (
    SELECT season, game.game_date, game.game_id, told.game_id IS NOT NULL AS reported
    FROM nba_raw.schedule AS game LEFT JOIN told USING (game_id)
    WHERE season_type = 'regular' AND status = 'final'
)"""
DATES = f"""{_REPORTED}
SELECT season, count(DISTINCT game_date) AS dates, count(*) AS games, sum(reported::INT) AS games_reported,
    list(DISTINCT game_date ORDER BY game_date) FILTER (game_date NOT IN (SELECT game_date FROM games WHERE reported))
    AS dates_without_report
FROM games WHERE season BETWEEN '2022-23' AND '2024-25' GROUP BY season ORDER BY season"""
PLAYED = f"""{_REPORTED}
SELECT season, player_status, count(*) AS players, round(100 * avg(coalesce(played, false)::INT), 2) AS percent_played
FROM nba_analytics.upcoming_player_game_context JOIN games USING (game_id)
LEFT JOIN (SELECT game_id, player_id, played FROM nba_analytics.player_game_summary) USING (game_id, player_id)
WHERE reported GROUP BY ALL ORDER BY season, percent_played"""
UNKNOWN = """
SELECT season, count(*) AS players, round(100 * avg((player_status IS NULL)::INT), 1) AS status,
    round(100 * avg((projected_usage_rate IS NULL)::INT), 1) AS projected_usage_rate,
    round(100 * avg((projected_usage_rate IS NULL OR avg_usage_rate_last_10 IS NULL)::INT), 1) AS usage_spike,
    round(100 * avg((teammates_out IS NULL)::INT), 1) AS teammates_out,
    round(100 * avg((star_teammates_out IS NULL)::INT), 1) AS star_teammates_out
FROM nba_analytics.upcoming_player_game_context JOIN (SELECT game_id, season FROM nba_raw.schedule) USING (game_id)
GROUP BY season ORDER BY season"""


def main() -> None:
    """Measure with the reports, then without them."""
    if sys.argv[1:]:
        report(sys.argv[1], with_reports=True)
        return
    with archive_home() as (home, environment), tempfile.TemporaryDirectory() as without:
        nba(environment, "backfill", *EVERYTHING, "--select", f"+{CONTEXTS}")
        report(str(home / "nba.duckdb"), with_reports=True)
        for file in Path(environment["NBA_ARCHIVE_DIR"]).resolve().iterdir():
            if not file.name.startswith(REPORTS):
                Path(without, file.name).symlink_to(file)
        environment = {**environment, "NBA_ARCHIVE_DIR": without}
        nba(environment, "backfill", *EVERYTHING, "--select", f"injury_reports,{CONTEXTS}", "--force")
        report(str(home / "nba.duckdb"), with_reports=False)


def report(warehouse: str, with_reports: bool) -> None:
    """Print a table for each question."""
    with duckdb.connect(warehouse, read_only=True) as con:
        if with_reports:
            show(con, "Regular-season dates on a report before tip-off", DATES)
            show(con, "Status at tip-off in reported games, and who played", PLAYED)
        show(con, f"Percent unknown, {'with' if with_reports else 'without'} the reports", UNKNOWN)


def show(con: duckdb.DuckDBPyConnection, title: str, query: str) -> None:
    """Print the rows of a query under a title."""
    rows = con.sql(query)
    print(title)
    print(rows.df().to_string(index=False, max_colwidth=60), flush=True)


if __name__ == "__main__":
    main()
