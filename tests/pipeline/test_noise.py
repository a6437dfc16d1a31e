"""Flags on their way into the store, and out of the counts."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from listener import pipeline
from listener.model import Batch, Post, Source
from listener.pipeline import Hall
from listener.pipeline.collecting import Outcome, _saved
from listener.query import Matcher
from tests.imports.made import NOW, brought, house, posts, written

AT = datetime(2026, 8, 20, 9, tzinfo=UTC)
SALE = "Verkaufe Akkufix 3000 mit Koffer, 80 € VB, Versand möglich."
OPINION = "Mein Akkufix 3000 läuft seit zehn Jahren, den würde ich nie verkaufen."


def made(number: int, text: str, **fields: Any) -> Post:
    return Post(str(number), f"https://blog.example/{number}", text, f"kim{number}", AT, **fields)


def collected(hall: Hall, *found: Post) -> None:
    """As if the source had shown these posts."""
    source = Source("blog", "feed", {"url": "https://blog.example/feed"})
    _saved(hall, source, Matcher(hall.config.products), Batch(found), Outcome("blog"), NOW)


def flags(hall: Hall) -> dict[str, str | None]:
    return {post.external_id: post.flag for post in posts(hall)}


def counted(hall: Hall) -> tuple[int, int]:
    """Mentions and stories of the day."""
    pipeline.aggregate(hall)
    [row] = [
        row
        for row in hall.storage.export("daily")
        if (row["channel"], row["language"], str(row["day"]), row["product"])
        == ("all", "all", "2026-08-20", "Akkufix 3000")
    ]
    return row["mentions"] or 0, row["stories"] or 0


def test_collected_posts_are_marked_and_left_out(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        automatic = "The Akkufix 3000 weighs 1.1 kg."
        collected(hall, made(1, SALE), made(2, OPINION), replace(made(3, automatic), author="AutoModerator"))
        assert flags(hall) == {"1": "marketplace", "2": None, "3": "bot"}
        assert len(list(hall.storage.export("mentions"))) == 3
        assert hall.storage.left_out(AT.date(), AT.date()) == {"copies": 0, "quotes": 0, "flags": 2}


def test_an_edit_marks_and_unmarks(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        collected(hall, made(1, OPINION))
        collected(hall, made(1, SALE))
        assert flags(hall) == {"1": "marketplace"}
        collected(hall, made(1, OPINION))
        assert flags(hall) == {"1": None}


def test_a_deletion_keeps_the_mark(tmp_path: Path) -> None:
    with house(tmp_path) as hall:
        collected(hall, made(1, SALE))
        collected(hall, replace(made(1, ""), deleted=True))
        assert flags(hall) == {"1": "marketplace"}


def test_imported_posts_are_marked_and_left_out(tmp_path: Path) -> None:
    lines = [
        {"id": str(number), "text": text, "author": author, "published_at": AT.isoformat()}
        for number, text, author in ((1, SALE, "kim"), (2, OPINION, "jo"), (3, "Hallo", "AutoModerator"))
    ]
    path = written(tmp_path, "\n".join(map(json.dumps, lines)), "posts.jsonl")
    with house(tmp_path) as hall:
        brought(hall, path, first=AT.date(), last=AT.date())
        assert flags(hall) == {"1": "marketplace", "2": None, "3": "bot"}
        assert counted(hall) == (1, 1)


def test_copies_of_a_marked_post_are_no_mentions(tmp_path: Path) -> None:
    words = " ".join(f"Wort{number}" for number in range(30))
    first, second = f"{SALE} {words}", f"{OPINION} {words}"
    with house(tmp_path) as hall:
        collected(hall, made(1, first), made(2, first), made(3, second, facts={"bot": True}), made(4, second))
        assert flags(hall) == {"1": "marketplace", "2": "marketplace", "3": "bot", "4": None}
        left = hall.storage.left_out(AT.date(), AT.date())
        assert (left["flags"], left["copies"]) == (3, 1)


def test_the_queries_of_the_page_run(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "noise.md").read_text("utf-8")
    queries = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    with house(tmp_path) as hall:
        collected(hall, made(1, SALE), made(2, OPINION))
    with closing(sqlite3.connect(tmp_path / "listener.db")) as store:
        found = [store.execute(query).fetchall() for query in queries]
    assert found[0] == [("Akkufix 3000", "counted", 1), ("Akkufix 3000", "marketplace", 1)]
    assert [row[3] for row in found[1]] == [SALE]
