"""Spirit's own settings, with a line in its log for each request."""

from __future__ import annotations

from typing import Any

from board.settings import dev

globals().update({name: getattr(dev, name) for name in dir(dev) if name.isupper()})
_loggers: dict[str, Any] = dev.LOGGING["loggers"]
LOGGING = {
    **dev.LOGGING,
    "loggers": {**_loggers, "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
