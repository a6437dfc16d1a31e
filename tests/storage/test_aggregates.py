"""Touched days, counts and the series."""

from __future__ import annotations

from dataclasses import replace

from listener.model import Sentiment
from storage import Storage
from storage.rows import Touched
from tests.storage.made import (
    NOW,
    aggregate,
    at,
    brands,
    mention,
    point,
    post,
    ready,
    rows_of,
    save,
    source,
    total,
)

DAY = at(days=1).date()


def cell(store: Storage, channel: str = "all", language: str = "all") -> dict[str, object]:
    rows = store.cells([Touched("Akkufix 3000", DAY, 1)])
    [found] = [row for row in rows if (row["channel"], row["language"]) == (channel, language)]
    return found


def test_counts_by_channel_and_language(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2, author="anna1", language=None), post(3, thread_id="t2")])
    save(store, [post(9, language="en", thread_id="", author=None)], name="blog")
    assert {
        (row["channel"], row["language"]): row["mentions"]
        for row in store.cells([Touched("Akkufix 3000", DAY, 1)])
    } == {
        ("all", "all"): 4,
        ("all", "de"): 2,
        ("all", "en"): 1,
        ("all", "und"): 1,
        ("forum", "all"): 3,
        ("forum", "de"): 2,
        ("forum", "und"): 1,
        ("feed", "all"): 1,
        ("feed", "en"): 1,
    }
    whole = cell(store)
    assert (whole["threads"], whole["authors"], whole["stories"]) == (3, 2, 4)


def test_what_is_not_counted(store: Storage) -> None:
    ready(store)
    places = [mention(1), mention(2, place="title", spans=()), mention(3, place="quote", spans=())]
    save(store, [post(1), post(2), post(3)], places)
    save(store, [post(4), post(5)])
    save(store, [replace(post(4), text="", deleted=True)], [])
    with store._door.write() as connection:
        connection.exec_driver_sql("UPDATE post SET flag = 'spam' WHERE external_id = '5'")
    assert cell(store)["mentions"] == 2


def test_sums_are_exact(store: Storage) -> None:
    ready(store)
    save(store, [post(number) for number in range(10)])
    said = Sentiment(0.1, 0.2, 0.7, "m1")
    waiting = store.unscored("m1", 9)
    store.save_sentiments("m1", [(row.mention_id, said) for row in waiting], NOW)
    whole = cell(store)
    assert (whole["scored"], whole["sum_score"], whole["positive"]) == (9, 5.4, 9)
    assert whole["sum_score_squared"] == 3.24


def test_saving_replaces_exactly_the_days(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2, published_at=at(days=2))])
    aggregate(store)
    before = rows_of(store, "daily")
    assert store.touched_days() == []
    save(store, [post(3)])
    [mark] = store.touched_days()
    assert (mark.product, mark.day) == ("Akkufix 3000", DAY)
    aggregate(store)
    after = rows_of(store, "daily")
    assert [row for row in before if row["day"] != DAY] == [row for row in after if row["day"] != DAY]
    assert {row["mentions"] for row in after if row["day"] == DAY} == {2}


def test_a_touch_while_computing_is_not_lost(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    marks = store.touched_days()
    cells = store.cells(marks)
    save(store, [post(2)])
    store.save_series([point(one) for one in cells], marks, NOW)
    assert [mark.day for mark in store.touched_days()] == [DAY]


def test_a_slow_computer_does_not_overwrite_newer_rows(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    old_marks = store.touched_days()
    old = [point(one) for one in store.cells(old_marks)]
    save(store, [post(2)])
    aggregate(store)
    store.save_series(old, old_marks, NOW)
    assert {row["mentions"] for row in rows_of(store, "daily")} == {2}


def test_a_new_product_gets_the_days_of_the_others(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    aggregate(store)
    store.sync([source()], brands('"akkufix 3000"', "Akkufix 500"), NOW)
    assert [(mark.product, mark.day) for mark in store.touched_days()] == [("Akkufix 500", DAY)]


def test_days_that_were_not_final_or_have_no_row_yet_are_computed(store: Storage) -> None:
    ready(store)
    save(store, [post(1)])
    aggregate(store)
    store.touch_open(DAY)
    assert store.touched_days() == []
    store.touch_open(NOW.date())
    assert [mark.day for mark in store.touched_days()] == [DAY, NOW.date()]


def test_queries_have_versions_and_wait_for_their_rematch(store: Storage) -> None:
    assert ready(store).unmatched_products() == ["Akkufix 3000", "Bohrwerk B2"]
    assert store.rematch({"Akkufix 3000": 1, "Bohrwerk B2": 1}, lambda _: [], 5, NOW).after is None
    assert store.sync([source()], brands(), NOW) == []
    save(store, [post(1)])
    assert store.sync([source()], brands("akkufix"), NOW) == ["Akkufix 3000"]
    save(store, [post(2)])
    assert [row["query_version"] for row in rows_of(store, "mentions")] == [1, 2]
    assert store.sync([source()], [], NOW) == [], "what is not configured waits for nothing"
    assert store.counts()["products"] == 0
    assert len(rows_of(store, "mentions")) == 2


def test_totals_of_a_rebuild(store: Storage) -> None:
    ready(store)
    save(store, [post(number, published_at=at(days=number)) for number in range(1, 8)])
    aggregate(store)
    before = rows_of(store, "daily")
    assert store.touch_all(at(days=3).date()) == 3
    assert store.touch_all() == 7
    aggregate(store)
    assert rows_of(store, "daily") == before
    assert total(store)["mentions"] == 7
