"""The digest: facts in, a readable mail out (docs/digest.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from listener.digest.choice import choose
from listener.digest.facts import (
    DayTone,
    Deaf,
    Facts,
    LeftOut,
    ProductFacts,
    Said,
    UsualVolume,
)
from listener.model import Digest

if TYPE_CHECKING:
    from listener.digest.view import View
    from listener.digest.words import Words

__all__ = [
    "DayTone",
    "Deaf",
    "Facts",
    "LeftOut",
    "ProductFacts",
    "Said",
    "UsualVolume",
    "build",
    "choose",
]

LARGEST_HTML = 90_000  # bytes on the way; some mail programs cut off near 102 kB


def build(facts: Facts) -> Digest:
    """Subject, HTML and plain text of one digest, and its picture; the same facts give the same digest."""
    from listener.digest import figures, render
    from listener.digest.verdicts import name, watched
    from listener.digest.words import Words

    words = Words(facts.language)
    drawn = [product for product in watched(facts) if product.days]
    days = figures.together(product.days for product in drawn)
    heard = any(day.mentions is not None for day in days)
    shown_of = name(drawn[0]) if len(drawn) == 1 else words("all_own")
    picture = figures.description(days, words) if heard else ""
    seen, html = _fitting(facts, words, picture, shown_of)
    chart = figures.lines(days, words) if heard else []
    return Digest(
        subject=seen.subject,
        text=render.text(seen, words, chart=chart, picture_of=shown_of),
        html=html,
        images={render.CID: figures.picture(days, words)} if heard else {},
    )


def _fitting(facts: Facts, words: Words, picture: str, picture_of: str) -> tuple[View, str]:
    """As many mentions as asked for, or as many as keep the HTML small enough for every mail program."""
    from listener.digest.render import encoded_size, html
    from listener.digest.view import view

    shown = max(0, facts.shown)
    while True:
        seen = view(facts, words, shown=shown)
        page = html(seen, words, picture=picture, picture_of=picture_of)
        if encoded_size(page) <= LARGEST_HTML or not shown:
            return seen, page
        shown = shown * 3 // 4
