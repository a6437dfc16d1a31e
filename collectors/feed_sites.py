"""What certain sites write around an entry's own words: taken off, and the figures in it kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from collectors.feed_entries import Entry

MOST_DIGITS = 9


def settled(entry: Entry) -> Entry:
    """The entry without what its site adds; most entries come back as they are."""
    try:
        parts = urlsplit(entry.link or entry.guid)
    except ValueError:
        return entry
    for text, _ in entry.texts:
        settle_by = next((settle for sign, settle in _BY_TEXT if sign in text), None)
        if settle_by is not None:
            return settle_by(entry)
    address = parts.netloc.lower() + parts.path
    return next((settle for at, settle in _BY_ADDRESS if at.search(address)), _unchanged)(entry)


def _unchanged(entry: Entry) -> Entry:
    return entry


def figure(text: str) -> int | None:
    """A number a feed states (`12`, `1,234`), None for anything else."""
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", text.strip())
    return int(digits) if re.fullmatch(rf"-?[0-9]{{1,{MOST_DIGITS}}}", digits) else None


def _found(pattern: str, entry: Entry) -> re.Match[str] | None:
    return next(filter(None, (re.search(pattern, text, re.DOTALL) for text, _ in entry.texts)), None)


def _number(pattern: str, entry: Entry) -> int | None:
    found = _found(pattern, entry)
    return figure(found[1]) if found else None


def _only(entry: Entry, pattern: str) -> tuple[tuple[str, bool], ...]:
    """The part of an entry's texts that is its author's, as a text of its own."""
    found = _found(pattern, entry)
    return ((found[1], True),) if found else ()


def _reddit(entry: Entry) -> Entry:
    """`submitted by /u/name [link] [comments]` around what the author wrote, if anything."""
    texts = tuple(_between(text) if "submitted by" in text else (text, True) for text, _ in entry.texts)
    title = re.sub(r"^/?u/[\w-]{1,40} on ", "", entry.title) if _is_reddit_comment(entry) else entry.title
    return replace(entry, texts=texts, title=title)


def _between(text: str) -> tuple[str, bool]:
    """Reddit marks where the author's words begin and end."""
    begins = text.find("<!-- SC_OFF -->")
    return text[begins : text.rfind("<!-- SC_ON -->")] if begins >= 0 else "", True


def _is_reddit_comment(entry: Entry) -> bool:
    return entry.guid.startswith("t1_") or bool(re.search(r"/comments/\w+/[^/]*/\w", entry.link))


def _hnrss(entry: Entry) -> Entry:
    """Hacker News through hnrss: addresses and figures below a line, the author's words above it."""
    title = re.sub(r"^New comment by \S{1,40} in \"(.*)\"$", r"\1", entry.title)
    votes, replies = _number(r"<p>Points: (\d+)</p>", entry), _number(r"<p># Comments: (\d+)</p>", entry)
    told = _found(r"<p>Comments URL: |<hr\s*/?>", entry) is not None
    return replace(
        entry,
        title=title,
        texts=_only(entry, r"^(.*)<hr\s*/?>") if told else entry.texts,
        votes=entry.votes if votes is None else votes,
        replies=entry.replies if replies is None else replies,
    )


_LEMMY = r"submitted by <a href=[^>]{1,300}>([^<]{1,100})</a> to <a "


def _lemmy(entry: Entry) -> Entry:
    """`submitted by NAME to COMMUNITY, 12 points | 3 comments, link` above what the author wrote."""
    name = _found(_LEMMY, entry)
    if name is None:
        return entry
    texts = _only(entry, r"comments?</a>(?:\s*<br\s*/?>\s*<a [^>]{1,600}>[^<]{0,600}</a>)?(.*)$")
    return replace(
        entry,
        texts=texts,
        author=name[1].split("@")[0],
        votes=_number(r"<br\s*/?>\s*(-?\d+) points? \|", entry),
        replies=_number(r">\s*(\d+) comments?</a>", entry),
    )


def _google_news(entry: Entry) -> Entry:
    """A headline with its paper; the text repeats both, and other papers' headlines."""
    ending = f" - {entry.publisher}"
    title = entry.title.removesuffix(ending) if entry.publisher else entry.title
    return replace(entry, title=title, texts=())


def _stack_exchange(entry: Entry) -> Entry:
    title = re.sub(r"^(?:Answer by .{1,60}? for|Comment by .{1,60}? on) (?=\S)", "", entry.title)
    return replace(entry, title=title)


def _nodebb(entry: Entry) -> Entry:
    title = re.sub(r"^Reply to (.+) on \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$", r"\1", entry.title)
    return replace(entry, title=title)


def _phpbb(entry: Entry) -> Entry:
    """The forum before the title, and in lists of topics the figures below the text."""
    line = _found(
        r"(?:—|&mdash;|&#8212;)[^<—\d]{2,40}?(\d+) (?:—|&mdash;|&#8212;)[^<—\d]{2,40}?(\d+)\s*</p>", entry
    )
    title = entry.title.split(" • ", 1)[-1]
    if line is None:
        return replace(entry, title=title)
    return replace(entry, title=title, replies=figure(line[1]), views=figure(line[2]))


def _discourse(entry: Entry) -> Entry:
    posts = _number(r"<p><small>(\d+) [^<]{2,60} - \d+ [^<]{2,60}</small></p>", entry)
    return replace(entry, replies=posts - 1) if posts else entry


def _mastodon(entry: Entry) -> Entry:
    """A status names its author in its address alone."""
    found = re.search(r"/@([\w.-]{1,60})(?:@[\w.-]+)?/\d+$", entry.link)
    return replace(entry, author=entry.author or (found[1] if found else None))


def _youtube(entry: Entry) -> Entry:
    """A description is plain text with lines of its own."""
    if not entry.guid.startswith("yt:video:"):
        return entry
    return replace(entry, texts=tuple((text, False) for text, _ in entry.texts))


Settle = Callable[[Entry], Entry]
_BY_ADDRESS: tuple[tuple[re.Pattern[str], Settle], ...] = (
    (re.compile(r"(?:^|\.)reddit\.com/"), _reddit),
    (re.compile(r"^news\.ycombinator\.com/item$"), _hnrss),
    (re.compile(r"^news\.google\.com/"), _google_news),
    (re.compile(r"(?:^|\.)youtube\.com/(?:watch|shorts/)"), _youtube),
    (re.compile(r"/(?:questions|q|a)/\d"), _stack_exchange),
    (re.compile(r"/post/\d+$"), _nodebb),
    (re.compile(r"/viewtopic\.php$"), _phpbb),
    (re.compile(r"/t/[^/]+/\d+"), _discourse),
    (re.compile(r"/@[\w.-]+(?:@[\w.-]+)?/\d+$"), _mastodon),
)
_BY_TEXT: tuple[tuple[str, Settle], ...] = (
    ("<p>Comments URL: <a ", _hnrss),
    ("submitted by <a href=", _lemmy),
)
