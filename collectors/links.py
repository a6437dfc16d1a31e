"""Addresses in pages: absolute, without session ids and other passengers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_PASSENGERS = frozenset(
    {"sid", "s", "phpsessid", "session_id", "highlight", "hilit", "view", "sk", "sd", "st", "postdays"}
    | {"postorder", "prev_next", "goto", "wap2", "imode", "styleid", "langid"}
)


def clean(address: str, base: str = "") -> str:
    """An absolute address without fragment, session id and tracking; "" if it leads nowhere on the web."""
    try:
        parts = urlsplit(urljoin(base, address.strip()))
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    path = re.sub(r";(?:PHPSESSID|jsessionid)=[^/;]*", "", parts.path, flags=re.I)
    return urlunsplit((parts.scheme, parts.netloc, path or "/", _query(parts.query), ""))


def _query(query: str) -> str:
    """The query without passengers; one like XenForo's `threads/slug.1/` stays as it is."""
    if "=" not in query:
        return query
    kept = [part for part in query.split("&") if not _passenger(part.partition("=")[0].lower())]
    return "&".join(kept)


def _passenger(name: str) -> bool:
    return name in _PASSENGERS or name.startswith("utm_")


def folder(address: str, sections: re.Pattern[str]) -> str:
    """Where a site lies: the address as far as the first of its `sections`, without the slash at its end."""
    parts = urlsplit(address)
    found = sections.search(parts.path)
    return urlunsplit((parts.scheme, parts.netloc, parts.path[: found.start()] if found else "", "", ""))


def base(page_url: str, tree: LexborHTMLParser) -> str:
    """What a page's links are relative to: its own address, or what its base element says."""
    node = tree.css_first("base[href]")
    return clean(href(node), page_url) or page_url if node is not None else page_url


def parameter(address: str, name: str) -> str | None:
    """One parameter of an address's query."""
    try:
        query = urlsplit(address).query.replace("&amp;", "&")
        return next((value for key, value in parse_qsl(query) if key == name), None)
    except ValueError:
        return None


def number(address: str, name: str) -> int | None:
    """A parameter that is a number."""
    value = parameter(address, name)
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 16 else None


def with_parameters(address: str, **values: str | int) -> str:
    """The address with this query instead of its own."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(values), ""))


def href(node: LexborNode | None) -> str:
    """A link's address as written, or ""."""
    return (node.attributes.get("href") or "").strip() if node is not None else ""


def first(tree: LexborHTMLParser | LexborNode, *selectors: str) -> LexborNode | None:
    """The node of the first selector that finds one."""
    return next((node for selector in selectors if (node := tree.css_first(selector)) is not None), None)


def words(node: LexborNode | None) -> str:
    """A node's text in one line, or ""."""
    return " ".join(node.text().split()) if node is not None else ""


def count(text: str) -> int | None:
    """A whole number as boards write it (1.158, 1,158, 1 158); None for "12K" and the like."""
    digits = re.fullmatch(
        r"\D{0,40}?(\d{1,3}(?:[.,'\s]\d{3})+|\d{1,12})(?![\d.,]*\s?[KMkm]\b)\D{0,40}", text.strip()
    )
    return int(re.sub(r"\D", "", digits[1])) if digits else None


def distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses once each, in order, without empty ones."""
    return tuple(dict.fromkeys(filter(None, addresses)))


def outermost(nodes: Sequence[LexborNode]) -> list[LexborNode]:
    """The nodes that lie in no other of them: a post inside a post is none."""
    known = {node.mem_id for node in nodes}
    return [node for node in nodes if not _inside(node, known)]


def _inside(node: LexborNode, known: set[int]) -> bool:
    above = node.parent
    while above is not None and above.mem_id not in known:
        above = above.parent
    return above is not None
