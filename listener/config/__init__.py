"""The configuration file: read, checked as a whole, every fault with its line and what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from listener.config.document import Document
from listener.errors import ConfigError, Problem
from listener.model import Brand, Product, Query, Source

if TYPE_CHECKING:
    from listener.config.checks import OptionTypes
    from listener.config.schema import ConfigKeys, DigestKeys, MailKeys, SourceKeys

Period = Literal["day", "week", "month"]
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """One digest: who gets it, when, over which period."""

    name: str
    to: tuple[str, ...]
    at: time
    every: Period


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that takes the digest."""

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration without faults."""

    path: Path
    store: str
    timezone: str
    language: Literal["de", "en"]
    contact: str
    brands: tuple[Brand, ...]
    sources: tuple[Source, ...]
    digests: tuple[DigestPlan, ...]
    mail: MailSettings | None
    keep_posts: timedelta
    keep_mentions: timedelta
    pseudonyms: bool

    @property
    def products(self) -> tuple[Product, ...]:
        """All products of all brands, in the order of the file."""
        return tuple(product for brand in self.brands for product in brand.products)

    @property
    def lock_path(self) -> Path:
        """The file that one run at a time holds."""
        return self.path.with_name(f".{self.path.name}.lock")


def load(
    path: Path, environ: Mapping[str, str], *, check_query: Callable[[str], object], option_types: OptionTypes
) -> Config:
    """Read and check a file; ConfigError lists all its problems at once.

    `check_query` raises ConfigError for a query that does not parse; `option_types` says which
    options a kind of source takes (see `checks.OptionTypes`).
    """
    from listener.config.checks import bad_queries, duplicates, source_options, validated

    try:
        document = Document(_text(path), environ)
    except ConfigError as error:
        raise ConfigError(error.problems, str(path)) from error
    keys = validated(document)
    document.problems += [*duplicates(document), *bad_queries(document, check_query)]
    options = source_options(document, option_types)
    if document.problems or keys is None:
        raise ConfigError(sorted(set(document.problems), key=lambda p: (p.line, p.what)), str(path))
    return _config(path.absolute(), keys, options)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError([Problem(0, "there is no such file", "write one with `listener init`")]) from error
    except OSError as error:
        raise ConfigError([Problem(0, f"cannot be read: {error.strerror}", "name a file")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(0, f"is no UTF-8 text: {error}", "save it as UTF-8")]) from error


def _config(path: Path, keys: ConfigKeys, options: Sequence[Mapping[str, Any]]) -> Config:
    return Config(
        path=path,
        store=_beside(keys.store, path.parent),
        timezone=keys.timezone,
        language=keys.language,
        contact=keys.contact,
        brands=tuple(
            Brand(
                brand.name,
                tuple(Product(p.name, Query(p.query), brand.name, brand.competitor) for p in brand.products),
                brand.competitor,
            )
            for brand in keys.brands
        ),
        sources=tuple(map(_source, keys.sources, options)),
        digests=tuple(_plans(keys.digest)),
        mail=_mail(keys.mail),
        keep_posts=keys.retention.posts,
        keep_mentions=keys.retention.mentions,
        pseudonyms=keys.privacy.authors == "pseudonym",
    )


def _source(keys: SourceKeys, options: Mapping[str, Any]) -> Source:
    return Source(keys.name, keys.kind, options, keys.every, keys.delay, keys.allow_private, keys.timezone)


def _beside(store: str, folder: Path) -> str:
    """A relative SQLite file lies beside the configuration, wherever cron started the program."""
    prefix = "sqlite:///"
    if not store.startswith(prefix) or store == f"{prefix}:memory:":
        return store
    return f"{prefix}{folder / store[len(prefix) :]}"


def _plans(digests: Sequence[DigestKeys]) -> Iterator[DigestPlan]:
    count: dict[str, int] = {}
    for digest in digests:
        for every in digest.every:
            count[every] = count.get(every, 0) + 1
            name = every if count[every] == 1 else f"{every}-{count[every]}"
            yield DigestPlan(name, tuple(dict.fromkeys(digest.to)), digest.at, every)


def _mail(keys: MailKeys | None) -> MailSettings | None:
    if keys is None:
        return None
    security = keys.security or ("none" if keys.host.lower() in LOOPBACK else "starttls")
    if keys.security is None and keys.port == 465:
        security = "tls"
    return MailSettings(keys.host, keys.port, keys.sender, security, keys.user, keys.password)
