"""What the model must beat: the commonest label, a small lexicon, word counts with a linear model."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from listener.model import LABELS, Label, Sentiment, Target
from sentiment.rows import Row

SURE, UNSURE = 0.8, 0.1  # what a method without probabilities says of its label and of the two others
REACH = 8  # words either side of the target that the lexicon looks at
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A scorer made of one function from target to label."""

    model: str
    label: Callable[[Target], Label]

    def __call__(self, targets: Sequence[Target]) -> list[Sentiment]:
        """One sentiment for each target."""
        return [self._sentiment(self.label(target)) for target in targets]

    def _sentiment(self, said: Label) -> Sentiment:
        negative, neutral, positive = (SURE if label == said else UNSURE for label in LABELS)
        return Sentiment(negative, neutral, positive, self.model)


def majority(rows: Sequence[Row]) -> Baseline:
    """Always the commonest label of these rows."""
    [(label, _)] = Counter(row.label for row in rows).most_common(1)
    return Baseline(f"majority {label}", lambda _: label)


def lexicon() -> Baseline:
    """Counts the good and bad words near the target; a negator in the three words before turns one round."""
    content = resources.files("sentiment").joinpath("lexicon.txt").read_text(encoding="utf-8")
    words = read_lexicon(content)
    mark = hashlib.sha256(content.encode()).hexdigest()[:8]
    return Baseline(f"lexicon@{mark}", lambda target: _lexicon_label(target, words))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words with 1 or -1 (a star at the end stands for any ending), and the words that turn them round."""

    values: Mapping[str, int]
    negators: frozenset[str]


def read_lexicon(content: str) -> Lexicon:
    """Lines `+ word word ...`, `- word word ...` and `! word ...` (negators); all else is comment."""
    lines = [(line[:1], line[1:].split()) for line in content.splitlines() if line[:2] in ("+ ", "- ", "! ")]
    values = {word: 1 if sign == "+" else -1 for sign, words in lines if sign != "!" for word in words}
    return Lexicon(values, frozenset(word for sign, words in lines if sign == "!" for word in words))


def _lexicon_label(target: Target, lexicon: Lexicon) -> Label:
    words = _near(target)
    total = sum(_value(words, place, lexicon) for place in range(len(words)))
    return "positive" if total > 0 else "negative" if total < 0 else "neutral"


def _near(target: Target) -> list[str]:
    if not target.spans:
        return _WORD.findall(target.text.lower())
    start, end = target.spans[0]
    before, after = (_WORD.findall(part.lower()) for part in (target.text[:start], target.text[end:]))
    return before[-REACH:] + after[:REACH]


def _value(words: Sequence[str], place: int, lexicon: Lexicon) -> int:
    value = _look_up(words[place], lexicon.values)
    turned = any(word in lexicon.negators for word in words[max(0, place - 3) : place])
    return -value if turned else value


def _look_up(word: str, values: Mapping[str, int]) -> int:
    if word in values:
        return values[word]
    stems = (word[:length] + "*" for length in range(len(word), 3, -1))
    return next((values[stem] for stem in stems if stem in values), 0)
