"""The words of the house as frozen dataclasses: no I/O, no clock, standard library only."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

Precision = Literal["second", "minute", "day", "unknown"]
Place = Literal["text", "title", "quote"]
Label = Literal["negative", "neutral", "positive"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
Span = tuple[int, int]
Facts = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Source:
    """One configured place to listen; `options` are the keyword arguments of its collector."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    every: timedelta = timedelta(minutes=30)
    delay: timedelta = timedelta(seconds=2)
    allow_private: bool = False
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a post quotes: somebody else's words, kept apart from the author's own."""

    text: str
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One text by one author at one time, in a thread; `text` holds the author's own words only.

    `id` is the site's own id, unique within a source. Instants are aware and UTC; an unknown
    instant is None with `date_precision` "unknown", never the time of collecting. `erased`: with
    `deleted`, a site asks for stored words and author to go too; alone, its author's account is gone, and
    the stored name goes. `votes` (for minus against; may be negative), `replies` (a number) and `facts`
    (what else the site tells, such as a flair) change without an edit. `flag`: why the post is no opinion
    and not counted (`listener.noise`).
    """

    id: str
    url: str
    text: str
    author: str | None = None
    published_at: datetime | None = None
    date_precision: Precision = "second"
    edited_at: datetime | None = None
    title: str = ""
    thread_id: str = ""
    thread_url: str = ""
    quotes: tuple[Quote, ...] = ()
    language: str | None = None
    flag: str | None = None
    deleted: bool = False
    erased: bool = False
    votes: int | None = None
    replies: int | None = None
    facts: Facts = field(default_factory=dict)

    @property
    def quoted(self) -> str:
        """All quoted texts, one after another."""
        return "\n\n".join(quote.text for quote in self.quotes)

    @property
    def content_hash(self) -> str:
        """Changes when a reader would say the post was edited; white space and empty fields do not count."""
        words = [self.text, self.quoted, "deleted" if self.deleted else ""]
        return _hash("1", *filter(None, map(_folded, words)))

    @property
    def copy_hash(self) -> str | None:
        """Equal for the same words wherever they stand; None for texts too short to tell copies apart."""
        words = _folded(self.text).casefold().split()
        return _hash("copy", *words) if len(words) >= COPY_WORDS else None


COPY_WORDS = 25  # fewer words than this ("Danke, hat geholfen!") are said twice without being copied


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Which part of a thread a Batch shows: a stored post of this part that it lacks is gone from the site.

    The part reaches from the batch's first post to its last; on the thread's first page from its
    beginning, on its last page to its end. A thread that is gone as a whole is both, without posts.
    """

    thread_id: str
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of posts with where to go on.

    `state` is opaque to all but its collector and is stored with the posts in one transaction.
    `complete_since`: everything the source published between this instant and the fetch has been
    read without a gap (None: nothing can be promised); it feeds the coverage. `thread_page`: the
    batch is a page of a thread as it stands now, whole. `notice`: what a person should know of this
    reading although it succeeded (posts that were missed, a feed too fast for its `every`).
    """

    posts: tuple[Post, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    retry_after: timedelta | None = None
    complete_since: datetime | None = None
    thread_page: ThreadPage | None = None
    notice: str = ""


class Memory(Protocol):
    """What the store knows of a source; for collectors that have a keyword-only parameter `memory`."""

    def standing(self, after: int, limit: int, *, mentioned: bool = False) -> Sequence[tuple[int, str]]:
        """(number, site's id) of stored posts that are not deleted, by number, from the one after `after`.

        `mentioned`: only posts that mention a product.
        """

    def threads(self, since: datetime) -> Sequence[str]:
        """The site's ids of threads in which a post since then mentions a product, the latest first."""

    def addresses(self, ids: Sequence[str]) -> Mapping[str, str]:
        """The addresses of stored posts, by the site's ids."""


class NoMemory:
    """Of a source that is not stored."""

    def standing(self, after: int, limit: int, *, mentioned: bool = False) -> Sequence[tuple[int, str]]:
        """Nothing."""
        return ()

    def threads(self, since: datetime) -> Sequence[str]:
        """None."""
        return ()

    def addresses(self, ids: Sequence[str]) -> Mapping[str, str]:
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Query:
    """The boolean expression that says when a post mentions a product (docs/query.md)."""

    text: str


@dataclass(frozen=True, slots=True)
class Product:
    """What is watched, with the query that finds it."""

    name: str
    query: Query
    brand: str = ""
    competitor: bool = False


@dataclass(frozen=True, slots=True)
class Brand:
    """A maker, ours or a competitor, with its products."""

    name: str
    products: tuple[Product, ...]
    competitor: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """What a query is held against: a post as the matcher sees it."""

    text: str
    title: str = ""
    quote: str = ""
    author: str | None = None
    url: str = ""
    language: str | None = None
    thread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Where a product's query holds: `spans` are code points of `text`, empty for title and quote."""

    product: str
    place: Place
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A post that a product's query matches, with where."""

    post_id: str
    product: str
    place: Place
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One text with the place of the product in it, as the scorer gets it.

    `spans` are code points of `text`; without any, the product is only named in `title` or `quote`
    and the judgement is the post's own. `language` chooses the calibration, nothing else.
    """

    text: str
    spans: tuple[Span, ...] = ()
    title: str = ""
    quote: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Three calibrated probabilities of one mention towards its product; they sum to 1."""

    p_negative: float
    p_neutral: float
    p_positive: float
    model: str

    @property
    def score(self) -> float:
        """p_positive - p_negative, in [-1, 1]."""
        return self.p_positive - self.p_negative

    @property
    def label(self) -> Label:
        """The most probable label; a tie goes to neutral, then negative."""
        ranked: dict[Label, float] = {
            "neutral": self.p_neutral,
            "negative": self.p_negative,
            "positive": self.p_positive,
        }
        return max(ranked, key=lambda name: ranked[name])


@dataclass(frozen=True, slots=True)
class DayPoint:
    """One row of a series (docs/views.md, `daily`); a day not listened to has None in every figure."""

    product: str
    day: date
    channel: str
    language: str
    mentions: int | None
    stories: int | None
    threads: int | None
    authors: int | None
    negative: int | None
    neutral: int | None
    positive: int | None
    score: float | None
    score_low: float | None
    score_high: float | None
    share_negative: float | None
    share_negative_low: float | None
    share_negative_high: float | None
    coverage: float | None
    final: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """A mail ready to be sent: `images` are content ids with PNG bytes."""

    subject: str
    text: str
    html: str
    images: Mapping[str, bytes] = field(default_factory=dict)
