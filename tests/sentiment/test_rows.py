"""Labelled files: every bad line is named, wrong places are found again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from listener.errors import ConfigError
from listener.model import Target
from sentiment import Row, read_rows

GOOD: dict[str, Any] = {
    "text": "Der Brummfix ist gut.",
    "target": "Brummfix",
    "start": 4,
    "end": 12,
    "label": "positive",
    "lang": "de",
}


def written(path: Path, *rows: Any) -> Path:
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8"
    )
    return path


def test_a_row_becomes_a_target(tmp_path: Path) -> None:
    [row] = read_rows(written(tmp_path / "a.jsonl", GOOD | {"title": "Sauger"}))
    assert row.as_target() == Target("Der Brummfix ist gut.", ((4, 12),), title="Sauger", language="de")


def test_gzip_reads_alike(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(GOOD) + "\n\n")
    assert read_rows(tmp_path / "a.jsonl.gz") == read_rows(written(tmp_path / "b.jsonl", GOOD))


@pytest.mark.parametrize(
    ("change", "span"),
    [
        ({"start": None, "end": None}, None),
        ({"target": None}, None),
        ({"start": 3, "end": 11}, (4, 12)),
        ({"start": -17, "end": -9}, (4, 12)),
        ({"start": 400, "end": 408}, (4, 12)),
        ({"target": "Saugmax"}, None),
    ],
)
def test_the_place_of_the_target(
    tmp_path: Path, change: dict[str, Any], span: tuple[int, int] | None
) -> None:
    [row] = read_rows(written(tmp_path / "a.jsonl", GOOD | change))
    assert row.span == span


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path / "a.jsonl", {"text": "gut", "label": "positive"})) == [
        Row("gut", "positive")
    ]


BAD = {
    "{": "not a labelled row",
    "[1]": "expected an object",
    json.dumps(GOOD | {"label": "good"}): "`label` must be one of negative, neutral, positive, not 'good'",
    json.dumps(GOOD | {"text": 3}): "`text` must be a string",
    json.dumps(GOOD | {"start": "4"}): "`start` and `end` must be whole numbers or null",
    json.dumps(GOOD | {"lang": 1}): "`lang` must be a string or null",
    json.dumps(GOOD | {"label": ["positive"]}): "`label` must be one of",
}


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "a.jsonl", GOOD, line)
    with pytest.raises(ConfigError) as caught:
        read_rows(path)
    assert str(caught.value).startswith(f"{path}:2: ") and BAD[line] in str(caught.value)


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_rows(written(tmp_path / "a.jsonl", "{", GOOD, "[]"))
    assert [problem.line for problem in caught.value.problems] == [1, 3]


@pytest.mark.parametrize(
    ("name", "content"), [("a.jsonl", b"\xff\xfe"), ("a.jsonl.gz", b"no gzip"), ("a.jsonl.gz", b"")]
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    if content:
        with pytest.raises(ConfigError, match="cannot be read"):
            read_rows(tmp_path / name)
    else:
        assert read_rows(tmp_path / name) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.jsonl: cannot be read"):
        read_rows(tmp_path / "none.jsonl")


def test_a_damaged_gzip_file_is_named(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 50))
    packed[12:20] = b"\xff" * 8
    (tmp_path / "a.jsonl.gz").write_bytes(packed)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_rows(tmp_path / "a.jsonl.gz")


def test_a_cut_gzip_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps(GOOD).encode() * 50)[:-20])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_rows(tmp_path / "a.jsonl.gz")
