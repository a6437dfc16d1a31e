"""The house's own readers find in the demo's world exactly what its truth says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import collectors
from collectors.engines import phpbb
from collectors.http import HttpClient
from collectors.reading import Page
from listener.demo import Expected, World
from listener.model import Passage, Post, Product, Query, Source
from listener.query import Matcher

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
SOURCES = ("werkbank-forum", "werkstatt-blog", "reddit")


@pytest.fixture
def world() -> Iterator[World]:
    with World(NOW) as world:
        yield world


def folded(text: str) -> str:
    return " ".join(text.split())


def source_of(world: World, name: str) -> Source:
    """The source as the world's configuration has it."""
    config = yaml.safe_load(world.config(Path()))
    keys = next(keys for keys in config["sources"] if keys["name"] == name)
    kind = keys["kind"]
    options: dict[str, Any] = {key: keys[key] for key in collectors.options(kind) if key in keys}
    if "backfill" in options:
        options["backfill"] = timedelta(days=90)
    return Source(name, kind, options, delay=timedelta(0), allow_private=True)


def collected(world: World, name: str, state: dict[str, Any], rounds: int = 8) -> list[Post]:
    """What `rounds` runs of the source's collector find; `state` is left as the last one left it."""
    source, posts = source_of(world, name), []
    for _ in range(rounds):
        with HttpClient(contact="listening@example.com", now=lambda: world.now, sleep=lambda _: None) as http:
            for batch in collectors.get(source.kind)(source, state, http, **source.options):
                posts += batch.posts
                state.clear()
                state.update(batch.state)
    return posts


def facts(post: Post | Expected) -> dict[str, Any]:
    quotes = [
        (quote.author, folded(quote.text)) if hasattr(quote, "author") else (quote[0], folded(quote[1]))
        for quote in post.quotes
    ]
    return {
        "author": post.author,
        "minute": post.published_at and post.published_at.replace(second=0, microsecond=0),
        "edited": post.edited_at and post.edited_at.replace(second=0, microsecond=0),
        "title": folded(post.title),
        "text": folded(post.text),
        "quotes": quotes,
        "deleted": post.deleted,
    }


@pytest.mark.parametrize("name", SOURCES)
def test_collectors_find_every_post_exactly(world: World, name: str) -> None:
    found = {post.id: facts(post) for post in collected(world, name, {})}
    assert found == {post.id: facts(post) for post in world.truth if post.source == name}


@pytest.mark.parametrize(
    ("name", "place"),
    [("werkbank-forum", "Hochbeet: Lärche oder Douglasie?"), ("reddit", "Terrasse fertig!")],
)
def test_collectors_find_a_reply_in_an_old_thread(world: World, name: str, place: str) -> None:
    state: dict[str, Any] = {}
    known = {post.id: facts(post) for post in collected(world, name, state)}
    world.now += timedelta(hours=3)
    asked = len(world.requests)
    assert all(known[post.id] == facts(post) for post in collected(world, name, state, rounds=1))
    assert len(world.requests) - asked <= 8
    threads = {post.title: post.id for post in world.truth if post.id.startswith("t3_")}
    thread = threads.get(place) or thread_number(world, place)
    new = world.reply(thread, "Kommt drauf an.", "Neuling", world.now - timedelta(minutes=5))
    found = {post.id for post in collected(world, name, state, rounds=1)}
    assert new in found and found <= {*known, new}


def thread_number(world: World, title: str) -> str:
    for board in (3, 5):
        url = f"{world.url}/forum/viewforum.php?f={board}"
        rows = phpbb.listing(Page(httpx.get(url).content, url, world.now)).threads
        for row in rows:
            if row.title == title:
                return row.id
    raise LookupError(title)


def test_reader_finds_every_post_of_every_page(world: World) -> None:
    waiting, found, listed = [f"{world.url}/forum/index.php"], {}, 0
    with httpx.Client() as web:
        for url in waiting:  # grows while it is gone through
            page = Page(web.get(url).content, url, NOW)
            if "viewtopic" in url:
                topic = phpbb.topic(page)
                found |= {post.id: facts(post) for post in topic.posts}
                waiting += [topic.next_url] if topic.next_url else []
            else:
                listing = phpbb.listing(page)
                listed += len(listing.threads)
                waiting += [*listing.boards, *(row.url for row in listing.threads)]
    assert listed == 14
    assert found == {post.id: facts(post) for post in world.truth if post.source == "werkbank-forum"}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    with World(NOW) as world:
        config = yaml.safe_load(world.config(Path()))
    entries = [entry for brand in config["brands"] for entry in brand["products"]]
    return Matcher([Product(entry["name"], Query(entry["query"])) for entry in entries])


def test_matcher_finds_every_mention_in_its_place(world: World, matcher: Matcher) -> None:
    posts = world.truth
    passages = [
        Passage(p.text, p.title, "\n\n".join(text for _, text in p.quotes)) for p in posts if not p.deleted
    ]
    found = [{match.product: match.place for match in matches} for matches in matcher.match(passages)]
    wrong = [
        (post.source, post.id, folded(post.text)[:60], places, post.places)
        for post, places in zip([p for p in posts if not p.deleted], found, strict=True)
        if places != post.places
    ]
    assert not wrong
