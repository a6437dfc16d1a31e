"""`listener demo`: the world starts, the code of `listener run` hears it, and people see what came of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from listener import pipeline
from listener.cli.common import shown, table
from listener.demo.world import World
from listener.errors import ConfigError
from listener.pipeline import Hall

Say = Callable[[str], object]
NEWEST = 20
LEFT_BY_AN_EARLIER_DEMO = ("listener.db", "listener.db-wal", "listener.db-shm", "config.yaml")
TONES = {"negative": "− negative", "neutral": "· neutral", "positive": "+ positive"}


def show(out: Path, say: Say) -> int:
    """Run the demo; its store, configuration and digest are left in `out`. Returns the exit code."""
    _prepare(out)
    now = datetime.now(UTC)
    with World(now) as world, _progress(say):
        say(f"A small world answers at {world.url}: a phpBB forum, a blog's feed and Reddit's API.")
        path = out / "config.yaml"
        path.write_text(world.config(out), encoding="utf-8")
        config = replace(pipeline.load_config(path, {}), digests=())  # written to files, not mailed
        with pipeline.open_hall(config) as hall:
            report = pipeline.run(hall)
            say(f"{report.summary}.\n")
            files = pipeline.write_digest(hall, out)
            _results(hall, say)
    for problem in report.problems:
        say(f"problem: {problem}")
    say(_closing(out, files))
    return report.code


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in LEFT_BY_AN_EARLIER_DEMO:
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}; name another --out") from error


@contextmanager
def _progress(say: Say) -> Iterator[None]:
    """The log's decisions as they are made, in place of the log."""

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "new=0 changed=0" not in record.getMessage():
                say(f"  {record.name.removeprefix('listener.')}: {record.getMessage()}")

    log, told = logging.getLogger("listener"), Told(logging.INFO)
    before = log.level, log.propagate
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(told)
    try:
        yield
    finally:
        log.removeHandler(told)
        log.setLevel(before[0])
        log.propagate = before[1]


def _results(hall: Hall, say: Say) -> None:
    mentions = list(hall.storage.export("mentions"))
    counted = [m for m in mentions if m["matched_in"] != "quote" and m["duplicate_of"] is None]
    say("What was collected\n" + _sources(hall, mentions) + "\n")
    say("What was matched and judged\n" + _products(hall, mentions, counted) + "\n")
    say(f"The newest {NEWEST} mentions\n" + _newest(hall, counted))


def _sources(hall: Hall, mentions: list[dict[str, Any]]) -> str:
    per_source = Counter(mention["source"] for mention in mentions)
    rows = [
        (source.source, source.kind, source.posts, per_source[source.source])
        for source in hall.storage.sources_status(hall.clock())
    ]
    return table(rows, ("source", "kind", "posts", "mentions"), right=(2, 3))


def _products(hall: Hall, mentions: list[dict[str, Any]], counted: list[dict[str, Any]]) -> str:
    rows = []
    for product in hall.config.products:
        own = [mention for mention in counted if mention["product"] == product.name]
        found = [mention for mention in mentions if mention["product"] == product.name]
        tones, places = Counter(m["label"] for m in own), Counter(m["matched_in"] for m in found)
        copies = sum(mention["duplicate_of"] is not None for mention in found)
        rows.append(
            (product.name, len(own), tones["negative"], tones["neutral"], tones["positive"],
             places["title"], places["quote"], copies)
        )  # fmt: skip
    header = (
        "product", "mentions", "negative", "neutral", "positive", "by title only", "quoted only", "copies"
    )  # fmt: skip
    return table(rows, header, right=range(1, 8))


def _newest(hall: Hall, counted: list[dict[str, Any]]) -> str:
    dated = sorted((m for m in counted if m["published_at"]), key=lambda m: m["published_at"], reverse=True)
    return table([_row(hall, m) for m in dated[:NEWEST]], ("when", "source", "product", "tone", "what"))


def _row(hall: Hall, mention: Mapping[str, Any]) -> tuple[str, ...]:
    at = mention["published_at"].astimezone(hall.zone)
    where = f"[{mention['thread_title']}] " if mention["matched_in"] == "title" else ""
    tone = TONES.get(mention["label"], "?")
    return (
        f"{at:%d.%m. %H:%M}", mention["source"], mention["product"], tone,
        shown(where + mention["text"], 60),
    )  # fmt: skip


def _closing(out: Path, files: list[Path]) -> str:
    listed = "\n".join(f"  {file}" for file in files)
    return (
        f"\nThe digest of yesterday, as the marketing team gets it:\n{listed}\n"
        f"The store, for analysts (views mentions, daily, coverage):\n  {out / 'listener.db'}\n"
        f"Look further:\n"
        f"  listener status --config {out / 'config.yaml'}\n"
        f"  listener export daily --config {out / 'config.yaml'}\n"
        f"Your own: listener init"
    )
