"""Baseline: TF-IDF of words and a linear model, trained on the same rows as the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from listener.model import LABELS, Sentiment, Target
from sentiment.rows import Row
from sentiment.windows import windows


class Counts:
    """Words and pairs of words of the first window, those near the target once more with a mark."""

    def __init__(self, rows: Sequence[Row], seed: int = 7) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self.model = "TF-IDF + logistic regression"
        self._pipeline: Any = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\S+"),
            LogisticRegression(C=4.0, max_iter=300, class_weight="balanced", random_state=seed),
        )
        kept = [row for row in rows if row.text.strip()]
        self._pipeline.fit(
            [words(row.as_target()) for row in kept], [LABELS.index(row.label) for row in kept]
        )

    def __call__(self, targets: Sequence[Target]) -> list[Sentiment]:
        """One sentiment for each target."""
        found = self._pipeline.predict_proba([words(target) for target in targets])
        return [Sentiment(float(p[0]), float(p[1]), float(p[2]), self.model) for p in found]


def words(target: Target) -> str:
    """The words of the first window in lower case; the six either side of the target also as `near:word`."""
    cut = windows(target)
    if not cut:
        return ""
    text = cut[0].text.lower()
    if not cut[0].spans:
        return text
    start, end = cut[0].spans[0]
    near = text[:start].split()[-6:] + text[end:].split()[:6]
    return " ".join([text, *(f"near:{word}" for word in near)])
