"""Counts per product, day, channel and language, computed where the mentions are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Date, Integer, TextClause, bindparam, delete, select, text

from listener.model import DayPoint
from storage import tables as t
from storage import touched
from storage.rows import Touched
from storage.scoring import MICRO
from storage.statements import chunks, insert

CELLS = 100  # per statement

# `wanted` first and CROSS JOIN: SQLite keeps that order and searches the index (product_id, day); a plain
# join or a tuple IN scans all mentions. `total` gives each mention to its own row and to the 'all' rows.
_COUNTS = """
WITH wanted (product_id, day) AS (VALUES {wanted}),
total (channels, languages) AS (VALUES (0, 0), (0, 1), (1, 0), (1, 1)),
counted AS (
    SELECT mention.product_id, mention.day, source.kind AS channel,
        coalesce(post.language, 'und') AS language,
        coalesce(post.duplicate_of, post.id) AS story,
        CASE WHEN post.duplicate_of IS NULL THEN post.id END AS original,
        CASE WHEN post.duplicate_of IS NULL THEN coalesce(post.thread_id, -post.id) END AS thread,
        CASE WHEN post.duplicate_of IS NULL THEN post.author END AS author,
        CASE WHEN post.duplicate_of IS NULL THEN coalesce(correction.label, sentiment.label) END AS label,
        CASE WHEN post.duplicate_of IS NULL THEN sentiment.score_micro END AS score
    FROM wanted
    CROSS JOIN mention
    CROSS JOIN post
    CROSS JOIN source
    LEFT JOIN sentiment
        ON sentiment.mention_id = mention.id AND sentiment.model_id = mention.model_id
    LEFT JOIN correction
        ON correction.post_id = mention.post_id AND correction.product_id = mention.product_id
    WHERE mention.product_id = wanted.product_id AND mention.day = wanted.day
        AND mention.withdrawn_at IS NULL AND mention.place <> 'quote'
        AND post.id = mention.post_id AND post.flag IS NULL
        AND (post.deleted_at IS NULL OR post.erased)
        AND source.id = post.source_id
)
SELECT product_id, day,
    CASE WHEN channels = 1 THEN 'all' ELSE channel END AS channel,
    CASE WHEN languages = 1 THEN 'all' ELSE language END AS language,
    count(original) AS mentions,
    count(DISTINCT story) AS stories,
    count(DISTINCT thread) AS threads,
    count(DISTINCT author) AS authors,
    count(CASE WHEN label = 'negative' THEN 1 END) AS negative,
    count(CASE WHEN label = 'neutral' THEN 1 END) AS neutral,
    count(CASE WHEN label = 'positive' THEN 1 END) AS positive,
    count(score) AS scored,
    coalesce(sum(score), 0) AS sum_score,
    coalesce(sum(CAST(score AS BIGINT) * score), 0) AS sum_score_squared
FROM counted CROSS JOIN total
GROUP BY product_id, day,
    CASE WHEN channels = 1 THEN 'all' ELSE channel END,
    CASE WHEN languages = 1 THEN 'all' ELSE language END
ORDER BY 1, 2, 3, 4
"""


def cells(connection: Connection, wanted: Sequence[Touched]) -> list[dict[str, Any]]:
    """See `Storage.cells`."""
    names = _product_numbers(connection)
    products = {number: name for name, number in names.items()}
    pairs = sorted({(names[cell.product], cell.day) for cell in wanted if cell.product in names})
    found: list[dict[str, Any]] = []
    for part in chunks(pairs, CELLS):
        for row in connection.execute(statement(part)):
            found.append(_cell(row._asdict(), products))
    return found


def statement(pairs: Sequence[tuple[int, date]]) -> TextClause:
    """The counting statement for these product numbers and days."""
    values = ", ".join(f"(:p{index}, :d{index})" for index in range(len(pairs)))
    bound: list[BindParameter[Any]] = [
        bindparam(f"p{index}", pair[0], Integer()) for index, pair in enumerate(pairs)
    ]
    bound += [bindparam(f"d{index}", pair[1], Date()) for index, pair in enumerate(pairs)]
    return text(_COUNTS.format(wanted=values)).bindparams(*bound)


def _cell(row: dict[str, Any], products: dict[int, str]) -> dict[str, Any]:
    day = row["day"]
    row["product"] = products[row.pop("product_id")]
    row["day"] = date.fromisoformat(day) if isinstance(day, str) else day
    row["sum_score"] = int(row["sum_score"]) / MICRO
    row["sum_score_squared"] = int(row["sum_score_squared"]) / MICRO**2
    return row


def _product_numbers(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(t.product.c.name, t.product.c.id))
    return {name: number for name, number in rows}


def save_series(
    connection: Connection, points: Sequence[DayPoint], done: Sequence[Touched], now: datetime
) -> int:
    """See `Storage.save_series`; returns the rows written."""
    numbers = _product_numbers(connection)
    rows: dict[tuple[str, date], list[DayPoint]] = defaultdict(list)
    for point in points:
        rows[point.product, point.day].append(point)
    written = 0
    for product, day, mark in sorted(set(done)):
        if product in numbers and touched.settle(connection, numbers[product], day, mark):
            written += _replace(connection, numbers[product], day, rows[product, day], now)
    return written


def _replace(
    connection: Connection, product_id: int, day: date, points: Sequence[DayPoint], now: datetime
) -> int:
    series = t.series.c
    connection.execute(delete(t.series).where(series.product_id == product_id, series.day == day))
    values = [asdict(point) | {"product_id": product_id, "saved_at": now} for point in points]
    for row in values:
        del row["product"]
    if values:
        connection.execute(insert(connection, t.series), values)
    return len(values)
