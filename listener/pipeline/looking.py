"""What people ask of the pipeline: read a page, detect a site, try a query, why, status, evaluate."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from listener.errors import ConfigError, ParseError, Problem, StorageError
from listener.model import Label, Match, Passage, Product, Query, Source
from listener.pipeline.digesting import sent_lines
from listener.pipeline.facts import said
from listener.pipeline.hall import Hall
from listener.pipeline.rematching import progress

if TYPE_CHECKING:
    from collectors.http import Response
    from collectors.reading import Topic
    from listener.query import Matcher
    from listener.query.explaining import Explainer
    from storage.rows import StoredPost

ADDRESS = re.compile(r"^https?://", re.I)
CHUNK = 500


def _now() -> datetime:
    return datetime.now(UTC)


def read_place(
    place: str,
    *,
    url: str | None,
    at: datetime | None,
    zone: str | None,
    content_type: str = "",
) -> Topic:
    """The posts of a page, feed or API answer; `place` is a file or an address."""
    from collectors.reading import Page, read

    if zone is not None:
        _checked_zone(zone)
    if ADDRESS.match(place):
        return _read_address(place, url, at, zone, content_type)
    try:
        body = Path(place).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{place} cannot be read: {error.strerror}; name a file or an http address"
        ) from error
    guessed = content_type or (mimetypes.guess_type(place)[0] or "")
    address = url or f"https://forum.invalid/{Path(place).name}"
    return read(Page(body, address, at or _now(), zone, guessed, at_known=at is not None))


def _read_address(place: str, url: str | None, at: datetime | None, zone: str | None, kind: str) -> Topic:
    """A page as it comes, or the JSON of it where the engine has its posts only there."""
    from collectors.engines import asked, engine_at, engine_of
    from collectors.reading import Page, read

    def fetched(address: str) -> Page:
        answer = _fetch(address)
        form = kind or answer.headers.get("content-type", "")
        return Page(answer.body, url or answer.url, at or answer.date, zone, form)

    known = engine_at(place)
    page = fetched(asked(known.NAME, "data_address", place) if known else place)
    try:
        return read(page)
    except ParseError:
        engine = engine_of(page)
        twin = asked(engine.NAME, "data_address", page.url) if engine else None
        if not twin or twin == page.url:
            raise
    return read(fetched(twin))


def _checked_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise ConfigError(f"--timezone: `{zone}` is no time zone; write Europe/Berlin") from error


def _fetch(url: str) -> Response:
    from collectors.http import HttpClient

    with HttpClient(contact="", now=_now) as http:
        return http.get(url, source=_typed_in(url))


def _typed_in(url: str) -> Source:
    """Who types an address of this machine or network means it; a site that redirects there does not."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        raise ConfigError(f"`{url[:80]}` is no web address; write https://forum.example/") from error
    try:
        private = not ip_address(host).is_global
    except ValueError:
        private = "." not in host
    return Source("address", "forum", {"url": url}, allow_private=private, delay=timedelta(0))


def detect(url: str, *, contact: str = "") -> dict[str, Any]:
    """What a site is and what can be read there, within three requests; `line` is its configuration."""
    from collectors.detection import detect as look
    from collectors.http import HttpClient

    if not ADDRESS.match(url):
        url = f"https://{url}"
    with HttpClient(contact=contact, now=_now) as http:
        found = look(url, http, _typed_in(url))
    return {**asdict(found), "line": found.line}


def _explainer(query: str, alias: Callable[[str], str] = str.casefold) -> Explainer:
    from listener.language import detect_language
    from listener.query.explaining import Explainer

    return Explainer(query, detect_language, alias)


def _matcher(query: str, alias: Callable[[str], str] = str.casefold) -> Matcher:
    from listener.language import detect_language
    from listener.query import Matcher

    return Matcher([Product("query", Query(query))], detect_language, alias)


def try_lines(
    query: str, rows: Iterable[tuple[int, Mapping[str, Any]]], file: str = "", *, explain: bool = False
) -> Iterator[dict[str, Any]]:
    """Hold a query against (line number, row): text and, where known, title, quote, author, url, lang."""
    matcher, explainer = _matcher(query), _explainer(query) if explain else None
    for number, row in rows:
        if not isinstance(row.get("text"), str):
            raise ConfigError(
                [Problem(number, "`text` is missing or no text", 'write {"text": "…"}')], file or "line"
            )
        passage = _row_passage(row)
        yield {**answer(matcher.match([passage])[0]), **_explanation(explainer, passage)}


def _explanation(explainer: Explainer | None, passage: Passage) -> dict[str, Any]:
    if explainer is None:
        return {}
    return {"explain": {**explainer.query(), **explainer.passage(passage)}}


def _row_passage(row: Mapping[str, Any]) -> Passage:
    def text(key: str) -> str:
        return str(row.get(key) or "")

    thread = row.get("thread") or ()
    return Passage(
        text=text("text"),
        title=text("title"),
        quote=text("quote"),
        author=text("author") or None,
        url=text("url"),
        language=text("lang") or None,
        thread=tuple(map(str, thread)) if isinstance(thread, list) else (str(thread),) if thread else (),
    )


def answer(matches: list[Match]) -> dict[str, Any]:
    """A match as `listener try` prints it."""
    if not matches:
        return {"matched": False, "in": None, "spans": []}
    return {"matched": True, "in": matches[0].place, "spans": [list(span) for span in matches[0].spans]}


def try_store(hall: Hall, query: str, *, explain: bool = False) -> tuple[int, list[dict[str, Any]]]:
    """How many posts the store has, and those that a query matches, the newest first."""
    matcher, found, seen, after = _matcher(query, hall.pseudonym), [], 0, 0
    explainer = _explainer(query, hall.pseudonym) if explain else None
    while posts := hall.storage.posts_for_rematch(after, CHUNK):
        hits = matcher.match([post.passage for post in posts])
        for post, matches in zip(posts, hits, strict=True):
            if matches:
                shown = {"url": post.url, "title": post.title, "text": post.text, "at": post.published_at}
                found.append({**answer(matches), **shown, **_explanation(explainer, post.passage)})
        seen, after = seen + len(posts), posts[-1].id
    oldest = datetime.min.replace(tzinfo=UTC)
    return seen, sorted(found, key=lambda hit: hit["at"] or oldest, reverse=True)


def why(hall: Hall, url: str) -> dict[str, Any]:
    """Why a stored post is, or is not, a mention of each product, and how it was judged."""
    from listener.language import detect_language
    from listener.query import Matcher

    post = hall.storage.find_post(url)
    if post is None:
        raise StorageError(
            f"no post with the address {url} is stored; `listener read {url}` shows what is there"
        )
    (hits,) = Matcher(hall.config.products, detect_language, hall.pseudonym).match([post.passage])
    matches = {hit.product: hit for hit in hits}
    judged = {row.product: row for row in hall.storage.mentions_of(post.id)}
    return {
        "url": post.url,
        "title": post.title,
        "text": post.text,
        "duplicate_of": post.duplicate_of,
        "products": [
            {"product": product.name, "reason": _reason(product, post, matches.get(product.name), judged)}
            for product in hall.config.products
        ],
    }


def _reason(product: Product, post: StoredPost, match: Match | None, judged: Mapping[str, Any]) -> str:
    if post.deleted_at is not None and not post.text and product.name in judged:
        where = "a mention when it was read; the site deleted it, its words are erased"
    elif match is None:
        return f"no mention: the query {product.query.text} matches neither text nor title nor quote"
    elif match.place == "text":
        words = ", ".join(f"„{post.text[start:end]}“" for start, end in match.spans) or "its fields"
        where = f"a mention: {words} in the text"
    elif match.place == "title":
        where = "a mention: only the thread's title names it"
    else:
        where = "no counted mention: only quoted words name it"
    if post.duplicate_of is not None:
        where += "; not counted, it is a copy of another post"
    row = judged.get(product.name)
    if row is None or row.label is None:
        return f"{where}; not judged yet"
    if row.corrected:
        return f"{where}; {row.label}, as a person said"
    chance = {"negative": row.p_negative, "neutral": row.p_neutral, "positive": row.p_positive}[row.label]
    return f"{where}; {row.label} ({chance:.0%})"


def evaluate(file: Path, predictions: Path | None) -> dict[str, Any]:
    """Figures of the sentiment model on labelled rows; optionally each row's label and probabilities."""
    from sentiment import Scorer, read_rows, write_predictions
    from sentiment import evaluate as measure

    rows, scorer = read_rows(file), Scorer()
    report = measure(rows, scorer)
    if predictions is not None:
        write_predictions(predictions, report)
    return report.as_dict()


def status(hall: Hall) -> dict[str, Any]:
    """What an operator asks: per source, per step, per digest."""
    from collectors.forum_words import progress_words

    now, counts = hall.clock(), hall.storage.counts()
    return {
        "store": hall.config.store if hall.config.store.startswith("sqlite") else "PostgreSQL",
        "timezone": "UTC",
        "posts": counts["posts"],
        "mentions": counts["mentions"],
        "sources": [
            {
                "name": source.source,
                "kind": source.kind,
                "active": source.active,
                "last_success": _minute(source.last_success_at),
                "next_due": None if source.ended_at else _minute(source.due_at),
                "ended": _minute(source.ended_at),
                "failures": source.failures,
                "coverage": source.coverage,
                "posts": source.posts,
                "past": progress_words(hall.storage.state(source.source), now),
                "notice": source.notice,
                "noticed": _minute(source.notice_at),
                "error": said(source) if source.failures else None,
            }
            for source in hall.storage.sources_status(now)
        ],
        "backlog": {
            "sources due": len(hall.storage.due_sources(now)),
            "mentions unscored": _unscored(hall),
            "days to aggregate": len(hall.storage.touched_days()),
            "products to rematch": len(hall.storage.unmatched_products()),
        },
        "rematch": [{"product": name, "done": share} for name, share in progress(hall).items()],
        "digests": sent_lines(hall),
    }


def _unscored(hall: Hall) -> int:
    return hall.storage.backlog(hall.scorer.model)


def _minute(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def correct(hall: Hall, mention_id: int, label: Label) -> None:
    """A person's label for a mention; its day is aggregated again."""
    from listener.pipeline.aggregating import aggregate

    hall.storage.correct(mention_id, label, hall.clock())
    aggregate(hall)


def forget(hall: Hall, *, author: str | None, url: str | None, source: str | None) -> int:
    """Erase posts; an author is found by the name on the site as well as by the stored pseudonym."""
    from listener.pipeline.aggregating import aggregate

    count = hall.storage.forget(author=author, url=url, source=source)
    if author is not None and hall.pseudonym(author) != author:
        count += hall.storage.forget(author=hall.pseudonym(author))
    aggregate(hall)
    return count
