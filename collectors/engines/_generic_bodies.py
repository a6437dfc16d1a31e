"""What the posts of unknown boards say: the place in their blocks that holds most of the text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors.engines._generic_blocks import Block
from collectors.engines._generic_outline import Element, Outline
from collectors.engines._generic_slots import is_beside, keys

_TAGS = frozenset(
    (
        "div",
        "td",
        "p",
        "section",
        "article",
        "blockquote",
        "span",
        "dd",
        "li",
        "pre",
        "main",
        "font",
        "th",
        "content",
    )
)
MOST_TAKEN = 20
_NAMED = re.compile(
    r"^(?:.*[-_=])?(?:post-?(?:body|content|text|message|entry|msg)|body|content|contents|text|"
    r"message|msg|messagetext|comment|"
    r"bbwrapper|entry|inner|description|articlebody|commenttext|cooked|markdown|prose|beitrag|"
    r"nachricht|usercontent|userhtml"
    r"|postcontent|postbody|postmsg|messagebody|commentcontent|commentbody|reply-?content|"
    r"answer-?body)(?:[-_]+(?:#|text|content|body|inner|container|wrap(?:per)?|html|markdown|area|"
    r"main))*$",
    re.I,
)
_NOT_NAMED = re.compile(
    r"author|user|profile|member|avatar|sig(?:nature)?\b|info|meta|head|foot|title|subject|tool|"
    r"button|action|control|nav|"
    r"rating|rank|date|time|left|sidebar|reply-?link|breadcrumb|details|poster|share|summary|"
    r"sub(?:ject|title)",
    re.I,
)


Places = Mapping[str, Mapping[int, Element]]


@dataclass(frozen=True)
class Bodies:
    """The text containers of a series of blocks; `links` is the share of their text that is links."""

    found: tuple[Element | None, ...]
    score: float
    links: float

    @property
    def coverage(self) -> float:
        """The share of blocks with a text container."""
        return sum(one is not None for one in self.found) / len(self.found)


def _inner(best: str, inner: Places, places: Places) -> str:
    """The narrowest place inside the best one that still holds its text: titles and buttons stay outside."""
    chosen = best
    for key, slot in inner.items():
        outer = places[chosen]
        if len(slot) == len(outer) and all(at in slot and _holds(outer[at], slot[at]) for at in outer):
            share = sum(map(_own, slot.values())) / max(sum(map(_own, outer.values())), 1)
            short = sum(_own(slot[at]) < 0.3 * _own(outer[at]) for at in outer) / len(outer)
            if share >= 0.98 or (_is_named(key) and share >= 0.35 and short <= 0.3):
                chosen = key
    return chosen


def _holds(outer: Element, inner: Element) -> bool:
    return outer.number < inner.number < outer.end


def _own(element: Element) -> int:
    return element.plain


def bodies(
    outline: Outline,
    blocks: Sequence[Block],
    taken: Sequence[tuple[Element | None, ...]],
    names: Sequence[str | None],
) -> Bodies | None:
    """The best container of text; `taken` are elements that cannot lie in it, `names` the authors."""
    places, several = _places(outline, blocks, taken)
    needed = max(2, len(blocks) * 0.6) if len(blocks) > 1 else 1
    ranked = []
    for key, slot in places.items():
        if len(slot) >= needed and several[key] <= 0.2 * len(slot):
            ranked.append((_score(outline, key, slot, names, len(blocks)), key))
    if not ranked:
        return None
    score, best = max(ranked)
    best = _inner(best, {key: places[key] for _, key in ranked if not several[key]}, places)
    slot = places[best]
    rest = [places[key] for _, key in sorted(ranked, reverse=True)[1:6]]
    found = [slot.get(at) or next((one[at] for one in rest if at in one), None) for at in range(len(blocks))]
    length = sum(one.length for one in found if one) or 1
    linked = sum(one.linked for one in found if one)
    return Bodies(tuple(found), score, linked / length)


def _places(
    outline: Outline, blocks: Sequence[Block], taken: Sequence[tuple[Element | None, ...]]
) -> tuple[dict[str, dict[int, Element]], Counter[str]]:
    """The elements that may hold a post's text, by place; and in how many blocks a place occurs again."""
    found: dict[str, dict[int, Element]] = defaultdict(dict)
    second: dict[str, dict[int, Element]] = defaultdict(dict)
    several: Counter[str] = Counter()
    for at, (block, kept) in enumerate(zip(blocks, (some[:MOST_TAKEN] for some in taken), strict=True)):
        aside = 0
        for element in outline.elements[block.start : block.end]:
            if element.number < aside or element.tag not in _TAGS:
                continue
            if is_beside(element, block):
                aside = element.end
                continue
            if element.end > block.end or any(
                one and element.number <= one.number < element.end for one in kept
            ):
                continue
            for key in keys(outline, element):
                _longest(found[key], second[key], at, element)
    for key, others in second.items():
        several[key] = sum(_own(one) > max(20, 0.4 * _own(found[key][at])) for at, one in others.items())
    return found, several


def _longest(chosen: dict[int, Element], second: dict[int, Element], at: int, element: Element) -> None:
    """Keep the fullest element of a place in a block, and the fullest beside it."""
    before = chosen.get(at)
    if before is None:
        chosen[at] = element
    elif element.number >= before.end:
        loser, winner = (before, element) if _own(element) > _own(before) else (element, before)
        chosen[at] = winner
        if at not in second or _own(loser) > _own(second[at]):
            second[at] = loser


def _score(
    outline: Outline, key: str, slot: Mapping[int, Element], names: Sequence[str | None], blocks: int
) -> float:
    """Own text counts by its share of the longest texts; a name helps, what an author repeats does not."""
    own = [one.plain for one in slot.values()]
    amount = sum(min(length, 400) for length in own) / len(own)
    score = 2 * len(slot) / blocks + min(amount, 200) / 100
    score += 1.0 if _is_named(key) else 0
    score -= 1.5 if any(_NOT_NAMED.search(token) for token in next(iter(slot.values())).tokens) else 0
    return score - 2.0 * _repeated(outline, slot, names)


def _is_named(key: str) -> bool:
    own = key.rpartition(">")[2]
    return _NAMED.match(own.partition(".")[2]) is not None


def _repeated(outline: Outline, slot: Mapping[int, Element], names: Sequence[str | None]) -> float:
    """The share of texts that their author has said before, numbers aside."""
    texts = Counter(
        (names[at], re.sub(r"\d+", "", outline.text[one.text_from : one.text_from + 300]))
        for at, one in slot.items()
    )
    return 1 - len(texts) / len(slot)
