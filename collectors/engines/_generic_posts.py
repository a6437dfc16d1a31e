"""Posts of a page whose engine nobody knows, from where its parts were found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from collectors.dates import Instant
from collectors.engines._generic_addresses import kind_of
from collectors.engines._generic_blocks import Block
from collectors.engines._generic_outline import Element, Outline
from collectors.engines._generic_words import body_words, described_words, is_gone, without_signatures
from collectors.links import clean, first, href, words
from collectors.reading import Page, html
from listener.model import Post


@dataclass(frozen=True)
class Thread:
    """What all posts of a page share."""

    id: str
    url: str
    title: str


@dataclass(frozen=True)
class Item:
    """A post as JSON-LD describes it."""

    id: str
    url: str
    author: str | None
    when: Instant
    text: str


@dataclass(frozen=True)
class Parts:
    """Where a post's parts stand."""

    block: Block
    author: str | None
    when: Instant
    body: Element


def posts(page: Page, outline: Outline, found: Sequence[Parts]) -> tuple[Post, ...]:
    """The posts, in the page's order."""
    thread = thread_of(page)
    texts = [body_words(parts.body.node, (thread.title,)) for parts in found]
    kept = [at for at, (text, _) in enumerate(texts) if not is_gone(text)]
    found, texts = [found[at] for at in kept], [texts[at] for at in kept]
    own = without_signatures([(parts.author, text) for parts, (text, _) in zip(found, texts, strict=True)])
    return tuple(
        Post(
            id=parts.block.id,
            url=_permalink(page, outline, parts.block, thread),
            text=text,
            author=parts.author,
            published_at=parts.when[0],
            date_precision=parts.when[1],
            title=thread.title,
            thread_id=thread.id,
            thread_url=thread.url,
            quotes=quotes,
        )
        for parts, text, (_, quotes) in zip(found, own, texts, strict=True)
    )


def described_posts(page: Page, items: Sequence[Item]) -> tuple[Post, ...]:
    """The posts that JSON-LD describes; their texts may be HTML or BBCode."""
    thread = thread_of(page)
    found = []
    for item in items:
        text, quotes = described_words(item.text)
        url = clean(item.url, page.url) or thread.url
        fragment = item.url.partition("#")[2] or (
            "" if re.search(rf"(?<!\d){item.id}(?!\d)", url) else item.id
        )
        found.append(
            Post(
                id=item.id,
                url=f"{url}#{fragment}" if fragment else url,
                text=text,
                author=item.author,
                published_at=item.when[0],
                date_precision=item.when[1],
                title=thread.title,
                thread_id=thread.id,
                thread_url=thread.url,
                quotes=quotes,
            )
        )
    return tuple(found)


_ACTIONS = re.compile(
    r"quote|report|edit|delete|remove|like|vote|reply|posting|thank|antwort|zitat|zitier|melden|"
    r"bearbeit|loesch|warn|moderat|login|share|karma|ip=|print|druck",
    re.I,
)

_POST_LINK = (
    r"[/?&;](?:p|pid|posts?|post_?id|msg|m|mid|messages?|comments?|comment_?id|repl(?:y|ies)|answers?|beitrag"
    r"|kommentar)[=/,-]"
)


def _permalink(page: Page, outline: Outline, block: Block, thread: Thread) -> str:
    """The address that the post itself links to, else the page's with the post's own fragment."""
    number = re.compile(rf"(?<!\d){re.escape(block.id)}(?!\d)")
    post = re.compile(_POST_LINK + rf"{re.escape(block.id)}(?!\d)", re.I)
    own = ""
    for element in outline.elements[block.start : block.end]:
        link = element.get("href") if element.tag == "a" else ""
        address, _, fragment = link.partition("#")
        if link and (number.search(fragment) or post.search(address)) and not _ACTIONS.search(link):
            found = clean(address or page.url, page.url).rstrip("&;")
            if found and _same_host(found, page.url):
                return f"{found}#{fragment}" if fragment else found
        name = element.get("id") or (element.get("name") if element.tag == "a" else "")
        if name and number.search(name):
            own = own or name
    return f"{clean(page.url) or thread.url}#{own or block.id}"


def _same_host(address: str, other: str) -> bool:
    try:
        return urlsplit(address).hostname == urlsplit(other).hostname
    except ValueError:
        return False


_PAGES = (
    (
        re.compile(r"([?&;])(?:page|seite|pagina|pageno|pagenumber|start|offset|st|pg)=\d+(&|;|$)", re.I),
        r"\1",
    ),
    (re.compile(r"/(?:page[-/]?|p)\d+/?$", re.I), "/"),
    (re.compile(r"[?&;]+$"), ""),
)


def thread_of(page: Page) -> Thread:
    """Title, id and address of the thread that a page shows."""
    tree = html(page)
    title = next((text for node in tree.css("h1") if 0 < len(text := words(node)) <= 200), "")
    link = href(tree.css_first("link[rel=canonical]"))
    said = clean(link, page.url) if link else ""
    address = said if said and _same_host(said, page.url) and urlsplit(said).path != "/" else clean(page.url)
    for pattern, kept in _PAGES:
        address = pattern.sub(kept, address)
    return Thread(kind_of(address)[1] or address, address, title or words(tree.css_first("title")))


def paging(page: Page) -> tuple[int, int, str | None]:
    """The page's number, the pages known of, and the next one: only what rel=next and rel=prev say."""
    tree = html(page)
    link = href(first(tree, "link[rel~=next]", "a[rel~=next]"))
    following = clean(link, page.url) or None if link else None
    is_first = first(tree, "link[rel~=prev]", "a[rel~=prev]") is None
    number = re.search(r"(?:[?&;/](?:page|seite)=|/page[-/]?|/p)(\d{1,6})(?!\d)", page.url, re.I)
    current = 1 if is_first else max(2, int(number[1]) if number else 2)
    return current, current + (following is not None), following
