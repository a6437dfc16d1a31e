"""Rows of a view as CSV (safe for spreadsheets), JSON lines or Parquet, written as they stream."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from listener.errors import ConfigError

CHUNK = 5000
FORMULA = re.compile("'*[=+\\-@\t\r]")  # with apostrophes before it, so that taking one away is sure


def write(rows: Iterable[Mapping[str, Any]], form: str, out: Path | None) -> int:
    """Write the rows to a file (whole or not at all) or to stdout; returns how many."""
    writers: dict[str, Callable[[Iterator[Mapping[str, Any]], Any], int]] = {
        "csv": _csv,
        "jsonl": _jsonl,
        "parquet": _parquet,
    }
    with _target(out, binary=form == "parquet") as target:
        return writers[form](iter(rows), target)


@contextmanager
def _target(out: Path | None, *, binary: bool) -> Iterator[Any]:
    if out is None:
        yield sys.stdout
        return
    whole = not out.exists() or out.is_file()  # a pipe or device is written to, not replaced
    partial = out.with_name(f".{out.name}.{os.getpid()}.part") if whole else out
    try:
        text: dict[str, Any] = {} if binary else {"encoding": "utf-8", "newline": ""}
        with open(partial, "wb" if binary else "w", **text) as target:
            yield target
        if whole:
            partial.replace(out)
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}; name another --out") from error
    finally:
        if whole:
            partial.unlink(missing_ok=True)


def _csv(rows: Iterator[Mapping[str, Any]], target: IO[str]) -> int:
    writer, count = csv.writer(target), 0
    for count, row in enumerate(rows, 1):
        if count == 1:
            writer.writerow(row)
        writer.writerow([_cell(value) for value in row.values()])
    return count


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    value = _plain(value)
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _jsonl(rows: Iterator[Mapping[str, Any]], target: IO[str]) -> int:
    count = 0
    for row in rows:
        count += 1
        plain = {name: _plain(value) for name, value in row.items()}
        target.write(json.dumps(plain, ensure_ascii=False) + "\n")
    return count


def _parquet(rows: Iterator[Mapping[str, Any]], target: IO[bytes]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count, writer = 0, None
    while chunk := list(islice(rows, CHUNK)):
        table = pa.Table.from_pylist([dict(row) for row in chunk], schema=writer.schema if writer else None)
        writer = writer or pq.ParquetWriter(target, _without_null_types(table.schema))
        writer.write_table(table.cast(writer.schema))
        count += len(chunk)
    if writer is None:
        pq.write_table(pa.table({}), target)
    else:
        writer.close()
    return count


def _without_null_types(schema: Any) -> Any:
    """A column without a value in the first rows becomes text: its type cannot be told."""
    import pyarrow as pa

    fields = [pa.field(f.name, pa.string()) if pa.types.is_null(f.type) else f for f in schema]
    return pa.schema(fields)
