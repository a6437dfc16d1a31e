"""Places that occur in block after block: what stands there is the same kind of thing in all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from collectors.engines._generic_blocks import Block
from collectors.engines._generic_outline import Element, Outline, is_called_aside

MOST_COLUMNS = 12
Found = TypeVar("Found")
Slot = dict[int, Found]  # by the block's place in the series


def keys(outline: Outline, element: Element) -> list[str]:
    """The names of an element's place: by each of its tokens, and by the tags around it."""
    known = outline.remembered.get(("keys", element.number))
    if known is None:
        known = outline.remembered["keys", element.number] = _keys(outline, element)
    found: list[str] = known
    return found


def _keys(outline: Outline, element: Element) -> list[str]:
    found = [f"{element.tag}.{token}" for token in element.tokens[:4]]
    found += [element.tag] if element.tag == "time" else []
    chain = [element.tag + _first(outline, element)]
    for above in outline.above(element):
        chain.append(above.tag + _first(outline, above))
        if len(chain) == 3:
            break
    return [*found, ">".join(reversed(chain)), ">".join(reversed(chain[:2]))]


def _first(outline: Outline, element: Element) -> str:
    """An element's first token; a cell without any is told by its column."""
    if element.tokens or element.tag not in ("td", "th") or element.parent < 0:
        return f".{element.tokens[0]}" if element.tokens else ""
    cells = islice(outline.children(outline.elements[element.parent]), MOST_COLUMNS)
    return f"[{sum(cell.number < element.number for cell in cells)}]"


def slots(
    outline: Outline,
    blocks: Sequence[Block],
    what: str,
    find: Callable[[Element], Iterable[tuple[str, Found]]],
) -> dict[str, Slot[Found]]:
    """What `find` sees (`what`) in the blocks' elements, by place; of several in a block the first."""
    found: dict[str, Slot[Found]] = defaultdict(dict)
    for at, block in enumerate(blocks):
        aside = 0
        for element in outline.elements[block.start : block.end]:
            if element.number < aside:
                continue
            if is_beside(element, block):
                aside = element.end
                continue
            known = outline.remembered.get((what, element.number))
            if known is None:
                known = outline.remembered[what, element.number] = list(find(element))
            for detail, one in known:
                for key in keys(outline, element):
                    found[key + detail].setdefault(at, one)
    return found


def is_beside(element: Element, block: Block) -> bool:
    """Whether an element holds something beside the post (headings may hold author and date)."""
    if element.number <= block.anchor < element.end or element.tag in ("tr", "article"):
        return False
    return is_called_aside(element)
