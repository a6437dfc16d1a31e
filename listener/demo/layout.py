"""What surrounds the posts on a page of the demo's phpBB board: frame, links, dates, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import urlencode

from listener.demo.answer import fill
from listener.demo.posts import ZONE, Board, Forum

WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")


@dataclass(frozen=True)
class View:
    """One visitor's look at the board: `sid` is in every link until the visitor brings a cookie back."""

    forum: Forum
    now: datetime
    base: str
    sid: str = ""

    def link(self, script: str, fragment: str = "", /, **params: object) -> str:
        """A link as phpBB writes it, ready for an attribute."""
        pairs = {**params, **({"sid": self.sid} if self.sid else {})}
        address = f"./{script}.php" + (f"?{urlencode(pairs)}" if pairs else "")
        return escape(address + (f"#{fragment}" if fragment else ""))

    def post_link(self, post_id: str) -> str:
        """The permalink of a post."""
        return self.link("viewtopic", f"p{post_id}", p=post_id)

    def author(self, name: str, guest: bool = False) -> str:
        """The author's name as markup: guests have no profile, the team has a colour."""
        if guest:
            return f'<span class="username">{escape(name)}</span>'
        member = self.forum.member(name)
        link = self.link("memberlist", mode="viewprofile", u=member.id)
        colour = f' style="color: #{member.colour};"' if member.colour else ""
        kind = "username-coloured" if member.colour else "username"
        return f'<a href="{link}"{colour} class="{kind}">{escape(name)}</a>'

    def stamp(self, at: datetime) -> str:
        """The instant as a `time` element: UTC in the attribute, German words in the text."""
        return f'<time datetime="{iso(at)}">{self.words(at)}</time>'

    def words(self, at: datetime) -> str:
        """The instant in the board's words: "vor 6 Minuten", "Gestern, 22:07", "Di 6. Okt 2026, 09:15"."""
        local, today = at.astimezone(ZONE), self.now.astimezone(ZONE).date()
        age = self.now - at
        if timedelta(0) <= age < timedelta(hours=1):
            minutes = int(age.total_seconds()) // 60
            return {0: "vor weniger als einer Minute", 1: "vor einer Minute"}.get(
                minutes, f"vor {minutes} Minuten"
            )
        near = {today: "Heute", today - timedelta(days=1): "Gestern"}.get(local.date())
        return f"{near}, {local:%H:%M}" if near else full_date(at)

    def numbers(self, script: str, here: int, pages: int, per_page: int, **params: object) -> str:
        """The page numbers as a list; of many pages only those at the ends and around `here`."""
        arrows = {here - 1: ("previous", "prev", "Vorherige"), here + 1: ("next", "next", "Nächste")}
        rows = [self._arrow(script, here - 1, per_page, arrows[here - 1], params)] if here > 1 else []
        for number in shown_pages(here, pages):
            rows.append(self._number(script, number, here, per_page, params))
        if here < pages:
            rows.append(self._arrow(script, here + 1, per_page, arrows[here + 1], params))
        return "<ul>\n" + "\n".join(rows) + "\n</ul>"

    def _number(
        self, script: str, number: int | None, here: int, per_page: int, params: dict[str, object]
    ) -> str:
        if number is None:
            return '<li class="ellipsis" role="separator"><span>…</span></li>'
        if number == here:
            return f'<li class="active"><span>{number}</span></li>'
        link = self.page_link(script, number, per_page, **params)
        return f'<li><a class="button" href="{link}" role="button">{number}</a></li>'

    def _arrow(
        self, script: str, number: int, per_page: int, words: tuple[str, str, str], params: dict[str, object]
    ) -> str:
        side, rel, label = words
        link = self.page_link(script, number, per_page, **params)
        return fill("arrow", link=link, side=side, rel=rel, label=label)

    def page_link(self, script: str, number: int, per_page: int, **params: object) -> str:
        """The link to page `number`: phpBB counts posts, and page 1 has no `start`."""
        start = {"start": (number - 1) * per_page} if number > 1 else {}
        return self.link(script, **params, **start)

    def page(
        self, kind: str, title: str, content: str, *, board: Board | None = None, address: str = ""
    ) -> str:
        """The whole page around `content`."""
        forum = self.forum
        head = f"{escape(title)} - {escape(forum.name)}" if title else escape(forum.name)
        canonical = f'<link rel="canonical" href="{escape(self.base + address)}">' if address else ""
        return fill(
            "page",
            head=head,
            canonical=canonical,
            kind=kind,
            home=self.link("index"),
            name=escape(forum.name),
            about=escape(forum.about),
            search=self.link("search"),
            login=self.link("ucp", mode="login"),
            crumbs=self._crumbs(board),
            content=content,
            zone=utc_offset(self.now),
        )

    def _crumbs(self, board: Board | None) -> str:
        places = [(self.link("index"), "Foren-Übersicht")]
        if board:
            category = self.forum.category
            places.append((self.link("viewforum", f=category.id), category.name))
            places.append((self.link("viewforum", f=board.id), board.name))
        return "\n".join(fill("crumb", link=link, name=escape(name)) for link, name in places)


def iso(at: datetime) -> str:
    """The instant as phpBB's `datetime` attribute has it: whole seconds, +00:00."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def full_date(at: datetime) -> str:
    """The absolute form, used for old posts and in edit notes."""
    local = at.astimezone(ZONE)
    return f"{WEEKDAYS[local.weekday()]} {local.day}. {MONTHS[local.month - 1]} {local:%Y, %H:%M}"


def utc_offset(now: datetime) -> str:
    """The offset of the moment of the page: "UTC+01:00"."""
    offset = now.astimezone(ZONE).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:]}"


def shown_pages(here: int, pages: int) -> Sequence[int | None]:
    """Page numbers to show; None stands for a gap."""
    near = {1, pages, *range(here - 2, here + 3)}
    shown = [number for number in range(1, pages + 1) if number in near]
    rows: list[int | None] = []
    for number in shown:
        if rows and number - 1 != rows[-1]:
            rows.append(None)
        rows.append(number)
    return rows
