"""Sentiment towards a target: the scorer, its model and how well it does."""

from sentiment.evaluation import Report, evaluate, write_predictions
from sentiment.rows import Row, read_rows
from sentiment.scorer import Scorer

__all__ = ["Report", "Row", "Scorer", "evaluate", "read_rows", "write_predictions"]
