"""One post reached twice, and copied texts, count once, whatever came first."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from storage import Storage
from storage.addresses import copy_key, url_key
from storage.copies import Member, originals
from storage.statements import CHUNK
from tests.storage.conftest import empty
from tests.storage.made import LONG, at, mention, post, ready, rows_of, save, total

TEXT = f"Die Akkufix 3000 kommt. {LONG}"


def originals_of(store: Storage) -> dict[str, str | None]:
    rows = rows_of(store, "mentions")
    urls = {row["post_id"]: row["url"] for row in rows}
    return {row["url"]: urls.get(row["duplicate_of"]) for row in rows}


def test_a_copied_text_points_to_the_earliest_in_every_order(store: Storage) -> None:
    posts = {
        "blog": post(1, TEXT, url="https://a.example/1", published_at=at(days=9)),
        "heimwerker": post(1, TEXT, url="https://b.example/1", published_at=at(days=3)),
        "portal": post(1, TEXT.upper(), url="https://c.example/1", published_at=at(days=5)),
    }
    first = "https://a.example/1"
    for order in permutations(posts):
        empty(store)
        ready(store, *(_source(name) for name in posts))
        for name in order:
            save(store, [posts[name]], name=name)
        assert originals_of(store) == {
            first: None,
            "https://b.example/1": first,
            "https://c.example/1": first,
        }


def _source(name: str):  # type: ignore[no-untyped-def]
    from tests.storage.made import source

    return source(name)


def test_counts_of_copies(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, url="https://a.example/1", published_at=at(days=2))])
    save(store, [post(1, TEXT, url="https://b.example/1", published_at=at(days=1))], name="blog")
    counts = total(store)
    assert (counts["mentions"], counts["stories"]) == (1, 2), "the copy's day has a story, no mention"
    assert store.counts()["copies"] == 1


@pytest.mark.parametrize("end", [min, max], ids=["first", "last"])
def test_a_copy_among_more_posts_than_one_look_up_takes(store: Storage, end: Any) -> None:
    ready(store)
    posts = [post(number, f"{number} {LONG}") for number in range(CHUNK + 50)]
    copied = end(posts, key=lambda one: copy_key(one.copy_hash))
    save(store, [post("early", copied.text, url="https://b.example/1", published_at=at(days=2))], name="blog")
    save(store, posts, [])
    assert store.counts()["copies"] == 1


def test_one_post_reached_by_two_sources(store: Storage) -> None:
    ready(store)
    save(store, [post("p1", url="https://f.example/t?p=1#1")])
    save(store, [post("f1", url="http://www.f.example/t?p=1&utm_medium=rss#1")], name="blog")
    assert list(originals_of(store).values()) == ["http://www.f.example/t?p=1&utm_medium=rss#1", None]


def test_an_address_of_a_whole_thread_names_no_post(store: Storage) -> None:
    ready(store)
    save(store, [post("a", url="https://f.example/t")], name="blog")
    save(store, [post(1, "Akkufix 3000", url="https://f.example/t")])
    assert store.counts()["copies"] == 1
    save(store, [post(2, "Akkufix 3000 auch", url="https://f.example/t")])
    assert store.counts()["copies"] == 0


def test_the_same_words_a_month_later_are_a_new_story(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, published_at=at(days=40)), post(2, TEXT, published_at=at(days=1))])
    assert store.counts()["copies"] == 0


def test_short_answers_are_no_copies(store: Storage) -> None:
    ready(store)
    save(store, [post(1, "Danke, Akkufix 3000 hat geholfen!"), post(2, "Danke, Akkufix 3000 hat geholfen!")])
    assert store.counts()["copies"] == 0


def test_an_edited_original_sets_its_copies_free(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, published_at=at(days=2))])
    save(store, [post(1, TEXT, url="https://b.example/1", published_at=at(days=1))], name="blog")
    save(store, [post(1, TEXT + " Nachtrag.", published_at=at(days=2))])
    assert store.counts()["copies"] == 0
    touched = {mark.day for mark in store.touched_days()}
    assert {at(days=2).date(), at(days=1).date()} <= touched


def test_a_later_earlier_post_repoints_and_touches(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, published_at=at(days=1))])
    marks = store.touched_days()
    store.save_series([], marks, at())
    save(store, [post(1, TEXT, url="https://b.example/1", published_at=at(days=2))], name="blog")
    days = {mark.day for mark in store.touched_days() if mark.product == "Akkufix 3000"}
    assert days == {at(days=1).date(), at(days=2).date()}


def member(number: int, **fields: object) -> Member:
    values: dict[str, object] = {
        "source": "a",
        "external_id": str(number),
        "published_at": datetime(2026, 1, number),
        "url_key": None,
        "copy_key": None,
        "duplicate_of": None,
    }
    return Member(number, **(values | fields))  # type: ignore[arg-type]


def test_chains_end_at_the_root() -> None:
    said = [
        member(1, copy_key=7, published_at=at(days=9)),
        member(2, copy_key=7, url_key=5, published_at=at(days=8)),
        member(3, source="b", url_key=5, copy_key=9, published_at=at(days=7)),
        member(4, copy_key=9, published_at=at(days=6)),
    ]
    assert originals(said) == {1: None, 2: 1, 3: 1, 4: None}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.example/a/", "http://www.x.example:80/a"),
        ("https://x.example/a?b=1&a=2", "https://X.EXAMPLE/a?a=2&b=1&sid=77"),
    ],
)
def test_addresses_that_are_one(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize("other", ["https://x.example/A", "https://x.example/a?p=2", "https://x.example/a#2"])
def test_addresses_that_differ(other: str) -> None:
    assert url_key("https://x.example/a") != url_key(other)


def test_a_withdrawn_copy_is_in_no_view(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT), post(2, TEXT)], [mention(1)])
    assert len(rows_of(store, "mentions")) == 1
