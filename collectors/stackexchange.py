"""Stack Exchange: questions with a tag or found by words, their answers and comments, by the API 2.3."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors import json_api
from collectors.engines import stackexchange as engine
from collectors.engines._answers import answer_of, record, records, text, whole
from collectors.engines.stackexchange import API, WHOLE, items_of, pause, question_posts, site_of
from collectors.http import HttpClient
from collectors.reading import Page, Topic
from collectors.streams import joined, listed
from listener.errors import AccessError, CollectError, TransientError
from listener.model import Batch, Memory, NoMemory, Post, Source, ThreadPage

__all__ = ["NOTE", "collect", "posts_of", "recognise", "topic"]

NAME = "stackexchange"
NOTE = "Posts of Stack Exchange are licensed CC BY-SA: who shows them names author and address."
PER_PAGE = 50  # questions with all that belongs to them; the API gives up to 100
AT_ONCE = 100  # questions asked for by their ids
MOST, MOST_WITH_KEY = 10, 60  # answers a run reads; quotas are 300 and 10,000 a day
OVERLAP = 600  # seconds read again: the API answers from caches
LOOK_AGAIN = timedelta(hours=6)
LEFT_OVER = 5  # of the day's quota, for others behind the same address
MOST_PAGES = 1000  # of one second's questions
_THROTTLED, _WAIT = 502, 3600
_PASSING = (500, 502, 503)
_Places = Mapping[str, tuple[str, Mapping[str, str]]]


def collect(
    source: Source,
    state: Mapping[str, Any],
    http: HttpClient,
    *,
    site: str,
    tagged: Sequence[str] = (),
    search: Sequence[str] = (),
    key: str = "",
    backfill: timedelta = timedelta(days=30),
    follow: timedelta = timedelta(days=14),
    api_url: str = API,
    memory: Memory = NoMemory(),  # noqa: B008, holds nothing
) -> Iterator[Batch]:
    """Questions of `site` with activity, whole: with their answers and comments, the oldest activity first.

    `site`: its name or address. `tagged`: tags, `a;b` for questions with both. `search`: words. `key`: raises
    the quota, else STACKEXCHANGE_KEY of the environment. `backfill`: how far back the first reading begins.
    `follow`: so long the threads with mentions are looked at again for comments, edits and deletions.
    """
    places = _places(source, tagged, search)
    api = _Api(http, source, api_url, site, key or os.environ.get("STACKEXCHANGE_KEY", ""))
    api.most = max(api.most, len(places))
    run = _Run(api, state, places, now=http.now(), backfill=backfill)
    yield from run.news()
    yield from run.looks(memory, follow)
    if run.failures:
        raise joined(run.failures)
    yield run.last()


def _places(source: Source, tagged: Sequence[str], search: Sequence[str]) -> _Places:
    """Which listings are read, as method and parameters by their name."""
    places: dict[str, tuple[str, Mapping[str, str]]]
    places = {f"tagged {tags}": ("questions", {"tagged": tags}) for tags in listed(tagged)}
    places |= {f"search {words!r}": ("search/advanced", {"q": words}) for words in listed(search)}
    if not places:
        raise AccessError("nothing to read: write `tagged: [...]` or `search: [...]`", source=source.name)
    return places


def posts_of(page: Page) -> tuple[Post, ...]:
    """All posts of an answer's questions, question by question, or ParseError."""
    return tuple({post.id: post for one in items_of(page) for post in question_posts(page, one)}.values())


def recognise(page: Page) -> bool:
    """A recorded list of whole questions; of answers just fetched the reader of forums takes the newest."""
    if engine.owns(page.url) or not engine.recognise(page):
        return False
    items = records(record(answer_of(page)).get("items"))
    return len(items) > 1 and all(isinstance(one.get("body"), str) for one in items)


def topic(page: Page) -> Topic:
    """All posts of a recorded answer."""
    return Topic(posts_of(page), thread_url=page.url, engine=NAME)


class _Api:
    """Asks the API; knows what remains of the day's quota and how much of it this run took."""

    def __init__(self, http: HttpClient, source: Source, url: str, site: str, key: str) -> None:
        self.most = MOST_WITH_KEY if key else MOST
        self.asked, self.left = 0, -1
        self._http, self._source, self._url = http, source, url.rstrip("/")
        self._site = site_of(site if "://" in site else f"https://{site}") or site
        self._secrets = {"Authorization": f"Bearer {key}"} if key else {}

    @property
    def is_spent(self) -> bool:
        """Whether this run has read its share, or the day's quota is as good as spent."""
        return self.asked >= self.most or 0 <= self.left <= LEFT_OVER

    def ask(self, method: str, params: Mapping[str, str | int]) -> Page:
        """One answer; its `backoff` is kept by all that ask this host."""
        url = f"{self._url}/{method}"
        wanted = {**params, "site": self._site, "filter": WHOLE}
        self.asked += 1
        try:
            answer = json_api.answered(self._http, self._source, url, wanted, secrets=self._secrets)
        except json_api.ApiError as error:
            raise self._refused(url, error) from error
        page = Page(answer.body, answer.url, answer.fetched_at)
        found = record(answer_of(page))
        self.left = whole(found["quota_remaining"]) if "quota_remaining" in found else self.left
        if pause(page) > 0:
            self._http.rest(url, min(pause(page), 86_400))
        return page

    def _refused(self, url: str, error: json_api.ApiError) -> CollectError:
        """What time heals, as the API's own numbers say it: too many requests, or out of order."""
        found = record(error.found)
        number = whole(found.get("error_id"))
        if number not in _PASSING:
            return error
        said = re.search(r"(\d{1,6}) seconds", text(found.get("error_message")))
        wait = (int(said[1]) if said else _WAIT) if number == _THROTTLED else None
        if wait is not None:
            self._http.rest(url, wait)
        after = None if wait is None else timedelta(seconds=wait)
        return TransientError(error.message, url=error.url, retry_after=after)


@dataclass(slots=True)
class _Mark:
    """A listing is read since one instant and goes on at another, on a page of its own (in seconds)."""

    since: int
    start: int
    number: int = 1
    is_read: bool = False  # up to this run's instant


class _Run:
    """One run: what is known of each listing, and what failed."""

    def __init__(
        self,
        api: _Api,
        state: Mapping[str, Any],
        places: _Places,
        *,
        now: datetime,
        backfill: timedelta,
    ) -> None:
        self.failures: list[CollectError] = []
        self._api, self._places, self._now = api, places, now
        first = int((now - backfill).timestamp())
        stored = record(state.get("read"))
        self._marks = {name: _mark(stored.get(name), first, int(now.timestamp())) for name in places}
        self._looked_at = min(whole(state.get("looked_at")), int(now.timestamp()))

    def news(self) -> Iterator[Batch]:
        """A page of each listing in turn, longest unread first; the error of one spares the others."""
        names = sorted(self._places, key=lambda name: self._marks[name].start)
        readers = {name: self._read(name) for name in names}
        while readers:
            for name, reader in list(readers.items()):
                try:
                    yield next(reader)
                except StopIteration:
                    del readers[name]
                except CollectError as error:
                    error.message = f"{name}: {error.message}"
                    self.failures.append(error)
                    del readers[name]
                    if isinstance(error, TransientError):
                        return

    def _read(self, name: str) -> Iterator[Batch]:
        """Oldest activity first, each page from the last one's end: what moves up is met again."""
        mark, (method, params) = self._marks[name], self._places[name]
        while not (mark.is_read or self._api.is_spent):
            order: dict[str, str | int]
            order = {"sort": "activity", "order": "asc", "pagesize": PER_PAGE}
            page = self._api.ask(method, {**params, **order, "min": mark.start, "page": mark.number})
            posts, latest = posts_of(page), self._latest(page)
            mark.is_read = record(answer_of(page)).get("has_more") is not True
            if mark.is_read:
                mark.start, mark.number = max(mark.since, latest - OVERLAP) if latest else mark.start, 1
            else:
                is_same = latest <= mark.start  # more questions of one second than a page holds
                mark.start, mark.number = max(mark.start, latest), mark.number + 1 if is_same else 1
            yield Batch(posts, self.state())

    def _latest(self, page: Page) -> int:
        """The last activity on a page, never ahead of the clock."""
        found = (whole(one.get("last_activity_date")) for one in items_of(page))
        return min(max(found, default=0), int(self._now.timestamp()))

    def looks(self, memory: Memory, follow: timedelta) -> Iterator[Batch]:
        """Threads with mentions as they are now; comments and deletions are no activity."""
        is_due = self._now.timestamp() - self._looked_at >= LOOK_AGAIN.total_seconds()
        if not is_due or self.failures or self._api.is_spent:
            return
        ids = [one for one in memory.threads(self._now - follow) if one.isascii() and one.isdecimal()]
        try:
            if ids:
                yield from self._look(ids[:AT_ONCE])
            self._looked_at = int(self._now.timestamp())
        except CollectError as error:
            self.failures.append(error)

    def _look(self, ids: Sequence[str]) -> Iterator[Batch]:
        page = self._api.ask(f"questions/{';'.join(ids)}", {"pagesize": AT_ONCE})
        shown = {str(whole(one.get("question_id"))): one for one in items_of(page)}
        for question_id in ids:
            yield self._looked(page, question_id, shown.get(question_id))

    def _looked(self, page: Page, question_id: str, question: Mapping[str, Any] | None) -> Batch:
        if question is None:  # deleted, with all that was below it
            return Batch((), self.state(), thread_page=ThreadPage(question_id, True, True))
        is_whole = len(records(question.get("answers"))) == whole(question.get("answer_count"))
        whole_page = ThreadPage(question_id, True, True) if is_whole else None
        return Batch(question_posts(page, question), self.state(), thread_page=whole_page)

    def last(self) -> Batch:
        """The end of a run: since when nothing is missing, and how long the quota asks to wait."""
        behind = [name for name, mark in self._marks.items() if not mark.is_read]
        since = (
            None if behind else datetime.fromtimestamp(max(one.since for one in self._marks.values()), UTC)
        )
        notice = f"not yet read up to now: {', '.join(behind)}" if behind else ""
        return Batch((), self.state(), self._pace(), since, notice=notice)

    def _pace(self) -> timedelta | None:
        """So long that runs like this one use the rest of the quota evenly until midnight UTC."""
        if self._api.left < 0:
            return None
        midnight = self._now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        rest = midnight + timedelta(days=1) - self._now
        return rest * min(1.0, self._api.asked / max(1, self._api.left - LEFT_OVER))

    def state(self) -> dict[str, Any]:
        """How far each listing was read, and when threads were last looked at again."""
        marks = {name: [mark.since, mark.start, mark.number] for name, mark in self._marks.items()}
        return {"read": marks, "looked_at": self._looked_at}


def _mark(stored: Any, first: int, now: int) -> _Mark:
    """A listing's mark as it was stored; a damaged one begins anew."""
    parts = [whole(one) for one in stored] if isinstance(stored, list) else []
    is_sound = len(parts) == 3 and 0 < parts[0] <= parts[1] <= now and 0 < parts[2] < MOST_PAGES
    return _Mark(parts[0], parts[1], parts[2]) if is_sound else _Mark(first, first)
