"""Labelled rows: one text, the place of the target in it, and what the text says about it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listener.errors import ConfigError, Problem
from listener.model import LABELS, Label, Span, Target


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text; without a span the label is the post's own."""

    text: str
    label: Label
    lang: str = "und"
    target: str = ""
    span: Span | None = None
    title: str = ""
    id: str = ""
    phenomenon: str = ""

    def as_target(self) -> Target:
        """The row as the scorer gets it."""
        spans = (self.span,) if self.span else ()
        return Target(self.text, spans, title=self.title, language=self.lang)


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSON Lines file (plain or gzip); ConfigError names every bad line."""
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            rows.append(parsed(json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(number, f"not a labelled row: {error}"))
    if problems:
        raise ConfigError(problems, str(path))
    return rows


def _lines(path: Path) -> Iterator[str]:
    opened: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            yield from file
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", str(path)) from error


def parsed(raw: Any) -> Row:
    """One row of the file; ValueError says what is wrong with it. A wrong place is looked for in the text."""
    if not isinstance(raw, Mapping):
        raise ValueError("expected an object with text, target and label")
    text, label = raw.get("text"), raw.get("label")
    if not isinstance(text, str):
        raise ValueError("`text` must be a string")
    if label not in LABELS:
        raise ValueError(f"`label` must be one of {', '.join(LABELS)}, not {label!r}")
    target, title, lang = (_string(raw, key) for key in ("target", "title", "lang"))
    name, phenomenon = str(raw.get("id") or ""), str(raw.get("phenomenon") or "")
    return Row(text, label, lang or "und", target, _span(raw, text, target), title, name, phenomenon)


def _string(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"`{key}` must be a string or null, not {value!r}")
    return value or ""


def _span(raw: Mapping[str, Any], text: str, target: str) -> Span | None:
    start, end = raw.get("start"), raw.get("end")
    if start is None or end is None or not target:
        return None
    if not (isinstance(start, int) and isinstance(end, int)):
        raise ValueError("`start` and `end` must be whole numbers or null")
    if start >= 0 and text[start:end] == target:
        return start, end
    found = text.find(target)
    return (found, found + len(target)) if found >= 0 else None
