"""rematch: goes on where it was cut off; in the end the store is as a fresh one of the last configuration."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener import pipeline
from listener.config import Config
from listener.language import detect_language
from listener.model import Brand, Post, Product, Query, Source
from listener.pipeline import Hall, Rematched, rematching
from listener.pipeline.collecting import match
from listener.query import Matcher
from storage import Storage
from tests.storage.conftest import empty
from tests.stores import fresh_url

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FORUM = Source("heimwerker", "forum")
TEXTS = ("Die Akkufix 3000 hält", "Bohrwerk B2 kaputt", "Akkufix und Bohrwerk B2", "Nichts", "Säge Akkufix")
TITLES = ("Welche Säge?", "Akkufix 3000", "Bohrwerk B2 oder was")
QUERIES = ("akkufix", '"akkufix 3000"', "bohrwerk", "säge OR bohrwerk", "akkufix NOT bohrwerk")
Queries = Mapping[str, str]


def made(number: int, text: str, title: str = TITLES[0], **fields: Any) -> Post:
    values: dict[str, Any] = {
        "url": f"https://forum.example/p/{number}",
        "author": f"anna{number % 3}",
        "published_at": NOW - timedelta(days=1 + number % 4),
        "title": title,
        "thread_id": f"t{number % 3}",
        "thread_url": f"https://forum.example/t/{number % 3}",
        "language": "de",
    }
    return Post(id=str(number), text=text, **(values | fields))


@contextmanager
def opened(base: Config, url: str, queries: Queries) -> Iterator[Hall]:
    ours = tuple(Product(name, Query(text), "Haus") for name, text in queries.items())
    changed = replace(base, store=url, sources=(FORUM,), brands=(Brand("Haus", ours),))
    with pipeline.open_hall(changed, clock=lambda: NOW) as hall:
        yield hall


def collect(hall: Hall, posts: list[Post]) -> None:
    matcher = Matcher(hall.config.products, detect_language, hall.pseudonym)
    days = {post.id: hall.day(post.published_at) for post in posts}
    hall.storage.save_batch("heimwerker", posts, [], match(matcher, posts), {}, now=NOW, days=days)


def numbers(hall: Hall) -> tuple[list[Any], list[Any]]:
    """Mentions and counted days of what is configured, without the store's numbers and versions.

    A day on which only an earlier query found something keeps an empty row, which a fresh store has not.
    """
    names = {product.name for product in hall.config.products}
    seen = ("url", "product", "day", "matched_in", "matched_text", "language", "duplicate_of")
    rows = [row for row in hall.storage.export("mentions") if row["product"] in names]
    said = sorted(tuple(str(row[name]) for name in seen) for row in rows)
    pipeline.aggregate(hall, everything=True)
    daily = [row for row in hall.storage.export("daily") if row["product"] in names]
    return said, sorted(str(sorted(row.items())) for row in daily if row["mentions"])


def present(hall: Hall) -> None:
    """Every mention of what is configured was found by the present query."""
    with hall.storage._connection() as connection:
        older = connection.exec_driver_sql(
            "SELECT count(*) FROM mention JOIN query ON query.id = mention.query_id JOIN product"
            " ON product.id = mention.product_id WHERE product.active AND mention.withdrawn_at IS NULL"
            " AND query.version < (SELECT max(version) FROM query q WHERE q.product_id = product.id)"
        ).scalar_one()
    assert older == 0


@pytest.fixture
def base(tmp_path: Path) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"store: sqlite:///{tmp_path / 'x.db'}\ntimezone: Europe/Berlin\ncontact: a@example.com\n"
        "brands: [{name: A, products: [{name: A, query: akkufix}]}]\n"
        "sources: [{name: f, kind: feed, url: 'https://blog.example/feed'}]\nprivacy: {authors: plain}\n",
        encoding="utf-8",
    )
    return pipeline.load_config(path, {})


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    backend = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_server")
    return fresh_url(backend, tmp_path)


class Killed(BaseException):
    """As good as SIGKILL: nothing catches it."""


def killed_after(chunks: int) -> Any:
    seen: list[Rematched] = []

    def told(done: Rematched) -> None:
        seen.append(done)
        if len(seen) == chunks:
            raise Killed

    return told


def posts_of(count: int) -> list[Post]:
    return [made(n, f"{TEXTS[n % 5]} {n}", TITLES[n % 2]) for n in range(count)]


def test_a_killed_rematch_goes_on_where_it_was(base: Config, url: str) -> None:
    with opened(base, url, {"P": "nichts"}) as hall:
        collect(hall, posts_of(60))
        pipeline.rematch(hall, size=7)
    chance, begun = random.Random(6), []
    for _ in range(3):
        with opened(base, url, {"P": "akkufix", "Q": "bohrwerk"}) as hall, pytest.raises(Killed):
            begun.append(rematching.progress(hall)["P"])
            pipeline.rematch(hall, size=7, told=killed_after(chance.randint(1, 2)))
    assert begun == sorted(set(begun)), "each went on behind the one before"
    with opened(base, url, {"P": "akkufix", "Q": "bohrwerk"}) as hall:
        assert pipeline.rematch(hall, size=7).ended
        assert rematching.progress(hall) == {}
        present(hall)
        cut = numbers(hall)
        empty(hall.storage)
    with opened(base, url, {"P": "akkufix", "Q": "bohrwerk"}) as hall:
        collect(hall, posts_of(60))
        assert numbers(hall) == cut


def test_a_query_that_changes_in_the_middle_begins_anew(base: Config, url: str) -> None:
    with opened(base, url, {"P": "nichts"}) as hall:
        collect(hall, posts_of(30))
        pipeline.rematch(hall, size=7)
    with opened(base, url, {"P": "akkufix", "Q": "säge"}) as hall, pytest.raises(Killed):
        pipeline.rematch(hall, size=7, told=killed_after(2))
    with opened(base, url, {"P": "bohrwerk", "Q": "säge"}) as hall:
        assert rematching.progress(hall) == {"P": 0.0, "Q": pytest.approx(14 / 30)}
        pipeline.rematch(hall, size=7)
        present(hall)
        cut = numbers(hall)
        empty(hall.storage)
    with opened(base, url, {"P": "bohrwerk", "Q": "säge"}) as hall:
        collect(hall, posts_of(30))
        assert numbers(hall) == cut


def test_a_query_that_another_process_changes_is_left_to_it(base: Config, url: str) -> None:
    with opened(base, url, {"P": "nichts"}) as hall:
        collect(hall, posts_of(30))

    def changed(_: Rematched) -> None:
        with opened(base, url, {"P": "bohrwerk"}):
            pass

    with opened(base, url, {"P": "akkufix"}) as hall:
        pipeline.rematch(hall, size=7, told=changed)
        assert rematching.progress(hall) == {"P": 0.0}


def test_stopped_after_the_chunk(base: Config, url: str) -> None:
    with opened(base, url, {"P": "akkufix"}) as hall:
        collect(hall, posts_of(30))
        hall.stop = threading.Event()
        done = pipeline.rematch(hall, size=7, told=lambda _: hall.stop.set())
        assert (done.ended, done.posts, done.of) == (False, 7, 30)
        assert rematching.progress(hall) == {"P": pytest.approx(7 / 30)}


def test_a_product_that_comes_back_is_looked_for_in_what_came_meanwhile(base: Config, url: str) -> None:
    with opened(base, url, {"P": "akkufix"}) as hall:
        pipeline.rematch(hall, size=7)
    with opened(base, url, {"Q": "bohrwerk"}) as hall:
        collect(hall, posts_of(5))
    with opened(base, url, {"P": "akkufix"}) as hall:
        pipeline.rematch(hall, size=7)
        assert {row[1] for row in numbers(hall)[0]} == {"P"}


def test_a_mention_by_a_title_that_was_erased_stays(base: Config, url: str) -> None:
    with opened(base, url, {"P": "akkufix"}) as hall:
        first = made(0, "Meiner raucht", "Akkufix 3000", thread_id="0")
        reply = made(3, "Meiner auch", "Akkufix 3000", thread_id="0")
        collect(hall, [first, reply])
        collect(hall, [replace(first, text="", title="", author=None, deleted=True, erased=True)])
        pipeline.rematch(hall, ["P"])
        assert [row[0][-1] for row in numbers(hall)[0]] == ["0", "3"]


def test_readers_do_not_wait_for_a_long_writer(base: Config, url: str) -> None:
    queries = {"P": "akkufix"}
    with opened(base, url, queries) as hall, hall.storage._door.write():
        again = threading.Event()

        def look() -> None:
            with opened(base, url, queries) as second:
                pipeline.rematching.progress(second)
                again.set()

        reader = threading.Thread(target=look, daemon=True)
        reader.start()
        assert again.wait(10), "opening with an unchanged configuration writes nothing"
        reader.join()


change = st.one_of(
    st.tuples(st.just("post"), st.integers(0, 11), st.integers(0, 4), st.integers(0, 2)),
    st.tuples(st.just("query"), st.sampled_from("PQR"), st.integers(0, 4), st.integers(0, 3)),
    st.tuples(st.just("remove"), st.sampled_from("PQR"), st.just(0), st.integers(0, 3)),
    st.tuples(st.just("delete"), st.integers(0, 11), st.just(0), st.just(0)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(change, max_size=14))
def test_in_the_end_as_a_fresh_store(base: Config, url: str, changes: list[Any]) -> None:
    """A deleted post keeps the mentions of the query of its time and counts nowhere, so only `daily` and
    the mentions of standing posts can be equal; mentions found again keep their number."""
    with Storage(url) as storage:
        empty(storage)
    queries: dict[str, str] = {"P": "akkufix"}
    batches = [posts_of(12)]
    with opened(base, url, queries) as hall:
        collect(hall, batches[0])
    for what, key, one, other in changes:
        if what == "query":
            queries[key] = QUERIES[one]
        elif what == "remove":
            queries.pop(key, None)
        with opened(base, url, queries) as hall:
            if what in ("post", "delete"):
                text = "" if what == "delete" else f"{TEXTS[one]} anders {other}"
                batches.append([made(key, text, TITLES[other], deleted=what == "delete")])
                collect(hall, batches[-1])
            elif other:
                with suppress(Killed):
                    pipeline.rematch(hall, size=7, told=killed_after(other))
    with opened(base, url, queries) as hall:
        pipeline.rematch(hall, size=7)
        gone = {post.url for post in hall.storage.posts_for_rematch(0, 99) if post.deleted_at}
        said, daily = numbers(hall)
        empty(hall.storage)
    with opened(base, url, queries) as hall:
        for batch in batches:
            collect(hall, batch)
        fresh, fresh_daily = numbers(hall)
    assert [row for row in said if row[0] not in gone] == [row for row in fresh if row[0] not in gone]
    assert daily == fresh_daily
