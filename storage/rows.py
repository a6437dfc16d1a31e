"""What comes out of the store, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from listener.model import Facts, Label, Mention, Passage, Place, Post, Precision, Quote, Span


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of a post: enough to decide whether it changed."""

    content_hash: str
    deleted: bool
    edited_at: datetime | None
    erased: bool = False
    votes: int | None = None
    replies: int | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """What the store knows of a post in a thread: enough to decide whether it is missing there."""

    external_id: str
    published_at: datetime | None
    missing_since: datetime | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """The site's ids of stored posts by what a page of their thread says of them.

    `missing`: not there for the first time; `gone`: not there again, so deleted; `back`: there again.
    """

    missing: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What one batch changed: posts stored, posts reworded, mentions found or changed, days touched.

    `edited`: posts of which anything is different, words or not.
    """

    new: int
    changed: int
    mentions: int
    touched: int
    edited: int = 0


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """Posts of one source out of a file, all mentions in them, and each post's calendar day."""

    source: str
    posts: Sequence[Post]
    found: Sequence[Mention]
    days: Mapping[str, date | None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed: posts stored, posts that say something else now, mentions found or changed.

    `withheld`: posts not stored, because they were erased at their site or forgotten here.
    `closed_before`: the series of earlier days are not computed any more.
    """

    new: int
    changed: int
    mentions: int
    withheld: int
    closed_before: date | None


@dataclass(frozen=True, slots=True)
class StoredPost:
    """One post as stored; `id` is the store's own number, `external_id` the site's."""

    id: int
    source: str
    kind: str
    external_id: str
    url: str
    thread_id: str
    thread_url: str
    title: str
    text: str
    quotes: tuple[Quote, ...]
    author: str | None
    published_at: datetime | None
    day: date | None
    edited_at: datetime | None
    deleted_at: datetime | None
    collected_at: datetime
    language: str | None
    duplicate_of: int | None
    flag: str | None

    @property
    def passage(self) -> Passage:
        """The post as the matcher sees it."""
        return Passage(
            text=self.text,
            title=self.title,
            quote="\n\n".join(quote.text for quote in self.quotes),
            author=self.author,
            url=self.url,
            language=self.language,
            thread=tuple(filter(None, (self.thread_id, self.thread_url))),
        )


@dataclass(frozen=True, slots=True)
class Unscored:
    """A mention that waits for its sentiment."""

    mention_id: int
    product: str
    text: str
    spans: tuple[Span, ...]
    title: str
    quote: str
    language: str | None


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One mention as the digest shows it; `copies` counts the other posts with the same words."""

    mention_id: int
    post_id: int
    product: str
    source: str
    kind: str
    url: str
    thread_url: str
    thread_title: str
    author: str | None
    published_at: datetime | None
    date_precision: Precision
    day: date
    language: str | None
    text: str
    spans: tuple[Span, ...]
    matched_in: Place
    label: Label | None
    p_negative: float | None
    p_neutral: float | None
    p_positive: float | None
    corrected: bool
    copies: int

    @property
    def score(self) -> float | None:
        """p_positive - p_negative, None before the mention is scored."""
        if self.p_positive is None or self.p_negative is None:
            return None
        return self.p_positive - self.p_negative


class Touched(NamedTuple):
    """A day of a product whose series must be computed again; `mark` says as of when."""

    product: str
    day: date
    mark: int


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """How well a source was listened to on one day; `coverage` is a share in [0, 1].

    `notice` is the last thing said that day by a reading that succeeded.
    """

    source: str
    day: date
    planned: int
    succeeded: int
    coverage: float
    last_error: str | None
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source for `listener status`; `coverage` is that of the last seven days (None: never listened).

    `notice`: what was last said in these days by a reading that succeeded, at `notice_at`. `ended_at`: since
    when the source says that it is over.
    """

    source: str
    kind: str
    active: bool
    last_success_at: datetime | None
    due_at: datetime | None
    failures: int
    last_error: str | None
    last_error_kind: str | None
    coverage: float | None
    posts: int
    ended_at: datetime | None = None
    notice: str | None = None
    notice_at: datetime | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest to one recipient; status: claimed (in doubt), sent, failed (may be tried again)."""

    digest: str
    day: date
    recipient: str
    message_id: str
    status: str
    claimed_at: datetime
    finished_at: datetime | None
    error: str | None
    permanent: bool


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest as it was rendered."""

    name: str
    day: date
    subject: str
    text: str
    html: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Pruned:
    """What retention removed."""

    posts: int
    mentions: int


Days = Mapping[str, date | None]
Spans = Sequence[Span]
