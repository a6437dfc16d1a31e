"""The commands as people and programs call them: `python -m listener …` in a process of its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from listener.demo import World
from tests.pages import goldens

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "sqlalchemy",
    "pandas",
    "numpy",
    "httpx",
    "onnxruntime",
    "matplotlib",
    "feedparser",
    "praw",
    "lingua",
    "yaml",
)


def listener(
    *arguments: str, cwd: Path | None = None, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "listener", *arguments]
    return subprocess.run(
        command, cwd=cwd, input=given, capture_output=True, text=True, timeout=120, check=False
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(datetime.now(UTC)) as world:
        yield world


@pytest.fixture(scope="module")
def heard(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose store has heard the world; nobody gets a mail."""
    folder = tmp_path_factory.mktemp("heard")
    text = world.config(folder)
    path = folder / "config.yaml"
    path.write_text(text[: text.index("digest:")] + text[text.index("retention:") :], encoding="utf-8")
    done = listener("run", "--config", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return path


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom listener.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_of_the_design_is_there_and_documented() -> None:
    listed = listener("--help").stdout
    documented = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs" / "commands.md").read_text("utf-8")
    from listener.cli import COMMANDS

    for command in COMMANDS:
        assert f"  {command.name} " in listed
        assert f"`{command.name}" in documented or f"listener {command.name}" in documented, command.name


def test_init_writes_what_check_accepts(tmp_path: Path) -> None:
    assert listener("init", cwd=tmp_path).returncode == 0
    done = listener("check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 products, 2 sources" in done.stdout
    again = listener("init", cwd=tmp_path)
    assert again.returncode == 2
    assert "left as it is" in again.stderr


def test_wrong_usage_and_configuration_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("store: x\nbrnds: []\n")
    done = listener("run", cwd=tmp_path)
    assert done.returncode == 2
    assert "config.yaml:2: unknown key `brnds`; write `brands`" in done.stderr
    assert "Traceback" not in done.stderr
    assert listener("nonsense").returncode == 2
    assert listener("status", "--config", str(tmp_path / "none.yaml")).returncode == 2
    assert listener("try", "a AND", "-", given="").returncode == 2


def test_check_finds_what_does_not_answer(world: World, heard: Path, tmp_path: Path) -> None:
    done = listener("check", "--config", str(heard))
    assert done.returncode == 0, done.stdout
    world.fail("/blog", 500)
    try:
        done = listener("check", "--config", str(heard))
    finally:
        world.fail("/blog", None)
    assert done.returncode == 3
    assert "FAIL  werkstatt-blog" in done.stdout


def test_status_for_people_and_programs(heard: Path) -> None:
    text = listener("status", "--config", str(heard)).stdout
    for word in ("werkbank-forum", "werkstatt-blog", "reddit", "last success", "mentions unscored"):
        assert word in text
    state = json.loads(listener("status", "--json", "--config", str(heard)).stdout)
    assert [source["error"] for source in state["sources"]] == [None, None, None]
    assert all(source["last_success"] for source in state["sources"])
    assert state["backlog"]["mentions unscored"] == 0


def test_a_page_of_an_unknown_engine_says_how_sure_the_reading_is() -> None:
    gold = next(one for one in goldens("generic") if "topic" in json.loads(one.read_text(encoding="utf-8")))
    expected = json.loads(gold.read_text(encoding="utf-8"))
    place = (str(gold.with_suffix(".html")), "--url", expected["url"], "--at", expected["at"])
    first = lines(listener("read", *place, "--json").stdout)[0]
    assert first["engine"] == "generic" and 0.5 < first["confidence"] <= 1
    assert "confidence" in listener("read", *place).stdout.splitlines()[0]


def test_read_a_page_by_address_and_from_a_file(world: World, tmp_path: Path) -> None:
    url = f"{world.url}/forum/viewtopic.php?t={world._forum.threads[0].id}"
    done = listener("read", url, "--json")
    posts = lines(done.stdout)
    assert {post["id"] for post in posts} <= {post.id for post in world.truth}
    assert posts
    assert set(posts[0]) >= {"id", "url", "author", "published_at", "edited_at", "title", "text", "quotes"}
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>Nothing to see</p></body></html>")
    done = listener("read", str(page), "--url", "https://f.example/x", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


def test_detect_prints_the_line(world: World) -> None:
    done = listener("detect", f"{world.url}/forum/index.php")
    assert done.returncode == 0, done.stderr
    assert "phpbb" in done.stdout.lower()
    assert "kind: forum" in done.stdout
    done = listener("detect", f"{world.url}/blog/feed", "--json")
    assert "kind: feed" in json.loads(done.stdout)["line"]


def test_try_on_lines_and_on_the_store(heard: Path) -> None:
    given = '{"text": "Der Akkufix ist gut"}\n{"text": "nichts", "title": "Akkufix?"}\n{"text": "nichts"}\n'
    done = listener("try", "akkufix", "-", "--json", given=given)
    assert lines(done.stdout) == [
        {"matched": True, "in": "text", "spans": [[4, 11]]},
        {"matched": True, "in": "title", "spans": []},
        {"matched": False, "in": None, "spans": []},
    ]
    bad = listener("try", "akkufix", "-", "--json", given='{"text": "x"}\n{broken\n')
    assert bad.returncode == 2
    assert "2" in bad.stderr
    odd = listener("try", "akkufix", "-", "--json", given='\ufeff{"text": "a\u2028b\x85Akkufix"}\n')
    assert lines(odd.stdout) == [{"matched": True, "in": "text", "spans": [[4, 11]]}]
    done = listener("try", "bohrwerk", "--config", str(heard))
    assert "stored posts match" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("detect", "http://[::1"), "`http://[::1` is no web address"),
        (("try", "akkufix", "deep.jsonl"), "deep.jsonl:1: this is no JSON object"),
        (("evaluate", "deep.jsonl"), "deep.jsonl:1: not a labelled row"),
        (("try", "akkufix", "none.jsonl"), "none.jsonl:1: `text` is missing"),
        (("correct", "9" * 30, "negative"), "Invalid value"),
    ],
)
def test_odd_arguments_get_a_line_and_no_traceback(
    tmp_path: Path, arguments: tuple[str, ...], part: str
) -> None:
    (tmp_path / "deep.jsonl").write_text('{"a":' * 100_000)
    (tmp_path / "none.jsonl").write_text("{}")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "listener", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert part in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("run --config {config} >&-", 0, ""),
        ("try akkufix - <&- >&-", 0, ""),
        ("status --config {config} >/dev/full", 1, "listener: the output cannot be written: No space"),
        (
            "export mentions --config {config} >/dev/full",
            1,
            "listener: the output cannot be written: No space",
        ),
        ("export mentions --config {config} | true", 0, ""),
        ("export mentions --config {config} >/dev/null", 0, ""),
    ],
)
def test_odd_streams(heard: Path, command: str, code: int, said: str) -> None:
    line = f"exec {sys.executable} -m listener " if "|" not in command else f"{sys.executable} -m listener "
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}  # what programs read is UTF-8 all the same
    done = subprocess.run(
        line + command.format(config=heard), shell=True, cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip()[: len(said) or None]) == (code, said)


def test_why_names_the_reason(world: World, heard: Path) -> None:
    from storage import Storage

    with Storage(f"sqlite:///{heard.parent / 'listener.db'}") as storage:
        row = next(row for row in storage.export("mentions") if row["matched_in"] == "text")
    done = listener("why", row["url"], "--config", str(heard))
    assert done.returncode == 0, done.stderr
    assert f"{row['product']}: a mention: „" in done.stdout
    assert "no mention: the query" in done.stdout
    assert listener("why", "https://nowhere.example/1", "--config", str(heard)).returncode == 1


def test_export_in_three_forms(heard: Path, tmp_path: Path) -> None:
    done = listener("export", "mentions", "--config", str(heard))
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    done = listener("export", "mentions", "--format", "jsonl", "--config", str(heard))
    assert len(lines(done.stdout)) == len(table) > 20
    out = tmp_path / "daily.parquet"
    assert (
        listener(
            "export", "daily", "--format", "parquet", "--out", str(out), "--config", str(heard)
        ).returncode
        == 0
    )
    import pyarrow.parquet as pq

    assert pq.read_table(out).num_rows > 60


def test_evaluate_prints_figures_and_writes_predictions(tmp_path: Path) -> None:
    rows = [
        {
            "text": "Der Akkufix ist super.",
            "target": "Akkufix",
            "start": 4,
            "end": 11,
            "label": "positive",
            "lang": "de",
        },
        {
            "text": "Akkufix broke after a week.",
            "target": "Akkufix",
            "start": 0,
            "end": 7,
            "label": "negative",
            "lang": "en",
        },
    ]
    file = tmp_path / "rows.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    predictions = tmp_path / "predictions.jsonl"
    done = listener("evaluate", str(file), "--predictions", str(predictions), "--json")
    report = json.loads(done.stdout)
    assert report["n"] == 2
    assert {"accuracy", "macro_f1", "ece"} <= set(report)
    judged = lines(predictions.read_text("utf-8"))
    assert len(judged) == 2
    assert set(judged[0]) >= {"label", "p_negative", "p_neutral", "p_positive"}
    assert listener("evaluate", str(file)).returncode == 0


def test_a_correction_outlives_a_rescoring(heard: Path) -> None:
    from storage import Storage

    with Storage(f"sqlite:///{heard.parent / 'listener.db'}") as storage:
        row = next(row for row in storage.export("mentions") if row["label"] == "negative")
    done = listener("correct", str(row["mention_id"]), "positive", "--config", str(heard))
    assert done.returncode == 0, done.stderr
    listener("rematch", "--config", str(heard))
    with Storage(f"sqlite:///{heard.parent / 'listener.db'}") as storage:
        (now,) = [
            r
            for r in storage.export("mentions")
            if (r["post_id"], r["product"]) == (row["post_id"], row["product"])
        ]
    assert (now["label"], bool(now["corrected"])) == ("positive", True)


def test_digest_to_files_and_demo(heard: Path, tmp_path: Path) -> None:
    done = listener("digest", "--out", str(tmp_path / "mail"), "--config", str(heard))
    assert done.returncode == 0, done.stderr
    assert {file.name for file in (tmp_path / "mail").iterdir()} == {
        "digest.eml",
        "digest.html",
        "digest.txt",
    }
    assert "Akkufix" in (tmp_path / "mail" / "digest.txt").read_text("utf-8")
    for day in ("0001-01-01", "9999-12-31"):
        done = listener("digest", "--day", day, "--out", str(tmp_path / "none"), "--config", str(heard))
        assert done.returncode == 2
        assert f"--day: {day} is no day to report on; write one from 1990-01-01 to" in done.stderr


def test_demo_twice(tmp_path: Path) -> None:
    for _ in range(2):
        done = listener("demo", "--out", "shown", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "mentions" in done.stdout
        for name in ("listener.db", "digest.eml", "digest.html", "digest.txt"):
            assert (tmp_path / "shown" / name).stat().st_size > 0
            assert str(Path("shown") / name) in done.stdout


def test_forget_erases_an_author(world: World, heard: Path) -> None:
    author = next(post.author for post in world.truth if post.author and post.source == "werkbank-forum")
    done = listener("forget", "--author", author, "--config", str(heard))
    assert done.returncode == 0
    count = sum(post.author == author for post in world.truth)
    assert f"{count} posts erased" in done.stderr
