"""Parquet files, read by row groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from listener.errors import Problem
from listener.imports.columns import known, named
from listener.imports.rows import Row, Table, damaged, fault, refuse_twice

PARQUET_ROWS = 500


def parquet(path: Path) -> Table:
    """The rows of a Parquet file, of its known columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise fault(path, f"this is no whole Parquet file: {str(error)[:100]}", "write it again") from error
    names = {name: named(name) for name in file.schema_arrow.names}
    columns = tuple(names.values())
    refuse_twice(path, columns, 0)
    return Table("parquet", columns, _parquet_rows(path, file, names))


def _parquet_rows(path: Path, file: Any, names: Mapping[str, str]) -> Iterator[Row | Problem]:
    import pyarrow as pa

    wanted = [name for name, column in names.items() if known(column)]
    number = 0
    try:
        with file:
            for batch in file.iter_batches(PARQUET_ROWS, columns=wanted):
                for cells in _cells(batch):
                    number += 1
                    yield _parquet_row(number, cells, names)
    except (pa.ArrowException, OSError) as error:
        raise fault(path, f"cannot be read on: {str(error)[:100]}", "write it again", number + 1) from error


def _parquet_row(number: int, cells: Mapping[str, Any] | None, names: Mapping[str, str]) -> Row | Problem:
    if cells is None:
        return damaged(number)
    return Row(number, {names[name]: value for name, value in cells.items()})


def _cells(batch: Any) -> Iterator[Mapping[str, Any] | None]:
    """The rows of a batch in Python's own values (instants to the microsecond); None for damaged text."""
    import pyarrow as pa

    arrays = [
        column.cast(pa.timestamp("us", column.type.tz), safe=False)
        if pa.types.is_timestamp(column.type)
        else column
        for column in batch.columns
    ]
    for index in range(batch.num_rows):
        try:
            yield {name: array[index].as_py() for name, array in zip(batch.schema.names, arrays, strict=True)}
        except (UnicodeDecodeError, ValueError, OverflowError):
            yield None
