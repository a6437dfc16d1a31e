"""The entries of feeds as posts: identity, address, instants, own words; the same for all formats."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from collectors.feed_dates import Instant, read_instant
from collectors.reading import Page
from collectors.text import Markup, Words, html_text, split_html
from collectors.zones import zone_of
from listener.errors import ParseError
from listener.model import Post

CLOCKS_APART = timedelta(minutes=10)  # a date so far ahead of the fetch is a clock that goes wrong, not a lie


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry in words that all formats share; texts are (value, is it HTML)."""

    guid: str = ""
    link: str = ""
    title: str = ""
    texts: tuple[tuple[str, bool], ...] = ()
    author: str | None = None
    published: str = ""
    updated: str = ""
    language: str | None = None


def read_posts(entries: Sequence[Entry], page: Page, home: str) -> tuple[Post, ...]:
    base = page.url if urlsplit(page.url).scheme in ("http", "https") else home
    zone = zone_of(page.timezone) or UTC
    posts = [_post(entry, base, home, zone, page.at) for entry in entries]
    return tuple(_told_apart(posts))


def _post(entry: Entry, base: str, home: str, zone: tzinfo, now: datetime) -> Post:
    url = canonical(urljoin(base, entry.link)) if entry.link else ""
    published, edited = _instants(entry, zone, now)
    text, quotes = _words(entry.texts)
    url = url or web(entry.guid)
    return Post(
        id=entry.guid or url or _made_id(entry.title or text, _stated(entry, zone).at),
        url=url or web(home) or without_secrets(web(base)),
        text=text,
        author=entry.author,
        published_at=published.at,
        date_precision=published.precision,
        edited_at=edited,
        title=entry.title,
        thread_id=url or entry.guid,
        thread_url=url,
        quotes=quotes,
        language=_language(entry.language),
    )


def _instants(entry: Entry, zone: tzinfo, now: datetime) -> tuple[Instant, datetime | None]:
    """When it was published and, if later, edited; a date ahead of the fetch is the fetch, to the day."""
    first, last = read_instant(entry.published, zone), read_instant(entry.updated, zone)
    published = _stated(entry, zone)
    if published.at and published.at > now + CLOCKS_APART:
        published = Instant(now, "day")
    edited = last.at if first.at and last.at and first.at < last.at <= now + CLOCKS_APART else None
    return published, edited


def _stated(entry: Entry, zone: tzinfo) -> Instant:
    """The date as it is written, whenever it is read."""
    first = read_instant(entry.published, zone)
    return first if first.at else read_instant(entry.updated, zone)


# what engines write below each post of their feeds: phpBB its statistics, Discourse the way to the topic
_ENGINE_LINES = re.compile(
    r"<p>[^<:]{3,40}:\s.{1,400}?(?:—|&mdash;|&#8212;).{1,80}?</p>\s*(?:<hr\s*/?>\s*)?$"
    r"|(?:<p><small>[^<]{3,80}</small></p>\s*)?"
    r"<p><a href=\"[^\"]{1,500}/t/[^\"]{1,400}\">[^<]{3,60}</a></p>\s*$",
    re.DOTALL,
)
_QUOTES = Markup(
    quotes="aside.quote, blockquote",
    attributions="cite, aside.quote > .title",
    author=lambda node: node.attributes.get("data-username"),
)


def _words(texts: Sequence[tuple[str, bool]]) -> Words:
    """The richest of an entry's texts; the first of equals, so the full content before the summary."""
    return max((_split(*text) for text in texts), key=_weight, default=("", ()))


def _weight(words: Words) -> int:
    return len(words[0]) + sum(len(quote.text) for quote in words[1])


def _split(value: str, markup: bool) -> Words:
    if not markup:
        return value, ()
    head, tail = value[:-1000], value[-1000:]
    try:
        return split_html(head + _ENGINE_LINES.sub("", tail), _QUOTES)
    except ParseError:  # one hostile entry does not take the others with it
        return " ".join(re.sub(r"<[^<>]*>", " ", value).split()), ()


def one_line(markup: str) -> str:
    return " ".join(html_text(markup).split()) if "<" in markup or "&" in markup else " ".join(markup.split())


def _language(code: str | None) -> str | None:
    found = re.match(r"\s*([A-Za-z]{2,3})\b", code or "")
    return found[1].lower() if found else None


def _made_id(words: str, at: datetime | None) -> str:
    """An identity for an entry that has none: small edits of the text leave it, so title and day make it."""
    day = at.date().isoformat() if at else ""
    folded = " ".join(words.casefold().split())[:300]
    return "made:" + hashlib.sha256(f"{folded}\x1f{day}".encode("utf-8", "replace")).hexdigest()[:24]


def _told_apart(posts: Sequence[Post]) -> Iterator[Post]:
    """Entries that share a guid and lead to different pages are different posts, told apart by links."""
    links = Counter(guid for guid, _ in {(post.id, post.url) for post in posts})
    for post in posts:
        yield replace(post, id=f"{post.id} {post.url}") if links[post.id] > 1 else post


_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|mc_cid|mc_eid|at_medium|at_campaign)$")
_SESSION = re.compile(r"(?:s|sid|phpsessid|sessionhash)$", re.IGNORECASE)
_UNWRAPPED = {"www.google.com": "url", "news.google.com": "url", "www.bing.com": "url"}


def canonical(url: str) -> str:
    """An address without tracking and session ids, taken out of an alert's redirect; "" if not of the web."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    inner = parse_qs(parts.query).get(_UNWRAPPED.get(parts.netloc, ""), [""])[0]
    if parts.path in ("/url", "/news/apiclick.aspx") and inner.startswith(("http://", "https://")):
        return canonical(inner)
    if not re.search(r"utm_|clid=|mc_|at_|s(?:id|essid|essionhash)?=", parts.query, re.IGNORECASE):
        return urlunsplit(parts)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(*pair)]
    return urlunsplit(parts._replace(query=urlencode(kept)))


_SECRET = re.compile(r"([?&](?:feed|user|token|key|api_?key|auth|secret|password)=)[^&#]+", re.IGNORECASE)


def without_secrets(url: str) -> str:
    """An address as errors and posts may show it: the tokens of private feeds are left out."""
    return _SECRET.sub(r"\1…", url)


def _is_noise(name: str, value: str) -> bool:
    return bool(_TRACKING.match(name)) or bool(_SESSION.match(name) and re.fullmatch(r"[0-9a-f]{16,}", value))


def web(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") else ""
