"""The daemon: runs jobs at intervals until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

log = logging.getLogger("listener.schedules")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to run every so often; it says itself what is due."""

    name: str
    run: Callable[[], object]
    every: timedelta


def serve(jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run each job now and then every `job.every` until `stop` is set; returns when the running ones ended.

    A job never runs twice at once; runs missed while it was busy or the machine slept become one. A job
    that raises is logged and runs again at its next time.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for job in jobs:
        first = datetime.now().astimezone()
        seconds = job.every.total_seconds()
        scheduler.add_job(_guarded(job), "interval", seconds=seconds, next_run_time=first, id=job.name)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)


def _guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.run()
        except BaseException:
            log.exception("job=%s failed, runs again at its next time", job.name)

    return run
