"""What speaks against a thread: lists of articles, goods and search results repeat themselves too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urljoin, urlsplit

from collectors.engines._generic_authors import is_profile
from collectors.engines._generic_blocks import is_called_forum, predecessors
from collectors.engines._generic_dates import order_of
from collectors.engines._generic_outline import Element, Outline, is_called_aside
from collectors.engines._generic_posts import Parts, thread_of
from collectors.links import clean
from collectors.reading import Page, ThreadRow

_PRICE = re.compile(r"\d[.,]\d\d\s?(?:€|EUR\b|\$|USD\b|CHF\b|£)|(?:€|EUR|\$|£|CHF)\s?\d")
_REVIEW = re.compile(r"review|testimonial|rezension|bewertung|product|produkt|offer|angebot", re.I)
_TALK = re.compile(
    r"\b(?:quote|reply|zitat|zitieren|antworten|antwort|melden|respond|citer|répondre)\b|posting\."
    r"php|newreply|reply_?to|"
    r"do=quote|action=(?:reply|post|quote)|mode=(?:reply|quote)",
    re.I,
)
_MEMBER = re.compile(
    r"\b(?:posts|beiträge|messages|joined|registriert|registered|member since|mitglied seit|"
    r"dabei seit|anmeldedatum)\b",
    re.I,
)


def objection(page: Page, outline: Outline, parts: Sequence[Parts], named: float) -> str:
    """Why what repeats itself is no thread; "" if nothing speaks against it."""
    if _are_titled(page, outline, parts):
        return "what repeats itself has titles of its own, as articles and threads in a list have"
    outside = [_outside(outline, one) for one in parts]
    if sum(_PRICE.search(text) is not None for text in outside) >= 0.5 * len(parts):
        return "what repeats itself has prices"
    if any(_REVIEW.search(token) for token in outline.elements[parts[0].block.anchor].tokens):
        return "what repeats itself are reviews or goods"
    if _say_nothing(outline, parts):
        return "what repeats itself has no text of its own"
    if named < 0.7 and not _is_talk(page, outline, parts):
        return "nothing says that what repeats itself are posts"
    before = predecessors(outline, [one.block for one in parts])
    if order_of([one.when[0] for one in parts], before) < 0.75:
        return "the dates of what repeats itself fall"
    return ""


def are_rows(outline: Outline, parts: Sequence[Parts], threads: Sequence[ThreadRow], base: str) -> bool:
    """Whether the blocks are the rows of a list of threads: most of them hold the link to another thread."""
    urls = {row.url for row in threads}
    found = set()
    for one in parts:
        own = re.compile(rf"(?<!\d){re.escape(one.block.id)}(?!\d)")
        links = (e.get("href") for e in outline.elements[one.block.start : one.block.end] if e.tag == "a")
        others = (clean(link, base) for link in links if not own.search(link))
        found.add(next((url for url in others if url in urls), ""))
    return len(found - {""}) >= max(2, 0.6 * len(parts))


def _outside(outline: Outline, one: Parts) -> str:
    """A block's text before and after its body."""
    elements = outline.elements[one.block.start : one.block.end]
    start, end = elements[0].text_from, max(elements[-1].text_to, one.body.text_to)
    return outline.text[start : one.body.text_from] + " " + outline.text[one.body.text_to : end]


def _say_nothing(outline: Outline, parts: Sequence[Parts]) -> bool:
    """Whether the texts are all alike, or little of what the blocks hold: rows in a list of boards."""
    texts = [re.sub(r"[\d\W]+", " ", outline.words(one.body)).strip() for one in parts]
    are_short = sum(map(len, texts)) < 25 * len(texts)
    if sum(map(bool, texts)) < 0.5 * len(texts) or (are_short and 2 < len(texts) >= 2.5 * len(set(texts))):
        return True
    whole = sum(outline.elements[one.block.start].plain for one in parts)
    return sum(one.body.plain for one in parts) < 0.15 * whole


def _is_talk(page: Page, outline: Outline, parts: Sequence[Parts]) -> bool:
    """Whether the posts can be answered, or the page's address or title names a forum."""
    if is_called_forum(page, outline):
        return True
    answered = 0
    for one in parts:
        links = (e for e in outline.elements[one.block.start : one.block.end] if e.tag in ("a", "button"))
        answered += _MEMBER.search(_outside(outline, one)) is not None or any(
            _TALK.search(outline.words(e)) or _TALK.search(e.get("href")) for e in links
        )
    return answered >= 0.5 * len(parts)


def _are_titled(page: Page, outline: Outline, parts: Sequence[Parts]) -> bool:
    """Whether most blocks have a title of their own; links to the posts of one page are no titles."""
    thread = thread_of(page).title.lower()
    found = [list(_titles(page, outline, one)) for one in parts]
    own = {address for titles in found for _, address in titles if address}
    titles = [[text for text, address in titles if not address or len(own) > 1] for titles in found]
    first = [
        next((text for text in texts if text not in thread and thread not in text), "") for texts in titles
    ]
    named = [text for text in first if text]
    return len(named) >= 0.6 * len(parts) and len(set(named)) >= max(2, 0.6 * len(parts))


def _titles(page: Page, outline: Outline, one: Parts) -> Iterator[tuple[str, str]]:
    """Titles in a block, outside its text, that lead to another page or stand in headings.

    Beside each what is left of its address without the post's own number, if it leads to the post.
    """
    aside = 0
    for element in outline.elements[one.block.start : one.block.end]:
        is_inner = element.number != one.block.start
        if is_inner and (element.number == one.body.number or is_called_aside(element)):
            aside = max(aside, element.end)
        if element.number < aside or not 8 <= element.length <= 300:
            continue
        is_heading = element.tag in ("h2", "h3", "h4") and _link_in(outline, element) is None
        if is_heading or (element.tag == "a" and _leads_away(page, element, one)):
            text = re.sub(r"^(?:(?:re|aw|antw)(?:\[\d+\])?:\s*)+", "", outline.words(element).lower())
            if len(text) >= 8 and " " in text and text != (one.author or "").lower() and not _is_date(text):
                yield text, _post_address(element, one) if element.tag == "a" else ""


def _post_address(link: Element, one: Parts) -> str:
    address, _, fragment = link.get("href").partition("#")
    own = re.compile(rf"(?<!\d){re.escape(one.block.id)}(?!\d)")
    return (own.sub("", address) or "#") if own.search(fragment) else ""


def _link_in(outline: Outline, element: Element) -> Element | None:
    return next((e for e in outline.elements[element.number : element.end] if e.tag == "a"), None)


def _is_date(text: str) -> bool:
    return (
        re.search(r"\d{1,2}[:.]\d\d|\d{4}|#\d+|^vor |\bago$|^(?:heute|gestern|today|yesterday)", text)
        is not None
    )


def _leads_away(page: Page, link: Element, one: Parts) -> bool:
    """Whether a link leads to another page than this one, and not to the post itself."""
    address = link.get("href")
    if not address or address.startswith(("#", "javascript:", "mailto:")) or is_profile(address):
        return False
    try:
        target, here = urlsplit(urljoin(page.url, address)), urlsplit(page.url)
    except ValueError:
        return False
    is_own = re.search(rf"(?<!\d){re.escape(one.block.id)}(?!\d)", address) is not None
    if target.path == here.path and is_own:
        return False
    return (
        not (is_own and re.search(r"/(?:comments?|posts?|msg|messages?|repl(?:y|ies))/", target.path))
        or not target.fragment
    )
