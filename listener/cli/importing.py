"""import: posts out of a file into the store; feeds out of OPML as lines of the configuration."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from listener.cli.common import hall, load, with_config, with_log

if TYPE_CHECKING:
    from listener.imports import Feeds
    from listener.pipeline.import_report import ImportReport, Wish
    from listener.pipeline.import_rows import Form

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@with_config
@with_log
@click.option("--source", help="Under which name the posts are stored (default: the file's name).")
@click.option("--kind", help="Their channel in the series (default: import).")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl", "parquet", "opml"]), help="If not as it looks."
)
@click.option("--encoding", help="Of a text file, if not as it looks: utf-8, utf-16, cp1252.")
@click.option("--timezone", "zone", help="Of times without a zone (default: the configured one).")
@click.option("--day-first/--month-first", "day_first", default=None, help="How the file writes 03/04/2026.")
@click.option("--html", "words", flag_value="html", help="Texts are HTML.")
@click.option("--markdown", "words", flag_value="markdown", help="Texts are Markdown.")
@click.option("--plain", "words", flag_value="plain", help="Texts are plain (default, but for Reddit's).")
@click.option("--skip-bad", is_flag=True, help="Leave rows out that cannot be read, store the others.")
@click.option("--dry-run", is_flag=True, help="Show what would be stored; store nothing.")
@click.option(
    "--complete", is_flag=True, help="The file holds everything between its oldest and newest post."
)
@click.option("--complete-from", "first", type=DAY, help="It holds everything from this day on.")
@click.option("--complete-until", "last", type=DAY, help="It holds everything up to the end of this day.")
@click.option("--run", "at_once", is_flag=True, help="Score and aggregate at once, not on the next run.")
def import_(
    file: Path, path: Path, verbose: int, source: str | None, kind: str | None, form: str | None,
    encoding: str | None, zone: str | None, day_first: bool | None, words: str | None, skip_bad: bool,
    dry_run: bool, complete: bool, first: datetime | None, last: datetime | None, at_once: bool,
) -> int:  # fmt: skip
    """Store the posts of a file (CSV, JSON lines, Parquet), or show the feeds of an OPML file."""
    from listener.imports import form_of
    from listener.pipeline.import_report import Wish

    form = form or form_of(file)
    wish = Wish(
        file, source, kind, form, encoding, zone, day_first, cast("Form | None", words), skip_bad, dry_run,
        complete, first.date() if first else None, last.date() if last else None,
    )  # fmt: skip
    return _feeds(path, wish) if form == "opml" else _posts(path, wish, verbose, at_once)


def _posts(path: Path, wish: Wish, verbose: int, at_once: bool) -> int:
    from listener import pipeline
    from listener.pipeline.importing import import_file

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        try:
            report = import_file(opened, wish, _progress)
        finally:
            _progress("", 0)
        for line in _report(report, wish, at_once):
            click.echo(line)
        for problem in report.problems:
            click.echo(f"{wish.path}:{problem.line}: left out: {problem}", err=True)
        if at_once and not wish.dry_run:
            click.echo(f"{pipeline.score(opened)} mentions scored")
            click.echo(f"{pipeline.aggregate(opened)} product days rebuilt")
    return 0


def _progress(what: str, count: int) -> None:
    """One line that is written over, for people who wait."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{count:,} {what}" if what else "\r\033[K", err=True, nl=False)


def _report(report: ImportReport, wish: Wish, at_once: bool) -> list[str]:
    names = list(report.sources)
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    span = (
        f", {report.oldest:%Y-%m-%d} to {report.newest:%Y-%m-%d}" if report.oldest and report.newest else ""
    )
    lines = [f"{shown or 'nothing'}: {report.posts:,} posts in {report.rows:,} rows{span}"]
    if report.repeated:
        lines.append(
            f"{report.repeated:,} rows tell of a post that a later row tells of again; the last one counts"
        )
    if report.bad:
        lines.append(f"{report.bad:,} rows left out: they cannot be read")
    if report.undated:
        lines.append(f"{report.undated:,} posts without a date: they are in no series")
    lines.append(_mentions(report))
    if report.saved is None:
        lines.append(f"dry run, nothing was stored; {report.present:,} of these posts are stored already")
    else:
        new, changed = report.saved.new, report.saved.changed
        withheld = report.saved.withheld
        same = report.posts - new - changed - withheld
        lines.append(f"stored: {new:,} new, {changed:,} changed, {same:,} as they were")
        if withheld:
            lines.append(f"{withheld:,} posts left out: erased at their site, or forgotten here")
    lines += _series(report, at_once, wish.dry_run)
    return lines


def _mentions(report: ImportReport) -> str:
    told = ", ".join(f"{product} {count:,}" for product, count in report.mentions.most_common())
    return f"mentions: {told or 'none'}"


def _series(report: ImportReport, at_once: bool, dry_run: bool) -> list[str]:
    """What becomes of the import in `daily`, said so that no figure surprises."""
    lines = []
    if report.covered:
        since, until = report.covered
        lines.append(
            f"complete from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M}: days without a mention are 0"
        )
    elif report.posts:
        lines.append(
            "not said to be complete: mentions are counted, days without one stay unknown (null, not 0), and "
            "nothing is called usual by them; if the file holds all of a time, say --complete"
        )
    if report.closed and report.saved and report.saved.closed_before:
        lines.append(
            f"{report.closed:,} mentions are from before {report.saved.closed_before}: retention has closed "
            "those days, their series stay as they are"
        )
    if report.saved and report.saved.mentions and not at_once:
        lines.append("they are scored and counted on the next run (or at once, with --run)")
    return lines


def _feeds(path: Path, wish: Wish) -> int:
    from listener.imports import lines
    from listener.pipeline.importing import import_opml

    found = import_opml(wish, _configured(path))
    if found.feeds:
        click.echo("sources:")
    for line in lines(found.feeds):
        click.echo(line)
    for line in _told(found):
        click.echo(line, err=True)
    return 0


def _configured(path: Path) -> tuple[object, ...]:
    """The sources of the configuration, where there is one: an OPML file is often the first step."""
    given = click.get_current_context().get_parameter_source("path")
    if not path.exists() and given == click.core.ParameterSource.DEFAULT:
        return ()
    return load(path).sources


def _told(found: Feeds) -> list[str]:
    lines = [f"{len(found.feeds)} feeds; put the lines into the configuration, then: listener check"]
    lines += [f"left out, configured already: {one}" for one in found.configured]
    lines += [f"left out, no web address: {one}" for one in found.not_web]
    if found.twice:
        lines.append(f"left out, in the file twice: {found.twice}")
    lines += [
        f"the address of {feed.name} looks like a key to it; it is printed as your file has it. "
        "Keep it out of shared files: write ${NAME} in its place and set NAME in the environment"
        for feed in found.feeds
        if feed.secret
    ]
    return lines


COMMANDS = (import_,)
