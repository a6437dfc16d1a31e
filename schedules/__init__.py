"""When things happen: pure reckoning of due times, and the daemon; never knows what it runs."""

from __future__ import annotations

from schedules.daemon import Job, serve
from schedules.due import Period, last_period, next_due

__all__ = ["Job", "Period", "last_period", "next_due", "serve"]
