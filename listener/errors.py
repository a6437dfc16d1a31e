"""The error tree.

ListenerError
|- ConfigError (ValueError)       the user can fix it: file, line, what to do; exit 2
|  `- QueryError                  a query that does not parse: column and what was expected
|- CollectError(source, url)      this source failed; stored, counted, the others go on
|  |- TransientError(retry_after) network, 429, 5xx: later, silent until it repeats
|  |- AccessError                 401, 403, robots, login, challenge page: needs a person
|  |  `- EndedError               the source says it is over (410): not asked again before it is changed
|  `- ParseError                  the page came and was not understood: layout changed
|- SentimentError                 mentions stay unscored, the next run tries again
|- StorageError                   ends the run, exit 1
|- LockedError                    another run is at work, exit 75
`- DeliveryError                  the digest stays unsent, the next run tries again
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


class ListenerError(Exception):
    """Everything this program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a configuration file: its line (0: the whole file), what is wrong, what to write."""

    line: int
    what: str
    write: str = ""

    def __str__(self) -> str:
        return f"{self.what}; {self.write}" if self.write else self.what


class ConfigError(ListenerError, ValueError):
    """All problems of one file at once; the text has one line `file:line: what; write` for each."""

    def __init__(self, problems: Sequence[Problem] | str, file: str = "") -> None:
        self.problems = (Problem(0, problems),) if isinstance(problems, str) else tuple(problems)
        self.file = file
        super().__init__("\n".join(map(self._line, self.problems)))

    def _line(self, problem: Problem) -> str:
        place = ":".join(filter(None, [self.file, str(problem.line or "")]))
        return f"{place}: {problem}" if place else str(problem)


class QueryError(ConfigError):
    """A query that does not parse; `column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        self.column = column
        super().__init__(f"column {column}: {message}")


class CollectError(ListenerError):
    """A source failed; `source` and `url` say which and where, `retry_after` is a server's wish to wait."""

    retry_after: timedelta | None = None

    def __init__(self, message: str, *, source: str = "", url: str = "") -> None:
        self.message = message
        self.source = source
        self.url = url
        super().__init__(message)

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.source, self.url, self.message]))


class TransientError(CollectError):
    """Time can heal it; `retry_after` is the server's wish, if it said one."""

    def __init__(
        self, message: str, *, source: str = "", url: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, source=source, url=url)
        self.retry_after = retry_after


class AccessError(CollectError):
    """A person must act: refused, robots.txt, log-in or challenge page."""


class EndedError(AccessError):
    """The source says that it is over; it is not asked again until its configuration changes."""


class ParseError(CollectError):
    """The page came and was not understood."""


class SentimentError(ListenerError):
    """A text could not be scored, or the model could not be loaded."""


class StorageError(ListenerError):
    """The store cannot be read or written."""


class LockedError(ListenerError):
    """Another run holds the lock; exit 75."""


class DeliveryError(ListenerError):
    """A mail could not be handed to the server; `permanent` is an SMTP 5xx."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
