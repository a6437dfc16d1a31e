"""aggregate: coverage, then the daily series of the days that changed."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from listener.pipeline.hall import Hall

if TYPE_CHECKING:
    from storage.rows import Touched

log = logging.getLogger("listener.aggregate")
CHUNK = 500


def aggregate(hall: Hall, *, everything: bool = False) -> int:
    """Rebuild exactly the touched days (or all); returns how many product days."""
    storage, now = hall.storage, hall.clock()
    today = hall.day(now)
    assert today is not None
    if everything:
        storage.touch_all()
    storage.touch_open(today)
    pending = storage.touched_days()
    for start in range(0, len(pending), CHUNK):
        if hall.stop.is_set():
            return start
        _rebuild(hall, pending[start : start + CHUNK], today)
    if pending:
        log.info("product_days=%d rebuilt", len(pending))
    return len(pending)


def _rebuild(hall: Hall, chunk: list[Touched], today: date) -> None:
    from listener.series import SourceDay, points

    storage, now = hall.storage, hall.clock()
    days = [touched.day for touched in chunk]
    coverage = storage.coverage_days(min(days), min(max(days), today), zone=hall.zone, now=now)
    storage.save_coverage(coverage)
    kinds = {source.source: source.kind for source in storage.sources_status(now)}
    heard = [SourceDay(row.source, kinds[row.source], row.day, row.coverage) for row in coverage]
    touched = [(row.product, row.day) for row in chunk]
    rows = points(storage.cells(chunk), heard, touched=touched, now=now, zone=hall.config.timezone)
    storage.save_series(rows, chunk, now)
