"""Files from elsewhere as rows and lines: CSV, JSON lines, Parquet; OPML for feeds (docs/importing.md)."""

from listener.imports.columns import RowError, Told, is_own, known, told
from listener.imports.files import FORMS, form_of, table
from listener.imports.opml import Feed, Feeds, lines, read_opml
from listener.imports.rows import Row, Table

__all__ = [
    "FORMS",
    "Feed",
    "Feeds",
    "Row",
    "RowError",
    "Table",
    "Told",
    "form_of",
    "is_own",
    "known",
    "lines",
    "read_opml",
    "table",
    "told",
]
