"""The scorer: texts with targets in, three calibrated probabilities out, by onnxruntime alone."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from listener.errors import SentimentError
from listener.model import LABELS, Sentiment, Target
from sentiment.windows import Encoded, encode, windows

BUNDLED = Path(__file__).parent / "model"
MODEL, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "model.json"
UNREAD = 0.5  # from this share of unknown pieces or foreign letters on, the model understands nothing
NEUTRAL_WEIGHT = 0.1  # a window without a verdict hardly counts beside one with a verdict

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into probabilities, from `model.json`; languages it does not know use "*"."""

    name: str
    sha256: str
    prior: Three
    temperature: Mapping[str, float]

    def probabilities(self, logits: Sequence[float], language: str | None) -> Three:
        """Softmax of the logits at the language's temperature."""
        known = language if language and language in self.temperature else "*"
        return _softmax([logit / self.temperature[known] for logit in logits])


def _softmax(values: Sequence[float]) -> Three:
    top = max(values)
    negative, neutral, positive = (math.exp(value - top) for value in values)
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total


class Scorer:
    """Judges what each text says about its target; loads its files at the first text.

    A blank text, or one in a script the model does not read, gets the prior of `model.json`: no
    label above one half, so that it is stored as unsure and not as neutral. Equal targets give equal
    figures to the bit in any order: every window runs alone.
    """

    def __init__(self, folder: Path | None = None, threads: int = 1) -> None:
        self.folder = folder or BUNDLED
        self.threads = threads

    @cached_property
    def model(self) -> str:
        """Name and fingerprint of the model, stored with every sentiment."""
        return f"{self.calibration.name}@{self.calibration.sha256[:8]}"

    def __call__(self, targets: Sequence[Target]) -> list[Sentiment]:
        """One sentiment for each target; SentimentError if a span lies outside its text or no model loads."""
        return [Sentiment(*self._judge(target), self.model) for target in targets]

    def _judge(self, target: Target) -> Three:
        cut = windows(target)
        judged = [found for window in cut if (found := self._window(encode(self.tokenizer, window), target))]
        return combined(judged) if judged else self.calibration.prior

    def _window(self, encoded: Encoded, target: Target) -> Three | None:
        if encoded.unread >= UNREAD:
            return None
        return self.calibration.probabilities(self.logits(encoded), target.language)

    def logits(self, encoded: Encoded) -> list[float]:
        """What the network says before calibration."""
        import numpy as np

        rows = (encoded.ids, [1] * len(encoded.ids), encoded.marked, encoded.pooled)
        feed = {name: np.array([row], dtype=np.int64) for name, row in zip(INPUTS, rows, strict=True)}
        try:
            found: list[float] = self.session.run(["logits"], feed)[0][0].tolist()
        except Exception as error:  # onnxruntime raises its own classes, all derived from Exception
            raise SentimentError(f"{self.folder / MODEL}: {error}") from error
        return found

    @cached_property
    def calibration(self) -> Calibration:
        """The checked content of `model.json`."""
        return read_calibration(self._file(CONFIG))

    @cached_property
    def tokenizer(self) -> Any:
        """The tokenizer of the model's own file."""
        from tokenizers import Tokenizer

        path = self._file(TOKENIZER)
        try:
            return Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise SentimentError(f"{path}: not a tokenizer: {error}; {REINSTALL}") from error

    @cached_property
    def session(self) -> Any:
        """The network, after its fingerprint was checked."""
        import onnxruntime

        path = self._file(MODEL)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.calibration.sha256:
            raise SentimentError(f"{path}: damaged, its sha256 is not that of {CONFIG}; {REINSTALL}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise SentimentError(f"{path}: cannot be loaded: {error}; {REINSTALL}") from error

    def _file(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise SentimentError(f"{path}: missing; {REINSTALL}")
        return path


INPUTS = ("input_ids", "attention_mask", "token_type_ids", "pool_mask")
REINSTALL = (
    "install brand-listener again, or name a folder that holds model.onnx, tokenizer.json and model.json"
)


def combined(judged: Sequence[Three]) -> Three:
    """The mean over windows, each weighed by how far it is from saying nothing."""
    if len(judged) == 1:
        return judged[0]
    weights = [1 - neutral + NEUTRAL_WEIGHT for _, neutral, _ in judged]
    total = sum(weights)
    negative, neutral, positive = (
        sum(weight * three[place] for weight, three in zip(weights, judged, strict=True)) / total
        for place in range(len(LABELS))
    )
    return negative, neutral, positive


def read_calibration(path: Path) -> Calibration:
    """`model.json` as a Calibration; SentimentError if it is not one."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        temperature = {str(key): float(value) for key, value in raw["temperature"].items()}
        found = Calibration(str(raw["name"]), str(raw["sha256"]), _shares(raw["prior"]), temperature)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SentimentError(f"{path}: not readable: {error!r}; {REINSTALL}") from error
    if "*" not in temperature or not all(0 < value < math.inf for value in temperature.values()):
        raise SentimentError(f"{path}: `temperature` needs '*' and figures above 0; {REINSTALL}")
    return found


def _shares(raw: Any) -> Three:
    negative, neutral, positive = map(float, raw)
    if min(negative, neutral, positive) < 0 or not math.isclose(
        negative + neutral + positive, 1, abs_tol=1e-3
    ):
        raise ValueError(f"`prior` must be three shares that sum to 1, not {raw!r}")
    total = negative + neutral + positive
    return negative / total, neutral / total, positive / total
