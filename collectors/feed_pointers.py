"""Threads that a feed's entries lead to: read like a forum's, though only an address is known at first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from collectors.engines import GENERIC
from collectors.forum_pages import Pages
from collectors.forum_threads import Threads
from collectors.progress import LAST_ID, Progress
from collectors.reading import ThreadRow, Topic
from listener.errors import ParseError
from listener.model import Batch


class ElsewhereError(ParseError):
    """A page that turned out to be none of the site's threads."""


class Pointers(Threads):
    """Threads of which only an address is known until one of their pages was read.

    `names` are the site's own ids of threads by the address that led there; `unsure` are addresses of this
    run's pages that no engine knows, read by their shape.
    """

    def __init__(self, pages: Pages, progress: Progress, since: int, names: dict[str, str]) -> None:
        super().__init__(pages, progress, since)
        self.names = names
        self.unsure: set[str] = set()

    def news(self, row: ThreadRow) -> Iterator[Batch]:
        """As of any thread; of an unknown one the page that the address leads to tells which it is."""
        if row.id in self._progress.threads:
            yield from super().news(row)
            return
        is_forum = self._progress.engine not in ("", GENERIC)
        topic, at = self._arrived(row.url)
        if topic.engine == GENERIC:
            if is_forum:  # its posts' ids are not the forum's, and may be the same numbers
                raise ElsewhereError("a page beside the forum", url=at)
            self.unsure.add(row.url)
        named = replace(row, id=topic.thread_id or row.id, url=topic.thread_url or row.url)
        self._stay(named.url)
        self.names[row.url] = named.id
        entry = self._progress.threads.get(named.id)
        if entry is None:
            if topic.page > 1:
                topic, at = self._pages.topic(named.url)
            yield from self.first(named, topic, named.url if topic.page == 1 else at)
        elif any(post.id == entry[LAST_ID] for post in topic.posts):
            yield from self._onward(named, topic, at)
        else:
            yield from super().news(named)

    def page_at(self, url: str) -> Batch:
        """One page as it stands now, for the edits on it."""
        topic, _ = self._pages.topic(url)
        return self._page(topic)

    def _arrived(self, url: str) -> tuple[Topic, str]:
        """The first page ever asked for tells the engine; an article says nothing of the other threads."""
        if self._progress.engine in ("", GENERIC):
            self._pages.left -= 1
            found, at = self._pages.first(url, {}), url
            if not isinstance(found, Topic):
                raise ParseError("the address leads to a list of threads", url=url)
        else:
            found, at = self._pages.topic(url)
        return found, at

    def _stay(self, url: str) -> None:
        if host(url) != host(self._progress.url):
            raise ElsewhereError("the thread is on another site", url=url)


def host(url: str) -> str:
    """The host of an address with its port, "" if it is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")
    except ValueError:
        return ""


def origin(url: str) -> str:
    """The site of a feed, without what its address may hold of secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
