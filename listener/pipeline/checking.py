"""check: is everything there that a run needs, and does it answer?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from listener.config import Config
from listener.errors import CollectError, DeliveryError, ListenerError
from listener.model import NoMemory, Source
from listener.pipeline.collecting import opened

if TYPE_CHECKING:
    from collectors.http import HttpClient


def _now() -> datetime:
    return datetime.now(UTC)


Finding = tuple[str, str, bool]


def check(config: Config, *, offline: bool = False) -> Iterator[Finding]:
    """Try the store, each source, the model and the mail server: name, what was found, whether it is well."""
    yield _tried("store", lambda: _check_store(config))
    yield _tried("model", _check_model)
    if offline:
        return
    yield from _check_sources(config)
    if config.mail is not None:
        yield _tried("mail", lambda: _check_mail(config))
    elif config.digests:
        yield "mail", "there is a `digest:` but no `mail:` to send it with", False


def _tried(name: str, attempt: Callable[[], str]) -> Finding:
    try:
        return name, attempt(), True
    except ListenerError as error:
        return name, str(error).removeprefix(f"{name}: "), False


def _check_store(config: Config) -> str:
    from storage import Storage

    with Storage(config.store) as storage:
        counts = storage.counts()
    return f"{counts['posts']} posts, {counts['mentions']} mentions"


def _check_model() -> str:
    from listener.model import Target
    from sentiment import Scorer

    scorer = Scorer()
    scorer([Target("Der Akkufix ist gut.", ((4, 11),))])
    return f"{scorer.model} loads and judges"


def _check_sources(config: Config) -> Iterator[Finding]:
    from collectors.http import HttpClient

    with HttpClient(contact=config.contact, now=_now) as http:
        for source in config.sources:
            host = urlsplit(str(source.options.get("url", ""))).hostname or ""
            if host.endswith((".example", ".invalid", ".test")):
                yield source.name, f"{host} is an example; put in your own source (listener detect URL)", True
                continue
            yield _tried(source.name, partial(_check_source, source, http))


def _check_source(source: Source, http: HttpClient) -> str:
    from collectors import note

    try:
        batch = next(opened(source, {}, http, NoMemory()), None)
    except ListenerError:
        raise
    except Exception as error:
        raise CollectError(
            f"the collector broke: {type(error).__name__}: {error}", source=source.name
        ) from error
    posts = batch.posts if batch else ()
    newest = max((post.published_at for post in posts if post.published_at), default=None)
    latest = f", newest {newest:%Y-%m-%d %H:%MZ}" if newest else ""
    said = [f"answers, {len(posts)} posts on the first page{latest}", batch.notice if batch else ""]
    return "; ".join(filter(None, [*said, note(source.kind)]))


def _check_mail(config: Config) -> str:
    from listener.mail import MailServer, greets

    settings = config.mail
    if settings is None:
        raise DeliveryError("no mail server is configured")
    server = MailServer(settings.host, settings.port, settings.security, settings.user, settings.password)
    greets(server)
    return f"{settings.host}:{settings.port} greets ({settings.security})"
