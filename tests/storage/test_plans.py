"""No hot statement reads a whole table of posts or mentions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from listener.model import Match, Sentiment
from storage import Storage
from storage.rematching import Chunk
from tests.storage.made import LONG, NOW, at, post, ready, save

GOOD = Sentiment(0.1, 0.2, 0.7, "m1")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Enough rows for the planner to care, without and with its statistics."""
    with Storage(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'a.db'}") as store:
        ready(store)
        for part in range(5):
            save(store, [made(part * 100 + number) for number in range(100)])
        for _ in range(5):
            store.save_sentiments("m1", [(row.mention_id, GOOD) for row in store.unscored("m1", 90)], NOW)
        yield store


def made(number: int) -> Any:
    text = f"Die Akkufix 3000 {number} {LONG if number % 50 == 0 else ''}"
    return post(number, text, published_at=at(days=number % 60), thread_id=f"t{number % 9}")


def rematched(store: Storage) -> Chunk:
    """One step of a rematch, its posts judged anew."""
    versions = {one.product: one.version for one in store.waiting_products()}
    return store.rematch(versions, lambda posts: [[Match("Akkufix 3000", "title")] for _ in posts], 5, NOW)


@contextmanager
def executed(store: Storage) -> Iterator[list[tuple[str, Any]]]:
    """Every statement in the block with its (first) values."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        statements.append((statement, parameters[0] if many else parameters))

    event.listen(store._door.engine, "before_cursor_execute", note)
    yield statements
    event.remove(store._door.engine, "before_cursor_execute", note)


@contextmanager
def plans(store: Storage) -> Iterator[list[str]]:
    """EXPLAIN QUERY PLAN of every statement in the block."""
    said: list[str] = []
    with executed(store) as statements:
        yield said
    raw = store._door.engine.raw_connection()
    for statement, parameters in statements:
        if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)", statement):
            rows = raw.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            said += [f"{row[3]} | {' '.join(statement.split())[:90]}" for row in rows]
    raw.close()


HOT: dict[str, Callable[[Storage], object]] = {
    "known": lambda store: store.known("heimwerker", ["1", "2", "999"]),
    "save new": lambda store: save(store, [made(1001), made(1050)]),
    "save again": lambda store: save(store, [made(1), made(50)]),
    "save changed": lambda store: save(store, [post(7, "Die Akkufix 3000 anders")]),
    "unscored": lambda store: store.unscored("m1", 20),
    "unscored, another model": lambda store: store.unscored("m2", 20),
    "backlog": lambda store: store.backlog("m1"),
    "save sentiments": lambda store: store.save_sentiments("m1", [(1, GOOD), (2, GOOD)], NOW),
    "cells": lambda store: store.cells(store.touched_days()[:3]),
    "posts again": lambda store: store.posts_for_rematch(100, 50),
    "begin rematch": lambda store: store.begin_rematch(["Akkufix 3000"]),
    "rematch": rematched,
    "rematch, how far": lambda store: (store.waiting_products(), store.posts_up_to(5)),
    "between": lambda store: store.mentions_between("Akkufix 3000", at(days=2).date(), NOW.date()),
    "left out": lambda store: store.left_out(at(days=2).date(), NOW.date()),
    "standing": lambda store: store.standing("heimwerker", 100, 100),
    "standing, mentioned": lambda store: store.standing("heimwerker", 100, 100, mentioned=True),
    "threads": lambda store: store.mentioned_threads("heimwerker", at(days=14)),
    "find": lambda store: store.find_post("https://forum.example/p/5"),
    "forget": lambda store: store.forget(url="https://forum.example/p/6"),
}


@pytest.mark.parametrize("statistics", [False, True], ids=["fresh", "analysed"])
@pytest.mark.parametrize("name", HOT)
def test_hot_statements_search(filled: Storage, name: str, statistics: bool) -> None:
    if statistics:
        with filled._door.write() as connection:
            connection.exec_driver_sql("ANALYZE")
    with plans(filled) as said:
        HOT[name](filled)
    assert said
    assert [line for line in said if re.match(r"SCAN (post|mention|twin|sentiment)\b", line)] == []


def test_a_batch_costs_few_statements_however_many_posts(filled: Storage) -> None:
    for size in (10, 100):
        with executed(filled) as said:
            save(filled, [made(size * 1000 + number) for number in range(size)], name="blog")
        assert len(said) <= 15, said


def test_the_test_sees_a_scan(filled: Storage) -> None:
    with plans(filled) as said:
        filled.prune(NOW, NOW - at(days=9000), NOW - at(days=9000))
    assert any(line.startswith("SCAN post") for line in said)


def test_mentions_of_a_product_are_searched_in_the_view(filled: Storage) -> None:
    with plans(filled) as said:
        filled.mentions("Akkufix 3000", since=at(days=3).date())
    assert not any(re.match(r"SCAN (post|mention|sentiment)\b", line) for line in said), said
