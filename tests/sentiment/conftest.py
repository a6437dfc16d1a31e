"""The shipped model, loaded once."""

from __future__ import annotations

import pytest

from sentiment import Scorer


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer()
