"""IP.Board 1 to 3: addresses, pages and listings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import tzinfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, day_first, instant
from collectors.engines._linked import language
from collectors.links import base, clean, count, distinct, first, href, number, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.zones import page_zone
from listener.errors import ParseError

_TOPIC = re.compile(
    r"(?:[?&;]showtopic=|/topic/|[?&;]act=(?:ST|Track|Print|Forward)\b[^#]*?[?&;]t=)(\d{1,12})"
)
_FORUM = re.compile(r"(?:[?&;]showforum=|/forum/|[?&;]act=SF\b[^#]*?[?&;]f=)(\d{1,12})")
_FRIENDLY = re.compile(r"https?://[^#]*?/topic/\d+-[^/?#&]*")


@dataclass(frozen=True)
class Board:
    """One page with what its links and dates need; `order`: whether it writes the day before the month."""

    page: Page
    tree: LexborHTMLParser
    root: str
    zone: tzinfo
    order: bool | None = None

    def instant(self, text: str) -> Instant:
        """The instant a text writes ("18. Juli 2011 - 07:12", "1.Okt 2007, 08:15")."""
        spaced = re.sub(r"(?<=\d)\.(?=[^\W\d_])", ". ", text)
        return instant(spaced, self.page.at, self.zone, day_first=self.order)

    def link(self, address: str) -> str:
        """An address of the board as it leads there: `st` is the number of posts before the page."""
        found = clean(address, self.root)
        offset = number(address, "st")
        return f"{found}{'&' if '?' in found else '?'}st={offset}" if found and offset else found

    def ordered(self, texts: list[str]) -> Board:
        """The same page, its dates understood by what all of them show."""
        return replace(self, order=day_first(texts, self.page.at, language(self.tree)))


def board(page: Page) -> Board:
    """The page with its tree, its zone and what its links are relative to."""
    tree = html(page)
    return Board(page, tree, base(page.url, tree), page_zone(page))


def topic_id(address: str) -> str:
    """The number of the topic that an address shows, or ""."""
    found = _TOPIC.search(address)
    return found[1] if found else ""


def script(at: Board) -> str:
    """Where the board's index.php lies."""
    for address in (clean(at.page.url), *(clean(href(link), at.root) for link in at.tree.css(_SCRIPTS)[:1])):
        found = re.match(r"(https?://[^?#]*?/)(?:index\.php|topic/|forum/\d|\?show|$)", address)
        if found:
            return f"{found[1]}index.php"
    return clean("index.php", at.root)


_SCRIPTS = 'a[href*="index.php?"]'


def topic_url(at: Board, link: str, topic: str) -> str:
    """The topic's address: the friendly one if the board has one, else by its number."""
    found = _FRIENDLY.match(clean(link, at.root))
    return f"{found[0]}/" if found else f"{script(at)}?showtopic={topic}"


_PAGE_OF = re.compile(r"(?:Seite|Page)\s+(\d{1,6})\s+(?:von|of)\s+(\d{1,6})", re.I)
_PAGES = re.compile(r"\b(\d{1,6})\s+(?:Seiten|Pages)\b", re.I)
_CURRENT = ".pagination .active, .pagination .page.active, .pagecurrent"


def paging(at: Board) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address."""
    block = first(at.tree, ".topic_controls .pagination", ".pagination", ".pagelinks")
    label = " ".join(words(node) for node in at.tree.css(".pagejump, .pagelink, .total")) or words(block)
    said = _PAGE_OF.search(label)
    marked = words(at.tree.css_first(_CURRENT)).strip("[]() ")
    current = int(said[1]) if said else int(marked) if re.fullmatch(r"\d{1,6}", marked, re.A) else 1
    links: dict[int, str] = {}
    for link in at.tree.css(".pagination a[href], .pagelink a[href]"):
        text = words(link)
        if re.fullmatch(r"\d{1,6}", text, re.A) and not _in_row(link):
            links.setdefault(int(text), at.link(href(link)))
    if not links:
        current, links = _bare(at, current)
    whole = _PAGES.search(label)
    pages = max([current, int(said[2]) if said else int(whole[1]) if whole else 1, *links])
    following = at.tree.css_first('.pagination a[rel="next"], link[rel="next"], .pagelink a[title^="Next"]')
    next_url = links.get(current + 1) or (at.link(href(following)) if following is not None else "")
    return current, pages, next_url or None


def _bare(at: Board, current: int) -> tuple[int, dict[int, str]]:
    """Pages of version 1: "(3) Pages [1] 2 3", links among other words."""
    topic = topic_id(at.page.url)
    links: dict[int, str] = {}
    for link in at.tree.css('a[href*="st="]'):
        text, address = words(link), href(link)
        own = topic_id(address) == topic if topic else _FORUM.search(address) is not None
        if own and re.fullmatch(r"\d{1,6}", text, re.A) and link.css_first("img") is None:
            links.setdefault(int(text), at.link(address))
            marked = re.search(r"\[(\d{1,6})\]", words(link.parent), re.A)
            current = int(marked[1]) if marked else current
    return current, links


def _in_row(link: LexborNode) -> bool:
    above = link.parent
    for _ in range(4):
        if above is None:
            return False
        if "mini_pagination" in (above.attributes.get("class") or ""):
            return True
        above = above.parent
    return False


_TITLES = 'a[id^="tid-link-"], a.topic_title, a[title^="This topic was started"], a[title*="Thema wurde "]'
_FORUMS = (
    'td.col_c_forum h4 a[href], .subforums a[href], td.row4 > b > a[href*="showforum"], .forum_name a[href], '
    'td.forum_title a[href], td.row4 a.forumtitle[href], td.row4 b > a[href*="act=SF"]'
)


def listing(page: Page, engine: str) -> Listing:
    """The topics of a forum's page, or of a search's results."""
    at = board(page)
    titles = at.tree.css(_TITLES)
    found = (clean(href(link), at.root) for link in at.tree.css(_FORUMS) if _FORUM.search(href(link)))
    boards = tuple(address for address in distinct(found) if address != clean(page.url))
    if not titles and not boards:
        if at.tree.css_first('.post_block[id^="post_id_"], .postcolor') is not None:
            raise ParseError("this is a thread, not a board", url=page.url)
        if not _FORUM.search(page.url):
            raise refusal(page, f"no topics on this IP.Board page ({seen(page)})")
    rows = [(link, row) for link in titles if (row := _row_of(link)) is not None]
    at = at.ordered([text for _, row in rows for text in _last_texts(row)])
    threads = {made.id: made for link, row in rows if (made := _thread(at, link, row)) is not None}
    searched = re.search(r"module=search|act=search|/search", page.url, re.I) is not None
    return Listing(tuple(threads.values()), paging(at)[2], boards, engine, by_last_post=not searched)


def _row_of(link: LexborNode) -> LexborNode | None:
    above = link.parent
    while above is not None and above.tag not in ("tr", "body"):
        above = above.parent
    return above if above is not None and above.tag == "tr" else link.parent


def _last_texts(row: LexborNode) -> list[str]:
    """Where the instant of a row's last post may stand."""
    cell = first(row, ".col_f_post", ".lastaction", ".last_post")
    if cell is None:
        return []
    stamps = cell.css("abbr[title], time[datetime]")
    told = [stamp.attributes.get("datetime") or stamp.attributes.get("title") or "" for stamp in stamps]
    links = [words(link) for link in cell.css('a[href*="getlastpost"], a[href*="getnewpost"], a[title]')]
    return [*told, *links, words(cell)]


_PINNED = re.compile(
    r"\b(pinned|angepinnt|angeheftet|wichtig|gepinnt|fixiert|announcement|ankündigung)\b", re.I
)
_MOVED = re.compile(r"\b(moved|verschoben)\b", re.I)


def _thread(at: Board, link: LexborNode, row: LexborNode) -> ThreadRow | None:
    topic = topic_id(href(link))
    title = words(link)
    label = _label(row, link, title)
    if not topic or _MOVED.search(label):
        return None
    url = topic_url(at, href(link), topic)
    dates = (at.instant(text)[0] for text in _last_texts(row))
    pages = [at.link(href(page)) for page in row.css("a[href]") if _is_page(page, topic)]
    return ThreadRow(
        id=topic,
        url=url,
        title=title,
        last_post_at=next((date for date in dates if date is not None), None),
        replies=_replies(row, link),
        sticky=_PINNED.search(label) is not None,
        last_page_url=pages[-1] if pages else url,
    )


def _label(row: LexborNode, link: LexborNode, title: str) -> str:
    """What a row says of its kind: its badges, and what stands before the title in its cell."""
    badges = " ".join(words(badge) for badge in row.css(".ipsBadge, .topic_prefix"))
    cell = link.parent
    while cell is not None and cell.tag not in ("td", "li", "div"):
        cell = cell.parent
    return f"{badges} {words(cell).partition(title)[0] if cell is not None and title else ''}"


def _is_page(link: LexborNode, topic: str) -> bool:
    address = href(link)
    shown = re.search(r"[?&;]st=\d|page__st__\d|/page-\d|[?&;]page=\d", address)
    return (
        shown is not None
        and topic_id(address) == topic
        and re.fullmatch(r"\D*\d+\D*", words(link)) is not None
    )


def _replies(row: LexborNode, title: LexborNode) -> int | None:
    cell = first(row, ".col_f_views li", ".col_f_views")
    if cell is not None:
        return count(words(cell))
    seen_title = False
    for found in row.css("td, a"):
        seen_title = seen_title or found.mem_id == title.mem_id
        if seen_title and found.tag == "td":
            return count(words(found)) if re.fullmatch(r"[\d.,]{1,12}", words(found)) else None
    return None
