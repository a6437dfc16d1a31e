"""When the posts of unknown boards were written: the place in their blocks whose dates do not fall."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from collectors.dates import UNKNOWN, Instant, day_first, instant
from collectors.engines._generic_blocks import Block, predecessors
from collectors.engines._generic_outline import Element, Outline
from collectors.engines._generic_slots import Slot, slots
from collectors.engines._shown import moment
from collectors.reading import Page, html
from collectors.zones import page_zone

_ATTRIBUTES = (
    "datetime",
    "data-timestamp",
    "data-time",
    "data-date",
    "data-utime",
    "data-datetime",
    "data-created",
    "title",
    "content",
    "date",
)
_LIKELY = re.compile(
    r"\d{1,2}[:.]\d\d|\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\b(?:jan|feb|mar|mär|apr|ma"
    r"[iy]|jun|jul|aug|sep"
    r"|o[kc]t|nov|de[cz])|heute|gestern|today|yesterday|\bago\b|\bvor\s|^\d{9,13}$|just now|gerade",
    re.I,
)
_OTHER = re.compile(
    r"join|regist|member since|mitglied seit|dabei seit|anmelde|beigetreten|seit:|since|edit|"
    r"geändert|bearbeitet|modif"
    r"|last (?:visit|login|seen|active|on)|letzte[rs]? (?:besuch|login|anmeldung)|birth|geburt|"
    r"zuletzt|updated|aktualisiert"
    r"|expire|deadline|wrote|\bschrieb|zitat|quote|liked|solved",
    re.I,
)
_OTHER_CLASS = re.compile(
    r"join|regist|edit|modif|birth|member-?since|last-?(?:seen|visit|active)|updated|quote|signature", re.I
)
_NAMED = re.compile(r"date|time|posted|publish|stamp|created|when|datum|zeit", re.I)
_LONGEST = 160
MOST_INSIDE = 60  # elements in one that holds no more than a date
_ABSOLUTE = re.compile(r"\dZ$|\d[+-]\d\d:?\d\d$|^\d{9,13}$")  # with a zone, or seconds since 1970
_NUMERIC = re.compile(r"(?<![\d.,/-])\d{1,2}([/-])\d{1,2}\1(?:19|20)?\d\d(?![\d/-])")
_NEAR = timedelta(hours=24)
_CLOCK = re.compile(
    r"(?:the time now is|es ist jetzt|es ist(?=:)|it is currently|aktuelle zeit|"
    r"aktuelles datum und uhrzeit|current (?:time|date)(?: is)?"
    r"|time is now|(?:server|local|forum|board) time)\b\s*:?",
    re.I,
)


@dataclass(frozen=True)
class Stamp:
    """A date as written in a block."""

    element: Element
    text: str
    is_attribute: bool


@dataclass(frozen=True)
class Dates:
    """The instants of a series of blocks (None where a block has none), with the elements that hold them;
    `order` is the share of them that are not older than the one before."""

    found: tuple[tuple[Element | None, Instant], ...]
    score: float
    order: float
    is_numeric: bool = True
    taken: tuple[tuple[Element, ...], ...] = ()

    @property
    def coverage(self) -> float:
        """The share of blocks with an instant."""
        return sum(one[1][0] is not None for one in self.found) / len(self.found)


class Calendar:
    """How a page writes dates; what was read once is remembered."""

    def __init__(self, page: Page, outline: Outline) -> None:
        shown = _CLOCK.finditer(outline.text)
        clocks = [" ".join(outline.text[found.end() : found.end() + 60].split()) for found in shown]
        made = moment(page, [text for text in clocks if _LIKELY.search(text)], (), fixed=False)
        self._at = made.at
        self._zone = page_zone(page) if made.zone == UTC and not page.timezone else made.zone
        root = html(page).css_first("html")
        self._language = (root.attributes.get("lang") or "") if root is not None else ""
        self._page_order = self._order_of_all(outline)
        self._known: dict[tuple[str, bool | None], Instant] = {}

    def _order_of_all(self, outline: Outline) -> bool | None:
        """What the page's other dates with a field above 12 say of 03/04/2021."""
        texts = [found[0] for found in _NUMERIC.finditer(outline.text[:200_000])]
        orders = {order for text in texts if (order := day_first([text], self._at)) is not None}
        return orders.pop() if len(orders) == 1 else None

    def read(self, text: str, order: bool | None = None) -> Instant:
        """The instant of a text."""
        key = (text, order)
        if key not in self._known:
            self._known[key] = instant(text, self._at, self._zone, day_first=order)
        return self._known[key]

    def order_of(self, texts: Sequence[str]) -> bool | None:
        """Whether the day stands first in 03/04/2021."""
        order = day_first(texts, self._at, self._language)
        return self._page_order if order is None else order

    def is_past(self, when: datetime) -> bool:
        """Whether an instant is not one to come."""
        return when <= self._at + timedelta(days=1)


def dates(outline: Outline, calendar: Calendar, blocks: Sequence[Block]) -> Dates | None:
    """The best place of dates in the blocks; those without one are filled from the next best."""

    def stamps(element: Element) -> Iterator[tuple[str, Stamp]]:
        yield from _stamps(outline, calendar, element)

    places = slots(outline, blocks, "dates", stamps)
    before = predecessors(outline, blocks)
    needed = max(2, len(blocks) * 0.6) if len(blocks) > 1 else 1
    ranked = [
        (found, slot)
        for key, slot in places.items()
        if len(slot) >= needed / 3 and (found := _dates(calendar, blocks, before, key, slot)) is not None
    ]
    if all(len(slot) < needed for slot in places.values()):
        return None
    if not ranked:
        return None
    ranked.sort(key=lambda one: (len(one[1]) < needed, -one[0].score))
    best = _filled(ranked[0][0], [found for found, _ in ranked[1:6]], before)
    best = _sharpened(best, [found for found, _ in ranked[1:]])
    return replace(best, taken=_taken(best, [found for found, _ in ranked]))


def _taken(best: Dates, others: Sequence[Dates]) -> tuple[tuple[Element, ...], ...]:
    """All elements that show a block's date: none of them lies in its text."""
    found: list[tuple[Element, ...]] = []
    for at, (_, (when, _)) in enumerate(best.found):
        places = [one.found[at] for one in others if one.is_numeric]
        near = (e for e, (other, _) in places if e and other and when and abs(other - when) < _NEAR)
        found.append(tuple(near))
    return tuple(found)


def _sharpened(best: Dates, others: Sequence[Dates]) -> Dates:
    """Where the best place tells only the day, the time that another place tells of the same day."""
    found = list(best.found)
    for at, (_, (when, how)) in enumerate(best.found):
        if when is None or how != "day":
            continue
        exact = (one.found[at] for one in others if one.found[at][1][1] in ("second", "minute"))
        found[at] = next((one for one in exact if one[1][0] and abs(one[1][0] - when) < _NEAR), found[at])
    return replace(best, found=tuple(found))


def _filled(best: Dates, others: Sequence[Dates], before: Sequence[int | None]) -> Dates:
    """Blocks that have no date at the best place may have one at another."""
    if best.coverage == 1:
        return best
    found = list(best.found)
    for other in others:
        for at, one in enumerate(other.found):
            if found[at][1][0] is None and one[1][0] is not None:
                found[at] = one
    order = order_of([one[1][0] for one in found], before)
    whole = replace(best, found=tuple(found), order=order)
    return whole if order >= best.order - 0.1 else best


def _stamps(outline: Outline, calendar: Calendar, element: Element) -> Iterator[tuple[str, Stamp]]:
    """The dates that an element carries as attributes and as text."""
    if _is_other(outline, element):
        return
    for name in _ATTRIBUTES:
        value = element.attributes.get(name)
        if not value or len(value) >= 80 or (name == "title" and _OTHER.search(value)):
            continue
        if _LIKELY.search(value) and _reads(calendar, value):
            yield f"@{name}", Stamp(element, value, True)
    if 0 < element.length <= 600 and element.end - element.number <= MOST_INSIDE:
        text = _text(outline, element)
        if len(text) <= _LONGEST and _LIKELY.search(text) and _reads(calendar, text):
            yield "", Stamp(element, text, False)


def stamps_in(outline: Outline, calendar: Calendar, element: Element) -> Iterator[datetime]:
    """The instants that an element shows, none of them to come."""
    for _, stamp in _stamps(outline, calendar, element):
        when = calendar.read(stamp.text, calendar.order_of([stamp.text]))[0]
        if when is not None and calendar.is_past(when):
            yield when


def _text(outline: Outline, element: Element) -> str:
    """An element's words as far as those on another date ("Last edited ...")."""
    inner = outline.elements[element.number + 1 : element.end]
    ends = (
        one.text_from
        for one in inner
        if one.length > 5 and any(_OTHER_CLASS.search(token) for token in one.tokens)
    )
    text = " ".join(outline.text[element.text_from : next(ends, element.text_to)].split())
    other = _OTHER.search(text)
    return text[: other.start()] if other else text


def _reads(calendar: Calendar, text: str) -> bool:
    return calendar.read(text, True)[0] is not None or calendar.read(text, False)[0] is not None


def _is_other(outline: Outline, element: Element) -> bool:
    """Whether what stands around a date says that it is none of a post's."""
    if any(_OTHER_CLASS.search(token) for token in element.tokens):
        return True
    if element.parent < 0:
        return False
    above = outline.elements[element.parent]
    if any(_OTHER_CLASS.search(token) for token in above.tokens):
        return True
    before = outline.text[max(above.text_from, element.text_from - 40) : element.text_from]
    return above.length < 400 and _OTHER.search(before) is not None


def _dates(
    calendar: Calendar, blocks: Sequence[Block], before: Sequence[int | None], key: str, slot: Slot[Stamp]
) -> Dates | None:
    order = calendar.order_of([stamp.text for stamp in slot.values()])
    found: list[tuple[Element | None, Instant]] = []
    for at in range(len(blocks)):
        stamp = slot.get(at)
        read = calendar.read(stamp.text, order) if stamp is not None else UNKNOWN
        if stamp is not None and read[0] is not None and calendar.is_past(read[0]):
            found.append((stamp.element, read))
        else:
            found.append((None, UNKNOWN))
    known = [one[1] for one in found if one[1][0] is not None]
    if not known:
        return None
    rising = order_of([one[1][0] for one in found], before)
    exact = sum(how in ("second", "minute") for _, how in known) / len(known)
    attribute = sum(stamp.is_attribute for stamp in slot.values()) / len(slot)
    short = 1 - sum(len(stamp.text) for stamp in slot.values()) / len(slot) / _LONGEST
    absolute = sum(_ABSOLUTE.search(stamp.text) is not None for stamp in slot.values()) / len(slot)
    score = absolute + 4 * len(known) / len(blocks) + 2 * rising + 2 * exact + 0.5 * attribute + 0.3 * short
    numeric = sum(any(char.isdigit() for char in stamp.text) for stamp in slot.values()) > len(slot) / 2
    return Dates(tuple(found), score + (0.4 if _NAMED.search(key) else 0), rising, numeric)


def order_of(instants: Sequence[datetime | None], before: Sequence[int | None]) -> float:
    """The share of blocks that are not older than the one before each (`predecessors`)."""
    pairs = []
    for at, when in enumerate(instants):
        earlier = before[at]
        while earlier is not None and instants[earlier] is None:
            earlier = before[earlier]
        if when is not None and earlier is not None:
            pairs.append((instants[earlier], when))
    if not pairs:
        return 1.0
    slack = timedelta(minutes=1)
    falling = sum(a is not None and b < a - slack for a, b in pairs) / len(pairs)
    return 1 - falling
