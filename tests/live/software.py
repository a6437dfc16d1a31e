"""Real forum software on loopback, started by the scripts that lie beside the recorded pages."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PATIENCE = 180  # seconds for the installation and the start
SKIPPED: list[str] = []  # said loudly at the end of the tests
RUN = """
import django, json, runpy, sys
django.setup()
command = runpy.run_path(sys.argv[1])[sys.argv[2]]
print(json.dumps(command(**json.loads(sys.argv[3]))))
"""


@dataclass(frozen=True)
class Software:
    """A forum that runs: `tell` has its own program do something, `asked` is what it was asked for over HTTP."""

    url: str
    log: Path
    python: Path
    script: Path
    folder: Path
    environ: Mapping[str, str]

    def tell(self, command: str, **values: Any) -> Any:
        """Run a command of `in_NAME.py` in the software's own Python; what it prints."""
        done = subprocess.run(
            [str(self.python), "-c", RUN, str(self.script), command, json.dumps(values)],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    def asked(self) -> list[str]:
        """The requests that its own log counts, from the first on."""
        return re.findall(
            r'"(?:GET|HEAD|POST) (\S+) HTTP', self.log.read_text(encoding="utf-8", errors="replace")
        )


def skip(reason: str) -> None:
    """Leave the tests out, and say so."""
    said = " ".join(reason.split())
    SKIPPED.append(said)
    pytest.skip(said)


def script(shared: Path, name: str) -> Path:
    """A start script; without the folder the tests are left out."""
    found = shared / "real/live" / name
    if not found.is_file():
        skip(f"{name} is missing beside the recorded pages: no real forum software was read")
    return found


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def kept(folder: Path, *stale: str) -> Iterator[Path]:
    """A folder that is kept from run to run, for one run at a time; what is `stale` in it goes first."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in stale:
            shutil.rmtree(folder / name, ignore_errors=True)
            if (folder / name).is_file():
                (folder / name).unlink()
        yield folder


@contextmanager
def started(
    start: Path, port: int, folder: Path, *more: str, installed: str, environ: Mapping[str, str]
) -> Iterator[Path]:
    """Run a start script in `folder` until the block ends; its log. `installed`: a file of the installation."""
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["bash", str(start), str(port), str(folder), *more],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    try:
        _wait(process, port, folder, log, installed)
        yield log
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path, log: Path, installed: str) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace")[-1500:]
    if not (folder / installed).exists():
        shutil.rmtree(folder / "venv", ignore_errors=True)
        skip(f"the forum software could not be installed: {said[-300:]}")
    pytest.fail(f"the forum software did not start:\n{said}")
