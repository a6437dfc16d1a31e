"""The whole chain against the demo's world: nothing missing, nothing invented, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from listener import pipeline
from listener.demo import World
from listener.pipeline import Hall
from listener.privacy import redacted
from tests.stores import fresh_url

NOW = datetime.fromisoformat("2026-03-31T06:30+00:00")
Opened = Callable[..., AbstractContextManager[Hall]]
LATER = NOW + timedelta(hours=2)


def folded(text: str) -> str:
    return " ".join(text.split())


def rows(hall: Hall, view: str) -> list[dict[str, Any]]:
    return list(hall.storage.export(view))


def daily(hall: Hall) -> list[tuple[Any, ...]]:
    keys = ("product", "day", "channel", "language")
    listed = [
        tuple(round(value, 9) if isinstance(value, float) else value for value in row.values())
        for row in sorted(rows(hall, "daily"), key=lambda row: tuple(str(row[key]) for key in keys))
    ]
    assert listed
    return listed


def test_what_is_found_is_the_truth(world: World, opened: Opened) -> None:
    with opened() as hall:
        report = pipeline.run(hall)
        assert (report.code, report.problems) == (0, ())
        stored = {(post.source, post.external_id): post for post in hall.storage.posts_for_rematch(0, 10_000)}
        mentions = rows(hall, "mentions")
        pseudonym = hall.pseudonym
    truth = {(post.source, post.id): post for post in world.truth}
    assert set(stored) == set(truth)
    for key, expected in truth.items():
        post = stored[key]
        assert folded(post.text) == folded(redacted(expected.text)), key
        assert post.title == expected.title or key[0] == "reddit", key
        assert post.author == (pseudonym(expected.author) if expected.author else None), key
        assert post.published_at is not None
        assert post.published_at.replace(second=0) == expected.published_at.replace(
            second=0, microsecond=0
        ), key
        assert [folded(q.text) for q in post.quotes] == [folded(redacted(t)) for _, t in expected.quotes], key
        original = stored[expected.copy_of].id if expected.copy_of else None
        assert post.duplicate_of == original, key
    by_id = {post.id: key for key, post in stored.items()}
    found = {(*by_id[row["post_id"]], row["product"], row["matched_in"]) for row in mentions}
    wanted = {(*key, name, place) for key, post in truth.items() for name, place in post.places.items()}
    assert found == wanted
    assert all(row["label"] for row in mentions)


def test_a_second_run_without_news_asks_little_and_changes_nothing(
    world: World, opened: Opened, mailbox: Any
) -> None:
    with opened() as hall:
        pipeline.run(hall)
        first, series, asked = rows(hall, "mentions"), daily(hall), len(world.requests)
    world.now = LATER
    with opened(LATER) as hall:
        report = pipeline.run(hall)
        assert (report.code, report.problems) == (0, ())
        assert rows(hall, "mentions") == first
        assert [row for row in daily(hall) if row[1] < date(2026, 3, 31)] == [
            row for row in series if row[1] < date(2026, 3, 31)
        ]
    # the demo's board is so small that all its threads are looked at again; so are Reddit's posts, once
    assert len(world.requests) - asked <= 15, [hit.target for hit in world.requests[asked:]]
    assert len(mailbox.mails) == 1


def test_news_edits_and_deletions_reach_the_store(world: World, opened: Opened) -> None:
    with opened() as hall:
        pipeline.run(hall)
        before = {row["url"]: row for row in rows(hall, "mentions")}
    old = next(
        p for p in world.truth if p.source == "werkbank-forum" and p.places.get("Akkufix 3000") == "text"
    )
    thread = next(t for t in world._forum.threads if any(post.id == old.id for post in t.posts))
    new = world.reply(thread.id, "Mein Akkufix 3000 ist jetzt auch kaputt.", "Neuling", LATER - timedelta(minutes=20),
                      names=["Akkufix 3000"])  # fmt: skip
    world.now = LATER
    with opened(LATER) as hall:
        report = pipeline.run(hall)
        assert report.code == 0
        added = [row for row in rows(hall, "mentions") if row["url"] not in before]
    assert [row["text"] for row in added] == ["Mein Akkufix 3000 ist jetzt auch kaputt."]
    assert added[0]["url"].endswith(f"p={new}#p{new}")
    assert added[0]["label"] == "negative"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_rebuild_from_nothing_equals_the_increments(
    world: World, opened: Opened, kind: str, tmp_path: Any, request: pytest.FixtureRequest
) -> None:
    store = fresh_url(kind if kind == "sqlite" else request.getfixturevalue("postgres_server"), tmp_path)
    with opened(store=store) as hall:
        pipeline.run(hall)
    world.now = LATER
    with opened(LATER, store=store) as hall:
        pipeline.run(hall)
        increments = daily(hall)
        pipeline.aggregate(hall, everything=True)
        assert daily(hall) == increments


def test_both_databases_give_the_same_rows(
    world: World, opened: Opened, tmp_path: Any, request: pytest.FixtureRequest
) -> None:
    seen = []
    for kind in ("sqlite", "postgresql"):
        with opened(
            store=fresh_url(
                kind if kind == "sqlite" else request.getfixturevalue("postgres_server"), tmp_path
            )
        ) as hall:
            pipeline.run(hall)
            seen.append((daily(hall), sorted(map(str, rows(hall, "coverage")))))
    assert seen[0] == seen[1]


def test_series_count_text_and_title_and_each_copy_once(opened: Opened) -> None:
    with opened() as hall:
        pipeline.run(hall)
        mentions = rows(hall, "mentions")
        totals = [row for row in rows(hall, "daily") if row["channel"] == row["language"] == "all"]
    counted = Counter(
        row["product"] for row in mentions if row["matched_in"] != "quote" and row["duplicate_of"] is None
    )
    summed: Counter[str] = Counter()
    for row in totals:
        summed[row["product"]] += row["mentions"] or 0
        assert row["mentions"] is None or row["coverage"] is not None
    assert summed == counted
    assert any(row["matched_in"] == "quote" for row in mentions)
    assert any(row["duplicate_of"] is not None for row in mentions)


def test_a_new_product_finds_its_history(world: World, opened: Opened, config: Any) -> None:
    from dataclasses import replace

    from listener.model import Brand, Product, Query

    with opened() as hall:
        pipeline.run(hall)
    ladegeraet = Product("Ladegerät", Query("ladegerät* OR lader"), "Akkufix")
    more = replace(config, brands=(*config.brands, Brand("Zubehör", (ladegeraet,))))
    with pipeline.open_hall(more, clock=lambda: NOW) as hall:
        assert hall.storage.unmatched_products() == ["Ladegerät"]
        pipeline.run(hall)
        assert hall.storage.unmatched_products() == []
        found = [row for row in rows(hall, "mentions") if row["product"] == "Ladegerät"]
        days = [row for row in rows(hall, "daily") if row["product"] == "Ladegerät"]
    assert found
    assert sum(row["mentions"] or 0 for row in days if row["channel"] == row["language"] == "all")


def test_an_author_is_found_by_name_though_the_store_holds_a_pseudonym(opened: Opened, config: Any) -> None:
    with opened() as hall:
        pipeline.run(hall)
        before = rows(hall, "mentions")
    post = next(
        row for row in before if row["product"] == "Bohrwerk B2" and row["source"] == "werkbank-forum"
    )
    with World(NOW) as world:
        name = next(p.author for p in world.truth if p.id in post["url"] and p.author)
    from dataclasses import replace

    from listener.model import Brand, Product, Query

    less = Product("Bohrwerk B2", Query(f'("bohrwerk b2" OR bw-b2) NOT author:"{name}"'), "Bohrwerk", True)
    with pipeline.open_hall(
        replace(config, brands=(Brand("Bohrwerk", (less,), True),)), clock=lambda: NOW
    ) as hall:
        pipeline.run(hall)
        urls = {row["url"] for row in rows(hall, "mentions") if row["product"] == "Bohrwerk B2"}
    assert post["url"] not in urls
    assert urls
