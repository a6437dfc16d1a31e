"""digest: what a period said, as a mail; claimed before it is sent, so never sent twice."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from listener.config import DigestPlan, MailSettings
from listener.errors import ConfigError, DeliveryError
from listener.model import Digest
from listener.pipeline.facts import Every, facts
from listener.pipeline.hall import Hall
from schedules import Period, last_period

if TYPE_CHECKING:
    from email.message import EmailMessage

log = logging.getLogger("listener.digest")
OLDEST = date(1990, 1, 1)


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
        tried = {
            delivery.recipient: delivery.status
            for delivery in hall.storage.deliveries(plan.name)
            if delivery.day == period.last
        }
        missing = {
            recipient: tried.get(recipient) == "failed"
            for recipient in plan.to
            if tried.get(recipient, "failed") == "failed"
        }
        if missing:
            _send_plan(hall, plan, period, missing, done)
    return done


def _send_plan(
    hall: Hall, plan: DigestPlan, period: Period, recipients: Mapping[str, bool], done: Deliveries
) -> None:
    if hall.config.mail is None:
        done.failed.append(
            f"digest `{plan.name}`: there is no `mail:` in {hall.config.path.name} to send it with"
        )
        return
    digest = build_digest(hall, plan.every, period.first, period.last)
    hall.storage.save_digest(plan.name, period.last, digest.subject, digest.text, digest.html, hall.clock())
    for recipient, again in recipients.items():
        if hall.stop.is_set():
            return
        _send_one(hall, hall.config.mail, (plan.name, period.last, recipient), digest, done, again=again)


def _send_one(
    hall: Hall,
    settings: MailSettings,
    key: tuple[str, date, str],
    digest: Digest,
    done: Deliveries,
    *,
    again: bool,
) -> None:
    """A mail that fails is tried at the next run; refused for good a second time, it waits for hours."""
    from listener.mail import MailServer, send

    mail = _message(hall, settings, key, digest)
    if not hall.storage.claim(*key, str(mail["Message-ID"]), hall.clock()):
        return
    server = MailServer(settings.host, settings.port, settings.security, settings.user, settings.password)
    try:
        send(mail, server)
    except DeliveryError as error:
        hall.storage.mark_failed(*key, hall.clock(), error=str(error), permanent=error.permanent and again)
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


def _period(hall: Hall, every: str, day: date | None) -> tuple[Every, date, date]:
    kind: Every = "week" if every == "week" else "month" if every == "month" else "day"
    if day is not None:
        today = hall.clock().astimezone(hall.zone).date()
        if not OLDEST <= day <= today:
            raise ConfigError(f"--day: {day} is no day to report on; write one from {OLDEST} to {today}")
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
