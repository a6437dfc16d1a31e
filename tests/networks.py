"""Golden answers of networks with documented APIs, for the tests of their collectors.

`tests/data/networks/KIND/NAME.answer.json` is an answer written for this project, `NAME.json` the posts that
should be read from it, without the fields that are as in most posts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from collectors.http import HttpClient
from listener.model import Batch, Post, Source

DATA = Path(__file__).resolve().parent / "data" / "networks"
AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
_USUAL = asdict(Post("", "", ""))
_ALWAYS = ("id", "url", "text", "published_at")


def goldens(kind: str) -> list[Path]:
    """The golden files of a kind."""
    return sorted(gold for gold in (DATA / kind).glob("*.json") if not gold.name.endswith(".answer.json"))


def answer(kind: str, name: str) -> Any:
    """A golden answer, decoded."""
    return json.loads((DATA / kind / f"{name}.answer.json").read_text(encoding="utf-8"))


def batches(
    collect: Callable[..., Iterator[Batch]],
    source: Source,
    state: Any,
    at: datetime,
    most: int,
    **options: Any,
) -> list[Batch]:
    """The first batches of a run (it is killed after `most`)."""
    with HttpClient(contact="ears@example.com", now=lambda: at, sleep=lambda _: None) as http:
        return list(islice(collect(source, state or {}, http, **options), most))


def told(posts: Iterable[Post]) -> list[dict[str, Any]]:
    """Posts as golden files hold them."""
    plain = json.loads(json.dumps([asdict(post) for post in posts], default=datetime.isoformat))
    names = [field.name for field in fields(Post)]
    return [{n: post[n] for n in names if n in _ALWAYS or post[n] != _plain(n)} for post in plain]


def _plain(name: str) -> Any:
    return list(_USUAL[name]) if isinstance(_USUAL[name], tuple) else _USUAL[name]
