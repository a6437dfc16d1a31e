"""What the titles of comments tell: the article's title and the author, in the words of blog software."""

from __future__ import annotations

import re

_ON = (
    r"Comments? on|Kommentare? zu|Commentaires? (?:sur|pour)|"
    r"Comentarios? (?:en|sobre)|Comentários? (?:sobre|em|a)|"
    r"Comment[oi] (?:su|a)|Reacties? op|Komentarze? do|Kommentar(?:er)? (?:till|til|på|om)|Komentáře?(?: k)?|"
    r"Комментари[ий] (?:к записи|на)"
)
_BY = r"by|von|par|por|di|da|door|av|af|od|, którego autorem jest"
_ON_BY = re.compile(rf"(?:{_ON})\s?:?\s+(?P<title>\S.*)\s(?:{_BY}) (?P<author>\S.{{0,99}})$", re.IGNORECASE)
_BY_ALONE = re.compile(r"(?:By|Von|Par|Por|Di|Da|Door|Av|Af|Od|Autor|Автор)\s?:\s+(?P<author>\S.{0,99})$")
_OF_FEED = re.compile(rf"(?:{_ON})\s?:?\s+(?P<title>\S.*)$", re.IGNORECASE)


def of_a_comment(title: str, author: str | None, article: str, text: str) -> tuple[str, str | None]:
    """(the article's title, the comment's author) from a comment's title; `article`: by the feed's."""
    alone = _BY_ALONE.match(title)
    if alone:
        return article, author or alone["author"]
    on = _ON_BY.match(title)
    if on:
        return _with_author(title, author) or on["title"], author or on["author"]
    if not title or _opens(title, text):
        return article, author
    return title, author


def of_a_feed(title: str, is_blogger: bool) -> str:
    """The article's title in "Comments on: T" (WordPress) or "Comments on BLOG: T" (Blogger), else ""."""
    found = _OF_FEED.match(title)
    words = found["title"] if found else ""
    return words.split(": ", 1)[-1] if is_blogger else words


def _with_author(title: str, author: str | None) -> str:
    """The article's title where the author is known: names have a "von" of their own."""
    ending = re.search(rf"\s(?:{_BY}) {re.escape(author)}$", title, re.IGNORECASE) if author else None
    on = re.match(rf"(?:{_ON})\s?:?\s+", title, re.IGNORECASE)
    return title[on.end() : ending.start()] if on and ending else ""


def _opens(title: str, text: str) -> bool:
    """Whether a title is only the beginning of the text, as Blogger makes it."""
    words = " ".join(re.sub(r"(?:\.\.\.|…)$", "", title).split())
    return " ".join(text.split()).startswith(words)
