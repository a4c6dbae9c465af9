"""Churn: scores, warnings, and how honest they are."""

from retention.models.backtests import Backtest
from retention.models.scores import Score, ScoreRun
from retention.models.warnings import Warning

__all__ = ["Backtest", "Score", "ScoreRun", "Warning"]
