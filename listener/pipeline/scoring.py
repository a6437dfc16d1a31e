"""score: mentions without a sentiment of the present model, newest first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from listener.errors import SentimentError
from listener.model import Sentiment, Target
from listener.pipeline.hall import Hall

if TYPE_CHECKING:
    from sentiment import Scorer
    from storage.rows import Unscored

log = logging.getLogger("listener.score")
CHUNK = 64


def score(hall: Hall) -> int:
    """Judge what waits; a mention that cannot be judged stays unscored and holds up no other."""
    done, given_up = 0, set[int]()
    while not hall.stop.is_set():
        waiting = [row for row in _waiting(hall, len(given_up)) if row.mention_id not in given_up]
        if not waiting:
            break
        judged = [
            (row.mention_id, sentiment) for row, sentiment in _judged(hall.scorer, waiting) if sentiment
        ]
        given_up |= {row.mention_id for row in waiting} - {mention_id for mention_id, _ in judged}
        if judged:
            done += hall.storage.save_sentiments(hall.scorer.model, judged, hall.clock())
            log.info("mentions=%d judged", done)
    if given_up:
        log.warning("mentions=%d could not be judged and stay unscored", len(given_up))
    return done


def _waiting(hall: Hall, given_up: int) -> list[Unscored]:
    return hall.storage.unscored(hall.scorer.model, CHUNK + given_up)


def _judged(scorer: Scorer, rows: Sequence[Unscored]) -> list[tuple[Unscored, Sentiment | None]]:
    targets = [Target(row.text, row.spans, row.title, row.quote, row.language) for row in rows]
    try:
        return list(zip(rows, scorer(targets), strict=True))
    except SentimentError:
        return [(row, _alone(scorer, target)) for row, target in zip(rows, targets, strict=True)]


def _alone(scorer: Scorer, target: Target) -> Sentiment | None:
    try:
        return scorer([target])[0]
    except SentimentError:
        return None
