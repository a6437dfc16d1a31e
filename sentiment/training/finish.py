"""From checkpoints to the model folder: int8, the best by its development figures, calibrated."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sentiment.rows import Row
from sentiment.scorer import CONFIG, MODEL, TOKENIZER, Scorer
from sentiment.training import calibration
from sentiment.training.export import exported

log = logging.getLogger(__name__)
NAME = "brand-sentiment-1"
CANDIDATES = 2  # the last so many checkpoints are looked at
ROWS = 400  # of each development set, for the choice only


def finish(base: Path, checkpoints: Sequence[Path], dev: Mapping[str, Sequence[Row]], out: Path) -> Path:
    """Write the model folder of the best checkpoint; `dev` must hold the written sets."""
    some = {name: rows[:ROWS] for name, rows in dev.items()}
    folders = [candidate(base, path, dev) for path in checkpoints[-CANDIDATES:]]
    figures = [figure(folder, some) for folder in folders]
    best = folders[figures.index(max(figures))]
    log.info("chosen: %s", best.name)
    calibrate(best, dev)
    out.mkdir(parents=True, exist_ok=True)
    for name in (MODEL, TOKENIZER, CONFIG):
        shutil.copyfile(best / name, out / name)
    return out


def candidate(base: Path, weights: Path, dev: Mapping[str, Sequence[Row]]) -> Path:
    """A model folder beside the checkpoint, not yet calibrated."""
    folder = weights.with_suffix("")
    model = exported(base, weights, folder / MODEL)
    shutil.copyfile(base / TOKENIZER, folder / TOKENIZER)
    facts = {
        "name": NAME,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "prior": calibration.prior(dev),
        "temperature": {"*": 1.0},
    }
    _write(folder, facts)
    return folder


def figure(folder: Path, dev: Mapping[str, Sequence[Row]]) -> float:
    """The int8 development figure of a folder."""
    found = calibration.choice_figure(calibration.logged(Scorer(folder), dev), dev)
    log.info("%s: %.4f", folder.name, found)
    return found


def calibrate(folder: Path, dev: Mapping[str, Sequence[Row]]) -> None:
    """Put the temperatures into the folder's `model.json`."""
    facts = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    facts["temperature"] = calibration.temperatures(calibration.logged(Scorer(folder), dev))
    log.info("temperatures %s", facts["temperature"])
    _write(folder, facts)


def _write(folder: Path, facts: Mapping[str, object]) -> None:
    (folder / CONFIG).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
