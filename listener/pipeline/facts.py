"""What the digest is told, read from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from listener.model import DayPoint, Product
from listener.pipeline.hall import Hall

if TYPE_CHECKING:
    from listener.digest.facts import Deaf, Facts, LeftOut, ProductFacts, Said
    from storage.rows import MentionRow, SourceStatus

Every = Literal["day", "week", "month"]
HISTORY = timedelta(days=90)
SHOWN = 8
POOR = 0.8  # coverage under this is named
TROUBLES: dict[str, Any] = {
    "AccessError": "access",
    "EndedError": "ended",
    "ParseError": "parse",
    "TransientError": "transient",
}


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
            yield Deaf(source.source, trouble, said(source), share)
        elif (share or 0.0) < POOR:
            yield Deaf(source.source, "coverage", source.notice or "", share)


def said(source: SourceStatus) -> str:
    """The last error of a source without its name, which stands beside it."""
    return (source.last_error or "").removeprefix(f"{source.source}: ")


def _active(sources: Iterable[SourceStatus]) -> list[SourceStatus]:
    return [source for source in sources if source.active]


def _left_out(hall: Hall, first: date, last: date) -> LeftOut:
    from listener.digest.facts import LeftOut

    return LeftOut(**hall.storage.left_out(first, last))
