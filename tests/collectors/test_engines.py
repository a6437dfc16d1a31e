"""What all forum readers have in common: golden pages, recorded pages, broken ones."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.engines import engine_of, engines
from collectors.reading import Page, read
from listener.errors import AccessError, ParseError
from tests.pages import AT, goldens, name_of, page_of, plain, recorded, with_body

GOLDS = goldens()


@pytest.mark.parametrize("gold", GOLDS, ids=name_of)
def test_golden_pages(gold: Path) -> None:
    page, expected = page_of(gold)
    engine = engine_of(page)
    assert engine is not None
    if "listing" in expected:
        assert plain(engine.listing(page)) == expected["listing"]
    else:
        assert plain(read(page)) == expected["topic"]


def test_there_are_golden_pages_for_each_engine() -> None:
    read_by = {
        json.loads(gold.read_text(encoding="utf-8"))[key]["engine"] for gold in GOLDS for key in keys(gold)
    }
    assert read_by == {engine.NAME for engine in engines()}


def keys(gold: Path) -> list[str]:
    return [key for key in ("topic", "listing") if key in json.loads(gold.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("gold", GOLDS, ids=name_of)
def test_no_session_id_survives_in_an_address(gold: Path) -> None:
    page, expected = page_of(gold)
    engine = engine_of(page)
    assert engine is not None
    found = engine.listing(page) if "listing" in expected else engine.topic(page)
    assert not re.search(r"sid=|&amp;", str(plain(found)))


# Recorded pages: read in place, never copied here.


def test_recorded_pages_are_claimed_by_their_own_engine_or_end_in_clear_errors(shared: Path) -> None:
    pages = recorded(shared)
    assert len(pages) > 40
    for path, page in pages:
        engine = engine_of(page)
        if engine is not None and engine.NAME != "generic":
            assert engine.NAME.startswith(path.parent.name), path
            others = [other.NAME for other in engines() if other is not engine and other.recognise(page)]
            assert set(others) <= {"generic"}, path
        try:
            assert read(page).posts
        except (ParseError, AccessError) as error:
            assert str(error)


# Broken pages: posts or a clear error, never another exception.

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(page: Page) -> None:
    try:
        topic = read(page)
    except (ParseError, AccessError):
        return
    assert all(post.id and post.published_at and post.published_at.tzinfo for post in topic.posts)


@quick
@given(gold=st.sampled_from(GOLDS), share=st.floats(0, 1))
def test_a_page_cut_anywhere(gold: Path, share: float) -> None:
    page, _ = page_of(gold)
    outcome(with_body(page, page.body[: int(len(page.body) * share)]))


@quick
@given(gold=st.sampled_from(GOLDS), seed=st.integers(0, 10**6))
def test_a_page_with_parts_taken_out(gold: Path, seed: int) -> None:
    page, _ = page_of(gold)
    dice = random.Random(seed)
    parts = re.split(rb"(?=<)", page.body)
    outcome(with_body(page, b"".join(part for part in parts if dice.random() > 0.05)))


@quick
@given(
    gold=st.sampled_from([gold for gold in GOLDS if gold.with_suffix(".html").is_file()]),
    seed=st.integers(0, 10**6),
)
def test_the_order_of_attributes_does_not_matter(gold: Path, seed: int) -> None:
    page, expected = page_of(gold)
    dice = random.Random(seed)
    shuffled = re.sub(
        rb"<(\w+)((?:\s+[\w-]+=\"[^\"<>]*\")+)(\s*/?)>", lambda tag: _shuffled(tag, dice), page.body
    )
    found = with_body(page, shuffled)
    engine = engine_of(found)
    assert engine is not None
    if "listing" in expected:
        assert plain(engine.listing(found)) == expected["listing"]
    else:
        assert plain(engine.topic(found)) == expected["topic"]


def _shuffled(tag: re.Match[bytes], dice: random.Random) -> bytes:
    attributes = re.findall(rb"[\w-]+=\"[^\"<>]*\"", tag[2])
    dice.shuffle(attributes)
    return b"<" + tag[1] + b" " + b" ".join(attributes) + tag[3] + b">"


@quick
@given(body=st.binary(max_size=400), url=st.sampled_from(["", "https://a.example/t/1", "http://["]))
def test_any_bytes(body: bytes, url: str) -> None:
    outcome(Page(body, url, AT))
