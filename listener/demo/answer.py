"""What the demo's server is asked and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Asked:
    """One request: header names in lower case, the last value of each parameter."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    def number(self, name: str, default: int = 0) -> int:
        """The parameter as a whole number; anything else is the default, as phpBB has it."""
        value = self.query.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else default


@dataclass(frozen=True)
class Answer:
    """One answer."""

    body: bytes
    content_type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def page(html: str, status: int = 200, **headers: str) -> Answer:
    """An HTML answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(html.encode(), HTML, status, named)


def data(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(body, "application/json; charset=UTF-8", status, headers or {})


def fill(name: str, /, **values: object) -> str:
    """A template of `templates/` with its `$names` filled in; the values are markup already."""
    return _template(name if "." in name else f"{name}.html").substitute(values).rstrip("\n")


@cache
def _template(name: str) -> Template:
    return Template(files(__package__).joinpath("templates", name).read_text("utf-8"))
