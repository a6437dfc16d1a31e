"""Kinds are found by their module's name; everything else is a clear ConfigError."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import collectors
from listener.errors import ConfigError
from listener.model import Batch


def plugin(source: object, state: object, http: object, *, room: str = "a") -> Iterator[Batch]:
    yield Batch()


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("ears")
    vars(module).update(collect=plugin, number=3)
    monkeypatch.setitem(sys.modules, "ears", module)


def test_a_kind_is_a_module_with_collect() -> None:
    from collectors.forum import collect

    assert collectors.get("forum") is collect
    assert "forum" in collectors.kinds()
    assert not {"http", "engines", "reading", "walls"} & set(collectors.kinds())


def test_every_kind_says_what_it_is() -> None:
    for kind in collectors.kinds():
        assert sys.modules[f"collectors.{kind}"].__doc__ and collectors.get(kind).__doc__


@pytest.mark.parametrize(
    ("kind", "hint"), [("forums", "did you mean forum?"), ("http", "forum"), ("", "forum")]
)
def test_an_unknown_kind_names_what_there_is(kind: str, hint: str) -> None:
    with pytest.raises(ConfigError, match="unknown kind") as caught:
        collectors.get(kind)
    assert hint in str(caught.value)


def test_a_plugin_and_its_options(ears: None) -> None:
    assert collectors.get("ears:collect") is plugin
    assert list(collectors.options("ears:collect")) == ["room"]


@pytest.mark.parametrize(
    "kind", ["ears:nothing", "ears:number", "no_such_module:collect", ":collect", "ears:"]
)
def test_a_broken_plugin_is_a_config_error(ears: None, kind: str) -> None:
    with pytest.raises(ConfigError, match=r"package\.module:function"):
        collectors.get(kind)


def test_the_options_of_a_forum() -> None:
    found = collectors.options("forum")
    assert found["url"].default is found["url"].empty
    assert {"backfill", "pages"} <= set(found)


def test_importing_the_package_imports_no_foreign_library() -> None:
    code = "import collectors, sys; print({'httpx', 'praw', 'feedparser', 'bs4'} & set(sys.modules))"
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert answer.stdout.strip() == "set()"
