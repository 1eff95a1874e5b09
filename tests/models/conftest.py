import pandas as pd
import pytest

from models.training.train import Training, train_month

from .seasons import MONTH, TINY, past


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    return past()


@pytest.fixture(scope="session")
def trained(rows: pd.DataFrame) -> Training:
    """One month, trained once for everything that is said of a training and of its cards."""
    return train_month(MONTH, rows, TINY)
