"""What every step works with: configuration, store, clock, the wish to stop; and the lock of a run."""

from __future__ import annotations

import fcntl
import inspect
import logging
import os
import random
import threading
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from listener.config import Config, load
from listener.errors import ConfigError, LockedError, StorageError
from listener.privacy import Pseudonym, plain, pseudonyms

if TYPE_CHECKING:
    from sentiment import Scorer
    from storage import Storage

log = logging.getLogger("listener.config")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hall:
    """One opened configuration. `clock` and `jitter` are arguments so that tests decide them."""

    config: Config
    storage: Storage
    clock: Callable[[], datetime] = _now
    jitter: Callable[[], float] = random.random
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def zone(self) -> ZoneInfo:
        """The calendar of `day`."""
        return ZoneInfo(self.config.timezone)

    def day(self, at: datetime | None) -> date | None:
        """The calendar day of an instant."""
        return None if at is None else at.astimezone(self.zone).date()

    @cached_property
    def pseudonym(self) -> Pseudonym:
        """How authors are stored."""
        if not self.config.pseudonyms:
            return plain
        return pseudonyms(self.storage.secret("author-key", lambda: os.urandom(32).hex()))

    @cached_property
    def scorer(self) -> Scorer:
        """The sentiment model, loaded when the first mention needs it."""
        from sentiment import Scorer

        return Scorer()


@contextmanager
def open_hall(
    config: Config,
    *,
    clock: Callable[[], datetime] = _now,
    jitter: Callable[[], float] = random.random,
    stop: threading.Event | None = None,
) -> Iterator[Hall]:
    """Open the store and put the configuration into it."""
    from storage import Storage

    with Storage(config.store) as storage:
        hall = Hall(config, storage, clock, jitter, stop or threading.Event())
        storage.sync(config.sources, config.brands, clock())
        _log_doubts(config)
        yield hall


def query_doubts(config: Config) -> Iterator[str]:
    """What is doubtful about the queries, though they parse: a line each, with product and column."""
    from listener.query.doubts import doubts

    for product in config.products:
        for doubt in doubts(product.query.text):
            yield f"{product.name}: the query, {doubt}"


def _log_doubts(config: Config) -> None:
    if log.isEnabledFor(logging.INFO):
        for line in query_doubts(config):
            log.info("%s", line)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock of a run; LockedError at once if another process does. A crash lets go of it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(f"the lock file {path} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LockedError(f"another run holds {path}") from error
        yield
    finally:
        os.close(handle)


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """The checked configuration; ConfigError lists all its problems."""
    return load(path, environ, check_query=_check_query, option_types=option_types)


def _check_query(text: str) -> object:
    from listener.query import parse

    return parse(text)


def option_types(kind: str) -> dict[str, tuple[Any, bool]]:
    """The options of a kind of source: name -> (type, whether it must be given)."""
    from collectors import get

    collect = get(kind)
    try:
        hints = typing.get_type_hints(collect)
    except NameError as error:
        raise ConfigError(f"kind `{kind}`: its types cannot be read: {error}") from error
    return {
        name: (hints.get(name, str), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(collect).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name != "memory"
    }
