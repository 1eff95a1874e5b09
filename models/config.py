"""What training may be told: every number that is not learned, typed, hashed and kept on the model's card.

Threads are among them: sums of floats depend on how many add them up, and equal data must give equal bytes. XGBoost has
one, because its threads wait for each other at every level of every tree: beside other work two took ten times as long.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

THREADS = 2  # for answering, where the number of threads changes no digit
SEED = 20
OURS = ("trees", "patience", "threads")  # what learners call by other names


@dataclass(frozen=True)
class XGBoostConfig:
    """Depth, pace and length are given; the rest was chosen on 2022-23 and 2023-24."""

    max_depth: int = 6
    learning_rate: float = 0.03
    trees: int = 1_000
    patience: int = 50
    min_child_weight: float = 100.0
    subsample: float = 0.5
    colsample_bynode: float = 0.3
    reg_lambda: float = 30.0
    max_bin: int = 128
    threads: int = 1

    def parameters(self) -> dict[str, Any]:
        """The learner's own names."""
        return {name: value for name, value in asdict(self).items() if name not in OURS} | {
            "objective": "reg:squarederror",
            "eval_metric": "mae",
            "tree_method": "hist",
            "nthread": self.threads,
            "seed": SEED,
        }


@dataclass(frozen=True)
class CatBoostConfig:
    """Depth, pace and length are given for catboost_v8; the rest was chosen on 2022-23 and 2023-24."""

    depth: int = 6
    learning_rate: float = 0.07
    trees: int = 1_000
    patience: int = 50
    l2_leaf_reg: float = 100.0
    random_strength: float = 5.0
    rsm: float = 0.5
    bootstrap_type: str = "MVS"
    subsample: float = 0.8
    threads: int = 2

    def parameters(self) -> dict[str, Any]:
        """The learner's own names."""
        return {name: value for name, value in asdict(self).items() if name not in OURS} | {
            "iterations": self.trees,
            "early_stopping_rounds": self.patience,
            "loss_function": "RMSE",
            "random_seed": SEED,
            "thread_count": self.threads,
            "allow_writing_files": False,
            "verbose": False,
        }


EXTENDED_CATBOOST = CatBoostConfig(
    learning_rate=0.03, l2_leaf_reg=50.0, random_strength=1.0, rsm=0.3, bootstrap_type="Bernoulli", subsample=0.5
)
CAUTIOUS_CATBOOST = CatBoostConfig(  # few rows and little to learn: shallow, slow, and never long
    depth=4,
    learning_rate=0.03,
    trees=300,
    l2_leaf_reg=300.0,
    random_strength=1.0,
    rsm=0.3,
    bootstrap_type="Bernoulli",
    subsample=0.5,
)


@dataclass(frozen=True)
class TrainingConfig:
    """One month's training: how the past is split, when it is too little, and each learner's own numbers."""

    validation_dates: int = 30
    least_rows: int = 5_000
    least_rows_with_line: int = 2_000
    xgboost: XGBoostConfig = XGBoostConfig()
    catboost: CatBoostConfig = CatBoostConfig()
    extended: CatBoostConfig = EXTENDED_CATBOOST
    anchored: CatBoostConfig = CAUTIOUS_CATBOOST

    @property
    def hash(self) -> str:
        """Changes with any number in it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]
