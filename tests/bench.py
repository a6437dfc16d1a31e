"""`make bench`: what the parts cost beside a floor that is measured in the same minute.

Floor and product run in turn, ROUNDS times; CPU time of this process (of the child for start-up). A ratio whose
spread exceeds UNSETTLED is printed as unsettled, not as passed. Figures never fail the run.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from tests import bench_match, bench_sentiment, bench_store

Part = tuple[str, Callable[[], object], Callable[[], object], float | None]
ROUNDS = 5
UNSETTLED = 1.5
AT = datetime(2026, 3, 10, tzinfo=UTC)


def main() -> None:
    """Measure all parts and print a line for each."""
    print(f"{'part':<55} {'ratio':>7} {'min':>7} {'max':>7} {'goal':>6}  verdict")
    for name, floor, product, goal in parts():
        ratios = [_ratio(floor, product) for _ in range(ROUNDS)]
        print(_line(name, ratios, goal), flush=True)


def parts() -> Iterator[Part]:
    """Name, floor, product, and the highest ratio that is good (None: for information)."""
    yield from bench_match.parts()
    yield from bench_store.parts()
    yield from bench_sentiment.parts()
    yield from _pages()
    yield from _starts()


def _ratio(floor: Callable[[], object], product: Callable[[], object]) -> float:
    return _cost(product) / _cost(floor)


def _cost(work: Callable[[], object]) -> float:
    """CPU seconds, those of finished children included."""
    began, children = time.process_time(), _children()
    work()
    return time.process_time() - began + _children() - children


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _line(name: str, ratios: list[float], goal: float | None) -> str:
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    settled = high / low <= UNSETTLED
    verdict = "" if goal is None else "ok" if middle <= goal else "over"
    words = verdict if settled else f"unsettled {verdict and f'({verdict})'}".strip()
    shown = "-" if goal is None else f"{goal:.3g}"
    return f"{name:<55} {middle:7.3g} {low:7.3g} {high:7.3g} {shown:>6}  {words}"


def _pages() -> Iterator[Part]:
    """Readers beside the bare parse of the same bytes, on the pages of the demo's world."""
    import feedparser
    from selectolax.lexbor import LexborHTMLParser

    from collectors import feed
    from collectors.engines import phpbb
    from collectors.reading import Page
    from listener.demo import World

    with World(AT) as world:
        addresses = [f"{world.url}/forum/viewtopic.php?t={thread.id}" for thread in world._forum.threads]
        bodies = [(address, urlopen(address).read()) for address in addresses]
        rss = urlopen(f"{world.url}/blog/feed").read()
    rounds = range(20)
    assert sum(len(phpbb.topic(Page(body, url, AT)).posts) for url, body in bodies) > 50
    yield (
        "pages: phpBB topic / bare selectolax parse",
        lambda: [LexborHTMLParser(body).html for _ in rounds for _, body in bodies],
        lambda: [phpbb.topic(_fresh(body, url, number)) for number in rounds for url, body in bodies],
        None,
    )
    assert len(feed.topic(Page(rss, "https://blog.example/feed", AT)).posts) == len(
        feedparser.parse(rss).entries
    )
    yield (
        "feeds: our reader / feedparser as it comes",
        lambda: [feedparser.parse(rss) for _ in rounds],
        lambda: [feed.topic(_fresh(rss, "https://blog.example/feed", number)) for number in rounds],
        1.0,
    )


def _fresh(body: bytes, url: str, number: int) -> object:
    """A page of its own each time: what is remembered of a page must not help."""
    from collectors.reading import Page

    return Page(body + b"\n" * number, url, AT)


def _starts() -> Iterator[Part]:
    """Commands beside a bare Python."""
    python = [sys.executable, "-c", ""]
    help_ = [sys.executable, "-m", "listener", "--help"]
    yield "start: --help / bare Python", lambda: _call(python), lambda: _call(help_), 10.0
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        _call([sys.executable, "-m", "listener", "init", str(config)])
        status = [sys.executable, "-m", "listener", "status", "--config", str(config)]
        _call(status)
        yield "start: status / bare Python", lambda: _call(python), lambda: _call(status), 35.0


def _call(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
