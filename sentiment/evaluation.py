"""Labelled rows in, figures out: how often and how surely the scorer is right."""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from listener.errors import ConfigError
from listener.model import LABELS, Label, Sentiment, Target
from sentiment.rows import Row, parsed

BINS = 15  # of equal width, over the probability of the label given


class Judges(Protocol):
    """Whatever scores targets: the Scorer, or a baseline."""

    @property
    def model(self) -> str:
        """Name and fingerprint."""

    def __call__(self, targets: Sequence[Target]) -> list[Sentiment]:
        """One sentiment for each target."""


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How well one label is found; figures that cannot be computed are 0."""

    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one group of rows.

    `macro_f1` is the mean over the labels that occur in the rows or the predictions. `ece` is the
    expected calibration error over BINS bins of equal width. `several_right` is the share of the
    texts with two or more targets in which every target is right; None if there is no such text.
    """

    n: int
    accuracy: float
    macro_f1: float
    ece: float
    labels: Mapping[Label, LabelFigures]
    several_n: int
    several_right: float | None
    texts_per_s: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One row with what the scorer said and how long that took."""

    row: Row
    sentiment: Sentiment
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the label is the row's own."""
        return self.sentiment.label == self.row.label


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over all rows, for each language and for each phenomenon named in the rows."""

    model: str
    total: Figures
    languages: Mapping[str, Figures]
    phenomena: Mapping[str, Figures]
    judged: tuple[Judged, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the single rows."""
        return {
            "model": self.model,
            "ece_bins": BINS,
            **asdict(self.total),
            "languages": {name: asdict(figures) for name, figures in self.languages.items()},
            "phenomena": {name: asdict(figures) for name, figures in self.phenomena.items()},
        }


def evaluate(
    rows: Iterable[Mapping[str, Any] | Row], scorer: Judges, clock: Callable[[], float] = time.perf_counter
) -> Report:
    """Score every row alone and compare; ConfigError if there is none or one is no labelled row."""
    judged = [_judged(row, scorer, clock) for row in _rows(rows)]
    if not judged:
        raise ConfigError("no rows to evaluate")
    return Report(
        scorer.model,
        figures(judged),
        by(judged, "lang"),
        by(judged, "phenomenon"),
        tuple(judged),
    )


def _rows(rows: Iterable[Mapping[str, Any] | Row]) -> Iterable[Row]:
    for number, row in enumerate(rows, start=1):
        try:
            yield row if isinstance(row, Row) else parsed(row)
        except ValueError as error:
            raise ConfigError(f"row {number}: {error}") from error


def _judged(row: Row, scorer: Judges, clock: Callable[[], float]) -> Judged:
    begun = clock()
    [sentiment] = scorer([row.as_target()])
    return Judged(row, sentiment, clock() - begun)


def by(judged: Sequence[Judged], field: Literal["lang", "phenomenon"]) -> dict[str, Figures]:
    """The figures of each group of rows; rows without the field are left out."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[getattr(one.row, field)].append(one)
    return {name: figures(groups[name]) for name in sorted(groups) if name}


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of these rows; there must be at least one."""
    labels = {label: _label_figures(judged, label) for label in LABELS}
    occurring = {one.row.label for one in judged} | {one.sentiment.label for one in judged}
    several = _several(judged)
    seconds = sum(one.seconds for one in judged)
    return Figures(
        n=len(judged),
        accuracy=sum(one.right for one in judged) / len(judged),
        macro_f1=sum(labels[label].f1 for label in occurring) / len(occurring),
        ece=calibration_error(judged),
        labels=labels,
        several_n=len(several),
        several_right=sum(several) / len(several) if several else None,
        texts_per_s=len(judged) / seconds if seconds > 0 else 0.0,
    )


def _label_figures(judged: Sequence[Judged], label: Label) -> LabelFigures:
    said = sum(one.sentiment.label == label for one in judged)
    meant = sum(one.row.label == label for one in judged)
    both = sum(one.right for one in judged if one.row.label == label)
    f1 = 2 * both / (said + meant) if said + meant else 0.0
    return LabelFigures(meant, both / said if said else 0.0, both / meant if meant else 0.0, f1)


def _several(judged: Sequence[Judged]) -> list[bool]:
    texts: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in judged:
        texts[one.row.title, one.row.text].append(one)
    return [all(one.right for one in found) for found in texts.values() if len(found) > 1]


def calibration_error(judged: Sequence[Judged]) -> float:
    """Expected calibration error: mean over rows of |share right - mean probability| of their bin."""
    bins: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        bins[min(BINS - 1, int(_confidence(one.sentiment) * BINS))].append(one)
    return sum(
        abs(sum(one.right - _confidence(one.sentiment) for one in found)) for found in bins.values()
    ) / len(judged)


def _confidence(sentiment: Sentiment) -> float:
    return max(sentiment.p_negative, sentiment.p_neutral, sentiment.p_positive)


def write_predictions(path: Path, report: Report) -> None:
    """One JSON line for each row, in their order: id, label and the three probabilities; gzip if so named."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(_prediction(one), ensure_ascii=False) + "\n" for one in report.judged)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error}", str(path)) from error


def _prediction(judged: Judged) -> dict[str, Any]:
    said = judged.sentiment
    return {
        "id": judged.row.id,
        "label": said.label,
        "p_negative": said.p_negative,
        "p_neutral": said.p_neutral,
        "p_positive": said.p_positive,
    }
