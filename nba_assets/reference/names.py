"""Resolves delivered names to players. A name that could mean two players stays unresolved."""

from enum import IntEnum
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import EVENT_DATE, History, as_of
from nba_assets.kit.calendar import season_name
from nba_assets.reference.aliases import ALIASES
from nba_resources.names import ACCENTED, DROPPED, REMARK, SPELLED_OUT, SUFFIX, UNACCENTED

RECENT_DAYS = 400  # this season or the last: an initial never means a retired player


class Step(IntEnum):
    """The rules for finding a player, strictest first: the first rule with a candidate decides."""

    EXACT = 1
    WITHOUT_SUFFIX = 2
    LOST_LETTERS = 3
    INITIAL = 4
    REVERSED = 5
    ALIAS = 6


def name_key(name: ir.StringValue) -> ir.StringValue:
    """Return a name's key: lower case, no accents, only a-z and 0-9, suffix kept."""
    return _joined(_words(name))


def all_keys(name: ir.StringValue) -> ir.StringValue:
    """Return the keys of a name with and without suffix and of its aliases, separated by spaces."""
    nicknames: dict[str, list[str]] = {}
    for nickname, usual in ALIASES.items():
        nicknames.setdefault(usual, []).append(nickname)
    bare = _joined(_without_suffix(_words(name)))
    aliases = bare.cases(*((usual, " ".join(keys)) for usual, keys in nicknames.items()), else_="")
    return name_key(name) + " " + bare + " " + aliases


def team_hint(*teams: ir.StringValue) -> ir.StringValue:
    """Return the teams given beside a player in a fixed order, or an empty text."""
    first, *others = [team.coalesce("") for team in teams]
    for other in others:
        first = (first < other).ifelse(first + " " + other, other + " " + first)
    return first.strip()


def resolve(names: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
    """Return each distinct (`raw_name`, `game_date`, `team_hint`) with its player, or NULL and the reason.

    Candidates are players seen in any game before the date, in any season: the date's own box score would leak who
    plays. `team_hint` holds tricodes or is empty; `step` is the rule that found the player.
    """
    keys = names.inner_join(_keys_by_step(names), "raw_name")
    known = as_of(_spellings(player_boxscores), keys, per=["key"], across_seasons=True)
    candidates = keys.inner_join(known, ["game_date", "key"])
    given, known_given = candidates.given, candidates.known_given
    alike = given.startswith(known_given) | known_given.startswith(given)
    candidates = candidates.filter((candidates.step != Step.INITIAL) | alike)
    candidates = candidates.select(*names.columns, "step", "player_id").distinct()
    candidates = candidates.inner_join(players.select("player_id"), "player_id")
    decided = _decided(_trusted(candidates, player_boxscores))
    placed = names.left_join(decided, names.columns).select(*names.columns, "player_id", "step", "n_candidates")
    placed = placed.left_join(players.select("player_id", "player_lookup"), "player_id")
    unresolved = placed.n_candidates.isnull().ifelse("unknown", "ambiguous")
    reason = placed.player_id.isnull().ifelse(unresolved, ibis.null("string"))
    return placed.select(*names.columns, "player_id", "player_lookup", "step", reason=reason)


def last_seen(player_boxscores: History, spine: ir.Table) -> ir.Table:
    """Return the team and date of each player's latest game before each `game_date` of the spine, in any season."""
    games = player_boxscores.map(lambda rows: rows.select("player_id", "game_date", last_team="team_abbr"))
    known = as_of(games, spine, per=["player_id"], across_seasons=True)
    return known.group_by("game_date", "player_id").aggregate(
        last_team=known.last_team.argmax(known[EVENT_DATE]), last_seen=known[EVENT_DATE].max()
    )


def _words(name: ir.StringValue) -> ir.StringValue:
    plain = name.lower().translate(ACCENTED, UNACCENTED)
    for letter, spelled in SPELLED_OUT.items():
        plain = plain.replace(letter, spelled)
    return plain.re_replace(REMARK, " ").re_replace(DROPPED, "").re_replace(r"\s+", " ").strip()


def _joined(words: ir.StringValue) -> ir.StringValue:
    return words.replace(" ", "")


def _without_suffix(words: ir.StringValue) -> ir.StringValue:
    return words.re_replace(SUFFIX, "")


def _ascii_only(name: ir.StringValue) -> ir.StringValue:
    """Return the name without non-ASCII letters: a file with broken accents has `Schr?der` or `SchrÃ¶der`."""
    return _joined(_without_suffix(_words(name.re_replace(r"[^ -~]", ""))))


def _given(words: ir.StringValue) -> ir.StringValue:
    return words.re_replace(r" .*$", "")


def _initial_and_surname(words: ir.StringValue) -> ir.StringValue:
    surname = _joined(words.re_replace(r"^[^ ]+ ?", ""))
    return words.substr(0, 1) + surname.nullif("")


def _keys_by_step(names: ir.Table) -> ir.Table:
    """Return the lookup key of each name for each step; of a name with an alias, the exact key and that of the alias.

    The keys of a name are one list, as six queries would clean every name six times.
    """
    words = names.select("raw_name", words=_words(names.raw_name)).distinct()
    usual = _joined(words.words).cases(*ALIASES.items(), else_=ibis.null("string"))
    parts = words.mutate(bare=_without_suffix(words.words), usual=usual).distinct()
    turned = _without_suffix(parts.bare.re_replace(r"^(.+) ([^ ]+)$", r"\2 \1"))
    keys: dict[Step, Any] = {
        Step.EXACT: "exact:" + _joined(parts.words),
        Step.WITHOUT_SUFFIX: "bare:" + _joined(parts.bare),
        Step.LOST_LETTERS: "ascii:" + _ascii_only(parts.raw_name),
        Step.INITIAL: "initial:" + _initial_and_surname(parts.bare),
        Step.REVERSED: "bare:" + _joined(turned),
        Step.ALIAS: "bare:" + parts.usual,
    }
    always = (Step.EXACT, Step.ALIAS)
    steps = [
        f"{step:d}" + (key if step in always else parts.usual.isnull().ifelse(key, None)) for step, key in keys.items()
    ]
    known = ibis.array(steps).filter(lambda step: step.notnull())
    rows = parts.select("raw_name", given=_given(parts.bare), step=known.unnest())
    return rows.mutate(step=rows.step.substr(0, 1).cast("int64"), key=rows.step.substr(1))


def _spellings(player_boxscores: History) -> History:
    """Return each player's keys, from the first game with that spelling."""
    first = player_boxscores.map(lambda rows: rows.select("player_id", "player_name", "game_date"))
    return first.first(["player_id", "player_name"]).map(_with_keys)


def _with_keys(spelled: ir.Table) -> ir.Table:
    words = _words(spelled.player_name)
    bare = _without_suffix(words)
    keys = "exact:" + _joined(words) + " bare:" + _joined(bare) + " ascii:" + _ascii_only(spelled.player_name)
    keys = keys + " initial:" + _initial_and_surname(bare).coalesce("")
    return spelled.select("player_id", "game_date", known_given=_given(bare), key=keys.split(" ").unnest())


def _trusted(candidates: ir.Table, player_boxscores: History) -> ir.Table:
    """Return the candidates of the deciding step. Latest teams are looked up only where in doubt, as it is slow."""
    name = ["raw_name", "game_date", "team_hint"]
    certain = candidates.step.nullif(int(Step.INITIAL)).min().over(group_by=name)
    candidates = candidates.mutate(certain=certain).filter(lambda t: (t.step <= t.certain) | t.certain.isnull())
    candidates = candidates.mutate(rivals=candidates.count().over(group_by=name))
    doubtful = candidates.filter((candidates.step == Step.INITIAL) | (candidates.rivals > 1))
    latest = last_seen(player_boxscores, doubtful)
    rows = candidates.left_join(latest, ["game_date", "player_id"])
    rows = rows.select(*candidates.columns, "last_team", "last_seen")
    on_team = rows.team_hint.contains(rows.last_team)
    recent = rows.game_date.delta(rows.last_seen, unit="day") <= RECENT_DAYS
    is_trusted = (rows.step != Step.INITIAL) | (recent & (on_team | (rows.team_hint == "")))
    same_season = season_name(rows.game_date) == season_name(rows.last_seen)
    rows = rows.mutate(on_team=on_team.ifelse(1, 0), this_season=same_season.ifelse(1, 0)).filter(is_trusted)
    return rows.mutate(first_step=rows.step.min().over(group_by=name)).filter(lambda t: t.step == t.first_step)


def _decided(rows: ir.Table) -> ir.Table:
    """Choose the only candidate, else the only one on the given teams, else the only one seen this season."""
    name = ["raw_name", "game_date", "team_hint"]
    rows = rows.mutate(n=rows.count().over(group_by=name), n_on_team=rows.on_team.sum().over(group_by=name))
    rows = rows.mutate(in_pool=(rows.n_on_team == 0).ifelse(1, rows.on_team))
    active = rows.in_pool * rows.this_season * (rows.step != Step.INITIAL).ifelse(1, 0)
    rows = rows.mutate(active=active, n_in_pool=rows.in_pool.sum().over(group_by=name))
    rows = rows.mutate(n_active=rows.active.sum().over(group_by=name))
    chosen = ((rows.in_pool == 1) & (rows.n_in_pool == 1)) | ((rows.active == 1) & (rows.n_active == 1))
    return rows.group_by(name).aggregate(
        player_id=rows.player_id.max(where=chosen), step=rows.step.max(where=chosen), n_candidates=rows.count()
    )
