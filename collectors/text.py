"""A post's HTML to its author's own words, with what it quotes kept apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.phrases import quoted_by, without_app_line, without_signature
from collectors.smileys import picture
from listener.errors import ParseError
from listener.model import Quote

Words = tuple[str, tuple[Quote, ...]]


def _no_author(_: LexborNode) -> str | None:
    return None


@dataclass(frozen=True)
class Markup:
    """What in a body is not the author's own, as CSS selectors.

    `author` reads a quote's author from its node,
    `attributions` are the words "X wrote:", inside the quote or before it. With `signature_lines`,
    a line of underscores or dashes begins a signature (engines that write it into the body).
    """

    quotes: str = "blockquote"
    attributions: str = "cite"
    drop: str = ""
    author: Callable[[LexborNode], str | None] = _no_author
    signature_lines: bool = False


PLAIN = Markup()
_CHROME = (
    "script, style, noscript, template, button, input, select, textarea, summary, iframe, object, svg, "
    "video, audio, canvas, [hidden], .sr-only, .u-srOnly"
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form "
        "h1 h2 h3 h4 h5 h6 header hr li main nav ol pre section table tbody thead tfoot tr ul",
    )
)
_BREAK, _BLOCK, _PARAGRAPH = "\n", "\x1e", "\n\n"
Role = Literal["quote", "attribution", "drop"]


def own_words(body: LexborNode, markup: Markup = PLAIN) -> Words:
    """The author's own words in `body`, and its quotes in order; nested quotes stay in the outer one."""
    roles = _roles(body, markup)
    pieces, quoted = _render(body, roles, inside=False)
    text = _tidy("".join(pieces))
    if markup.signature_lines:
        text = without_signature(text)
    quotes = tuple(_quote(node, before, roles, markup) for node, before in quoted)
    return without_app_line(text), tuple(quote for quote in quotes if quote.text or quote.author)


def parsed(markup: str) -> LexborHTMLParser:
    """The tree of a page; ParseError where it is nested so deep that no browser wrote it for people."""
    tags = markup.count("<")
    if tags > _MANY_TAGS and _depth(markup) > _DEEPEST:
        raise ParseError(f"HTML nested more than {_DEEPEST} deep")
    tree = LexborHTMLParser(markup)
    if tags > _DEEPEST and tree.css_first(_TOO_DEEP) is not None:
        raise ParseError(f"HTML nested more than {_DEEPEST} deep")
    return tree


# The time of parsing grows with the square of the depth: looked at before, where there are many tags (100 ms
# at worst below that). The time of selectors does too: looked at in the tree, where it costs a tenth as much.
_MANY_TAGS = 8000
_DEEPEST = 500
_TOO_DEEP = " > ".join("*" * _DEEPEST)
_NEVER_OPEN = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed hr img input link meta param source track wbr "  # void
        "p li dt dd option optgroup tr td th tbody thead tfoot colgroup rt rp",  # close by themselves
    )
)


def _depth(markup: str) -> int:
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for close, name in re.findall(r"<(/?)([A-Za-z][A-Za-z0-9]*)", markup):
        step = -1 if close and opened[name.lower()] else 0 if close or name.lower() in _NEVER_OPEN else 1
        opened[name.lower()] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest


def split_html(fragment: str, markup: Markup = PLAIN) -> Words:
    """`own_words` of a piece of HTML."""
    body = parsed(_clean(fragment)).body
    return own_words(body, markup) if body is not None else ("", ())


def html_text(fragment: str) -> str:
    """All visible words of a piece of HTML, quotes in their place."""
    body = parsed(_clean(fragment)).body
    if body is None:
        return ""
    pieces, _ = _render(body, _roles(body, Markup(quotes="", attributions="")), inside=True)
    return _tidy("".join(pieces))


_BARE = frozenset(("b", "br", "em", "i", "p", "strong", "u"))


def _roles(body: LexborNode, markup: Markup) -> dict[int, Role]:
    roles: dict[int, Role] = {}
    if all(node.tag in _BARE and not node.attributes for node in body.css("*")):
        return roles  # most posts: nothing that a selector could mean
    if body.css_first(_anything(markup)) is None:
        return roles
    for role, selector in _selected(markup):
        for node in body.css(selector) if selector else ():
            roles[node.mem_id] = role
    for node in body.css(_HIDDEN):
        if not _shown(node, body):
            roles[node.mem_id] = "drop"
    roles.pop(body.mem_id, None)
    return roles


_HIDDEN = '[style*="none"]'


@lru_cache(maxsize=64)
def _anything(markup: Markup) -> str:
    """One selector for all that has a role: asked first, because most posts have none of it."""
    return ", ".join(selector for _, selector in (*_selected(markup), ("drop", _HIDDEN)) if selector)


def _selected(markup: Markup) -> Iterator[tuple[Role, str]]:
    yield "quote", markup.quotes
    yield "attribution", markup.attributions
    yield "drop", ", ".join(filter(None, [_CHROME, markup.drop]))


def _shown(node: LexborNode, body: LexborNode) -> bool:
    """Hidden text counts only inside a spoiler, which a reader can open."""
    if not re.search(r"display\s*:\s*none", node.attributes.get("style") or "", re.I):
        return True
    above: LexborNode | None = node
    for _ in range(6):
        if above is None or above.mem_id == body.mem_id:
            return False
        if re.search(r"spoil|collaps|quotecontent", above.attributes.get("class") or "", re.I):
            return True
        above = above.parent
    return False


def _render(
    root: LexborNode, roles: dict[int, Role], inside: bool
) -> tuple[list[str], list[tuple[LexborNode, str]]]:
    """The pieces of text below `root`, and its quotes with the attribution before each.

    `inside` a quote, quotes are text like any other and only attributions are left out.
    """
    pieces: list[str] = []
    quoted: list[tuple[LexborNode, str]] = []
    before = ""
    stack: list[LexborNode | str] = _children(root, root.tag == "pre")
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        role = roles.get(node.mem_id)
        if role == "drop":
            pieces.append(_BLOCK if node.tag in _BLOCKS else "")
        elif role == "attribution":
            before = node.text()
            pieces.append(_BLOCK)
        elif role == "quote" and not inside:
            quoted.append((node, before))
            before = ""
            pieces.append(_BLOCK)
        else:
            stack += _opened(node)
    return pieces, quoted


def _opened(node: LexborNode) -> list[LexborNode | str]:
    """What to visit for one node, last first."""
    tag = node.tag
    if tag == "br":
        return [_BREAK]
    if tag == "img":
        return [picture(node.attributes)]
    if tag == "i" and (node.attributes.get("class") or "").startswith("tw tw-"):  # Spirit's emoji
        return [f" {node.attributes.get('title') or ''} "]
    if tag == "a" and (address := _address(node)):
        return [address]
    block = tag in _BLOCKS or (tag == "code" and node.attributes.get("class") == "bbc_code")  # SMF's CSS
    mark = _PARAGRAPH if tag == "p" else _BLOCK if block else " " if tag in ("td", "th", "cite") else ""
    return [mark, *_children(node, tag in ("pre", "xmp", "listing")), mark]


def _children(node: LexborNode, verbatim: bool) -> list[LexborNode | str]:
    """A node's children, last first, texts as strings; `verbatim` keeps line ends."""
    found: list[LexborNode | str] = []
    child = node.child
    while child is not None:
        if child.is_text_node:
            text = (child.text_content or "").replace(_BLOCK, " ")
            found.append(text if verbatim or _in_pre(node) else _folded(text))
        elif child.is_element_node:
            found.append(child)
        child = child.next
    found.reverse()
    return found


def _folded(text: str) -> str:
    """White space to single spaces, those at the ends included."""
    words = " ".join(text.split())
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' if before else ''}{words}{' ' if after and words else ''}"


def _in_pre(node: LexborNode) -> bool:
    return node.tag in ("code", "span") and node.parent is not None and node.parent.tag in ("pre", "code")


def _address(link: LexborNode) -> str | None:
    """The whole address where the board shows it shortened ("https://a.example/b ... c.html")."""
    label = " ".join(link.text().split())
    start, mark, end = (
        re.split(r"(\s?(?:\.\.\.|…)\s?)", label, maxsplit=1) if _SHORT.search(label) else ("", "", "")
    )
    href = (link.attributes.get("href") or "").strip()
    bare = re.sub(r"^(https?:)?//", "", href)
    whole = (
        mark
        and len(start) >= 6
        and (href.startswith(start) or bare.startswith(re.sub(r"^\w+://", "", start)))
    )
    return href if whole and href.endswith(end) else None


_SHORT = re.compile(r"\S\s?(?:\.\.\.|…)")


def _quote(node: LexborNode, before: str, roles: dict[int, Role], markup: Markup) -> Quote:
    pieces, _ = _render(node, roles, inside=True)
    inner = next((found.text() for found in _attributions(node, markup)), "")
    attribution = before or inner
    author = markup.author(node) or (quoted_by(attribution) if attribution.strip() else None)
    return Quote(_tidy("".join(pieces)), _clean(author).strip() if author else None)


def _attributions(node: LexborNode, markup: Markup) -> list[LexborNode]:
    return node.css(markup.attributions) if markup.attributions else []


_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 30), 31, 127])  # but for \t \n \r and the block mark
_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1d\x1f\x7f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_LONE_JOINER = re.compile("(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d")
_SPACES = re.compile(r"[^\S\n\x1e]{2,}|[^\S \n\x1e]")
_GAP = re.compile(r"[ \n\x1e]*[\n\x1e][ \n\x1e]*")


def _clean(text: str) -> str:
    """Without control (but for the block mark), zero-width and direction characters and lone surrogates."""
    if text.isascii():
        return text.translate(_CONTROLS)
    whole = _DROPPED.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return _LONE_JOINER.sub("", whole) if "\u200d" in whole else whole


def _tidy(text: str) -> str:
    lines = _clean(text)
    if "  " in lines or not lines.isprintable():
        lines = _GAP.sub(_gap, _SPACES.sub(" ", lines))
    return unicodedata.normalize("NFC", lines.strip(" \n\x1e"))


def _gap(found: re.Match[str]) -> str:
    return "\n\n" if found[0].count("\n") > 1 else "\n"
