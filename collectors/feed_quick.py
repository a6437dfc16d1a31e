"""A quick first look at RSS, RDF and Atom with lxml: plain, well-formed feeds only, read as feedparser does.

Whatever is not surely read the same way is given back (None), for feedparser to read; tests hold the two
against each other on every feed there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import entitydefs
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from collectors.feed_names import ATOM, PEOPLE, RICH, RSS090, RSS10, TEXTS, name_of

XML = "{http://www.w3.org/XML/1998/namespace}"
XHTML = "{http://www.w3.org/1999/xhtml}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}
_HTML = ("text/html", "application/xhtml+xml")
_CP1252 = {
    number: bytes([number]).decode("cp1252")
    for number in range(0x80, 0xA0)
    if number not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_C1 = re.compile("[\x80-\x9f]")
_ODD = re.compile(r"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
# an address that no base changes
_WHOLE = re.compile(r"https?://[^\s?#]+(?:\?[^\s#]+)?(?:#\S+)?|(?!https?:)[a-z]+:\S*")
QUOTE = {'"': "&quot;"}
Fields = dict[str, Any]


class _Unsure(Exception):
    """This feed is for feedparser."""


@dataclass(frozen=True, slots=True)
class Quick:
    """What feedparser would say: its version, the feed's own fields, those of its entries."""

    version: str
    feed: Fields
    entries: list[Fields] = field(default_factory=list)


def quick(text: str) -> Quick | None:
    """A feed whose XML declaration was taken off; None where feedparser is to read it."""
    if _ODD.search(text):
        return None
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    try:
        return _read(etree.fromstring(text, parser), "xml:base" in text)
    except (etree.XMLSyntaxError, ValueError, _Unsure):
        return None


def _read(root: Any, is_based: bool) -> Quick:
    if root.tag == f"{{{ATOM}}}feed":
        version, place, entries = "atom10", root, root.findall(f"{{{ATOM}}}entry")
    elif root.tag == "rss" and (place := _only(root, "channel")) is not None:
        version, entries = "rss", place.findall("item")
    elif root.tag == f"{RDF}RDF":
        version, place, entries = _rdf(root)
    else:
        raise _Unsure
    _refuse(not entries or sum(1 for _ in root.iter(entries[0].tag)) != len(entries))
    language = root.get(f"{XML}lang") or root.get("lang") or ""
    feed = _head(place, entries[0].tag, language.replace("_", "-"), version)
    return Quick(version, feed, [_entry(entry, version, language, is_based) for entry in entries])


def _rdf(root: Any) -> tuple[str, Any, list[Any]]:
    for version, uri in (("rss10", RSS10), ("rss090", RSS090)):
        entries = root.findall(f"{{{uri}}}item")
        if entries and (place := _only(root, f"{{{uri}}}channel")) is not None:
            return version, place, entries
    raise _Unsure


def _only(root: Any, tag: str) -> Any:
    found = root.findall(tag)
    return found[0] if len(found) == 1 else None


def _head(place: Any, entry_tag: str, language: str, version: str) -> Fields:
    """The feed's title, links, language, ttl and (Atom) authors."""
    head: Fields = {"language": language} if language else {}
    for child in place:
        key = name_of(child.tag) if child.tag != entry_tag else ""
        if key == "title":
            head["title"] = _rich(child, "", version)["value"]
        elif key == "link":
            _link(child, head)
        elif key == "id":
            head["id"] = _text(child)
        elif key in PEOPLE and version == "atom10":
            _person(child, head)
        elif child.tag == "ttl" or key in ("language", "dc_language"):
            head[etree.QName(child).localname] = _text(child)
    head.setdefault("link", head.get("id", ""))
    return head


def _entry(node: Any, version: str, language: str, is_based: bool) -> Fields:
    found: Fields = {}
    about = node.get(f"{RDF}about")
    if about:
        found["id"] = about
    _refuse(any(node.get(name) for name in (f"{XML}lang", "lang", "href", "lastmod")))
    for child in node:
        key = name_of(child.tag)
        if key in TEXTS:
            _plain(child, TEXTS[key], found)
        elif key in RICH:
            _told(child, key, found, version, language)
        elif key in PEOPLE:
            _person(child, found)
        elif key == "link":
            _link(child, found)
        elif key == "thr_in-reply-to":
            found[key] = {name.lower(): value for name, value in child.attrib.items()}
        elif key == "source":
            _source(child, found)
        elif key not in ("language", "dc_language"):
            _refuse(key or _holds_more(child))
    if "link" not in found and found.get("guidislink"):
        found["link"] = found.get("id", "")
    told = [found[name] for name in ("id", "comments") if found.get(name)]
    told += [link["href"] for link in found.get("links", ()) if "href" in link]
    _refuse(any("[" in address or (is_based and not _WHOLE.fullmatch(address)) for address in told))
    return found


def _refuse(reason: object) -> None:
    if reason:
        raise _Unsure


def _holds_more(node: Any) -> bool:
    return any(name_of(child.tag) for child in node.iterdescendants()) if len(node) else False


def _plain(node: Any, name: str, found: Fields) -> None:
    _refuse(name in found)
    if name == "id":
        found["guidislink"] = _attribute(node, "ispermalink", "true") == "true"
    found[name] = _text(node)


def _text(node: Any) -> str:
    _refuse(len(node))
    return _as_feedparser(node.text or "")


def _as_feedparser(text: str) -> str:
    """Stripped, doubly encoded words put right, C1 signs read as windows-1252."""
    text = text.strip()
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text


def _attribute(node: Any, name: str, default: str = "") -> str:
    return next((value for key, value in node.attrib.items() if key.lower() == name), default)


def _told(node: Any, key: str, found: Fields, version: str, language: str) -> None:
    """Title, summary and contents, as feedparser puts them beside each other."""
    part = _rich(node, key, version)
    own = node.get(f"{XML}lang") or node.get("lang") or language
    part["language"] = own.replace("_", "-") if own else None
    if key == "title":
        _refuse("title" in found)
        found["title"], found["title_detail"] = part["value"], part
    elif key == "content_encoded" or key == "content":
        found.setdefault("content", []).append(part)
        found.setdefault("summary", part["value"])
    else:
        _refuse("summary_detail" in found or ("summary" in found and "content" not in found))
        found["summary"], found["summary_detail"] = part["value"], part


def _rich(node: Any, key: str, version: str) -> Fields:
    """The value of an element that may hold markup, with its type."""
    _refuse(_attribute(node, "src") or _attribute(node, "mode"))
    default = "text/html" if key in ("description", "content_encoded") else "text/plain"
    said = _attribute(node, "type").lower() or default
    kind = _TYPES.get(said, said)
    if kind == "application/xhtml+xml":
        return {"value": _as_feedparser(_inner(node)), "type": kind}
    _refuse(len(node) or kind not in ("text/plain", "text/html"))
    value = _as_feedparser(node.text or "")
    if version != "atom10" and kind == "text/plain" and _looks_like_html(value):
        kind = "text/html"
    return {"value": value, "type": kind}


def _inner(node: Any) -> str:
    """What an xhtml element holds, its one `div` taken off."""
    _refuse(any(child.prefix for child in node.iterdescendants()))
    div = node[0] if len(node) == 1 else None
    _refuse(div is None or div.tag != f"{XHTML}div" or (node.text or "").strip() or (div.tail or "").strip())
    return "".join(_written(node[0]))


def _written(node: Any) -> Iterator[str]:
    """What stands in an element: each one inside it with its end, and without namespaces."""
    yield escape(node.text or "")
    for child in node:
        name = etree.QName(child).localname.lower()
        _refuse(any(key.startswith("{") for key in child.attrib))
        told = "".join(f' {key.lower()}="{escape(value, QUOTE)}"' for key, value in child.attrib.items())
        yield f"<{name}{told}>"
        yield from _written(child)
        yield f"</{name}>{escape(child.tail or '')}"


def _looks_like_html(text: str) -> bool:
    if not re.search(r"</\w+>|&#?\w+;", text):
        return False
    if any(tag.lower() not in _elements() for tag in re.findall(r"</?(\w+)", text)):
        return False
    return all(name in entitydefs for name in re.findall(r"&(\w+);", text))


@lru_cache(maxsize=1)
def _elements() -> frozenset[str]:
    """What feedparser takes for elements of HTML."""
    from feedparser.sanitizer import _HTMLSanitizer

    return frozenset(_HTMLSanitizer.acceptable_elements)


def _person(node: Any, found: Fields) -> None:
    """One more author: a name in RSS, an element with name and address in Atom."""
    detail: Fields = {}
    if len(node):
        for child in node:
            local = etree.QName(child).localname.lower()
            _refuse(len(child) or local not in ("name", "email", "uri", "url"))
            if local in ("name", "email"):
                detail[local] = (child.text or "").strip()
        name, mail = detail.get("name"), detail.get("email")
        found["author"] = f"{name} ({mail})" if name and mail else name or mail or ""
    else:
        found["author"] = _text(node)
        _refuse("@" in found["author"] and found.get("authors"))
        if found["author"] and "@" not in found["author"]:
            detail["name"] = found["author"]
    found.setdefault("authors", []).append(detail)
    _refuse(len(found["authors"]) > 1 and any("email" in one for one in found["authors"]))


def _link(node: Any, found: Fields) -> None:
    _refuse(len(node))
    told = {
        name.lower(): value.lower() if name.lower() in ("rel", "type") else value
        for name, value in node.attrib.items()
    }
    told = {_thread_name(name): value for name, value in told.items()}
    _refuse("url" in told or "uri" in told)
    told.setdefault("rel", "alternate")
    told.setdefault("type", "application/atom+xml" if told["rel"] == "self" else "text/html")
    if "href" in told:
        if told["rel"] == "alternate" and _TYPES.get(told["type"], told["type"]) in _HTML:
            found["link"] = told["href"]
    else:
        link = _as_feedparser(node.text or "").replace("&amp;", "&")
        link = re.sub("&([A-Za-z0-9_]+);", r"&\g<1>", link)
        found["link"] = link
        if link:
            told["href"] = link
    found.setdefault("links", []).append(told)


def _thread_name(name: str) -> str:
    return name.replace("{http://purl.org/syndication/thread/1.0}", "thr:")


def _source(node: Any, found: Fields) -> None:
    """The publication that an entry was taken from: by its name in RSS, by its title in Atom."""
    if not len(node):
        title = _text(node)
    else:
        titles = [child for child in node if name_of(child.tag) == "title"]
        _refuse(len(titles) != 1)
        title = _rich(titles[0], "", "atom10")["value"]
    found["source"] = {"title": title} if title else {}
