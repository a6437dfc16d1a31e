"""Who wrote the posts of unknown boards: the place in their blocks that holds names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from collectors.engines._generic_blocks import Block
from collectors.engines._generic_outline import Element, Outline
from collectors.engines._generic_slots import Slot, keys, slots

_PROFILE = re.compile(
    r"member|profile?\b|profil|(?:^|/)(?:users?|u)[/.?=_-]|[?&;](?:u|uid|user|user_?id|userid|"
    r"author|mode=viewprofile)=|show_?user|perfil|usuario|utilisateur|membre|usrinfo|mode=user|mitglied|"
    r"/author|/autor|/people/|/u/|/@|/account|viewpro|userinfo|benutzer|whois|/~",
    re.I,
)
_ATTRIBUTES = (
    "data-author",
    "data-username",
    "data-user-name",
    "data-author-name",
    "data-user",
    "data-poster",
    "data-nick",
)
_NAMED = re.compile(
    r"^(?:.*[-_=])?(?:author|autor|user-?name|usr|user|benutzer|mitglied|verfasser|poster|nick(?:name)?|fn|creator|"
    r"display-?name|member-?name|postauthor"
    r"|posteru?ser|by|von|name|bigusername|comment-?author|post(?:ed)?-?by|messageauthor|"
    r"author-?name|profile-?name)(?:[-_].*)?$",
    re.I,
)
_NOT_NAMED = re.compile(
    r"title|rank|rang|status|avatar|stars|group|role|location|joined|posts|info|details|stat|meta|"
    r"count|date|time|icon|image"
    r"|pic|badge|extra|contact|menu|button|links|online|ip$",
    re.I,
)
_LABELS = re.compile(
    r"(?:pm|pn|profile?|profil|e-?mail|website|www|homepage|quote|zitat|zitieren|reply|antworten|"
    r"antwort|edit|report|melden|"
    r"offline|online|guest posts?|top|nach oben|link|permalink|private nachricht|private message|"
    r"find|member|mitglied|user|"
    r"benutzer|administrator|moderator|newbie|neuling|online|contact|kontakt|view profile|posts?|"
    r"beiträge|author|autor|name|#?\d+)[:.]?",
    re.I,
)
_BY = re.compile(
    r"(?:posted |written |geschrieben |verfasst |gepostet )?(?:by|von|author|autor|from|user|name)\s*:?\s+",
    re.I,
)
_NO_NAME = re.compile(
    r"^[\W_\d]*$|:\s*\d|\d{1,2}:\d\d|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2}|https?:|[\n»]|:$"
)
LONGEST = 60
WEAK = 0.1  # what is only printed in bold
_STRESSED = ("b", "strong", "h3", "h4", "h5", "dt")


@dataclass(frozen=True)
class Authors:
    """The names of a series of blocks, and the elements that hold them."""

    found: tuple[tuple[Element | None, str | None], ...]
    score: float
    is_weak: bool

    @property
    def coverage(self) -> float:
        """The share of blocks with a name; half of it where nothing says that they are names."""
        share = sum(one[1] is not None for one in self.found) / len(self.found)
        return share / 2 if self.is_weak else share


@dataclass(frozen=True)
class _Name:
    element: Element
    text: str
    weight: float


def authors(outline: Outline, blocks: Sequence[Block], host: str, title: str) -> Authors | None:
    """The best place of names in the blocks; None without any. `title`, the thread's, is nobody's name."""

    def names(element: Element) -> Iterator[tuple[str, _Name]]:
        found = _names(outline, element, host)
        yield from (one for one in found if not title or one[1].text.lower() not in title)

    places = slots(outline, blocks, "names", names)
    needed = len(blocks) * 0.3
    ranked = sorted(
        ((_score(slot, len(blocks)), key, slot) for key, slot in places.items() if len(slot) >= needed),
        key=lambda one: (-one[0], one[1]),
    )
    if not ranked:
        return None
    score, _, best = ranked[0]
    tokens = set.intersection(*(set(name.element.tokens) for name in best.values()))
    alike = [slot for key, slot in places.items() if key.rpartition(".")[2] in tokens]
    agreeing = [best, *(slot for _, _, slot in ranked[1:] if _agree(best, slot)), *alike]
    found: list[tuple[Element | None, str | None]] = []
    for at in range(len(blocks)):
        name = next((slot[at] for slot in agreeing if at in slot), None)
        found.append((name.element, name.text) if name is not None else (None, None))
    _fill(outline, blocks, found)
    weight = sum(name.weight for name in best.values()) / len(best)
    return Authors(tuple(found), score, weight <= 2 * WEAK)


def _fill(outline: Outline, blocks: Sequence[Block], found: list[tuple[Element | None, str | None]]) -> None:
    """Guests have no profile: their names stand where the other names do, without the link."""
    around: tuple[set[str], set[str], set[str]] = (set(), set(), set())
    for element, _ in found:
        if element is None or element.tag != "a":
            continue
        for level, above in enumerate(islice(outline.above(element), 3)):
            if above.length > element.length + 12:
                break
            around[level].update(keys(outline, above))
    for at, (element, _) in enumerate(found):
        guests = (_guest(outline, blocks[at], names) for names in around if element is None and names)
        found[at] = next((guest for guest in guests if guest[1]), found[at])


def _guest(outline: Outline, block: Block, around: set[str]) -> tuple[Element | None, str | None]:
    for element in outline.elements[block.start : block.end]:
        if 0 < element.length <= 80 and not around.isdisjoint(keys(outline, element)):
            text = _first_line(outline, element)
            if is_name(text):
                return element, text
    return None, None


def _first_line(outline: Outline, element: Element) -> str:
    """An element's text as far as its first block: below a name stand ranks and numbers of posts."""
    text = outline.text[element.text_from : element.text_to].strip()
    return " ".join(re.split(r"\s*\n\s*|\s{2,}", text, maxsplit=1)[0].split())


def _agree(best: Slot[_Name], other: Slot[_Name]) -> bool:
    """Whether two places hold the same names, as far as both hold one."""
    both = best.keys() & other.keys()
    same = sum(best[at].text == other[at].text for at in both)
    return same >= 0.8 * len(both) if both else len(best) >= 3 and _within(best, other)


def _within(best: Slot[_Name], other: Slot[_Name]) -> bool:
    return next(iter(best.values())).element.tag == next(iter(other.values())).element.tag


def _names(outline: Outline, element: Element, host: str) -> Iterator[tuple[str, _Name]]:
    for attribute in _ATTRIBUTES:
        value = " ".join(element.get(attribute).split())
        if value and is_name(value):
            yield f"@{attribute}", _Name(element, value, 1.6)
    if (
        element.tag == "meta"
        and element.get("itemprop") in ("name", "author")
        and is_name(element.get("content"))
    ):
        yield "@content", _Name(element, element.get("content").strip(), 0.6)
    if not 0 < element.length <= 200 or element.tag in ("time", "button", "input", "h1"):
        return
    weight = _weight(outline, element, host)
    if weight > 0:
        text = _first_line(outline, element).rstrip(" ,;")
        text = _BY.sub("", text.lstrip("@"), count=1) if weight < 0.8 else text
        if is_name(text) or (weight >= 0.9 and text.isdigit() and len(text) < 12):
            yield "", _Name(element, text, weight)


def is_name(text: str) -> bool:
    """Whether a text may be somebody's name: short, and no label or number."""
    return 0 < len(text) <= LONGEST and not _LABELS.fullmatch(text) and not _NO_NAME.search(text)


def _weight(outline: Outline, element: Element, host: str) -> float:
    """How much an element's address and classes say that it holds a name."""
    linked = element.tag == "a" and _leads_to_profile(element.get("href"), host)
    near = [element.tokens]
    for above in outline.above(element):
        if above.length > element.length + 40:
            break
        near.append(above.tokens)
        if len(near) == 3:
            break
    own = any(_NAMED.search(token) for token in near[0])
    around = any(_NAMED.search(token) for tokens in near[1:] for token in tokens)
    refused = any(_NOT_NAMED.search(token) and not re.search(r"name", token, re.I) for token in near[0])
    if refused and not linked:
        return 0
    weak = WEAK if element.tag in _STRESSED else 0
    return 0.9 * linked + (0.7 if own else 0) + (0.35 if around else 0) - (0.5 if refused else 0) or weak


def is_profile(address: str) -> bool:
    """Whether an address is that of somebody's profile."""
    return _PROFILE.search(address) is not None


def _leads_to_profile(address: str, host: str) -> bool:
    other = re.match(r"(?:https?:)?//([^/?#]+)", address)
    return (other is None or other[1] == host) and _PROFILE.search(address) is not None


def _score(slot: Slot[_Name], blocks: int) -> float:
    texts = [name.text for name in slot.values()]
    weight = sum(name.weight for name in slot.values()) / len(slot)
    links = {name.element.get("href") for name in slot.values()}
    is_label = len(set(texts)) <= 0.6 * len(links) or (len(set(texts)) == 1 and len(texts) > 3)
    short = 1 - sum(map(len, texts)) / len(texts) / LONGEST
    return 3 * len(slot) / blocks + 1.5 * weight + 1.2 * short - (2.5 if is_label else 0)
