"""Boards whose engine nobody knows: structured data, else what repeats itself on the page.

Confidence. A thread's posts as read by induction have

    complete * (0.30 order + 0.15 rising + 0.20 named + 0.25 authors + 0.10 many)

- complete: the share of blocks with an instant among those that have a text and anything else of a post;
- order: the share of neighbours whose instants do not fall; rising: whose ids rise;
- named: 1 where the ids are called those of posts ("post-12"), less where they are only numbers;
- authors: the share of blocks with a name; many: 1 - 1/n for n blocks.

0.05 more where JSON-LD tells the same author and instant of one of them. Posts marked by microdata or
microformats, all of them whole, have 0.95; posts that JSON-LD gives completely 0.9. Below THRESHOLD, or
where something speaks against a thread (`refused`), the page is a ParseError.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from collectors.engines._generic_dates import Calendar
from collectors.engines._generic_induction import Induced, induced, refused
from collectors.engines._generic_listing import listed
from collectors.engines._generic_outline import outline
from collectors.engines._generic_posts import Parts, described_posts, paging, posts, thread_of
from collectors.engines._generic_refusals import are_rows, objection
from collectors.engines._generic_structured import Described, agrees, described, marked
from collectors.reading import Listing, Page, Topic, is_json, refusal, seen
from listener.errors import AccessError, ParseError
from listener.model import Post

NAME = "generic"
THRESHOLD = 0.7
MARKED, DESCRIBED, AGREEING = 0.95, 0.9, 0.05
Refusal = ParseError | AccessError


def recognise(page: Page) -> bool:
    """Whether the page's posts or its threads are found with enough confidence."""
    return isinstance(_topic(page), Topic) or isinstance(_listing(page), Listing)


def topic(page: Page) -> Topic:
    """The posts of a page, or ParseError that says what was seen."""
    found = _topic(page)
    if isinstance(found, Topic):
        return found
    raise found


def listing(page: Page) -> Listing:
    """The threads of a board's page, or ParseError that says what was seen."""
    if isinstance(_topic(page), Topic):
        raise ParseError("this is a thread, not a board", url=page.url)
    found = _listing(page)
    if isinstance(found, Listing):
        return found
    raise found


@lru_cache(maxsize=4)
def _topic(page: Page) -> Topic | Refusal:
    try:
        found, confidence, why = _found(page)
    except (ParseError, AccessError) as error:
        return error
    if not found:
        return refusal(page, f"engine not known: {why} ({seen(page)})")
    thread = thread_of(page)
    current, pages, following = paging(page)
    return Topic(
        found, thread.id, thread.url, thread.title, current, pages, following, NAME, round(confidence, 2)
    )


@lru_cache(maxsize=4)
def _listing(page: Page) -> Listing | Refusal:
    try:
        found, why = listed(page)
    except (ParseError, AccessError) as error:
        return error
    if found is None:
        return refusal(page, f"engine not known: {why} ({seen(page)})")
    return replace(found, engine=NAME)


def _found(page: Page) -> tuple[tuple[Post, ...], float, str]:
    """The page's posts, how sure they are, and why there are none."""
    if is_json(page):
        return (), 0.0, "this is data, not a page"
    whole = outline(page)
    calendar = Calendar(page, whole)
    said = described(page, calendar)
    reading, why = _induced(page)
    parts = list(_parts(reading)) if reading is not None else []
    in_marks = marked(whole, calendar)
    if in_marks and (problem := objection(page, whole, in_marks, 1.0)):
        in_marks, why = [], why or problem
    if in_marks and len(in_marks) >= len(parts):
        return posts(page, whole, in_marks), MARKED, ""
    if reading is not None and len(parts) >= len(said.items) - 1:
        return posts(page, whole, parts), _confidence(reading, parts, said), ""
    if said.is_complete:
        return described_posts(page, said.items), DESCRIBED, ""
    if reading is not None:
        return posts(page, whole, parts), reading.confidence, ""
    return (), 0.0, why


def _induced(page: Page) -> tuple[Induced | None, str]:
    best = next(iter(induced(page)), None)
    if best is None:
        return None, "nothing repeats itself with ids, dates and texts"
    parts = list(_parts(best))
    problem = refused(best) or objection(page, outline(page), parts, best.named)
    threads = listed(page)[0] if not problem else None
    if threads is not None and are_rows(outline(page), parts, threads.threads, page.url):
        problem = "a list of threads"
    if not problem and best.confidence < THRESHOLD:
        problem = f"{len(best.blocks)} blocks ({best.pattern}) are posts by {best.confidence:.2f} only"
    return (None, problem) if problem else (best, "")


def _confidence(reading: Induced, parts: Sequence[Parts], said: Described) -> float:
    agreeing = any(agrees(said.items, one.when[0], one.author) for one in parts)
    return min(1.0, reading.confidence + (AGREEING if agreeing else 0))


def _parts(reading: Induced) -> Iterator[Parts]:
    for at, block in enumerate(reading.blocks):
        when, body = reading.dates.found[at][1], reading.bodies.found[at]
        name = reading.authors.found[at][1] if reading.authors is not None else None
        if when[0] is not None and body is not None:
            yield Parts(block, name, when, body)
