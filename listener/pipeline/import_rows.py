"""A row of a file as a post: dates, texts and addresses read as the collectors read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from listener.errors import ParseError
from listener.model import Post, Precision, Quote
from listener.noise import flag
from listener.privacy import Pseudonym, private

if TYPE_CHECKING:
    from listener.imports import Told

Form = Literal["plain", "html", "markdown"]
Instant = tuple[datetime | None, Precision]
UNKNOWN: Instant = (None, "unknown")
FORMS: tuple[Form, ...] = ("plain", "html", "markdown")
PRECISIONS: tuple[Precision, ...] = ("second", "minute", "day", "unknown")
AHEAD = timedelta(days=1)  # zones and clocks; what is dated later has its day and month swapped
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
TEXT_START = 200  # characters that tell one post from another of the same author and day
_PSEUDONYM = re.compile(r"a-[0-9a-f]{12}")
_REDDIT = re.compile(
    r"https?://(?:\w+\.)?reddit\.com(?:/(?:r|u|user)/[^/\s]+)?/comments/(\w+)(?:/[^/\s]*(?:/(\w+))?)?/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_TWITTER = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d:\d\d:\d\d) ([+-]\d{4}) (\d{4})")
_SAID = {"null": None, "none": None, "true": True, "false": False}  # some dumps write all values as text
_NUMBERS = ("created_utc", "edited", "score", "num_comments")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one file are read."""

    zone: ZoneInfo
    now: datetime
    pseudonym: Pseudonym
    day_first: bool | None = None
    form: Form | None = None
    guarded: bool = False

    def post(self, cells: Mapping[str, Any]) -> tuple[Post, Told]:
        """The post of a row as it may be stored, with what the row says; RowError says what is wrong."""
        from listener.imports import RowError, is_own, told

        row = told(cells, guarded=self.guarded)
        own = is_own(cells)
        thing = None if own or "date_precision" in cells else _thing(cells, row, self)
        found = _reddit_post(thing) if thing else self._plain_post(row)
        if self.form in ("plain", "html") and thing and not found.deleted:
            text, quotes = self._words(row)
            found = replace(found, text=text, quotes=quotes)
        if not (found.text or found.title or found.quotes or found.deleted):
            raise RowError("neither text nor title", "fill in `text`")
        if len(found.id) > 500:
            raise RowError("an id of more than 500 characters")
        marked = replace(found, flag=flag(found))  # while the author's name is known
        post = private(marked, self._own_pseudonym if own else self.pseudonym)
        return (post if post.id else replace(post, id=_identity(post, self.zone))), row

    def _own_pseudonym(self, author: str) -> str:
        """An author of our own export is a pseudonym already."""
        return author if _PSEUDONYM.fullmatch(author) else self.pseudonym(author)

    def _plain_post(self, row: Told) -> Post:
        published, precision = self._published(row)
        text, quotes = ("", ()) if row.deleted and not row.text else self._words(row)
        edited = self.instant(row.edited) if row.edited not in ("", "false", "False") else UNKNOWN
        return Post(
            id=row.id,
            url=row.url,
            text=text,
            author=row.author or None,
            published_at=published,
            date_precision=precision,
            edited_at=edited[0],
            title=row.title,
            thread_id=row.thread_id or row.thread_url,
            thread_url=row.thread_url,
            quotes=(*quotes, *(Quote(words, author or None) for words, author in row.quotes)),
            language=row.language or None,
            deleted=row.deleted,
            erased=row.erased,
            votes=row.votes,
            replies=row.replies,
            facts=row.facts,
        )

    def _published(self, row: Told) -> Instant:
        from listener.imports import RowError

        at, precision = self.instant(row.published)
        if at is None and row.published not in ("", "0", 0.0):
            write = "write 2026-07-27T14:05:00+02:00, or leave the cell empty"
            if re.match(r"\d{1,2}/\d{1,2}/\d{2,4}", str(row.published)):
                write = "say --day-first or --month-first"
            raise RowError(f"`{str(row.published)[:40]}` is no date", write)
        if at is not None and not EARLIEST <= at <= self.now + AHEAD:
            what = "lies in the future" if at > self.now else "is before 1980"
            raise RowError(f"`{str(row.published)[:40]}` {what}", "are day and month swapped?")
        said = next((one for one in PRECISIONS if one == row.precision), None)
        return at, said if said and at is not None and said != "unknown" else precision

    def instant(self, written: str | float | date) -> Instant:
        """Aware and UTC; a day without time is its noon, a time without zone is the file's."""
        if isinstance(written, datetime):
            local = written if written.tzinfo else written.replace(tzinfo=self.zone)
            return _utc(local), "second"
        if isinstance(written, date):
            return _utc(datetime.combine(written, time(12), self.zone)), "day"
        number = written if isinstance(written, float) else _posix(written)
        return self._worded(str(written)) if number is None else _at(number)

    def _worded(self, text: str) -> Instant:
        from collectors.dates import instant

        text = _TWITTER.sub(r"\2 \1 \5 \3 \4", text)
        if re.fullmatch(r"(?:19|20)\d{6}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        found = instant(text, self.now, self.zone, day_first=self.day_first)
        if found[0] is not None and any(map(str.isalpha, text)):
            then = self.now - timedelta(days=45)  # "vor 3 Tagen" says nothing: before when?
            if instant(text, then, self.zone, day_first=self.day_first) != found:
                return UNKNOWN
        return found

    def _words(self, row: Told) -> tuple[str, tuple[Quote, ...]]:
        from listener.imports import RowError

        form = next((one for one in FORMS if one == row.format), self.form)
        if form == "html":
            from collectors.text import split_html

            try:
                return split_html(row.text)
            except ParseError as error:
                raise RowError(str(error), "leave --html away, or take the row out") from error
        if form == "markdown":
            from collectors.markdown import read_markdown

            return read_markdown(row.text)
        return row.text, ()


def _utc(local: datetime) -> datetime | None:
    try:
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _posix(text: str) -> float | None:
    """A bare number of ten digits or so: seconds, milliseconds or microseconds since 1970."""
    return float(text) if re.fullmatch(r"\d{9,17}(?:\.\d{1,9})?", text) or text == "0" else None


def _at(number: float) -> Instant:
    for unit in (1, 1_000, 1_000_000):
        if 3e8 <= number / unit < 4e9:
            return datetime.fromtimestamp(int(number // unit), UTC), "second"
    return UNKNOWN


def _identity(post: Post, zone: ZoneInfo) -> str:
    """Of a post without an id: its address, or else author, day and how it begins."""
    if post.url:
        return f"url-{_hash(post.url)}"
    day = post.published_at.astimezone(zone).date().isoformat() if post.published_at else ""
    return f"words-{_hash(post.author or '', day, ' '.join((post.text or post.title).split())[:TEXT_START])}"


def _hash(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:24]


def _thing(cells: Mapping[str, Any], row: Told, reading: Reading) -> dict[str, Any] | None:
    """A row of Reddit's (a dump, its own export of an account) as its API tells it; None for others."""
    inner = cells.get("data")
    if cells.get("kind") in ("t1", "t3") and isinstance(inner, dict):
        return {"kind": cells["kind"], "data": inner}
    place = _REDDIT.match(row.url)
    name = str(cells.get("name") or cells.get("id") or "")
    full = re.fullmatch(r"(t[13])_(\w{1,20})", name)
    dumped = "created_utc" in cells and ("selftext" in cells or "link_id" in cells)
    if not (place or full or dumped):
        return None
    if full:
        kind = full[1]
    elif place:
        kind = "t1" if place[2] else "t3"
    else:
        kind = "t1" if "link_id" in cells else "t3"
    short = full[2] if full else (place[2] or place[1]) if place else row.id
    return {"kind": kind, "data": _data(cells, row, reading, place, kind, short)}


def _data(
    cells: Mapping[str, Any],
    row: Told,
    reading: Reading,
    place: re.Match[str] | None,
    kind: str,
    short: str,
) -> dict[str, Any]:
    data = {name: _number(value) if name in _NUMBERS else _said(value) for name, value in cells.items()}
    published, _ = reading._published(row)
    parent = row.thread_id or (place[1] if place else "")
    if kind == "t1":
        data["link_id"] = parent if parent.startswith("t3_") or not parent else f"t3_{parent}"
    path = re.sub(r"^https?://[^/]+|[?#].*$", "", row.url)  # old.reddit.com has the same posts
    said = {"permalink": path, "id": short, "name": f"{kind}_{short}"}
    data |= {name: value for name, value in said.items() if value}
    data["created_utc"] = published.timestamp() if published else None
    data["body" if kind == "t1" else "selftext"] = row.text or ("[deleted]" if row.deleted else "")
    data["author"] = row.author or str(cells.get("author") or "")
    return data


def _said(value: object) -> object:
    return _SAID.get(value.strip().lower(), value) if isinstance(value, str) else value


def _number(value: object) -> object:
    """A number that a file wrote as text."""
    text = str(value).strip()
    return int(float(text)) if isinstance(value, str) and re.fullmatch(r"-?\d{1,12}(\.\d+)?", text) else value


def _reddit_post(thing: Mapping[str, Any]) -> Post:
    from collectors.reddit_things import read_answer
    from listener.imports import RowError

    try:
        return read_answer(thing).posts[0]
    except (ParseError, IndexError) as error:
        raise RowError("this is no post or comment of Reddit", "its id is missing") from error
