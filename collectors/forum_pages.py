"""Pages of one forum as its engine reads them, within a budget of pages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors import paging
from collectors.engines import Engine, asked, engine_at, engine_of, topic_of
from collectors.http import GoneError, HttpClient, Response
from collectors.progress import Progress, seconds
from collectors.reading import Listing, Page, ThreadRow, Topic, is_json, refusal, seen
from listener.errors import AccessError, CollectError, ParseError
from listener.model import Source

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
JSON = "application/json"

_GONE = re.compile(
    r"(existier\w+|gibt es|gefunden) nicht|nicht (gefunden|vorhanden|mehr|existier)|gelöscht"
    r"|(does|do|did)(n't| not) exist|not (be )?found|no longer (exist|available)|(been|was) (deleted|removed)"
    r"|(invalid|ungültig\w*|no such|missing) (thread|topic|thema|discussion)|no (thread|topic) specified"
    r"|kein \w+ angegeben|ungültige angabe|missing or off limits|zu fehlen"
    r"|(incorrect|ungültig) (or|oder) \w+",
    re.IGNORECASE,
)


class Pages:
    """Fetches and reads; `left` is how many more pages this run may ask for, first pages of boards apart.

    `began_at` is the instant of the first answer by the site's own clock.
    """

    def __init__(self, source: Source, http: HttpClient, left: int, progress: Progress) -> None:
        self.left = left
        self.began_at: int | None = None
        self.validators: dict[str, dict[str, str]] = {}
        self._source, self._http, self._progress = source, http, progress
        self._listings: dict[str, Listing] = {}
        owner = engine_at(progress.url)
        self._is_owned = owner is not None  # by its address: such a site's pages are never asked for
        self._engine = owner.NAME if owner is not None else progress.engine

    def address(self, url: str) -> str:
        """What to ask for in place of a page's address: its JSON, unless guests are refused that."""
        return url if self._progress.plain else self._twin(url) or url

    def nth_page(self, url: str, known: int, wanted: int) -> str | None:
        """The address of page `wanted` of a thread, from that of page `known`."""
        found: str | None = asked(self._engine, "nth_page", url, known, wanted)
        return found or paging.nth_page(url, known, wanted)

    def ways_in(self, row: ThreadRow) -> list[str]:
        """Where an unknown thread is read, best first: its last page, but no JSON where that is refused."""
        last = row.last_page_url or row.url
        ways = [row.url, last] if self._progress.plain and self._twin(last) == last else [last, row.url]
        return list(dict.fromkeys(ways))

    def latest_address(self) -> str | None:
        """Where the newest posts of all threads stand, if the engine has such a list of the source."""
        found: str | None = asked(self._engine, "latest_address", self._progress.url)
        return found

    def first(self, url: str, validators: Mapping[str, str]) -> Topic | Listing | None:
        """The page a source names: a thread's or a board's; None if it did not change."""
        found = self._start(url, validators)
        if found is None:
            return None
        page, engine = found
        self._engine = self._progress.engine = engine.NAME
        twin = self.address(page.url)
        if twin != page.url and not is_json(page):
            page, engine = self._twin_of(page, engine)
        try:
            return _with_posts(topic_of(engine, page), page)
        except ParseError as error:
            return self._kept(url, engine, page, error)

    def _start(self, url: str, validators: Mapping[str, str]) -> tuple[Page, Engine] | None:
        """The start page; where its JSON is refused, the page itself, and so from now on."""
        twin = self.address(url)
        try:
            return self._get(twin, validators)
        except AccessError:
            if twin == url or self._is_owned:
                raise
        found = self._get(url, {}, HTML)
        self._progress.plain = True
        return found

    def _twin_of(self, page: Page, engine: Engine) -> tuple[Page, Engine]:
        try:
            return self._page(self.address(page.url))
        except AccessError:
            self._progress.plain = True
            return page, engine

    def board(self, url: str, validators: Mapping[str, str]) -> Listing | None:
        """The first page of a board, which the budget does not count; None if it did not change."""
        found = self._get(self.address(url), validators)
        return None if found is None else self._kept(url, found[1], found[0])

    def listing(self, url: str) -> Listing:
        """A page of a board, asked for once in a run."""
        if url not in self._listings:
            self.left -= 1
            page, engine = self._page(self.address(url))
            self._kept(url, engine, page)
        return self._listings[url]

    def latest(self, url: str) -> Topic:
        """The newest posts of all threads."""
        page, engine = self._page(url)
        return self._posts(engine, page)

    def topic(self, url: str) -> tuple[Topic, str]:
        """A page of a thread and its address after redirects; its HTML where only its JSON is refused."""
        self.left -= 1
        twin = self.address(url)
        try:
            page, engine = self._page(twin)
            return self._posts(engine, page), page.url
        except AccessError as error:
            if twin == url or self._is_owned or isinstance(error, GoneError):
                raise
            refused = error
        page, engine = self._html(url, refused)
        topic = self._posts(engine, page)
        self._progress.plain = True
        return topic, page.url

    def _html(self, url: str, refused: AccessError) -> tuple[Page, Engine]:
        found = self._get(url, {}, HTML) if self.left > 0 else None
        if found is None:
            raise refused
        self.left -= 1
        return found

    def _posts(self, engine: Engine, page: Page) -> Topic:
        try:
            return _with_posts(topic_of(engine, page), page)
        except CollectError as error:
            self._name(error, page)
            if isinstance(error, ParseError) and says_gone(error):
                raise GoneError(error.message, source=error.source, url=error.url) from error
            raise

    def _kept(self, url: str, engine: Engine, page: Page, why: ParseError | None = None) -> Listing:
        try:
            self._listings[url] = engine.listing(page)
        except CollectError as error:
            self._name(error, page)
            raise error from why
        return self._listings[url]

    def _name(self, error: CollectError, page: Page) -> None:
        error.source = error.source or self._source.name
        error.url = error.url or page.url

    def _twin(self, url: str) -> str | None:
        found: str | None = asked(self._engine, "data_address", url)
        return found

    def _page(self, url: str) -> tuple[Page, Engine]:
        found = self._get(url, {})
        assert found is not None  # 304 comes only where it was asked for
        return found

    def _get(self, url: str, validators: Mapping[str, str], accept: str = "") -> tuple[Page, Engine] | None:
        accept = accept or (HTML if self._progress.plain or not self._twin(url) else JSON)
        response = self._http.get(url, source=self._source, headers=validators, accept=accept)
        self.began_at = self.began_at or seconds(response.date)
        if response.not_modified:
            return None
        self.validators[url] = _validators(response)
        page = Page(response.body, response.url, response.date, self._source.timezone, response.content_type)
        if accept == JSON and "html" in response.content_type:
            raise AccessError("HTML came where JSON was asked for", source=self._source.name, url=page.url)
        engine = engine_of(page, self._engine)
        if engine is None:
            error = refusal(page, f"the forum's engine is not known ({seen(page)})")
            self._name(error, page)
            raise error
        if wait := asked(engine.NAME, "pause", page):
            self._http.rest(page.url, wait)
        return page, engine


def says_gone(error: ParseError) -> bool:
    """Whether a page without posts, answered with 200, says in its own words that the thread is gone."""
    said = re.sub(r"\d+ bytes, title .*", "", error.message, flags=re.DOTALL)
    return said.startswith("no posts") and _GONE.search(said) is not None


def _with_posts(topic: Topic, page: Page) -> Topic:
    """Only later pages may hold nothing but what is no post (Discourse's notes of what moderators did)."""
    if not topic.posts and topic.page == 1:
        raise ParseError(f"a thread's page without posts ({seen(page)})", url=page.url)
    return topic


def _validators(response: Response) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {names[name]: response.headers[name] for name in names if response.headers.get(name)}
