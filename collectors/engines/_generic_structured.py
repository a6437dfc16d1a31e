"""Posts that a page describes for machines: schema.org as JSON-LD or microdata, microformats."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.dates import Instant
from collectors.engines._generic_addresses import number_of
from collectors.engines._generic_authors import is_name
from collectors.engines._generic_blocks import Block
from collectors.engines._generic_dates import Calendar
from collectors.engines._generic_outline import Element, Outline
from collectors.engines._generic_posts import Item, Parts
from collectors.reading import Page, html

MOST_ITEMS = 2000
_DEEPEST = 40


@dataclass
class Described:
    """The posts of a page's JSON-LD; `complete` if the page says that there are no more comments."""

    items: list[Item] = field(default_factory=list)
    comments: int = 0
    stated: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether everything is here that the page says there is."""
        return bool(self.items) and self.stated == self.comments == len(self.items) - 1


_OPENING = ("DiscussionForumPosting", "Question")
_REPLIES = ("comment", "suggestedAnswer", "acceptedAnswer")


def described(page: Page, calendar: Calendar) -> Described:
    """What JSON-LD says of a thread on the page."""
    found = Described()
    for script in html(page).css('script[type="application/ld+json"]'):
        for opening in _openings(_loaded(script.text())):
            if found.items:
                return found
            _describe(opening, calendar, found)
    return found


def _loaded(text: str) -> Any:
    try:
        return json.loads(text.strip().removeprefix("//<![CDATA[").removesuffix("//]]>"), strict=False)
    except (ValueError, RecursionError):
        return None


def _openings(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The postings that open a thread, wherever they stand in the data."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value[:MOST_ITEMS]:
            yield from _openings(one, depth + 1)
    elif isinstance(value, dict):
        if not _types(value).isdisjoint(_OPENING):
            yield value
        else:
            for name in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
                yield from _openings(value.get(name), depth + 1)


def _types(value: dict[str, Any]) -> set[str]:
    said = value.get("@type")
    names = said if isinstance(said, list) else [said]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def _describe(opening: dict[str, Any], calendar: Calendar, found: Described) -> None:
    replies = [reply for name in _REPLIES for reply in _replies(opening, name, 0)][:MOST_ITEMS]
    found.comments, found.stated = len(replies), _count(opening)
    seen: set[str] = set()
    for value in [opening, *replies]:
        item = _item(value, calendar)
        if item is not None and item.id not in seen:
            seen.add(item.id)
            found.items.append(item)
    found.items[1:] = sorted(found.items[1:], key=lambda item: str(item.when[0]))


def _replies(value: dict[str, Any], name: str, depth: int) -> Iterator[dict[str, Any]]:
    said = value.get(name)
    for reply in said if isinstance(said, list) else [said]:
        if isinstance(reply, dict) and depth < _DEEPEST:
            yield reply
            yield from _replies(reply, "comment", depth + 1)


def _count(opening: dict[str, Any]) -> int | None:
    """How many comments there are, as the page says."""
    stated = [opening.get(name) for name in ("commentCount", "answerCount")]
    statistics = opening.get("interactionStatistic")
    for one in statistics if isinstance(statistics, list) else [statistics]:
        if isinstance(one, dict) and re.search(r"Comment|Reply", str(one.get("interactionType"))):
            stated.append(one.get("userInteractionCount"))
    return next((int(str(one)) for one in stated if re.fullmatch(r"\d{1,7}", str(one))), None)


def _item(value: dict[str, Any], calendar: Calendar) -> Item | None:
    url = next((one for name in ("url", "@id") if isinstance(one := value.get(name), str)), "")
    said = value.get("identifier")
    number = (
        str(said) if isinstance(said, (int, str)) and re.fullmatch(r"\w{1,40}", str(said)) else number_of(url)
    )
    text = next((one for name in ("text", "articleBody") if isinstance(one := value.get(name), str)), None)
    when = _when(value, calendar)
    if not number or text is None or when is None:
        return None
    return Item(number, url, _person(value.get("author") or value.get("creator")), when, text)


def _when(value: dict[str, Any], calendar: Calendar) -> Instant | None:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        said = value.get(name)
        if isinstance(said, str) and calendar.read(said)[0] is not None:
            return calendar.read(said)
    return None


def _person(value: Any) -> str | None:
    one = value[0] if isinstance(value, list) and value else value
    name = one.get("name") if isinstance(one, dict) else one
    return " ".join(name.split())[:100] or None if isinstance(name, str) else None


_TYPES = re.compile(r"schema\.org/(DiscussionForumPosting|Question|Answer|Comment|UserComments)\b")
_FORMATS = frozenset(("h-entry", "hentry", "h-cite"))
_AUTHOR = ("itemprop=author", "itemprop=creator", "p-author", "author", "vcard")
_NAME = ("itemprop=name", "p-name", "fn", "u-url", "p-nickname")
_DATE = (
    "itemprop=datePublished",
    "itemprop=dateCreated",
    "itemprop=commentTime",
    "dt-published",
    "published",
)
_TEXT = ("itemprop=text", "itemprop=articleBody", "itemprop=commentText", "e-content", "entry-content")


def marked(outline: Outline, calendar: Calendar) -> list[Parts]:
    """The posts that microdata or microformats mark in the page; [] unless all of them are whole."""
    for formats in (False, True):
        items = [
            one
            for one in outline.elements
            if (_is_entry(one) if formats else _TYPES.search(one.get("itemtype")))
        ]
        if items and len(items) <= MOST_ITEMS and (not formats or len(items) > 1):
            found = [_marked(outline, calendar, item, items) for item in items]
            if all(found) and len({parts.block.id for parts in found if parts}) == len(found):
                return [parts for parts in found if parts]
    return []


def _is_entry(element: Element) -> bool:
    return not _FORMATS.isdisjoint(element.tokens)


def _marked(outline: Outline, calendar: Calendar, item: Element, items: Sequence[Element]) -> Parts | None:
    own = list(_properties(outline, item, items))
    body = next((one for one in own if one.tag != "meta" and not set(_TEXT).isdisjoint(one.tokens)), None)
    stamp = next((one for one in own if not set(_DATE).isdisjoint(one.tokens)), None)
    when = _stamp(outline, calendar, stamp) if stamp is not None else None
    number = next(filter(None, (_number(one) for one in [item, *own])), "")
    if body is None or when is None or not number:
        return None
    end = next((one.number for one in items if item.number < one.number < item.end), item.end)
    block = Block(number, item.number, item.number, max(end, item.number + 1))
    return Parts(block, _author(outline, own), when, body)


def _properties(outline: Outline, item: Element, items: Sequence[Element]) -> Iterator[Element]:
    """The elements of an item but for those of items inside it."""
    inner = [one for one in items if item.number < one.number < item.end]
    at = item.number + 1
    for one in [*inner, None]:
        yield from outline.elements[at : one.number if one is not None else item.end]
        at = max(at, one.end) if one is not None else at


def _stamp(outline: Outline, calendar: Calendar, element: Element) -> Instant | None:
    inner = outline.elements[element.number : element.end]
    texts = [one.get(name) for one in inner for name in ("datetime", "content", "title")]
    for text in [*texts, outline.words(element)]:
        if text and calendar.read(text, calendar.order_of([text]))[0] is not None:
            return calendar.read(text, calendar.order_of([text]))
    return None


def _number(element: Element) -> str:
    """The number of a post in what identifies its element."""
    for name in ("itemid", "id", "data-post-id", "data-id", "data-comment-id"):
        found = re.search(r"(?<![\d.])\d{1,18}$|[0-9a-f]{12,40}$", element.get(name))
        if found:
            return found[0]
    is_url = element.get("itemprop") == "url" or "u-url" in element.tokens
    return number_of(element.get("href") or element.get("content")) if is_url else ""


def _author(outline: Outline, own: Sequence[Element]) -> str | None:
    holder = next((one for one in own if not set(_AUTHOR).isdisjoint(one.tokens)), None)
    if holder is None:
        return None
    inner = outline.elements[holder.number : holder.end]
    named = [one for one in inner if not set(_NAME).isdisjoint(one.tokens)] or [holder]
    texts = ((one.get("content") or outline.words(one)).strip() for one in named)
    return next((text for text in texts if is_name(text)), None)


def agrees(items: Sequence[Item], when: datetime | None, author: str | None) -> bool:
    """Whether one of the described posts was written then by that author."""
    return any(item.when[0] == when and (item.author == author or not author) for item in items)
