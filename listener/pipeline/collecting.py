"""collect: sources side by side, posts, mentions and watermark in one transaction per batch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from listener.errors import CollectError, ParseError, TransientError
from listener.model import Batch, Memory, Mention, Passage, Post, Source
from listener.pipeline.hall import Hall
from listener.privacy import encodable, private
from schedules import next_due

if TYPE_CHECKING:
    from collectors.http import HttpClient
    from listener.query import Matcher
    from storage import Storage
    from storage.rows import Absence, Known

log = logging.getLogger("listener.collect")
SIDE_BY_SIDE = 32


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one source gave in one run."""

    source: str
    new: int = 0
    changed: int = 0
    mentions: int = 0
    requests: int = 0
    notice: str = ""
    error: CollectError | None = None


def collect(hall: Hall, *, only: Sequence[str] | None = None) -> list[Outcome]:
    """Ask all due sources (or those named), hosts side by side; one that fails leaves the others alone."""
    from collectors.http import HttpClient
    from listener.language import detect_language
    from listener.query import Matcher

    wanted = hall.storage.due_sources(hall.clock()) if only is None else list(only)
    sources = {source.name: source for source in hall.config.sources}
    due = [sources[name] for name in wanted if name in sources]
    if unknown := [name for name in wanted if name not in sources and only is not None]:
        raise CollectError(f"no such source; known are {', '.join(sources)}", source=unknown[0])
    if not due:
        return []
    with (
        HttpClient(contact=hall.config.contact, now=hall.clock, sleep=_sleeper(hall.stop)) as http,
        ThreadPoolExecutor(min(SIDE_BY_SIDE, len(due))) as pool,
    ):
        task = _Task(hall, http, Matcher(hall.config.products, detect_language, hall.pseudonym))
        futures = [pool.submit(_collect_one, task, source) for source in due]
        try:
            return [future.result() for future in futures]
        except BaseException:
            task.broken.set()  # the store fails: the others stop after their batch
            raise


def _sleeper(stop: threading.Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    return sleep


@dataclass(frozen=True)
class _Task:
    """What the sources of one round share; `writer` lets one of them at a time write."""

    hall: Hall
    http: HttpClient
    matcher: Matcher
    writer: threading.Lock = field(default_factory=threading.Lock)
    broken: threading.Event = field(default_factory=threading.Event)

    @property
    def stopped(self) -> bool:
        return self.hall.stop.is_set() or self.broken.is_set()


def _collect_one(task: _Task, source: Source) -> Outcome:
    hall, storage, outcome = task.hall, task.hall.storage, Outcome(source.name)
    if task.stopped:
        return outcome
    started_at, failures = hall.clock(), storage.failures(source.name)
    with task.writer:
        storage.set_due(source.name, _due(hall, source, started_at, failures, None))
    since, wait, error, notices = None, None, None, dict[str, None]()
    try:
        for batch in _batches(task, source):
            with task.writer:
                outcome = _saved(hall, source, task.matcher, batch, outcome, started_at)
            since = min(filter(None, (since, batch.complete_since)), default=None)
            wait = max(filter(None, (wait, batch.retry_after)), default=None)
            notices |= dict.fromkeys(filter(None, [batch.notice]))
            if task.stopped:
                break
    except CollectError as failed:
        failed.source = failed.source or source.name
        error, wait = failed, failed.retry_after
    asked = task.http.asked[source.name]
    outcome = replace(outcome, requests=asked, error=error, notice="; ".join(notices))
    failures = failures + 1 if error else 0
    due = started_at if task.stopped else _due(hall, source, started_at, failures, wait)
    with task.writer:
        _finish(hall, source, outcome, started_at, since)
        storage.set_due(source.name, due)
    return outcome


def _due(hall: Hall, source: Source, started_at: datetime, failures: int, wait: timedelta | None) -> datetime:
    jitter = hall.jitter()
    return next_due(started_at, source.every, failures=failures, retry_after=wait, jitter=jitter)


def _batches(task: _Task, source: Source) -> Iterator[Batch]:
    memory = Remembered(task.hall.storage, source.name)
    batches = opened(source, task.hall.storage.state(source.name), task.http, memory)
    while (batch := _pull(batches, source)) is not None:
        yield batch


@dataclass(frozen=True, slots=True)
class Remembered:
    """The store's memory of one source, as collectors ask for it."""

    storage: Storage
    source: str

    def standing(self, after: int, limit: int, *, mentioned: bool = False) -> Sequence[tuple[int, str]]:
        """See `listener.model.Memory`."""
        return self.storage.standing(self.source, after, limit, mentioned=mentioned)

    def threads(self, since: datetime) -> Sequence[str]:
        """See `listener.model.Memory`."""
        return self.storage.mentioned_threads(self.source, since)

    def addresses(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `listener.model.Memory`."""
        return self.storage.addresses(self.source, ids)


def opened(source: Source, state: Mapping[str, Any], http: HttpClient, memory: Memory) -> Iterator[Batch]:
    """The batches of a source's collector, which gets `memory` if it asks for it."""
    from collectors import get, options

    wanted = {"memory": memory} if "memory" in options(source.kind) else {}
    yield from get(source.kind)(source, state, http, **source.options, **wanted)


def _pull(batches: Iterator[Batch], source: Source) -> Batch | None:
    """The next batch; whatever a collector breaks on becomes an error of its source alone."""
    try:
        return next(batches, None)
    except CollectError:
        raise
    except Exception as error:
        log.exception("source=%s collector broke", source.name)
        said = f"the collector broke: {type(error).__name__}: {error}"
        raise ParseError(said, source=source.name) from error


def _saved(
    hall: Hall, source: Source, matcher: Matcher, batch: Batch, before: Outcome, started_at: datetime
) -> Outcome:
    raw = _once(batch.posts)
    posts = [private(post, hall.pseudonym) for post in raw.values()]
    known = hall.storage.known(source.name, [post.id for post in posts])
    new, changed, retold = decide(posts, known)
    new, changed = ([_judged(post, raw[post.id], source) for post in some] for some in (new, changed))
    mentions = match(matcher, [*new, *changed])
    saved = hall.storage.save_batch(
        source.name, new, changed, mentions, batch.state,
        now=hall.clock(), days={post.id: hall.day(post.published_at) for post in [*new, *changed]},
        missed=_missed(hall, source, batch, started_at), retold=retold,
    )  # fmt: skip
    log.info(
        "source=%s posts=%d new=%d changed=%d mentions=%d",
        source.name, len(posts), saved.new, saved.changed, saved.mentions,
    )  # fmt: skip
    return replace(
        before,
        new=before.new + saved.new,
        changed=before.changed + saved.changed,
        mentions=before.mentions + saved.mentions,
    )


def _missed(hall: Hall, source: Source, batch: Batch, started_at: datetime) -> Absence:
    from listener.pipeline.vanishing import absence
    from storage.rows import Absence

    if batch.thread_page is None:
        return Absence()
    stored = hall.storage.thread_posts(source.name, batch.thread_page.thread_id)
    return absence(batch.thread_page, batch.posts, stored, started_at)


def _once(posts: Iterable[Post]) -> dict[str, Post]:
    """Each id once; what a page says last of a post counts."""
    return {encodable(post.id): post for post in posts}


def decide(posts: Iterable[Post], known: Mapping[str, Known]) -> tuple[list[Post], list[Post], list[Post]]:
    """Which posts are new, which say something else than what is stored, which only count else. Pure."""
    new, changed, retold = [], [], []
    for post in posts:
        stored = known.get(post.id)
        if stored is None:
            new.append(post)
        elif _state(stored) != (post.content_hash, post.deleted, post.erased):
            changed.append(post)
        elif _counts(post) not in ((None, None, {}), (stored.votes, stored.replies, stored.facts)):
            retold.append(post)
    return new, changed, retold


def _state(stored: Known) -> tuple[str, bool, bool]:
    return stored.content_hash, stored.deleted, stored.erased


def _counts(post: Post) -> tuple[int | None, int | None, dict[str, str | int | bool]]:
    return post.votes, post.replies, dict(post.facts)


def match(matcher: Matcher, posts: Sequence[Post]) -> list[Mention]:
    """All mentions in these posts, one pass for all products; a deleted post says nothing."""
    standing = [post for post in posts if not post.deleted]
    found = matcher.match([passage(post) for post in standing])
    return [
        Mention(post.id, hit.product, hit.place, hit.spans)
        for post, hits in zip(standing, found, strict=True)
        for hit in hits
    ]


def passage(post: Post) -> Passage:
    """A post as the matcher sees it."""
    return Passage(
        text=post.text,
        title=post.title,
        quote=post.quoted,
        author=post.author,
        url=post.url,
        language=post.language,
        thread=tuple(filter(None, (post.thread_id, post.thread_url))),
    )


def _judged(post: Post, raw: Post, source: Source) -> Post:
    """With its language, and with its flag: that needs the author's name as the site writes it."""
    from listener.language import detect_language
    from listener.noise import flag

    language = detect_language(post.text or post.title, post.language)
    return replace(post, language=language, flag=flag(raw, board=_board(source)))


def _board(source: Source) -> str:
    """What tells that a source is a market: its name, its address."""
    return f"{source.name} {source.options.get('url', '')}"


def _finish(
    hall: Hall, source: Source, outcome: Outcome, started_at: datetime, since: datetime | None
) -> None:
    if outcome.notice:
        log.info("source=%s notice: %s", source.name, outcome.notice)
    if error := outcome.error:
        kind = "later" if isinstance(error, TransientError) else "needs a person"
        log.info("source=%s failed kind=%s (%s): %s", source.name, type(error).__name__, kind, error.message)
    hall.storage.set_outcome(
        source.name,
        started_at=started_at,
        finished_at=hall.clock(),
        error=outcome.error,
        covered_from=since,
        requests=outcome.requests,
        new=outcome.new,
        changed=outcome.changed,
        zone=hall.zone,
        notice=outcome.notice,
    )
