"""Posts erased at the source: words and author go, mention and counts stay; counts beside the words."""

from __future__ import annotations

from dataclasses import replace

from listener.errors import AccessError, EndedError
from listener.model import Post, Quote, Sentiment
from storage import Storage
from tests.storage.made import LONG, NOW, at, fetched, mention, post, ready, rows_of, save, source, total

CANARY = "Kanarienwort"


def submission(number: int = 1, **fields: object) -> Post:
    """A post that began its thread."""
    known = {"thread_id": str(number), "title": f"Titel {CANARY}", "quotes": (Quote(CANARY, "ben"),)}
    return post(number, f"Die Akkufix 3000 {CANARY} {LONG}", **(known | fields))


def erased(one: Post) -> Post:
    return replace(one, text="", author=None, title="", quotes=(), deleted=True, erased=True)


def everything(store: Storage) -> str:
    """All that any table holds."""
    tables = ("post", "revision", "thread", "mention", "digest")
    with store._connection() as connection:
        return str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables])


def test_words_and_author_go_the_count_stays(store: Storage) -> None:
    ready(store)
    save(store, [submission(), post(2, "ich auch", title=f"Titel {CANARY}", thread_id="1")])
    save(store, [replace(submission(), text=f"Die Akkufix 3000 {CANARY} anders")])
    waiting = store.unscored("m1", 10)[-1]
    store.save_sentiments("m1", [(waiting.mention_id, Sentiment(0.8, 0.1, 0.1, "m1"))], NOW)
    store.save_digest("d", NOW.date(), "s", f"{CANARY} {submission().url}", "", NOW)
    before = total(store)
    assert CANARY in everything(store)

    save(store, [erased(submission())], [])

    assert CANARY not in everything(store) and "anna1" not in everything(store)
    [row, _] = rows_of(store, "mentions")
    assert (row["text"], row["author"], row["thread_title"], row["matched_text"]) == ("", None, "", None)
    assert (row["erased"], row["deleted_at"], row["label"]) == (True, NOW, "negative")
    assert total(store) == before | {"authors": before["authors"] - 1}


def test_nothing_is_left_to_judge(store: Storage) -> None:
    ready(store)
    save(store, [submission(1), submission(2)])
    save(store, [erased(submission(1))], [])
    assert store.backlog("m1") == len(store.unscored("m1", 10)) == 1
    save(store, [submission(1)])
    assert store.backlog("m1") == len(store.unscored("m1", 10)) == 2


def test_an_erased_copy_stays_a_copy(store: Storage) -> None:
    ready(store)
    save(store, [submission(1), submission(2, published_at=at(days=1, hours=-1), thread_id="2")])
    before = total(store)
    assert (before["mentions"], before["stories"]) == (1, 1)
    save(store, [erased(submission(2, published_at=at(days=1, hours=-1), thread_id="2"))], [])
    assert total(store) == before, "an author of a copy is not counted"


def test_it_is_not_erased_twice_and_may_come_back(store: Storage) -> None:
    ready(store)
    save(store, [submission()])
    save(store, [erased(submission())], [])
    assert save(store, [erased(submission())], [], now=at(hours=-1)).touched == 0
    save(store, [submission()])
    [row] = rows_of(store, "mentions")
    assert (row["erased"], row["deleted_at"], row["author"]) == (False, None, "anna1")
    assert CANARY in row["text"] and row["matched_text"] == "Akkufix 3000"


def test_a_title_that_the_site_still_shows_stays(store: Storage) -> None:
    ready(store)
    save(store, [submission()])
    save(store, [replace(erased(submission()), title="Noch da")], [])
    assert rows_of(store, "mentions")[0]["thread_title"] == "Noch da"


def test_a_post_that_was_never_seen_standing(store: Storage) -> None:
    ready(store)
    save(store, [erased(submission())], [])
    assert store.known("heimwerker", ["1"])["1"].erased
    assert rows_of(store, "mentions") == []


def test_votes_replies_and_facts_are_told_again_without_an_edit(store: Storage) -> None:
    ready(store)
    save(store, [post(1, votes=3, replies=0, facts={"flair": "Hilfe\0", "over_18": False})])
    stored = store.known("heimwerker", ["1"])["1"]
    assert (stored.votes, stored.replies, stored.facts) == (3, 0, {"flair": "Hilfe�", "over_18": False})
    retold = post(1, votes=-2, replies=7, facts={"flair": "Frage"})
    saved = store.save_batch("heimwerker", [], [], [], {}, now=NOW, days={}, retold=[retold])
    assert (saved.new, saved.changed, saved.touched) == (0, 0, 0)
    [row] = rows_of(store, "mentions")
    assert (row["votes"], row["replies"], row["facts"]) == (-2, 7, '{"flair":"Frage"}')


def test_an_edit_that_tells_no_votes_leaves_them(store: Storage) -> None:
    ready(store)
    save(store, [post(1, votes=3)])
    save(store, [post(1, "Die Akkufix 3000 ist Mist")])
    assert rows_of(store, "mentions")[0]["votes"] == 3


def test_what_stands_is_told_by_number(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2), post(3)], [mention(1), mention(3)])
    save(store, [post(8)], name="blog")
    save(store, [erased(post(3))], [])
    (first, one), (second, two) = store.standing("heimwerker", 0, 10)
    assert (one, two) == ("1", "2") and first < second
    assert store.standing("heimwerker", first, 1) == [(second, "2")]
    assert store.standing("heimwerker", 0, 10, mentioned=True) == [(first, "1")]
    assert store.standing("heimwerker", second, 10) == []


def test_threads_with_a_mention_the_latest_first(store: Storage) -> None:
    ready(store)
    posts = [
        post(1, thread_id="old", published_at=at(days=20)),
        post(2, thread_id="a", published_at=at(days=3)),
        post(3, thread_id="b", published_at=at(days=2)),
        post(4, thread_id="c", published_at=at(days=1)),
        post(5, thread_id="d", published_at=at(days=1)),
    ]
    found = [mention(1), mention(2), mention(3, place="title", spans=()), mention(4, place="quote", spans=())]
    save(store, posts, found)
    assert store.mentioned_threads("heimwerker", at(days=14)) == ["b", "a"]
    assert store.mentioned_threads("blog", at(days=14)) == []


def test_an_ended_source_is_not_due_until_it_changes(store: Storage) -> None:
    ready(store)
    fetched(store, at(hours=1), error=EndedError("over", source="blog"), name="blog")
    assert store.due_sources(NOW) == ["heimwerker"]
    assert {row.source: row.ended_at for row in store.sources_status(NOW)} == {
        "blog": at(hours=1),
        "heimwerker": None,
    }
    fetched(store, NOW, error=EndedError("over", source="blog"), name="blog")
    assert store.sources_status(NOW)[0].ended_at == at(hours=1), "since when it is over"
    store.sync([source(), source("blog", "feed", options={"url": "https://new.example/"})], [], NOW)
    assert store.due_sources(NOW) == ["blog", "heimwerker"]


def test_another_answer_takes_the_end_back(store: Storage) -> None:
    ready(store)
    for error in (None, AccessError("403", source="blog")):
        fetched(store, at(hours=1), error=EndedError("over", source="blog"), name="blog")
        fetched(store, NOW, error=error, name="blog")
        assert "blog" in store.due_sources(NOW)


class Closed(AccessError):
    """A collector's own word for it."""


def test_the_kind_of_an_error_is_one_that_everybody_knows(store: Storage) -> None:
    ready(store)
    for error, kind in ((Closed("x", source="blog"), "AccessError"), (EndedError("x"), "EndedError")):
        fetched(store, NOW, error=error, name="blog")
        assert store.sources_status(NOW)[0].last_error_kind == kind


def test_a_notice_is_kept_with_its_day(store: Storage) -> None:
    ready(store)
    for hours, notice in ((30, "gestern"), (3, "zu schnell\0"), (1, "")):
        fetched(store, at(hours=hours), at(hours=hours + 1), notice=notice)
    [status] = [row for row in store.sources_status(NOW) if row.source == "heimwerker"]
    assert (status.notice, status.notice_at) == ("zu schnell�", at(hours=3))
    zone = NOW.tzinfo
    assert zone is not None
    store.save_coverage(store.coverage_days(at(days=2).date(), NOW.date(), zone=zone, now=NOW))
    rows = [row["notice"] for row in rows_of(store, "coverage") if row["source"] == "heimwerker"]
    assert rows == ["gestern", "zu schnell�"]
