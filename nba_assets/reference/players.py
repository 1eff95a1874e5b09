"""The registry of players: ids, lookups and spellings."""

import ibis
import ibis.expr.types as ir

from nba_assets.kit.expressions.joins import with_columns_of
from nba_assets.kit.table import ExpectedRows, table
from nba_assets.reference.names import all_keys, name_key
from nba_resources.warehouse.contract import day, integer, text, texts


@table(
    dataset="nba_reference",
    grain=["player_id"],
    expected_rows=ExpectedRows.AS_DELIVERED,
    partition=None,
    columns={
        "player_id": integer("NBA id"),
        "player_lookup": text("a-z and 0-9, suffix kept, from the earliest spelling; unique, never changes"),
        "player_name": text("Display name: latest spelling, accents kept"),
        "aliases": texts("Other normalised spellings accepted for this player only"),
        "birth_date": day("NULL where no roster lists it", null=True),
        "first_seen": day("Date of his first game in our data"),
        "last_seen": day("Date of his last game in our data; never used by features"),
    },
)
def players(player_boxscores: ir.Table, birth_dates: ir.Table) -> ir.Table:
    """One row per player who ever had a line in a box score: his id, lookup and spellings.

    A spelling that could mean two players is an alias of neither.
    """
    spellings = _spellings(player_boxscores)
    people = _with_lookup(spellings)
    aliases = _aliases(spellings, people)
    listed = people.left_join(aliases, "player_id").drop("player_id_right")
    listed = listed.mutate(aliases=listed.aliases.coalesce(ibis.literal([], type="array<string>")))
    return with_columns_of(listed, birth_dates.select("player_id", "birth_date"), ["player_id"])


def _spellings(player_boxscores: ir.Table) -> ir.Table:
    """Return each spelling of a player's name, ranked by first and by last use."""
    spelled = player_boxscores.group_by("player_id", "player_name").aggregate(
        since=player_boxscores.game_date.min(), until=player_boxscores.game_date.max()
    )
    earliest = ibis.row_number().over(group_by=spelled.player_id, order_by=[spelled.since, spelled.player_name])
    latest = ibis.row_number().over(group_by=spelled.player_id, order_by=[spelled.until.desc(), spelled.player_name])
    return spelled.mutate(from_earliest=earliest, from_latest=latest)


def _with_lookup(spellings: ir.Table) -> ir.Table:
    """Add the lookup; of two players with one key the later one's ends with his id, so a lookup never changes."""
    people = spellings.group_by("player_id").aggregate(
        earliest_name=spellings.player_name.max(where=spellings.from_earliest == 0),
        player_name=spellings.player_name.max(where=spellings.from_latest == 0),
        first_seen=spellings.since.min(),
        last_seen=spellings.until.max(),
    )
    people = people.mutate(key=name_key(people.earliest_name))
    namesakes = ibis.row_number().over(group_by=people.key, order_by=[people.first_seen, people.player_id])
    people = people.mutate(namesakes_before=namesakes)
    own_id = (people.namesakes_before == 0).ifelse("", people.player_id.cast("string"))
    return people.mutate(player_lookup=people.key + own_id).drop("earliest_name", "key", "namesakes_before")


def _aliases(spellings: ir.Table, people: ir.Table) -> ir.Table:
    keys = spellings.select("player_id", key=all_keys(spellings.player_name).split(" ").unnest())
    keys = keys.filter(keys.key != "").union(people.select("player_id", key="player_lookup"), distinct=True)
    keys = keys.mutate(owners=keys.count().over(group_by=keys.key))
    others = keys.filter(keys.owners == 1).anti_join(
        people, [keys.player_id == people.player_id, keys.key == people.player_lookup]
    )
    return others.group_by("player_id").aggregate(aliases=others.key.collect(order_by=others.key))
