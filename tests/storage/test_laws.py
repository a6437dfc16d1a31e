"""Laws over random histories: repeating, reordering and rebuilding change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from listener.model import Mention, Post, Sentiment
from storage import Storage
from tests.storage.conftest import empty
from tests.storage.made import LONG, NOW, aggregate, at, post, ready, rows_of, save, source, total
from tests.stores import fresh_url

SOURCES = ("blog", "forum", "portal")
TEXTS = (f"Die Akkufix 3000 kommt. {LONG}", f"Neu: Akkufix 3000! {LONG}", "Akkufix 3000 kaputt", "Nichts")
Said = tuple[str, Post, tuple[str, ...]]

random_laws = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
numbers = st.integers(0, 5)
fields = st.fixed_dictionaries(
    {
        "url": st.sampled_from([f"https://x.example/{number}" for number in range(5)]),
        "author": st.sampled_from(["anna", "ben", None]),
        "published_at": st.sampled_from([None, at(days=1), at(days=2), at(days=20), at(days=45)]),
        "thread_id": st.sampled_from(["", "t1", "t2"]),
        "language": st.sampled_from([None, "de", "en"]),
        "deleted": st.booleans(),
    }
)
products = st.sets(st.sampled_from(["Akkufix 3000", "Bohrwerk B2"])).map(lambda names: tuple(sorted(names)))
said = st.tuples(
    st.sampled_from(SOURCES),
    st.builds(lambda number, text, more: post(number, text, **more), numbers, st.sampled_from(TEXTS), fields),
    products,
)
histories = st.lists(said, max_size=10)
distinct = st.lists(said, max_size=10, unique_by=lambda one: (one[0], one[1].id))


def opened(url: str) -> Storage:
    store = Storage(url)
    empty(store)
    return ready(store, *(source(name, "feed" if name == "blog" else "forum") for name in SOURCES))


def save_one(store: Storage, one: Said) -> None:
    name, said, names = one
    save(store, [said], [Mention(said.id, product, "text", ((0, 3),)) for product in names], name=name)


def score(store: Storage) -> None:
    waiting = store.unscored("m1", 100)
    judged = [(row.mention_id, Sentiment(0.2, 0.3, 0.5, "m1")) for row in waiting if len(row.text) % 2]
    store.save_sentiments("m1", judged, NOW)


def picture(store: Storage) -> list[dict[str, Any]]:
    """The view without the store's own numbers."""
    rows = rows_of(store, "mentions")
    with store._connection() as connection:
        posts = connection.exec_driver_sql(
            "SELECT post.id, source.name, post.external_id FROM post JOIN source ON source.id = source_id"
        )
        names: dict[int | None, Any] = {number: (name, key) for number, name, key in posts}
    for row in rows:
        row.pop("mention_id")
        row["post_id"], row["duplicate_of"] = names[row["post_id"]], names.get(row["duplicate_of"])
    return sorted(rows, key=lambda row: (row["post_id"], row["product"]))


@random_laws
@given(history=histories)
def test_saving_again_changes_nothing(store_url: str, history: list[Said]) -> None:
    with opened(store_url) as store:
        last = {(name, one.id): (name, one, names) for name, one, names in history}
        for one in history:
            save_one(store, one)
        before, counts = picture(store), total(store)
        for one in last.values():
            save_one(store, one)
        assert (picture(store), total(store)) == (before, counts)


@random_laws
@given(history=distinct, shuffle=st.randoms(use_true_random=False))
@example(
    history=[
        ("blog", post(1, TEXTS[0], url="https://x.example/1", published_at=at(days=45)), ("Akkufix 3000",)),
        ("forum", post(1, TEXTS[0], url="https://x.example/2", published_at=at(days=20)), ("Akkufix 3000",)),
        ("portal", post(1, TEXTS[0], url="https://x.example/2", published_at=at(days=1)), ("Akkufix 3000",)),
    ],
    shuffle=None,
)
def test_the_order_of_arrival_does_not_matter(store_url: str, history: list[Said], shuffle: Any) -> None:
    pictures = []
    for order in (list(history), list(reversed(history)), _shuffled(history, shuffle)):
        with opened(store_url) as store:
            for one in order:
                save_one(store, one)
            pictures.append((picture(store), total(store)))
    assert pictures[0] == pictures[1] == pictures[2]


def _shuffled(history: list[Said], shuffle: Any) -> list[Said]:
    order = list(history)
    if shuffle is not None:
        shuffle.shuffle(order)
    return order


@random_laws
@given(history=histories, cut=st.integers(0, 10))
def test_increments_equal_a_rebuild(store_url: str, history: list[Said], cut: int) -> None:
    with opened(store_url) as store:
        for number, one in enumerate(history):
            save_one(store, one)
            if number == cut:
                store.forget(author="ben")
            score(store)
            aggregate(store)
        increments = rows_of(store, "daily")
        with store._door.write() as connection:
            connection.exec_driver_sql("DELETE FROM series")
        store.touch_all()
        aggregate(store)
        assert rows_of(store, "daily") == increments


def test_both_databases_say_the_same(postgres_server: str, tmp_path: Path) -> None:
    said: list[tuple[Any, ...]] = []
    for backend in ("sqlite", postgres_server):
        with opened(fresh_url(backend, tmp_path)) as store:
            for number in range(60):
                one = post(
                    number % 40,
                    f"{TEXTS[number % 4]} {'é🪚' * (number % 3)}",
                    url=f"https://x.example/{number % 30}",
                    published_at=at(days=number % 7, hours=number / 7),
                    language=("de", "en", None)[number % 3],
                )
                save_one(store, (SOURCES[number % 3], replace(one, deleted=number == 7), ("Akkufix 3000",)))
            score(store)
            store.correct(store.unscored("m2", 1)[0].mention_id, "negative", NOW)
            aggregate(store)
            views = {view: rows_of(store, view) for view in ("mentions", "daily")}
            said.append((views, store.counts(), total(store)))
            frames = store.mentions("Akkufix 3000"), store.daily(until=NOW.date()), store.coverage("blog")
            said[-1] += tuple((frame.to_csv(), frame.dtypes.to_dict()) for frame in frames)
    assert said[0] == said[1]
