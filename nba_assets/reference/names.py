"""From a published name to a player, conservatively: a name that could be two people stays nobody's."""

from enum import IntEnum
from typing import Any

import ibis
import ibis.expr.types as ir

from nba_assets.kit.as_of import EVENT_DATE, History, as_of
from nba_assets.kit.calendar import season_name
from nba_assets.reference.aliases import ALIASES
from nba_resources.names import ACCENTED, DROPPED, REMARK, SPELLED_OUT, SUFFIX, UNACCENTED

RECENT_DAYS = 400  # this season or the last: a retired player is no reading of an initial


class Step(IntEnum):
    """How a name was placed; the first step with a candidate decides, so a looser one never overrules a stricter."""

    EXACT = 1
    WITHOUT_SUFFIX = 2
    LOST_LETTERS = 3
    INITIAL = 4
    REVERSED = 5
    ALIAS = 6


def name_key(name: ir.StringValue) -> ir.StringValue:
    """What of a name two publishers agree on: lower case, no accents, only a-z and 0-9, suffix kept."""
    return _joined(_words(name))


def all_keys(name: ir.StringValue) -> ir.StringValue:
    """The keys under which a player with this name may be looked up, with and without suffix, separated by spaces."""
    nicknames: dict[str, list[str]] = {}
    for nickname, usual in ALIASES.items():
        nicknames.setdefault(usual, []).append(nickname)
    bare = _joined(_without_suffix(_words(name)))
    called = bare.cases(*((usual, " ".join(keys)) for usual, keys in nicknames.items()), else_="")
    return name_key(name) + " " + bare + " " + called


def team_hint(*teams: ir.StringValue) -> ir.StringValue:
    """The teams a source names beside a player, in one order whichever it gives first; empty where it names none."""
    first, *others = [team.coalesce("") for team in teams]
    for other in others:
        first = (first < other).ifelse(first + " " + other, other + " " + first)
    return first.strip()


def resolve(names: ir.Table, players: ir.Table, player_boxscores: History) -> ir.Table:
    """Each distinct (`raw_name`, `game_date`, `team_hint`) with its player, or NULL and why: unknown or ambiguous.

    Candidates are people seen in any game strictly before the date, in any season: the date's own box score would
    place a debut, and leak who plays. `team_hint` holds tricodes, or is empty; `step` says what placed the name.
    """
    tried = names.inner_join(_tries(names.select("raw_name").distinct()), "raw_name")
    known = as_of(_spellings(player_boxscores), tried, per=["key"], across_seasons=True)
    found = tried.inner_join(known, ["game_date", "key"])
    alike = found.given.startswith(found.known_given) | found.known_given.startswith(found.given)
    found = found.filter((found.step != Step.INITIAL) | alike)
    found = (
        found.select(*names.columns, "step", "player_id")
        .distinct()
        .inner_join(players.select("player_id"), "player_id")
    )
    decided = _decided(_judged(found, player_boxscores))
    placed = names.left_join(decided, names.columns).select(*names.columns, "player_id", "step", "n_candidates")
    placed = placed.left_join(players.select("player_id", "player_lookup"), "player_id")
    nobody = placed.n_candidates.isnull().ifelse("unknown", "ambiguous")
    reason = placed.player_id.isnull().ifelse(nobody, ibis.null("string"))
    return placed.select(*names.columns, "player_id", "player_lookup", "step", reason=reason)


def last_seen(player_boxscores: History, spine: ir.Table) -> ir.Table:
    """The team and the date of each player's latest game before each `game_date` of the spine, in any season."""
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


def _what_ascii_keeps(name: ir.StringValue) -> ir.StringValue:
    """A file that broke its accents has `Schr?der` or `SchrÃ¶der`: what is left is the name without those letters."""
    return _joined(_without_suffix(_words(name.re_replace(r"[^ -~]", ""))))


def _given(words: ir.StringValue) -> ir.StringValue:
    return words.re_replace(r" .*$", "")


def _initial_and_surname(words: ir.StringValue) -> ir.StringValue:
    surname = _joined(words.re_replace(r"^[^ ]+ ?", ""))
    return words.substr(0, 1) + surname.nullif("")


def _tries(names: ir.Table) -> ir.Table:
    """What to look each name up by, step by step."""
    words = _words(names.raw_name)
    bare = _without_suffix(words)
    usual = _joined(words).cases(*ALIASES.items(), else_=ibis.null("string"))
    told = names.mutate(words=words, bare=bare, given=_given(bare), usual=usual)
    turned = _without_suffix(told.bare.re_replace(r"^(.+) ([^ ]+)$", r"\2 \1"))
    keys: dict[Step, Any] = {
        Step.EXACT: "exact:" + _joined(told.words),
        Step.WITHOUT_SUFFIX: "bare:" + _joined(told.bare),
        Step.LOST_LETTERS: "ascii:" + _what_ascii_keeps(told.raw_name),
        Step.INITIAL: "initial:" + _initial_and_surname(told.bare),
        Step.REVERSED: "bare:" + _joined(turned),
        Step.ALIAS: "bare:" + told.usual,
    }
    always = (Step.EXACT, Step.ALIAS)
    tries = [
        (told if step in always else told.filter(told.usual.isnull())).select(
            "raw_name", "given", step=ibis.literal(int(step), "int64"), key=key
        )
        for step, key in keys.items()
    ]
    return ibis.union(*tries).filter(lambda tried: tried.key.notnull())


def _spellings(player_boxscores: History) -> History:
    """Under which keys each player can be found, from the first game he was spelled so."""
    first = player_boxscores.map(lambda rows: rows.select("player_id", "player_name", "game_date"))
    return first.first(["player_id", "player_name"]).map(_with_keys)


def _with_keys(spelled: ir.Table) -> ir.Table:
    words = _words(spelled.player_name)
    bare = _without_suffix(words)
    keys = "exact:" + _joined(words) + " bare:" + _joined(bare) + " ascii:" + _what_ascii_keeps(spelled.player_name)
    keys = keys + " initial:" + _initial_and_surname(bare).coalesce("")
    return spelled.select("player_id", "game_date", known_given=_given(bare), key=keys.split(" ").unnest())


def _judged(found: ir.Table, player_boxscores: History) -> ir.Table:
    """Candidates of the deciding step. Only those in doubt have their latest team looked up, which costs most."""
    name = ["raw_name", "game_date", "team_hint"]
    certain = found.step.nullif(int(Step.INITIAL)).min().over(group_by=name)
    found = found.mutate(certain=certain).filter(lambda t: (t.step <= t.certain) | t.certain.isnull())
    found = found.mutate(rivals=found.count().over(group_by=name))
    doubtful = found.filter((found.step == Step.INITIAL) | (found.rivals > 1))
    latest = last_seen(player_boxscores, doubtful)
    judged = found.left_join(latest, ["game_date", "player_id"]).select(*found.columns, "last_team", "last_seen")
    on_team = judged.team_hint.contains(judged.last_team)
    recent = judged.game_date.delta(judged.last_seen, unit="day") <= RECENT_DAYS
    trusted = (judged.step != Step.INITIAL) | (recent & (on_team | (judged.team_hint == "")))
    same_season = season_name(judged.game_date) == season_name(judged.last_seen)
    judged = judged.mutate(on_team=on_team.ifelse(1, 0), this_season=same_season.ifelse(1, 0)).filter(trusted)
    return judged.mutate(first_step=judged.step.min().over(group_by=name)).filter(lambda t: t.step == t.first_step)


def _decided(judged: ir.Table) -> ir.Table:
    """The one candidate left, else the one on the teams named, else the one seen this season, else nobody."""
    name = ["raw_name", "game_date", "team_hint"]
    judged = judged.mutate(n=judged.count().over(group_by=name), n_on_team=judged.on_team.sum().over(group_by=name))
    judged = judged.mutate(in_pool=(judged.n_on_team == 0).ifelse(1, judged.on_team))
    active = judged.in_pool * judged.this_season * (judged.step != Step.INITIAL).ifelse(1, 0)
    judged = judged.mutate(active=active, n_in_pool=judged.in_pool.sum().over(group_by=name))
    judged = judged.mutate(n_active=judged.active.sum().over(group_by=name))
    chosen = ((judged.in_pool == 1) & (judged.n_in_pool == 1)) | ((judged.active == 1) & (judged.n_active == 1))
    return judged.group_by(name).aggregate(
        player_id=judged.player_id.max(where=chosen), step=judged.step.max(where=chosen), n_candidates=judged.count()
    )
