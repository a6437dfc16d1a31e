"""The whole chain: the demo's world, a real mail server, both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.handlers import Message

from listener import pipeline
from listener.config import Config
from listener.demo import World
from listener.pipeline import Hall
from tests.mail.conftest import Server

NOW = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)  # 08:30 in Berlin: the digest of 30 March is due


class Mailbox(Message):
    """Keeps what it is given; `answer` overrides the server's answer to DATA."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.mails: list[Any] = []
        self.answer: str | None = None
        self.port = 0

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return self.answer or await super().handle_DATA(server, session, envelope)


@pytest.fixture
def world() -> Iterator[World]:
    with World(NOW) as world:
        yield world


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server on loopback; its port is `mailbox.port`."""
    handler = Mailbox()
    controller = Server(handler, hostname="127.0.0.1", port=0)
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


@pytest.fixture
def config(world: World, mailbox: Mailbox, tmp_path: Path) -> Config:
    """The world's configuration with the real mail server; the store is SQLite."""
    path = tmp_path / "config.yaml"
    path.write_text(world.config(tmp_path, mail_port=mailbox.port), encoding="utf-8")
    return pipeline.load_config(path, {})


Opened = Callable[..., AbstractContextManager[Hall]]


@pytest.fixture
def opened(config: Config) -> Opened:
    """Opens the hall at an instant, optionally on another store."""

    def open_at(now: datetime = NOW, store: str | None = None) -> AbstractContextManager[Hall]:
        chosen = replace(config, store=store) if store else config
        return pipeline.open_hall(chosen, clock=lambda: now, jitter=lambda: 0.5)

    return open_at
