"""Collectors: getting posts from one kind of source each; a kind is the name of a module with `collect`."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType

from listener.errors import ConfigError
from listener.model import Batch

Collect = Callable[..., Iterator[Batch]]
PLUGIN = "write `package.module:function`"


def get(kind: str) -> Collect:
    """The collector of a kind: `forum`, or `package.module:function` of somebody else's."""
    return _plugin(kind) if ":" in kind else _own(kind)


def options(kind: str) -> Mapping[str, inspect.Parameter]:
    """The keyword-only parameters of a kind's collector: what its source may write into the configuration."""
    parameters = inspect.signature(get(kind)).parameters
    return {name: one for name, one in parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}


def note(kind: str) -> str:
    """What people should know before they listen to a kind: its module's NOTE, "" for none."""
    return str(getattr(sys.modules[get(kind).__module__], "NOTE", ""))


def kinds() -> list[str]:
    """The kinds that come with the program, found by looking at the modules."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [name for name in names if _collect(_module(name)) is not None]


def _own(kind: str) -> Collect:
    names = {module.name for module in pkgutil.iter_modules(__path__)}
    found = _collect(_module(kind)) if kind in names else None
    if found is None:
        known = kinds()
        near = difflib.get_close_matches(kind.lower(), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"unknown kind {kind!r}; {hint}")
    return found


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")


def _collect(module: ModuleType) -> Collect | None:
    found = vars(module).get("collect")
    return found if inspect.isfunction(found) and found.__module__ == module.__name__ else None


def _plugin(kind: str) -> Collect:
    place, _, name = kind.partition(":")
    try:
        found = getattr(importlib.import_module(place), name)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise ConfigError(
            f"kind {kind!r} cannot be loaded: {error}; write `package.module:function`"
        ) from error
    if not callable(found):
        raise ConfigError(f"kind {kind!r} is not a function; {PLUGIN}")
    plugin: Collect = found
    return plugin
