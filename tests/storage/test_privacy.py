"""Retention and forgetting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from listener.errors import StorageError
from storage import Storage
from tests.storage.made import LONG, NOW, aggregate, at, mention, post, ready, rows_of, save

TEXT = f"Die Akkufix 3000 kommt. {LONG}"
POSTS, MENTIONS = timedelta(days=90), timedelta(days=1000)


def test_retention_leaves_the_series(store: Storage) -> None:
    ready(store)
    old, older = at(days=100), at(days=2000)
    save(store, [post(1, published_at=old), post(2, published_at=old)], [mention(1)], now=old)
    save(store, [post(3, published_at=older)], [], now=NOW)
    save(store, [post(4, published_at=older, thread_id="t9")], now=older)
    aggregate(store)
    before = rows_of(store, "daily")
    pruned = store.prune(NOW, POSTS, MENTIONS)
    assert (pruned.posts, pruned.mentions) == (1, 1)
    assert store.known("heimwerker", list("1234")).keys() == {"1", "3"}
    assert store.counts()["threads"] == 1
    store.touch_all()
    assert [mark.day for mark in store.touched_days()] == [old.date()]
    aggregate(store)
    assert rows_of(store, "daily") == before
    assert store.prune(NOW, POSTS, MENTIONS).mentions == 0


def test_an_original_stays_as_long_as_its_copies(store: Storage) -> None:
    ready(store)
    for number, days in ((1, 1001), (2, 999)):
        save(store, [post(number, TEXT, published_at=at(days=days))], now=at(days=days))
    assert store.prune(NOW, POSTS, MENTIONS).mentions == 0
    assert store.prune(NOW + timedelta(days=2), POSTS, MENTIONS).mentions == 2


def test_posts_are_kept_from_their_collecting_on(store: Storage) -> None:
    ready(store)
    save(store, [post(1, published_at=None)], [], now=at(days=91))
    save(store, [post(2, published_at=at(days=2000))], [], now=at(days=89))
    assert store.prune(NOW, POSTS, MENTIONS).posts == 1


def test_a_forgotten_author_is_gone_everywhere(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, author="eva", published_at=at(days=2))])
    save(store, [post(1, TEXT + " Nachtrag", author="eva", published_at=at(days=2)), post(2)])
    store.correct(store.unscored("m", 9)[0].mention_id, "positive", NOW)
    store.save_digest("daily", NOW.date(), "s", f"{post(1).url}", "", NOW)
    store.save_digest("daily", at(days=1).date(), "s", "nothing", "", NOW)
    aggregate(store)
    assert store.forget(author="eva") == 1
    assert [row["author"] for row in rows_of(store, "mentions")] == ["anna2"]
    assert [mark.day for mark in store.touched_days()] == [at(days=2).date()]
    assert [kept.text for kept in store.digests()] == ["nothing"]
    with store._connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revision").scalar() == 0
    saved = save(store, [post(1, TEXT, author="eva"), post(3)])
    assert saved.new == 1, "what was forgotten is not collected again"


def test_forgetting_an_original_frees_its_copy(store: Storage) -> None:
    ready(store)
    save(store, [post(1, TEXT, published_at=at(days=2)), post(2, TEXT)])
    aggregate(store)
    assert store.forget(url=post(1).url) == 1
    assert [row["duplicate_of"] for row in rows_of(store, "mentions")] == [None]
    assert {mark.day for mark in store.touched_days()} == {at(days=2).date(), at(days=1).date()}


def test_forgetting_a_source(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    save(store, [post(2)], name="blog")
    assert store.forget(source="blog") == 1
    assert store.forget(source="heimwerker", author="nobody") == 0
    with pytest.raises(StorageError, match="forget whom"):
        store.forget()
    with pytest.raises(StorageError, match="no source named"):
        store.forget(source="typo")


def test_a_secret_is_made_once(store: Storage) -> None:
    assert store.secret("author-key", lambda: "a") == "a"
    assert store.secret("author-key", lambda: "b") == "a"
    assert store.secret("other", lambda: "c") == "c"
