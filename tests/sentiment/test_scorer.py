"""The shipped model as the pipeline uses it: same figures in any order, no crash, clear errors."""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from listener.errors import SentimentError
from listener.model import Sentiment, Target
from sentiment import Scorer
from sentiment.scorer import BUNDLED, combined

TEXTS = [
    Target("Der Brummfix ist der beste Sauger, den ich je hatte.", ((4, 12),), language="de"),
    Target("Brummfix? Nie wieder.", ((0, 8),), language="de"),
    Target("I returned the Brummfix, it died after a week.", ((15, 23),), language="en"),
    Target("Meiner läuft seit Jahren ohne Murren.", title="Brummfix, taugt der was?", language="de"),
    Target("No idea, sorry.", quote="Is the Brummfix any good?"),
    Target("wort " * 400 + "Brummfix " + "mehr " * 400, ((2000, 2008),)),
]
ODD = {
    "emoji only": "😡😡😡",
    "one letter": "x",
    "punctuation": "?!?!... ---",
    "Cyrillic": "Этот пылесос отличный, я очень доволен",
    "Chinese": "这个吸尘器很好用",
    "Arabic": "هذه المكنسة سيئة جدا",
    "control characters": "a\x00b\x1b[31m\x07 gut \x9f",
    "zero width": "\u200b\u200d\ufeff\u2060",
    "lone surrogate": "kaputt \ud83d",
    "combining": "e\u0301" * 300,
    "expanding": "\ufdfa" * 500,
    "private use": "\ue000\uf8ff\U000f0000",
    "one long word": "x" * 100_000,
    "100,000 characters": "Der Sauger ist laut. " * 4762,
    "new lines": "\n" * 5000 + "laut" + "\r\n" * 5000,
    "markup": "<b>gut</b> [quote]</s><s><mask> <unk>[/quote]",
}


def three(sentiment: Sentiment) -> tuple[float, float, float]:
    return sentiment.p_negative, sentiment.p_neutral, sentiment.p_positive


def test_scores_are_the_same_to_the_bit_in_any_order_and_company(scorer: Scorer) -> None:
    alone = [scorer([target])[0] for target in TEXTS]
    chance = random.Random(3)
    for _ in range(3):
        order = chance.sample(range(len(TEXTS)), len(TEXTS))
        assert scorer([TEXTS[place] for place in order]) == [alone[place] for place in order]


def test_more_threads_and_a_new_scorer_change_nothing(scorer: Scorer) -> None:
    assert Scorer(threads=2)(TEXTS[:3]) == scorer(TEXTS[:3])


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_get_three_probabilities(scorer: Scorer, name: str) -> None:
    text = ODD[name]
    for target in (
        Target(text),
        Target(text, ((0, 1),)),
        Target(text, ((len(text) - 1, len(text)),), title=text),
    ):
        [found] = scorer([target])
        assert sum(three(found)) == pytest.approx(1) and all(0 <= p <= 1 for p in three(found))
        assert all(map(math.isfinite, three(found)))


@pytest.mark.parametrize("name", ["Cyrillic", "Chinese", "Arabic", "private use"])
def test_what_the_model_cannot_read_is_unsure_not_neutral(scorer: Scorer, name: str) -> None:
    [found] = scorer([Target(ODD[name])])
    assert three(found) == scorer.calibration.prior and max(three(found)) < 0.5


@pytest.mark.parametrize("text", ["", "   ", "\n\x00"])
def test_no_own_words_give_the_prior(scorer: Scorer, text: str) -> None:
    [found] = scorer([Target(text, title="Brummfix ist Schrott", quote="Brummfix ist Schrott")])
    assert three(found) == scorer.calibration.prior


def test_the_product_may_stand_anywhere(scorer: Scorer) -> None:
    words = ["schlecht"] * 30
    for place in range(0, 31, 6):
        text = " ".join([*words[:place], "Brummfix", *words[place:]])
        start = text.index("Brummfix")
        [found] = scorer([Target(text, ((start, start + 8),), language="de")])
        assert found.label == "negative"


def test_nothing_in_nothing_out(scorer: Scorer) -> None:
    assert scorer([]) == []


def test_a_wrong_span_is_an_error(scorer: Scorer) -> None:
    with pytest.raises(SentimentError, match="does not lie in a text of 5 characters"):
        scorer([Target("kurz.", ((2, 9),))])


def test_windows_with_a_verdict_outweigh_those_without() -> None:
    clear, nothing = (0.9, 0.05, 0.05), (0.02, 0.96, 0.02)
    negative, neutral, positive = combined([nothing, clear, nothing])
    assert negative > neutral > positive and negative + neutral + positive == pytest.approx(1)
    assert combined([clear]) == clear


def test_the_model_is_named_with_its_fingerprint(scorer: Scorer) -> None:
    name, _, mark = scorer.model.partition("@")
    assert name and len(mark) == 8
    assert all(found.model == scorer.model for found in scorer(TEXTS[:2]))


def test_the_calibration_is_sane(scorer: Scorer) -> None:
    found = scorer.calibration
    assert {"de", "en", "*"} <= found.temperature.keys()
    assert all(0.3 < value < 3.3 for value in found.temperature.values())
    assert sum(found.prior) == pytest.approx(1, abs=1e-3) and max(found.prior) < 0.5


def test_the_shipped_files_are_small_and_complete() -> None:
    assert (BUNDLED / "model.onnx").stat().st_size < 60_000_000
    assert {"NOTICE", "CARD.md", "model.json", "tokenizer.json"} <= {path.name for path in BUNDLED.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model folder that a test may break."""
    for name in ("model.json", "tokenizer.json"):
        shutil.copyfile(BUNDLED / name, tmp_path / name)
    (tmp_path / "model.onnx").symlink_to(BUNDLED / "model.onnx")
    return tmp_path


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_missing_file_says_what_to_do(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(SentimentError, match=rf"{name}: missing; install brand-listener again"):
        Scorer(folder)(TEXTS[:1])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_damaged_file_says_what_to_do(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).write_bytes(b"\x00\xff version https://git-lfs")
    with pytest.raises(SentimentError, match=rf"{name}: .*install brand-listener again"):
        Scorer(folder)(TEXTS[:1])


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": {"de": 1.0}},
        {"temperature": {"*": 0}},
        {"prior": [1, 2]},
        {"prior": [1, 1, 1]},
        {"sha256": None},
        {"temperature": []},
    ],
)
def test_a_wrong_calibration_is_refused(folder: Path, change: dict[str, object]) -> None:
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8")) | change
    (folder / "model.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(SentimentError, match="install brand-listener again"):
        Scorer(folder)(TEXTS[:1])


def test_scoring_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys; from sentiment import Scorer; from listener.model import Target;"
        "assert 'onnxruntime' not in sys.modules; Scorer()([Target('gut')]);"
        "assert not {'torch', 'transformers', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
