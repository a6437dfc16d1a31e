"""What a feed lists (articles, comments, posts or topics of a forum), and whether it holds teasers only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

Lists = Literal["posts", "topics", "comments", "articles"]

_COMMENT = re.compile(
    r"#(?:li-|div-)?comments?[-_/=]?\d|#comment-[0-9a-f]{6}|[?&]showComment=|#c\d{6,}$|/comment-page-\d"
    r"|/comment/\d+#|#(?:kommentar|commentaire|comentario|reactie)[-_]?\d",
    re.IGNORECASE,
)
_POST = re.compile(
    r"#(?:p|post|post-|post_|msg|pid|entry|reply-|answer-|findcomment-|js-post-|issuecomment-|"
    r"discussioncomment-)\d+$|/discussion/comment/\d|[?&](?:pid|postid)=\d"
    r"|topic[=,]\d+\.msg\d|/t/[^/?#]+/\d+/(?:post/)?\d|/d/\d+[^/?#]*/\d+/?$|/topic/\d+/[^/?#]+/\d+/?$"
    r"|/threads/[^/?#]+/post-\d|do=findComment|/questions/\d+/[^/?#]+/\d+"
    r"|/r/\w+/comments/\w+/[^/?#]*/\w+|/@[\w.-]+(?:@[\w.-]+)?/\d{6,}$|/statuse?s?/\d{6,}"
    r"|bsky\.app/profile/[^/]+/post/",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    r"viewtopic\.php\?|showthread\.php|/showthread/|topic[=,]\d|/t/[^/?#]+/\d+/?(?:$|[?#])|/threads?/[^/?#]+"
    r"|/topic/\d|/forums?/topic/|/d/\d+|/questions?/\d+/|/r/\w+/comments/\w+|/discussions?/\d+"
    r"|dispbbs\.asp\?|://[^/]+/t\d+-[^/?#]+$|\?(?:/)?(?:thread|topic)/\d|/thread-[^/?#]*\d|/c/[^/?#]+/p/\d+",
    re.IGNORECASE,
)
_PHPBB_POST = re.compile(r"viewtopic\.php\?(?:[^#]*[?&;])?p=\d+(?:[&#]|$)|viewtopic\.php\?p=\d")
_NUMBERED = re.compile(r"/posts?/\d{1,9}/?$")  # NodeBB, XenForo; but blogs number their articles so, too
_PHPBB_TOPICS = re.compile(r"/feed/(?:topics|news)|[?&;]mode=(?:topics|news)", re.IGNORECASE)
_COMMENTS_HERE = re.compile(
    r"/comments/(?:feed|rss|atom|default)\b|[?&]feed=(?:rss2-comments|comments-rss2)|/feeds/comments/"
    r"|/feeds/\d+/comments/|/newcomments\b|/comments\.(?:rss|xml|atom)$",
    re.IGNORECASE,
)
_TOPICS_HERE = re.compile(
    r"/(?:latest|top|new|hot|recent|topics|unsolved)\.(?:rss|xml)$|/forums/[^?#]*index\.rss$|/external(?:\.php)?\b"
    r"|/syndication\.php|/extern\.php\?action=(?:feed|active|new)(?!.*tid=)|sa=news",
    re.IGNORECASE,
)
_VBULLETIN = re.compile(r"/external(?:\.php)?(?:\?|$)")  # whose newer addresses look like any site's
_POSTS_HERE = re.compile(
    r"/posts\.rss$|sa=recent|/extern\.php\?.*tid=|/app\.php/feed|/feed\.php", re.IGNORECASE
)


def is_comment(link: str, parent: str) -> bool:
    """Whether an entry is a comment on an article, by its address or by what it says to answer."""
    return bool(parent or _COMMENT.search(link)) and not _POST.search(link)


def is_topic(link: str) -> bool:
    """Whether an address is one of a forum's thread."""
    return bool(_TOPIC.search(link)) and not _POST.search(link)


def is_post(link: str) -> bool:
    """Whether an address is a numbered post's (`/post/5`), as Lemmy's pages of comments are."""
    return bool(_NUMBERED.search(link))


def listed(entries: Sequence[tuple[str, str, str]], addresses: Sequence[str]) -> Lists:
    """What most entries (link, what it answers, page of comments) are; `addresses` are the feed's own.

    They decide where links do not: a phpBB feed leads to posts whatever it lists. Lemmy's posts are threads.
    """
    kinds = Counter(_kind(*entry, addresses) for entry in entries)
    if not kinds:
        return _kind_of_feed(addresses)
    kind, count = kinds.most_common(1)[0]
    return kind if count * 2 >= len(entries) else "articles"


def _kind(link: str, parent: str, comments: str, addresses: Sequence[str]) -> Lists:
    if _PHPBB_POST.search(link):
        return "topics" if any(map(_PHPBB_TOPICS.search, addresses)) else "posts"
    if is_comment(link, parent):
        return "comments"
    if _POST.search(link) or (_NUMBERED.search(link) and any(map(is_topic, addresses))):
        return "posts"
    told = _TOPIC.search(link) or _NUMBERED.search(comments) or any(map(_VBULLETIN.search, addresses))
    return "topics" if told else "articles"


def _kind_of_feed(addresses: Sequence[str]) -> Lists:
    """What an empty feed would list."""
    if any(map(_COMMENTS_HERE.search, addresses)):
        return "comments"
    if any(map(_PHPBB_TOPICS.search, addresses)) or any(map(_TOPICS_HERE.search, addresses)):
        return "topics"
    return "posts" if any(map(_POSTS_HERE.search, addresses)) else "articles"


_CUT = re.compile(r"(?:\[?(?:…|\.\.\.)\]?|\[&hellip;\])$")
_MORE_WORDS = (
    r"(?:jetzt |hier )?weiter ?lesen|mehr (?:lesen|erfahren|dazu)|mehr|hier geht.s weiter|"
    r"(?:den )?(?:ganzen|vollständigen|kompletten) (?:artikel|beitrag|text)|"
    r"zum (?:ganzen )?(?:artikel|beitrag)|more|full (?:story|article|post)|"
    r"(?:please )?click here to (?:read|continue|view|see)|continue(?: reading)?|keep reading|"
    r"(?:to )?read (?:more|on\b|the (?:rest|full|whole|entire|original)|full|this (?:article|post|story))|"
    r"(?:view|see) (?:the )?(?:more|full|entire)|"
    r"lire (?:la suite|plus|l.article|cet article)|(?:en )?savoir plus|"
    r"(?:leer|ver) (?:más|el artículo|todo)|(?:seguir|sigue|continuar) leyendo|"
    r"leggi (?:tutto|di più|l.articolo|ancora)|continua(?: a leggere)?|lees (?:verder|meer)|"
    r"(?:ler|leia|continue lendo) ?(?:mais|a matéria)?|czytaj (?:więcej|dalej|całość)|"
    r"(?:číst|celý) (?:dál|více|článek)|läs (?:mer|hela)|læs mere|les (?:mer|hele)|"
    r"читать (?:далее|дальше|полностью)|подробнее|devamını oku|続きを読む|阅读全文"
)
_MORE = re.compile(rf"\W{{0,4}}(?:{_MORE_WORDS})(?!\w)", re.IGNORECASE)
# without a link only in brackets, after the dots of a cut, or as a line that says nothing else
_UNLINKED = re.compile(
    rf"(?P<dots>\.\.\.|…|\])? ?[\[(](?:{_MORE_WORDS})[^\n]{{0,40}}[\])]\W*$"
    rf"|(?:^|\n)\W{{0,4}}(?:{_MORE_WORDS})(?:\W*|, (?:please )?click here\W*)$",
    re.IGNORECASE,
)
FULL_TEXT = 300  # characters: whole articles are longer; only what most entries of a feed are counts


def says_more(label: str) -> bool:
    """Whether a link's words are those that lead from a teaser to the whole text."""
    return len(label) < 120 and bool(_MORE.match(label.strip()))


def without_more(text: str) -> tuple[str, bool]:
    """A text without "[read on]" at its end, and whether it ends as a teaser does."""
    head, tail = text[:-200], text[-200:]
    short = len(tail) - tail.rfind("\n") < 60 or tail.endswith(("]", ")", "] ", ") "))
    found = _UNLINKED.search(tail) if short else None
    if found:
        return (head + tail[: found.start()] + (found["dots"] or "")).rstrip(), True
    return text, bool(_CUT.search(tail.rstrip()))


def is_thin(lengths: Sequence[tuple[int, bool]]) -> bool:
    """Whether more than half of the entries (characters, ends as a teaser does) are teasers or too short."""
    few = sum(teaser or length < FULL_TEXT for length, teaser in lengths)
    return few * 2 > len(lengths)
