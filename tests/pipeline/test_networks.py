"""What a collector says beside posts reaches the store and the operator: notices, votes, an end; and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from listener import pipeline
from listener.config import Config
from listener.errors import ConfigError, EndedError
from listener.model import Batch, Memory, NoMemory, Post, Source
from listener.pipeline import Hall
from listener.pipeline.hall import option_types
from storage import Storage

NOW = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)
NOTHING = NoMemory()
Answer = Callable[[Mapping[str, Any], Memory], Iterator[Batch]]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """A collector of somebody else's; `["answer"]` is what it does."""
    answers: dict[str, Answer] = {}

    def collect(
        source: Source,
        state: Mapping[str, Any],
        http: object,
        *,
        place: str = "",
        memory: Memory = NOTHING,
    ) -> Iterator[Batch]:
        yield from answers["answer"](state, memory)

    module = ModuleType("network")
    vars(module).update(collect=collect)
    monkeypatch.setitem(sys.modules, "network", module)
    return answers


@pytest.fixture
def hall(tmp_path: Path, network: dict[str, Answer]) -> Iterator[Hall]:
    with Storage(f"sqlite:///{tmp_path / 'a.db'}") as storage:
        config = _config(tmp_path)
        storage.sync(config.sources, config.brands, NOW)
        yield Hall(config, storage, clock=lambda: NOW, jitter=lambda: 0.5)


def _config(folder: Path, options: str = "") -> Config:
    path = folder / "config.yaml"
    path.write_text(
        f"""
store: sqlite:///{folder / "a.db"}
timezone: Europe/Berlin
contact: ears@example.com
brands: [{{name: Akkufix, products: [{{name: Akkufix 3000, query: akkufix}}]}}]
sources: [{{name: netz, kind: "network:collect"{options}}}]
""",
        encoding="utf-8",
    )
    return pipeline.load_config(path, {})


def later(hall: Hall, hours: float) -> Hall:
    return replace(hall, clock=lambda: NOW + timedelta(hours=hours))


def said(number: int, **fields: Any) -> Post:
    known = {"published_at": NOW - timedelta(hours=1), "thread_id": f"t{number}", "author": "anna"}
    return Post(f"p{number}", f"https://netz.example/{number}", "Der Akkufix ist gut.", **(known | fields))


def status(hall: Hall) -> dict[str, Any]:
    [row] = pipeline.status(hall)["sources"]
    return dict(row)


def test_notices_of_a_run_are_joined_and_shown(hall: Hall, network: dict[str, Answer]) -> None:
    def answer(state: Mapping[str, Any], memory: Memory) -> Iterator[Batch]:
        yield Batch((said(1),), {}, notice="zu schnell")
        yield Batch((said(2),), {}, notice="zu schnell")
        yield Batch((), {}, notice="lückenhaft")

    network["answer"] = answer
    [outcome] = pipeline.collect(hall)
    assert (outcome.new, outcome.notice, outcome.error) == (2, "zu schnell; lückenhaft", None)
    assert (status(hall)["notice"], status(hall)["noticed"]) == (outcome.notice, "2026-03-31 06:30Z")


def test_votes_are_told_again_and_are_no_edit(hall: Hall, network: dict[str, Answer]) -> None:
    votes = iter([3, 4, 4])
    network["answer"] = lambda state, memory: iter([Batch((said(1, votes=next(votes)),), {})])
    pipeline.collect(hall)
    for hours in (1, 2):
        [outcome] = pipeline.collect(later(hall, hours))
        assert (outcome.new, outcome.changed) == (0, 0)
        assert [row["votes"] for row in hall.storage.export("mentions")] == [4]


def test_an_ended_source_rests_until_somebody_asks(hall: Hall, network: dict[str, Answer]) -> None:
    def over(state: Mapping[str, Any], memory: Memory) -> Iterator[Batch]:
        raise EndedError("the feed says that it is over (410)")
        yield

    network["answer"] = over
    [outcome] = pipeline.collect(hall)
    assert isinstance(outcome.error, EndedError)
    row = status(hall)
    assert (row["ended"], row["next_due"]) == ("2026-03-31 06:30Z", None) and "over" in row["error"]
    assert pipeline.collect(later(hall, 48)) == []
    network["answer"] = lambda state, memory: iter([Batch((said(1),), {})])
    [outcome] = pipeline.collect(later(hall, 49), only=["netz"])
    assert outcome.new == 1 and status(hall)["ended"] is None


def test_a_collector_is_told_what_is_stored_of_its_source(hall: Hall, network: dict[str, Answer]) -> None:
    told: list[Any] = []

    def answer(state: Mapping[str, Any], memory: Memory) -> Iterator[Batch]:
        told.append([name for _, name in memory.standing(0, 10)])
        told.append([name for _, name in memory.standing(0, 10, mentioned=True)])
        told.append([memory.threads(NOW - timedelta(days=1)), memory.addresses(["p1"])])
        yield Batch((said(1), replace(said(2), text="nichts")), {})

    network["answer"] = answer
    pipeline.collect(hall)
    pipeline.collect(later(hall, 1))
    assert told[:3] == [[], [], [[], {}]]
    assert told[3:] == [["p1", "p2"], ["p1"], [["t1"], {"p1": "https://netz.example/1"}]]


def test_memory_is_no_option_of_a_source(network: dict[str, Answer], tmp_path: Path) -> None:
    assert list(option_types("network:collect")) == ["place"]
    with pytest.raises(ConfigError, match="memory"):
        _config(tmp_path, ", memory: 3")
