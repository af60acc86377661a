"""What a messenger tells about the formatting of a text, written as light Markdown.

A client turns `**bold**` into an entity as soon as it is typed, and leaves `[text](address)` and `*italic*` alone. So
what stands outside of entities is left as it was typed: it counts as markup if it looks like it. What stands inside of
them is what the person saw, sign by sign.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise, takewhile
from typing import Any

from bot.content.markdown import ALLOWED_LINK, parse, spans


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch of a text with something special about it. Offset and length count UTF-16 units."""

    kind: str
    offset: int
    length: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Style:
    """How one character looks; `found` is part of an address or the like, in which nothing is meant as markup."""

    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str | None = None
    found: bool = False

    @property
    def shown(self) -> tuple[bool, bool, bool, str | None]:
        """What a reader sees of it."""
        return self.bold, self.italic, self.code, self.link


@dataclass(frozen=True, slots=True)
class _Sign:
    """One character of a text."""

    text: str
    style: _Style


_Line = Sequence[_Sign]
_PLAIN = _Style()
_FOUND = frozenset({"url", "email", "mention", "hashtag", "cashtag", "bot_command", "phone_number"})
# The beginning of a line that makes it an item of a list.
_MARKER = re.compile(r"[ \t]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?")
_MARKUP = frozenset("\\`*_[]")
# In an address these would end it.
_IN_ADDRESS = {ord(sign): f"%{ord(sign):02X}" for sign in " ()<>\\"}
# Goes before a line that is tried out, so that nothing in it is the beginning of a list.
_BEFORE = "x "
# How a line can be written, best first: which of the two is outside, and how italics are marked. CommonMark has its own
# mind about stars that touch: what it reads otherwise than it was meant is not taken.
_WAYS = (("bold", "italic", "*"), ("italic", "bold", "*"), ("bold", "italic", "_"), ("italic", "bold", "_"))
# What is given up, one after the other, where no way is right.
_DROPS = ((), ("italic",), ("italic", "bold"), ("italic", "bold", "link"))


def as_markdown(text: str, entities: Sequence[Entity]) -> str:
    """The text in light Markdown. What that cannot say, such as a spoiler, is left out; no words are."""
    signs = [_Sign(sign, style) for sign, style in zip(text, _styles(text, entities), strict=True)]
    ends = [-1, *(place for place, sign in enumerate(text) if sign == "\n"), len(text)]
    return "\n".join(_line(signs[before + 1 : end]) for before, end in pairwise(ends))


def _styles(text: str, entities: Sequence[Entity]) -> list[_Style]:
    """The style of each character."""
    starts = list(accumulate((1 + (ord(sign) > 0xFFFF) for sign in text), initial=0))
    styles = [_PLAIN] * len(text)
    for entity in entities:
        change = _change(entity)
        first = bisect_left(starts, entity.offset)
        last = min(bisect_left(starts, entity.offset + entity.length), len(text))
        for place in range(first, last) if change else ():
            styles[place] = replace(styles[place], **change)
    return styles


def _change(entity: Entity) -> dict[str, Any]:
    """What an entity makes of a style."""
    if entity.kind in ("bold", "italic", "code"):
        return {entity.kind: True}
    if entity.kind == "pre":
        return {"code": True}
    if entity.kind == "text_link" and ALLOWED_LINK.match(entity.url or ""):
        return {"link": (entity.url or "").translate(_IN_ADDRESS)}
    return {"found": True} if entity.kind in _FOUND else {}


def _line(line: _Line) -> str:
    """One line. Emphasis never goes over the end of one: it would go over the end of a paragraph, or an item, too."""
    if all(sign.style == _PLAIN for sign in line):
        return _text(line)
    marker = _MARKER.match(_text(line))
    first = marker.end() if marker and not any(sign.style.code for sign in line[: marker.end()]) else 0
    head, body = _text(line[:first]), line[first:]
    for drop in _DROPS:
        kept = _trimmed([_seen_as_it_is(sign, *drop) for sign in body])
        tried = [sign if _counts(sign) else replace(sign, text=_neutral(sign)) for sign in kept]
        for outside, inside, mark in _WAYS:
            if _reads(_written(tried, outside, inside, mark), tried):
                return head + _written(kept, outside, inside, mark)
    return head + _text(body)


def _text(line: _Line) -> str:
    return "".join(sign.text for sign in line)


def _counts(sign: _Sign) -> bool:
    """Whether a sign of markup is to be seen as it is."""
    style = sign.style
    if style.code or style.link is not None:
        return True
    return (style.bold or style.italic or style.found) and sign.text not in "[]"


def _neutral(sign: _Sign) -> str:
    """What may be meant as markup, made into another sign of its kind."""
    return ";" if sign.text in _MARKUP else sign.text


def _reads(written: str, wanted: _Line) -> bool:
    """Whether what is written is read as it is wanted. Of signs and blanks only the text matters."""
    read = [
        _Sign(sign, _Style(span.bold, span.italic, span.code, span.link))
        for span in spans(parse(_BEFORE + written))
        for sign in span.text
    ][len(_BEFORE) :]
    if _text(read).rstrip() != _text(wanted).rstrip():
        return False
    return all(
        one.style.shown == other.style.shown for one, other in zip(read, wanted, strict=False) if one.text.isalnum()
    )


# Where emphasis begins and ends


def _trimmed(line: list[_Sign]) -> _Line:
    """CommonMark wants no blank just inside of emphasis, nor a sign where a letter stands just outside."""
    for first, last in _stretches([sign.style.shown for sign in line]):
        for edge in (range(first, last), range(last - 1, first - 1, -1)):
            for place in takewhile(lambda place: line[place].text.isspace(), edge):
                line[place] = _seen_as_it_is(line[place], "bold", "italic")
    for name in ("bold", "italic"):
        for first, last in _stretches([(getattr(sign.style, name), sign.style.link) for sign in line]):
            for place in _outside(line, first, last):
                line[place] = _seen_as_it_is(line[place], name)
    return line


def _outside(line: _Line, first: int, last: int) -> list[int]:
    """The places at the edges of a stretch that cannot be in it."""
    before = line[first - 1].text if first else " "
    after = line[last].text if last < len(line) else " "
    start = [*takewhile(lambda place: _is_outside(line[place].text, before), range(first, last))]
    return [*start, *takewhile(lambda place: _is_outside(line[place].text, after), range(last - 1, first - 1, -1))]


def _seen_as_it_is(sign: _Sign, *names: str) -> _Sign:
    """The character without these styles, which even so is no markup."""
    if not any(getattr(sign.style, name) for name in names):
        return sign
    plain: dict[str, Any] = {name: None if name == "link" else False for name in names}
    return replace(sign, style=replace(sign.style, found=True, **plain))


def _is_outside(edge: str, neighbour: str) -> bool:
    return edge.isspace() or (_is_mark(edge) and not neighbour.isspace() and not _is_mark(neighbour))


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith(("P", "S"))


def _stretches(looks: Sequence[object]) -> list[tuple[int, int]]:
    """Where each look begins, and where it has ended."""
    found = []
    for _, group in groupby(range(len(looks)), lambda place: looks[place]):
        places = list(group)
        found.append((places[0], places[-1] + 1))
    return found


# Writing


def _written(line: _Line, outside: str, inside: str, mark: str) -> str:
    return _layer(range(len(line)), line, ("link", outside, inside, "code"), mark)


def _layer(places: Sequence[int], line: _Line, styles: Sequence[str], mark: str) -> str:
    """Some characters with these styles, the first of them outside of the others."""
    if not styles:
        return "".join(_escaped(place, line) for place in places)
    name, *others = styles
    parts = []
    for value, group in groupby(places, lambda place: getattr(line[place].style, name)):
        inner = _layer(list(group), line, others, mark)
        parts.append(_wrapped(name, value, inner, mark) if value else inner)
    return "".join(parts)


def _wrapped(name: str, value: object, inner: str, mark: str) -> str:
    if name == "link":
        return f"[{inner}]({value})"
    if name == "code":
        fence = "`" * (max(map(len, re.findall("`+", inner)), default=0) + 1)
        edge = " " if inner.strip() and (inner[0] in "` " or inner[-1] in "` ") else ""
        return f"{fence}{edge}{inner}{edge}{fence}"
    around = "**" if name == "bold" else mark
    return f"{around}{inner}{around}"


def _escaped(place: int, line: _Line) -> str:
    """A character; one of markup that was only meant as itself is said to be that."""
    sign, style = line[place].text, line[place].style
    if sign not in _MARKUP or style.code:
        return sign
    if style == _PLAIN:  # a backslash before what is not typed does not mean it
        escapes = sign == "\\" and place + 1 < len(line) and line[place + 1].style != style
    elif sign == "_":
        escapes = not _is_inside_word(place, line)
    else:
        escapes = sign not in "[]" or style.link is not None
    return f"\\{sign}" if escapes else sign


def _is_inside_word(place: int, line: _Line) -> bool:
    """Whether an underscore, or several of them, stand between letters that look alike, where they are no markup."""
    before = next((sign for sign in reversed(line[:place]) if sign.text != "_"), None)
    after = next((sign for sign in line[place:] if sign.text != "_"), None)
    return all(
        sign is not None
        and sign.style.shown == line[place].style.shown
        and not sign.text.isspace()
        and not _is_mark(sign.text)
        for sign in (before, after)
    )
