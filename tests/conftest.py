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


def pytest_report_header() -> str:
    """Say loudly whether tests on recorded data run."""
    return f"recorded data: {'present' if SHARED.is_dir() else 'MISSING, tests on real pages are skipped'}"
