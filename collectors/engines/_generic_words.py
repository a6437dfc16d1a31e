"""A body of an unknown board to its author's own words, by what quotes and notes are called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import unescape

from selectolax.lexbor import LexborNode

from collectors.text import Markup, Words, own_words, parsed
from listener.model import Quote

_MARK = "data-listener"
_QUOTE = re.compile(r"quot|zitat|citation|bbc-block", re.I)
_NOT_QUOTE = re.compile(r"butt|btn|link|reply|tool|action|select|multi|unquot|user|post-?quote", re.I)
_ATTRIBUTION = re.compile(
    r"quot\w*[-_]*(?:head|title|author|by|name|info|top|source|link|user)|quotetitle|postedby|"
    r"cite$|citation$|attribution",
    re.I,
)
_DROP = re.compile(
    r"^(?:.*[-_])?(?:signature|sig|usersig|postsignature)(?:[-_#].*)?$|edited|last-?edit|"
    r"post-?edit|edit-?(?:note|info|by|reason)|"
    r"modified|attach|buttons?(?:$|[-_])|toolbar|controls?(?:$|[-_])|likes?(?:$|[-_])|reactions?|"
    r"thanks|share|"
    r"(?:post|comment|message)-?(?:footer|foot|meta|head(?:er)?|title|subject|actions?|options|"
    r"tools|links|menu)|"
    r"sr-only|visually-?hidden|advert|adsby|sponsor|reply-?(?:link|button)|report|expand|"
    r"code-?(?:head|title)|permalink"
    r"|spoiler-?(?:title|head|button|toggle)|moderat",
    re.I,
)
_WROTE = r"wrote|writes|said|posted|schrieb|hat (?:folgendes )?geschrieben|hat gesagt"
_SAYS = re.compile(
    rf"(?:(?:.{{1,80}}?)\b(?:{_WROTE})\b[^:]{{0,60}}|(?:originally )?(?:posted|written) by .{{1,60}}"
    r"|(?:quote|zitat|quoting|quotation)(?: (?:from|von|of|by))?:? ?.{0,80}?):?",
    re.I,
)
_BODY = re.compile(r"content|text|body|message|post", re.I)
_CODE = re.compile(r"pre|(?:.*[-_])?code(?:[-_]?(?:box|block|content))?", re.I)
_LABELLING = ("dt", "p", "div", "span", "b", "h4", "td", "strong")
_CODE_LABEL = re.compile(
    r"(?:php-?)?(?:code|quelltext|quellcode|spoiler):?(?:\s*\[?(?:alles auswählen|select all|select|"
    r"auswählen|expand|download|kopieren|copy)\]?)*",
    re.I,
)
_LABEL = re.compile(r"(?:quote|zitat|quotation)\s*:?", re.I)
_CODE_BARE = re.compile(r"(?<=>)\s*(?:PHP-?)?Code:\s*(?=<(?:pre|code|div|table|blockquote)\b)")
_BARE = re.compile(
    rf"(?<=>)(\s*[^<>]{{1,80}}\b(?:{_WROTE})\b[^<>:]{{0,60}}:?\s*)(?=(?:<br[^>]*>\s"
    rf"*){{0,3}}(?:</?(?:p|b|i|em|strong|div)>\s*){{0,3}}"
    r"<(?:blockquote|(?:div|table|fieldset)[^>]{0,80}quot))",
    re.I,
)


def _quoted(quote: LexborNode) -> str | None:
    """The name at the head of a quote that has no element of its own for it."""
    head = " ".join(quote.text()[:200].split())
    found = re.match(r"(?:originally )?(?:posted|written) by:? (.{1,40}?)(?: on | am | at |:|$)", head, re.I)
    return found[1].strip() if found else None


_MARKUP = Markup(
    quotes=f"[{_MARK}=quote]",
    attributions=f"[{_MARK}=by]",
    drop=f"[{_MARK}=drop]",
    author=_quoted,
    signature_lines=True,
)


def body_words(body: LexborNode, titles: Sequence[str] = ()) -> Words:
    """Own words and quotes of a body; headings that only repeat one of `titles` are none of them."""
    text = body.html or ""
    text = _CODE_BARE.sub("", text)
    if "quot" in text.lower() or "zitat" in text.lower():
        text = _BARE.sub(r"<cite>\1</cite>", text)
    copy = parsed(text).body
    if copy is None:
        return "", ()
    top = copy.child if copy.child is not None and copy.child.next is None else copy
    root = top if top is not None and top.is_element_node else copy
    _mark(root, {_folded(title) for title in titles})
    words, quotes = own_words(root, _MARKUP)
    return _without_subject(without_edit_note(words), titles), quotes


def _without_subject(text: str, titles: Sequence[str]) -> str:
    """Without a first line that only repeats the thread's title."""
    first, _, rest = text.partition("\n")
    parts = {_folded(part) for title in titles for part in (title, *re.split(r"\s[-|–·»:]+\s", title))}
    return rest.lstrip() if rest.strip() and _folded(first) in parts else text


_EDITED = re.compile(
    r"\[?\(?(?:last edited|zuletzt (?:geändert|bearbeitet|editiert|von .{1,40} am)|(?:post |"
    r"message )?edited (?:by|on|at)|geändert (?:von|am)|bearbeitet (?:von|am)"
    r"|(?:dieser |der )?beitrag (?:wurde )?.{0,40}(?:geändert|bearbeitet|editiert)|(?:this |"
    r"the )?(?:post|message|comment) (?:was |has been )?"
    r"(?:last )?(?:edited|modified|changed)|(?:last )?modified|last updated)\b(?=.{0,120}\d).{0,200}",
    re.I,
)


_ATTACHED = re.compile(
    r"\n\W*(?:attached files?|attachments?|dateianh\w+|anhänge|angehängte dateien|hochgeladene dateien"
    r"|report this post)\b[^\n]{0,60}(?:\n[^\n]{0,120}){0,4}$",
    re.I,
)


def without_edit_note(text: str) -> str:
    """Cuts last lines like "Last edited by X (DATE)", and lists of files."""
    text = _ATTACHED.sub("", text)
    while text:
        head, _, last = text.rpartition("\n")
        if not _EDITED.fullmatch(last.strip()):
            return text
        text = head.rstrip()
    return text


_GONE = re.compile(
    r"(?:(?:dies(?:er|e)|der|die|this|the) )?(?:beitrag|nachricht|kommentar|post|message|comment)"
    r"\W+(?:wurde|ist|has been|was|is)?\W*"
    r"(?:von .{1,40} |vom .{1,40} )?(?:gelöscht|entfernt|deleted|removed|hidden|ausgeblendet)\b"
    r".{0,60}|\[?(?:deleted|removed|gelöscht|entfernt)\]?",
    re.I,
)


def is_gone(text: str) -> bool:
    """Whether a text only says that there was one."""
    return len(text) < 120 and _GONE.fullmatch(text.strip()) is not None


def _mark(root: LexborNode, titles: set[str]) -> None:
    for node in root.css("*"):
        if node.mem_id == root.mem_id or _MARK in node.attributes:
            continue
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".split()
        role = _role(node, names)
        if role:
            node.attrs[_MARK] = role
        if role == "quote":
            for before in _before(node):
                before.attrs[_MARK] = "by"
            if (head := _name_in(node)) is not None:
                head.attrs[_MARK] = "by"
        elif node.tag in ("h1", "h2", "h3", "h4", "h5", "h6") and _folded(node.text()) in titles:
            node.attrs[_MARK] = "drop"


def _role(node: LexborNode, names: Sequence[str]) -> str:
    if node.tag == "cite" or any(_ATTRIBUTION.search(name) for name in names):
        return "by"
    if any(_CODE.fullmatch(name) for name in names):
        return ""
    if (node.tag == "blockquote" and not any(_BODY.search(name) for name in names)) or any(
        _QUOTE.search(name) and not _NOT_QUOTE.search(name) for name in names
    ):
        return "quote"
    if any(_DROP.search(name) for name in names):
        return "drop"
    if node.tag in _LABELLING and _CODE_LABEL.fullmatch(" ".join(node.text()[:80].split())):
        return "drop"
    if node.tag in ("dl", "table", "fieldset") and (head := _head(node)) is not None:
        head.attrs[_MARK] = "by"
        return "quote"
    if node.tag in ("table", "div", "fieldset") and any(
        _LABEL.fullmatch(" ".join(one.text().split())) for one in _before(node)
    ):
        return "quote"
    return ""


def _head(node: LexborNode) -> LexborNode | None:
    """The first cell of a box, if it says who wrote what follows."""
    head = node.css_first("dt, td, th, legend")
    text = " ".join(head.text()[:160].split()) if head is not None else ""
    return head if text.endswith(":") and len(text) > 3 and _SAYS.fullmatch(text) else None


def _name_in(quote: LexborNode) -> LexborNode | None:
    """The first words of a quote, if they stand in an element and say who is quoted."""
    first = quote.child
    while first is not None and first.is_text_node and not (first.text_content or "").strip():
        first = first.next
    if first is None or not first.is_element_node:
        return None
    text = " ".join(first.text()[:160].split())
    return first if text.endswith(":") and _SAYS.fullmatch(text) else None


def _before(quote: LexborNode) -> Iterator[LexborNode]:
    """The element before a quote, if it says who is quoted; a table's row above it too."""
    node: LexborNode | None = quote
    if quote.tag == "td" and quote.parent is not None:
        node = quote.parent
    before = node.prev if node is not None else None
    while before is not None and (
        before.tag == "br" or (before.is_text_node and not (before.text_content or "").strip())
    ):
        before = before.prev
    if (
        before is not None
        and before.is_element_node
        and _SAYS.fullmatch(" ".join(before.text()[:300].split()))
    ):
        yield before


def _folded(text: str) -> str:
    return re.sub(r"^(?:re|aw|antw|betreff|subject):\s*", "", " ".join(text.split()).lower())


_BB_QUOTE = re.compile(
    r"\[quote(?:=[\"']?([^\]\"',;]{0,80}))?[^\]]{0,120}\]((?:(?!\[/?quote).)*)\[/quote\]", re.I | re.S
)
_BB_TAG = re.compile(
    r"\[/?(?:b|i|u|s|url|img|color|size|font|code|php|html|list|\*|li|center|left|right|spoiler|"
    r"user|email|media|attach|indent|h\d)"
    r"(?:=[^\]]{0,300})?\]",
    re.I,
)


def described_words(text: str) -> Words:
    """Own words and quotes of a text that is HTML, BBCode or plain."""
    if re.search(r"</?(?:p|br|div|a|b|i|em|strong|blockquote|ul|li|span)\b[^>]*>", text):
        body = parsed(f"<div>{text}</div>").css_first("body > div")
        return body_words(body) if body is not None else ("", ())
    quotes: list[Quote] = []
    for _ in range(20):
        found = _BB_QUOTE.search(text)
        if found is None:
            break
        quotes.append(Quote(_BB_TAG.sub("", found[2]).strip(), (found[1] or "").strip() or None))
        text = text[: found.start()] + "\n" + text[found.end() :]
    lines = (" ".join(line.split()) for line in _BB_TAG.sub("", unescape(text)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), tuple(quotes)


def without_signatures(texts: Sequence[tuple[str | None, str]]) -> list[str]:
    """The texts without what the same author has at the end of all of several posts."""
    found = [text for _, text in texts]
    by_author: dict[str, list[int]] = defaultdict(list)
    for at, (author, _) in enumerate(texts):
        if author:
            by_author[author].append(at)
    for places in by_author.values():
        shared = _shared_end([found[at].split("\n") for at in places])
        if len(places) > 1 and sum(map(len, shared)) >= 20:
            for at in places:
                found[at] = "\n".join(found[at].split("\n")[: -len(shared)]).rstrip(" \n_-")
    return found


def _shared_end(texts: Sequence[list[str]]) -> list[str]:
    """The lines with which all texts end, as long as something stands before them in each."""
    shared: list[str] = []
    for lines in zip(*(reversed(lines[1:]) for lines in texts), strict=False):
        if len(set(lines)) > 1:
            break
        shared.append(lines[0])
    return shared[::-1]
