"""Files as people have them: encodings, separators, damage; every fault with its line."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from listener.errors import ConfigError, Problem
from listener.imports import Row, RowError, form_of, table, told
from listener.imports.columns import named
from listener.imports.files import LONGEST
from tests.imports.made import written


def rows(path: Path, **options: Any) -> list[Row | Problem]:
    return list(table(path, **options).rows)


def cells(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [dict(row.cells) for row in rows(path, **options) if isinstance(row, Row)]


TEXT = 'id,text,author\n1,"Säge, groß\nzweite Zeile ""neu""",Jörg\n2,gut,Kim\n'
WANTED = [
    {"id": "1", "text": 'Säge, groß\nzweite Zeile "neu"', "author": "Jörg"},
    {"id": "2", "text": "gut", "author": "Kim"},
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    assert cells(written(tmp_path, TEXT.encode(encoding))) == WANTED
    assert cells(written(tmp_path, gzip.compress(TEXT.encode(encoding)), "a.csv.gz")) == WANTED


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_with_any_separator(tmp_path: Path, separator: str, line_end: str) -> None:
    text = f'id{separator}text{line_end}1{separator}"a{separator}b; c, d"{line_end}'
    assert cells(written(tmp_path, text)) == [{"id": "1", "text": f"a{separator}b; c, d"}]
    assert cells(written(tmp_path, f"sep={separator}{line_end}{text}"))[0]["id"] == "1"


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = 'id,text\n1,"a\nb"\n\n2,c\n3,d,e\n4,f\n,,\nid,text\n5,g\n6\n'
    found = rows(written(tmp_path, text))
    assert [(one.line, isinstance(one, Row)) for one in found] == [
        (2, True), (5, True), (6, False), (7, True), (10, True), (11, False),
    ]  # fmt: skip
    assert "3 cells, but the header names 2" in str(found[2])


def test_a_broken_quotation_mark_costs_its_row_only_where_it_can(tmp_path: Path) -> None:
    found = rows(written(tmp_path, 'id,text\n1,"a"b\n2,c\n3,"open\n4,d\n'))
    assert [type(one) for one in found] == [Problem, Row, Problem]
    assert (found[2].line, "never closed" in str(found[2])) == (4, True)


def test_damaged_utf8_is_a_fault_of_its_row(tmp_path: Path) -> None:
    found = rows(
        written(
            tmp_path,
            "id,text\n1,größer Säge Köln für Übung größte\n2,Müßig\n".encode() + b"3,gr\xf6\xdfer\n4,ok\n",
        )
    )
    assert [type(one) for one in found] == [Row, Row, Problem, Row]
    assert (found[2].line, "no UTF-8" in str(found[2])) == (4, True)
    lines = '{"text": "größere Sägen für Köln"}\n'.encode() + b'{"text": "gr\xf6"}\n'
    assert [type(one) for one in rows(written(tmp_path, lines, "a.jsonl"))] == [Row, Problem]


def test_big_cells_are_read_and_bigger_ones_refused(tmp_path: Path) -> None:
    big = "a" * 10_000_000
    (row,) = rows(written(tmp_path, f"id,text\n1,{big}\n"))
    assert isinstance(row, Row)
    with pytest.raises(RowError, match="10,000,000 characters"):
        told(row.cells)
    with pytest.raises(ConfigError, match="line of more than"):
        rows(written(tmp_path, f"id,text\n1,{'a' * LONGEST}b\n"))
    half = "b\n" * (LONGEST // 2)
    (fault,) = rows(written(tmp_path, f'id,text\n1,"{half}more"\n'))[:1]
    assert isinstance(fault, Problem)
    assert "a cell of more than" in str(fault)


def test_nul_controls_and_formulas_do_no_harm(tmp_path: Path) -> None:
    (row,) = rows(written(tmp_path, b"id,text\n1,=cmd()\0\x07 gut\x1b[31m\n"))
    assert isinstance(row, Row)
    assert told(row.cells).text == "=cmd() gut[31m"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"a,b\n1,2\n", None),
        (b"PK\x03\x04rest", "workbook"),
        (b"\x28\xb5\x2f\xfdrest", "zstd"),
        (b'[{"text": "a"}]', "one JSON list"),
        (b"[]", "one JSON list"),
        (b"<html><body>", "page or XML"),
        (b"SQLite format 3\0", "database"),
        (b"PAR1 and nothing", "no whole Parquet"),
        (gzip.compress(b"id,text\n1,a\n" * 9000)[:-20], "damaged or cut off"),
    ],
)
def test_what_is_no_file_with_posts(tmp_path: Path, content: bytes, says: str | None) -> None:
    path = written(tmp_path, content, "x")
    if says is None:
        assert form_of(path) == "csv"
        return
    with pytest.raises(ConfigError, match=says):
        rows(path)


def test_folders_pipes_devices_and_what_may_not_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path, "folder"), (tmp_path / "pipe", "pipe or a device"), (Path("/dev/null"), "pipe or a device"),
        (tmp_path / "none.csv", "No such file"), (Path("a\0b"), "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=says):
            form_of(path)


def test_a_column_twice_is_refused_where_it_matters(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`text` is there twice"):
        rows(written(tmp_path, "text,Text\na,b\n"))
    assert cells(written(tmp_path, "text,x,x\na,b,c\n")) == [{"text": "a", "x": "c"}]


def test_json_lines(tmp_path: Path) -> None:
    text = (
        '\ufeff{"text": "a\u2028b", "n": 1}\n\n[1]\n{"text": \n{"text": "\\ud83d"}\n' + "[" * 100_000 + "\n"
    )
    found = rows(written(tmp_path, text, "a.jsonl"))
    assert [type(one) for one in found] == [Row, Problem, Problem, Row, Problem]
    assert [one.line for one in found] == [1, 3, 4, 5, 6]
    huge = '{"text": "a", "votes": ' + "9" * 5000 + "}\n"
    assert isinstance(rows(written(tmp_path, huge, "b.jsonl"))[0], Problem)


def test_parquet_by_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    at = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
    columns = {
        "id": pa.array([1, 2, 3]),
        "text": pa.array(["a", None, "c"]).dictionary_encode(),
        "created_at": pa.array([at, None, at], pa.timestamp("ns", "UTC")),
        "day": pa.array([date(2026, 7, 1)] * 3),
        "likes": pa.array([1.0, float("nan"), 2.5]),
        "unknown": pa.array([{"a": 1}] * 3),
    }
    pq.write_table(pa.table(columns), path, row_group_size=1)
    found = cells(path)
    assert [row["text"] for row in found] == ["a", None, "c"]
    assert "unknown" not in found[0]
    assert [told(row).votes for row in found] == [1, None, None]
    assert (told(found[0]).published, told(found[0]).id) == (at, "1")
    assert told(found[1]).published == date(2026, 7, 1)


def test_columns_by_other_names() -> None:
    row = told(
        {"permalink": "/r/werkzeug/comments/abc/x/", "url": "https://picture.example", "selftext": "Gut", "date": "27.07.2026",
         "uhrzeit": "14:05", "screen_name": "kim", "lang": "de-AT", "likes": "7", "comment_count": 3}
    )  # fmt: skip
    assert row.url == "https://www.reddit.com/r/werkzeug/comments/abc/x/"
    assert (row.text, row.published, row.author, row.language) == ("Gut", "27.07.2026 14:05", "kim", "de")
    assert (row.votes, row.replies) == (7, 3)


def test_score_is_the_votes_only_in_foreign_files() -> None:
    assert told({"text": "a", "score": "12"}).votes == 12
    assert told({"text": "a", "score": "-0.5"}).votes is None
    own = {
        "mention_id": 1,
        "post_id": 2,
        "product": "x",
        "matched_in": "text",
        "text": "a",
        "score": 1,
        "votes": 3,
    }
    assert told(own).votes == 3
    assert told({**own, "votes": None}).votes is None


@pytest.mark.parametrize("words", ["[deleted]", "[removed]", "[ Removed by moderator ]", "[gelöscht]"])
def test_withdrawn_posts(words: str) -> None:
    row = told({"text": words, "author": "[deleted]"})
    assert (row.deleted, row.text, row.author) == (True, "", "")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": ["a"]}, "list"),
        ({"text": "a", "url": "javascript:alert(1)"}, "no web address"),
        ({"text": "a", "quotes": "nonsense"}, "JSON list"),
        ({"text": "a", "quotes": [1]}, "list of objects"),
        ({"text": "a", "author": "x" * 3000}, "3,000 characters"),
        ({"text": "a", "id": {"x": 1}}, "list or an object"),
        ({"text": "a", "id": 10**200}, "hundred digits"),
    ],
)
def test_rows_that_are_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(RowError, match=says):
        told(given)


def test_whatever_json_holds_is_a_row_or_a_fault() -> None:
    values: list[Any] = [
        None,
        True,
        0,
        -1,
        1e400,
        float("nan"),
        "",
        "\0",
        "\ud800",
        [],
        {},
        [[]],
        10**30,
        "x" * 5000,
    ]
    for column in (
        "id",
        "url",
        "text",
        "title",
        "author",
        "created_utc",
        "score",
        "quotes",
        "deleted",
        "lang",
        "facts",
    ):
        for value in values:
            try:
                told({"text": "a", column: value})
            except RowError as error:
                assert error.what
    assert json.loads("1e400") == float("inf")


def test_the_documentation_names_every_column() -> None:
    from listener.imports.columns import COLUMNS

    page = (Path(__file__).resolve().parents[2] / "docs" / "importing.md").read_text("utf-8")
    own = {"facts", "erased", "source", "kind"}  # of our own view, docs/store.md
    names = [name for field, names in COLUMNS.items() if field not in own for name in names]
    assert [name for name in names if f"`{name}`" not in page] == []
    assert {"id", "published_at"} <= set(map(named, ("ID", "publishedAt", "\ufeffId ")))
