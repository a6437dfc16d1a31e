"""The entries of feeds as posts: identity, address, instants, own words; the same for all formats."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from collectors.feed_dates import Instant, read_instant
from collectors.feed_kinds import Lists, is_comment, is_post, is_thin, is_topic, listed
from collectors.feed_links import canonical, joined, thread_of, web, without_secrets
from collectors.feed_titles import of_a_comment, of_a_feed
from collectors.feed_words import UNREADABLE, is_wordless, one_line, own_words
from collectors.reading import Page
from collectors.zones import zone_of
from listener.model import Facts, Post

__all__ = ["Entry", "Feed", "Head", "canonical", "feed_of", "one_line", "web", "without_secrets"]

CLOCKS_APART = timedelta(minutes=10)  # a date so far ahead of the fetch is a clock that goes wrong, not a lie


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself, in words that all formats share; `address` is its own (rel=self)."""

    title: str = ""
    link: str = ""
    address: str = ""
    ttl: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry in words that all formats share; texts are (value, is it HTML).

    `comments` is the page where it is discussed, `parent` the address or id of the entry it answers.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    texts: tuple[tuple[str, bool], ...] = ()
    author: str | None = None
    published: str = ""
    updated: str = ""
    language: str | None = None
    comments: str = ""
    parent: str = ""
    publisher: str = ""
    replies: int | None = None
    votes: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as it came: posts in its own order, `ttl` is how long it asks not to be fetched again.

    `lists`: what its entries are. `thin`: articles of which most are given as teasers only (they end with
    dots or "read on", or have fewer than 300 characters): the pages they lead to hold more.
    """

    title: str
    url: str
    posts: tuple[Post, ...]
    ttl: timedelta | None = None
    lists: Lists = "articles"
    thin: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where entries were found: what relative links start from, the feed's page, the clock, the fetch."""

    base: str
    home: str
    title: str
    zone: tzinfo
    now: datetime
    lists: Lists
    known: Mapping[str, str]  # addresses of the feed's entries by their ids


def _readable(entry: Entry) -> Entry:
    """The entry without signs that no store takes (`&#0;`, halves of surrogates); markup cleans itself."""
    words = (entry.guid, entry.link, entry.title, entry.author or "", entry.comments, entry.parent)
    plain = [value for value, markup in entry.texts if not markup]
    if not any(map(UNREADABLE.search, (*words, *plain))):
        return entry
    guid, link, title, author, comments, parent = (UNREADABLE.sub("", word) for word in words)
    texts = tuple((UNREADABLE.sub("", value), markup) for value, markup in entry.texts)
    return replace(
        entry,
        guid=guid.strip(),
        link=link,
        title=title.strip(),
        author=author or None,
        comments=comments,
        parent=parent,
        texts=texts,
    )


def feed_of(head: Head, entries: Sequence[Entry], page: Page) -> Feed:
    """A feed's entries as posts, with what the feed lists."""
    entries = [_readable(entry) for entry in entries]
    base = page.url if web(page.url) else head.link
    home = web(joined(page.url, head.link)) if head.link else ""
    answered = {entry.parent for entry in entries if entry.parent}
    known = {one.guid: canonical(joined(base, one.link)) for one in entries if one.guid in answered}
    addresses = (head.address, page.url, head.link)
    lists = listed([(one.link or one.guid, one.parent, one.comments) for one in entries], addresses)
    zone = zone_of(page.timezone) or UTC
    place = _Place(base, home or without_secrets(web(page.url)), head.title, zone, page.at, lists, known)
    read = [_post(entry, place) for entry in entries]
    posts = tuple(_told_apart([post for post, _ in read]))
    written = lists == "articles" and all(entry.views is None for entry in entries)  # and not filmed
    thin = written and is_thin([(_length(post), teaser) for post, teaser in read])
    return Feed(head.title, place.home, posts, head.ttl, lists, thin)


def _length(post: Post) -> int:
    return len(post.text) + sum(len(quote.text) for quote in post.quotes)


def _post(entry: Entry, place: _Place) -> tuple[Post, bool]:
    """An entry as a post, and whether its text is a teaser."""
    url = (canonical(joined(place.base, entry.link)) if entry.link else "") or web(entry.guid)
    published, edited, stated = _instants(entry, place.zone, place.now)
    (text, quotes), teaser = own_words(entry.texts, url)
    if entry.title and (is_wordless(text) or (entry.comments and text == "Comments")):
        text = ""
    thread = _thread(entry, url, place)
    title, author = entry.title, entry.author
    if is_comment(entry.link or entry.guid, entry.parent):
        article = of_a_feed(place.title, is_blogger=entry.guid.startswith("tag:blogger.com"))
        title, author = of_a_comment(title, author, article, text)
    facts: Facts = {} if entry.views is None else {"views": entry.views}
    post = Post(
        id=entry.guid or url or _made_id(title, text, stated.at),
        url=url or place.home or without_secrets(web(place.base)),
        text=text,
        author=author,
        published_at=published.at,
        date_precision=published.precision,
        edited_at=edited,
        title=title,
        thread_id=thread or entry.guid,
        thread_url=thread,
        quotes=quotes,
        language=_language(entry.language),
        votes=entry.votes,
        replies=entry.replies,
        facts=facts,
    )
    return post, teaser


def _thread(entry: Entry, url: str, place: _Place) -> str:
    """The address of the thread: of what a comment answers, of the page of discussion, else its own."""
    if is_comment(entry.link or entry.guid, entry.parent):
        return _answered(entry, place) or _place_of(url, place.home)
    if place.lists == "posts" and url:
        return _place_of(url, place.home if is_topic(place.home) else url)
    discussed = canonical(joined(place.base, entry.comments)) if entry.comments else ""
    host = urlsplit(discussed).netloc
    if host and host == urlsplit(place.home).netloc and (host != urlsplit(url).netloc or is_post(discussed)):
        return discussed
    return thread_of(url) if place.lists == "topics" and url else url


def _answered(entry: Entry, place: _Place) -> str:
    """The address of what a comment says to answer, which may be another comment; "" if it says nothing."""
    if not entry.parent:
        return ""
    parent = place.known.get(entry.parent) or canonical(joined(place.base, entry.parent))
    return thread_of(parent) if parent else ""


def _place_of(url: str, otherwise: str) -> str:
    """The thread a post's address tells, or `otherwise` where it names the post alone."""
    thread = thread_of(url) if url else ""
    return thread if thread != url else otherwise


def _instants(entry: Entry, zone: tzinfo, now: datetime) -> tuple[Instant, datetime | None, Instant]:
    """When it was published and, if later, edited; a date ahead of the fetch is the fetch, to the day.

    With them, the date as it is written, whenever it is read.
    """
    first, last = read_instant(entry.published, zone), read_instant(entry.updated, zone)
    stated = first if first.at else last
    ahead = stated.at is not None and stated.at > now + CLOCKS_APART
    edited = last.at if first.at and last.at and first.at < last.at <= now + CLOCKS_APART else None
    return Instant(now, "day") if ahead else stated, edited, stated


def _language(code: str | None) -> str | None:
    found = re.match(r"\s*([A-Za-z]{2,3})\b", code or "")
    return found[1].lower() if found else None


def _made_id(title: str, text: str, at: datetime | None) -> str:
    """An identity for an entry that has none, of what small edits leave: title (or first words) and day."""
    folded = " ".join(re.findall(r"\w+", (title or text[:400]).casefold()))[: 300 if title else 60]
    return "made:" + _hash(folded, at.date().isoformat() if at else "")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


def _told_apart(posts: Sequence[Post]) -> Iterator[Post]:
    """Entries that share an id and are different posts, told apart by their links, or by their words."""
    same: dict[str, list[Post]] = defaultdict(list)
    for post in posts:
        same[post.id].append(post)
    for post in posts:
        twins = same[post.id]
        if len({twin.url for twin in twins}) > 1:
            yield replace(post, id=f"{post.id} {post.url}")
        elif len(twins) > 1 and _are_different(twins):
            yield replace(post, id=f"{post.id} {_hash(post.title or post.text)}")
        else:
            yield post


def _are_different(twins: Sequence[Post]) -> bool:
    """Made ids of different texts; or a site's id that three entries share, all with titles of their own."""
    if twins[0].id.startswith("made:"):
        return len({twin.text for twin in twins}) > 1
    return len(twins) > 2 and len({twin.title for twin in twins}) == len(twins)
