"""BBCode as the demo's people type it: to phpBB's HTML, and to own words and quotes."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

QUOTE = re.compile(r"\[quote=([^\]]+)\](.*?)\[/quote\]\n?", re.S)
LINK = re.compile(r"\[url=([^\]]+)\](.*?)\[/url\]", re.S)
ADDRESS = re.compile(r"(?<![=\]\">\w])https?://[^\s\[]+")
LIST = re.compile(r"\[list\](.*?)\[/list\]\n?", re.S)
STYLE = {
    "b": '<strong class="text-strong">{}</strong>',
    "i": '<em class="text-italics">{}</em>',
}
SMILEYS = {
    ":)": ("icon_e_smile.gif", "Smile"),
    ":D": ("icon_e_biggrin.gif", "Very Happy"),
    ";)": ("icon_e_wink.gif", "Wink"),
}
SMILEY = re.compile(rf"(?:(?<=\s)|^)({'|'.join(map(re.escape, SMILEYS))})(?=\s|$)")
LONGEST_ADDRESS = 55  # phpBB shows longer ones as first 39 … last 10

Cite = Callable[[str, str], str]


def to_html(text: str, cite: Cite) -> str:
    """The body of a post; `cite(name, quoted text)` is the attribution's HTML."""
    parts = QUOTE.split(text)
    html = [_inline(parts[0])]
    for name, quoted, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        attribution = f"<cite>{cite(name, quoted)}</cite>"
        html.append(f"<blockquote><div>{attribution}{_inline(quoted)}</div></blockquote>\n{_inline(rest)}")
    return "".join(html)


def own_words(text: str) -> str:
    """What a reader must find as the author's text: no quotes, no markup, addresses in full."""
    text = QUOTE.sub("", text)
    text = LIST.sub(lambda found: found[1].replace("[*]", "") + "\n", text)
    text = LINK.sub(r"\2", text)
    return re.sub(r"\[/?[bi]\]", "", text).strip()


def quotes(text: str) -> tuple[tuple[str, str], ...]:
    """Name and words of each quote."""
    return tuple((name, own_words(quoted)) for name, quoted in QUOTE.findall(text))


def _inline(text: str) -> str:
    html = escape(text, quote=False)
    html = LINK.sub(r'<a href="\1" class="postlink">\2</a>', html)
    html = ADDRESS.sub(lambda found: _link(found[0]), html)
    html = SMILEY.sub(lambda found: _smiley(found[1]), html)
    for tag, markup in STYLE.items():
        html = re.sub(rf"\[{tag}\](.*?)\[/{tag}\]", markup.format(r"\1"), html, flags=re.S)
    lists: list[str] = []
    html = LIST.sub(lambda found: _keep(lists, found[1]), html).replace("\n", "<br>\n")
    return re.sub(r"\x00(\d+)", lambda found: lists[int(found[1])], html)


def _link(address: str) -> str:
    shown = address if len(address) <= LONGEST_ADDRESS else f"{address[:39]} ... {address[-10:]}"
    return f'<a href="{address}" class="postlink">{shown}</a>'


def _smiley(code: str) -> str:
    image, name = SMILEYS[code]
    size = 'width="15" height="17"'
    return f'<img class="smilies" src="./images/smilies/{image}" {size} alt="{code}" title="{name}">'


def _keep(lists: list[str], entries: str) -> str:
    rows = "".join(f"<li>{entry.strip()}</li>" for entry in entries.split("[*]")[1:])
    lists.append(f"<ul>{rows}</ul>")
    return f"\x00{len(lists) - 1}"
