"""`make bench`: what the parts cost beside a floor that is measured in the same moment.

Floor and product in turn, ROUNDS times, on made data; CPU time of this process and its children.
Results that can be compared are compared first: a difference ends the run. Figures never fail it.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from itertools import chain
from operator import eq
from pathlib import Path
from typing import Any

import feedparser
from lxml.etree import XML, XMLSyntaxError

from collectors import feed
from collectors.reading import Page
from listener.model import LABELS
from tests import bench_forum, bench_match, bench_networks, bench_pages, bench_sentiment, bench_store
from tests.bench_pages import SHARED

Part = tuple[str, Callable[[], Any], Callable[[], Any], float | None]
ROUNDS = 5
UNSETTLED = 1.5  # the highest ratio over the lowest
SHORTEST = 0.2  # seconds of CPU of a round; short works are repeated, still in turn, until it is full
AT = datetime(2026, 3, 10, tzinfo=UTC)
POSTS = 12_000  # stored, for touched days: the fewer are stored, the more weighs what each question costs
FEEDS, ENTRIES = 8, 30
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>Tests</title><link>https://blog.example/</link>{}</channel></rss>',
    "<item><title>{title}</title><link>{link}</link><guid>{link}</guid><pubDate>{rfc}</pubDate><description>{short}</description><c:encoded>{text}</c:encoded></item>",
)
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Tests</title><updated>2026-03-09T08:00:00Z</updated>{}</feed>',
    '<entry><id>{link}</id><title>{title}</title><link href="{link}"/><published>{iso}</published><updated>{iso}</updated><author><name>Eva</name></author><content type="html">{text}</content></entry>',
)
WORDS = (
    *("Akku", "Gerät", "Händler", "Woche", "Preis", "läuft", "prüft", "kostet"),
    *("leider", "wieder", "über", "für", "und", "nicht", "the", "battery"),
)
NOTES = """Pages are recorded ones where they lie beside the project, else those made for the tests (small: fixed costs weigh more).
Skipped: the whole chain (its world would share the measured process), HTTP (wall clock), PostgreSQL."""


def main() -> None:
    """Measure all parts and print a line for each."""
    began = time.monotonic()
    print(f"{'part':<48}{'median ratio':>13}{'min-max':>16}{'goal':>7}  verdict")
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # the stores that the parts make go with it
        for name, floor, product, goal in parts():
            _compare(name, floor, product)
            ratios = [_ratio(floor, product) for _ in range(ROUNDS)]
            print(_line(name, ratios, goal), flush=True)
        for name, ratio, goal in chain(
            bench_match.figures(), bench_forum.figures(), bench_networks.figures()
        ):
            print(_line(name, [ratio], goal), flush=True)
    print(*bench_match.lines(), sep="\n")
    print(NOTES, f"{time.monotonic() - began:.0f} s in all", sep="\n")


def parts() -> Iterator[Part]:
    """Name, floor, product, and the highest ratio that is good (None: for information)."""
    yield from bench_match.parts()
    yield from bench_store.parts()
    yield _touched()
    yield from bench_sentiment.parts()
    yield from _feeds()
    yield from bench_pages.parts()
    yield from _starts()


def _compare(name: str, floor: Callable[[], Any], product: Callable[[], Any]) -> None:
    """One unmeasured round; where the two do the same, the results must agree and hold something."""
    expected, found = floor(), product()
    agree = {
        "save_batch": eq,
        "touched": eq,
        "sentiment:": lambda a, b: [LABELS[int(one[0][0].argmax())] for one in a] == [one.label for one in b],
        "feeds:": _same_entries,
    }
    if not expected or not found or not agree.get(name.split()[0], lambda *_: True)(expected, found):
        raise SystemExit(f"{name}: the results differ, or there are none")


def _same_entries(expected: Any, found: Any) -> bool:
    """Titles and instants in the feeds' order."""
    seen = [
        [(e.title, datetime(*e.published_parsed[:6], tzinfo=UTC)) for e in one.entries] for one in expected
    ]
    return seen == [[(post.title, post.published_at) for post in one.posts] for one in found]


def _ratio(floor: Callable[[], object], product: Callable[[], object]) -> float:
    """CPU of the product over CPU of the floor, those of finished children included."""
    costs = {floor: 0.0, product: 0.0}
    while sum(costs.values()) < SHORTEST:
        for work in costs:
            began = _used()
            work()
            costs[work] += _used() - began
    return costs[product] / costs[floor]


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _line(name: str, ratios: list[float], goal: float | None) -> str:
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    verdict = "-" if goal is None else "ok" if middle <= goal else "over"
    verdict = "unsettled" if high / low > UNSETTLED else verdict
    span, wanted = f"{low:.3g}-{high:.3g}", "-" if goal is None else f"{goal:.3g}"
    return f"{name:<48}{middle:>13.3g}{span:>16}{wanted:>7}  {verdict}"


def _touched() -> Part:
    """The three latest days out of all: the same rows, asked for alone or picked from everything."""
    store = bench_store.opened(Path(tempfile.mkdtemp(prefix="listener-bench-")) / "touched.db")
    bench_store.save_all(store, bench_store.made(POSTS))
    everything = store.touched_days()
    latest = sorted({cell.day for cell in everything})[-3:]
    wanted = [cell for cell in everything if cell.day in latest]
    return (
        "touched days / all days",
        lambda: [row for row in store.cells(everything) if row["day"] in latest],
        lambda: store.cells(wanted),
        1 / 50,
    )


def _feeds() -> Iterator[Part]:
    """Half RSS, half Atom; more feeds than a reader remembers pages. Recorded ones where they are there."""
    chance = random.Random(7)
    bodies = [_feed(chance, *(RSS, ATOM)[number % 2]).encode() for number in range(FEEDS)]
    pages = [Page(body, f"https://blog{number}.example/feed", AT) for number, body in enumerate(bodies)]
    read = partial(_read_all, pages)
    yield "feeds: our reader / feedparser as it comes", partial(_parse_all, pages), read, 1.0
    recorded = _recorded_feeds()
    if recorded:
        read = partial(_read_all, recorded)
        yield "recorded feeds / feedparser as it comes", partial(_parse_all, recorded), read, 1.0
        yield "recorded feeds / lxml's bare parse", lambda: [XML(page.body) for page in recorded], read, 3.0


def _parse_all(pages: Sequence[Page]) -> list[Any]:
    return [feedparser.parse(page.body) for page in pages]


def _read_all(pages: Sequence[Page]) -> list[Any]:
    return [feed.topic(page) for page in pages]


def _recorded_feeds() -> list[Page]:
    """The recorded feeds that lxml can parse."""
    pages = []
    for path in sorted((SHARED / "real" / "feeds").glob("*.*")):
        with suppress(XMLSyntaxError):
            if path.suffix not in (".tsv", ".json") and len(XML(path.read_bytes())):
                pages.append(Page(path.read_bytes(), "https://blog.example/feed", AT))
    return pages


def _feed(chance: random.Random, frame: str, entry: str) -> str:
    """Full texts of five paragraphs with link, emphasis and picture, as blogs publish them: about 70 KB."""
    said, entries = partial(chance.choices, WORDS), ""
    for number in range(ENTRIES):
        at, title, short = AT - timedelta(hours=7 * number + 1), " ".join(said(k=6)), " ".join(said(k=20))
        extra = f'<a href="/{number}">mehr</a> <em>{" ".join(said(k=2))}</em> <img src="/b.jpg" alt="">'
        text = escape("".join(f"<p>{' '.join(said(k=45))} {extra}</p>" for _ in range(5)))
        facts = {"link": f"https://blog.example/{number}/", "rfc": format_datetime(at), "iso": at.isoformat()}
        entries += entry.format(title=title, short=short, text=text, **facts)
    return frame.format(entries)


def _starts() -> Iterator[Part]:
    """Commands beside a bare Python."""
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    bare, listener = [sys.executable, "-c", ""], [sys.executable, "-m", "listener"]
    yield "start: --help / bare Python", lambda: run(bare), lambda: run([*listener, "--help"]), 10.0
    config = str(Path(tempfile.mkdtemp()) / "config.yaml")
    run([*listener, "init", config])
    status = [*listener, "status", "--config", config]
    yield "start: status / bare Python", lambda: run(bare), lambda: run(status), 35.0


if __name__ == "__main__":
    main()
