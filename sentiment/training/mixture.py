"""The rows a model is trained on: which sets, how often each, and how they are varied."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from listener.model import LABELS, Label, Span, Target
from sentiment.rows import Row, read_rows

# Only sets whose licence lets a model trained on them be distributed. Share of all rows seen in training.
SHARES: Mapping[str, float] = {
    "written_de": 0.22,
    "written_en": 0.11,
    "newsmtsc": 0.14,
    "mams": 0.14,
    "tsa_md": 0.03,
    "finentity": 0.04,
    "mobasa": 0.10,
    "potts": 0.09,
    "sb10k": 0.13,
}
RENAMED = ("written_de", "written_en", "finentity", "newsmtsc")  # targets are names, not aspects
RENAME, LOWER, DROP_TITLE, ADD_TITLE = 0.35, 0.04, 0.1, 0.15
POTTS_WORDS = 3  # longer targets of this set are clauses with odd polarities
WRITTEN_LATE = 0.7  # below 1: the product's own register comes more often towards the end


@dataclass(frozen=True, slots=True)
class Example:
    """One training row as the scorer would get it."""

    target: Target
    label: Label
    source: str


def load(folder: Path, split: str) -> dict[str, list[Row]]:
    """The usable rows of every set in SHARES that has this split."""
    found = {name: folder / f"{name}.{split}.jsonl.gz" for name in SHARES}
    return {
        name: [row for row in read_rows(path) if _usable(row, name)]
        for name, path in found.items()
        if path.exists()
    }


def _usable(row: Row, name: str) -> bool:
    long = name == "potts" and len(row.target.split()) > POTTS_WORDS
    return bool(row.text.strip()) and not long


def plan(sets: Mapping[str, Sequence[Row]], views: int, seed: int) -> list[Example]:
    """`views` examples in training order, each set by its share, varied anew each time."""
    chance = random.Random(seed)
    titles = {lang: [row.title for row in sets[f"written_{lang}"] if row.title] for lang in ("de", "en")}
    placed: list[tuple[float, Example]] = []
    for name, rows in sets.items():
        for row in _drawn(rows, round(views * SHARES[name]), chance):
            late = WRITTEN_LATE if name.startswith("written") else 1.0
            placed.append((chance.random() ** late, varied(row, name, titles[row.lang], chance)))
    return [example for _, example in sorted(placed, key=lambda pair: pair[0])]


def _drawn(rows: Sequence[Row], count: int, chance: random.Random) -> Iterator[Row]:
    """`count` rows; labels go by the root of their frequency, all rows before any again."""
    sizes = Counter(row.label for row in rows)
    total = sum(size**0.5 for size in sizes.values())
    for label in LABELS:
        pool = [row for row in rows if row.label == label]
        wanted = round(count * sizes[label] ** 0.5 / total)
        while wanted > 0:
            yield from chance.sample(pool, min(wanted, len(pool)))
            wanted -= len(pool)


def varied(row: Row, name: str, titles: Sequence[str], chance: random.Random) -> Example:
    """The row, now and then with an invented name, without its title or with a foreign one."""
    target = row.as_target()
    if name in RENAMED and row.target and chance.random() < RENAME:
        target = renamed(target, row.target, invented_name(chance))
    if target.title and target.spans and chance.random() < DROP_TITLE:
        target = replace(target, title="")
    elif not target.title and target.spans and titles and chance.random() < ADD_TITLE:
        target = replace(target, title=chance.choice(titles))
    if chance.random() < LOWER and len(target.text.lower()) == len(target.text):
        target = replace(target, text=target.text.lower(), title=target.title.lower())
    return Example(target, row.label, name)


def renamed(target: Target, old: str, new: str) -> Target:
    """The target with every `old` in text and title replaced and its spans moved along."""
    pieces = target.text.split(old)
    starts = {start for start, _ in target.spans}
    text, spans, place = "", [], 0
    for number, piece in enumerate(pieces):
        if number:
            if place in starts:
                spans.append((len(text), len(text) + len(new)))
            text, place = text + new, place + len(old)
        text, place = text + piece, place + len(piece)
    kept: tuple[Span, ...] = tuple(spans)
    if len(kept) != len(target.spans):
        return target
    return replace(target, text=text, spans=kept, title=target.title.replace(old, new))


def _words(text: str) -> list[str]:
    return text.split()


_HEADS = _words(
    "Al Bel Bro Cal Dor El Fen Gar Hel Jo Kal Lum Mar Nor Or Pel Quin Ros Sil Tor Ul Ven Wen Xan Zel "
    "Stein Wald Blitz Kraft Air Pro Nova"
)
_TAILS = _words(
    "ara axo berg bo cube dan dex do eno fix flex go hof ia ino ix jet ka lab line lo max mera nix on ora os "
    "ra rix son star tec tron ux vo wolf za"
)
_ENDS = _words("Pro Plus Max Mini S X GT Neo 2 3 4 500 2000 29 X1 V2")


def invented_name(chance: random.Random) -> str:
    """A product name that nobody sells, as makers build them."""
    name = chance.choice(_HEADS) + chance.choice(_TAILS)
    if chance.random() < 0.25:
        name = f"{chance.choice(_HEADS)}{chance.choice(_TAILS)} {name}"
    return name + (" " + chance.choice(_ENDS) if chance.random() < 0.45 else "")
