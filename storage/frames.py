"""The views as pandas frames and as streams of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Connection, Date, Double, Integer, Select, select

from listener.errors import StorageError
from storage.columns import Instant
from storage.views import ORDER, VIEWS

if TYPE_CHECKING:
    import pandas as pd


def _view(name: str) -> Select[Any]:
    if name not in VIEWS:
        raise StorageError(f"store: no view {name!r}; there are {', '.join(VIEWS)}")
    view = VIEWS[name]
    return select(view).order_by(*(view.c[column] for column in ORDER[name]))


def export(connection: Connection, view: str) -> Iterator[dict[str, Any]]:
    """Rows in a fixed order with fixed names; values are Python's own."""
    with connection.execute(_view(view)) as rows:
        for row in rows:
            yield row._asdict()


def frame(
    connection: Connection,
    view: str,
    equal: Mapping[str, str | None],
    since: date | None,
    until: date | None,
) -> pd.DataFrame:
    """One frame with the view's columns, also when it has no rows."""
    import pandas as pd

    rows, columns = _view(view), VIEWS[view].c
    for name, value in equal.items():
        if value is not None:
            rows = rows.where(columns[name] == value)
    if since is not None:
        rows = rows.where(columns["day"] >= since)
    if until is not None:
        rows = rows.where(columns["day"] <= until)
    records = connection.execute(rows).all()
    read = pd.DataFrame.from_records(records, columns=list(columns.keys()))
    return read.astype({column.name: _dtype(column) for column in columns})


def _dtype(column: Column[Any]) -> str:
    """The same types with and without rows, on both databases."""
    kinds = {Integer: "Int64", Double: "float64", Boolean: "boolean", Date: "datetime64[s]"}
    if isinstance(column.type, Instant):
        return "datetime64[us, UTC]"
    return kinds.get(type(column.type), "object")
