"""The digest: facts in, a readable mail out (docs/digest.md)."""

from __future__ import annotations

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
    from listener.digest.view import view
    from listener.digest.words import Words

    words = Words(facts.language)
    own = watched(facts)
    days = figures.together(product.days for product in own)
    described = figures.description(days, words) if any(day.mentions is not None for day in days) else ""
    parts = {"picture": described, "picture_of": name(own[0]) if len(own) == 1 else words("all_own")}
    shown = max(0, facts.shown)
    while True:
        seen = view(facts, words, shown=shown)
        html = render.html(seen, words, **parts)
        if render.encoded_size(html) <= LARGEST_HTML or not shown:
            break
        shown = shown * 3 // 4
    text = render.text(seen, words, **parts)
    images = {render.CID: figures.picture(days, words)} if described else {}
    return Digest(subject=seen.subject, text=text, html=html, images=images)
