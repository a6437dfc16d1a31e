"""Commands that look: status, export, read, detect, try, why, evaluate; and a person's corrections."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from listener.cli.common import hall, shown, table, with_config, with_json, with_log
from listener.errors import ConfigError, Problem

if TYPE_CHECKING:
    from listener.model import Label, Post


@click.command()
@with_config
@with_json
def status(path: Path, as_json: bool) -> int:
    """Show the sources, the backlog of each step, and which digest went to whom."""
    from listener import pipeline

    with hall(path) as opened:
        state = pipeline.status(opened)
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, default=_plain))
    else:
        click.echo(_status_text(state))
    return 0


def _status_text(state: Mapping[str, Any]) -> str:
    sources = [
        (
            s["name"],
            s["kind"],
            s["last_success"] or "never",
            "ended" if s["ended"] else s["next_due"] or "-",
            _percent(s["coverage"]),
            s["past"],
        )
        for s in state["sources"]
    ]
    header = ("source", "kind", "last success", "next due", "heard, 7 days", "the past")
    steps = [(name, count) for name, count in state["backlog"].items()]
    sent = [(d["digest"], d["day"], d["recipient"], d["state"], d["error"] or "") for d in state["digests"]]
    failed = "\n".join(f"  {s['name']}: {shown(s['error'])}" for s in state["sources"] if s["error"])
    noticed = "\n".join(
        f"  {s['name']}, {s['noticed']}: {shown(s['notice'])}" for s in state["sources"] if s["notice"]
    )
    waiting = "\n".join(f"  {shown(r['product'])}: {r['done']:.0%}" for r in state["rematch"])
    parts = [
        f"{state['posts']} posts, {state['mentions']} mentions in {state['store']}; times are UTC",
        table(sources, header, right=(4,)),
        *([f"failed:\n{failed}"] if failed else []),
        *([f"noticed:\n{noticed}"] if noticed else []),
        table(steps, ("to do", "count"), right=(1,)),
        *([f"to rematch:\n{waiting}"] if waiting else []),
        table(sent, ("digest", "day", "to", "state", "error")) if sent else "no digest sent yet",
    ]
    return "\n\n".join(parts)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


@click.command()
@with_config
@click.argument("view", type=click.Choice(["mentions", "daily", "coverage"]))
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet", "jsonl"]), default="csv", show_default=True
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The file; without it: stdout.")
def export(path: Path, view: str, form: str, out: Path | None) -> int:
    """Write a view to a file for a spreadsheet or a program."""
    from listener import exports

    if out is None and form == "parquet":
        raise click.UsageError("parquet needs --out FILE")
    with hall(path) as opened:
        rows = exports.write(opened.storage.export(view), form, out)
    if out is not None:
        click.echo(f"{rows} rows written to {out}", err=True)
    return 0


@click.command()
@click.argument("place", metavar="FILE|URL")
@click.option("--url", help="The page's own address (for a file).")
@click.option(
    "--at", help="The instant the page was fetched, for `today` and `5 minutes ago` (default: now)."
)
@click.option("--timezone", "zone", help="The zone of times the page shows without one.")
@click.option("--content-type", default="", help="The Content-Type it was served with, if known.")
@with_json
def read(
    place: str, url: str | None, at: str | None, zone: str | None, content_type: str, as_json: bool
) -> int:
    """Show the posts of one page, feed or API answer, from a file or an address."""
    from listener import pipeline

    instant = _instant(at) if at else None
    topic = pipeline.read_place(place, url=url, at=instant, zone=zone, content_type=content_type)
    unsure = {"confidence": topic.confidence} if topic.engine == "generic" else {}
    if unsure and not as_json:
        click.echo(f"no engine known here; read by the page's shape, confidence {topic.confidence:.2f}")
    for post in topic.posts:
        if as_json:
            line = {**_post(post), "engine": topic.engine, **unsure}
            click.echo(json.dumps(line, ensure_ascii=False, default=_plain))
        else:
            when = _plain(post.published_at) if post.published_at else "at an unknown time"
            click.echo(f"{post.id}  {shown(post.author or '?')}, {when}\n    {shown(post.text, 200)}")
    return 0


def _post(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "url": post.url,
        "author": post.author,
        "published_at": post.published_at,
        "date_precision": post.date_precision,
        "edited_at": post.edited_at,
        "title": post.title,
        "text": post.text,
        "quotes": [{"author": quote.author, "text": quote.text} for quote in post.quotes],
        "thread_url": post.thread_url,
        "language": post.language,
        "votes": post.votes,
        "replies": post.replies,
        "facts": dict(post.facts),
        "deleted": post.deleted,
    }


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise click.UsageError(f"--at: `{text}` is no instant; write 2026-10-01T08:15:00+02:00") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.command()
@click.argument("url")
@with_json
@click.option("--contact", default="", help="Your mail address for the User-Agent.")
def detect(url: str, as_json: bool, contact: str) -> int:
    """Find out what a site is, what can be read, and the line for the configuration."""
    from listener import pipeline

    found = pipeline.detect(url, contact=contact)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=_plain))
        return 0
    for key, value in found.items():
        if key not in ("line", "options") and value not in (None, "", [], ()):
            rows = value if isinstance(value, list) else [value]
            told = [str(row["words"] if isinstance(row, dict) else row) for row in rows]
            listed = "\n            ".join(told)
            click.echo(f"{key + ':':<12}{listed}")
    if found.get("line"):
        click.echo(f"\nsources:\n  {found['line']}")
    return 0


@click.command(name="try")
@click.argument("query")
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@with_config
@with_json
@click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True,
    help="How many hits of the store to show.",
)  # fmt: skip
@click.option("--explain", is_flag=True, help="Show how the query is understood, and why texts match or not.")
def try_(query: str, file: Path | None, path: Path, as_json: bool, limit: int, explain: bool) -> int:
    """Hold a query against JSON lines of a file (`-`: stdin), or against the stored posts."""
    from listener import pipeline

    if explain and not as_json:
        _say_understood(query)
    if file is not None:
        rows = pipeline.try_lines(query, _json_lines(file), str(file), explain=explain)
        for number, answer in enumerate(rows, 1):
            told = explain and not as_json
            line = f"\n{number}: {_told(answer)}" if told else json.dumps(answer, ensure_ascii=False)
            click.echo(line)
        return 0
    with hall(path) as opened:
        seen, found = pipeline.try_store(opened, query, explain=explain)
    for hit in found[:limit]:
        click.echo(json.dumps(hit, ensure_ascii=False, default=_plain) if as_json else _hit(hit))
    if not as_json:
        click.echo(
            f"{len(found)} of {seen} stored posts match" + (f", {limit} shown" if len(found) > limit else "")
        )
    return 0


def _hit(hit: Mapping[str, Any]) -> str:
    line = f"[{hit['in']}] {shown(hit['title'], 60)}: {shown(hit['text'], 120)}\n    {hit['url']}"
    return f"{line}\n{_told(hit)}\n" if "explain" in hit else line


def _say_understood(query: str) -> None:
    from listener.query.explaining import Explainer, query_lines

    click.echo("\n".join(query_lines(Explainer(query).query())))


def _told(answer: Mapping[str, Any]) -> str:
    """Why a text matches or not; foreign words in it are made fit for a terminal."""
    from listener.query.explaining import passage_lines

    first, *rest = passage_lines(answer, answer["explain"])
    return "\n".join([first, *(f"  {shown(line, 160)}" for line in rest)])


def _json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        for number, line in enumerate(raw.decode("utf-8-sig").split("\n"), 1):  # U+2028 ends no line
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("not an object")
                yield number, row
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        what = f"this is no JSON object: {error}"
        raise ConfigError([Problem(number, what, 'write {"text": "…"}')], str(file)) from error


@click.command()
@click.argument("url")
@with_config
@with_json
def why(url: str, path: Path, as_json: bool) -> int:
    """Say why a stored post is, or is not, a mention of each product, and how it was judged."""
    from listener import pipeline

    with hall(path) as opened:
        answer = pipeline.why(opened, url)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=_plain))
        return 0
    click.echo(f"{answer['url']}\n{shown(answer['title'])}\n\n{shown(answer['text'], 600)}\n")
    for row in answer["products"]:
        click.echo(f"{row['product']}: {row['reason']}")
    return 0


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write label and probabilities per row.",
)
@with_json
def evaluate(file: Path, predictions: Path | None, as_json: bool) -> int:
    """Measure the sentiment model on labelled rows (JSONL, may be gzipped)."""
    from listener import pipeline

    report = pipeline.evaluate(file, predictions)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return 0
    parts = {"all": report, **report.get("languages", {})}
    rows = [
        (name, part["n"], f"{part['accuracy']:.3f}", f"{part['macro_f1']:.3f}", f"{part['ece']:.3f}")
        for name, part in parts.items()
    ]
    click.echo(
        table(rows, ("language", "rows", "accuracy", "macro-F1", "calibration error"), right=(1, 2, 3, 4))
    )
    click.echo(f"{report['model']}, {report['texts_per_s']:.0f} texts/s")
    return 0


@click.command()
@click.argument("mention_id", type=click.IntRange(1, 2**63 - 1))
@click.argument("label", type=click.Choice(["negative", "neutral", "positive"]))
@with_config
@with_log
def correct(mention_id: int, label: str, path: Path, verbose: int) -> int:
    """Put a person's label on a mention; it outlives every model."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        pipeline.correct(opened, mention_id, cast("Label", label))
    click.echo(f"mention {mention_id} is {label}", err=True)
    return 0


@click.command()
@click.option("--author", help="The author's name as on the site, or the stored pseudonym.")
@click.option("--url", help="The address of one post.")
@click.option("--source", help="Everything of one source.")
@with_config
def forget(author: str | None, url: str | None, source: str | None, path: Path) -> int:
    """Erase posts of an author, an address or a source from the store."""
    from listener import pipeline

    if sum(value is not None for value in (author, url, source)) != 1:
        raise click.UsageError("name one of --author, --url, --source")
    with hall(path) as opened, pipeline.lock(opened.config.lock_path):
        count = pipeline.forget(opened, author=author, url=url, source=source)
    click.echo(f"{count} posts erased", err=True)
    return 0


COMMANDS = (status, export, read, detect, try_, why, evaluate, correct, forget)
