"""What the feeds of a page hold, as far as one look at each tells, and the line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from collectors.addresses import shown
from collectors.feed_answers import ACCEPT
from collectors.feed_formats import Feed, read_feed
from collectors.feed_secrets import secrets_of
from collectors.http import HttpClient
from collectors.reading import Page
from listener.errors import CollectError
from listener.model import Source

MOST = 5  # feeds of a page that are looked at
FEWEST = 3  # dated entries that make a rhythm
USUAL = Source("", "").every
SHORTEST = timedelta(minutes=5)
KINDS = {
    "articles": "articles",
    "comments": "comments",
    "posts": "posts of a forum",
    "topics": "topics of a forum",
}


@dataclass(frozen=True)
class Finding:
    """One feed: what it holds, in figures and words, or the problem it gave; `line` is its configuration."""

    url: str
    title: str = ""
    entries: int = 0
    lists: str = ""
    newest: datetime | None = None
    per_day: float | None = None
    language: str = ""
    thin: bool = False
    problem: str = ""
    words: str = ""
    line: str = ""
    options: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.words


def looked_at(
    page: Page,
    named: Sequence[tuple[str, str]],
    http: HttpClient,
    source: Source,
    line: Callable[[dict[str, object]], str],
) -> list[Finding]:
    """What the first feeds that a page names hold, by address and title; `line` writes a configuration."""
    asked = [_asked(url, title, http, within(source, page.url, url)) for url, title in named[:MOST]]
    return [_told(one, line) for one in asked]


def within(source: Source, page: str, url: str) -> Source:
    """The source for a link of a page: the permission for private addresses is the page's host's."""
    is_same = urlsplit(page).hostname == urlsplit(url).hostname
    return source if is_same else replace(source, allow_private=False)


def _asked(url: str, title: str, http: HttpClient, source: Source) -> Finding:
    try:
        response = http.get(url, source=source, accept=ACCEPT)
        place = response.url if response.moved else url
        page = Page(response.body, place, response.date, source.timezone, response.content_type)
        return finding(page, read_feed(page), title)
    except CollectError as error:
        return Finding(shown(url), title, problem=error.message)


def finding(page: Page, found: Feed, title: str = "") -> Finding:
    """What one feed holds, and the options it needs."""
    dates = sorted(post.published_at for post in found.posts if post.published_at)
    per_day = _per_day(dates, page.at)
    options: dict[str, object] = {"url": "${FEED_URL}" if secrets_of(page.url) else page.url}
    if found.lists == "topics":
        options["follow"] = True
    if found.thin:
        options["full_text"] = True
    if every := _every(len(found.posts), per_day):
        options["every"] = every
    return Finding(
        shown(page.url),
        title or found.title,
        len(found.posts),
        found.lists,
        dates[-1] if dates else None,
        per_day,
        _language(found),
        found.thin,
        options=options,
    )


def _told(one: Finding, line: Callable[[dict[str, object]], str]) -> Finding:
    return replace(one, words=words(one), line="" if one.problem else line(one.options))


def words(one: Finding) -> str:
    """A finding in one line for people."""
    if one.problem:
        return f"{one.url}: {one.problem}"
    kind = KINDS.get(one.lists, one.lists)
    told = [f"{one.entries} {kind}" if one.entries else f"empty, lists {kind}"]
    if one.newest:
        told.append(f"the newest of {one.newest:%Y-%m-%d}")
    if one.per_day is not None:
        told.append(f"{one.per_day:.3g} a day")
    told += [one.language] if one.language else []
    told += (
        ["teasers only"] if one.thin else ["full texts"] if one.entries and one.lists == "articles" else []
    )
    told += [f"`{key}: {_plain(value)}`" for key, value in one.options.items() if key != "url"]
    return f"{one.url}: {', '.join(told)}" + (f" ({one.title})" if one.title else "")


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _per_day(dates: Sequence[datetime], at: datetime) -> float | None:
    """Entries a day between the oldest and the newest, or until now where it has become quiet."""
    if len(dates) < FEWEST:
        return None
    span = (dates[-1] - dates[0]) / timedelta(days=1)
    quiet = (at - dates[-1]) / timedelta(days=1)
    usual = span / (len(dates) - 1)
    whole = span + max(0.0, quiet - 3 * usual)
    return round((len(dates) - 1) / whole, 2) if whole > 0 else None


def _every(entries: int, per_day: float | None) -> str:
    """How often a fast feed is to be read: three times before its entries are others; "" for the usual."""
    if not per_day:
        return ""
    third = timedelta(days=entries / per_day / 3)
    if third >= USUAL:
        return ""
    minutes = max(SHORTEST, third) // timedelta(minutes=1)
    return f"{minutes // 5 * 5}m"


def _language(found: Feed) -> str:
    said = Counter(post.language for post in found.posts if post.language)
    return (said.most_common(1)[0][0] or "") if said else ""


def best(findings: Sequence[Finding]) -> Finding | None:
    """The feed to listen to: one that can be read, with entries rather than empty, comments last."""
    good = [one for one in findings if not one.problem]
    return min(good, key=lambda one: (one.lists == "comments", not one.entries), default=None)


def is_list_of_feeds(page: Page) -> bool:
    """Whether a page is OPML."""
    return b"<opml" in page.body[:2000].lower().replace(b"\0", b"")
