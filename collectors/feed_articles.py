"""Thin feeds: the article of each new entry is fetched once, and its text taken in place of the teaser."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from collectors.feed_kept import mapping, packed, short, unpacked
from collectors.feed_kinds import without_more
from collectors.http import ClosedError, GoneError, HttpClient, Response
from collectors.reading import Page, decode
from collectors.text import Words, parsed, split_html
from collectors.walls import refused
from listener.errors import CollectError, ParseError, TransientError
from listener.model import Batch, Post, Source

MOST_ARTICLES = 20  # fetched in a run
MOST_TRIES = 4  # once, and again in three later runs
MOST_WAITING = 200
MOST_KNOWN = 2000
MOST_IN_A_ROW = 3  # failures that time may heal, one after another: the rest waits for the next run
MOST_BYTES = 2_000_000
MOST_SIGNS = 200_000  # of an article's text
MOST_TAGS = 20_000  # the extractor takes 0.1 ms for each
ACCEPT = "text/html,application/xhtml+xml;q=0.9"

_PAID = re.compile(r"""["']isAccessibleForFree["']\s*:\s*["']?false""", re.IGNORECASE)


def read_article(page: Page) -> Words:
    """The words of an article's page and what they quote; ParseError if it holds none to be had."""
    if kind := refused(page.body):
        raise ParseError(f"the page is a {kind}")
    markup = decode(page)[:MOST_BYTES]
    if markup.count("<") > MOST_TAGS:
        raise ParseError("the page has more markup than an article")
    if _PAID.search(markup):
        raise ParseError("the page says that the article is to be paid for")
    parsed(markup)  # ParseError where it is nested deeper than the extractor could bear
    text, quotes = split_html(_extracted(markup))
    if not text:
        raise ParseError("no article was found in the page")
    if len(text) > MOST_SIGNS:
        raise ParseError("the page holds more than an article")
    if without_more(text)[1]:
        raise ParseError("the page holds a teaser only")
    return text, quotes


def _extracted(markup: str) -> str:
    """The article as trafilatura finds it, which never gets to see an address; "" for none."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        found = trafilatura.extract(
            markup.encode("utf-8", "replace"),
            output_format="html",
            include_comments=False,
            include_tables=False,
            favor_precision=True,
        )
    except Exception as error:  # whatever it is that it cannot bear: the feed's own text stays
        raise ParseError(f"the extractor failed ({type(error).__name__})") from error
    return found if isinstance(found, str) else ""


@dataclass
class _Waiting:
    """An entry whose article is to be read. `told`: the store has its text, as the feed or as an article."""

    post: Post
    tries: int = 0
    told: bool = False


def full_texts(
    batch: Batch, state: Mapping[str, Any], http: HttpClient, source: Source, *, url: str
) -> Iterator[Batch]:
    """What a fetch of a feed gave, with the articles' texts in the place of its own.

    `batch` is the whole fetch, `state` what the last run left; each article read is a Batch of its own.
    """
    return _Run(batch, mapping(state.get("articles")), http, source, url).batches()


class _Run:
    """One run; `batches` is the run.

    State: `known` has by entry the hash of what the feed said of it and that of the article's text, ""
    where there is none; `waiting` are the entries whose article is still to be read.
    """

    def __init__(
        self, batch: Batch, state: Mapping[str, Any], http: HttpClient, source: Source, url: str
    ) -> None:
        self._batch, self._http, self._source = batch, http, source
        self._host = _host(url)
        self._known = _known(state)
        self._waiting = _waiting(state)
        self._failures: list[str] = []
        self._in_a_row = 0

    def batches(self) -> Iterator[Batch]:
        """First what needs no article or has to wait for it, then each article, then the end."""
        plain = self._sorted()
        now = list(self._waiting)[:MOST_ARTICLES]
        plain += self._put_off([key for key in self._waiting if key not in now])
        if plain:
            yield self._state(plain)
        for place, key in enumerate(now):
            if self._in_a_row >= MOST_IN_A_ROW:
                yield self._state(self._put_off(now[place:]))
                break
            post = self._read(key, self._waiting[key])
            yield self._state([post] if post else [])
        yield self._end()

    def _end(self) -> Batch:
        """What the feed's reading promised; not put off while articles wait to be asked for."""
        is_waiting = any(one.tries == 0 for one in self._waiting.values())
        wait = None if is_waiting else self._batch.retry_after
        state = self._state([]).state
        return replace(self._batch, posts=(), state=state, retry_after=wait, notice=self._notice())

    def _sorted(self) -> list[Post]:
        """The posts that stay as the feed gave them; what is new or changed is put among the waiting.

        Where the full text is stored, the unchanged teaser is left out: it would look like an edit.
        """
        plain: list[Post] = []
        for post in self._batch.posts:
            key, told = short(post.id), _told(post)
            known = self._known.get(key, ("", ""))
            if not _is_of_article(post):
                plain.append(post)
            elif known[0] != told:
                self._known.pop(key, None)
                self._known[key] = (told, known[1])
                self._waiting[key] = _Waiting(post, told=bool(known[1]))
            elif not known[1] and key not in self._waiting:
                plain.append(post)
        here = {short(post.id) for post in self._batch.posts}
        gone = [key for key in self._known if key not in here and key not in self._waiting]
        for key in gone[: max(0, len(self._known) - MOST_KNOWN)]:
            del self._known[key]
        return plain

    def _put_off(self, keys: Sequence[str]) -> list[Post]:
        """Entries for another run: the feed's text counts meanwhile; of too many no article is read."""
        posts = []
        for key in keys:
            one = self._waiting[key]
            if not one.told:
                posts.append(one.post)
                one.told = True
        for key in list(keys)[: max(0, len(self._waiting) - MOST_WAITING)]:
            del self._waiting[key]
        return posts

    def _read(self, key: str, one: _Waiting) -> Post | None:
        """The entry with its article's text, or as the feed gave it; None where the store has it so."""
        try:
            text, quotes = self._article(one.post)
            mark = short(text)
            if any(known[1] == mark for name, known in self._known.items() if name != key):
                raise ParseError("the page says the same as another article's")
        except CollectError as error:
            return self._failed(key, one, error)
        del self._waiting[key]
        if _weight(text, quotes) <= _weight(one.post.text, one.post.quotes):
            return None if one.told else one.post
        self._known[key] = (self._known.get(key, (_told(one.post), ""))[0], mark)
        return replace(one.post, text=text, quotes=quotes)

    def _article(self, post: Post) -> Words:
        elsewhere = _host(post.url) != self._host  # the permission to go to private addresses is this host's
        source = replace(self._source, allow_private=False) if elsewhere else self._source
        try:
            response = self._http.get(post.url, source=source, accept=ACCEPT)
        except TransientError:
            self._in_a_row += 1
            raise
        self._in_a_row = 0
        _is_article(response, post.url)
        return read_article(Page(response.body, response.url, response.date, None, response.content_type))

    def _failed(self, key: str, one: _Waiting, error: CollectError) -> Post | None:
        told, one.told = one.told, True
        one.tries += 1
        if isinstance(error, TransientError) and error.retry_after is not None:
            self._in_a_row = MOST_IN_A_ROW
        if one.tries >= MOST_TRIES or isinstance(error, GoneError | ClosedError):
            del self._waiting[key]
        self._failures.append(f"{one.post.url}: {error.message}")
        return None if told else one.post

    def _state(self, posts: Sequence[Post]) -> Batch:
        waiting = {
            key: {"post": packed(one.post), "tries": one.tries, "told": one.told}
            for key, one in self._waiting.items()
        }
        own = {"known": {key: list(pair) for key, pair in self._known.items()}, "waiting": waiting}
        return Batch(tuple(posts), {**self._batch.state, "articles": own})

    def _notice(self) -> str:
        told = ""
        if self._failures:
            count = len(self._failures)
            few = f"{count} article{'s' if count > 1 else ''} could not be read, the feed's text counts"
            told = f"{few} ({self._failures[0]})"
        return "; ".join(filter(None, [self._batch.notice, told]))


def _is_article(response: Response, asked: str) -> None:
    """ParseError where the answer is no page, or the site's front page in place of the article."""
    if response.content_type and "html" not in response.content_type:
        raise ParseError("the address leads to no page")
    if urlsplit(response.url).path.strip("/") == "" != urlsplit(asked).path.strip("/"):
        raise ParseError("the address leads to the site's front page")


def _known(state: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    pairs = mapping(state.get("known")).items()
    return {
        key: (pair[0], pair[1])
        for key, pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
    }


def _waiting(state: Mapping[str, Any]) -> dict[str, _Waiting]:
    found = {}
    for key, one in mapping(state.get("waiting")).items():
        kept = mapping(one)
        post, tries = unpacked(kept.get("post")), kept.get("tries")
        if post is not None and type(tries) is int:
            found[key] = _Waiting(post, tries, kept.get("told") is True)
    return found


def _told(post: Post) -> str:
    """What the feed says of an entry: only another text or title is worth asking for the article again."""
    return short(post.title, post.content_hash)


def _weight(text: str, quotes: Sequence[Any]) -> int:
    return len(text) + sum(len(quote.text) for quote in quotes)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_of_article(post: Post) -> bool:
    """Whether an entry stands for the page it leads to; a comment and a shared link stand for themselves."""
    return post.url.startswith(("http://", "https://")) and post.thread_url in ("", post.url)
