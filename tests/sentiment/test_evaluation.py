"""The figures, against cases counted by hand."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from listener.errors import ConfigError
from listener.model import Label, Sentiment, Target
from sentiment import Row, Scorer, evaluate, read_rows, write_predictions
from sentiment.evaluation import BINS

SAYS: dict[Label, tuple[float, float, float]] = {
    "negative": (0.8, 0.1, 0.1),
    "neutral": (0.1, 0.8, 0.1),
    "positive": (0.1, 0.1, 0.8),
}


class Reader:
    """Says the label that is the text's first word."""

    model = "reader"

    def __call__(self, targets: Sequence[Target]) -> list[Sentiment]:
        return [Sentiment(*SAYS[target.text.split()[0]], self.model) for target in targets]  # type: ignore[index]


def rows(*pairs: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [
        {"text": f"{said} {number}", "label": meant, "lang": lang}
        for number, (said, meant, lang) in enumerate(pairs)
    ]


SIX = rows(
    ("negative", "negative", "de"),
    ("negative", "neutral", "de"),
    ("neutral", "neutral", "de"),
    ("positive", "positive", "en"),
    ("positive", "negative", "en"),
    ("neutral", "neutral", "en"),
)


def test_the_figures_are_those_counted_by_hand() -> None:
    total = evaluate(SIX, Reader()).total
    assert (total.n, total.accuracy) == (6, pytest.approx(4 / 6))
    negative, neutral, positive = (total.labels[name] for name in ("negative", "neutral", "positive"))
    assert (negative.precision, negative.recall, negative.f1) == (0.5, 0.5, 0.5)
    assert (neutral.precision, neutral.recall, neutral.f1) == (1.0, pytest.approx(2 / 3), 0.8)
    assert (positive.precision, positive.recall, positive.f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert total.macro_f1 == pytest.approx((0.5 + 0.8 + 2 / 3) / 3)
    assert total.ece == pytest.approx(abs(4 / 6 - 0.8))


def test_every_language_has_its_own_figures() -> None:
    languages = evaluate(SIX, Reader()).languages
    assert {name: figures.n for name, figures in languages.items()} == {"de": 3, "en": 3}


def test_a_label_that_never_occurs_does_not_pull_the_mean_down() -> None:
    total = evaluate(rows(("negative", "negative", "de"), ("positive", "positive", "de")), Reader()).total
    assert total.macro_f1 == 1.0 and total.labels["neutral"].n == 0


def test_a_text_with_two_targets_counts_only_if_both_are_right() -> None:
    twice = [SIX[0], SIX[0] | {"label": "positive"}, SIX[2], SIX[2]]
    total = evaluate(twice, Reader()).total
    assert (total.several_n, total.several_right) == (2, 0.5)


def test_speed_is_rows_by_the_clock() -> None:
    ticks = itertools.count(step=0.5)
    assert evaluate(SIX, Reader(), lambda: next(ticks)).total.texts_per_s == pytest.approx(2.0)


def test_the_report_is_plain_json() -> None:
    found = json.loads(
        json.dumps(evaluate([Row("neutral", "neutral", phenomenon="irony")], Reader()).as_dict())
    )
    assert found["model"] == "reader" and found["ece_bins"] == BINS
    assert found["languages"]["und"]["n"] == 1 and found["phenomena"]["irony"]["accuracy"] == 1.0
    assert found["several_right"] is None


def test_nothing_to_evaluate_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no rows"):
        evaluate([], Reader())
    with pytest.raises(ConfigError, match="row 2: `label` must be"):
        evaluate([SIX[0], {"text": "x"}], Reader())


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_predictions_are_written_in_the_order_of_the_rows(tmp_path: Path, name: str) -> None:
    write_predictions(
        tmp_path / name, evaluate([row | {"id": f"r{n}"} for n, row in enumerate(SIX)], Reader())
    )
    opened: Any = gzip.open if name.endswith("gz") else open
    with opened(tmp_path / name, "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    assert [row["id"] for row in found] == [f"r{n}" for n in range(6)]
    assert [row["label"] for row in found] == [row["text"].split()[0] for row in SIX]
    assert found[0] == {
        "id": "r0",
        "label": "negative",
        "p_negative": 0.8,
        "p_neutral": 0.1,
        "p_positive": 0.1,
    }


def test_predictions_that_cannot_be_written_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_predictions(tmp_path / "none" / "out.jsonl", evaluate(SIX, Reader()))


def test_the_shipped_model_reads_a_made_file(tmp_path: Path, scorer: Scorer) -> None:
    made = [
        {
            "text": "Der Brummfix ist großartig.",
            "target": "Brummfix",
            "start": 4,
            "end": 12,
            "label": "positive",
            "lang": "de",
        },
        {
            "text": "Meiner ist nach zwei Wochen kaputt.",
            "target": "Brummfix",
            "start": None,
            "end": None,
            "label": "negative",
            "lang": "de",
            "title": "Brummfix?",
        },
    ]
    (tmp_path / "made.jsonl").write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    report = evaluate(read_rows(tmp_path / "made.jsonl"), scorer)
    assert report.total.n == 2 and report.model == scorer.model and report.total.texts_per_s > 0
