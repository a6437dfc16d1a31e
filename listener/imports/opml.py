"""OPML, the list of feeds that feed readers export: its feeds as lines of the configuration."""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from listener.errors import ParseError

LONGEST = 16 * 2**20  # bytes
LONGEST_NAME = 60
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SECRET = re.compile(
    r"(?:^|_|-)(?:token|key|api_?key|auth|secret|password|pass|pw|sid|session|signature|sig)$", re.I
)
_LONG_SECRET = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}")


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: a name that no other source has, its address, whether the address looks like a key."""

    name: str
    url: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Feeds:
    """What an OPML file holds: feeds to write down, and what was left out with its title or address."""

    feeds: tuple[Feed, ...]
    configured: tuple[str, ...] = ()
    twice: int = 0
    not_web: tuple[str, ...] = ()


def read_opml(body: bytes, names: Iterable[str] = (), addresses: Mapping[str, str] | None = None) -> Feeds:
    """The feeds of a file; ParseError if it is none. `names` are taken, `addresses` configured (-> name)."""
    taken = {name.casefold() for name in names}
    present = {_key(url): name for url, name in (addresses or {}).items()}
    feeds: dict[str, Feed] = {}
    configured: list[str] = []
    not_web: list[str] = []
    twice = 0
    for title, written in _outlines(body):
        url = _web(written)
        if url is None:
            not_web.append(written[:200])
        elif (key := _key(url)) in present:
            configured.append(f"{present[key]} ({url})")
        elif key in feeds:
            twice += 1
        else:
            feeds[key] = Feed(_name(title, url, taken), url, _is_secret(url))
    return Feeds(
        tuple(feeds.values()), tuple(dict.fromkeys(configured)), twice, tuple(dict.fromkeys(not_web))
    )


def lines(feeds: Iterable[Feed]) -> list[str]:
    """Lines for `sources:` in the configuration."""
    return [f"  - {{name: {_quoted(f.name)}, kind: feed, url: {_quoted(f.url)}}}" for f in feeds]


def _quoted(text: str) -> str:
    """JSON's strings are YAML's, too; a `${NAME}` that is meant as it stands is broken up before."""
    return json.dumps(text, ensure_ascii=False)


def _outlines(body: bytes) -> Iterator[tuple[str, str]]:
    """Title and address of every outline with one, at any depth, in the file's order."""
    for outline in _root(body).iter():
        if not isinstance(outline.tag, str) or outline.tag.rpartition("}")[2].lower() != "outline":
            continue
        said = {name.lower(): value.strip() for name, value in outline.attrib.items()}
        if url := said.get("xmlurl"):
            yield html.unescape(said.get("title") or said.get("text") or ""), url.replace("&amp;", "&")


def _root(body: bytes) -> Any:
    """The tree without entities, network or DTD: references to others than XML's own five stay words."""
    from lxml import etree

    if len(body) > LONGEST:
        raise ParseError(f"an OPML file of more than {LONGEST // 2**20} MB")
    text = _NO_XML.sub("", _decoded(body))
    text = re.sub(r"^\s*<\?xml[^>]*>", "", text)
    text = re.sub(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", "", text, count=1, flags=re.I | re.S)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        recover=True, remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(_REFERENCE.sub("&amp;", text).encode(), parser)
    except (etree.LxmlError, ValueError) as error:
        raise ParseError(f"this is no XML: {str(error)[:100]}") from error
    if root is None or str(root.tag).rpartition("}")[2].lower() != "opml":
        raise ParseError("this is no OPML")
    return root


def _decoded(body: bytes) -> str:
    """By its mark, by what it says if that is true, as UTF-8, or else as Windows-1252."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    said = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]{1,40})", body)
    for codec in filter(None, ("utf-8-sig", said[1].decode("ascii", "replace") if said else "")):
        try:
            return body.decode(codec)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


def _web(url: str) -> str | None:
    """The address as a feed is asked by it (`feed://` is a way of writing http); None for others."""
    url = re.sub(r"^feed:(?://)?(?=https?://)", "", url.strip(), flags=re.I)
    url = re.sub(r"^(?:feed|rss|itpc)://", "http://", url, flags=re.I)
    if not re.match(r"https?://[^/?#\s]+", url, re.I) or re.search(r"\s", url):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return url.replace("${", "%24%7B") if host else None


def _key(url: str) -> str:
    """The same for addresses that differ in how they are written."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return f"{(parts.hostname or '').removeprefix('www.')}{port}{parts.path.rstrip('/')}{query}"


def _name(title: str, url: str, taken: set[str]) -> str:
    """Readable, and nobody else's; it is taken from then on."""
    words = " ".join("".join(c if c.isprintable() else " " for c in title.replace("${", "$ {")).split())
    base = words[:LONGEST_NAME].strip() or (urlsplit(url).hostname or "feed").removeprefix("www.")
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base} {number}"
    taken.add(name.casefold())
    return name


def _is_secret(url: str) -> bool:
    """Whether an address opens something that is not public, as far as it shows."""
    parts = urlsplit(url)
    if parts.password is not None or parts.username:
        return True
    if any(_SECRET.search(name) and value for name, value in parse_qsl(parts.query)):
        return True
    told = (
        value for name, value in parse_qsl(parts.query) if not name.endswith("_id")
    )  # YouTube's channel_id
    values = [*parts.path.split("/"), *told]
    return any(map(_LONG_SECRET.fullmatch, values))
