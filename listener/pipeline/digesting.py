"""digest: what a period said, as a mail; claimed before it is sent, so never sent twice."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from listener.config import DigestPlan, MailSettings
from listener.errors import ConfigError, DeliveryError
from listener.model import DayPoint, Digest, Product
from listener.pipeline.hall import Hall
from schedules import Period, last_period

if TYPE_CHECKING:
    from email.message import EmailMessage

    from listener.digest.facts import Deaf, Facts, ProductFacts, Said
    from storage.rows import MentionRow, SourceStatus

log = logging.getLogger("listener.digest")
HISTORY = timedelta(days=90)
SHOWN = 8
POOR = 0.8  # coverage under this is named
TROUBLES: dict[str, Any] = {
    "AccessError": "access", "ParseError": "parse", "TransientError": "transient",
}  # fmt: skip


@dataclass
class Deliveries:
    """How many mails were taken by the server, and a line for each that was not."""

    sent: int = 0
    failed: list[str] = field(default_factory=list)


def send_digests(hall: Hall) -> Deliveries:
    """Send each digest of the newest whole period to each recipient who has not got it."""
    done, now = Deliveries(), hall.clock()
    for plan in hall.config.digests:
        period = last_period(plan.every, plan.at, now, hall.config.timezone)
        settled = {
            delivery.recipient
            for delivery in hall.storage.deliveries(plan.name)
            if delivery.day == period.last and (delivery.status != "failed" or delivery.permanent)
        }
        if missing := [recipient for recipient in plan.to if recipient not in settled]:
            _send_plan(hall, plan, period, missing, done)
    return done


def _send_plan(hall: Hall, plan: DigestPlan, period: Period, recipients: list[str], done: Deliveries) -> None:
    if hall.config.mail is None:
        done.failed.append(
            f"digest `{plan.name}`: there is no `mail:` in {hall.config.path.name} to send it with"
        )
        return
    digest = build_digest(hall, plan.every, period.first, period.last)
    hall.storage.save_digest(plan.name, period.last, digest.subject, digest.text, digest.html, hall.clock())
    for recipient in recipients:
        if hall.stop.is_set():
            return
        _send_one(hall, hall.config.mail, (plan.name, period.last, recipient), digest, done)


def _send_one(
    hall: Hall, settings: MailSettings, key: tuple[str, date, str], digest: Digest, done: Deliveries
) -> None:
    from listener.mail import MailServer, send

    mail = _message(hall, settings, key, digest)
    if not hall.storage.claim(*key, str(mail["Message-ID"]), hall.clock()):
        return
    server = MailServer(settings.host, settings.port, settings.security, settings.user, settings.password)
    try:
        send(mail, server)
    except DeliveryError as error:
        hall.storage.mark_failed(*key, hall.clock(), error=str(error), permanent=error.permanent)
        done.failed.append(f"digest `{key[0]}` of {key[1]} to {key[2]} was not sent: {error}")
        return
    hall.storage.mark_sent(*key, hall.clock())
    log.info("digest=%s day=%s sent", key[0], key[1])
    done.sent += 1


def _message(hall: Hall, settings: MailSettings, key: tuple[str, date, str], digest: Digest) -> EmailMessage:
    """The same digest, day and recipient always have the same Message-ID."""
    from listener.mail import message, message_id

    name, day, recipient = key
    return message(
        digest,
        sender=settings.sender,
        recipient=recipient,
        message_id=message_id(name, day, recipient, settings.sender),
        date=hall.clock(),
        name=name,
        language=hall.config.language,
    )


def write_digest(hall: Hall, out: Path, *, day: date | None = None, every: str = "day") -> list[Path]:
    """Write a digest as .eml, .html and .txt into a folder; sends nothing."""
    period = _period(hall, every, day)
    digest = build_digest(hall, period[0], period[1], period[2])
    plan = next((plan for plan in hall.config.digests if plan.every == every), None)
    settings = hall.config.mail or MailSettings("localhost", 25, "listener@localhost", "none")
    key = (every, period[2], plan.to[0] if plan else hall.config.contact)
    contents = {
        "digest.html": _standing_alone(digest).encode(),
        "digest.txt": digest.text.encode(),
        "digest.eml": _message(hall, settings, key, digest).as_bytes(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise ConfigError(
            f"the digest cannot be written to {out}: {error.strerror}; name another --out"
        ) from error
    return [out / name for name in contents]


Every = Literal["day", "week", "month"]


def _period(hall: Hall, every: str, day: date | None) -> tuple[Every, date, date]:
    kind: Every = "week" if every == "week" else "month" if every == "month" else "day"
    if day is not None:
        first = {"day": day, "week": day - timedelta(days=6), "month": day.replace(day=1)}[kind]
        return kind, first, day
    at = next((plan.at for plan in hall.config.digests if plan.every == kind), datetime.min.time())
    period = last_period(kind, at, hall.clock(), hall.config.timezone)
    return kind, period.first, period.last


def _standing_alone(digest: Digest) -> str:
    """The HTML part with its pictures inside, for a browser."""
    import base64

    def inline(found: re.Match[str]) -> str:
        image = digest.images.get(found[1])
        return f"data:image/png;base64,{base64.b64encode(image).decode()}" if image else found[0]

    return re.sub(r"cid:([^\"'<>\s]+)", inline, digest.html)


def build_digest(hall: Hall, every: Every, first: date, last: date) -> Digest:
    """The digest of the days from `first` to `last`, both in."""
    from listener.digest import build

    return build(facts(hall, every, first, last))


def facts(hall: Hall, every: Every, first: date, last: date) -> Facts:
    """Everything the digest says, read from the store."""
    from listener.digest.facts import Facts

    products = [_product_facts(hall, product, first, last) for product in hall.config.products]
    coverage = _coverage(hall, first, last)
    return Facts(
        language=hall.config.language,
        period=every,
        first=first,
        last=last,
        zone=hall.config.timezone,
        products=tuple(fact for fact, _ in products),
        mentions=tuple(
            _said(product, row)
            for product in hall.config.products
            for row in hall.storage.mentions_between(product.name, first, last)
        ),
        deaf=tuple(_deaf(hall, coverage)),
        left_out=_left_out(hall, first, last),
        coverage=next((share for _, share in products if share is not None), None),
        shown=SHOWN,
    )


def _said(product: Product, row: MentionRow) -> Said:
    from listener.digest.facts import Said

    chances = {"negative": row.p_negative, "neutral": row.p_neutral, "positive": row.p_positive}
    return Said(
        product=product.name,
        text=row.text,
        url=row.url,
        source=row.source,
        spans=row.spans,
        place=row.matched_in,
        thread=row.thread_url or row.url,
        thread_title=row.thread_title,
        author=row.author,
        published_at=row.published_at,
        date_precision=row.date_precision,
        label=row.label,
        probability=chances.get(row.label or ""),
        score=row.score,
        copies=row.copies,
        corrected=row.corrected,
        competitor=product.competitor,
    )


def _history(hall: Hall, product: Product, first: date, last: date) -> list[DayPoint]:
    from listener.series import ALL

    frame = hall.storage.daily(product.name, first - HISTORY, last)
    totals = frame[(frame["channel"] == ALL) & (frame["language"] == ALL)]
    clean = totals.astype(object).where(totals.notna(), None)
    return [_day_point(row) for row in clean.to_dict("records")]


def _day_point(row: dict[Any, Any]) -> DayPoint:
    day = row["day"]
    row = {**row, "day": day.date() if isinstance(day, datetime) else day, "final": bool(row["final"])}
    return DayPoint(**row)


def _product_facts(
    hall: Hall, product: Product, first: date, last: date
) -> tuple[ProductFacts, float | None]:
    from listener.digest.facts import DayTone, ProductFacts, UsualVolume
    from listener.series import changed, pooled, unusual, usual

    rows = _history(hall, product, first, last)
    now = pooled(rows, first, last)
    before = pooled(rows, first - timedelta(days=28), first - timedelta(days=1))
    expected = usual(rows, first, last)
    whole = [row for row in rows if first <= row.day <= last]
    fact = ProductFacts(
        name=product.name,
        brand=product.brand,
        competitor=product.competitor,
        volume=now.mentions,
        usual=UsualVolume(expected.expected, expected.low, expected.high) if expected else None,
        unusual=unusual(rows, first, last),
        negative=now.negative,
        neutral=now.neutral,
        positive=now.positive,
        score=now.score,
        score_low=now.low,
        score_high=now.high,
        change=changed(now, before),
        threads=whole[0].threads if len(whole) == 1 else None,
        authors=whole[0].authors if len(whole) == 1 else None,
        days=tuple(
            DayTone(
                row.day, row.mentions, row.negative or 0, row.neutral or 0, row.positive or 0, row.coverage
            )
            for row in rows
        ),
    )
    return fact, now.coverage


def _coverage(hall: Hall, first: date, last: date) -> dict[str, float]:
    rows = hall.storage.coverage_days(first, last, zone=hall.zone, now=hall.clock())
    shares: dict[str, list[float]] = {}
    for row in rows:
        shares.setdefault(row.source, []).append(row.coverage)
    return {source: sum(values) / len(values) for source, values in shares.items()}


def _deaf(hall: Hall, coverage: dict[str, float]) -> Iterator[Deaf]:
    from listener.digest.facts import Deaf

    for source in _active(hall.storage.sources_status(hall.clock())):
        share = coverage.get(source.source)
        if source.failures and source.last_error:
            trouble = TROUBLES.get(source.last_error_kind or "", "transient")
            yield Deaf(source.source, trouble, source.last_error, share)
        elif (share or 0.0) < POOR:
            yield Deaf(source.source, "coverage", "", share)


def _active(sources: Iterable[SourceStatus]) -> list[SourceStatus]:
    return [source for source in sources if source.active]


def _left_out(hall: Hall, first: date, last: date) -> Any:
    from listener.digest.facts import LeftOut

    return LeftOut(**hall.storage.left_out(first, last))


def sent_lines(hall: Hall) -> list[dict[str, Any]]:
    """The latest delivery of each digest and recipient, for `status`."""
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for delivery in hall.storage.deliveries():
        latest.setdefault(
            (delivery.digest, delivery.recipient),
            {
                "digest": delivery.digest,
                "day": delivery.day.isoformat(),
                "recipient": delivery.recipient,
                "state": {"claimed": "in doubt: not sent again"}.get(delivery.status, delivery.status),
                "at": (delivery.finished_at or delivery.claimed_at).astimezone(UTC),
                "error": delivery.error,
            },
        )
    return list(latest.values())
