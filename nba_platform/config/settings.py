"""Typed settings, one class a group, read from variables of the environment."""

import datetime as dt
import difflib
import json
import os
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Self, cast
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.markets import MARKETS, POINTS
from nba_assets.kit.calendar import BadSetting
from nba_platform.alerts.alert import without_secrets
from nba_resources.sources.provider_priority import LINE_PLANS, OPT_IN, PROVIDERS, LiveSettings, is_time

OURS = "NBA_"
REMOVED = frozenset({"balldontlie"})  # providers of earlier versions
PRODUCTION, TEST, ARCHIVE = "NBA_ENV=production", "NBA_ENV=test", "NBA_SOURCE=archive"
_HEADER = re.compile(r"[A-Za-z0-9-]+")


class Form(NamedTuple):
    """The allowed form of a value: in words, and as a rule. `advice` returns how to correct a value, or nothing."""

    words: str
    fits: Callable[[str], object]
    advice: Callable[[str], str] = lambda value: ""


def _one_of(*names: str) -> Form:
    return Form(f"one of {', '.join(names)}", names.__contains__)


def _like(words: str, pattern: str) -> Form:
    return Form(words, re.compile(pattern, re.ASCII).fullmatch)


def _is_address(schemes: Collection[str], value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",")]


def _without_removed(names: Collection[str]) -> str:
    """Return what to write in place of a list that names a provider of earlier versions."""
    if not {*names} & REMOVED:
        return ""
    left = ",".join(name for name in names if name not in REMOVED)
    removed = ", ".join(name for name in names if name in REMOVED)
    return f"; {removed} was removed in 0.3.0: {f'write {left}' if left else 'unset it to use all others'}"


def _headers(value: str) -> dict[str, str]:
    """Return headers written as JSON; raise `ValueError` if they are not, or cannot be sent."""
    try:
        headers = json.loads(value)
    except RecursionError as error:
        raise ValueError(value) from error
    if not isinstance(headers, dict) or not all(map(_HEADER.fullmatch, headers)):
        raise ValueError(value)
    if not all(isinstance(text, str) and text.isascii() and text.isprintable() for text in headers.values()):
        raise ValueError(value)
    return headers


ENV, SOURCE = _one_of("local", "production", "test"), _one_of("simulated", "archive", "live")
ANYTHING = Form("", bool)
WEB = Form("an http or https address", partial(_is_address, ("http", "https")))
POSTGRES = Form("an address like postgresql://user:secret@host/database", partial(_is_address, ("postgresql",)))
CREDITS = _like("a number of credits", r"\d{1,12}\.?\d{0,6}|\.\d{1,6}")
GIGABYTES = _like("a number above zero", r"(?=.*[1-9])\d{1,9}(\.\d{1,6})?")
DATE = Form("a date like 2025-01-31", dt.date.fromisoformat)
MOMENT = Form("`now` or a moment with its zone, like 2025-01-15T09:00-05:00", is_time)
PROVIDER_LIST = Form(
    f"some of {', '.join(PROVIDERS)}, separated by commas",
    lambda value: {*_names(value)} <= {*PROVIDERS},
    lambda value: _without_removed(_names(value)),
)
MARKET_LIST = Form(
    f"some of {', '.join(market.short for market in MARKETS.values())} or their keys such as {POINTS}, "
    "separated by commas",
    lambda value: {*_names(value)} <= {*MARKETS, *(market.short for market in MARKETS.values())},
)
HEADERS = Form('a JSON object of names and texts, like {"User-Agent": "Mozilla/5.0"}', lambda value: _headers(value))
BUCKET = _like("an address like gs://bucket/prefix", r"gs://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^\s/.][^\s/]*)*/?")
PROJECT = _like("a project's id like nba-props-1", r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{2,28}[a-z0-9]")
LOCATION = _like("a location like US or europe-west1", r"[A-Za-z][A-Za-z0-9-]*")
SWITCH = Form("on or off", ("on", "off").__contains__)


def setting(meaning: str, default: str = "", unset: str = "", needed_by: str = "", form: Form = ANYTHING) -> Any:
    """Declare a setting. `unset` is the effect of leaving it out, `needed_by` a setting that requires it."""
    extra: Any = {"unset": unset, "needed_by": needed_by, "form": form}
    return Field(default, description=meaning, json_schema_extra=extra)


class Group(BaseSettings):
    """Settings that belong together. `read_settings` checks the form of every value first."""

    model_config = SettingsConfigDict(env_prefix=OURS, env_ignore_empty=True, extra="ignore", frozen=True)

    @classmethod
    def variable(cls, field: str) -> str:
        """Return the name of a field's variable."""
        return f"{cls.model_config['env_prefix']}{field}".upper()

    @classmethod
    def read(cls, changes: Mapping[str, str]) -> Self:
        """Read the group; `changes` to variables win over the environment."""
        return cls(**{name: changes[cls.variable(name)] for name in cls.model_fields if cls.variable(name) in changes})


class Platform(Group):
    """Environment, local state, source and automation."""

    env: str = setting("where things are kept, and whether anything acts by itself", "local", form=ENV)
    home: str = setting(
        "all local state: `nba.duckdb`, files, the orchestrator's records", "", "`.nba` in the checkout", TEST
    )
    source: str = setting("where facts come from", "simulated", needed_by=PRODUCTION, form=SOURCE)
    archive_dir: str = setting("folder or bucket that holds the archive", needed_by=ARCHIVE)
    automation: str = setting(
        "whether the platform runs itself while its daemon runs", "", "`on` in `nba ui`, else `off`", form=SWITCH
    )
    today: str = setting('pins "tonight"', "", "the first date with an unfinished game", form=DATE)
    alert_webhook: SecretStr = setting("where alerts go besides the log", "", "the log only", form=WEB)
    dagster_postgres: SecretStr = setting(
        "database for the orchestrator's records", "", "SQLite under `NBA_HOME`", form=POSTGRES
    )


class Bucket(Group, env_prefix=""):
    """The bucket that holds files in production."""

    nba_objects: str = setting("bucket for models, exports and responses", needed_by=PRODUCTION, form=BUCKET)
    storage_emulator_host: str = setting("an emulator of the bucket's service", "", "the real service", form=WEB)


class BigQuery(Group, env_prefix=f"{OURS}BIGQUERY_"):
    """The warehouse of production."""

    project: str = setting("project that holds the datasets and pays", needed_by=PRODUCTION, form=PROJECT)
    location: str = setting("where the datasets lie, for good", "US", form=LOCATION)
    max_gb: float = setting("a statement that would be billed for more is refused", "10", form=GIGABYTES)
    endpoint: str = setting("an emulator", "", "the real service", form=WEB)


class Live(Group):
    """Live providers: who, which plan, which key, where."""

    providers: str = setting(
        "live providers that may be asked",
        ",".join(name for name in PROVIDERS if name not in OPT_IN),
        f"all but {', '.join(OPT_IN)}, whose terms are yours to accept",
        form=PROVIDER_LIST,
    )
    lines: str = setting(
        "which lines are requested: eight times a game and odds on games, or twice, which a free plan allows",
        "full",
        form=_one_of(*LINE_PLANS),
    )
    markets: str = setting(
        "statistics of players whose lines are requested, each at the same price", "pts", form=MARKET_LIST
    )
    the_odds_api_key: SecretStr = setting("key of The Odds API, for live lines")
    the_odds_api_monthly: float = setting("what its plan allows a month", "500", form=CREDITS)
    the_odds_api_daily: str = setting("what may be spent there a day", "", "the month's", form=CREDITS)
    landing: str = setting("folder or bucket of stored responses, such as those of another home", "", "the files' own")
    known_by: str = setting(
        "send no request, and use only what was received by then", "", "providers are asked", form=MOMENT
    )
    nba_com_url: str = setting("where nba_com is", "", "its own", form=WEB)
    nba_com_headers: SecretStr = setting(
        "headers sent to nba_com besides its own, such as those of your browser; an empty text leaves one out",
        form=HEADERS,
    )
    sportsdataverse_url: str = setting("where sportsdataverse is", "", "its own", form=WEB)
    the_odds_api_url: str = setting("where the_odds_api is", "", "its own", form=WEB)
    injury_report_url: str = setting("where injury_report is", "", "its own", form=WEB)
    history_credits: float = setting("what paid history may spend in one run", "0", form=CREDITS)

    @property
    def of_source(self) -> LiveSettings:
        """The same as `live_source` takes them."""
        urls = {name: getattr(self, f"{name}_url") for name in PROVIDERS}
        headers = {"nba_com": _headers(self.nba_com_headers.get_secret_value() or "{}")}
        same = self.model_dump(include={"landing", "known_by", "lines"}) | {"urls": urls, "headers": headers}
        asked = _names(self.markets)
        same["markets"] = tuple(key for key, market in MARKETS.items() if key in asked or market.short in asked)
        return LiveSettings(providers=tuple(_names(self.providers)), for_history=self.history_credits, **same)


class Deployment(Group):
    """Read only by the files in `deploy/`."""

    code_host: str = setting("where `deploy/workspace.yaml` finds the code server")
    postgres_password: SecretStr = setting("password of the database in `deploy/compose.yaml`")
    archive_on_host: str = setting("folder that the containers see as `/archive`", "", "`deploy/archive`")


@dataclass(frozen=True)
class Settings:
    """All settings."""

    platform: Platform
    bucket: Bucket
    bigquery: BigQuery
    live: Live


@dataclass(frozen=True)
class Variable:
    """The variable of the environment that a setting is read from."""

    name: str
    meaning: str
    default: str
    secret: bool
    form: Form
    unset: str
    needed_by: str

    @property
    def value(self) -> str:
        """The value in the environment; an empty value counts as not set."""
        return os.environ.get(self.name) or ""

    def shown(self, value: str) -> str:
        """Return a value for people; of a secret only that it is set."""
        return "set" if self.secret and value else without_secrets(value) or "not set"

    @property
    def row(self) -> str:
        """The row of the docs."""
        meaning = ": ".join(filter(None, (self.meaning, self.form.words))) + (" (secret)" if self.secret else "")
        default = self.unset or (self.default and f"`{self.default}`")
        needed = self.needed_by and f"must be set with `{self.needed_by}`"
        return f"| `{self.name}` | {meaning} | {'; '.join(filter(None, (default, needed)))} |"

    def problem(self, value: str, in_force: Collection[str]) -> str | None:
        """Return what is wrong with a value, or that it is missing, given the settings in force."""
        if not value and self.needed_by in in_force:
            form = self.form.words and f": {self.form.words}"
            return f"{self.name} is not set, and {self.needed_by} needs it ({self.meaning}{form})"
        with suppress(ValueError):
            if not value or self.form.fits(value):
                return None
        if self.secret:
            return f"{self.name} must be {self.form.words}; what it is set to is not shown"
        return f"{self.name} is {self.shown(value)!r}: it must be {self.form.words}{self.form.advice(value)}"


VARIABLES = tuple(
    Variable(group.variable(name), one.description or "", one.default, one.annotation is SecretStr, **extra)
    for group in (Platform, Bucket, BigQuery, Live, Deployment)
    for name, one in group.model_fields.items()
    for extra in [cast(Any, one.json_schema_extra)]
)


def problems(changes: Mapping[str, str] = {}) -> list[str]:
    """Return everything that is missing or wrong in the environment after `changes` to its variables."""
    values = {variable.name: variable.value for variable in VARIABLES} | {**changes}
    in_force = {f"{variable.name}={values[variable.name] or variable.default}" for variable in VARIABLES}
    return [problem for variable in VARIABLES if (problem := variable.problem(values[variable.name], in_force))]


def read_settings(changes: Mapping[str, str] = {}) -> Settings:
    """Read all settings; one error lists everything that is missing or wrong."""
    if wrong := problems(changes):
        many = f"{len(wrong)} settings are missing or wrong: " if len(wrong) > 1 else ""
        raise BadSetting(many + "; ".join(wrong))
    return Settings(Platform.read(changes), Bucket.read(changes), BigQuery.read(changes), Live.read(changes))


def unknown_variables() -> dict[str, str]:
    """Return variables like ours that are not read, each with the name it may be a misspelling of, or nothing."""
    known = [variable.name for variable in VARIABLES]
    unknown = sorted(name for name in os.environ if name.startswith(OURS) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, 1, 0.8)), "") for name in unknown}
