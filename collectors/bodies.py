"""Reading a body off the wire: decoded in bounded steps, never larger than a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from listener.errors import AccessError, TransientError

PLAIN = ("", "identity")
STEP = 65_536


class BodyTooLarge(AccessError):
    """The decoded answer is larger than the limit; what was read of it is in `body`."""

    def __init__(self, limit: int, body: bytes) -> None:
        super().__init__(f"the answer is larger than {limit} bytes when unpacked")
        self.body = body


def read(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """The decoded body; BodyTooLarge above `limit` bytes, whatever the wire carried."""
    body = bytearray()
    for part in _decoded(chunks, encoding.strip().lower(), limit):
        body += part
        if len(body) > limit:
            raise BodyTooLarge(limit, bytes(body[:limit]))
    return bytes(body)


def _decoded(chunks: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    if encoding in PLAIN:
        return iter(chunks)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _inflated(chunks, encoding == "deflate", limit)
    if encoding == "br":
        return _unpacked(chunks, limit)
    raise AccessError(f"the answer came in the encoding {encoding[:20]!r}, which was not asked for")


def _inflated(chunks: Iterable[bytes], deflate: bool, limit: int) -> Iterator[bytes]:
    """Inflate in steps of at most 64 KiB; gzip may consist of several members one after another."""
    inflater: zlib._Decompress | None = None
    wire = 0
    for chunk in chunks:
        wire += len(chunk)
        if wire > limit:
            raise BodyTooLarge(limit, b"")
        while chunk:
            if inflater is None or inflater.eof:
                if inflater is not None and not _is_gzip(chunk):
                    break  # padding after the last member
                inflater = zlib.decompressobj(_window(chunk, deflate))
            yield _step(inflater, chunk)
            chunk = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if inflater is not None and not inflater.eof:
        raise TransientError("the packed answer ended too early")


def _step(inflater: zlib._Decompress, chunk: bytes) -> bytes:
    try:
        return inflater.decompress(chunk, STEP)
    except zlib.error as error:
        raise TransientError(f"the packed answer is damaged: {error}") from error


def _unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Brotli in steps of about 64 KiB."""
    import brotli

    unpacker, wire = brotli.Decompressor(), 0
    for chunk in chunks:
        wire += len(chunk)
        if wire > limit:
            raise BodyTooLarge(limit, b"")
        part = chunk
        while part:
            try:
                part = unpacker.process(chunk, output_buffer_limit=STEP)
            except brotli.error as error:
                raise TransientError(f"the packed answer is damaged: {error}") from error
            chunk = b""  # taken in whole; what it holds comes out step by step
            yield part
    if wire and not unpacker.is_finished():
        raise TransientError("the packed answer ended too early")


def _is_gzip(chunk: bytes) -> bool:
    return chunk[:1] == b"\x1f"


def _window(chunk: bytes, deflate: bool) -> int:
    """zlib's `wbits`: gzip, or for "deflate" zlib or (as some servers send it) raw."""
    if _is_gzip(chunk) or not deflate:
        return zlib.MAX_WBITS | 16
    return zlib.MAX_WBITS if chunk[0] & 0x0F == 8 else -zlib.MAX_WBITS
