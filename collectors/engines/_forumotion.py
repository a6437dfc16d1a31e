"""Forumotion: addresses, dates and listings, which all its skins have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from collectors.dates import Instant, day_first, instant
from collectors.engines._linked import language
from collectors.links import clean, count, distinct, first, href, words
from collectors.reading import Listing, Page, ThreadRow, html, refusal, seen
from collectors.zones import page_zone
from listener.errors import ParseError

TOPIC = re.compile(r"(https?://[^/?#]+/t)(\d{1,12})(?:p(\d{1,9}))?(-[^/?#]*)?(?:$|[?#])")
_BOARD = re.compile(r"https?://[^/?#]+/f(\d{1,12})(?:p\d{1,9})?(?:-[^/?#]*)?$")


@dataclass(frozen=True)
class Board:
    """One page with what its dates need; `order`: whether it writes the day before the month."""

    page: Page
    tree: LexborHTMLParser
    zone: tzinfo
    order: bool | None = None

    def instant(self, text: str) -> Instant:
        """The instant a text writes; a date of the running year may come without it."""
        found = instant(text, self.page.at, self.zone, day_first=self.order)
        return found if found[0] is not None else self._this_year(text)

    def _this_year(self, text: str) -> Instant:
        """ "Di 3 Mrz - 17:19": the year in which that day has been, as its name confirms."""
        dated = _YEARLESS.search(text)
        for year in (self.page.at.year, self.page.at.year - 1) if dated else ():
            whole = f"{dated[2]} {dated[3]} {year} {dated[4]}" if dated else ""
            found = instant(whole, self.page.at, self.zone)
            if found[0] is not None and dated and found[0] <= self.page.at + timedelta(days=1):
                day = found[0].astimezone(self.zone).weekday()
                if dated[1][:2].lower() in (_DAYS_DE[day], _DAYS_EN[day]):
                    return found
        return None, "unknown"


_YEARLESS = re.compile(
    r"\b([^\W\d_]{2,10})\.?,?\s+(\d{1,2})\.?\s+([^\W\d_]{3,9})\.?\s*[-,]\s*(\d{1,2}:\d\d(?:\s*[ap]m)?)"
)
_DAYS_DE = ("mo", "di", "mi", "do", "fr", "sa", "so")
_DAYS_EN = ("mo", "tu", "we", "th", "fr", "sa", "su")


def spoken(at: Board, dates: Iterable[str]) -> str:
    """The board's language: the page's word, else that of its dates ("am 03/04/21") or of its domain."""
    host = urlsplit(at.page.url).hostname or ""
    german = ".forumieren." in host or any(text.startswith("am ") for text in dates)
    return language(at.tree) or ("de" if german else "")


def board(page: Page) -> Board:
    """The page with its tree and zone."""
    return Board(page, html(page), page_zone(page))


def loose(node: LexborNode) -> tuple[str, str]:
    """The words of a header that stand in no link: those after its last link or picture, and all."""
    pieces: list[str] = []
    last = 0
    for inner in node.traverse(include_text=True):
        if inner.tag in ("a", "img"):
            last = len(pieces)
        elif inner.is_text_node and not _in_link(inner, node):
            pieces.append(inner.text_content or "")
    return " ".join("".join(pieces[last:]).split()), " ".join(" ".join(pieces).split())


def _in_link(inner: LexborNode, root: LexborNode) -> bool:
    above = inner.parent
    while above is not None and above.mem_id != root.mem_id:
        if above.tag == "a":
            return True
        above = above.parent
    return False


_PAGE_OF = re.compile(r"\b(\d{1,6})\s+(?:von|of|sur|de|di|din|van|z|из)\s+(\d{1,6})\b")
_PAGERS = '.pagination, .paging, td.row2 > span.gensmall, [class*="pagination"]'


def paging(at: Board, letter: str, number: str) -> tuple[int, int, str | None]:
    """The page's number, how many there are and the next one's address; `letter` is t or f."""
    mark = re.compile(rf"/{letter}{number}(?:p(\d{{1,9}}))?(?:-|$|\?)")
    said = next((found for node in at.tree.css(_PAGERS) if (found := _PAGE_OF.search(words(node)))), None)
    links: dict[int, str] = {}
    for link in at.tree.css(f'a[href*="/{letter}{number}"]'):
        label, address = words(link), clean(href(link), at.page.url)
        digits = label.isascii() and label.isdigit() and len(label) < 7
        if digits and mark.search(address) and not _inside_row(link):
            links.setdefault(int(label), address)
    current = int(said[1]) if said else _current(at, mark, links)
    pages = max([current, int(said[2]) if said else 1, *links])
    if current + 1 in links:
        return current, pages, links[current + 1]
    next_url = _next(at)
    return current, max(pages, current + 1) if next_url else pages, next_url


def _current(at: Board, mark: re.Pattern[str], links: dict[int, str]) -> int:
    """The page's number by what its own address has before it, else the one without a link."""
    shown = next((found for address in own(at) if (found := mark.search(address))), None)
    sizes = [
        int(found[1]) // (number - 1)
        for number, address in links.items()
        if number > 1 and (found := mark.search(address)) and found[1]
    ]
    if shown is not None and any(sizes):
        return int(shown[1] or 0) // max(sizes) + 1
    return min(set(range(1, len(links) + 2)) - set(links))


def _inside_row(link: LexborNode) -> bool:
    """Whether a link to a page stands in the row of a thread."""
    above = link.parent
    for _ in range(5):
        if above is None or above.tag in ("body", "html"):
            return False
        if above.tag in ("tr", "li", "dl") and above.css_first("a.topictitle") is not None:
            return True
        above = above.parent
    return False


_WIDGETS = "#left, #right, .module, #chatbox, #scrollbar"
_TITLES = 'a.topictitle, .posts-description h3 a[href*="/t"], .forum-content h3 > a[href*="/t"]'


def listing(page: Page, engine: str) -> Listing:
    """The topics of a forum's page or of a search's results."""
    at = board(page)
    aside = {link.mem_id for box in at.tree.css(_WIDGETS) for link in box.css(_TITLES)}
    titles = [link for link in at.tree.css(_TITLES) if link.mem_id not in aside]
    number = next((found[1] for address in own(at) if (found := _BOARD.match(address))), "")
    boards = _boards(at, number)
    if not titles and not boards:
        if at.tree.css_first('[class*="post--"], .post[id^="p"], .posthead[id^="p"]') is not None:
            raise ParseError("this is a thread, not a board", url=page.url)
        if not number:
            raise refusal(page, f"no topics on this Forumotion page ({seen(page)})")
    rows = [(link, row) for link in titles if (row := _row_of(link)) is not None]
    dates = [text for _, row in rows for text in _last_texts(row)[1]]
    at = Board(page, at.tree, at.zone, day_first(dates, page.at, spoken(at, dates)))
    threads = {made.id: made for link, row in rows if (made := _thread(at, link, row)) is not None}
    searched = urlsplit(page.url).path.startswith(("/search", "/latest"))
    next_url = paging(at, "f", number)[2] if number else _next(at)
    return Listing(tuple(threads.values()), next_url, boards, engine, by_last_post=not searched)


def own(at: Board) -> tuple[str, str]:
    """The page's own address: what it says of itself, and where it was found."""
    return clean(href(at.tree.css_first("link[rel=canonical]")), at.page.url), clean(at.page.url)


def _next(at: Board) -> str | None:
    link = href(at.tree.css_first(".pagination a[rel=next], a.mobile_next_button"))
    return clean(link, at.page.url) or None if link else None


_TRAILS = ".nav, .pathname-box, #navstrip, .crumbs, .breadcrumb, .sub-header-path, .jumpbox"


def _boards(at: Board, number: str) -> tuple[str, ...]:
    """Forums linked from the page, not those above it."""
    above = {link.mem_id for box in at.tree.css(_TRAILS) for link in [box, *box.css("a")]}
    links = (link for link in at.tree.css('a[href*="/f"]') if link.mem_id not in above)
    found = (clean(href(link), at.page.url) for link in links if words(link))
    host = urlsplit(at.page.url).hostname
    return distinct(
        address
        for address in found
        if (board_ := _BOARD.match(address))
        and board_[1] != number
        and urlsplit(address).hostname == host
        and "p" not in address.rpartition("/")[2].partition("-")[0]
    )


def _row_of(link: LexborNode) -> LexborNode | None:
    """The row of a thread's title: the nearest part that also leads to its last post, else the list's own."""
    above, own_row = link.parent, None
    for _ in range(8):
        if above is None or above.tag in ("body", "html"):
            break
        kind = above.attributes.get("class") or ""
        if above.tag in ("tr", "li") or "row" in kind.split() or "section" in kind:
            return above
        own_row, above = own_row or above, above.parent
    return own_row


def _last_texts(row: LexborNode) -> tuple[str, list[str]]:
    """The address of a row's last post and the words around that link, outside of all links."""
    links = [link for link in row.css('a[href*="#"]') if re.search(r"/t\d+[^#]*#\d+$", href(link))]
    named = first(row, "dd.lastpost", ".lastpost", ".posts-lastpost", ".forum-lastpost-wrap", "td.tcr")
    cell = named if named is not None else _cell(links[-1]) if links else None
    if cell is None:
        return "", []
    time = cell.css_first(".posts-lastpost-time, time")
    texts = [words(time)] if time is not None else []
    return href(links[-1]) if links else "", [*texts, *loose(cell)]


def _cell(link: LexborNode) -> LexborNode | None:
    """The cell of a table or list in which a link stands, else what is around it."""
    above = link.parent
    for _ in range(4):
        if above is None or above.tag in ("td", "dd", "li", "div"):
            return above
        above = above.parent
    return link.parent


_TYPES = re.compile(r"\b(wichtig|ankündigung|bekanntmachung|sticky|announcement|global|angeheftet)\b", re.I)
_MOVED = re.compile(r"\b(verschoben|moved)\s*:", re.I)


def _thread(at: Board, link: LexborNode, row: LexborNode) -> ThreadRow | None:
    found = TOPIC.match(clean(href(link), at.page.url))
    title = words(link)
    if not found or not title:
        return None
    label = _label(link, row, title)
    if _MOVED.search(label):
        return None
    url = f"{found[1]}{found[2]}{found[4] or ''}"
    last, texts = _last_texts(row)
    dates = (at.instant(text)[0] for text in texts)
    return ThreadRow(
        id=found[2],
        url=url,
        title=title,
        last_post_at=next((date for date in dates if date is not None), None),
        replies=_replies(row),
        sticky=_TYPES.search(label) is not None,
        last_page_url=clean(last, at.page.url) or _last_page(at, row, found[2]) or url,
    )


def _label(link: LexborNode, row: LexborNode, title: str) -> str:
    """What a row says of its kind: classes of the row, pictures' names, words before the title."""
    parent = link.parent
    near = [*row.css("dt, img, strong"), *([parent] if parent is not None else [])]
    names = [row.attributes.get("class") or ""]
    names += [node.attributes.get("class") or "" for node in near]
    names += [node.attributes.get("title") or node.attributes.get("alt") or "" for node in near]
    around = " ".join(words(node) for node in near if node.tag == "strong" and words(node) not in title)
    before = words(parent).partition(title)[0] if parent is not None else ""
    return " ".join([*names, around, before]).replace("_", " ")


def _last_page(at: Board, row: LexborNode, number: str) -> str | None:
    pages = [clean(href(link), at.page.url) for link in row.css(f'a[href*="/t{number}p"]')]
    offsets = [(int(found[3]), page) for page in pages if (found := TOPIC.match(page)) and found[3]]
    return max(offsets)[1] if offsets else None


def _replies(row: LexborNode) -> int | None:
    cell = first(row, "dd.posts", ".posts-statistics-replies", "td.tc2", ".topic-replies")
    if cell is not None:
        return count(words(cell))
    return next((found for found in _numbers(row)), None)


def _numbers(row: LexborNode) -> Iterator[int]:
    for cell in row.css("td"):
        text = words(cell)
        if text.isascii() and text.isdigit() and len(text) < 9:
            yield int(text)
