"""The feeds that a page names: in its head, else by links to where feeds usually are; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from collectors.feed_links import canonical
from collectors.reading import Page, decode

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MOST = 20
LOOKED_AT = 500_000  # characters
_TYPES = (("rss", "rss"), ("atom", "atom"), ("rdf", "rss"), ("feed+json", "json"))
_BARE = re.compile(r"(?:(?:text|application)/xml|application/json)\s*(?:;.*)?$", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:^|/)(?:feeds?|rss2?|atom|index\.rdf|feed\.json)/?$|[/.](?:rss|atom|rdf)(?:\.xml|2|\.php)?/?$"
    r"|(?:^|/)(?:rss|atom|feed)[\w-]{0,20}\.(?:xml|rdf|json|php)$|(?:^|/)(?:index|posts)\.(?:xml|rdf)$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:feed|rss|atom)|type=(?:rss|atom|100))", re.I
)
_WORDS = re.compile(
    r"^\W{0,3}(?:rss|atom|newsfeed|feed|web ?feed|rss[ -]feeds?|subscribe via rss)\W{0,3}$", re.I
)
_COMMENTS = re.compile(r"comment|kommentar|r[eé]ponse|antwort|reply|replies|reaktion", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One feed that a page names; `kind` is rss, atom, json or "", `comments`: it holds answers only."""

    url: str
    title: str = ""
    kind: str = ""
    comments: bool = False


def feeds_of(page: Page) -> list[Found]:
    """The feeds of a page, the most useful first, at most 20.

    Named in the head before those only linked to; entries before comments; the page's own site before
    others; then as the page has them.
    """
    soup = soup_of(page)
    base = _base(soup, page.url)
    named, linked = list(_named(soup, base)), list(_linked(soup, base))
    own = _site(page.url)
    ranked = [(group, found) for group, some in enumerate((named, linked)) for found in some]
    ranked.sort(key=lambda one: (one[0], one[1].comments, _site(one[1].url) != own))
    once = {found.url: found for _, found in reversed(ranked)}
    return list({found.url: once[found.url] for _, found in ranked}.values())[:MOST]


@lru_cache(maxsize=2)
def soup_of(page: Page) -> BeautifulSoup:
    """A page that is looked at once, by anybody's hand: read as forgivingly as can be."""
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    text = decode(page)[:LOOKED_AT]
    try:
        return BeautifulSoup(text, "html.parser")
    except ParserRejectedMarkup:  # over a declaration that is none (`<![0`)
        return BeautifulSoup(text.replace("<!", "&lt;!"), "html.parser")


def _base(soup: BeautifulSoup, url: str) -> str:
    node = soup.select_one("base[href]")
    return _joined(url, str(node["href"])) if node is not None else url


def _named(soup: BeautifulSoup, base: str) -> Iterator[Found]:
    """`<link rel="alternate" type="application/rss+xml">`, and what is written instead of that."""
    for node in soup.select("link[href]"):
        rels = {str(word).lower() for word in node.get_attribute_list("rel") if word}
        kind = _kind(str(node.get("type") or ""), str(node["href"]))
        if kind is not None and rels & {"alternate", "feed"} and "stylesheet" not in rels:
            yield from _found(node, base, kind, str(node.get("title") or ""))


def _kind(declared: str, address: str) -> str | None:
    """The format by a declared type; None if it is none of a feed."""
    declared = declared.strip().lower()
    for sign, kind in _TYPES:
        if sign in declared:
            return kind
    if _BARE.match(declared):
        is_json = "json" in declared
        return ("json" if is_json else "") if not is_json or _is_place(address) else None
    return _format(address) if not declared and _is_place(address) else None


def _linked(soup: BeautifulSoup, base: str) -> Iterator[Found]:
    for node in soup.select("a[href]"):
        words, address = " ".join(node.get_text(" ").split())[:100], str(node["href"])
        if _is_place(address) or _WORDS.match(words):
            yield from _found(node, base, _format(address), words)


def _is_place(address: str) -> bool:
    """Whether an address looks like that of a feed."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return bool(_PLACE.search(parts.path)) or bool(_ASKED.search(parts.query))


def _format(address: str) -> str:
    found = re.search(r"rss|atom|rdf|json", address.rpartition("//")[2].partition("/")[2], re.IGNORECASE)
    name = found[0].lower() if found else ""
    return "rss" if name == "rdf" else name


def _found(node: Tag, base: str, kind: str, title: str) -> Iterator[Found]:
    address = _joined(base, str(node["href"]))
    if address:
        title = " ".join(title.split())[:200]
        yield Found(address, title, kind, bool(_COMMENTS.search(f"{title} {urlsplit(address).path}")))


def _joined(base: str, address: str) -> str:
    """An absolute address of the web without fragment and session id, else ""."""
    try:
        address = re.sub(
            r"^feed:(?://)?(?=https?:)", "", re.sub(r"[\t\r\n]", "", address).strip(), flags=re.I
        )
        address = re.sub(r"^feed://", "https://", address, flags=re.IGNORECASE)
        whole = canonical(urldefrag(urljoin(base, address)).url)
        parts = urlsplit(whole)
        good = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", whole)
    except ValueError:
        return ""
    return whole if good else ""


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().removeprefix("www.")
