"""Real forum software is started once for its tests; where it cannot be, that is said."""

from __future__ import annotations

import pytest

from tests.live.software import SKIPPED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which software was not read."""
    for reason in SKIPPED:
        terminalreporter.section(f"real forum software was NOT read: {reason}", "!")
