"""A page as a flat list of its elements: what lies in what is a question of numbers, not of walks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from selectolax.lexbor import LexborNode

from collectors.reading import Page, html
from listener.errors import ParseError

MOST_ELEMENTS = 60_000
_UNSEEN = frozenset(("script", "style", "noscript", "template", "svg", "select", "textarea", "title"))
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo big em font i ins kbd label mark q s samp small span strike strong sub sup time tt "
        "u wbr",
    )
)
_ASIDE = re.compile(
    r"quote|signature|^sig$|\bsig_|edit(?:ed|note|info|by)|last-?edit|modified|attach|poll|spoiler|like|reaction"
    r"|thank|rating|reputation|award|footer-note|notice",
    re.I,
)
_HANDLE = re.compile(r"^js-|select|button|btn|multi|has-|can-|unlike|likely", re.I)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "button", "label", "legend", "cite"))
_NUMBERED = re.compile(r"\d+")
_PARITY = re.compile(
    r"(?:row|bg|alt|windowbg|post|item)?-?(?:#|odd|even|first|last|new|unread|online|offline|"
    r"active)|js|clearfix"
)
_ROLES = ("itemprop", "component", "data-role", "role", "data-testid")


@dataclass(slots=True)
class Element:
    """One element: `end` is the number of the first one after it, `linked` how much of its text is links,
    `plain` how much is neither in links nor in headings nor beside the point (`ASIDE`)."""

    number: int
    parent: int
    tag: str
    attributes: dict[str, str | None]
    node: LexborNode
    tokens: tuple[str, ...]
    text_from: int
    linked: int
    plain: int
    end: int = 0
    text_to: int = 0

    @property
    def length(self) -> int:
        """How much text it holds."""
        return self.text_to - self.text_from

    def get(self, name: str) -> str:
        """An attribute, or ""."""
        return self.attributes.get(name) or ""


class Outline:
    """All elements in the page's order, and all visible text."""

    def __init__(self, root: LexborNode | None) -> None:
        self.elements: list[Element] = []
        self.remembered: dict[tuple[str, int], Any] = {}  # what was found out about an element
        pieces: list[str] = []
        length = linked = links = plain = asides = 0
        above: list[Element] = []
        stack: list[LexborNode | None] = [root] if root is not None else []
        while stack:
            node = stack.pop()
            if node is None:  # the end of an element
                element = above.pop()
                if element.tag not in _INLINE:
                    pieces.append(" ")
                    length += 1
                links -= element.tag == "a"
                element.end, element.text_to = len(self.elements), length
                element.linked, element.plain = linked - element.linked, plain - element.plain
                asides -= is_aside(element)
            elif node.is_text_node:
                text = node.text_content or ""
                pieces.append(text)
                length += len(text)
                linked += len(text.strip()) if links else 0
                plain += len(text.strip()) if not links and not asides else 0
            elif node.is_element_node:
                element = self._opened(node, above, length, linked, plain)
                if element.tag not in _INLINE:
                    pieces.append(" ")
                    length += 1
                above.append(element)
                links += element.tag == "a"
                asides += is_aside(element)
                stack.append(None)
                if element.tag not in _UNSEEN:
                    stack += list(node.iter(include_text=True))[::-1]
        self.text = "".join(pieces)

    def _opened(
        self, node: LexborNode, above: list[Element], length: int, linked: int, plain: int
    ) -> Element:
        if len(self.elements) >= MOST_ELEMENTS:
            raise ParseError(f"engine not known, and more than {MOST_ELEMENTS} elements")
        attributes = node.attributes
        element = Element(
            number=len(self.elements),
            parent=above[-1].number if above else -1,
            tag=node.tag or "",
            attributes=attributes,
            node=node,
            tokens=_tokens(attributes) if attributes else (),
            text_from=length,
            linked=linked,
            plain=plain,
        )
        self.elements.append(element)
        return element

    def words(self, element: Element) -> str:
        """An element's visible text in one line."""
        return " ".join(self.text[element.text_from : element.text_to].split())

    def above(self, element: Element) -> Iterator[Element]:
        """The elements around one, the nearest first."""
        while element.parent >= 0:
            element = self.elements[element.parent]
            yield element

    def children(self, element: Element) -> Iterator[Element]:
        """The elements directly inside one."""
        at = element.number + 1
        while at < element.end:
            child = self.elements[at]
            yield child
            at = child.end


def is_aside(element: Element) -> bool:
    """Whether an element holds something beside the post: a quote, a signature, an edit note, a title."""
    return element.tag in _HEADINGS or is_called_aside(element)


def is_called_aside(element: Element) -> bool:
    """Whether an element is called a quote, a signature, a note or a list of thanks."""
    return any(_ASIDE.search(token) and not _HANDLE.search(token) for token in element.tokens)


def _tokens(attributes: dict[str, str | None]) -> tuple[str, ...]:
    """What names an element: its classes and roles, without numbers and without what changes row by row."""
    found = (attributes.get("class") or "").split()[:12]
    tokens = [_NUMBERED.sub("#", token) for token in found]
    named = [token for token in tokens if not _PARITY.fullmatch(token.lower())]
    roles = [f"{name}={attributes[name]}" for name in _ROLES if attributes.get(name)]
    own = attributes.get("id")
    return (*named, *roles, *([f"id={_NUMBERED.sub('#', own)}"] if own and own[-1:].isdigit() else ()))


@lru_cache(maxsize=2)
def outline(page: Page) -> Outline:
    """The page's outline; ParseError for a page so large that no board wrote it."""
    return Outline(html(page).root)
