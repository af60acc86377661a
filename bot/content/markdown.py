"""Light Markdown: what staff may use in an answer, as a small tree that every channel can show.

Paragraphs, `- ` and `1. ` lists, **bold**, *italic*, `code`, [text](link). Nothing else: a channel that cannot show
headings or tables would lose words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters in one style. `link` is an http(s), mailto or tel address; `moment` is aware."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str | None = None
    moment: datetime | None = None


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; line breaks are characters of its spans."""

    spans: Line


@dataclass(frozen=True, slots=True)
class Items:
    """A list. `first` is the number of the first item of an ordered one, None for bullets."""

    lines: tuple[Line, ...]
    first: int | None = None


Block: TypeAlias = Paragraph | Items
Rich: TypeAlias = tuple[Block, ...]

_PARSER = MarkdownIt("zero").enable(["list", "emphasis", "link", "backticks", "escape", "newline"])
_PARSER.normalizeLink = lambda url: url  # type: ignore[method-assign]
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005

ALLOWED_LINK = re.compile(r"(https?://|mailto:|tel:)\S+\Z")

# What a reader of the answer would see as litter, and what to tell the writer about it.
_LITTER = (
    (re.compile(r"^ {0,3}#{1,6} ", re.MULTILINE), "headings (#) are not shown; make the line **bold** instead"),
    (re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE), "tables are not shown; write a list instead"),
    (re.compile(r"^ {0,3}>", re.MULTILINE), "quotes (>) are not shown; leave the sign out"),
    (re.compile(r"</?[a-zA-Z][^<>\n]*>"), "HTML is not shown; use light Markdown"),
    (re.compile(r"!\[[^]\n]*\]\("), "pictures are not shown; link to them instead"),
    (re.compile(r"\]\s*\(\s*\)"), "a link without an address"),
)
_LEFT_OVER = (
    (
        re.compile(r"\*\*"),
        "** without its partner: bold text begins and ends with ** and no space or punctuation stands just inside",
    ),
    (re.compile(r"`"), "` without its partner"),
    (re.compile(r"\]\("), "a broken link: write [text](https://address)"),
)


@lru_cache(maxsize=2048)
def parse(text: str) -> Rich:
    """Read light Markdown. Never fails: what is not understood stays text (`problems` tells)."""
    return tuple(_blocks(_PARSER.parse(text)))


def problems(text: str) -> Iterator[tuple[int, str]]:
    """Everything broken in the text: (character offset, what to do about it)."""
    for pattern, message in _LITTER:
        for found in pattern.finditer(text):
            yield found.start(), message
    tokens = _PARSER.parse(text)
    starts = [0, *(found.end() for found in re.finditer("\r\n?|\n", text))]
    for token in tokens:
        if token.level > 1 and token.type.endswith("list_open"):
            yield starts[_line(token)], "a list inside a list is not shown well on a phone; make it one list"
    for line, span in _placed(tokens):
        for wrong, message in _faults(span):
            yield max(text.find(wrong, starts[line]), starts[line]), message


def spans(rich: Rich) -> Iterator[Span]:
    """All spans of a text in reading order."""
    for block in rich:
        for line in (block.spans,) if isinstance(block, Paragraph) else block.lines:
            yield from line


def plain(text: str) -> Rich:
    """Text that is not markup, such as a person's own words."""
    return (Paragraph((Span(text),)),)


def _placed(tokens: Sequence[Token]) -> Iterator[tuple[int, Span]]:
    """All spans with the number of the line that each stands in, from 0."""
    for token in tokens:
        line = _line(token)
        for span in _spans(token.children or ()):
            yield line, span
            line += span.text == "\n"


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _faults(span: Span) -> Iterator[tuple[str, str]]:
    """What is broken in a span: the characters, and what to do about them."""
    if span.link is not None and not ALLOWED_LINK.match(span.link):
        yield span.link, f"“{span.link}” is not an address that begins with https://"
    for pattern, message in _LEFT_OVER:
        if not span.code and (found := pattern.search(span.text)):
            yield found[0], message


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """Fold markdown-it's flat tokens into blocks; a paragraph inside a list is one of its lines."""
    inside: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
            if depth == 1:
                inside = [token]
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
            if depth == 0:
                yield _items(inside)
        elif token.type == "inline" and depth:
            inside.append(token)
        elif token.type == "inline":
            yield Paragraph(tuple(_spans(token.children or ())))


def _items(tokens: Sequence[Token]) -> Items:
    head, *lines = tokens
    first = int(head.attrs.get("start", 1)) if head.type.startswith("ordered") else None
    return Items(tuple(tuple(_spans(line.children or ())) for line in lines), first)


def _spans(tokens: Sequence[Token]) -> Iterator[Span]:
    bold = italic = 0
    link: str | None = None
    for token in tokens:
        bold += token.nesting if token.type.startswith("strong") else 0
        italic += token.nesting if token.type.startswith("em_") else 0
        if token.type == "link_open":
            link = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            link = None
        elif token.type in ("softbreak", "hardbreak"):
            yield Span("\n", bold > 0, italic > 0, link=link)
        elif token.content:
            yield Span(token.content, bold > 0, italic > 0, token.type == "code_inline", link)
