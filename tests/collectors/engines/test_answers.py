"""JSON answers of all engines with values of another kind anywhere in them: posts or a clear error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.engines import engine_of
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import goldens, page_of, with_body

ANSWERS = [gold for gold in goldens() if gold.with_suffix(".answer.json").is_file()]
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "9" * 5000, "http://[", "https://a.example/x?y=1#z",
    "2026-10-01T25:61:00Z", "\ud800\x00", [], {}, [None], [[]], [{}], {"id": {}}, {"data": [1]},
]  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values inside a value."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    for key, inner in pairs:
        yield (*way, key)
        yield from places(inner, (*way, key))


def changed(text: str, way: tuple[Any, ...], odd: Any) -> bytes:
    """The answer with another value at one place."""
    whole = json.loads(text)
    *above, last = way
    inner = whole
    for key in above:
        inner = inner[key]
    inner[last] = odd
    return json.dumps(whole).encode()


def looked_at(page: Page) -> None:
    """Both readings of a page end well or in an error that says why."""
    try:
        assert all(post.id and post.published_at and post.published_at.tzinfo for post in read(page).posts)
    except (ParseError, AccessError) as error:
        assert str(error)
    engine = engine_of(page)
    try:
        assert engine is None or all(row.id for row in engine.listing(page).threads)
    except (ParseError, AccessError) as error:
        assert str(error)


@settings(max_examples=150, deadline=None)
@given(gold=st.sampled_from(ANSWERS), data=st.data(), odd=st.sampled_from(ODD))
def test_values_of_another_kind_anywhere(gold: Path, data: st.DataObject, odd: Any) -> None:
    page, _ = page_of(gold)
    ways = list(places(json.loads(page.body)))
    looked_at(with_body(page, changed(page.body.decode(), data.draw(st.sampled_from(ways)), odd)))
