"""The author's own words in an entry: without quotes, and without what blogs and engines write below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collectors.feed_kinds import says_more, without_more
from collectors.text import Markup, Words, html_text, split_html
from listener.errors import ParseError

UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# what engines write below each post of their feeds: phpBB its statistics, Discourse the way to the topic
_ENGINE_LINES = re.compile(
    r"<p>[^<:]{3,40}:\s.{1,400}?(?:—|&mdash;|&#8212;).{1,80}?</p>\s*(?:<hr\s*/?>\s*)?$"
    r"|(?:<p><small>[^<]{3,80}</small></p>\s*)?"
    r"<p><a href=\"[^\"]{1,500}/t/[^\"]{1,400}\">[^<]{3,60}</a></p>\s*$",
    re.DOTALL,
)
# WordPress below an article: "The post <its title, linked> appeared first on <the blog, linked>."
_FOOTER = re.compile(
    r"<p>(?:[^<]{0,80}<a [^>]{0,300}?href=\"(?P<own>[^\"]{8,500})\"[^>]{0,100}>[^<]{0,400}</a>[^<]{0,80})?"
    r"<a [^>]{0,300}?href=\"(?P<blog>[^\"]{8,300})\"[^>]{0,100}>[^<]{0,300}</a>[^<]{0,40}</p>\s*$"
)
_LAST_LINK = re.compile(
    r"<a\s[^>]{1,800}>(?P<label>(?:[^<]|<(?!/?a\b)[^>]{0,300}>){1,400})</a\s*>"
    r"[^\w<]{0,8}(?P<after>(?:</\w{1,10}>|<br\s*/?>|<img\s[^>]{1,800}>|\s)*)$"
)
_QUOTES = Markup(
    quotes="aside.quote, blockquote",
    attributions="cite, aside.quote > .title",
    author=lambda node: node.attributes.get("data-username"),
)
_NO_WORDS = re.compile(r"[\s.…\[\]–—-]*")


def own_words(texts: Sequence[tuple[str, bool]], url: str) -> tuple[Words, bool]:
    """The richest of an entry's texts, the first of equals (the full content before the summary).

    With it, whether it ends as a teaser does.
    """
    best: tuple[Words, bool] = ("", ()), False
    for value, markup in texts:
        if len(value) > _weight(best[0]):  # no text has more signs than its markup
            best = max(best, _split(value, markup, url), key=lambda one: _weight(one[0]))
    return best


def is_wordless(text: str) -> bool:
    """Whether a text is empty or only the dots of a cut."""
    return bool(_NO_WORDS.fullmatch(text))


def _weight(words: Words) -> int:
    return len(words[0]) + sum(len(quote.text) for quote in words[1])


def _split(value: str, markup: bool, url: str) -> tuple[Words, bool]:
    if not markup:
        return (value.strip(), ()), bool(without_more(value)[1])
    head, (tail, leads_on) = value[:-1500], _tail(value[-1500:], url)
    try:
        text, quotes = split_html(head + tail, _QUOTES)
    except ParseError:  # one hostile entry does not take the others with it
        text, quotes = " ".join(UNREADABLE.sub("", re.sub(r"<[^<>]*>", " ", value)).split()), ()
    text, cut = without_more(text)
    return (text, quotes), cut or leads_on


def _tail(tail: str, url: str) -> tuple[str, bool]:
    """The end of a text without what is added below it, and whether a link there leads to the whole."""
    if "—" in tail or "/t/" in tail or "&#8212;" in tail or "&mdash;" in tail:
        tail = _ENGINE_LINES.sub("", tail)
    at = tail.rfind("<a ")
    if at < 0:
        return tail, False
    tail = _without_footer(tail, url)
    at = min(at, tail.rfind("<a "))
    found = _LAST_LINK.match(tail, at) if at >= 0 else None
    if found is None or not says_more(one_line(found["label"])):
        return tail, False
    return tail[:at].rstrip(" [(") + found["after"], True


def _without_footer(tail: str, url: str) -> str:
    """The end of a text without a paragraph that only links to itself and to its blog."""
    found = _FOOTER.search(tail)
    if not found or not url:
        return tail
    own, blog = _bare(found["own"] or url), _bare(found["blog"])
    ours = _bare(url) == own and own.startswith(blog) and ("/" not in blog or found["own"])
    return tail[: found.start()] if ours else tail


def _bare(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|[/#?][^/]*$", "", url.rstrip("/") + "/")


def one_line(markup: str) -> str:
    """The words of a title or a name that may be HTML."""
    return " ".join(html_text(markup).split()) if "<" in markup or "&" in markup else " ".join(markup.split())
