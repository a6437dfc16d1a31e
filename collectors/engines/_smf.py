"""What SMF 1.1 to 2.1 have in common: addresses, paging, listings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import instant
from collectors.engines._shown import Moment, above, current, digits, lines, moment, page_links, same_host
from collectors.links import clean, count, distinct, href, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from listener.errors import ParseError


@dataclass(frozen=True)
class Board:
    """One page of a board: its script's address ("" if unknown), its own, and the topic's number on it."""

    page: Page
    tree: LexborHTMLParser
    script: str
    here: str
    topic: str

    def url(self, query: str) -> str:
        """The address of a query; "" where the board's script is not known."""
        return f"{self.script}?{query}" if self.script else ""


_TOPIC = re.compile(r"topic[=,](\d{1,12})(?:\.|;|&|$)")


def board(page: Page) -> Board:
    """The page with the board's script and the topic it belongs to; its own address mostly tells both."""
    tree = html(page)
    here = re.sub(r"[?;&](?:PHPSESSID|sesc)=[^;&#]*$", "", clean(page.url))
    number, script = _topic_of(page.url), _script_of(page.url, page.url)
    if not number or not script:
        canonical = href(tree.css_first("link[rel=canonical]"))
        number = number or _topic_of(canonical) or _marked_topic(tree)
        script = script or _script_of(canonical, page.url) or _said_script(page)
    return Board(page, tree, script, here, number)


def _topic_of(link: str) -> str:
    found = _TOPIC.search(link)
    return found[1] if found else ""


def _marked_topic(tree: LexborHTMLParser) -> str:
    """The topic that a page's buttons belong to."""
    marks = tree.css('form[action*="topic"], a[href*="action=printpage"], a[href*="prev_next"], a.navPages')
    places = (href(mark) or mark.attributes.get("action") or "" for mark in marks)
    return next(filter(None, map(_topic_of, places)), "")


def _script_of(link: str, url: str) -> str:
    found = re.match(r"(https?://[^?#]*/index\.php)(?:[/?#]|$)", clean(link, url))
    return found[1] if found else ""


def _said_script(page: Page) -> str:
    """Where the board's index.php lies, as its scripts say."""
    start = page.body.find(b'smf_scripturl = "')
    said = page.body[start + 17 : start + 300].partition(b'"')[0].partition(b"?")[0] if start >= 0 else b""
    address = clean(said.decode("utf-8", "replace"))
    return address if address and same_host(address, page.url) else ""


_CLOCKS = ".user time, .user li, li#time, td.titlebg2 > span.smalltext, #time"


def moment_of(at: Board, dates: Iterable[str]) -> Moment:
    """When the page was made; 2.1 states it in UTC beside the board's own words."""
    clocks = at.tree.css(_CLOCKS)
    stated = (node.attributes.get("datetime") or "" for node in clocks if node.tag == "time")
    made = next((when for text in stated if (when := instant(text, at.page.at)[0]) is not None), None)
    shown = [text for text in map(words, clocks) if digits(text) >= 8]
    return moment(at.page, shown, dates, made, fixed=False)


def message(tree: LexborHTMLParser) -> str:
    """What an error page says."""
    found = tree.css_first("#fatal_error .windowbg, #fatal_error .noticebox, #fatal_error, .errorbox")
    return words(found)[:120]


def paging(at: Board, key: str) -> tuple[int, int, str | None]:
    """The page's number, how many there are, and the next one's address; `key` begins the query."""
    links = [
        (words(link), href(link))
        for link in at.tree.css("a.navPages, a.nav_page")
        if key and key.replace("=", ",") in href(link).replace("=", ",") and ".msg" not in href(link)
    ]
    marks = at.tree.css(".current_page, .pagelinks strong, td.middletext > b")
    page = current(map(words, marks)) if links else 1
    pages = page_links(links)
    return page, max([page, *pages]), _address(at, key, pages.get(page + 1, ""))


def _address(at: Board, key: str, link: str) -> str | None:
    """The canonical address of another page of the same thread or board."""
    if not link:
        return None
    offset = re.search(re.escape(key).replace("=", "[=,]") + r"(\d+)", link)
    sorted_by = re.search(r"[;?]sort=\w+(?:;desc)?", link)
    plain = at.url(f"{key}{offset[1]}") if offset else ""
    if plain:
        return plain + (sorted_by[0].replace("?", ";") if sorted_by else "")
    return clean(link, at.page.url) or None


_ROWS = 'span[id^="msg_"] > a[href*="topic"]'


def rows(at: Board) -> list[LexborNode]:
    """The links of a board's page to its topics."""
    return at.tree.css(_ROWS)


_BOARD = re.compile(r"board[=,](\d{1,9})(?:\.|;|&|$)")


def listing(page: Page, engine: str) -> Listing:
    """The topics of a board's page, of the newest posts or of a search; moved topics are left out."""
    at = board(page)
    links = rows(at)
    boards = _boards(at)
    if links or boards:
        return _of_board(at, links, boards, engine)
    if at.tree.css_first('div.inner[id^="msg_"], td [id^="subject_"]') is not None:
        raise ParseError("this is a thread, not a board", url=page.url)
    if results := at.tree.css(_RESULTS):
        return _of_results(at, results, engine)
    if message(at.tree) or at.tree.css_first("#messageindex, #topic_container, td.catbg3") is None:
        raise refusal(page, f"no topics on the board's page ({message(at.tree) or seen(page)})")
    return Listing((), None, (), engine)


def _of_board(at: Board, links: Sequence[LexborNode], boards: tuple[str, ...], engine: str) -> Listing:
    found = [(row, link) for link in links if (row := _row(link)) is not None and not _moved(row)]
    dates = [_last(row) for row, _ in found]
    when = moment_of(at, [line for cell in reversed(dates) for line in cell[:1]])
    threads = (_thread(at, row, link, cell, when) for (row, link), cell in zip(found, dates, strict=True))
    unique = {thread.id: thread for thread in threads if thread is not None}
    places = (at.page.url, href(at.tree.css_first("link[rel=canonical]")))
    here = next((board[1] for place in places if (board := _BOARD.search(place))), "")
    following = paging(at, f"board={here}." if here else "")[2]
    by_last_post = "sort=" not in at.page.url or "sort=last_post;desc" in at.page.url
    return Listing(tuple(unique.values()), following, boards, engine, by_last_post=by_last_post)


def _row(link: LexborNode) -> LexborNode | None:
    """The row around a topic's link: a table's, in 2.1 a block of the list."""
    found = link.parent
    while found is not None and found.tag != "tr":
        if found.parent is not None and found.parent.attributes.get("id") == "topic_container":
            return found
        found = found.parent
    return found


def _moved(row: LexborNode) -> bool:
    """The place-holder that a moved topic leaves behind has an icon of its own."""
    return any("/moved." in (image.attributes.get("src") or "") for image in row.css("img"))


def _last(row: LexborNode) -> list[str]:
    """The lines of the cell that tells of the last post, the date first."""
    cell = row.css_first(".lastpost")
    if cell is None:
        cells = [child for child in row.iter() if child.tag == "td"]
        cell = cells[-1] if cells else None
    return [line for line in lines(cell) if any(char.isdigit() for char in line)]


def _thread(
    at: Board, row: LexborNode, link: LexborNode, last: Sequence[str], when: Moment
) -> ThreadRow | None:
    number = _TOPIC.search(href(link))
    if number is None:
        return None
    url = at.url(f"topic={number[1]}.0") or clean(href(link), at.page.url)
    targets = " ".join(href(target) for target in row.css("a[href]"))
    offset = max(map(int, re.findall(rf"topic[=,]{number[1]}\.(\d{{1,9}})", targets)), default=0)
    return ThreadRow(
        id=number[1],
        url=url,
        title=words(link),
        last_post_at=next(filter(None, (when.read(line)[0] for line in last)), None),
        replies=_replies(row),
        sticky=_sticky(row),
        last_page_url=(at.url(f"topic={number[1]}.{offset}") if offset else "") or url,
    )


def _replies(row: LexborNode) -> int | None:
    """The number of replies: the first line of their cell; in 1.1 the first cell that is a number."""
    cell = row.css_first(".board_stats, .stats")
    texts = lines(cell)[:1] if cell is not None else filter(str.isdigit, map(words, row.css("td")))
    return next((count(text) for text in texts), None)


def _sticky(row: LexborNode) -> bool:
    names = [row.attributes.get("class") or ""]
    names += [node.attributes.get("class") or "" for node in row.css("td, span")]
    names += [node.attributes.get("src") or "" for node in row.css("img")]
    return any("sticky" in name for name in names)


def _boards(at: Board) -> tuple[str, ...]:
    links = at.tree.css('a.subject, a[name^="b"], a[id^="b"], .children a, td .smalltext > i > a')
    numbers = (
        found[1] for link in links if "action=" not in href(link) and (found := _BOARD.search(href(link)))
    )
    own = _BOARD.search(at.page.url)
    return tuple(
        at.url(f"board={number}.0") for number in distinct(numbers) if own is None or own[1] != number
    )


# The newest posts and what a search found: posts with their thread's name above them.
_RESULTS = 'h5 a[href*=".msg"], tr.titlebg2 a[href*=".msg"]'


def _of_results(at: Board, links: Sequence[LexborNode], engine: str) -> Listing:
    found = [(link, topic[1]) for link in links if (topic := _TOPIC.search(href(link)))]
    dates = [list(_said(link)) for link, _ in found]
    when = moment_of(at, [date for said in reversed(dates) for date in said[:1]])
    threads: dict[str, ThreadRow] = {}
    for (link, number), said in zip(found, dates, strict=True):
        threads.setdefault(number, _result(at, link, number, said, when))
    recent = "action=recent" in at.page.url
    following = paging(at, "action=recent;start=" if recent else "action=")[2]
    return Listing(tuple(threads.values()), following, (), engine, by_last_post=recent)


def _result(at: Board, link: LexborNode, number: str, said: Iterable[str], when: Moment) -> ThreadRow:
    post = re.search(r"\.msg(\d{1,15})", href(link))
    url = at.url(f"topic={number}.0") or clean(href(link), at.page.url)
    title = link.attributes.get("title") or words(link)
    return ThreadRow(
        id=number,
        url=url,
        title=re.sub(r"^(?:(?:Re|AW|Antw): )+", "", " ".join(title.split())),
        last_post_at=next(filter(None, (when.read(text)[0] for text in said)), None),
        last_page_url=(at.url(f"topic={number}.msg{post[1]}") if post else "") or url,
    )


def _said(link: LexborNode) -> Iterable[str]:
    """Where a found post's instant may stand: at the end of a line that names its author first."""
    heading = above(link, ("h5",))
    block = heading.parent if heading is not None else above(link, ("tr",))
    for line in lines(block)[::-1]:
        text = line.strip("«» \xa0")
        if digits(text) >= 3:
            yield re.split(r"\s-\s|:\s|\s(?:on|am)\s", text)[-1]
            yield text
