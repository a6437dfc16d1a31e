"""Pages of one forum as its engine reads them, within a budget of pages."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.engines import Engine, asked, engine_of
from collectors.http import HttpClient, Response
from collectors.reading import Listing, Page, Topic, refusal, seen
from listener.errors import AccessError, CollectError, ParseError
from listener.model import Source

HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
JSON = "application/json"


class Pages:
    """Fetches and reads; `left` is how many more pages this run may ask for, first pages of boards apart."""

    def __init__(self, source: Source, http: HttpClient, left: int, engine: str) -> None:
        self.left = left
        self.engine = engine
        self.validators: dict[str, dict[str, str]] = {}
        self._source, self._http = source, http
        self._listings: dict[str, Listing] = {}

    def address(self, url: str) -> str:
        """What to ask for in place of a page's address."""
        return asked(self.engine, "data_address", url) or url

    def first(self, url: str, validators: Mapping[str, str]) -> Topic | Listing | None:
        """The page a source names: a thread's or a board's; None if it did not change."""
        found = self._get(self.address(url), validators)
        if found is None:
            return None
        page, engine = found
        self.engine = engine.NAME
        if self.address(page.url) != page.url and not _is_json(page):
            return self.first(page.url, validators)
        try:
            return _with_posts(engine.topic(page), page)
        except ParseError as error:
            return self._kept(url, engine, page, error)

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

    def topic(self, url: str) -> tuple[Topic, str]:
        """A page of a thread and its address after redirects."""
        self.left -= 1
        page, engine = self._page(self.address(url))
        try:
            return _with_posts(engine.topic(page), page), page.url
        except CollectError as error:
            self._name(error, page)
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

    def _page(self, url: str) -> tuple[Page, Engine]:
        found = self._get(url, {})
        assert found is not None  # 304 comes only where it was asked for
        return found

    def _get(self, url: str, validators: Mapping[str, str]) -> tuple[Page, Engine] | None:
        accept = JSON if asked(self.engine, "data_address", url) else HTML
        response = self._http.get(url, source=self._source, headers=validators, accept=accept)
        if response.not_modified:
            return None
        self.validators[url] = _validators(response)
        page = Page(response.body, response.url, response.date, self._source.timezone, response.content_type)
        if accept == JSON and "html" in response.content_type:
            raise AccessError("HTML came where JSON was asked for", source=self._source.name, url=page.url)
        engine = engine_of(page, self.engine)
        if engine is None:
            error = refusal(page, f"the forum's engine is not known ({seen(page)})")
            self._name(error, page)
            raise error
        return page, engine


def _with_posts(topic: Topic, page: Page) -> Topic:
    if not topic.posts:
        raise ParseError(f"a thread's page without posts ({seen(page)})", url=page.url)
    return topic


def _is_json(page: Page) -> bool:
    return page.body.lstrip()[:1] in (b"{", b"[")


def _validators(response: Response) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {names[name]: response.headers[name] for name in names if response.headers.get(name)}
