"""A small house for imports: a configuration with two products, files, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from listener import pipeline
from listener.pipeline import Hall
from listener.pipeline.import_report import ImportReport, Wish
from listener.pipeline.importing import import_file

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
CONFIG = """\
store: sqlite:///{store}.db
timezone: Europe/Berlin
contact: listening@example.com
brands:
  - name: Akkufix
    products: [{{name: Akkufix 3000, query: '"akkufix 3000"'}}]
  - name: Bohrwerk
    competitor: true
    products: [{{name: Bohrwerk B2, query: '"bohrwerk b2"'}}]
sources:
  - {{name: blog, kind: feed, url: "https://blog.example/feed"}}
"""


def configured(folder: Path, store: str = "listener") -> Path:
    """A configuration with a store of its own."""
    path = folder / f"{store}.yaml"
    path.write_text(CONFIG.format(store=store), encoding="utf-8")
    return path


@contextmanager
def house(folder: Path, store: str = "listener", now: datetime = NOW) -> Iterator[Hall]:
    """The opened hall on a store in `folder`."""
    config = pipeline.load_config(configured(folder, store), {})
    with pipeline.open_hall(config, clock=lambda: now, jitter=lambda: 0.5) as hall:
        yield hall


def brought(hall: Hall, path: Path, **wishes: Any) -> ImportReport:
    """The file imported."""
    return import_file(hall, Wish(path, **wishes), lambda what, count: None)


def written(folder: Path, text: str | bytes, name: str = "posts.csv") -> Path:
    """A file with this text in it."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path


def posts(hall: Hall) -> list[Any]:
    """All stored posts."""
    return hall.storage.posts_for_rematch(0, 100_000)


def stored(hall: Hall) -> dict[str, list[dict[str, Any]]]:
    """Everything that an import may change, without the instants of storing."""
    return {
        "posts": [vars_of(replace(post, collected_at=NOW)) for post in posts(hall)],
        "mentions": list(hall.storage.export("mentions")),
        "daily": list(hall.storage.export("daily")),
    }


def vars_of(post: Any) -> dict[str, Any]:
    """A dataclass with slots as a mapping."""
    return {name: getattr(post, name) for name in post.__dataclass_fields__}
