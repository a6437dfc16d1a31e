"""The formats of feeds: RSS, Atom and RDF through feedparser, JSON Feed; pure functions of a page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from collectors.feed_entries import Entry, one_line, read_posts, web, without_secrets
from collectors.feed_text import read_text
from collectors.reading import Page
from listener.errors import ParseError
from listener.model import Post

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as it came: posts in its own order, `ttl` is how long it asks not to be fetched again."""

    title: str
    url: str
    posts: tuple[Post, ...]
    ttl: timedelta | None = None


def read_feed(page: Page) -> Feed:
    """All entries of a feed; ParseError says what the page is instead."""
    text = read_text(page.body, page.content_type)
    try:
        return _json_feed(text, page) if text.startswith("{") else _xml_feed(text, page)
    except RecursionError as error:
        raise ParseError("the feed is nested too deeply", url=page.url) from error


def is_feed(page: Page) -> bool:
    """Whether the page looks like a feed: its root element, or what JSON Feed begins with."""
    text = page.body[:20_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\x20\t\r\n")
    if text.startswith(b"{"):
        return b"jsonfeed.org/version" in text
    root = re.search(
        rb"<(?:\w+:)?([a-z]+)[\s>/]", re.sub(rb"<!--.*?-->|<[?!][^>]*>", b"", text, flags=re.DOTALL), re.I
    )
    return bool(root) and root[1].lower() in (b"rss", b"feed", b"rdf")  # type: ignore[index]


def _xml_feed(text: str, page: Page) -> Feed:
    found = _parsed(text)
    if not found.get("version") and not found.entries:
        raise ParseError(_what_came(text), url=page.url)
    site = found.feed
    home = _home(page, _string(site, "link"))
    fallback = _xml_author(site) if str(found.version).startswith("atom") else None
    entries = [_xml_entry(entry, _string(site, "language"), fallback) for entry in found.entries]
    return Feed(
        one_line(_string(site, "title")),
        web(home),
        read_posts(entries, page, home),
        _minutes(_string(site, "ttl")),
    )


def _home(page: Page, link: str) -> str:
    return urljoin(page.url, link) if link else without_secrets(page.url)


def _parsed(text: str) -> Any:
    """feedparser's view; not told the address, which it would put into guids (a moved feed would be news)."""
    try:
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ParseError(
            f"the feed is broken beyond reading ({type(error).__name__}: {str(error)[:60]})"
        ) from error


def _what_came(text: str) -> str:
    title = re.search(r"<title[^>]*>(.{0,400}?)</title", text[:50_000], re.IGNORECASE | re.DOTALL)
    if re.match(r"(?:<!doctype html|<html|<!--.{0,2000}?-->\s*<html)", text, re.IGNORECASE | re.DOTALL):
        name = repr(one_line(title[1])) if title else "without a title"
        return f"an HTML page came where a feed was expected: {name}"
    if not text.strip():
        return "an empty answer came where a feed was expected"
    start = " ".join(text[:60].split())
    return f"not a feed; it begins with {start!r}"


def _get(entry: Mapping[str, Any], key: str) -> Any:
    """A value without feedparser's aliases (and the warnings that come with them)."""
    return dict.get(entry, key) if isinstance(entry, dict) else None


def _string(entry: Mapping[str, Any], key: str) -> str:
    """A value as text, "" if there is none."""
    value = _get(entry, key)
    return value.strip() if isinstance(value, str) else ""


def _xml_entry(entry: Mapping[str, Any], language: str, fallback: str | None) -> Entry:
    contents = [part for part in (_get(entry, "content") or []) if isinstance(part, dict)]
    summary = _get(entry, "summary_detail") or {}
    declared = [_string(part, "language") for part in [*contents, summary] if isinstance(part, dict)]
    return Entry(
        guid=_string(entry, "id"),
        link=_string(entry, "feedburner_origlink") or _string(entry, "link"),
        title=_title(entry),
        texts=tuple(_xml_text(part) for part in [*contents, summary] if part),
        author=_xml_author(entry) or fallback,
        published=_string(entry, "published") or _string(entry, "created"),
        updated=_string(entry, "updated"),
        language=next(filter(None, declared), "") or language or None,
    )


def _title(entry: Mapping[str, Any]) -> str:
    """feedparser's detail may be of another element called title; then only its value counts."""
    detail = _get(entry, "title_detail") or {}
    value = _string(entry, "title")
    markup = _xml_text(detail)[1] if _string(detail, "value") == value else True
    return one_line(value) if markup else " ".join(value.split())


_MARKED_UP = re.compile(r"</[a-z]{1,10}>|&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)


def _xml_text(part: Mapping[str, Any]) -> tuple[str, bool]:
    """A text and whether it is HTML: as declared, or where plain text ends an element or names a sign."""
    value = _string(part, "value")
    return value, _string(part, "type") != "text/plain" or bool(_MARKED_UP.search(value))


def _xml_author(entry: Mapping[str, Any]) -> str | None:
    """The names of all authors; one with an address is taken as written, since feedparser cuts it wrong."""
    written = _string(entry, "author")
    listed = [part for part in (_get(entry, "authors") or []) if isinstance(part, dict)]
    names = [] if "@" in written else [name for part in listed if (name := person(_string(part, "name")))]
    return ", ".join(dict.fromkeys(names)) or person(written)


def person(text: str) -> str | None:
    """The name in `ann@example.com (Ann)`, `Ann <ann@example.com>` or `<a href=…>Ann</a>`; else None."""
    name = one_line(re.sub(r"<[^<>\s]+@[^<>\s]+>", " ", text)) if "<" in text or "&" in text else text
    named = re.match(r"^\S+@\S+\s*\((.+)\)$", name.strip())
    name = named[1] if named else re.sub(r"\(?\b(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b\)?", " ", name)
    name = " ".join(name.split()).strip(" \"'<>,;")
    return name[:LONGEST_NAME].rstrip(" ,;") or None


def _json_feed(text: str, page: Page) -> Feed:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not a feed: JSON that breaks off ({str(error)[:60]})", url=page.url) from error
    items = found.get("items")
    if not isinstance(items, list) or "jsonfeed" not in str(found.get("version", "jsonfeed")):
        raise ParseError(
            f"JSON, but not a JSON Feed: {', '.join(map(str, list(found)[:6])) or 'empty'}", url=page.url
        )
    home = _home(page, _string(found, "home_page_url"))
    entries = [_json_entry(item, found) for item in items if isinstance(item, dict)]
    return Feed(one_line(_string(found, "title")), web(home), read_posts(entries, page, home))


def _json_entry(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Entry:
    guid = item.get("id")
    texts = [(_string(item, "content_html"), True), (_string(item, "content_text"), False)]
    return Entry(
        guid=str(guid).strip() if isinstance(guid, str | int | float) else "",
        link=_string(item, "url") or _string(item, "external_url"),
        title=one_line(_string(item, "title")),
        texts=(*texts, (_string(item, "summary"), False)),
        author=_json_author(item) or _json_author(feed),
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        language=_string(item, "language") or _string(feed, "language") or None,
    )


def _json_author(part: Mapping[str, Any]) -> str | None:
    several = part.get("authors") if isinstance(part.get("authors"), list) else []
    people = [*(several or []), part.get("author")]
    names = [person(_string(one, "name")) for one in people if isinstance(one, dict)]
    return ", ".join(dict.fromkeys(filter(None, names))) or None


def _minutes(text: str) -> timedelta | None:
    return timedelta(minutes=int(text)) if text.isascii() and text.isdigit() and int(text[:6]) > 0 else None
