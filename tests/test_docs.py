"""The documentation names every command, configuration key, kind of source and column of a view."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from collectors import get, kinds
from listener.cli import COMMANDS
from listener.config import schema
from listener.pipeline import load_config
from storage import Storage

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_commands(name: str) -> None:
    assert re.search(rf"`{name}[ `\[]", page("commands"))


@pytest.mark.parametrize(
    "model",
    [
        schema.ConfigKeys, schema.BrandKeys, schema.ProductKeys, schema.SourceKeys, schema.DigestKeys,
        schema.MailKeys, schema.RetentionKeys, schema.PrivacyKeys,
    ],
)  # fmt: skip
def test_configuration_keys(model: type[schema._Keys]) -> None:
    text = page("configuration")
    for name, field in model.model_fields.items():
        assert re.search(rf"\b{field.alias or name}\b", text), name


@pytest.mark.parametrize("kind", kinds())
def test_collectors(kind: str) -> None:
    collect = get(kind)
    assert inspect.getdoc(collect)
    assert list(inspect.signature(collect).parameters)[:3] == ["source", "state", "http"]
    assert f"| `{kind}` |" in page("configuration")
    assert list((ROOT / "tests" / "collectors").glob(f"test_{kind}.py"))


@pytest.mark.parametrize("view", ["mentions", "daily", "coverage"])
def test_columns_of_the_views(view: str, tmp_path: Path) -> None:
    with Storage(f"sqlite:///{tmp_path / 'empty.db'}") as storage:
        columns = list(getattr(storage, view)().columns)
    assert columns
    text = page("store")
    assert [column for column in columns if f"`{column}`" not in text] == []


def test_the_configuration_of_the_readme_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.S)
    path = tmp_path / "config.yaml"
    path.write_text(block, encoding="utf-8")
    config = load_config(path, {})
    assert [source.kind for source in config.sources] == ["forum"]


def test_links_of_the_documentation_lead_somewhere() -> None:
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)\)", file.read_text("utf-8")):
            if not target.startswith("http"):
                assert (file.parent / target).exists(), (file.name, target)
