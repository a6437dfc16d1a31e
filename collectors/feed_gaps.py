"""What an operator is told of entries that were missed; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collectors.feed_overlap import begins_at
from collectors.feed_rhythm import in_words, proposal
from collectors.feed_state import Remembered

LATE = 2.2  # waits, jitter included: later than this, a feed was not read when it should have been


def missed(before: Remembered, after: Remembered, every: timedelta) -> str:
    """One sentence: between when and when, why, and what to do."""
    last, now = before.reading.at, after.reading.at
    if now is None:
        return ""
    first = begins_at(before.reading, after.reading) or now
    if last is not None and first <= last:  # entries that show up late
        last = begins_at(None, before.reading)
    planned = max(every, before.wait or every)
    span = f"entries between {_at(last)} and {_at(first)}" if last else f"entries before {_at(first)}"
    if before.reading.at and now - before.reading.at > planned * LATE:
        return (
            f"this feed was not read between {_at(before.reading.at)} and {_at(now)} "
            f"(it did not answer, or nobody asked): {span} were missed"
        )
    wish = proposal(after.rhythm, len(after.reading.marks), now, planned)
    if planned > every * LATE:
        asked = in_words(timedelta(minutes=round(planned / timedelta(minutes=1))))
        return f"this feed was quiet, then too fast for {asked}: {span} were missed; write slowest: {wish}"
    return f"this feed is too fast for every: {in_words(every)}: {span} were missed; write every: {wish}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%MZ}"
