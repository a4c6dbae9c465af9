"""Scores learned from outcomes: who of those live at the cut had left within the horizon.

Strongly regularised logistic regression first; a small boosting model is switched on only when it wins the
cross-validated log-loss by more than one standard error; and neither is used when the base rate does as well.
Nothing is resampled or re-weighted: that would make the probability a wrong one.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from retention.churn import metrics
from retention.churn.arrays import Floats, Ints
from retention.churn.ladder import LEAST_LEAVERS, LEAST_LEAVERS_TO_BOOST, Level, Why

_FOLDS = 5
# Inverse strength of the penalty on standardised columns.
_C = 0.1
_STRINGS = NDArray[np.str_]


class Classifier(Protocol):
    """What is asked of a scikit-learn classifier."""

    def fit(self, x: Floats, y: Ints) -> object:
        """Learn from rows (n, columns) and outcomes (n,)."""

    def predict_proba(self, x: Floats) -> Floats:
        """Chances (n, 2) of having stayed and left."""


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of numbers: ``matrix`` (n, columns), the ``names`` of the columns, and each one's notion.

    ``notion_of`` (columns,) indexes ``notions``: all columns made from one fact share a notion.
    """

    matrix: Floats
    names: tuple[str, ...]
    notions: tuple[str, ...]
    notion_of: Ints


@dataclass(frozen=True, slots=True)
class Rung:
    """Cross-validated figures of one model: ``out_of_fold`` (n,) chances, mean log-loss and AUC."""

    level: Level
    out_of_fold: Floats
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use, or none (``level`` RULES), why, and the figures of every model that was tried."""

    level: Level
    why: Why
    model: Classifier | None
    base_log_loss: float
    tried: tuple[Rung, ...]


def design(numbers: dict[str, Floats], choices: dict[str, _STRINGS] | None = None) -> Design:
    """Columns from named facts of n customers.

    A number that is never negative also enters as log(1 + number): most effects fade with size. A choice
    becomes one column per value but the first, so that no column repeats the others. A missing number (NaN)
    becomes the mean, with a column that says so.
    """
    columns: list[Floats] = []
    names: list[str] = []
    notion_of: list[int] = []
    notions = (*numbers, *(choices or {}))
    for notion, (name, values) in enumerate(numbers.items()):
        for column, suffix in _columns_of(values):
            columns.append(column)
            names.append(name + suffix)
            notion_of.append(notion)
    for notion, (name, chosen) in enumerate((choices or {}).items(), start=len(numbers)):
        for value in np.unique(chosen)[1:]:
            columns.append((chosen == value).astype(np.float64))
            names.append(f"{name}={value}")
            notion_of.append(notion)
    return Design(np.column_stack(columns), tuple(names), notions, np.array(notion_of, dtype=np.int64))


def _columns_of(values: Floats) -> list[tuple[Floats, str]]:
    missing = np.isnan(values)
    filled = np.where(missing, np.nanmean(values), values) if missing.any() else values.astype(np.float64)
    columns = [(filled, "")]
    if filled.min() >= 0 and len(np.unique(filled)) > 2:
        columns.append((np.log1p(filled), " (log)"))
    if missing.any():
        columns.append((missing.astype(np.float64), " (missing)"))
    return columns


def logistic() -> Classifier:
    """Logistic regression on standardised columns."""
    model: Classifier = make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=2000))
    return model


def boosting(seed: int = 0) -> Classifier:
    """A small boosting model: few leaves, low rate."""
    model: Classifier = HistGradientBoostingClassifier(
        max_leaf_nodes=6,
        learning_rate=0.05,
        max_iter=150,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    return model


def cross_validated(level: Level, matrix: Floats, left: Ints, *, seed: int = 0) -> Rung:
    """Chances for each customer from a model that has not seen them, in five stratified folds."""
    chances = np.empty(len(left))
    folds = StratifiedKFold(n_splits=_FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(matrix, left):
        model = logistic() if level is Level.LOGISTIC else boosting(seed)
        model.fit(matrix[train], left[train])
        chances[test] = model.predict_proba(matrix[test])[:, 1]
    return Rung(level, chances, metrics.log_loss(left, chances), metrics.auc(left, chances))


def choose(matrix: Floats, left: Ints, *, seed: int = 0) -> Choice:
    """Climb the ladder for ``matrix`` (n, columns) and outcomes ``left`` (n,) of 0 and 1.

    Each step up must win the log-loss by more than one standard error of the difference between customers;
    a step that only draws is not taken.
    """
    leavers = int(min(left.sum(), len(left) - left.sum()))
    rate = float(left.mean())
    if leavers < LEAST_LEAVERS:
        return Choice(Level.RULES, Why.FEW_LEAVERS, None, float("nan"), ())
    base = np.full(len(left), rate)
    first = cross_validated(Level.LOGISTIC, matrix, left, seed=seed)
    tried = [first]
    if leavers >= LEAST_LEAVERS_TO_BOOST:
        tried.append(cross_validated(Level.BOOSTING, matrix, left, seed=seed))
    best = first if len(tried) == 1 or not wins(left, tried[1].out_of_fold, first.out_of_fold) else tried[1]
    base_log_loss = metrics.log_loss(left, base)
    if not wins(left, best.out_of_fold, base):
        return Choice(Level.RULES, Why.WORSE_THAN_BASE_RATE, None, base_log_loss, tuple(tried))
    model = logistic() if best is first else boosting(seed)
    model.fit(matrix, left)
    why = Why.LOGISTIC_WINS if best is first else Why.BOOSTING_WINS
    return Choice(best.level, why, model, base_log_loss, tuple(tried))


def wins(left: Ints, challenger: Floats, champion: Floats) -> bool:
    """Whether the challenger's mean log-loss is lower by more than one standard error of the difference."""
    gain = metrics.losses(left, champion) - metrics.losses(left, challenger)
    return bool(gain.mean() > gain.std(ddof=1) / np.sqrt(len(gain)))


def linear_weights(model: Classifier) -> tuple[Floats, float]:
    """Coefficients (columns,) and intercept of a fitted ``logistic`` in the units of the design's columns."""
    scaler, regression = (step for _, step in model.steps)  # type: ignore[attr-defined]
    coefficients = np.asarray(regression.coef_[0] / scaler.scale_, dtype=np.float64)
    return coefficients, float(regression.intercept_[0] - coefficients @ scaler.mean_)
