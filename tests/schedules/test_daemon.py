"""The daemon with the real APScheduler."""

from __future__ import annotations

import threading
from datetime import timedelta

from schedules import Job, serve


def test_jobs_run_now_and_again_until_stopped_and_one_that_fails_goes_on() -> None:
    stop, ran = threading.Event(), []

    def work() -> None:
        ran.append("work")
        if ran.count("work") >= 2 and ran.count("broken") >= 2:
            stop.set()

    def broken() -> None:
        ran.append("broken")
        raise ValueError("on purpose")

    jobs = [Job("work", work, timedelta(seconds=0.05)), Job("broken", broken, timedelta(seconds=0.05))]
    daemon = threading.Thread(target=serve, args=(jobs, stop))
    daemon.start()
    daemon.join(timeout=20)
    assert not daemon.is_alive()
    assert ran.count("work") >= 2
    assert ran.count("broken") >= 2


def test_a_job_never_runs_beside_itself_and_is_finished_before_serve_returns() -> None:
    stop, busy, beside, done = threading.Event(), threading.Lock(), [], []

    def slow() -> None:
        beside.append(not busy.acquire(blocking=False))
        stop.wait(0.3)
        busy.release()
        done.append(True)

    daemon = threading.Thread(target=serve, args=([Job("slow", slow, timedelta(seconds=0.05))], stop))
    daemon.start()
    threading.Timer(0.8, stop.set).start()
    daemon.join(timeout=20)
    assert not daemon.is_alive()
    assert beside
    assert not any(beside)
    assert len(done) == len(beside)
