"""import: posts of a file are read, checked, matched, and stored in one transaction, or nothing is."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from listener.errors import ConfigError, ListenerError, Problem
from listener.model import Post
from listener.pipeline.collecting import match
from listener.pipeline.hall import Hall
from listener.pipeline.import_report import ImportReport, Wish, count, faults
from listener.pipeline.import_rows import Reading
from listener.pipeline.import_spool import Seen, Spool

if TYPE_CHECKING:
    from listener.imports import Feeds, Row, Table
    from storage.rows import ImportBatch

log = logging.getLogger("listener.import")
CHUNK, CHUNK_CHARACTERS = 500, 2_000_000
MOST_SOURCES = 500
LONGEST_PROMISE = timedelta(days=50 * 366)
Tell = Callable[[str, int], None]


def import_file(hall: Hall, wish: Wish, tell: Tell) -> ImportReport:
    """Store the posts of a file, all or (with a bad row, unless skipped) none; `tell` hears of progress.

    Hold the lock of a run around it. ConfigError lists the rows that cannot be read.
    """
    from listener.imports import table

    name = _checked_name(hall, wish)
    found = table(wish.path, wish.form, wish.encoding)
    _check_columns(wish.path, found)
    report = ImportReport()
    with Spool() as posts, Spool() as ready:
        seen = _read(hall, wish, name, found, posts, report, tell)
        out, report.repeated, strangers = seen.left_out()
        for problem in strangers:
            report.fault(problem)
        if report.bad and not wish.skip_bad:
            raise faults(report, wish.path)
        _prepare(hall, posts, out, ready, report, tell)
        report.covered = _covered(hall, wish, report)
        if wish.dry_run:
            report.present = _present(hall, ready)
        else:
            _store(hall, ready, report, tell)
    return report


def import_opml(wish: Wish, configured: Sequence[Any]) -> Feeds:
    """The feeds of an OPML file that are not configured yet."""
    from listener.errors import ParseError
    from listener.imports import read_opml

    addresses = {str(one.options["url"]): one.name for one in configured if "url" in one.options}
    try:
        body = wish.path.read_bytes()
        return read_opml(body, [one.name for one in configured], addresses)
    except OSError as error:
        raise ConfigError([Problem(0, f"cannot be read: {error.strerror}")], str(wish.path)) from error
    except ParseError as error:
        raise ConfigError([Problem(0, error.message, "export it again as OPML")], str(wish.path)) from error


def _checked_name(hall: Hall, wish: Wish) -> str:
    """The name of the file's source; not one that is collected, whose ids need not be the file's."""
    name = " ".join((wish.source or _stem(wish.path)).split())
    if not name.isprintable() or not 0 < len(name) <= 200:
        raise ConfigError("--source: write a name of up to 200 characters")
    if wish.kind is not None and (not re.fullmatch(r"[\w.-]{1,40}", wish.kind) or wish.kind == "all"):
        raise ConfigError(f"--kind: `{wish.kind}` is no name of a channel; write forum, reddit, import")
    if name in {source.name for source in hall.config.sources}:
        raise ConfigError(
            f"the source `{name}` is configured and collected; import under another name: --source NAME. "
            f"A post with the same address in both is one post"
        )
    return name


def _stem(path: Path) -> str:
    name = path.name
    while (suffix := Path(name).suffix.lower()) in (
        ".gz",
        ".csv",
        ".tsv",
        ".txt",
        ".jsonl",
        ".json",
        ".ndjson",
        ".parquet",
    ):
        name = name[: -len(suffix)]
    return name.strip(". ") or "import"


def _check_columns(path: Path, found: Table) -> None:
    from listener.imports.columns import COLUMNS

    columns = set(found.columns)
    if found.form == "jsonl" or columns & {*COLUMNS["text"], *COLUMNS["title"]}:
        return
    if {"product", "day", "channel"} <= columns:
        raise ConfigError(
            [Problem(1, "this is the view `daily`", "import `listener export mentions`")], str(path)
        )
    shown = ", ".join(f"`{name[:40]}`" for name in found.columns[:12])
    what = f"the first line names no column for the text; it reads {shown}"
    raise ConfigError([Problem(1, what, "name the columns: id, url, text, author, published_at")], str(path))


def _read(
    hall: Hall, wish: Wish, name: str, found: Table, spool: Spool, report: ImportReport, tell: Tell
) -> Seen:
    """All rows as posts into the spool; what is wrong with them into the report."""
    from listener.imports import is_own

    reading = Reading(
        _zone(wish.zone) if wish.zone else hall.zone, hall.clock(), hall.pseudonym, wish.day_first,
        wish.words, guarded=found.form == "csv" and is_own(found.columns),
    )  # fmt: skip
    kinds = {one.source: one.kind for one in hall.storage.sources_status(hall.clock())}
    seen, chunk, size = Seen(), list[tuple[str, Post]](), 0
    for row in found.rows:
        report.rows += 1
        if report.rows % 1000 == 0:
            _go_on(hall)
            tell("read", report.rows)
        told = _post_of(row, reading, name, wish.kind, kinds, report)
        if told is None:
            continue
        seen.add(*told, row.line)
        chunk.append(told)
        size += len(told[1].text)
        if len(chunk) >= CHUNK or size >= CHUNK_CHARACTERS:
            spool.add(chunk)
            chunk, size = [], 0
    spool.add(chunk)
    return seen


def _post_of(
    row: Row | Problem,
    reading: Reading,
    name: str,
    kind: str | None,
    kinds: Mapping[str, str],
    report: ImportReport,
) -> tuple[str, Post] | None:
    """The source and the post of a row; what is wrong with it goes into the report."""
    from listener.imports import RowError

    if isinstance(row, Problem):
        report.fault(row)
        return None
    try:
        post, told = reading.post(row.cells)
        source = _source_of(name, told.source, report)
    except RowError as error:
        report.fault(Problem(row.line, error.what, error.write))
        return None
    report.sources.setdefault(source, kind or kinds.get(source) or told.kind or "import")
    return source, post


def _source_of(name: str, said: str, report: ImportReport) -> str:
    """Posts of our own export stay apart by the source they came from."""
    from listener.imports import RowError

    source = f"{name}/{said}" if said else name
    if source not in report.sources and len(report.sources) >= MOST_SOURCES:
        raise RowError(f"more than {MOST_SOURCES} sources in one file")
    return source


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ConfigError(f"--timezone: `{name}` is no time zone; write Europe/Berlin") from error


def _go_on(hall: Hall) -> None:
    if hall.stop.is_set():
        raise ListenerError("stopped; nothing was stored")


def _prepare(hall: Hall, posts: Spool, out: set[int], ready: Spool, report: ImportReport, tell: Tell) -> None:
    """Language and mentions of what stays, before the store is held."""
    from listener.language import detect_language
    from listener.query import Matcher
    from storage.rows import ImportBatch

    matcher = Matcher(hall.config.products, detect_language, hall.pseudonym)
    number = 0
    for chunk in posts:
        _go_on(hall)
        kept = [pair for row, pair in enumerate(chunk, number) if row not in out]
        number += len(chunk)
        for source in dict.fromkeys(source for source, _ in kept):
            told = [
                replace(post, language=detect_language(post.text or post.title, post.language))
                for name, post in kept
                if name == source
            ]
            found = match(matcher, told)
            days = {post.id: hall.day(post.published_at) for post in told}
            count(report, told, found, days, hall.zone)
            ready.add(ImportBatch(source, told, found, days))
        tell("matched", report.posts)


def _covered(hall: Hall, wish: Wish, report: ImportReport) -> tuple[datetime, datetime] | None:
    """What the file holds completely, as far as the person says so."""
    if not (wish.complete or wish.first or wish.last):
        return None
    since = _midnight(hall, wish.first) if wish.first else report.oldest
    until = _midnight(hall, wish.last + timedelta(days=1)) if wish.last else report.newest
    if since is None or until is None:
        raise ConfigError("no post has a date; say --complete-from and --complete-until")
    until = min(until, hall.clock())
    if since >= until:
        raise ConfigError("--complete-from lies behind the end; nothing would be complete")
    if until - since > LONGEST_PROMISE:
        raise ConfigError(f"complete since {since:%Y-%m-%d}, more than 50 years; say --complete-from DAY")
    return since, until.astimezone(hall.zone)


def _midnight(hall: Hall, day: date) -> datetime:
    return datetime.combine(day, time(), hall.zone)


def _present(hall: Hall, ready: Spool) -> int:
    """How many of the posts are stored already."""
    stored = {one.source for one in hall.storage.sources_status(hall.clock())}
    batches = (batch for batch in ready if batch.source in stored)
    return sum(len(hall.storage.known(batch.source, [post.id for post in batch.posts])) for batch in batches)


def _store(hall: Hall, ready: Spool, report: ImportReport, tell: Tell) -> None:
    def batches() -> Iterator[ImportBatch]:
        stored = 0
        for batch in ready:
            _go_on(hall)
            yield batch
            stored += len(batch.posts)
            tell("stored", stored)

    report.saved = hall.storage.import_posts(
        report.sources, batches(), now=hall.clock(), covered=report.covered, zone=hall.zone
    )
    log.info(
        "sources=%s rows=%d posts=%d new=%d changed=%d mentions=%d",
        ", ".join(report.sources), report.rows, report.posts, report.saved.new, report.saved.changed,
        report.saved.mentions,
    )  # fmt: skip
