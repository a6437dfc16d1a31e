"""Sentiments: what waits for the model, what it said, what a person says.

`mention.model_id` names the model whose judgement counts: the last one that judged it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, text, update

from listener.errors import StorageError
from listener.model import LABELS, Label, Sentiment
from storage import tables as t
from storage import touched
from storage.columns import storable
from storage.rows import Unscored
from storage.statements import chunks, insert

MICRO = 1_000_000  # scores are summed as integers, so that every order of adding gives the same sum


def _model(connection: Connection, name: str) -> int | None:
    return connection.execute(select(t.model.c.id).where(t.model.c.name == name)).scalar()


def _waiting(model_id: int | None) -> list[ColumnElement[bool]]:
    """Ranges of the index (model_id, day) that together are the backlog; the newest posts first."""
    column = t.mention.c.model_id
    other = model_id or 0
    return [column.is_(None), column < other, column > other]


def unscored(connection: Connection, model: str, limit: int) -> list[Unscored]:
    """Never judged ones first, then those that only another model has judged."""
    numbers: list[int] = []
    for part in _waiting(_model(connection, model)):
        rows = select(t.mention.c.id).where(part, t.mention.c.withdrawn_at.is_(None), ~t.mention.c.erased)
        order = (t.mention.c.model_id.desc(), t.mention.c.day.desc().nulls_last(), t.mention.c.id.desc())
        numbers += connection.execute(rows.order_by(*order).limit(limit - len(numbers))).scalars()
        if len(numbers) >= limit:
            break
    return _texts(connection, numbers)


def _texts(connection: Connection, numbers: Sequence[int]) -> list[Unscored]:
    mention, post = t.mention.c, t.post.c
    found: dict[int, Unscored] = {}
    for part in chunks(numbers):
        rows = (
            select(
                mention.id,
                t.product.c.name,
                post.text,
                mention.spans,
                func.coalesce(func.nullif(post.title, ""), t.thread.c.title, ""),
                post.quotes,
                post.language,
            )
            .join_from(t.mention, t.product)
            .join(t.post, post.id == mention.post_id)
            .outerjoin(t.thread, t.thread.c.id == post.thread_id)
            .where(mention.id.in_(part))
        )
        for number, product, words, spans, title, quotes, language in connection.execute(rows):
            quote = "\n\n".join(said for said, _ in quotes)
            places = tuple((start, end) for start, end in spans)
            found[number] = Unscored(number, product, words, places, title, quote, language)
    return [found[number] for number in numbers if number in found]


_BACKLOG = """
SELECT count(*) FROM mention {hint}
WHERE withdrawn_at IS NULL AND NOT erased AND {part}
"""


def backlog(connection: Connection, model: str) -> int:
    """How many mentions wait for this model.

    With a hint, since SQLite's statistics make it believe that any model has judged most mentions.
    """
    hint = "INDEXED BY ix_mention_model_id_day" if connection.dialect.name == "sqlite" else ""
    known = {"model": _model(connection, model) or 0}
    parts = ("model_id IS NULL", "model_id < :model", "model_id > :model")
    return sum(
        connection.execute(text(_BACKLOG.format(hint=hint, part=part)), known).scalar_one() for part in parts
    )


def save(connection: Connection, model: str, judged: Sequence[tuple[int, Sentiment]], now: datetime) -> int:
    """Store judgements and touch their days."""
    model_id = _model_stored(connection, model, now)
    cells = _cells(connection, [number for number, _ in judged])
    rows = [_row(number, model_id, said, now) for number, said in judged if number in cells]
    if rows:
        statement = insert(connection, t.sentiment)
        names = ("p_negative", "p_neutral", "p_positive", "score_micro", "label", "scored_at")
        replaced = {name: statement.excluded[name] for name in names}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["mention_id", "model_id"], set_=replaced), rows
        )
        connection.execute(
            update(t.mention).where(t.mention.c.id == bindparam("number")).values(model_id=model_id),
            [{"number": row["mention_id"]} for row in rows],
        )
    touched.touch(connection, cells.values())
    return len(rows)


def _model_stored(connection: Connection, name: str, now: datetime) -> int:
    statement = insert(connection, t.model).values(name=storable(name), first_used_at=now)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["name"]))
    return int(connection.execute(select(t.model.c.id).where(t.model.c.name == storable(name))).scalar_one())


def _cells(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[int, Any]]:
    found: dict[int, tuple[int, Any]] = {}
    for part in chunks(numbers):
        rows = select(t.mention.c.id, t.mention.c.product_id, t.mention.c.day)
        for number, product_id, day in connection.execute(rows.where(t.mention.c.id.in_(part))):
            found[number] = (product_id, day)
    return found


def _row(number: int, model_id: int, said: Sentiment, now: datetime) -> dict[str, Any]:
    return {
        "mention_id": number,
        "model_id": model_id,
        "p_negative": said.p_negative,
        "p_neutral": said.p_neutral,
        "p_positive": said.p_positive,
        "score_micro": round(said.score * MICRO),
        "label": said.label,
        "scored_at": now,
    }


def correct(connection: Connection, mention_id: int, label: Label, now: datetime) -> None:
    """A person's label, by post and product."""
    if label not in LABELS:
        raise StorageError(f"store: {label!r} is no label; write {', '.join(LABELS)}")
    mention = t.mention.c
    rows = select(mention.post_id, mention.product_id, mention.day).where(mention.id == mention_id)
    row = connection.execute(rows).one_or_none()
    if row is None:
        raise StorageError(f"store: no mention {mention_id}; the view `mentions` has their numbers")
    values = {"label": label, "corrected_at": now}
    statement = insert(connection, t.correction).values(
        post_id=row.post_id, product_id=row.product_id, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["post_id", "product_id"], set_=values))
    touched.touch(connection, [(row.product_id, row.day)])
