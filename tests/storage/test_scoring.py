"""What waits for a model, what it said, what a person says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from listener.errors import StorageError
from listener.model import Match, Sentiment
from storage import Storage
from storage.rows import StoredPost
from tests.storage.made import NOW, at, mention, post, ready, rows_of, save, total

BAD = Sentiment(0.7, 0.2, 0.1, "m1")
GOOD = Sentiment(0.1, 0.2, 0.7, "m2")


def filled(store: Storage) -> Storage:
    ready(store)
    save(store, [post(number, published_at=at(days=number)) for number in (3, 1, 2)])
    return store


def rematched(store: Storage, found: dict[int, list[Match]]) -> None:
    """Akkufix 3000 is held against all posts again and matches so."""
    store.begin_rematch(["Akkufix 3000"])

    def judge(posts: Sequence[StoredPost]) -> list[list[Match]]:
        return [found.get(post.id, []) for post in posts]

    while store.rematch({"Akkufix 3000": 1}, judge, 2, NOW).after is not None:
        pass


def test_the_newest_waits_first(store: Storage) -> None:
    filled(store)
    waiting = store.unscored("m1", 2)
    assert [row.text for row in waiting] == ["Die Akkufix 3000 ist gut"] * 2
    assert (waiting[0].spans, waiting[0].title) == (((4, 16),), "Welche Säge?")
    store.save_sentiments("m1", [(row.mention_id, BAD) for row in waiting], NOW)
    assert store.backlog("m1") == 1
    [last] = store.unscored("m1", 10)
    assert rows_of(store, "mentions")[0]["mention_id"] == last.mention_id


def test_a_new_model_scores_all_again_and_an_old_one_too(store: Storage) -> None:
    filled(store)
    for said in (BAD, GOOD, BAD):
        assert store.backlog(said.model) == 3
        store.save_sentiments(
            said.model, [(row.mention_id, said) for row in store.unscored(said.model, 9)], NOW
        )
        rows = rows_of(store, "mentions")
        assert {(row["label"], row["model"]) for row in rows} == {(said.label, said.model)}
        assert rows[0]["score"] == said.score


def test_a_changed_text_is_scored_again(store: Storage) -> None:
    filled(store)
    store.save_sentiments("m1", [(row.mention_id, BAD) for row in store.unscored("m1", 9)], NOW)
    save(store, [post(1, "Die Akkufix 3000 ist Mist", published_at=at(days=1))])
    [waiting] = store.unscored("m1", 9)
    assert waiting.text == "Die Akkufix 3000 ist Mist"
    assert [row["label"] for row in rows_of(store, "mentions")].count(None) == 1


def test_withdrawn_mentions_do_not_wait(store: Storage) -> None:
    filled(store)
    save(store, [post(1, "Meine ist gut", published_at=at(days=1))], [])
    assert store.backlog("m1") == 2
    assert len(store.unscored("m1", 9)) == 2


def test_a_correction_outlives_models_and_matching(store: Storage) -> None:
    filled(store)
    number = store.unscored("m1", 1)[0].mention_id
    store.correct(number, "positive", NOW)
    store.save_sentiments("m1", [(number, BAD)], NOW)
    [row] = [row for row in rows_of(store, "mentions") if row["mention_id"] == number]
    assert (row["label"], row["corrected"], row["score"]) == ("positive", True, BAD.score)
    rematched(store, {})
    rematched(store, {row["post_id"]: [Match("Akkufix 3000", "title")]})
    [again] = [row for row in rows_of(store, "mentions") if row["mention_id"] == number]
    assert (again["label"], again["corrected"], again["matched_in"]) == ("positive", True, "title")
    assert total(store)["positive"] == 1


@pytest.mark.parametrize(("number", "label"), [(999, "positive"), (1, "gut")])
def test_wrong_corrections_are_refused(store: Storage, number: int, label: str) -> None:
    with pytest.raises(StorageError):
        filled(store).correct(number, label, NOW)  # type: ignore[arg-type]


def test_judgements_of_vanished_mentions_are_left_out(store: Storage) -> None:
    assert filled(store).save_sentiments("m1", [(10**9, BAD)], NOW) == 0


def test_a_rematch_replaces_only_its_products(store: Storage) -> None:
    ready(store)
    save(store, [post(1), post(2)], [mention(1), mention(1, "Bohrwerk B2"), mention(2)])
    first, second = (row.id for row in store.posts_for_rematch(0, 10))
    rematched(store, {first: [Match("Akkufix 3000", "text", ((4, 16),))]})
    left = [(row["post_id"], row["product"]) for row in rows_of(store, "mentions")]
    assert left == [(first, "Akkufix 3000"), (first, "Bohrwerk B2")]
    assert store.posts_for_rematch(second, 10) == []


def test_rows_for_the_digest(store: Storage) -> None:
    ready(store)
    long = "Die Akkufix 3000 " + "sehr " * 30
    save(store, [post(1, long, published_at=at(days=2)), post(2, long, url="https://b.example/2")])
    save(store, [post(3), post(4)], [mention(3, place="quote", spans=()), mention(4)])
    rows = store.mentions_between("Akkufix 3000", at(days=2).date(), NOW.date())
    assert [(row.url[-3:], row.copies, row.label) for row in rows] == [("p/4", 0, None), ("p/1", 1, None)]
    assert store.left_out(at(days=2).date(), NOW.date()) == {"copies": 1, "quotes": 1, "flags": 0}
    assert [row.product for row in store.mentions_of(rows[0].post_id)] == ["Akkufix 3000"]
