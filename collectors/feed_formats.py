"""The formats of feeds: RSS, Atom and RDF through feedparser, JSON Feed; pure functions of a page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser

from collectors.feed_entries import Entry, Feed, Head, feed_of, one_line
from collectors.feed_links import web
from collectors.feed_quick import quick
from collectors.feed_sites import figure, settled
from collectors.feed_text import read_text
from collectors.reading import Page
from listener.errors import ParseError

__all__ = ["Feed", "is_feed", "person", "read_feed"]

LONGEST_NAME = 100


def read_feed(page: Page, *, quickly: bool = True) -> Feed:
    """All entries of a feed; ParseError says what the page is instead.

    `quickly`: plain feeds are read without feedparser, to the same result.
    """
    text = read_text(page.body, page.content_type)
    try:
        return _json_feed(text, page) if text.startswith("{") else _xml_feed(text, page, quickly)
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


def _feed(head: Head, entries: Sequence[Entry], page: Page) -> Feed:
    return feed_of(head, [settled(entry) for entry in entries], page)


def _xml_feed(text: str, page: Page, quickly: bool) -> Feed:
    plain = _told_plainly(text)
    found = (quick(plain) if quickly else None) or _parsed(plain)
    if not found.entries and not getattr(found, "version", ""):
        raise ParseError(_what_came(text), url=page.url)
    site = found.feed
    fallback = _xml_author(site) if str(found.version).startswith("atom") else None
    entries = [_xml_entry(entry, _string(site, "language"), fallback) for entry in found.entries]
    own = next((one["href"] for one in _links(site) if one.get("rel") == "self"), "")
    ttl = _minutes(_string(site, "ttl"))
    return _feed(Head(one_line(_string(site, "title")), _link(site), own, ttl), entries, page)


def _told_plainly(text: str) -> str:
    """What feedparser would mix up: podcasts' publishers as authors, figures with attributes, empty links."""
    if "itunes:author" in text:
        text = text.replace("<itunes:author", "<itunes:maker").replace("</itunes:author", "</itunes:maker")
    if 'href=""' in text:  # would lead to the feed itself
        text = re.sub(r'<link\s[^<>]*href=""[^<>]*/>', "", text)
    return re.sub(r"<re:rank\s[^<>]*>", "<re:rank>", text) if "<re:rank" in text else text


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
        link=_string(entry, "feedburner_origlink") or _link(entry),
        title=_title(entry),
        texts=_xml_texts(entry, contents, summary),
        author=_xml_author(entry) or fallback or person(_string(entry, "itunes_maker")),
        published=_string(entry, "published") or _string(entry, "created"),
        updated=_string(entry, "updated"),
        language=next(filter(None, declared), "") or language or None,
        comments=_string(entry, "comments"),
        parent=_parent(entry),
        publisher=_string(_get(entry, "source") or {}, "title"),
        replies=_replies(entry),
        votes=figure(_string(entry, "re_rank")),
        views=figure(_string(_get(entry, "media_statistics") or {}, "views")),
    )


def _links(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in (_get(part, "links") or []) if isinstance(one, dict) and "href" in one]


def _link(part: Mapping[str, Any]) -> str:
    """The address as written; feedparser's is the id where none is, which counts only as a web address."""
    link = _string(part, "link")
    return link if web(link) or any(one["href"] == link for one in _links(part)) else ""


def _parent(entry: Mapping[str, Any]) -> str:
    """What an entry answers (RFC 4685): the address if it is told, else the id."""
    answered = _get(entry, "thr_in-reply-to") or {}
    return _string(answered, "href") or _string(answered, "ref")


def _replies(entry: Mapping[str, Any]) -> int | None:
    """How many comments an entry has: slash:comments, thr:total, or thr:count at the link to them."""
    counted = [_string(one, "thr:count") for one in _links(entry) if one.get("rel") == "replies"]
    told = [_string(entry, "slash_comments"), _string(entry, "thr_total"), *counted]
    return next((number for one in told if (number := figure(one)) is not None and number >= 0), None)


def _xml_texts(
    entry: Mapping[str, Any], contents: Sequence[Mapping[str, Any]], summary: Mapping[str, Any]
) -> tuple[tuple[str, bool], ...]:
    """The texts of an entry; feedparser keeps an earlier summary apart from its detail."""
    texts = [_xml_text(part) for part in [*contents, summary] if part]
    plain = _string(entry, "summary")
    return (*texts, (plain, True)) if plain and all(plain != text for text, _ in texts) else tuple(texts)


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
    """The name in `ann@example.com (Ann)`, `Ann <ann@…>`, `/u/ann`, `<a href=…>Ann</a>`; else None."""
    name = one_line(re.sub(r"<[^<>\s]+@[^<>\s]+>", " ", text)) if "<" in text or "&" in text else text
    named = re.match(r"^\S+@\S+\s*\((.+)\)$", name.strip())
    name = named[1] if named else _MAIL.sub(" ", _of_profile(name.strip()))
    name = " ".join(name.split()).strip(" \"'<>,;")
    name = re.sub(r"^@(\w[\w.-]*)(?:\s.*)?$", r"\1", name)  # Discourse: @ann Ann Ax
    name = re.sub(r"^(?:/?u/(?=[\w-]+$)|By\s+(?=[A-Z]))", "", name)
    return None if _NOBODY.match(name) else _shortened(name) or None


_MAIL = re.compile(r"\(?\b(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b\)?")
_NOBODY = re.compile(r"no[ -]?reply\b|do[ -]not[ -]reply\b", re.IGNORECASE)


def _of_profile(name: str) -> str:
    """The user's name at the end of a profile's address."""
    try:
        path = urlsplit(name).path if re.match(r"https?://\S+$", name) else ""
    except ValueError:
        path = ""
    found = re.search(r"/(?:u|users?|profile|people|author|authors)/([^/]+)/?$|/@([^/]+)/?$", path)
    return (found[1] or found[2]).split("@")[0] if found else name


def _shortened(name: str) -> str:
    """At most 100 characters; of several names whole ones."""
    if len(name) <= LONGEST_NAME:
        return name
    cut = name[: LONGEST_NAME + 1]
    return (cut.rpartition(",")[0] or cut[:LONGEST_NAME]).rstrip(" ,;")


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
    head = Head(
        one_line(_string(found, "title")), _string(found, "home_page_url"), _string(found, "feed_url")
    )
    return _feed(head, [_json_entry(item, found) for item in items if isinstance(item, dict)], page)


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
    minutes = figure(text)
    return timedelta(minutes=minutes) if minutes and minutes > 0 else None
