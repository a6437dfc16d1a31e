"""Web addresses: which are followed, which count as one host, and what is on the open internet."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading

import httpcore
import httpx

from listener.errors import AccessError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


def is_public(text: str) -> bool:
    """Whether an address belongs to the open internet; addresses that wrap an IPv4 one are judged by it."""
    address = _unwrapped(ipaddress.ip_address(text))
    closed = address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not closed and not site_local


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in SIX_TO_FOUR and address.sixtofour is not None:
        return address.sixtofour
    return address


def resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """All addresses of a name, in the system's order; the resolver's own wait is cut at `timeout`."""
    found: list[str] = []
    failure: list[OSError] = []
    worker = threading.Thread(target=_look_up, args=(host, port, found, failure), daemon=True)
    worker.start()
    worker.join(timeout)
    if worker.is_alive():
        raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time")
    if failure:
        raise httpcore.ConnectError(f"the name {host} cannot be resolved: {failure[0]}") from failure[0]
    return list(found)


def _look_up(host: str, port: int, found: list[str], failure: list[OSError]) -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        failure.append(error if isinstance(error, OSError) else OSError(str(error)))
        return
    found.extend(dict.fromkeys(str(row[4][0]) for row in rows))


def address(url: str) -> httpx.URL:
    """The address without its fragment; AccessError unless it is one of the web."""
    try:
        target = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise AccessError(f"not a web address: {error}") from error
    if not (0 < (target.port or 80) < 65536) or "%" in target.host or " " in target.host:
        raise AccessError("not a web address: no such host or port")
    if target.scheme not in ("http", "https") or not target.host:
        raise AccessError("not a web address: only http:// and https:// are followed")
    return target.copy_with(fragment=None)


def next_address(target: httpx.URL, place: str) -> httpx.URL:
    """The goal of a redirect from `target`."""
    if not place:
        raise AccessError("a redirect without saying where to")
    try:
        goal = address(str(target.join(place)))
        return goal if goal.userinfo or not same_place(target, goal) else _with_login(goal, target)
    except (httpx.InvalidURL, ValueError) as error:
        raise AccessError(f"redirect to something that is not a web address: {error}") from error


def same_place(target: httpx.URL, goal: httpx.URL) -> bool:
    """Whether a log-in for one address may be sent to another: the same host, or its encrypted side."""
    if (target.scheme, target.host, target.port) == (goal.scheme, goal.host, goal.port):
        return True
    upgraded = (target.scheme, target.port, goal.scheme, goal.port) == ("http", None, "https", None)
    return upgraded and target.host == goal.host


def _with_login(goal: httpx.URL, target: httpx.URL) -> httpx.URL:
    if not target.userinfo:
        return goal
    return goal.copy_with(username=target.username, password=target.password)


def lane_key(target: httpx.URL) -> str:
    """What counts as one host: http and https together, other ports apart."""
    return target.host.lower() if target.port in (None, 80, 443) else f"{target.host.lower()}:{target.port}"


def without_login(url: str) -> str:
    """An address without user name and password."""
    try:
        return str(httpx.URL(url).copy_with(username=None, password=None))
    except (httpx.InvalidURL, ValueError):
        return re.sub(r"//[^/?#]*@", "//", url[:200])


SECRET = re.compile(
    r"(?P<name>[?&;](?:\w{0,30}(?:token|secret|passw(?:or)?d|pass(?:key)?|api_?key|auth(?:key)?|signature)"
    r"|feed|user|key|sig|pwd)=)(?P<value>[^&;#\s]+)",
    re.IGNORECASE,
)
_FORMAT = re.compile(
    r"(?:\w+-)?(?:rss2?|rss_?\d+|rdf|atom|json|feed|xml)", re.IGNORECASE
)  # WordPress: ?feed=rss2


def without_secrets(url: str) -> str:
    """An address whose parameters that may be keys of a private page are left out."""
    return SECRET.sub(
        lambda found: found[0] if _FORMAT.fullmatch(found["value"]) else found["name"] + "…", url
    )


def shown(url: str) -> str:
    """An address as logs and errors show it: without user name, password and keys."""
    return without_secrets(without_login(url))
