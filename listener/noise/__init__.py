"""Posts that are no opinion: sales, adverts, automatic posts; in doubt nothing is said."""

from __future__ import annotations

import re
from functools import cache

from listener.model import Post
from listener.noise import rules

FLAGS = ("marketplace", "advert", "bot")
HEAD, TAIL = 3_000, 1_000  # characters looked at: at the beginning and at the end
ENOUGH = 3.0
LONG = 1_000  # characters after which one more piece of evidence is asked for: long texts hold all words
TERSE = 160  # a longer post on a market's board speaks for itself


def flag(post: Post, *, board: str = "") -> str | None:
    """Why a post is no opinion: "marketplace", "advert" or "bot"; None for all others and where in doubt.

    `board` is the name of the place it stands in; Reddit's is known from its facts. The title counts as
    the post's own only where the post surely opens its thread: else replies would be sales, too.
    """
    if _is_bot(post):
        return "bot"
    text = post.text if len(post.text) <= HEAD + TAIL else f"{post.text[:HEAD]}\n{post.text[-TAIL:]}"
    own = f"{post.title[:HEAD]}\n{text}" if post.title and _opens(post) else text
    lower = own.lower()
    place = f"{board} {post.facts.get('subreddit', '')}".lower()
    market = bool(place.strip()) and rules.BOARD.search(place) is not None
    if (market or _passes("marketplace", lower)) and _is_sale(_plain(lower), market):
        return "marketplace"
    if _passes("bot", lower) and _is_automatic(lower):
        return "bot"
    if (_passes("advert", lower) or lower.count("http") >= 3) and _is_advert(_plain(lower), own):
        return "advert"
    return None


def _opens(post: Post) -> bool:
    """Whether the post surely is its thread's first: there is no thread, or it bears the post's id."""
    return not post.thread_id or post.id == post.thread_id


def _passes(name: str, lower: str) -> bool:
    return any(cue in lower for cue in rules.GATES[name])


def _plain(lower: str) -> str:
    return re.sub(r"[^\S\n]+", " ", lower.replace("’", "'")).strip()


def _is_bot(post: Post) -> bool:
    return post.facts.get("bot") is True or (post.author or "").casefold() in rules.BOTS


def _is_sale(words: str, market: bool) -> bool:
    found = _evidence("marketplace", words)
    if market and len(words) <= TERSE and rules.TRADING.search(words):
        found["board"] = ENOUGH
    if "terms" not in found and "wanted" in found and "pays" not in found:
        found.pop("price", None)  # "Suche Akkuschrauber bis 80 €" asks for advice
    doubts, kinds, core = _doubts(found, words), len(found), rules.CORE & found.keys()
    if not core:  # nothing is offered in words: a price list of a sale, or somebody who reports one
        sober = found.keys() & {"state", "contact"} and not doubts
        return (
            bool("private" in found or sober) and kinds >= 3 and sum(found.values()) + doubts > _needed(words)
        )
    return sum(found.values()) + doubts >= _needed(words) and kinds > (0 if {"tag", "board"} & core else 1)


def _is_advert(words: str, own: str) -> bool:
    found = _evidence("advert", words)
    if rules.CODE.search(own):
        found["code"] = 2
    if words.count("http") + words.count("www.") >= 3 and len(re.findall(rules.PRICE, words)) >= 3:
        found["list"] = ENOUGH
    if rules.UNPAID.search(words[:60]):
        found.pop("label", None)
    offers = found.keys() & (rules.OFFERING | {"code", "list"})
    cheaper = "link" in found and found.keys() & rules.CHEAPER
    return bool(offers or cheaper) and sum(found.values()) + _doubts(found, words) >= _needed(words)


def _doubts(found: dict[str, float], words: str) -> float:
    """Looked for only where it matters."""
    return sum(_evidence("doubts", words).values()) if sum(found.values()) >= ENOUGH else 0


def _is_automatic(lower: str) -> bool:
    ends = lower if len(lower) <= LONG else f"{lower[: LONG // 2]}\n{lower[-LONG // 2 :]}"
    words = rules.QUOTED.sub(" ", _plain(ends))
    words = re.sub(r" {2,}", " ", words).strip()
    return sum(_evidence("bot", words).values()) >= ENOUGH


def _needed(words: str) -> float:
    return ENOUGH + len(words) // LONG


def _evidence(name: str, words: str) -> dict[str, float]:
    return {kind: weight for kind, (weight, pattern) in _rules(name).items() if pattern.search(words)}


@cache
def _rules(name: str) -> dict[str, tuple[float, re.Pattern[str]]]:
    return {kind: (weight, re.compile(pattern)) for kind, (weight, pattern) in rules.TABLES[name].items()}
