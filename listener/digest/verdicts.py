"""What the figures say in words: of one product, and of the period in subject and first sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from listener.digest.clean import cleaned
from listener.digest.facts import Facts, ProductFacts
from listener.digest.words import Words

ENOUGH = 5  # judged mentions; with fewer there is no verdict on the tone
NARROW = 0.35  # half width of an interval that allows to say "balanced"
PARTLY = 0.8  # coverage below which the reader is warned
LONGEST_NAME = 60

Found = Literal["high", "worse", "better", "low", "toned", "plain"]
RANK: tuple[Found, ...] = ("high", "worse", "low", "better", "toned", "plain")


def name(product: ProductFacts) -> str:
    """The product's name, fit to be shown."""
    return cleaned(product.name, LONGEST_NAME)


def usual_range(product: ProductFacts, words: Words) -> str | None:
    """ "2 bis 5", or "2" """
    if (usual := product.usual) is None:
        return None
    return (
        words("range", low=usual.low, high=usual.high) if usual.low < usual.high else words.number(usual.low)
    )


def usual_phrase(product: ProductFacts, facts: Facts, words: Words) -> str:
    """ "üblich an einem Dienstag: 2 bis 5" """
    if (shown := usual_range(product, words)) is None:
        return words("usual_unknown")
    return words(f"usual_{facts.period}", weekday=words.weekday(facts.first), range=shown)


def tone(product: ProductFacts) -> Literal["few", "negative", "positive", "balanced", "open"]:
    """The verdict the interval allows: a sign only where the whole interval has it."""
    score, low, high = product.score, product.score_low, product.score_high
    if score is None or low is None or high is None or product.scored < ENOUGH:
        return "few"
    if high < 0 or low > 0:
        return "negative" if high < 0 else "positive"
    return "balanced" if max(score - low, high - score) <= NARROW else "open"


def toned(product: ProductFacts) -> Literal["mostly_negative", "mostly_positive"] | None:
    """Whether most judged mentions clearly go one way."""
    if tone(product) == "negative" and product.negative * 2 > product.scored:
        return "mostly_negative"
    if tone(product) == "positive" and product.positive * 2 > product.scored:
        return "mostly_positive"
    return None


def found(product: ProductFacts) -> Found:
    """The most important thing about a product."""
    if product.unusual == "high":
        return "high"
    if product.change is not None:
        return "worse" if product.change < 0 else "better"
    if product.unusual == "low":
        return "low"
    return "toned" if toned(product) else "plain"


def leading(facts: Facts) -> ProductFacts | None:
    """The product the subject is about; None if no own product was listened to."""
    own = [product for product in watched(facts) if product.volume is not None]
    return next(iter(by_weight(own)), None)


def by_weight(products: Iterable[ProductFacts]) -> list[ProductFacts]:
    """What matters most first: what stands out, then what is talked about most."""
    return sorted(products, key=lambda one: (RANK.index(found(one)), -(one.volume or 0), one.name))


def watched(facts: Facts) -> list[ProductFacts]:
    """Our own products, or all where only competitors are watched."""
    return [product for product in facts.products if not product.competitor] or list(facts.products)


def volume(facts: Facts) -> int:
    """Mentions of all our products."""
    return sum(product.volume or 0 for product in watched(facts))


def calm(product: ProductFacts) -> bool:
    """Nothing stands out, and it is known what is usual."""
    return (
        found(product) == "plain"
        and product.usual is not None
        and (product.volume or 0) <= product.usual.high
    )


def subject(facts: Facts, words: Words) -> str:
    """The most important thing, with the day."""
    what = _subject(facts, words)
    if partly(facts):
        what = words("subject_partly", what=what)
    return words("subject", what=what, when=words.period(facts, short=True))


def _subject(facts: Facts, words: Words) -> str:
    if (product := leading(facts)) is None:
        return words("subject_deaf")
    kind = found(product)
    if kind == "plain" and not volume(facts):
        return words("subject_none")
    several = len(watched(facts)) > 1
    if kind == "plain" and several and all(map(calm, watched(facts))):
        return words("subject_quiet", mentions=words("mentions", n=volume(facts)))
    mentions = words("mentions", n=product.volume or 0)
    return words(
        f"subject_{kind}",
        product=name(product),
        mentions=mentions,
        range=usual_range(product, words),
        toned=_toned(product, words),
    )


def _toned(product: ProductFacts, words: Words) -> str:
    which = toned(product)
    return f", {words(which)}" if which else ""


def headline(facts: Facts, words: Words) -> str:
    """One sentence above all."""
    if (product := leading(facts)) is None:
        return words("head_deaf")
    kind = found(product)
    quiet = words(f"quiet_{facts.period}")
    if kind == "plain" and not volume(facts):
        return words("head_none", day=quiet)
    if kind == "plain":
        return _plain_headline(facts, product, words)
    return words(
        f"head_{kind}",
        product=name(product),
        mentions=words("mentions", n=product.volume or 0),
        usual=usual_phrase(product, facts, words),
        toned=_toned(product, words),
    )


def _plain_headline(facts: Facts, product: ProductFacts, words: Words) -> str:
    one = len(watched(facts)) == 1
    names = name(product) if one else words("all_own_dative")
    mentions = words("mentions", n=volume(facts))
    if all(map(calm, watched(facts))):
        return words("head_usual", day=words(f"quiet_{facts.period}"), mentions=mentions, product=names)
    if one:
        return words(
            "head_plain", mentions=mentions, product=names, usual=usual_phrase(product, facts, words)
        )
    return words("head_several", mentions=mentions)


def partly(facts: Facts) -> bool:
    """Whether so little was listened to that the figures need a warning."""
    heard = leading(facts) is not None
    return heard and facts.coverage is not None and facts.coverage < PARTLY


def caution(facts: Facts, words: Words) -> str:
    """What the reader must keep in mind; empty if nothing."""
    if partly(facts):
        return words("caution_partly", share=words.percent(facts.coverage or 0))
    return words("caution_deaf", n=len(facts.deaf)) if facts.deaf else ""
