"""YAML with the line of every value: safe, no surprises (`no` stays text), environment filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from listener.errors import ConfigError, Problem

Path = tuple[str | int, ...]
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
MAX_BYTES = 1_000_000
MAX_DEPTH = 20


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: `no`, `on`, `17:30` and dates are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]*\.[0-9]+$"), list("-+.0123456789")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])


class Document:
    """A parsed file: `data` in plain Python, `line(path)` of each value, `problems` met on the way."""

    def __init__(self, text: str, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._lines: dict[Path, int] = {}
        self._environ = environ
        self._seen: set[int] = set()
        node = _compose(text)
        self.data = {} if node is None else self._value(node, ())
        if not isinstance(self.data, dict):
            self._report(1, "the file is no mapping", "write `store: sqlite:///listener.db` and so on")
            self.data = {}

    def line(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return 1

    def _report(self, line: int, what: str, write: str = "") -> None:
        self.problems.append(Problem(line, what, write))

    def _value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        if id(node) in self._seen and not isinstance(node, yaml.ScalarNode):
            self._report(line, "aliases (`*name`) are not read", "write the value out")
            return None
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._report(line, "nested too deeply", "see `listener init` for the layout")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(line, "a key here is a list or a mapping", "write a plain word before the colon")
                continue
            key = str(key_node.value)
            if key in data:
                self._report(line, f"`{key}` stands here twice", "keep one of them")
                continue
            self._lines[(*path, key)] = line
            data[key] = self._value(value_node, (*path, key))
        return data

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        try:
            value = _Loader("").construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._report(line, f"`{node.value}` cannot be read: {error}", "write plain text or a number")
            return None
        return self._filled(value, line) if isinstance(value, str) else value

    def _filled(self, text: str, line: int) -> str:
        def replace(found: re.Match[str]) -> str:
            name = found.group(1)
            if name not in self._environ:
                self._report(
                    line,
                    f"the environment has no variable {name}",
                    f"set it: `export {name}=…` before the run",
                )
            return self._environ.get(name, "")

        return VARIABLE.sub(replace, text)


def _compose(text: str) -> yaml.Node | None:
    if len(text) > MAX_BYTES:
        raise ConfigError(
            [Problem(0, "the file is larger than 1 MB", "this is no configuration of listener")]
        )
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
        return node
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        what = f"this is no YAML: {error.problem or error.context}"
        raise ConfigError([Problem(line, what, "check indentation, colons and quotes")]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the character U+{error.character:04X} may not stand here"
        raise ConfigError([Problem(line, what, "take it out and save the file as UTF-8 text")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        what = "this is no YAML, or nested too deeply"
        raise ConfigError([Problem(0, what, "see `listener init` for the layout")]) from error
