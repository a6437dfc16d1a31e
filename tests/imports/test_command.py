"""`listener import` as people call it; killed in the middle it has done nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from listener import pipeline
from storage import Storage
from tests.imports.made import configured, written
from tests.imports.test_importing import FILE
from tests.imports.test_opml import OPML


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "listener", *arguments]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def listener(*arguments: str, **options: Any) -> tuple[int, str, str]:
    process = start(*arguments, **options)
    out, errors = process.communicate(timeout=60)
    return process.returncode, out, errors


def test_from_file_to_status(tmp_path: Path) -> None:
    config, file = str(configured(tmp_path)), str(written(tmp_path, FILE, "archiv.csv"))
    code, out, errors = listener("import", file, "--config", config, "--dry-run")
    assert (code, errors) == (0, "")
    assert "dry run, nothing was stored; 0 of these posts are stored already" in out
    code, out, errors = listener("import", file, "--config", config)
    assert (code, errors) == (0, "")
    assert "archiv: 3 posts in 3 rows, 2026-07-27 to 2026-07-29" in out
    assert "mentions: Akkufix 3000 1, Bohrwerk B2 1" in out
    assert "stored: 3 new, 0 changed, 0 as they were" in out
    assert "days without one stay unknown" in out
    code, out, errors = listener("import", file, "--config", config, "--complete-from", "2026-07-01")
    assert "0 new, 0 changed, 3 as they were" in out
    assert "complete from 2026-07-01 00:00" in out
    code, out, _ = listener("status", "--config", config)
    assert code == 0
    assert "archiv" in out


def test_faults_end_with_2_and_name_their_lines(tmp_path: Path) -> None:
    config = str(configured(tmp_path))
    bad = str(written(tmp_path, "id,text,date\n1,a,morgen\n2,b,2026-01-01\n", "bad.csv"))
    code, out, errors = listener("import", bad, "--config", config)
    assert (code, out) == (2, "")
    assert f"{bad}:2: `morgen` is no date" in errors
    assert "nothing was stored" in errors
    code, out, errors = listener("import", bad, "--config", config, "--skip-bad")
    assert code == 0
    assert "1 rows left out" in out
    assert f"{bad}:2: left out" in errors
    for place in (str(tmp_path), str(tmp_path / "none.csv"), "/dev/null"):
        code, out, errors = listener("import", place, "--config", config)
        assert (code, "Traceback" in errors) == (2, False)


def test_another_run_is_at_work(tmp_path: Path) -> None:
    config, file = configured(tmp_path), written(tmp_path, FILE)
    with pipeline.lock(config.with_name(f".{config.name}.lock")):
        assert listener("import", str(file), "--config", str(config))[0] == 75


def test_opml_prints_lines_and_needs_no_configuration(tmp_path: Path) -> None:
    file = written(tmp_path, OPML.replace("x=", "?token=a").replace('/x"', '/x?token=abc"'), "feeds.opml")
    code, out, errors = listener("import", str(file), cwd=tmp_path)
    assert code == 0
    assert out.startswith('sources:\n  - {name: "Säge & Säge", kind: feed')
    assert "4 feeds" in errors
    assert "no web address: file:///etc/passwd" in errors
    assert "ohne-titel.example looks like a key" in errors
    code, _, errors = listener("import", str(file), "--config", str(tmp_path / "none.yaml"), cwd=tmp_path)
    assert (code, "no such file" in errors) == (2, True)
    assert not (tmp_path / "listener.db").exists()


@pytest.mark.parametrize("written_already", [200_000, 2_000_000])
def test_killed_in_the_middle_the_store_is_as_before(tmp_path: Path, written_already: int) -> None:
    config = configured(tmp_path)
    small = str(written(tmp_path, FILE, "archiv.csv"))
    assert listener("import", small, "--config", str(config))[0] == 0
    lines = "".join(f"{n},Akkufix 3000 {n} {'… ' * 300},2026-07-{n % 28 + 1:02}\n" for n in range(5000))
    big = written(tmp_path, f"id,text,date\n{lines}", "big.csv")
    wal = tmp_path / "listener.db-wal"
    process = start("import", str(big), "--config", str(config))
    deadline = time.monotonic() + 50
    while (
        not (wal.exists() and wal.stat().st_size > written_already)
        and process.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.01)  # what is stored goes there before it counts
    assert process.poll() is None, process.communicate()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with Storage(f"sqlite:///{tmp_path / 'listener.db'}") as storage:
        assert [post.source for post in storage.posts_for_rematch(0, 100_000)] == ["archiv"] * 3
        assert {row["source"] for row in storage.export("mentions")} == {"archiv"}
    code, out, errors = listener("import", small, "--config", str(config))
    assert (code, errors) == (0, "")
    assert "0 new, 0 changed, 3 as they were" in out
