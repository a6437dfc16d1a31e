"""What waits between reading a file and storing it: chunks on the disk, and which row is which post."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from typing import Any

from listener.errors import Problem, StorageError
from listener.model import Post


class Spool:
    """Chunks on the disk instead of in memory; nobody else can read them, and they end with the program."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the with around it)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunk: object) -> None:
        """One more chunk."""
        try:
            pickle.dump(chunk, self._file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise StorageError(
                f"{tempfile.gettempdir()} has no room: {error.strerror}; nothing was stored"
            ) from error

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return


class Seen:
    """Which post each row is, in 24 bytes a row: a later row of the same post counts."""

    def __init__(self) -> None:
        self._keys, self._tellers, self._lines = array("Q"), array("Q"), array("Q")

    def add(self, source: str, post: Post, line: int) -> None:
        """The next row."""
        self._keys.append(_number(source, post.id))
        teller = _number(post.author or "", str(post.published_at)) if post.id.startswith("url-") else 0
        self._tellers.append(teller)
        self._lines.append(line)

    def left_out(self) -> tuple[set[int], int, list[Problem]]:
        """Rows that do not count, how many of these come again, and strangers at one address as faults."""
        out: set[int] = set()
        repeated, faults = 0, list[Problem]()
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        for _, group in groupby(order, key=self._keys.__getitem__):
            first, *others = group
            strangers = [row for row in others if self._tellers[row] != self._tellers[first]]
            for row in strangers:
                what = f"the address of line {self._lines[first]}, but another author or date"
                write = "add a column `id`, or call the thread's address `thread_url`"
                faults.append(Problem(self._lines[row], what, write))
            same = [first, *(row for row in others if row not in set(strangers))]
            repeated += len(same) - 1
            out |= {*strangers, *same[:-1]}
        return out, repeated, faults


def _number(*parts: str) -> int:
    said = "\x1f".join(parts).encode("utf-8", "replace")
    return int.from_bytes(blake2b(said, digest_size=8).digest())
