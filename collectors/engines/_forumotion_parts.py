"""The parts of a Forumotion post, whatever skin it wears."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from collectors.engines._forumotion import loose
from collectors.links import words

_PARTS = (
    ".content, .entry-content, .post-content, .post-entry, .postbody, p.author, .topic-date, .post-date, "
    ".posthead, .post-info > .h3, span.postdetails, .postprofile-name, .post-author-name, .username, "
    ".postprofile dt, span.name, .post-details, .popmenubutton, .edited-message"
)
Parts = dict[str, LexborNode]


def parts_of(node: LexborNode) -> Parts:
    """The first of each part of a post, by its class or tag; the profile's details are no header."""
    parts: Parts = {}
    cell = 0
    for part in node.css(_PARTS):
        classes = (part.attributes.get("class") or "").split()
        if "name" in classes and part.parent is not None:
            cell = part.parent.mem_id
        above = part.parent.mem_id if part.parent is not None else 0
        if part.tag == "span" and "postdetails" in classes and ("poster-profile" in classes or above == cell):
            continue
        for name in [*classes, part.tag or ""]:
            parts.setdefault(name, part)
    return parts


def dates_of(parts: Parts) -> Iterator[str]:
    """Where the post's instant may stand, best first."""
    for name in ("topic-date", "post-date", "author", "posthead", "h3", "postdetails"):
        if name in parts:
            yield from loose(parts[name])


_BODIES = ("content", "entry-content", "post-content", "post-entry", "postbody")


def body_of(parts: Parts) -> LexborNode | None:
    """The element around the author's words: templates wrap them into one without attributes."""
    for name in _BODIES:
        child = parts[name].child if name in parts else None
        while child is not None:
            if child.tag == "div" and not child.attributes:
                return child
            if child.is_text_node and (child.text_content or "").strip():
                break
            child = child.next
        if name in parts:
            return parts[name]
    return None


def author_of(parts: Parts) -> str:
    """The author's name; guests have no link."""
    for name in ("postprofile-name", "post-author-name", "username"):
        if name in parts and (found := words(parts[name])):
            return found
    header = parts.get("author")
    link = _profile(header) or _profile(parts.get("post-details"))
    named = (
        words(link) or words(parts.get("name")) or words(parts.get("dt")) or words(parts.get("popmenubutton"))
    )
    if named:
        return named
    said = re.match(r"(?:von|by)\s+(.+?)\s+(?:am|on|Heute|Gestern|Today|Yesterday)\b", words(header))
    return said[1] if said else ""


def _profile(header: LexborNode | None) -> LexborNode | None:
    links = header.css('a[href*="/u"]') if header is not None else []
    return next((link for link in links if words(link)), None)
