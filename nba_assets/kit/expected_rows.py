"""The rules by which the rows of a date are expected."""

from enum import StrEnum


class ExpectedRows(StrEnum):
    """Which rows a table must hold for a date: counted in the schedule or upstream, never in the table itself."""

    GAMES = "every game"
    FINAL_GAMES = "every finished game"
    TEAMS = "both teams of every game"
    FINAL_TEAMS = "both teams of every finished game"
    ROSTER_PLAYERS = "every player on the two rosters"
    ROSTER_EDITIONS = "every player on the two rosters in both editions"
    ROSTER_STATISTICS = "every player on the two rosters in every statistic"
    PLAYERS_WITH_FIVE_GAMES = "every player on the two rosters with five played games"
    TEAMS_WITH_FIVE_GAMES = "every team with five finished games"
    FORECASTS = "a forecast of every market, system and edition for every player who may be bet on"
    GRADES = "every stored prediction"
    PERFORMANCE = "every market, system, edition and population, on dates with predictions"
    MODELS = "one model per month of every trained system"
    AS_DELIVERED = "whatever the source delivers"
    NOT_COUNTED = "not counted, as this table reports what others lack"
