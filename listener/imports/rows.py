"""A file as rows with their lines, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listener.errors import ConfigError, Problem
from listener.imports.columns import known


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins (Parquet: its number), and its cells by the column's name."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows; `columns` are those of the header, of JSON lines those of the first line."""

    form: str
    columns: tuple[str, ...]
    rows: Iterator[Row | Problem]


def fault(path: Path, what: str, write: str = "", line: int = 0) -> ConfigError:
    """A fault of the file as a whole."""
    return ConfigError([Problem(line, what, write)], str(path))


def refuse_twice(path: Path, columns: Sequence[str], line: int) -> None:
    """A column that is looked at may stand there once."""
    twice = sorted({name for name in columns if known(name) and columns.count(name) > 1})
    if twice:
        raise fault(path, f"the column `{twice[0]}` is there twice", "keep one of them", line)


def damaged(line: int) -> Problem:
    """A row with bytes that are no text."""
    return Problem(line, "bytes that are no UTF-8", "save the file as UTF-8, or name its --encoding")
