"""Pages: every engine's reader beside the bare lxml parse of the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import lxml.html

from collectors.engines import engine_of, engines, topic_of
from collectors.reading import Page
from listener.errors import AccessError, ParseError
from tests.pages import goldens, page_of, recorded

GOAL = 1.0
MORE = 8  # than a reader remembers
SHARED = Path(__file__).resolve().parents[2] / "shared"


def parts() -> Iterator[tuple[str, Any, Any, float | None]]:
    """One part per engine that reads HTML, on recorded pages where there are any beside the project."""
    pools = _pools([page for _, page in recorded(SHARED)] if (SHARED / "real/INDEX.tsv").is_file() else [])
    made = _pools([page_of(gold)[0] for gold in goldens()])
    for engine in engines():
        pool = pools.get(engine.NAME) or made.get(engine.NAME)
        if pool:
            kind = "recorded" if engine.NAME in pools else "made"
            yield f"pages: {engine.NAME} / lxml parse ({kind})", *_works(engine.NAME, pool), GOAL


def _pools(pages: list[Page]) -> dict[str, list[Page]]:
    """The pages of threads that an engine reads, by engine."""
    found: dict[str, list[Page]] = {}
    for page in pages:
        engine = engine_of(page)
        if engine is None or page.body.lstrip()[:1] != b"<":
            continue
        try:
            engine.topic(page)
        except (ParseError, AccessError):
            continue
        found.setdefault(engine.NAME, []).append(page)
    return found


def _works(name: str, pool: list[Page]) -> tuple[Any, Any]:
    times = range(-(-MORE // len(pool)))
    pages = [replace(page, at=page.at + timedelta(microseconds=n)) for n in times for page in pool]
    return partial(_floor, pages), partial(_read, name, pages)


def _floor(pages: list[Page]) -> list[Any]:
    return [lxml.html.document_fromstring(page.body) for page in pages]


def _read(name: str, pages: list[Page]) -> list[Any]:
    return [topic_of(engine, page).posts for page in pages if (engine := engine_of(page, name)) is not None]
