import pandas as pd
import pytest

from models.training.train import TrainingResult, train_month

from .seasons import MONTH, TINY, training_rows


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    return training_rows()


@pytest.fixture(scope="session")
def trained(rows: pd.DataFrame) -> TrainingResult:
    """Train one month once, for all tests of training and cards."""
    return train_month(MONTH, rows, TINY)
