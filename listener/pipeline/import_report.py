"""What is wanted of a file, and what an import tells of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from listener.errors import ConfigError, Problem
from listener.model import Mention, Post
from listener.pipeline.import_rows import Form

if TYPE_CHECKING:
    from storage.rows import Imported

SHOWN = 20  # faults of a file that are shown


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


def faults(report: ImportReport, path: Path) -> ConfigError:
    """The rows that cannot be read, as one error."""
    more = report.bad - len(report.problems)
    problems = sorted(report.problems, key=lambda problem: problem.line)
    if more:
        problems.append(Problem(0, f"and {more:,} more rows like these"))
    problems.append(Problem(0, "nothing was stored", "correct the rows, or leave them out: --skip-bad"))
    return ConfigError(problems, str(path))


def count(
    report: ImportReport,
    posts: Sequence[Post],
    found: Sequence[Mention],
    days: dict[str, date | None],
    zone: ZoneInfo,
) -> None:
    """Posts that stay, with their mentions, into the report."""
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
