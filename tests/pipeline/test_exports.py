"""Views as files for spreadsheets and programs."""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from listener import exports
from listener.errors import ConfigError

ROWS: list[dict[str, Any]] = [
    {
        "day": date(2026, 11, 1),
        "at": datetime(2026, 11, 1, 8, tzinfo=UTC),
        "text": "=cmd()",
        "n": None,
        "score": -0.5,
    },
    {"day": date(2026, 11, 2), "at": None, "text": 'Grüße, "ok"\nzweite Zeile', "n": 3, "score": None},
]


def test_csv_is_safe_and_keeps_numbers(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    assert exports.write(iter(ROWS), "csv", out) == 2
    with out.open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "day": "2026-11-01",
        "at": "2026-11-01T08:00:00Z",
        "text": "'=cmd()",
        "n": "",
        "score": "-0.5",
    }
    assert second["text"] == 'Grüße, "ok"\nzweite Zeile'


def test_jsonl_round_trip(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    exports.write(iter(ROWS), "jsonl", out)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows[0]["text"] == "=cmd()"
    assert rows[1]["n"] == 3


def test_parquet_round_trip_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 1)
    out = tmp_path / "a.parquet"
    assert exports.write(iter([ROWS[1], ROWS[1]]), "parquet", out) == 2
    assert pq.read_table(out).to_pylist()[0]["text"] == ROWS[1]["text"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert exports.write([{"a": 1}], "jsonl", pipe) == 1
        assert os.read(reader, 100) == b'{"a": 1}\n'
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    out.write_text("old")

    def broken() -> Any:
        yield ROWS[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        exports.write(broken(), "csv", out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]
    with pytest.raises(ConfigError, match="cannot be written"):
        exports.write(iter(ROWS), "csv", tmp_path / "none" / "a.csv")
