"""The keys of the configuration file and their types (docs/configuration.md)."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from listener.config.duration import duration

EXAMPLES = {
    "store": "`store: sqlite:///listener.db` or `store: postgresql+psycopg://user@host/db`",
    "timezone": "`timezone: Europe/Berlin`",
    "language": "`language: de` or `language: en`",
    "contact": "`contact: listening@example.com`",
    "brands": "`brands: [{name: Akkufix, products: [{name: Akkufix 3000, query: akkufix}]}]`",
    "products": "`products: [{name: Akkufix 3000, query: akkufix}]`",
    "name": "`name: ` and a text",
    "query": "`query: '\"akkufix 3000\" OR akkufix'`",
    "competitor": "`competitor: true` or leave it out",
    "sources": '`sources: [{name: blog, kind: feed, url: "https://blog.example/feed"}]`',
    "kind": "`kind: forum`, `kind: feed` or `kind: reddit`",
    "every": "`every: 30m`",
    "digest.every": "`every: day`, `week` or `month`",
    "delay": "`delay: 2s`",
    "backfill": "`backfill: 90d`",
    "allow_private": "`allow_private: true` or leave it out",
    "digest": '`digest: {to: [team@example.com], at: "07:30", every: day}`',
    "to": "`to: [team@example.com]`",
    "at": '`at: "07:30"`',
    "mail": "`mail: {host: localhost, port: 25, from: listener@example.com}`",
    "host": "`host: localhost`",
    "port": "`port: 25` (1 to 65535)",
    "from": "`from: listener@example.com`",
    "security": "`security: starttls`, `tls` or `none`",
    "retention": "`retention: {posts: 90d, mentions: 3y}`",
    "posts": "`posts: 90d`",
    "mentions": "`mentions: 3y`",
    "privacy": "`privacy: {authors: pseudonym}`",
    "authors": "`authors: pseudonym` or `authors: plain`",
    "url": '`url: "https://forum.example/viewforum.php?f=3"`',
}


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"`{value}` is no time zone") from error
    return value


def _clock(value: object) -> object:
    found = re.match(r"^([01]?\d|2[0-3]):([0-5]\d)$", value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"`{value}` is no time of day")
    return time(int(found[1]), int(found[2]))


def _address(value: object) -> object:
    if not isinstance(value, str) or not re.match(r"^[^\s@<>,;]+@[^\s@<>,;]+$", value):
        raise ValueError(f"`{value}` is no mail address")
    return value


def _positive(value: object) -> timedelta:
    length = duration(value)
    if length <= timedelta(0):
        raise ValueError(f"`{value}` is not longer than nothing")
    return length


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _store(value: object) -> object:
    if isinstance(value, str) and re.match(r"^postgres(ql)?://", value):
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    if not isinstance(value, str) or not re.match(r"^(sqlite:///.|postgresql\+psycopg://.)", value):
        raise ValueError(f"`{value}` is no store")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Zone = Annotated[str, BeforeValidator(_zone)]
Duration = Annotated[timedelta, BeforeValidator(_positive)]
Delay = Annotated[timedelta, BeforeValidator(duration)]
Address = Annotated[str, BeforeValidator(_address)]
Period = Literal["day", "week", "month"]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


class ProductKeys(_Keys):
    """One product under a brand."""

    name: Text
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class BrandKeys(_Keys):
    """One maker with its products."""

    name: Text
    competitor: bool = False
    products: Annotated[list[ProductKeys], Field(min_length=1)]


class SourceKeys(_Keys):
    """One source; what is not named here goes to the collector of its kind."""

    model_config = ConfigDict(extra="allow")

    name: Text
    kind: Text
    every: Duration = timedelta(minutes=30)
    delay: Delay = timedelta(seconds=2)
    allow_private: bool = False
    timezone: Zone | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The keys that belong to the collector."""
        return dict(self.model_extra or {})


class DigestKeys(_Keys):
    """One digest; `every` may be a list."""

    to: Annotated[list[Address], BeforeValidator(_listed), Field(min_length=1)]
    at: Annotated[time, BeforeValidator(_clock)] = time(7, 30)
    every: Annotated[list[Period], BeforeValidator(_listed), Field(min_length=1)] = ["day"]


class MailKeys(_Keys):
    """The mail server that takes the digest."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    sender: Annotated[Address, Field(alias="from")]
    user: str | None = None
    password: str | None = None
    security: Literal["starttls", "tls", "none"] | None = None


class RetentionKeys(_Keys):
    """How long posts without a mention, and mentions, are kept."""

    posts: Duration = timedelta(days=90)
    mentions: Duration = timedelta(days=3 * 365)


class PrivacyKeys(_Keys):
    """How authors are stored."""

    authors: Literal["pseudonym", "plain"] = "pseudonym"


class ConfigKeys(_Keys):
    """The whole file."""

    store: Annotated[str, BeforeValidator(_store)]
    timezone: Zone
    language: Literal["de", "en"] = "de"
    contact: Address
    brands: Annotated[list[BrandKeys], Field(min_length=1)]
    sources: Annotated[list[SourceKeys], Field(min_length=1)]
    digest: Annotated[list[DigestKeys], BeforeValidator(lambda v: [v] if isinstance(v, dict) else v)] = []
    mail: MailKeys | None = None
    retention: RetentionKeys = RetentionKeys()
    privacy: PrivacyKeys = PrivacyKeys()
