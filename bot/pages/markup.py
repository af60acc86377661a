"""Pages as markup: Telegram's HTML, the web's HTML, plain text. Everything written by people is escaped here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from bot.content.markdown import ALLOWED_LINK, Items, Line, Paragraph, Rich, Span

# Longer than 64 letters (RFC 5321) the part before the @ cannot be; sought without end it takes the square of a text.
_E_MAIL = r"[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w"
_ADDRESS = re.compile(rf"(https?://[^\s<>\"，。；（）、]+[^\s<>\"，。；（）、.,;:!?)])|({_E_MAIL})")
# What fits into one message on Telegram, with the empty line between two parts.
ROOM = 4096 - 2
LONGEST_NAME = 128
# Signs that turn what follows from right to left, also after the name; control signs; letters that cannot be seen.
_TURNING = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# No script needs more than four marks on a letter; forty reach over the lines around.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_COVERING = re.compile(f"(?<=[{_MARKS}]{{4}})[{_MARKS}]+")
# How Telegram writes a moment in the reader's own zone: week day, long date, short time.
MOMENT_FORMAT = "wDt"


def telegram(rich: Rich) -> str:
    """The HTML that Telegram accepts; blocks are set apart by an empty line."""
    return "\n\n".join(_telegram_block(block) for block in rich)


def web(rich: Rich) -> str:
    """HTML with real paragraphs and lists, for browsers and screen readers."""
    return "".join(_web_block(block) for block in rich)


def plain(rich: Rich) -> str:
    """Text without markup; links keep their address."""
    return "\n\n".join("\n".join(_lines(block, _plain_span)) for block in rich)


def length(rich: Rich) -> int:
    """The length of a text as Telegram counts it: in UTF-16, without markup."""
    return len(plain(rich).encode("utf-16-le")) // 2


def short(text: str, longest: int) -> str:
    """The text in one line, cut where it is longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def name_of(text: str) -> str:
    """A name as staff may be shown it: it turns no other words around, hides nothing and covers no other line."""
    return short(_COVERING.sub("", _TURNING.sub("", text)), LONGEST_NAME)


def _lines(block: Paragraph | Items, show: Callable[[Span], str]) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield _joined(block.spans, show)
        return
    for place, line in enumerate(block.lines):
        mark = "•" if block.first is None else f"{block.first + place}."
        yield f"{mark} {_joined(line, show)}"


def _joined(line: Line, show: Callable[[Span], str]) -> str:
    return "".join(map(show, line))


def _telegram_block(block: Paragraph | Items) -> str:
    return "\n".join(_lines(block, _telegram_span))


def _telegram_span(span: Span) -> str:
    text = _styled(span, escape(span.text, quote=False), bold="b", italic="i")
    if span.moment is not None:
        return f'<tg-time unix="{int(span.moment.timestamp())}" format="{MOMENT_FORMAT}">{text}</tg-time>'
    return _linked(span, text)


def _styled(span: Span, text: str, bold: str, italic: str) -> str:
    if span.code:
        return f"<code>{text}</code>"
    if span.italic:
        text = f"<{italic}>{text}</{italic}>"
    return f"<{bold}>{text}</{bold}>" if span.bold else text


def _linked(span: Span, text: str) -> str:
    if span.link is None or not ALLOWED_LINK.match(span.link):
        return text
    return f'<a href="{escape(span.link)}">{text}</a>'


def _web_block(block: Paragraph | Items) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_joined(block.spans, _web_span)}</p>"
    items = "".join(f"<li>{_joined(line, _web_span)}</li>" for line in block.lines)
    if block.first is None:
        return f"<ul>{items}</ul>"
    return f'<ol start="{block.first}">{items}</ol>'


def _web_span(span: Span) -> str:
    pressable = span.link is None and not span.code
    text = "".join(_web_words(span.text) if pressable else [escape(span.text)]).replace("\n", "<br>")
    text = _styled(span, text, bold="strong", italic="em")
    if span.moment is not None:
        return f'<time datetime="{span.moment.isoformat()}">{text}</time>'
    return _linked(span, text)


def _web_words(text: str) -> Iterator[str]:
    """Telegram makes addresses in text pressable by itself; a browser needs to be told."""
    end = 0
    for found in _ADDRESS.finditer(text):
        address = escape(found[0])
        yield escape(text[end : found.start()])
        yield f'<a href="{address if found[1] else "mailto:" + address}">{address}</a>'
        end = found.end()
    yield escape(text[end:])


def _plain_span(span: Span) -> str:
    return f"{span.text} ({span.link})" if span.link and span.link != span.text else span.text
