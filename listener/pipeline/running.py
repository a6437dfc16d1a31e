"""run: all steps once, each safe to repeat; what one source does leaves the others alone."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from listener.errors import SentimentError
from listener.pipeline.aggregating import aggregate
from listener.pipeline.collecting import Outcome, collect
from listener.pipeline.digesting import send_digests
from listener.pipeline.hall import Hall, lock
from listener.pipeline.rematching import rematch
from listener.pipeline.scoring import score

log = logging.getLogger("listener.run")
OK, FAILED, SOME_FAILED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run went: exit code, a line for each problem, one sentence for people."""

    code: int
    problems: tuple[str, ...]
    summary: str


def run(hall: Hall) -> RunReport:
    """collect, score, aggregate, digest, retention; LockedError if another run is at work."""
    with lock(hall.config.lock_path):
        if resumed := hall.storage.resume(hall.clock()):
            log.info("sources=%d were not finished by the run before and are due", resumed)
        number = hall.storage.start_run(hall.clock(), os.getpid(), socket.gethostname())
        report = _steps(hall)  # a run that ends by an error stays open: the next one resumes it
        hall.storage.finish_run(number, hall.clock(), report.code, "\n".join(report.problems))
        return report


def _steps(hall: Hall) -> RunReport:
    rematch(hall)
    outcomes = collect(hall)
    scored, problems = _scored(hall)
    days = aggregate(hall)
    sent = 0
    if not hall.stop.is_set():
        deliveries = send_digests(hall)
        sent, problems = deliveries.sent, [*problems, *deliveries.failed]
        hall.storage.prune(hall.clock(), hall.config.keep_posts, hall.config.keep_mentions)
    if hall.stop.is_set():
        problems.append("stopped by a signal; the next run goes on where this one ended")
    failed = [str(outcome.error) for outcome in outcomes if outcome.error]
    code = FAILED if problems else SOME_FAILED if failed else OK
    return RunReport(code, (*failed, *problems), _summary(outcomes, scored, days, sent))


def _scored(hall: Hall) -> tuple[int, list[str]]:
    """A model that cannot be loaded leaves mentions unscored; the other steps go on."""
    try:
        return score(hall), []
    except SentimentError as error:
        return 0, [f"mentions stay unscored: {error}"]


def _summary(outcomes: Sequence[Outcome], scored: int, days: int, sent: int) -> str:
    new = sum(outcome.new for outcome in outcomes)
    mentions = sum(outcome.mentions for outcome in outcomes)
    return (
        f"{len(outcomes)} sources asked, {new} new posts, {mentions} mentions, {scored} scored, "
        f"{days} product days rebuilt, {sent} digests sent"
    )
