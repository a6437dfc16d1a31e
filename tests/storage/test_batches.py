"""Saving batches: one transaction, safe to repeat, nothing doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from listener.errors import StorageError
from listener.model import Quote
from storage import Storage
from storage.rows import Absence
from tests.storage.made import NOW, at, mention, post, ready, rows_of, save, source


def test_a_batch_is_stored_with_its_state(store: Storage) -> None:
    ready(store)
    saved = save(store, [post(1), post(2)], state={"seen": "2"})
    assert (saved.new, saved.changed, saved.mentions, saved.touched) == (2, 0, 2, 1)
    assert store.state("heimwerker") == {"seen": "2"}
    assert store.known("heimwerker", ["1", "2", "3"]).keys() == {"1", "2"}
    assert store.known("blog", ["1", "2"]) == {}


def test_the_same_batch_again_changes_nothing(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2)])
    before = rows_of(store, "mentions")
    saved = save(store, [post(1), post(2)], now=at(hours=-1))
    assert (saved.new, saved.changed, saved.mentions, saved.touched) == (0, 0, 0, 0)
    assert rows_of(store, "mentions") == before


def test_an_edited_post_keeps_its_earlier_text(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    saved = save(store, [post(1, "Die Akkufix 3000 ist Mist", edited_at=NOW)])
    assert (saved.new, saved.changed) == (0, 1)
    with store._connection() as connection:
        earlier = connection.exec_driver_sql("SELECT text FROM revision").scalars().all()
    assert earlier == ["Die Akkufix 3000 ist gut"]
    [row] = rows_of(store, "mentions")
    assert (row["text"], row["edited_at"]) == ("Die Akkufix 3000 ist Mist", NOW)


def test_a_mention_that_no_longer_matches_is_withdrawn_and_may_return(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    [first] = rows_of(store, "mentions")
    assert save(store, [post(1, "Meine ist gut")], []).mentions == 1
    assert rows_of(store, "mentions") == []
    save(store, [post(1)])
    [again] = rows_of(store, "mentions")
    assert again["mention_id"] == first["mention_id"]


def test_a_deleted_post_stays_and_says_so(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    gone = replace(post(1), text="", author=None, deleted=True)
    save(store, [gone], [])
    [row] = rows_of(store, "mentions")
    assert (row["text"], row["author"], row["deleted_at"]) == ("Die Akkufix 3000 ist gut", "anna1", NOW)
    assert store.known("heimwerker", ["1"])["1"].content_hash == gone.content_hash
    assert save(store, [gone], [], now=at(days=-1)).touched == 0
    save(store, [post(1)])
    assert rows_of(store, "mentions")[0]["deleted_at"] is None


def test_an_unknown_instant_has_no_day(store: Storage) -> None:
    ready(store)
    saved = save(store, [post(1, published_at=None, date_precision="unknown")])
    assert (saved.mentions, saved.touched) == (1, 0)
    assert rows_of(store, "mentions")[0]["day"] is None


def test_hostile_text_is_stored_and_spans_still_fit(store: Storage) -> None:
    ready(store)
    text = "a\0\ud800b Akkufix 3000 🪚 ‮"
    start = text.index("Akkufix")
    hostile = post(
        "1\0\ud800", text, title="\0", author="\udfff", quotes=(Quote("\0", "\ud800"),), thread_id="\0"
    )
    save(store, [hostile], [mention(hostile.id, spans=((start, start + 12),))])
    [row] = rows_of(store, "mentions")
    assert row["matched_text"] == "Akkufix 3000"
    assert len(row["text"]) == len(text)
    assert save(store, [hostile], [mention(hostile.id, spans=((start, start + 12),))]).touched == 0


def test_a_failing_batch_leaves_nothing(store: Storage) -> None:
    ready(store)
    with pytest.raises(StorageError, match="no product named 'Nichts'"):
        save(store, [post(1)], [mention(1, "Nichts")], state={"seen": "1"})
    assert store.counts()["posts"] == 0
    assert store.state("heimwerker") == {}


def test_thousands_of_ids_are_looked_up(store: Storage) -> None:
    ready(store)
    save(store, [post(number, url=f"https://f.example/{number}") for number in range(3)])
    assert store.known("heimwerker", [str(number) for number in range(40_000)]).keys() == {"0", "1", "2"}


def test_thread_titles_follow_the_thread(store: Storage) -> None:
    ready(store)
    save(store, [post(1, title="")], [mention(1)])
    save(store, [post(2, title="Umbenannt")], [])
    assert rows_of(store, "mentions")[0]["thread_title"] == "Umbenannt"


def test_places_and_matched_text(store: Storage) -> None:
    ready(store)
    found = [
        mention(1, spans=((0, 3), (4, 16))),
        mention(2, place="title", spans=()),
        mention(3, place="quote", spans=()),
    ]
    save(store, [post(1), post(2), post(3)], found)
    said = [(row["matched_in"], row["matched_text"]) for row in rows_of(store, "mentions")]
    assert said == [("text", "Die … Akkufix 3000"), ("title", None), ("quote", None)]


def test_sources_come_go_and_are_due(store: Storage) -> None:
    ready(store)
    assert store.due_sources(NOW) == ["blog", "heimwerker"]
    store.set_due("heimwerker", at(hours=-1))
    assert store.due_sources(NOW) == ["blog"]
    assert store.due_sources(at(hours=-1)) == ["blog", "heimwerker"]
    save(store, [post(1)], state={"seen": 1})
    store.sync([source(options={"url": "https://other.example"})], [], NOW)
    assert store.due_sources(NOW) == ["heimwerker"]
    assert store.state("heimwerker") == {}, "another address is read from its beginning"
    assert [row.active for row in store.sources_status(NOW)] == [True, False]


def test_a_stored_post_is_found_however_its_address_is_written(store: Storage) -> None:
    ready(store)
    save(store, [post(1, url="https://www.forum.example/t?p=1&t=2#p1", quotes=(Quote("so?", "ben"),))])
    found = store.find_post("http://forum.example/t?t=2&utm_source=x&p=1#p1")
    assert found is not None
    assert (found.external_id, found.quotes, found.passage.thread) == (
        "1",
        (Quote("so?", "ben"),),
        ("t1", "https://forum.example/t/1"),
    )
    assert store.find_post("https://forum.example/t?p=1&t=2#p2") is None
    assert store.find_post("http://[") is None


def test_a_missing_post_is_deleted_at_the_second_time_and_comes_back(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2)])
    thread = post(1).thread_id
    save(store, [], [], missed=Absence(missing=("1",)))
    assert {one.external_id: one.missing_since for one in store.thread_posts("heimwerker", thread)} == {
        "1": NOW, "2": None,
    }  # fmt: skip
    assert all(row["deleted_at"] is None for row in rows_of(store, "mentions"))
    saved = save(store, [], [], missed=Absence(gone=("1",)))
    assert saved.touched == 1
    assert {row["url"]: row["deleted_at"] for row in rows_of(store, "mentions")} == {
        post(1).url: NOW, post(2).url: None,
    }  # fmt: skip
    save(store, [post(1)], missed=Absence(back=("1",)))
    assert all(row["deleted_at"] is None for row in rows_of(store, "mentions"))
    assert all(one.missing_since is None for one in store.thread_posts("heimwerker", thread))
