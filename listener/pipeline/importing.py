"""import: posts of a file are read, checked, matched, and stored in one transaction, or nothing is."""

from __future__ import annotations

import logging
import pickle
import re
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from listener.errors import ConfigError, ListenerError, Problem, StorageError
from listener.model import Mention, Post
from listener.pipeline.collecting import match
from listener.pipeline.hall import Hall
from listener.pipeline.import_rows import Form, Reading

if TYPE_CHECKING:
    from listener.imports import Feeds, Table
    from storage.rows import ImportBatch, Imported

log = logging.getLogger("listener.import")
CHUNK, CHUNK_CHARACTERS = 500, 2_000_000
SHOWN = 20  # faults of a file that are shown
MOST_SOURCES = 500
LONGEST_PROMISE = timedelta(days=50 * 366)
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a file; None: as the file says, or the default."""

    path: Path
    source: str | None = None
    kind: str | None = None
    form: str | None = None
    encoding: str | None = None
    zone: str | None = None
    day_first: bool | None = None
    words: Form | None = None
    skip_bad: bool = False
    dry_run: bool = False
    complete: bool = False
    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class ImportReport:
    """What a file holds, and what of it was stored (`saved` None: nothing, it was a dry run)."""

    sources: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    posts: int = 0
    repeated: int = 0
    undated: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    mentions: Counter[str] = field(default_factory=Counter)
    mention_days: Counter[date] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    bad: int = 0
    present: int = 0
    covered: tuple[datetime, datetime] | None = None
    saved: Imported | None = None

    def fault(self, problem: Problem) -> None:
        """Count a row that cannot be read; the first ones are kept to be shown."""
        self.bad += 1
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    @property
    def closed(self) -> int:
        """Mentions on days whose series retention has closed."""
        before = self.saved.closed_before if self.saved else None
        return 0 if before is None else sum(n for day, n in self.mention_days.items() if day < before)


def import_file(hall: Hall, wish: Wish, tell: Tell) -> ImportReport:
    """Store the posts of a file, all or (with a bad row, unless skipped) none; `tell` hears of progress.

    Hold the lock of a run around it. ConfigError lists the rows that cannot be read.
    """
    from listener.imports import table

    name = _checked_name(hall, wish)
    found = table(wish.path, wish.form, wish.encoding)
    _check_columns(wish.path, found)
    report = ImportReport()
    with _Spool() as posts, _Spool() as ready:
        seen = _read(hall, wish, name, found, posts, report, tell)
        out = seen.left_out(report)
        if report.bad and not wish.skip_bad:
            raise _faults(report, wish.path)
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


def _faults(report: ImportReport, path: Path) -> ConfigError:
    more = report.bad - len(report.problems)
    problems = sorted(report.problems, key=lambda problem: problem.line)
    if more:
        problems.append(Problem(0, f"and {more:,} more rows like these"))
    problems.append(Problem(0, "nothing was stored", "correct the rows, or leave them out: --skip-bad"))
    return ConfigError(problems, str(path))


class _Spool:
    """Chunks on the disk instead of in memory; nobody else can read them, and they end with the program."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the with around it)

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunk: object) -> None:
        """One more chunk."""
        try:
            pickle.dump(chunk, self._file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise StorageError(
                f"{tempfile.gettempdir()} has no room: {error.strerror}; nothing was stored"
            ) from error

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return


class _Seen:
    """Which post each row is, in 24 bytes a row: a later row of the same post counts."""

    def __init__(self) -> None:
        self._keys, self._tellers, self._lines = array("Q"), array("Q"), array("Q")

    def add(self, source: str, post: Post, line: int) -> None:
        """The next row."""
        self._keys.append(_number(source, post.id))
        teller = _number(post.author or "", str(post.published_at)) if post.id.startswith("url-") else 0
        self._tellers.append(teller)
        self._lines.append(line)

    def left_out(self, report: ImportReport) -> set[int]:
        """Rows that a later one repeats; different posts at one address are faults."""
        out: set[int] = set()
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        for _, group in groupby(order, key=self._keys.__getitem__):
            first, *others = group
            strangers = [row for row in others if self._tellers[row] != self._tellers[first]]
            for row in strangers:
                what = f"the address of line {self._lines[first]}, but another author or date"
                write = "add a column `id`, or call the thread's address `thread_url`"
                report.fault(Problem(self._lines[row], what, write))
            same = [first, *(row for row in others if row not in set(strangers))]
            report.repeated += len(same) - 1
            out |= {*strangers, *same[:-1]}
        return out


def _number(*parts: str) -> int:
    said = "\x1f".join(parts).encode("utf-8", "replace")
    return int.from_bytes(blake2b(said, digest_size=8).digest())


def _read(
    hall: Hall, wish: Wish, name: str, found: Table, spool: _Spool, report: ImportReport, tell: Tell
) -> _Seen:
    """All rows as posts into the spool; what is wrong with them into the report."""
    from listener.imports import Row, RowError, is_own

    reading = Reading(
        _zone(wish.zone) if wish.zone else hall.zone, hall.clock(), hall.pseudonym, wish.day_first,
        wish.words, guarded=found.form == "csv" and is_own(found.columns),
    )  # fmt: skip
    seen, chunk, size = _Seen(), list[tuple[str, Post]](), 0
    stored = {one.source: one.kind for one in hall.storage.sources_status(hall.clock())}
    for found_row in found.rows:
        report.rows += 1
        if report.rows % 1000 == 0:
            _go_on(hall)
            tell("read", report.rows)
        if not isinstance(found_row, Row):
            report.fault(found_row)
            continue
        try:
            post, told = reading.post(found_row.cells)
            source = _source_of(name, told.source, report)
        except RowError as error:
            report.fault(Problem(found_row.line, error.what, error.write))
            continue
        kind = wish.kind or stored.get(source) or told.kind or "import"
        report.sources.setdefault(source, kind)
        seen.add(source, post, found_row.line)
        chunk.append((source, post))
        size += len(post.text)
        if len(chunk) >= CHUNK or size >= CHUNK_CHARACTERS:
            spool.add(chunk)
            chunk, size = [], 0
    spool.add(chunk)
    return seen


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


def _prepare(
    hall: Hall, posts: _Spool, out: set[int], ready: _Spool, report: ImportReport, tell: Tell
) -> None:
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
            _count(report, told, found, days, hall.zone)
            ready.add(ImportBatch(source, told, found, days))
        tell("matched", report.posts)


def _count(
    report: ImportReport,
    posts: Sequence[Post],
    found: Sequence[Mention],
    days: dict[str, date | None],
    zone: ZoneInfo,
) -> None:
    report.posts += len(posts)
    dated = [_reach(post.published_at, post.date_precision, zone) for post in posts if post.published_at]
    report.undated += len(posts) - len(dated)
    report.oldest = min(filter(None, (report.oldest, *(first for first, _ in dated))), default=None)
    report.newest = max(filter(None, (report.newest, *(last for _, last in dated))), default=None)
    for mention in found:
        report.mentions[mention.product] += 1
        if day := days[mention.post_id]:
            report.mention_days[day] += 1


def _reach(at: datetime, precision: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Between which instants a post was written: anywhere in its day if that is all that is known."""
    local = at.astimezone(zone)
    if precision != "day":
        return local, local
    start = datetime.combine(local.date(), time(), zone)
    return start, datetime.combine(local.date(), time(23, 59, 59), zone)


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


def _present(hall: Hall, ready: _Spool) -> int:
    """How many of the posts are stored already."""
    stored = {one.source for one in hall.storage.sources_status(hall.clock())}
    batches = (batch for batch in ready if batch.source in stored)
    return sum(len(hall.storage.known(batch.source, [post.id for post in batch.posts])) for batch in batches)


def _store(hall: Hall, ready: _Spool, report: ImportReport, tell: Tell) -> None:
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
