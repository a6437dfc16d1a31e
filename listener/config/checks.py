"""What is checked beyond types: every fault with its line, what is wrong and what to write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from listener.config import schema
from listener.config.document import Document, Path
from listener.config.duration import duration
from listener.errors import ConfigError, Problem

OptionTypes = Callable[[str], Mapping[str, tuple[Any, bool]]]
"""Kind of source to its options: name -> (type, required). ConfigError for an unknown kind."""

MODELS: dict[tuple[str, ...], type[BaseModel]] = {
    (): schema.ConfigKeys,
    ("brands",): schema.BrandKeys,
    ("brands", "products"): schema.ProductKeys,
    ("digest",): schema.DigestKeys,
    ("mail",): schema.MailKeys,
    ("retention",): schema.RetentionKeys,
    ("privacy",): schema.PrivacyKeys,
}
SECRETS = {"password", "app_password", "user", "client_id", "client_secret", "token", "key"}
WANTED = {
    "string_type": "text is wanted here",
    "string_too_short": "this is empty",
    "int_type": "a whole number is wanted here",
    "bool_type": "true or false is wanted here",
    "list_type": "a list `[…]` is wanted here",
    "is_instance_of": "a list `[…]` is wanted here",
    "model_type": "a mapping `{…}` is wanted here",
    "dict_type": "a mapping `{…}` is wanted here",
    "too_short": "the list is empty",
}


def validated(document: Document) -> schema.ConfigKeys | None:
    """The typed keys; None after the document got its problems."""
    try:
        return schema.ConfigKeys.model_validate(document.data)
    except ValidationError as error:
        document.problems += [_problem(fault, document) for fault in error.errors(include_url=False)]
        return None


def _problem(fault: Mapping[str, Any], document: Document) -> Problem:
    path: Path = tuple(fault["loc"])
    keys = [part for part in path if isinstance(part, str)]
    key, line = keys[-1] if keys else "", document.line(path)
    if fault["type"] == "extra_forbidden":
        model = MODELS.get(tuple(keys[:-1]), schema.ConfigKeys)
        names = [field.alias or name for name, field in model.model_fields.items()]
        return Problem(line, f"unknown key `{key}`", _suggest(key, names))
    if fault["type"] == "missing":
        where = f" in `{keys[-2]}`" if len(keys) > 1 else ""
        return Problem(line, f"`{key}` is missing{where}", _example(key))
    said = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else _said(fault, key)
    return Problem(line, f"{key}: {said}", _example(key, keys[0] if keys else ""))


def _said(fault: Mapping[str, Any], key: str = "") -> str:
    given = fault.get("input")
    shown = "nothing" if given is None else "that" if key in SECRETS else f"`{str(given)[:40]}`"
    wanted = WANTED.get(fault["type"], fault["msg"][:1].lower() + fault["msg"][1:])
    return f"{wanted}, not {shown}"


def _example(key: str, section: str = "") -> str:
    example = schema.EXAMPLES.get(f"{section}.{key}") or schema.EXAMPLES.get(key)
    return f"write {example}" if example else ""


def _suggest(key: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, names, 1, 0.6)
    return f"write `{near[0]}`" if near else f"write one of: {', '.join(names)}"


def _mappings(value: Any, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """The mappings of a list with their paths; whatever else stands there is reported elsewhere."""
    for index, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, dict):
            yield entry, (*path, index)


def _products(document: Document) -> Iterator[tuple[dict[str, Any], Path]]:
    for brand, path in _mappings(document.data.get("brands"), ("brands",)):
        yield from _mappings(brand.get("products"), (*path, "products"))


def duplicates(document: Document) -> Iterator[Problem]:
    """Names that stand twice; case does not tell them apart."""
    data = document.data
    groups = {
        "brand": _mappings(data.get("brands"), ("brands",)),
        "product": _products(document),
        "source": _mappings(data.get("sources"), ("sources",)),
    }
    for what, entries in groups.items():
        first: dict[str, int] = {}
        for entry, path in entries:
            name, line = entry.get("name"), document.line((*path, "name"))
            if not isinstance(name, str):
                continue
            if name.strip().casefold() in first:
                before = first[name.strip().casefold()]
                said = f"there is a second {what} `{name}` (line {before})"
                yield Problem(line, said, "give each its own name")
            first.setdefault(name.strip().casefold(), line)


def bad_queries(document: Document, check: Callable[[str], object]) -> Iterator[Problem]:
    """Queries that do not parse."""
    for product, path in _products(document):
        query = product.get("query")
        if not isinstance(query, str) or not query.strip():
            continue
        try:
            check(query)
        except ConfigError as error:
            line = document.line((*path, "query"))
            yield Problem(line, f"the query of `{product.get('name')}`: {error}", "see docs/query.md")


def source_options(document: Document, option_types: OptionTypes) -> list[dict[str, Any]]:
    """The collectors' options of each source; their faults join the document's problems."""
    return [
        _options(source, path, document, option_types)
        for source, path in _mappings(document.data.get("sources"), ("sources",))
    ]


def _options(
    source: Mapping[str, Any], path: Path, document: Document, option_types: OptionTypes
) -> dict[str, Any]:
    kind = source.get("kind")
    if not isinstance(kind, str):
        return {}
    try:
        types = option_types(kind)
    except ConfigError as error:
        document.problems.append(Problem(document.line((*path, "kind")), str(error)))
        return {}
    own = {name: value for name, value in source.items() if name not in schema.SourceKeys.model_fields}
    checked = {}
    for name, value in own.items():
        try:
            checked[name] = _option(name, value, kind, types)
        except ConfigError as error:
            line = document.line((*path, name))
            document.problems += [Problem(line, fault.what, fault.write) for fault in error.problems]
    for name, (_, required) in types.items():
        if required and name not in own:
            said = f"source `{source.get('name')}` of kind `{kind}` needs `{name}`"
            document.problems.append(Problem(document.line(path), said, _example(name)))
    return checked


def _option(name: str, value: Any, kind: str, types: Mapping[str, tuple[Any, bool]]) -> Any:
    if name not in types:
        write = _suggest(name, [*types, *schema.SourceKeys.model_fields])
        raise ConfigError([Problem(0, f"kind `{kind}` has no option `{name}`", write)])
    try:
        typed = _typed(value, types[name][0])
        return _web(typed) if name == "url" and ":" not in kind else typed
    except ValidationError as error:
        said = _said(error.errors()[0], name)
        raise ConfigError([Problem(0, f"{name}: {said}", _example(name))]) from error
    except ValueError as error:
        raise ConfigError([Problem(0, f"{name}: {error}", _example(name))]) from error


def _web(url: str) -> str:
    """A plug-in may read what it likes; the collectors here read web addresses."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, a port that is none
        whole = False
    if not whole or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError(f"`{url[:80]}` is no web address")
    return url


def _typed(value: Any, wanted: Any) -> Any:
    if wanted is timedelta:
        return duration(value)
    if wanted not in (str, int, bool, float) and isinstance(value, str):
        value = [value]  # one subreddit needs no brackets
    return TypeAdapter(wanted).validate_python(value, strict=wanted in (str, int, bool))
