"""Repeated blocks of a page: numbers in its mark-up, and the part of the page that belongs to each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from collectors.engines._generic_outline import Element, Outline, is_called_aside
from collectors.reading import Page

MOST_BLOCKS = 2000


@dataclass(frozen=True)
class Block:
    """What belongs to one number: the elements from `start` to `end`; `anchor` carries the number."""

    id: str
    anchor: int
    start: int
    end: int


@dataclass(frozen=True)
class Series:
    """Blocks whose numbers are written the same way (`pattern`); `named`, 0 to 1: how much that way says
    that the numbers are those of posts."""

    pattern: str
    named: float
    blocks: tuple[Block, ...]


Mark = tuple[str, int]  # a number, and the element that carries it
_NUMBER = re.compile(r"\d{1,18}")
_HEX = re.compile(r"(.{0,40}?)((?=[a-f-]*\d)[0-9a-f]{12,40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_POSTS = re.compile(
    r"post|^p$|^pid|msg|^m$|message|comment|^c$|repl(?:y|ies)|answer|response|beitrag|antwort|kommentar|mes$"
)
_OTHERS = re.compile(
    r"thread|topic|^t$|^tid|forum|^f$|^fid|board|cat(?:egor|id|$)|discussion|user|^uid|member|author|"
    r"avatar|profil|product|^item|sku|menu|nav|tab|poll|image|attach|file|photo|img|^ad$|ads|banner|widget|"
    r"option|question|page|index|idx|^num|order|count|time|date|stamp|width|height|offset|size|"
    r"position|score|vote"
    r"|level|depth|row|rank|karma|parent|likes|reput|price|event|news|teaser|story|video|job|"
    r"course|listing|result|download|song|track|"
    r"review|rating|rezension|bewertung|recent|related|gallery|photo|commit|^rev|revision|recipe|^tag"
)
_GONE = re.compile(
    r"(?:deleted|minimi[sz]ed|sponsored|placeholder|advert|advertisement|promoted|removed|postpreview)$|^ads?$"
    r"|^hiddenpost",
    re.I,
)
_PARAMETER = re.compile(
    r"[?&;/](pid|p|post_?(?:id)?|postid|msg_?(?:id)?|m|mid|mes|message_?(?:id)?|comment_?(?:id)?|"
    r"cid|reply_?(?:id|to)?"
    r"|parent|answer_?(?:id)?|entry|article_?id|quote|replyto|replytocom|id)[=,](\d{1,18})(?!\d)",
    re.I,
)
_PATH = re.compile(
    r"/(posts?|p|comments?|msg|messages?|repl(?:y|ies)|answers?|beitrag|kommentar)[/-](\d{1,18})(?=[/?#]|$)",
    re.I,
)


_FORUM = re.compile(
    r"forum|foren|board|thread|topic|diskussion|discussion|viewtopic|showthread|messages?\b|beitr"
    r"[aä]g|community",
    re.I,
)


def is_called_forum(page: Page, outline: Outline) -> bool:
    """Whether the page's address or title names a forum or a thread."""
    title = next((one.node.text()[:300] for one in outline.elements if one.tag == "title"), "")
    parts = urlsplit(page.url)
    return _FORUM.search(f"{parts.path}?{parts.query} {title}") is not None


def openings_id(element: Element) -> Iterator[str]:
    """The number of what opens a thread, in its id or its data."""
    for name in ("id", "data-id", "data-post-id", "data-topic-id", "data-thread-id", "data-discussion-id"):
        found = re.search(r"(?<![\d.])\d{1,18}$", element.get(name))
        if found and element.tag in ("div", "article", "section", "li", "tr", "table", "main"):
            yield found[0]


def series(outline: Outline) -> list[Series]:
    """All series of two numbers or more, those that are called posts first."""
    found = []
    for pattern, marks in _marks(outline).items():
        named = _named(pattern)
        if named is None or not 2 <= len({number for number, _ in marks}) <= MOST_BLOCKS:
            continue
        groups = (blocks for blocks in _groups(outline, marks) if len(blocks) > 1)
        found += [Series(pattern, named, blocks) for blocks in groups]
    return sorted(found, key=lambda one: (-one.named, -len(one.blocks)))


def _marks(outline: Outline) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = defaultdict(list)
    quoted = 0
    for element in outline.elements:
        if _quotes(element):
            quoted = max(quoted, element.end)
        for pattern, number in _numbers(element, element.number < quoted):
            found[pattern].append((number, element.number))
    return found


def _quotes(element: Element) -> bool:
    return element.tag == "blockquote" or is_called_aside(element)


def _numbers(element: Element, in_quote: bool) -> Iterator[tuple[str, str]]:
    for name, value in element.attributes.items():
        if not value or len(value) > 500:
            continue
        if (
            name == "id"
            or (name == "name" and element.tag == "a")
            or name == "itemid"
            or (name.startswith("data-") and len(value) < 60)
        ):
            yield from _parts(name, value)
        elif name == "href" and element.tag == "a" and not in_quote:
            yield from _linked(value)


def _parts(name: str, value: str) -> Iterator[tuple[str, str]]:
    """A number inside a value, the rest of which is the same for all posts."""
    numbers = list(_NUMBER.finditer(value))
    long = _HEX.fullmatch(value)
    if long:
        yield f"{name}:{long[1]}#", long[2]
    elif len(numbers) <= 3:
        for number in numbers:
            yield f"{name}:{value[: number.start()]}#{value[number.end() :]}", number[0]


def _linked(address: str) -> Iterator[tuple[str, str]]:
    rest, _, fragment = address.partition("#")
    if fragment:
        yield from ((f"href#{pattern}", number) for pattern, number in _parts("", fragment))
    for found in _PARAMETER.finditer(rest):
        script = re.sub(r"\d+", "", rest.partition("?")[0].rpartition("/")[2])[:40] if "?" in rest else ""
        yield f"href:{script}?{found[1]}={_action(rest)}", found[2]
    for found in _PATH.finditer(rest):
        yield f"href:/{found[1]}/#{rest[found.end() :][:20]}", found[2]


def _action(address: str) -> str:
    found = re.search(r"[?&;](?:mode|do|action|act|op|a|cmd)=(\w+)", address)
    return found[1] if found else ""


def _named(pattern: str) -> float | None:
    """How much a way of writing says that its numbers are those of posts; None if it says they are not."""
    kind, _, rest = pattern.partition(":")
    if not re.fullmatch(r"[\w#:./?=-]*", rest):
        return None
    if pattern.startswith("href#"):
        words = pattern[5:].lstrip(":")
    elif kind == "href":
        words = re.sub(r"=.*", "", rest.partition("?")[2]) or rest
        return 0.7 if _POSTS.search(words.strip("/#").lower().split("/")[0]) else 0.4
    else:
        words = f"{kind.removeprefix('data-')}-{rest}" if kind.startswith("data-") else rest
    names = [
        name for name in re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1-\2", words).lower()) if name
    ]
    names = [name for name in names if name not in ("id", "js", "el", "data", "content")]
    if any(_POSTS.search(name) for name in names):
        return 0.8 if any(_OTHERS.search(name) for name in names) else 1.0
    if any(_OTHERS.search(name) for name in names):
        return None
    is_id = re.search(r"id$|pk$|key$|num(?:ber)?$", kind) is not None
    return 0.5 if kind in ("id", "name", "href#") else 0.4 if is_id else None


def blocks_of(outline: Outline, marks: Sequence[Mark]) -> tuple[Block, ...]:
    """The blocks of numbers in the page."""
    return _blocks(outline, _tops(outline, marks))


def _groups(outline: Outline, marks: Sequence[Mark]) -> Iterator[tuple[Block, ...]]:
    """The blocks of all marks; where they lie in several places also those of each place."""
    tops = _tops(outline, marks)
    whole = _blocks(outline, tops)
    yield whole
    places = Counter(outline.elements[top].parent for _, _, top in tops)
    if len(places) > 1:
        for place, size in places.most_common(3):
            if size > 1:
                yield _blocks(outline, [one for one in tops if outline.elements[one[2]].parent == place])


def _tops(outline: Outline, marks: Sequence[Mark]) -> list[tuple[str, int, int]]:
    """Number, anchor and the highest element around the anchor that holds no other number."""
    places = [at for _, at in marks]
    numbers = [number for number, _ in marks]
    found: dict[str, tuple[str, int, int]] = {}
    for number, at in marks:
        if number in found:
            continue
        top = outline.elements[at]
        for above in outline.above(top):
            first, last = bisect_left(places, above.number), bisect_left(places, above.end)
            if any(numbers[i] != number for i in range(first, last)) or above.tag in ("body", "html"):
                break
            top = above
        found[number] = (number, at, top.number)
    return list(found.values())


def _blocks(outline: Outline, tops: Sequence[tuple[str, int, int]]) -> tuple[Block, ...]:
    """A block ends where the next one begins: replies lie inside what they reply to on some boards."""
    ordered = sorted(tops, key=lambda one: one[2])
    starts = [top for _, _, top in ordered]
    found = []
    for at, (number, anchor, top) in enumerate(ordered):
        following = starts[at + 1] if at + 1 < len(starts) else len(outline.elements)
        found.append(Block(number, anchor, top, min(outline.elements[top].end, following)))
    shown = [block for block in found if not _is_gone(outline, block)]
    return tuple(shown if len(shown) >= 0.6 * len(found) else found)


def _is_gone(outline: Outline, block: Block) -> bool:
    """Whether a block is called deleted or an advert, in its outermost elements."""
    outer = outline.elements[block.start : min(block.start + 4, block.end)]
    return any(
        _GONE.search(token)
        for element in (*outer, outline.elements[block.anchor])
        for token in element.tokens
    )


def predecessors(outline: Outline, blocks: Sequence[Block]) -> list[int | None]:
    """For each block the one that must be older: the one before it on its level, else what it replies to."""
    found: list[int | None] = []
    open_ends: list[tuple[int, int]] = []  # blocks that later ones may lie in: their place, where they end
    last: dict[int, int] = {}  # by the block around, -1 for none
    for at, block in enumerate(blocks):
        while open_ends and open_ends[-1][1] <= block.start:
            open_ends.pop()
        around = open_ends[-1][0] if open_ends else -1
        found.append(last.get(around, around if around >= 0 else None))
        last[around] = at
        open_ends.append((at, outline.elements[block.start].end))
    return found


def stretched(outline: Outline, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with what follows each up to the next one, as in tables with several rows to a post."""
    found: list[Block] = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        place = outline.elements[block.start].parent
        limit = outline.elements[place].end if place >= 0 else len(outline.elements)
        if following is None:
            limit = min(limit, block.start + max(one.end - one.start for one in [*found, block]) * 2)
        elif following.start < limit:
            limit = following.start
        found.append(Block(block.id, block.anchor, block.start, max(block.end, limit)))
    return tuple(found)
