"""The parts of training that need no torch, and one real step where torch is installed."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sentiment.training
from listener.model import Target
from sentiment import Row
from sentiment.training import mixture
from sentiment.training.calibration import Logged, macro_f1, prior, temperatures

LABELS = ("negative", "neutral", "positive")


def made_sets() -> dict[str, list[Row]]:
    return {
        name: [
            Row(f"{name} {n}", LABELS[n % 5 % 3], "en" if "en" in name else "de", title="Titel?")
            for n in range(40)
        ]  # type: ignore[arg-type]
        for name in mixture.SHARES
    }


def test_the_shares_sum_to_one() -> None:
    assert sum(mixture.SHARES.values()) == pytest.approx(1)


def test_the_plan_keeps_the_shares_and_the_seed() -> None:
    plan = mixture.plan(made_sets(), 1000, 5)
    counts = Counter(example.source for example in plan)
    assert all(abs(counts[name] - 1000 * share) <= 3 for name, share in mixture.SHARES.items())
    assert plan == mixture.plan(made_sets(), 1000, 5) != mixture.plan(made_sets(), 1000, 6)


def test_every_row_comes_before_any_comes_again() -> None:
    sets = {**made_sets()}
    plan = mixture.plan(sets, 1000, 5)
    texts = Counter(example.target.text.lower() for example in plan if example.source == "mams")
    assert len(texts) == 40


def test_only_usable_rows_are_loaded(tmp_path: Path) -> None:
    long = {"text": "ein sehr langer Satz als Ziel", "target": "ein sehr langer Satz", "label": "positive"}
    made = [long, long | {"target": "Satz"}, {"text": " ", "label": "neutral"}]
    with gzip.open(tmp_path / "potts.train.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in made)
    found = mixture.load(tmp_path, "train")
    assert [row.target for row in found["potts"]] == ["Satz"] and list(found) == ["potts"]


def test_a_new_name_moves_the_span_and_reaches_the_title() -> None:
    target = Target("Der Brummfix, ja der Brummfix!", ((21, 29),), title="Brummfix?")
    found = mixture.renamed(target, "Brummfix", "Velo 3")
    assert found == Target("Der Velo 3, ja der Velo 3!", ((19, 25),), title="Velo 3?")


@given(st.text("ab ", max_size=30), st.data())
def test_a_renamed_span_still_covers_the_name(text: str, data: st.DataObject) -> None:
    text += "ab"
    start = data.draw(st.sampled_from([place for place in range(len(text)) if text.startswith("ab", place)]))
    found = mixture.renamed(Target(text, ((start, start + 2),)), "ab", "Xenonix")
    assert [found.text[a:b] for a, b in found.spans] == ["Xenonix"]


def test_invented_names_differ() -> None:
    chance = random.Random(1)
    assert len({mixture.invented_name(chance) for _ in range(200)}) > 150


def rows_of(sharpness: float, right: float, count: int = 400) -> Sequence[Logged]:
    """`count` rows whose first label has a lead of `sharpness` and is right in that share."""
    return [Logged([sharpness, 0.0, 0.0], 0 if n < right * count else 1, "de", 1.0) for n in range(count)]


def test_too_sure_logits_are_cooled_and_too_shy_ones_warmed() -> None:
    assert temperatures(rows_of(5.0, 0.7))["de"] > 1.5
    assert temperatures(rows_of(0.5, 0.95))["de"] < 0.7
    assert temperatures(rows_of(5.0, 0.7)).keys() == {"de", "*"}


def test_the_prior_is_that_of_the_written_rows() -> None:
    written = [Row("a", "negative"), Row("b", "neutral"), Row("c", "positive"), Row("d", "neutral")]
    assert prior({"written_de": written, "mams": [Row("e", "positive")]}) == (0.25, 0.5, 0.25)


def test_macro_f1_is_one_only_when_all_is_right() -> None:
    assert macro_f1([Logged([3, 0, 0], 0, "de", 1), Logged([0, 3, 0], 1, "de", 1)]) == 1.0
    assert macro_f1([Logged([3, 0, 0], 0, "de", 1), Logged([3, 0, 0], 1, "de", 1)]) == pytest.approx(1 / 3)


def test_every_training_module_can_be_imported() -> None:
    pytest.importorskip("torch", reason="the extra `train` is not installed")
    for module in pkgutil.iter_modules(sentiment.training.__path__):
        importlib.import_module(f"sentiment.training.{module.name}")
