"""What a row says: columns by our own names or common ones, cells as plain values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

# Ours first, then what others call it; the first that is not empty counts (docs/importing.md).
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "post_id", "external_id", "comment_id", "message_id", "tweet_id", "guid"),
    "url": ("permalink", "full_link", "url", "post_url", "link", "address", "href", "adresse"),
    "text": (
        "text", "body", "selftext", "content", "full_text", "text_original", "text_display", "message",
        "comment", "post", "tweet", "beitrag", "inhalt", "nachricht", "kommentar", "hit_sentence",
        "opening_text", "snippet", "description",
    ),
    "title": (
        "title", "thread_title", "link_title", "subject", "headline", "titel", "betreff", "überschrift",
    ),
    "author": (
        "author", "username", "user", "user_name", "author_name", "author_display_name", "screen_name",
        "autor", "benutzer", "nutzer", "verfasser",
    ),
    "published": (
        "published_at", "created_utc", "created_at", "posted_at", "published", "published_date", "pub_date",
        "pubdate", "post_date", "created_time", "date", "datetime", "timestamp", "created", "day", "datum",
        "zeitpunkt", "erstellt", "veröffentlicht",
    ),
    "clock": ("time", "uhrzeit", "zeit"),
    "precision": ("date_precision",),
    "edited": ("edited_at", "edited"),
    "thread_id": ("thread_id", "link_id", "topic_id", "conversation_id"),
    "thread_url": ("thread_url", "topic_url"),
    "language": ("language", "lang", "sprache"),
    "votes": ("votes", "score", "ups", "upvotes", "likes", "like_count", "favorite_count", "points"),
    "replies": ("replies", "num_comments", "comment_count", "reply_count"),
    "deleted": ("deleted_at", "deleted", "removed"),
    "quotes": ("quotes",),
    "format": ("format",),
    "facts": ("facts",),
    "erased": ("erased",),
    "source": ("source",),
    "kind": ("kind",),
}  # fmt: skip
_REDDIT = ("name", "subreddit", "parent_id", "over_18", "link_flair_text", "removed_by_category", "data")
_MARKS = ("mention_id", "matched_in", "product")
_KNOWN = frozenset([*_REDDIT, *_MARKS, *(name for names in COLUMNS.values() for name in names)])
_NOTHING = frozenset(("", "null", "none", "nan", "nat", "n/a", "\\n", "-"))
_NO = _NOTHING | {"false", "0", "no", "nein", "falsch"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_GUARDED = re.compile("'+[=+\\-@\t\r]")
_WITHDRAWN = re.compile(r"\s*\[\s*(?:deleted|removed|gelöscht|entfernt)\b[^\[\]]{0,60}\]\s*", re.IGNORECASE)
LONGEST_TEXT = 1_000_000
LONGEST_NAME = 2_000  # characters of an id, an author, an address


class RowError(ValueError):
    """What is wrong with a row, and what to write instead."""

    def __init__(self, what: str, write: str = "") -> None:
        self.what, self.write = what, write
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says, before dates are read and texts converted; "" where it says nothing."""

    id: str
    url: str
    text: str
    title: str
    author: str
    published: str | float | date
    precision: str
    edited: str | float | date
    thread_id: str
    thread_url: str
    language: str
    votes: int | None
    replies: int | None
    facts: Mapping[str, str | int | bool]
    deleted: bool
    erased: bool
    quotes: tuple[tuple[str, str], ...]
    format: str
    source: str
    kind: str


def named(column: object) -> str:
    """A column's name as it is compared: `Published At` and `publishedAt` are `published_at`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", str(column).strip().strip("\ufeff"))
    return re.sub(r"[\s-]+", "_", words.lower())


def known(column: str) -> bool:
    """Whether a column is looked at."""
    return column in _KNOWN


def is_own(columns: Iterable[str]) -> bool:
    """Whether these are the columns of our view `mentions`, in which `score` is the sentiment's."""
    return set(_MARKS) <= set(columns)


def told(cells: Mapping[str, Any], *, guarded: bool = False) -> Told:
    """A row's cells as what they mean; `guarded`: texts have our own CSV's apostrophe before formulas."""
    own = is_own(cells)
    text, title = _words(cells, "text", guarded), _words(cells, "title", guarded)
    author = _name(cells, "author")
    return Told(
        id=_own_id(cells) if own else _name(cells, "id"),
        url=_url(cells, "url"),
        text="" if _WITHDRAWN.fullmatch(text) else text,
        title="" if _WITHDRAWN.fullmatch(title) else title,
        author="" if _WITHDRAWN.fullmatch(author) else author,
        published=_moment(cells),
        precision=_name(cells, "precision").lower(),
        edited=_instant(_first(cells, "edited")),
        thread_id=_name(cells, "thread_id"),
        thread_url=_url(cells, "thread_url"),
        language=_language(_name(cells, "language")),
        votes=_number({"votes": cells.get("votes")} if own else cells, "votes"),
        replies=_number(cells, "replies"),
        facts=_facts(_first(cells, "facts")) if own else {},
        deleted=bool(_WITHDRAWN.fullmatch(text)) or _name(cells, "deleted").lower() not in _NO,
        erased=own and _name(cells, "erased").lower() not in _NO,
        quotes=_quotes(_first(cells, "quotes")),
        format=_name(cells, "format").lower(),
        source=_name(cells, "source") if own else "",
        kind=_name(cells, "kind") if own else "",
    )


def _first(cells: Mapping[str, Any], field: str) -> Any:
    for column in COLUMNS[field]:
        value = cells.get(column)
        if not _is_nothing(value):
            return value
    return None


def _is_nothing(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def plain(value: object) -> str:
    """A cell as text: whole numbers without `.0`, bytes as UTF-8."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int) and abs(value) >= 10**100:
        raise RowError("a number of more than a hundred digits")
    return str(value)


def _string(value: object, column: str) -> str:
    if isinstance(value, list | dict | tuple):
        raise RowError(f"`{column}` is a list or an object", "write a text")
    return plain(value)


def _words(cells: Mapping[str, Any], field: str, guarded: bool) -> str:
    value = next((cells[name] for name in COLUMNS[field] if cells.get(name) not in (None, "")), "")
    if isinstance(value, float) and math.isnan(value):
        return ""
    text = _string(value, field)
    if guarded and _GUARDED.match(text):
        text = text[1:]
    if len(text) > LONGEST_TEXT:
        raise RowError(f"a {field} of {len(text):,} characters", f"at most {LONGEST_TEXT:,} are read")
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if field == "text" else " ".join(text.split())


def _name(cells: Mapping[str, Any], field: str) -> str:
    value = _first(cells, field)
    text = "" if value is None else _CONTROL.sub("", _string(value, field)).strip()
    if len(text) > LONGEST_NAME:
        raise RowError(f"`{field}` has {len(text):,} characters", f"at most {LONGEST_NAME:,}")
    return text


def _url(cells: Mapping[str, Any], field: str) -> str:
    url = _name(cells, field)
    if url.startswith(("/r/", "/user/", "/u/", "/comments/")):
        return f"https://www.reddit.com{url}"
    if url and not re.match(r"https?://[^/\s]", url, re.IGNORECASE):
        raise RowError(f"`{url[:60]}` is no web address", "write https://…, or leave the cell empty")
    return url


def _own_id(cells: Mapping[str, Any]) -> str:
    """The store's number of a post says which only in the store it came from; its address goes with it."""
    from hashlib import sha256

    address = _name(cells, "url").encode("utf-8", "replace")
    return f"{_string(cells.get('post_id'), 'post_id')}-{sha256(address).hexdigest()[:8]}"


def _moment(cells: Mapping[str, Any]) -> str | float | date:
    """The instant as it is written; a day and a time in two columns are put together."""
    value, clock = _first(cells, "published"), _first(cells, "clock")
    if value is None:
        return _instant(clock)
    moment = _instant(value)
    if clock is not None and isinstance(moment, str) and ":" in str(clock) and ":" not in moment:
        return f"{moment} {clock}"
    return moment


def _instant(value: object) -> str | float | date:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return float(value) if abs(value) < 10**18 else str(value)[:40]
    return value if isinstance(value, date | datetime) else _string(value, "date").strip()


def _language(text: str) -> str:
    found = re.match(r"([A-Za-z]{2,3})(?:[-_]|$)", text)
    return found[1].lower() if found else ""


def _number(cells: Mapping[str, Any], field: str) -> int | None:
    """A whole number, or nothing: `score` may mean anything in a foreign file."""
    value = _first(cells, field)
    if isinstance(value, bool | list | dict) or value is None:
        return None
    found = re.fullmatch(r"[+-]?\d{1,12}", plain(value).strip())
    return int(found[0]) if found else None


def _facts(value: object) -> dict[str, str | int | bool]:
    """What our own view says beside the words; anything else than a flat object says nothing."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return {}
    told = found.items() if isinstance(found, dict) else ()
    return {name: one for name, one in told if isinstance(one, str | int | bool)}


def _quotes(value: object) -> tuple[tuple[str, str], ...]:
    """(text, author) of each quote: a list as `read --json` prints it, in CSV as JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise RowError("`quotes` is no JSON list", 'write [{"author": "…", "text": "…"}]') from error
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RowError("`quotes` is no list of objects", 'write [{"author": "…", "text": "…"}]')
    return tuple((_words(one, "text", False), _name(one, "author")) for one in value)
