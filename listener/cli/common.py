"""What the commands share: the configuration option, the log, clean stopping, tables."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from listener.config import Config
    from listener.pipeline import Hall

GRACE_SECONDS = 8.0  # then the process ends at once; every transaction is whole

with_config = click.option(
    "--config", "path", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True,
    help="The configuration file.",
)  # fmt: skip
with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
with_log = click.option("-v", "--verbose", count=True, help="Log decisions to stderr (-vv: more).")


def load(path: Path) -> Config:
    """The checked configuration."""
    from listener.pipeline import load_config

    return load_config(path, os.environ)


@contextmanager
def hall(path: Path, *, verbose: int = 0, stop: threading.Event | None = None) -> Iterator[Hall]:
    """The open store with its configuration; SIGTERM and Ctrl-C ask it to stop."""
    from listener.pipeline import open_hall

    log_to_stderr(verbose)
    with stoppable(stop or threading.Event()) as event, open_hall(load(path), stop=event) as opened:
        yield opened


@contextmanager
def stoppable(stop: threading.Event) -> Iterator[threading.Event]:
    """Set `stop` on SIGTERM and SIGINT; after the grace period the process ends whatever it does."""

    def stopped(number: int, frame: object) -> None:
        stop.set()
        timer = threading.Timer(GRACE_SECONDS, os._exit, [128 + number])
        timer.daemon = True
        timer.start()

    before = {number: signal.signal(number, stopped) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def log_to_stderr(verbose: int) -> None:
    """One line per decision; texts of posts only appear at DEBUG."""
    level = [logging.WARNING, logging.INFO, logging.DEBUG][min(verbose, 2)]
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for noisy in ("httpx", "httpcore", "urllib3", "prawcore", "apscheduler", "alembic", "matplotlib"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def shown(text: str, width: int = 0) -> str:
    """Foreign text for a terminal: one line, no control characters, cut to `width`."""
    kept = "".join(" " if c in "\t\r\n" else c for c in text if c in "\t\r\n" or _visible(c))
    line = " ".join(kept.split())
    return line if not width or len(line) <= width else f"{line[: width - 1]}…"


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def table(rows: Sequence[Sequence[object]], header: Sequence[str], right: Container[int] = ()) -> str:
    """Rows as aligned text; the columns in `right` are numbers."""
    cells = [list(header), *([shown(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]

    def line(row: list[str]) -> str:
        padded = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    return "\n".join([line(cells[0]), "  ".join("-" * width for width in widths), *map(line, cells[1:])])
