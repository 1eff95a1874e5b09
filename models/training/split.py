"""Split of the rows before a month into training rows and validation rows."""

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.training.config import TrainingConfig

KEY = ["game_date", "player_lookup"]


@dataclass(frozen=True)
class TrainingSplit:
    """Rows to fit on, and rows of the newest dates to validate on."""

    train: pd.DataFrame
    validation: pd.DataFrame

    @classmethod
    def before(cls, month: dt.date, rows: pd.DataFrame, config: TrainingConfig) -> "TrainingSplit":
        """Split the rows before the month; this is the one place that drops the rows of the month and later."""
        dated = rows.assign(game_date=pd.to_datetime(rows.game_date))
        earlier = dated[dated.game_date < pd.Timestamp(month)]
        return cls._of(earlier.sort_values(KEY, ignore_index=True), config)

    @classmethod
    def _of(cls, rows: pd.DataFrame, config: TrainingConfig) -> "TrainingSplit":
        newest = rows.game_date.isin(np.sort(rows.game_date.unique())[-config.validation_dates :])
        return cls(rows[~newest].reset_index(drop=True), rows[newest].reset_index(drop=True))

    def with_line(self, config: TrainingConfig) -> "TrainingSplit":
        """Split only the rows with a line, which have validation dates of their own.

        The archive has lines for some months only: the newest 30 dates may hold none.
        """
        parts = [part[part.line.notna()] for part in (self.train, self.validation)]
        return self._of(pd.concat(parts, ignore_index=True), config)

    @property
    def fingerprint(self) -> str:
        """Hash of all values, columns and rows."""
        digest = hashlib.sha256()
        for part in (self.train, self.validation):
            for name, column in part.items():
                values = column.to_numpy() if column.dtype.kind in "fiubM" else column.astype("string").to_numpy(object)
                digest.update(f"{name}:{len(part)}".encode())
                digest.update(pd.util.hash_array(values).tobytes())
        return digest.hexdigest()[:16]
