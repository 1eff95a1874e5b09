import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nba_assets.kit.calendar import State
from nba_platform.cli.render import to_json


@dataclass(frozen=True)
class Inner:
    date: dt.date
    state: State


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]

    @property
    def document(self) -> dict:
        return {"all": self.inner, "many": len(self.inner)}


def test_every_value_of_a_result_becomes_json_in_one_place():
    day = dt.date(2024, 12, 4)
    rows = pd.DataFrame({"n": [np.int64(3)], "missing": [np.nan], "at": [pd.Timestamp("2024-12-04T01:00Z")]})

    assert to_json(Outer((Inner(day, State.COMPLETE),))) == {
        "all": [{"date": "2024-12-04", "state": "complete"}],
        "many": 1,
    }
    assert to_json({day: rows, State.MISSING: float("nan")}) == {
        "2024-12-04": [{"n": 3, "missing": None, "at": "2024-12-04T01:00:00+00:00"}],
        "missing": None,
    }
