"""The real program, killed: nothing lost, nothing doubled; SIGTERM ends it cleanly."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from listener.demo import World
from storage import Storage

KILLS = 8


@pytest.fixture
def world() -> Iterator[World]:
    """A world of this minute: the program under test has the real clock."""
    with World(datetime.now(UTC)) as world:
        yield world


@pytest.fixture
def config_path(world: World, mailbox: Any, tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(world.config(tmp_path, mail_port=mailbox.port), encoding="utf-8")
    return path


def start(path: Path, command: str = "run", **options: Any) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "listener", command, "--config", str(path)]
    return subprocess.Popen(arguments, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors


def test_killed_in_the_middle_then_run(world: World, config_path: Path, mailbox: Any) -> None:
    chance = random.Random(4)
    for _ in range(KILLS):
        process = start(config_path)
        time.sleep(chance.uniform(0.3, 5.0))
        process.send_signal(signal.SIGKILL)
        finish(process)
    code, errors = finish(start(config_path))
    assert (code, errors) == (0, "")
    with Storage(f"sqlite:///{config_path.parent / 'listener.db'}") as storage:
        posts = storage.posts_for_rematch(0, 10_000)
        mentions = list(storage.export("mentions"))
        deliveries = storage.deliveries()
    keys = sorted((post.source, post.external_id) for post in posts)
    assert keys == sorted((post.source, post.id) for post in world.truth)
    wanted = sum(len(post.places) for post in world.truth)
    assert len(mentions) == len({(row["post_id"], row["product"]) for row in mentions}) == wanted
    assert all(row["label"] for row in mentions)
    assert len(deliveries) == 1
    assert len(mailbox.mails) <= 1
    assert len(mailbox.mails) == 1 or deliveries[0].status == "claimed"


@pytest.mark.parametrize("command", ["serve", "run"])
def test_sigterm_ends_within_ten_seconds(config_path: Path, command: str) -> None:
    process = start(config_path, command)
    time.sleep(2.5)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    code, errors = finish(process)
    assert time.monotonic() - began < 10
    assert "Traceback" not in errors
    assert code in ((0,) if command == "serve" else (0, 1)), errors
    code, errors = finish(start(config_path))
    assert (code, errors) == (0, "")


def test_serve_does_the_work(world: World, config_path: Path, mailbox: Any) -> None:
    process = start(config_path, "serve")
    deadline = time.monotonic() + 60
    while not mailbox.mails and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    code, errors = finish(process)
    assert code == 0, errors
    assert len(mailbox.mails) == 1
    subject = str(mailbox.mails[0]["Subject"])  # by the hour of the day: what was said, or that it was quiet
    assert "Akkufix" in subject or "Alles ruhig" in subject, subject


def test_a_full_disk_ends_the_run_with_a_line_and_loses_nothing(world: World, config_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    code, errors = finish(start(config_path, preexec_fn=small))
    assert code == 1
    assert "Traceback" not in errors
    assert any(word in errors for word in ("full", "disk", "too large")), errors
    assert finish(start(config_path))[0] == 0
    with Storage(f"sqlite:///{config_path.parent / 'listener.db'}") as storage:
        assert len(storage.posts_for_rematch(0, 10_000)) == len(world.truth)


@pytest.mark.skipif(os.name != "posix", reason="locks are POSIX")
def test_another_run_is_at_work(config_path: Path) -> None:
    from listener import pipeline

    assert finish(start(config_path))[0] == 0
    with pipeline.lock(config_path.with_name(f".{config_path.name}.lock")):
        code, errors = finish(start(config_path))
    assert code == 75
    assert "another run" in errors
