"""Training of the systems of every market, month by month, each from rows before its month only.

One artefact holds the models of a month and variant, and each market has a card of its own: a market may fail its gates
while the others pass. All models are judged on rows that models of earlier months had forecast.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.forecast_keys import Edition, Variant
from models.markets import BASES, MARKETS, MINUTES
from models.rates.averages import actual, average
from models.rates.blend import NOTHING_LEARNED, Blend
from models.rates.forecast import forecast_markets
from models.rates.inputs import KEYS, input_columns
from models.rates.model import CONTRACT, RatesModel
from models.rates.training import RatesConfig, train_months
from models.rates.variants import training_rows
from models.system_ids import SystemId
from models.training.card_values import json_text, mean, span
from models.training.cards import ModelCard
from models.training.gates import GateResult, status_after
from models.training.learners import ArtifactFormat, XGBoostLearner, library_version
from models.training.market_gates import judge_chances, judge_forecasts
from models.training.registry import BLEND_CONTRACT, Candidate, artifact_path

VALIDATION_DATES = 30
PLAIN = SystemId.PLAIN_AVERAGE
_LINE = ["game_date", "player_lookup", "market", "game_id", "line", "price_over"]
_RESULTS = ("actual_minutes", *(f"actual_{base}" for base in BASES))


@dataclass(frozen=True)
class MarketsConfig:
    """Settings of a training of all markets."""

    rates: RatesConfig = field(default_factory=RatesConfig)
    validation_dates: int = VALIDATION_DATES

    @property
    def hash(self) -> str:
        """Hash of every setting."""
        return hashlib.sha256(json_text(asdict(self)).encode()).hexdigest()[:12]


def fingerprints(rows: pd.DataFrame, lines: pd.DataFrame, months: Sequence[dt.date]) -> dict[dt.date, str]:
    """Return a hash of everything before each month."""
    digests = [_digests(rows, KEYS), _digests(lines, _LINE[:3])]
    before = {month: [text for one in digests for start, text in one.items() if start < month] for month in months}
    return {month: hashlib.sha256("".join(parts).encode()).hexdigest()[:16] for month, parts in before.items()}


def train_markets(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    months: Mapping[dt.date, str],
    config: MarketsConfig,
    trained: Mapping[Variant, Mapping[dt.date, XGBoostLearner]],
) -> dict[dt.date, list[Candidate]]:
    """Return the candidates of each month; `months` have the fingerprint of the data before them.

    `rows` are the inputs of both editions with what the players did, `lines` the lines of `at_line` with the price's
    chance. `trained` are stored models of minutes of the same data.
    """
    candidates: dict[dt.date, list[Candidate]] = {month: [] for month in months}
    lined = []
    for variant in Variant:
        own = training_rows(rows, variant)
        if own.empty:
            continue
        for walked in _walk(own, lines, variant, [*months], config, trained.get(variant, {})):
            if walked.month in months and walked.validation is not None:
                candidates[walked.month] += _rates_cards(walked, variant, config, months[walked.month])
            lined.append(walked.lined)
    for month, cards in _blends(pd.concat(lined), months, config).items() if lined else ():
        candidates[month] += cards
    return candidates


@dataclass(frozen=True)
class _Walked:
    """A month's model, the newest forecasts before it, and the forecasts of the month's own rows with a line."""

    month: dt.date
    model: RatesModel
    train: pd.DataFrame
    validation: pd.DataFrame | None
    lined: pd.DataFrame


def _walk(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    variant: Variant,
    months: Sequence[dt.date],
    config: MarketsConfig,
    trained: Mapping[dt.date, XGBoostLearner],
) -> Iterator[_Walked]:
    """Yield month by month, each forecast by the models of the months before."""
    rows = rows.assign(game_date=pd.to_datetime(rows.game_date)).reset_index(drop=True)
    start = rows.game_date.dt.to_period("M").dt.to_timestamp().dt.date
    newest: list[pd.DataFrame] = []
    for month, model in train_months(rows, sorted({*start, *months}), config.rates, trained):
        earlier, own = rows.game_date < pd.Timestamp(month), rows[start == month]
        made = _forecasts(own, model, variant, lines)
        validation = _newest(pd.concat(newest), config.validation_dates) if newest else None
        yield _Walked(month, model, rows.loc[earlier, ["game_date"]], validation, _lined(made))
        newest = [*newest, made][-2:] if len(made) else newest


def _forecasts(rows: pd.DataFrame, model: RatesModel, variant: Variant, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts of minutes and of every market beside the averages, the line and what happened."""
    if rows.empty:
        return pd.DataFrame()
    wide = pd.DataFrame(index=rows.index)
    of_market = {key: _side(rows, lines[lines.market == key]) for key in MARKETS}
    for key, own in of_market.items():
        wide[key] = own.line
    made = forecast_markets(rows, {variant: model}, wide)
    parts = []
    for key, market in MARKETS.items():
        own = made[made.market == key].loc[rows.index]
        parts.append(
            own.assign(
                actual=actual(rows, market),
                plain=average(PLAIN, rows, market.counts),
                season=average(SystemId.SEASON_AVERAGE, rows, market.counts),
                game_id=of_market[key].game_id,
                price_over=of_market[key].price_over,
            )
        )
    of_minutes = parts[0].assign(
        market=MINUTES,
        value=parts[0].minutes,
        actual=rows.actual_minutes,
        plain=average(PLAIN, rows, (MINUTES,)),
        season=average(SystemId.SEASON_AVERAGE, rows, (MINUTES,)),
        line=np.nan,
        price_over=np.nan,
    )
    return pd.concat([*parts, of_minutes], ignore_index=True)


def _side(rows: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the game, line and the price's chance of each row of the edition that is priced."""
    key = ["game_date", "player_lookup"]
    found = rows[key].merge(lines[_LINE].drop(columns="market"), on=key, how="left").set_axis(rows.index)
    return found[["game_id", "line", "price_over"]].where(rows.edition == Edition.AT_LINE)


def _lined(made: pd.DataFrame) -> pd.DataFrame:
    if made.empty:
        return made
    own = made[made.line.notna() & made["median"].notna()]
    return own[["game_date", "game_id", "market", "line", "median", "actual", "price_over"]].assign(
        model_over=own.over / (1 - own.push)
    )


def _newest(rows: pd.DataFrame, dates: int) -> pd.DataFrame | None:
    """Return the forecasts of the newest dates on which anything was forecast."""
    told = rows[rows.value.notna()]
    newest = np.sort(told.game_date.unique())[-dates:]
    return told[told.game_date.isin(newest)] if len(newest) else None


def _rates_cards(walked: _Walked, variant: Variant, config: MarketsConfig, data: str) -> Iterator[Candidate]:
    artifact = walked.model.to_bytes()
    assert walked.validation is not None
    for market, rows in walked.validation.groupby("market"):
        if market != MINUTES and market not in walked.model.distributions:
            continue
        gates = judge_forecasts(rows, rows.game_date.max() < pd.Timestamp(walked.month))
        about = {"market": str(market), "variant": variant.value, "data_fingerprint": data, "config_hash": config.hash}
        learned = {**asdict(config.rates), "validation_dates": config.validation_dates}
        yield _candidate(SystemId.RATES, walked.month, artifact, walked.train, rows, gates, about, learned)


def _blends(
    lined: pd.DataFrame, months: Mapping[dt.date, str], config: MarketsConfig
) -> dict[dt.date, list[Candidate]]:
    """Return the candidates of the blend, judged on the chances that earlier months were given before they began."""
    lined = lined.sort_values(["game_date", "market"], kind="stable", ignore_index=True) if len(lined) else lined
    if lined.empty:
        return {}
    start = lined.game_date.dt.to_period("M").dt.to_timestamp().dt.date
    told: list[pd.DataFrame] = []
    found: dict[dt.date, list[Candidate]] = {}
    for month in sorted({*start, *months}):
        learned, own = Blend.before(month, lined), lined[start == month]
        if learned and month in months and told:
            found[month] = [*_blend_cards(learned, month, lined, pd.concat(told), config, months[month])]
        blend = learned or NOTHING_LEARNED  # before the first there is the price as it is
        point = blend.point(own.market, own.line, own["median"])
        told.append(own.assign(value=point, chance=blend.over(own.price_over, own.model_over)))
    return found


def _blend_cards(
    blend: Blend, month: dt.date, lined: pd.DataFrame, told: pd.DataFrame, config: MarketsConfig, data: str
) -> Iterator[Candidate]:
    artifact = blend.to_bytes()
    train = lined.loc[lined.game_date < pd.Timestamp(month), ["game_date"]]
    for market in MARKETS:
        rows = told[told.market == market]
        if rows.empty:
            continue
        newest = np.sort(rows.game_date.unique())[-config.validation_dates :]
        rows = rows[rows.game_date.isin(newest)].assign(season=np.nan, plain=np.nan)
        gates = judge_chances(rows, rows.game_date.max() < pd.Timestamp(month))
        about = {
            "market": market,
            "variant": Variant.AT_LINE.value,
            "data_fingerprint": data,
            "config_hash": config.hash,
        }
        learned = {"priced_rows": blend.rows, "validation_dates": config.validation_dates}
        yield _candidate(SystemId.MARKET_BLEND, month, artifact, train, rows, gates, about, learned)


def _candidate(
    system: SystemId,
    month: dt.date,
    artifact: bytes,
    train: pd.DataFrame,
    rows: pd.DataFrame,
    gates: Sequence[GateResult],
    about: Mapping[str, str],
    learned: Mapping[str, Any],
) -> Candidate:
    """Return the card of one market and the artefact it shares with the others."""
    is_rates = system is SystemId.RATES
    artifact_format = ArtifactFormat.RATES if is_rates else ArtifactFormat.PARAMETERS
    sha = hashlib.sha256(artifact).hexdigest()
    identity: dict[str, Any] = {
        **about,
        "artifact_sha256": sha,
        "feature_contract": CONTRACT if is_rates else BLEND_CONTRACT,
        "library_version": library_version(artifact_format),
    }
    name = f"{system}-{about['market']}-{about['variant']}-{month:%Y-%m}"
    errors = {column: mean((rows[column] - rows.actual).abs()) for column in ("value", "season", "plain", "line")}
    metrics = {"n": len(rows), "mae": errors["value"], "mae_line": errors["line"]}
    metrics |= {"mae_plain_average": errors["plain"], "bias": mean(rows.value - rows.actual)}
    card = ModelCard(
        **identity,
        **span("train", train),
        **span("validation", rows),
        model_id=f"{name}-{hashlib.sha256(json_text(identity).encode()).hexdigest()[:12]}",
        system_id=system.value,
        model_month=month,
        status=status_after(gates).value,
        artifact_path=artifact_path(system, month, f"{about['variant']}-{sha[:12]}", artifact_format),
        artifact_format=artifact_format.value,
        n_train=len(train),
        n_validation=len(rows),
        mae_train=None,
        mae_validation=errors["value"],
        mae_season_average=errors["season"],
        bias_to_line=mean(rows.value - rows.line),
        gate_results=json_text([asdict(gate) for gate in gates]),
        hyper_parameters=json_text(learned),
        residual_sd=json_text({}),
        metrics=json_text({"all": metrics}),
    )
    return Candidate(card, artifact)


def _digests(rows: pd.DataFrame, keys: Sequence[str]) -> dict[dt.date, str]:
    """Return a hash of the rows of each month; a copy of all months at once would double the memory of a training."""
    columns = [name for name in (*KEYS, *input_columns(), *_LINE, *_RESULTS) if name in rows]
    months = pd.to_datetime(rows.game_date).dt.to_period("M").dt.to_timestamp().dt.date
    return {month: _digest(own.sort_values([*keys])[[*dict.fromkeys(columns)]]) for month, own in rows.groupby(months)}


def _digest(rows: pd.DataFrame) -> str:
    hashes = pd.util.hash_pandas_object(rows.assign(game_date=pd.to_datetime(rows.game_date)), index=False)
    return hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()
