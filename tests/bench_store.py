"""Parts of `make bench` for the store: a batch against raw executemany (see tests/bench.py)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from listener.model import Brand, Mention, Post, Product, Query, Source
from storage import Storage

Part = tuple[str, Callable[[], Any], Callable[[], Any], float]

NOW = datetime(2026, 3, 10, tzinfo=UTC)
POSTS, BATCH, PRODUCTS, DAYS = 3000, 100, 20, 100
WORDS = "Nach zwei Wochen im Einsatz ist das Gerät leider kaputt und der Händler meldet sich nicht. " * 3


@dataclass(frozen=True)
class Made:
    """Posts, and the mentions that four of five have."""

    posts: list[Post]
    mentions: list[Mention]


def made(posts: int = POSTS) -> Made:
    """The same posts every time."""
    said = [
        Post(
            id=str(number),
            url=f"https://forum.example/viewtopic.php?p={number}#p{number}",
            text=f"{number} {WORDS}",
            author=f"author{number % 300}",
            published_at=NOW - timedelta(days=number % DAYS, minutes=number),
            title="Erfahrungen?",
            thread_id=str(number // 20),
            thread_url=f"https://forum.example/viewtopic.php?t={number // 20}",
            language="de",
        )
        for number in range(posts)
    ]
    found = [Mention(one.id, f"product {int(one.id) % PRODUCTS}", "text", ((0, 4),)) for one in said]
    return Made(said, [mention for mention in found if int(mention.post_id) % 5])


def opened(path: Path) -> Storage:
    """A new store with its configuration."""
    products = tuple(Product(f"product {number}", Query("x")) for number in range(PRODUCTS))
    store = Storage(f"sqlite:///{path}")
    store.sync([Source("forum", "forum")], [Brand("brand", products)], NOW)
    return store


def save_all(store: Storage, data: Made) -> int:
    """Batches of 100, known ids looked up first, as the pipeline does."""
    mentions: dict[str, Mention] = {mention.post_id: mention for mention in data.mentions}
    saved = 0
    for start in range(0, len(data.posts), BATCH):
        batch = data.posts[start : start + BATCH]
        store.known("forum", [one.id for one in batch])
        found = [mentions[one.id] for one in batch if one.id in mentions]
        days = {one.id: one.published_at.date() for one in batch if one.published_at}
        saved += store.save_batch("forum", batch, [], found, {"start": start}, now=NOW, days=days).new
    return saved


class Raw:
    """The floor: the rows of a filled store, written again by sqlite3 alone in one transaction."""

    tables = ("thread", "post", "mention")

    def __init__(self, folder: Path, filled: Path) -> None:
        self._folder, self._numbers = folder, count()
        with sqlite3.connect(filled) as source:
            self._rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in self.tables}
        source.close()

    def __call__(self) -> int:
        """Returns how many posts it wrote."""
        path = self._folder / f"raw{next(self._numbers)}.db"
        shutil.copy(self._folder / "new.db", path)
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("BEGIN")
        for name in self.tables:
            places = ", ".join("?" * len(self._rows[name][0]))
            raw.executemany(f"INSERT INTO {name} VALUES ({places})", self._rows[name])
        raw.execute("COMMIT")
        number = int(raw.execute("SELECT count(*) FROM post").fetchone()[0])
        raw.close()
        return number


def parts() -> list[Part]:
    """(name, floor, product, goal): product over floor is at most the goal."""
    folder = Path(tempfile.mkdtemp(prefix="listener-bench-"))
    data, numbers = made(), count()
    opened(folder / "new.db").close()
    with opened(folder / "filled.db") as store:
        save_all(store, data)
    raw = Raw(folder, folder / "filled.db")

    def saved() -> int:
        path = folder / f"store{next(numbers)}.db"
        shutil.copy(folder / "new.db", path)
        with Storage(f"sqlite:///{path}") as fresh:
            return save_all(fresh, data)

    return [("save_batch / raw executemany", raw, saved, 4.0)]
