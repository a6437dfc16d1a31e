"""What a site is: engine, what can be read, its feeds, and the line for the configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from collectors import feed
from collectors.addresses import shown
from collectors.clocks import clock_zone
from collectors.detection_feeds import Finding, best, finding, is_list_of_feeds, looked_at, words
from collectors.detection_sites import server_of, service_at
from collectors.discovery import LOOKED_AT, feeds_of, soup_of
from collectors.engines import GENERIC, Engine, asked, engine_at, engine_of
from collectors.feed_formats import read_feed
from collectors.http import ClosedError, HttpClient
from collectors.links import clean
from collectors.reading import Listing, Page, Topic, decode, refusal, seen
from collectors.zones import stated_zone
from listener.errors import AccessError, CollectError, ParseError
from listener.model import Source

WORDS = {
    "de": {
        "der",
        "die",
        "das",
        "und",
        "ist",
        "nicht",
        "ich",
        "ein",
        "eine",
        "mit",
        "auf",
        "für",
        "von",
        "zu",
    },
    "en": {"the", "and", "is", "not", "a", "of", "to", "in", "it", "that", "with", "for", "this", "you"},
}
YAML_WORDS = ("yes", "no", "on", "off", "true", "false", "null", "y", "n")


@dataclass(frozen=True)
class Detection:
    """What was found at an address; `kind` is empty where nothing can be listened to."""

    url: str
    kind: str = ""
    engine: str = ""
    version: str = ""
    readable: list[str] = field(default_factory=list)
    feeds: list[Finding] = field(default_factory=list)
    language: str = ""
    timezone: str = ""
    robots: str = ""
    wall: str = ""
    options: dict[str, object] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The line to paste below `sources:`; empty where nothing can be listened to."""
        return _line(self.url, self.kind, self.options) if self.kind else ""


def _line(url: str, kind: str, options: Mapping[str, object]) -> str:
    pairs = {"name": _name(url), "kind": kind, **options}
    return "- {" + ", ".join(f"{key}: {_yaml(value)}" for key, value in pairs.items()) + "}"


def detect(url: str, http: HttpClient, source: Source) -> Detection:
    """Look at an address: robots.txt, tdmrep.json and the page, and the feeds it names (5 at most).

    A site that does not want us is a Detection that says so; what is no page at all raises CollectError.
    """
    if known := service_at(url):
        return Detection(shown(url), known.kind, known.kind, readable=[known.readable], options=known.options)
    service = engine_at(url)  # its pages are not asked for, only its API
    asked_for = asked(service.NAME, "data_address", url) if service else url
    try:
        response = http.get(asked_for, source=source, accept="text/html, application/json;q=0.9, */*;q=0.8")
    except ClosedError as error:
        return Detection(shown(url), robots=_refused(error, "robots"), wall=_refused(error, ""))
    page = Page(response.body, response.url, response.date, source.timezone, response.content_type)
    found = Detection(clean(response.url if response.moved and not service else url))
    found = replace(found, robots=_allowed(http.delay(response.url, source=source)), language=_language(page))
    found = _looked_at(page, found, http, source)
    return replace(found, url=shown(found.url), options={**found.options, **_permission(found.kind, source)})


def _permission(kind: str, source: Source) -> dict[str, object]:
    return {"allow_private": True} if source.allow_private and kind else {}


def _looked_at(page: Page, known: Detection, http: HttpClient, source: Source) -> Detection:
    if is_list_of_feeds(page):
        words = "a list of feeds (OPML): save it and run `listener import FILE`"
        return replace(known, engine="opml", readable=[words])
    if feed.recognise(page):
        return _feed(page, known)
    named = [(clean(one.url), one.title) for one in feeds_of(page)]
    feeds = looked_at(
        page,
        named,
        http,
        source,
        lambda options: _line(known.url, "feed", {**options, **_permission("feed", source)}),
    )
    return _site(page, replace(known, feeds=feeds))


def _refused(error: ClosedError, what: str) -> str:
    is_robots = error.message.startswith("robots.txt")
    return error.message if is_robots == (what == "robots") else ""


def _allowed(delay: float) -> str:
    return "allows this address" + (f", {delay:g} s between two requests" if delay else "")


def _feed(page: Page, known: Detection) -> Detection:
    """A feed's own address; the line keeps it as it was typed in, but for what is secret."""
    one = finding(replace(page, url=known.url), read_feed(page))
    told = words(one).removeprefix(f"{one.url}: ")
    language = one.language or known.language
    return replace(known, kind="feed", engine="feed", readable=[told], language=language, options=one.options)


def _site(page: Page, known: Detection) -> Detection:
    """What a page is: a forum before a feed, a server with an API of its own before both."""
    known = replace(known, timezone=_zone(page))
    engine = engine_of(page)
    own = (one.url for one in known.feeds if urlsplit(one.url).netloc == urlsplit(page.url).netloc)
    channel = next(filter(None, map(service_at, own)), None)  # YouTube's pages of names
    if server := channel or server_of(engine.NAME if engine else "", decode(page)[:LOOKED_AT], page.url):
        return replace(
            known, kind=server.kind, engine=server.kind, readable=[server.readable], options=server.options
        )
    if engine is not None and not (engine.NAME == GENERIC and known.feeds and _is_thread(page, engine)):
        return _forum(page, engine, known)
    error = refusal(page, seen(page))
    if isinstance(error, AccessError):
        return replace(known, wall=error.message)
    known = replace(
        known, version=_generator(page), readable=[f"no forum that is known here ({error.message})"]
    )
    chosen = best(known.feeds)
    return replace(known, kind="feed", options=chosen.options) if chosen else known


def _is_thread(page: Page, engine: Engine) -> bool:
    """An article with comments below looks like a thread; its site's feed tells more."""
    try:
        return bool(engine.topic(page).posts)
    except CollectError:
        return False


def _forum(page: Page, engine: Engine, known: Detection) -> Detection:
    readable, wall = _readable(page, engine)
    data = asked(engine.NAME, "data_address", page.url)
    if data:
        readable.append(f"its API: {data}")
    found = replace(known, engine=engine.NAME, version=_version(page, engine), readable=readable, wall=wall)
    return found if wall else replace(found, kind="forum", options={"url": known.url})


def _readable(page: Page, engine: Engine) -> tuple[list[str], str]:
    """What the page gives, in words, and the wall if it is one."""
    readers: tuple[Callable[[Page], Topic | Listing], ...] = (engine.topic, engine.listing)
    problems: list[CollectError] = []
    for reader in readers:
        try:
            return [_words(reader(page))], ""
        except (ParseError, AccessError) as error:
            problems.append(error)
    closed = next((error.message for error in problems if isinstance(error, AccessError)), "")
    is_data = asked(engine.NAME, "data_address", page.url) is not None
    return ([] if closed or is_data else [f"nothing yet: {problems[-1].message}"]), closed


def _words(found: Topic | Listing) -> str:
    unsure = f" (by the page's shape, confidence {found.confidence:.2f})" if found.engine == GENERIC else ""
    if isinstance(found, Topic):
        return f"a thread: {len(found.posts)} posts on page {found.page} of {found.pages}{unsure}"
    return (
        f"a board: {len(found.threads)} threads on its first page, {len(found.boards)} boards below{unsure}"
    )


def _generator(page: Page) -> str:
    node = soup_of(page).select_one("meta[name=generator][content]")
    return " ".join(str(node["content"]).split())[:80] if node is not None else ""


def _version(page: Page, engine: Engine) -> str:
    """The version as far as the page tells it."""
    said = asked(engine.NAME, "version", page)
    if said is None:
        found = re.search(r"\d+(?:\.\w+)+", _generator(page))
        return found[0] if found else ""
    return str(said)


def _zone(page: Page) -> str:
    """As the footer states it, else as the page's clock runs."""
    zone = stated_zone(decode(page)) or clock_zone(decode(page), page.at)
    return str(zone) if zone is not None else ""


def _language(page: Page) -> str:
    """What the page says of itself; else what its commonest words are."""
    text = decode(page)
    if "<html" in text[:5000].lower():
        root = soup_of(page).select_one("html[lang]")
        said = re.match(r"[a-zA-Z]{2,3}\b", str(root["lang"]) if root is not None else "")
        if said:
            return said[0].lower()
    words = re.findall(r"\w+", text[:100_000].lower())
    counts = {name: sum(word in known for word in words) for name, known in WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= 10 else ""


def _name(url: str) -> str:
    """A short name from the host: `www.heimwerker-forum.example` is `heimwerker-forum`."""
    host = (urlsplit(url).hostname or "source").removeprefix("www.")
    try:
        ip_address(host)
    except ValueError:
        host = host.rpartition(".")[0] or host
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-") or "source"


def _yaml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = re.fullmatch(r"[a-z][\w-]*", text, re.IGNORECASE) and text.lower() not in YAML_WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
