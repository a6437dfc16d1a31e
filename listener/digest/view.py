"""Facts as the words of one language, cleaned and ready to be laid out: both parts of the mail show these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from listener.digest.choice import choose
from listener.digest.clean import Piece, cleaned, excerpt, safe_link
from listener.digest.facts import Deaf, Facts, ProductFacts, Said
from listener.digest.verdicts import by_weight, caution, headline, name, subject, tone, usual_phrase, watched
from listener.digest.words import Words

MOST_PRODUCTS = 12
MOST_DEAF = 10
SURELY_LISTENED = 0.995


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the tone bar: which tone, its width of 100, its words."""

    tone: str
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """One product's figures in words; `standing` is "high", "low" or empty."""

    name: str
    brand: str
    figure: str
    unit: str
    usual: str
    standing: str
    standing_words: str
    bars: tuple[Bar, ...]
    tone: str
    verdict: str
    score: str
    change: str
    voices: str


@dataclass(frozen=True, slots=True)
class MentionView:
    """One mention in words; `link` is None where the address cannot be trusted."""

    product: str
    tone: str
    tone_words: str
    pieces: tuple[Piece, ...]
    title: str
    byline: str
    notes: tuple[str, ...]
    link: str | None


@dataclass(frozen=True, slots=True)
class View:
    """The whole mail in words."""

    language: str
    subject: str
    period: str
    headline: str
    caution: str
    products: tuple[ProductView, ...]
    more: str
    silent: str
    rivals: tuple[ProductView, ...]
    mentions: tuple[MentionView, ...]
    deaf: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    foot: str


def view(facts: Facts, words: Words, *, shown: int) -> View:
    """Everything the mail says, with at most `shown` mentions."""
    own = watched(facts)
    rivals = [product for product in facts.products if product not in own]
    telling = by_weight([product for product in own if _telling(product)])
    return View(
        language=words.language,
        subject=subject(facts, words),
        period=words.period(facts),
        headline=headline(facts, words),
        caution=caution(facts, words),
        products=tuple(_product(product, facts, words) for product in telling[:MOST_PRODUCTS]),
        silent=_silent([product for product in own if product not in telling], words),
        more=_more(telling[MOST_PRODUCTS:], words),
        rivals=tuple(
            _product(product, facts, words)
            for product in by_weight([rival for rival in rivals if rival.volume])[:MOST_PRODUCTS]
        ),
        mentions=tuple(_mention(said, facts, words) for said in choose(facts.mentions, shown)),
        deaf=tuple(_deaf(source, words) for source in facts.deaf[:MOST_DEAF]) + _more_deaf(facts, words),
        left_out=tuple(_left_out(facts, words)),
        foot=words("foot_method", zone=cleaned(facts.zone, 40)),
    )


def _telling(product: ProductFacts) -> bool:
    return bool(product.volume) or product.unusual is not None


def _silent(products: list[ProductFacts], words: Words) -> str:
    names = [name(product) for product in products if product.volume == 0]
    if not names:
        return ""
    more = [words("and_more", n=len(names) - MOST_PRODUCTS)] if len(names) > MOST_PRODUCTS else []
    return words("silent", names=", ".join(names[:MOST_PRODUCTS] + more))


def _more(products: list[ProductFacts], words: Words) -> str:
    mentions = words("mentions", n=sum(product.volume or 0 for product in products))
    return words("more_products", n=len(products), mentions=mentions) if products else ""


def _product(product: ProductFacts, facts: Facts, words: Words) -> ProductView:
    kind = tone(product)
    standing = product.unusual or ""
    return ProductView(
        name=name(product),
        brand=_brand(product),
        figure=words.number(product.volume or 0),
        unit=words("mentions_word", n=product.volume or 0),
        usual=usual_phrase(product, facts, words),
        standing=standing,
        standing_words=words({"high": "more_than_usual", "low": "less_than_usual"}[standing])
        if standing
        else "",
        bars=tuple(_bars(product, words)),
        tone=kind,
        verdict=words("tone", verdict=words(f"tone_{kind}")) if product.volume else "",
        score=_score(product, words) if kind != "few" else "",
        change=_change(product, words),
        voices=_voices(product, words),
    )


def _brand(product: ProductFacts) -> str:
    brand = cleaned(product.brand, 40)
    return "" if brand.casefold() in product.name.casefold() else brand


def _bars(product: ProductFacts, words: Words) -> Iterator[Bar]:
    counts = {
        "negative": product.negative,
        "neutral": product.neutral,
        "positive": product.positive,
        "unscored": max(0, (product.volume or 0) - product.scored),
    }
    total = sum(counts.values())
    for kind, count in counts.items():
        if count:
            yield Bar(kind, max(1, round(100 * count / total)), words(f"count_{kind}", n=count))


def _score(product: ProductFacts, words: Words) -> str:
    score, low, high = (
        words.signed(value or 0.0) for value in (product.score, product.score_low, product.score_high)
    )
    return words("tone_score", score=score, low=low, high=high)


def _change(product: ProductFacts, words: Words) -> str:
    if product.change is None:
        return ""
    return words("tone_worse" if product.change < 0 else "tone_better", change=words.signed(product.change))


def _voices(product: ProductFacts, words: Words) -> str:
    if not product.volume or product.volume < 2:
        return ""
    parts = [("authors", product.authors), ("threads", product.threads)]
    return " ".join(words(key, n=count) for key, count in parts if count)


def _mention(said: Said, facts: Facts, words: Words) -> MentionView:
    return MentionView(
        product=cleaned(said.product, 60),
        tone=said.label or "unscored",
        tone_words=_tone_words(said, words),
        pieces=excerpt(said.text, said.spans) or (Piece(words("no_text"), False),),
        title=words("in_thread", title=title) if (title := cleaned(said.thread_title, 120)) else "",
        byline=" · ".join(filter(None, _byline(said, facts, words))),
        notes=tuple(_notes(said, words)),
        link=safe_link(said.url),
    )


def _tone_words(said: Said, words: Words) -> str:
    if said.label is None:
        return words("unscored")
    if said.corrected:
        return f"{words(said.label)}, {words('by_hand')}"
    if said.probability is None:
        return words(said.label)
    return f"{words(said.label)}, {words('sure', share=words.percent(min(0.99, said.probability)))}"


def _byline(said: Said, facts: Facts, words: Words) -> Iterator[str]:
    yield cleaned(said.source, 40)
    yield cleaned(said.author or "", 40)
    if said.published_at is not None:
        yield words.instant(said.published_at, facts.zone, only_day=said.date_precision in {"day", "unknown"})


def _notes(said: Said, words: Words) -> Iterator[str]:
    if said.place != "text":
        yield words(f"in_{said.place}")
    if said.copies:
        yield words("copies", n=said.copies)


def _deaf(source: Deaf, words: Words) -> tuple[str, str]:
    parts = [words(f"deaf_{source.trouble}")]
    if source.coverage is not None and source.coverage < SURELY_LISTENED:
        parts.append(words("deaf_share", share=words.percent(source.coverage)))
    if detail := cleaned(source.detail, 140):
        parts.append(words("deaf_said", detail=detail))
    return cleaned(source.source, 60), " ".join(parts)


def _more_deaf(facts: Facts, words: Words) -> tuple[tuple[str, str], ...]:
    more = len(facts.deaf) - MOST_DEAF
    return ((words("and_more", n=more), ""),) if more > 0 else ()


def _left_out(facts: Facts, words: Words) -> Iterator[str]:
    left = facts.left_out
    for key, count in (("copies", left.copies), ("quotes", left.quotes), ("flags", left.flags)):
        if count:
            yield words(f"out_{key}", n=count)
