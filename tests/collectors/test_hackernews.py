"""Hacker News: golden answers, a search read by windows of time down to the mark, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.hackernews import PER_PAGE, collect, posts_of, recognise
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError, TransientError
from listener.model import Batch, Source
from tests.networks import AT, DATA, answer, batches, goldens, told
from tests.world import Reply, Request, World

SOURCE = Source("hn", "hackernews", allow_private=True, delay=timedelta(0))
URL = "https://hn.algolia.com/api/v1/search_by_date"
FIRST = datetime(2026, 11, 20, tzinfo=UTC)


def page_of(name: str) -> Page:
    return Page((DATA / f"hackernews/{name}.answer.json").read_bytes(), URL, AT)


@pytest.mark.parametrize("gold", goldens("hackernews"), ids=lambda gold: gold.stem)
def test_golden_answers(gold: Any) -> None:
    page = page_of(gold.stem)
    assert told(posts_of(page)) == json.loads(gold.read_text(encoding="utf-8"))
    assert recognise(page) and read(page).posts == posts_of(page)


def test_a_thread_is_one() -> None:
    found = read(page_of("thread"))
    assert (found.thread_id, found.title) == ("49000100", "Akkufix 3000: a charger that logs")


@pytest.mark.parametrize(
    "body", [b'{"hits": [{"created_at_i": 1}]}', b'{"created_at_i": 1}', b'["created_at_i"]']
)
def test_other_answers_are_left_to_others(body: bytes) -> None:
    page = Page(body, URL, AT)
    assert not recognise(page)
    with pytest.raises(ParseError):
        read(page)


@pytest.mark.parametrize("markup", ["[deleted]", "[flagged]", "", None, 7])
def test_a_comment_without_words_is_deleted(markup: Any) -> None:
    found = answer("hackernews", "search")
    found["hits"][0]["comment_text"] = markup
    post = posts_of(Page(json.dumps(found).encode(), URL, AT))[0]
    assert post.deleted and not post.text and post.author is None and post.title


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(value=json_values, number=st.integers(0, 5), at=st.data())
def test_any_value_anywhere_gives_posts_or_a_parse_error(value: Any, number: int, at: st.DataObject) -> None:
    found = answer("hackernews", "search")
    found["hits"][number][at.draw(st.sampled_from(sorted(found["hits"][number])))] = value
    page = Page(json.dumps(found).encode(), URL, AT)
    try:
        posts = posts_of(page)
    except ParseError:
        return
    assert all(post.id and post.url.startswith("https://") for post in posts)


class Index:
    """The search of Hacker News, newest first; nothing is shown beyond page numbers or 1,000 posts."""

    def __init__(self, posts: int) -> None:
        self.hits = [self._hit(number, FIRST + timedelta(minutes=number)) for number in range(1, posts + 1)]

    def _hit(self, number: int, at: datetime) -> dict[str, Any]:
        model = answer("hackernews", "search")["hits"][0]
        return {**model, "objectID": str(number), "created_at_i": int(at.timestamp())}

    def add(self, count: int) -> None:
        start = len(self.hits) + 1
        self.hits += [self._hit(n, FIRST + timedelta(minutes=n)) for n in range(start, start + count)]

    def add_at(self, number: int, at: datetime) -> None:
        self.hits.append(self._hit(number, at))

    def __call__(self, request: Request) -> str:
        asked = request.query
        assert asked["query"] == '"akkufix"' and asked["typoTolerance"] == "false" and "page" not in asked
        name, _, most = asked.get("numericFilters", "created_at_i<=99999999999").partition("<=")
        assert name == "created_at_i"
        rows = [hit for hit in self.hits if hit["created_at_i"] <= int(most)]
        rows.sort(key=lambda hit: -hit["created_at_i"])
        size = int(asked["hitsPerPage"])
        assert size <= 1000
        return json.dumps({"hits": rows[:size], "nbHits": len(rows)})


@pytest.fixture
def world() -> Iterator[World]:
    with World() as found:
        yield found


def run(world: World, state: Any = None, most: int = 99, at: datetime = AT, **options: Any) -> list[Batch]:
    """See `batches`."""
    options = {"api_url": world.url, "search": ["akkufix"], **options}
    return batches(collect, SOURCE, state, at, most, **options)


def ids(batches: list[Batch]) -> list[int]:
    return [int(post.id) for batch in batches for post in batch.posts]


def test_a_search_is_read_to_its_end_then_only_its_news(world: World) -> None:
    world.routes["/search_by_date"] = index = Index(250)
    first = run(world)
    assert set(ids(first)) == set(range(1, 251)) and len(ids(first)) <= 252
    assert len(world.paths) == 3 and first[-1].complete_since == FIRST + timedelta(minutes=1)
    index.add(3)
    second = run(world, first[-1].state)
    assert ids(second)[:3] == [253, 252, 251] and len(world.paths) == 4 and not second[-1].notice


def test_posts_of_one_second_fill_more_than_a_page(world: World) -> None:
    world.routes["/search_by_date"] = index = Index(5)
    for number in range(1000, 1000 + PER_PAGE + 40):
        index.add_at(number, FIRST + timedelta(hours=1))
    assert set(range(1, 6)) <= set(ids(run(world)))


def test_what_the_index_shows_late_is_read(world: World) -> None:
    world.routes["/search_by_date"] = index = Index(150)
    first = run(world)
    index.hits += [index._hit(n, FIRST + timedelta(minutes=150, seconds=n)) for n in range(900, 997)]
    index.add_at(7, FIRST + timedelta(minutes=145))
    second = run(world, first[-1].state)
    assert 7 in ids(second) and second[-1].complete_since == first[-1].complete_since


def test_a_run_that_was_killed_goes_on_where_it_was(world: World) -> None:
    world.routes["/search_by_date"] = index = Index(450)
    state: Any = {}
    seen: list[int] = []
    for step in range(8):
        index.add(2)
        batches = run(world, state, most=1, at=AT + timedelta(minutes=step))
        state = json.loads(json.dumps(dict(batches[-1].state)))
        seen += ids(batches)
    seen += ids(run(world, state, at=AT + timedelta(hours=1)))
    assert set(seen) == set(range(1, 467))


def test_more_than_the_limit_is_named_as_a_gap(world: World) -> None:
    world.routes["/search_by_date"] = index = Index(150)
    first = run(world, limit=200)
    index.add(500)
    last = run(world, first[-1].state, limit=200)[-1]
    assert "search 'akkufix'" in last.notice and "were missed" in last.notice
    assert last.complete_since is not None and last.complete_since > FIRST + timedelta(minutes=400)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ('"akku fix"', "(story,poll,comment)", "prefixNone")),
        ({"exact": False}, ("akku fix", "(story,poll,comment)", None)),
        ({"comments": False}, ('"akku fix"', "(story,poll)", "prefixNone")),
        ({"search": '"akku" -fix'}, ('"akku" -fix', "(story,poll,comment)", "prefixNone")),
    ],
)
def test_how_it_is_asked(world: World, options: Any, expected: Any) -> None:
    world.routes["*"] = b'{"hits": []}'
    run(world, **{"search": " akku  fix", **options})
    (asked,) = [Request(path, {}).query for path in world.paths]
    assert (asked["query"], asked["tags"], asked.get("queryType")) == expected


def test_nothing_found_is_nothing_missed(world: World) -> None:
    world.routes["*"] = b'{"hits": []}'
    last = run(world)[-1]
    assert not last.posts and not last.notice and last.complete_since == AT


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply(b"", 429, {"retry-after": "3600"}), TransientError, "429"),
        (Reply(b'{"message":"invalid filter","status":400}', 400), AccessError, "invalid filter"),
        (Reply(b"oops", 500), TransientError, "500"),
        (Reply(b"<html>"), ParseError, "not JSON"),
        (Reply(b'{"hits": {}}'), ParseError, "no posts in this answer"),
        (Reply(b'{"hits": [{"title": "x"}]}'), ParseError, "without its id"),
    ],
)
def test_refusals(world: World, reply: Reply, error: type[Exception], words: str) -> None:
    world.routes["*"] = reply
    with pytest.raises(error, match=words):
        run(world)


@pytest.mark.parametrize(
    "state", [{"streams": 3}, {"streams": {"search 'akkufix'": {"descent": {"after": "x", "count": 5}}}}]
)
def test_a_damaged_state_is_as_none(world: World, state: Any) -> None:
    world.routes["/search_by_date"] = Index(60)
    assert set(ids(run(world, state))) == set(range(1, 61))


def test_nothing_to_read(world: World) -> None:
    with pytest.raises(AccessError, match="nothing to read"):
        run(world, search=[" "])
