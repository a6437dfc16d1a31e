"""`python -m sentiment.training.table --data DIR`: the figures of docs/sentiment.md as Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sentiment.baselines import lexicon, majority
from sentiment.evaluation import Figures, Judged, Judges, Report, by, evaluate
from sentiment.rows import Row, read_rows
from sentiment.scorer import Scorer
from sentiment.training import mixture
from sentiment.training.counts import Counts

TESTS = ("newsmtsc", "mams", "finentity", "mobasa", "potts", "sb10k")
UNSEEN = ("semeval14_laptop", "semeval16_rest", "sentihood", "mabsa_de", "mabsa_en", "ecommerce_tv_tshirt")


def main() -> None:
    """Print the table of all sets with all methods, then the model's figures by language and phenomenon."""
    parser = argparse.ArgumentParser(prog="python -m sentiment.training.table", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="a model folder; left out: the shipped one")
    options = parser.parse_args()
    trained = [row for rows in mixture.load(options.data, "train").values() for row in rows]
    methods: list[Judges] = [majority(trained), lexicon(), Counts(trained), Scorer(options.model)]
    sets = test_sets(options.data)
    reports = {name: [evaluate(rows, method) for method in methods] for name, rows in sets.items()}
    sys.stdout.write(
        "\n\n".join(
            [
                _sets_table(reports, methods),
                _model_tables({name: found[-1] for name, found in reports.items()}),
            ]
        )
        + "\n"
    )


def test_sets(folder: Path) -> dict[str, list[Row]]:
    """Every set with figures in the documentation, by the name it has there."""
    found = {f"{name} test": folder / f"{name}.test.jsonl.gz" for name in (*TESTS, *UNSEEN)}
    found |= {f"{name} dev": folder / f"{name}.dev.jsonl.gz" for name in ("written_de", "written_en")}
    sets = {name: read_rows(path) for name, path in found.items() if path.exists()}
    challenge = read_rows(folder.parent / "challenge_dev.jsonl")
    for lang in ("de", "en"):
        sets[f"challenge_dev {lang}"] = [row for row in challenge if row.lang == lang]
    return sets


def _sets_table(reports: Mapping[str, Sequence[Report]], methods: Sequence[Judges]) -> str:
    head = ["set", "rows", *(method.model for method in methods), "ECE (model)"]
    rows = [
        [name, str(found[0].total.n), *map(_pair, found), f"{found[-1].total.ece:.3f}"]
        for name, found in reports.items()
    ]
    return _markdown(head, rows)


def _pair(report: Report) -> str:
    return f"{100 * report.total.accuracy:.1f} / {100 * report.total.macro_f1:.1f}"


def _model_tables(reports: Mapping[str, Report]) -> str:
    own = _all(report for name, report in reports.items() if name.startswith(("written", "challenge")))
    named = {
        "written dev + challenge_dev": own,
        "test parts": _all(report for name, report in reports.items() if name.split()[0] in TESTS),
        "sets not trained on": _all(report for name, report in reports.items() if name.split()[0] in UNSEEN),
    }
    languages = [
        [name, lang, *_row(figures)]
        for name, judged in named.items()
        for lang, figures in by(judged, "lang").items()
    ]
    phenomena = [[name, *_row(figures)] for name, figures in by(own, "phenomenon").items()]
    head = ["rows", "accuracy", "macro-F1", "ECE", "texts with 2+ targets, all right"]
    return "\n\n".join(
        [_markdown(["rows of", "language", *head], languages), _markdown(["phenomenon", *head], phenomena)]
    )


def _all(reports: Iterable[Report]) -> list[Judged]:
    return [one for report in reports for one in report.judged]


def _row(found: Figures) -> list[str]:
    several = "" if found.several_right is None else f"{100 * found.several_right:.1f} of {found.several_n}"
    return [
        str(found.n),
        f"{100 * found.accuracy:.1f}",
        f"{100 * found.macro_f1:.1f}",
        f"{found.ece:.3f}",
        several,
    ]


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


if __name__ == "__main__":
    main()
