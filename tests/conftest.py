"""Fixtures that several rooms use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Recorded pages, feeds and labelled data beside the checkout; a stranger's clone has none."""
    if not SHARED.is_dir():
        pytest.skip("recorded data (../shared) is missing: tests on real pages skipped")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server for the whole session."""
    from tests.postgres import server

    with server() as url:
        yield url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly whether tests on recorded data ran."""
    if not SHARED.is_dir():
        terminalreporter.section("recorded data is MISSING: tests on real pages and feeds were skipped", "!")
