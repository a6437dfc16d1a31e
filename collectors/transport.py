"""An httpx transport that checks the address really connected to and keeps the fetch's deadline."""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Iterable, Iterator

import httpcore
import httpx

from collectors.addresses import is_public, resolve
from listener.errors import AccessError

# at DEBUG it writes the headers of answers: cookies, and the goals of redirects with the keys in them
logging.getLogger("httpcore").setLevel(logging.INFO)


class Fuse(threading.local):
    """The instant (monotonic) at which the fetch of this thread must be over."""

    ends_at: float | None = None

    def left(self, timeout: float | None) -> float | None:
        """The smaller of a timeout and what is left; raises when nothing is left."""
        if self.ends_at is None:
            return timeout
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline of this fetch is over")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A network stream whose every wait ends with the fetch's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._fuse.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._fuse.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, self._fuse.left(timeout)), self._fuse
        )

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Resolves a name, checks every address and connects to a checked one."""

    def __init__(self, fuse: Fuse, allow_private: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._fuse, self._allow_private = fuse, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve(host, port, self._fuse.left(timeout))
        if not self._allow_private:
            _refuse_private(host, addresses)
        return _Stream(self._first(addresses, port, timeout), self._fuse)

    def _first(self, addresses: list[str], port: int, timeout: float | None) -> httpcore.NetworkStream:
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses[:4]:
            try:
                return self._inner.connect_tcp(address, port, self._fuse.left(timeout))
            except (httpcore.NetworkError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")


def _refuse_private(host: str, addresses: list[str]) -> None:
    private = [address for address in addresses if not is_public(address)]
    if private:
        raise AccessError(
            f"{host} is at {private[0]}, which is not on the open internet; "
            "if it is meant, write `allow_private: true` at the source"
        )


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, chunks: Iterable[bytes]) -> None:
        self._response, self._chunks = response, chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self._response.close()


class CheckedTransport(httpx.BaseTransport):
    """httpx over an httpcore pool with the address check; raises httpcore's own network errors."""

    def __init__(self, fuse: Fuse, *, allow_private: bool) -> None:
        self._pool = httpcore.ConnectionPool(
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=_Backend(fuse, allow_private),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        inner = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.content,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(inner)
        chunks = answer.stream
        assert isinstance(chunks, Iterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, chunks), request=request
        )

    def close(self) -> None:
        self._pool.close()
