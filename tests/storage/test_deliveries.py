"""Never two digests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from storage import Storage
from storage.deliveries import PERMANENT_PAUSE
from tests.storage.made import NOW

DAY = date(2026, 3, 9)
KEY = ("daily", DAY, "team@example.com")


def test_only_one_may_send(store: Storage) -> None:
    assert store.claim(*KEY, "<1@x>", NOW)
    assert not store.claim(*KEY, "<2@x>", NOW), "in doubt: never again"
    assert store.claim("daily", DAY, "other@example.com", "<3@x>", NOW)
    store.mark_sent(*KEY, NOW)
    assert not store.claim(*KEY, "<4@x>", NOW + timedelta(days=9))
    assert {row.recipient: row.status for row in store.deliveries("daily")} == {
        "team@example.com": "sent",
        "other@example.com": "claimed",
    }
    assert store.deliveries("weekly") == []


def test_a_failed_try_may_be_repeated(store: Storage) -> None:
    store.claim(*KEY, "<1@x>", NOW)
    store.mark_failed(*KEY, NOW, error="421 busy\ud800", permanent=False)
    assert store.deliveries()[0].error == "421 busy?"
    assert store.claim(*KEY, "<2@x>", NOW)
    [row] = store.deliveries()
    assert (row.message_id, row.status, row.error) == ("<2@x>", "claimed", None)


def test_a_refusal_rests_for_hours(store: Storage) -> None:
    store.claim(*KEY, "<1@x>", NOW)
    store.mark_failed(*KEY, NOW, error="535 wrong password", permanent=True)
    assert not store.claim(*KEY, "<2@x>", NOW + timedelta(minutes=30))
    assert store.claim(*KEY, "<2@x>", NOW + PERMANENT_PAUSE)


def test_a_sent_digest_cannot_fail_afterwards(store: Storage) -> None:
    store.claim(*KEY, "<1@x>", NOW)
    store.mark_sent(*KEY, NOW)
    store.mark_failed(*KEY, NOW, error="late", permanent=False)
    assert store.deliveries()[0].status == "sent"


def test_side_by_side_one_wins(store_url: str, store: Storage) -> None:
    with Storage(store_url) as second, ThreadPoolExecutor(8) as pool:
        tries = [
            pool.submit(door.claim, *KEY, f"<{number}@x>", NOW)
            for number, door in enumerate([store, second] * 8)
        ]
        assert sum(one.result() for one in tries) == 1


def test_digests_are_kept(store: Storage) -> None:
    store.save_digest("daily", DAY, "Erst", "a", "<p>a", NOW)
    store.save_digest("daily", DAY, "Dann", "b", "<p>b", NOW)
    [kept] = store.digests("daily")
    assert (kept.subject, kept.text, kept.html, kept.saved_at) == ("Dann", "b", "<p>b", NOW)


def test_runs(store: Storage) -> None:
    first, second = (store.start_run(NOW, pid, "host") for pid in (1, 2))
    assert second > first
    store.finish_run(first, NOW, 3, "blog: 503")
    with store._connection() as connection:
        rows = connection.exec_driver_sql("SELECT pid, code, text FROM run ORDER BY id").all()
    assert [tuple(row) for row in rows] == [(1, 3, "blog: 503"), (2, None, None)]
