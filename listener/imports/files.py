"""Files with posts as rows: CSV, JSON lines and Parquet, read as they stream; what is wrong has its line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from listener.errors import ConfigError, Problem
from listener.imports.columns import known, named
from listener.imports.encodings import DAMAGED, encoding_of, errors_of
from listener.imports.parquet import parquet
from listener.imports.rows import Row, Table, damaged, fault, refuse_twice

FORMS = ("csv", "jsonl", "parquet", "opml")
LONGEST = 16 * 2**20  # characters of a line or a cell
HEAD = 65_536
DELIMITERS = ",;\t|"
_STRANGERS = {
    b"PK\x03\x04": ("this is a workbook or a zip archive", "save the sheet as `CSV UTF-8`, or unpack it"),
    b"\x28\xb5\x2f\xfd": ("this is compressed (zstd)", "unpack it with `unzstd --long=31`"),
    b"\xfd7zXZ": ("this is compressed (xz)", "unpack it with `unxz`"),
    b"BZh": ("this is compressed (bzip2)", "unpack it with `bunzip2`"),
    b"SQLite format 3": ("this is a database", "write a file with `listener export mentions`"),
    b"\xd0\xcf\x11\xe0": ("this is an old workbook", "save the sheet as `CSV UTF-8`"),
}


def table(path: Path, form: str | None = None, encoding: str | None = None) -> Table:
    """The rows of a file; ConfigError for a file that is none of these."""
    form = form or form_of(path)
    if form == "parquet":
        _opened(path).close()
        return parquet(path)
    if encoding is not None:
        _checked(encoding)
    with _blocks(path) as blocks:
        head = next(blocks.parts, b"")
    with _blocks(path) as blocks:
        encoding = encoding or encoding_of(head, blocks.parts)
    return _csv(path, encoding) if form == "csv" else _jsonl(path, encoding)


def form_of(path: Path) -> str:
    """Which of FORMS a file is, by its content."""
    head = head_of(path)
    for sign, (what, write) in _STRANGERS.items():
        if head.startswith(sign):
            raise fault(path, what, write)
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd \t\r\n")
    if text.startswith("<"):
        if "<opml" in text.lower() or path.suffix.lower() == ".opml":
            return "opml"
        raise fault(path, "this is a page or XML without posts", "give CSV, JSON lines, Parquet or OPML")
    if re.match(r"\[\s*(?:[{\]]|$)", text):
        raise fault(path, "this is one JSON list", f"write one object a line: `jq -c '.[]' {path.name}`")
    return "jsonl" if text.startswith("{") else "csv"


def head_of(path: Path) -> bytes:
    """The beginning of a file, unpacked; ConfigError says why it cannot be read."""
    with _blocks(path) as blocks:
        head = next(blocks.parts, b"")[:HEAD]
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise fault(path, "the file is empty", "name another one")
    return head


def _opened(path: Path) -> IO[bytes]:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "this is a folder" if stat.S_ISDIR(mode) else "this is a pipe or a device"
            raise fault(path, what, "save the posts to a file and name that")
        raw = path.open("rb")
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise fault(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if raw.read(2) == b"\x1f\x8b":
        raw.close()
        return cast(IO[bytes], gzip.open(path))
    raw.seek(0)
    return raw


class _blocks:
    """A file's bytes in parts; damage of the packing is a fault of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _opened(path)
        self.parts = self._parts()

    def _parts(self) -> Iterator[bytes]:
        with _whole(self._path):
            while part := self._file.read(2**20):
                yield part

    def __enter__(self) -> _blocks:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _whole:
    """Errors of reading as faults of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, EOFError | gzip.BadGzipFile | zlib.error):
            raise fault(self._path, f"the packed file is damaged or cut off: {error}", "get it again")
        if isinstance(error, OSError):
            raise fault(self._path, f"cannot be read: {error.strerror or error}")


def _checked(encoding: str) -> None:
    try:
        known_codec = codecs.lookup(encoding)
        "".encode(known_codec.name)
    except LookupError as error:
        raise ConfigError(f"--encoding: `{encoding}` is unknown; write utf-8, utf-16 or cp1252") from error


class _Lines:
    """The lines of a text file with their number, each of bounded length."""

    def __init__(self, path: Path, encoding: str, newline: str) -> None:
        self.path = path
        self.number = 0
        binary = _opened(path)
        self._text = io.TextIOWrapper(binary, encoding, errors_of(encoding), newline=newline)

    def __iter__(self) -> Iterator[str]:
        with self._text, _whole(self.path):
            while line := self._text.readline(LONGEST):
                self.number += 1
                if len(line) >= LONGEST:
                    raise fault(self.path, f"a line of more than {LONGEST:,} characters", "", self.number)
                yield line


def _csv(path: Path, encoding: str) -> Table:
    lines = _Lines(path, encoding, newline="")
    stream = iter(lines)
    first = next((line for line in stream if line.strip()), "").removeprefix("\ufeff")
    said = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE | re.DOTALL)
    if said:
        first = next((line for line in stream if line.strip()), "")
    delimiter = said[1] if said else _delimiter(first)
    csv.field_size_limit(LONGEST)
    try:
        header = next(csv.reader([first], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise fault(path, f"the header cannot be read: {error}", "", lines.number) from error
    columns = tuple(named(name) for name in header)
    refuse_twice(path, columns, lines.number)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    return Table("csv", columns, _csv_rows(lines, reader, columns, header))


def _delimiter(first: str) -> str:
    """The one by which most columns are known; then the one that gives most columns."""

    def count(delimiter: str) -> tuple[int, int]:
        names = [named(name.strip('"')) for name in first.split(delimiter)]
        return sum(map(known, names)), len(names)

    return max(DELIMITERS, key=count)


def _csv_rows(
    lines: _Lines, reader: Iterator[list[str]], columns: Sequence[str], header: list[str]
) -> Iterator[Row | Problem]:
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(line, _said(error), 'write a quotation mark inside a cell twice ("")')
            continue
        if any(cells) and cells != header:  # a file that was put together from several has headers in it
            yield _csv_row(line, cells, columns)


def _said(error: csv.Error) -> str:
    said = str(error)
    if "limit" in said:
        return f"a cell of more than {LONGEST:,} characters, or a quotation mark that is never closed"
    if "unexpected end" in said:
        return "a quotation mark is never closed"
    return f"the row cannot be read: {said}"


def _csv_row(line: int, cells: list[str], columns: Sequence[str]) -> Row | Problem:
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(columns):
        what = f"{len(cells)} cells, but the header names {len(columns)}"
        return Problem(line, what, "put quotation marks around cells with the separator in them")
    if any(not cell.isascii() and DAMAGED.search(cell) for cell in cells):
        return damaged(line)
    return Row(line, dict(zip(columns, cells, strict=True)))


def _jsonl(path: Path, encoding: str) -> Table:
    rows = _json_rows(_Lines(path, encoding, newline="\n"))
    first = next(rows, None)
    columns = tuple(first.cells) if isinstance(first, Row) else ()

    def whole() -> Iterator[Row | Problem]:
        if first is not None:
            yield first
        yield from rows

    return Table("jsonl", columns, whole())


def _json_rows(lines: _Lines) -> Iterator[Row | Problem]:
    for line in lines:
        words = line.removeprefix("\ufeff") if lines.number == 1 else line
        if words.strip():
            yield _json_row(lines.number, words)


def _json_row(line: int, words: str) -> Row | Problem:
    if not words.isascii() and DAMAGED.search(words):
        return damaged(line)
    try:
        found = json.loads(words)
    except (ValueError, RecursionError) as error:
        return Problem(line, f"this is no JSON: {str(error)[:100]}", 'write {"text": "…"}')
    if not isinstance(found, dict):
        return Problem(line, "this is no JSON object", 'write {"text": "…"}')
    return Row(line, {named(name): value for name, value in found.items()})
