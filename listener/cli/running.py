"""Commands that do the work: collect, score, aggregate, digest, run, serve, rematch."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from listener.cli.common import hall, log_to_stderr, stoppable, with_config, with_log

if TYPE_CHECKING:
    from listener.pipeline import Outcome, Rematched, RunReport

TICK = timedelta(seconds=60)
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@with_config
@with_log
@click.option("--source", "only", multiple=True, help="Only this source, due or not; may be repeated.")
def collect(path: Path, verbose: int, only: tuple[str, ...]) -> int:
    """Ask the sources that are due for new posts."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        return _collected(pipeline.collect(opened, only=only or None))


@click.command()
@with_config
@with_log
def score(path: Path, verbose: int) -> int:
    """Judge the mentions that have no sentiment of the present model."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        _say(f"{pipeline.score(opened)} mentions scored")
    return 0


@click.command()
@with_config
@with_log
@click.option("--all", "everything", is_flag=True, help="Rebuild every day, not only those that changed.")
def aggregate(path: Path, verbose: int, everything: bool) -> int:
    """Rebuild the daily series of the days that changed."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        _say(f"{pipeline.aggregate(opened, everything=everything)} product days rebuilt")
    return 0


@click.command()
@with_config
@with_log
@click.option("--day", type=DAY, help="Last day of the digest's period (default: the newest whole one).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write it here; sends nothing.")
@click.option("--every", type=click.Choice(["day", "week", "month"]), default="day", show_default=True,
              help="Which digest to write with --out.")  # fmt: skip
def digest(path: Path, verbose: int, day: datetime | None, out: Path | None, every: str) -> int:
    """Send the digests that are due, or write one to files."""
    from listener import pipeline

    if day is not None and out is None:
        raise click.UsageError("--day goes with --out DIR; digests are sent for the newest period only")
    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        if out is not None:
            for file in pipeline.write_digest(opened, out, day=day.date() if day else None, every=every):
                click.echo(file)
            return 0
        sent = pipeline.send_digests(opened)
    for line in sent.failed:
        click.echo(f"listener: {line}", err=True)
    _say(f"{sent.sent} digests sent")
    return 1 if sent.failed else 0


@click.command()
@with_config
@with_log
def run(path: Path, verbose: int) -> int:
    """Do everything once: collect, score, aggregate, digest (for cron)."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened:
        return _reported(pipeline.run(opened))


@click.command()
@with_config
@with_log
def serve(path: Path, verbose: int) -> int:
    """Run as a daemon until SIGTERM: asks every minute what is due."""
    import threading

    import schedules
    from listener import pipeline
    from listener.cli.common import load
    from listener.errors import ListenerError

    log_to_stderr(max(verbose, 1))
    with stoppable(threading.Event()) as stop:
        config = load(path)

        def once() -> None:
            try:
                with pipeline.open_hall(config, stop=stop) as opened:
                    _reported(pipeline.run(opened))
            except ListenerError as error:
                click.echo(f"listener: {error}", err=True)

        with pipeline.open_hall(config, stop=stop):
            pass  # a store that cannot be opened ends the daemon at once, with its reason
        schedules.serve([schedules.Job("run", once, TICK)], stop)
    return 0


@click.command()
@with_config
@with_log
@click.option("--product", "only", multiple=True, help="Only this product; may be repeated.")
def rematch(path: Path, verbose: int, only: tuple[str, ...]) -> int:
    """Hold the queries against the stored posts again."""
    from listener import pipeline

    with hall(path, verbose=verbose) as opened, pipeline.lock(opened.config.lock_path):
        names = only or tuple(product.name for product in opened.config.products)
        done = pipeline.rematch(opened, names, _progress)
    if done.ended:
        _say(f"{done.found} mentions in {done.of:,} stored posts, {done.withdrawn} withdrawn")
        return 0
    click.echo(
        f"listener: stopped after {done.posts:,} of {done.of:,} posts; goes on there next time", err=True
    )
    return 1


def _progress(done: Rematched) -> None:
    """One line that is written over and over."""
    if sys.stderr.isatty():
        left = f", about {str(done.left).partition('.')[0]} left" if done.left else ""
        said = f"{done.posts:,} of {done.of:,} posts: {done.found} mentions, {done.withdrawn} withdrawn{left}"
        click.echo(f"\r{said:<78}", err=True, nl=done.posts == done.of)


def _say(text: str) -> None:
    """For people only: under cron a run that went well prints nothing."""
    if sys.stdout.isatty():
        click.echo(text)


def _collected(outcomes: list[Outcome]) -> int:
    for outcome in outcomes:
        if outcome.error:
            click.echo(f"listener: {outcome.error}", err=True)
    new = sum(outcome.new for outcome in outcomes)
    _say(f"{len(outcomes)} sources asked, {new} new posts, {sum(o.mentions for o in outcomes)} mentions")
    return 3 if any(outcome.error for outcome in outcomes) else 0


def _reported(report: RunReport) -> int:
    for line in report.problems:
        click.echo(f"listener: {line}", err=True)
    _say(report.summary)
    return report.code


COMMANDS = (run, serve, collect, score, aggregate, digest, rematch)
