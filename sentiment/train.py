"""`python -m sentiment.train --data DIR --base DIR --out DIR`: make the shipped model again."""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path

log = logging.getLogger("sentiment.train")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m sentiment.train", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with NAME.train.jsonl.gz and NAME.dev.jsonl.gz"
    )
    parser.add_argument("--base", type=Path, required=True, help="folder of the base encoder")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints and the finished model"
    )
    parser.add_argument("--rows", type=int, default=45000, help="rows seen in training, repeats counted")
    parser.add_argument(
        "--minutes", type=float, default=600, help="upper bound; a slow machine sees fewer rows"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--trained", action="store_true", help="do not train: finish the checkpoints in --out"
    )
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def train(options: argparse.Namespace) -> None:
    """One training run; its checkpoints lie in `--out`."""
    import torch
    from tokenizers import Tokenizer

    from sentiment.training import fit, mixture, network

    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    examples = mixture.plan(mixture.load(options.data, "train"), options.rows, options.seed)
    samples = fit.encoded(tokenizer, examples)
    log.info(
        "%d rows, %.1f tokens each", len(samples), sum(len(s.encoded.ids) for s in samples) / len(samples)
    )
    work = fit.batches(samples, options.seed)
    fit.fit(network.load(options.base), work, options.out, 60 * options.minutes)


def main() -> None:
    """Train, choose the checkpoint by its int8 figures, calibrate, write the model folder `--out/model`."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options, begun = arguments(), time.monotonic()
    if not options.trained:
        train(options)
        log.info("trained in %.0f s", time.monotonic() - begun)
    from sentiment.training import finish, mixture

    checkpoints = sorted(options.out.glob("*.pt"), key=lambda path: path.stat().st_mtime)
    dev = mixture.load(options.data, "dev")
    finish.finish(options.base, checkpoints, dev, options.out / "model")


if __name__ == "__main__":
    main()
