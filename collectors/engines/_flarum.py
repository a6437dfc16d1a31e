"""Objects of Flarum's API: a discussion, a post, and what is included beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborNode

from collectors.dates import Instant, instant
from collectors.engines._answers import record, records, text, whole
from collectors.reading import Page
from collectors.text import Markup, split_html
from listener.errors import ParseError
from listener.model import Post

NAME = "flarum"
_Json = Mapping[str, Any]


class Document:
    """An answer of the API: its data and what is included."""

    def __init__(self, page: Page, answer: _Json, base: str) -> None:
        self.page, self.answer, self.base = page, answer, base

    @cached_property
    def included(self) -> dict[tuple[str, str], _Json]:
        """What is included (and what was asked for), by type and id."""
        data = self.answer.get("data")
        rows = [*records(self.answer.get("included")), *records(data), record(data)]
        return {(text(row.get("type")), str(row.get("id"))[:20]): row for row in rows}

    def related(self, row: _Json, name: str, kind: str) -> _Json:
        """The object that another one names in a relationship, as far as it is included."""
        link = record(record(record(row.get("relationships")).get(name)).get("data"))
        return self.included.get((kind, str(link.get("id"))[:20]), link)


def _quoted_user(quote: LexborNode) -> str | None:
    """A reply's quotation begins with a mention of the post."""
    mention = quote.css_first(".PostMention, .UserMention")
    return mention.text().strip().lstrip("@") or None if mention is not None else None


MARKUP = Markup(
    quotes="blockquote",
    attributions="blockquote .PostMention:first-child, cite",
    drop=".ButtonGroup, .fof-upload-preview, .PostPreview",
    author=_quoted_user,
)


def thread_of(document: Document, row: _Json) -> tuple[str, str, str]:
    """Title, number and address of a discussion; before 1.0 its slug did not hold the number."""
    number = whole(row.get("id"))
    if number <= 0:
        raise ParseError("a post without its discussion's id", url=document.page.url)
    has = record(row.get("attributes"))
    slug = text(has.get("slug")).strip("/")
    place = slug if slug.split("-")[0] == str(number) else f"{number}-{slug}".rstrip("-")
    return " ".join(text(has.get("title")).split()), str(number), f"{document.base}/d/{place}"


def post_of(document: Document, row: _Json) -> Post:
    """A post; of one that is hidden guests learn that it is there."""
    number, has, page = whole(row.get("id")), record(row.get("attributes")), document.page
    if number <= 0:
        raise ParseError("a post without its id", url=page.url)
    # until beta 8 some names were others
    when, precision = stamp(page, has.get("createdAt") or has.get("time"))
    if when is None:
        raise ParseError(f"post {number}: date not understood", url=page.url)
    content, hidden = has.get("contentHtml"), has.get("isHidden") is True
    if not isinstance(content, str) and not hidden:
        raise ParseError(f"post {number}: without its text", url=page.url)
    title, thread_id, thread_url = thread_of(document, document.related(row, "discussion", "discussions"))
    own, quotes = split_html(content, MARKUP) if isinstance(content, str) and not hidden else ("", ())
    user = record(document.related(row, "user", "users").get("attributes"))
    return Post(
        id=str(number),
        url=f"{thread_url}/{whole(has.get('number'))}" if whole(has.get("number")) else thread_url,
        text=own,
        author=text(user.get("displayName")) or text(user.get("username")) or None,
        published_at=when,
        date_precision=precision,
        edited_at=stamp(page, has.get("editedAt") or has.get("editTime"))[0],
        title=title,
        thread_id=thread_id,
        thread_url=thread_url,
        quotes=quotes,
        deleted=hidden,
    )


def stamp(page: Page, value: Any) -> Instant:
    """An instant as the API writes it."""
    return instant(value, page.at) if isinstance(value, str) else (None, "unknown")
