"""The hall: the order of steps, one transaction per batch, isolation of sources; doors to all rooms."""

from listener.pipeline.aggregating import aggregate
from listener.pipeline.checking import check
from listener.pipeline.collecting import Outcome, collect, decide
from listener.pipeline.digesting import Deliveries, build_digest, send_digests, write_digest
from listener.pipeline.hall import Hall, load_config, lock, open_hall, option_types
from listener.pipeline.looking import (
    correct,
    detect,
    evaluate,
    forget,
    read_place,
    status,
    try_lines,
    try_store,
    why,
)
from listener.pipeline.rematching import Rematched, rematch
from listener.pipeline.running import RunReport, run
from listener.pipeline.scoring import score

__all__ = [
    "Deliveries",
    "Hall",
    "Outcome",
    "Rematched",
    "RunReport",
    "aggregate",
    "build_digest",
    "check",
    "collect",
    "correct",
    "decide",
    "detect",
    "evaluate",
    "forget",
    "load_config",
    "lock",
    "open_hall",
    "option_types",
    "read_place",
    "rematch",
    "run",
    "score",
    "send_digests",
    "status",
    "try_lines",
    "try_store",
    "why",
    "write_digest",
]
