"""Telegram's HTML, read as strictly as Telegram reads it; a bare `&` is refused too, as its documentation demands."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .entities import units
from .values import Json, Object, RefusedError, bad

TOKEN = re.compile(
    r"""<(?P<slash>/?)(?P<tag>[^\s<>/]*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>"""
    r"|(?P<entity>&(?:lt|gt|amp|quot|\#\d+|\#[xX][0-9a-fA-F]+);)"
    r"|(?P<stray>[<&])"
)
ATTRIBUTE = re.compile(r"""\s+([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?""")
ATTRIBUTES = re.compile(rf"(?:{ATTRIBUTE.pattern})*\s*")
ADDRESS = re.compile(r"(?:https?|tg|ton)://\S+|(?:mailto|tel):\S+|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?")
TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")

Attributes: TypeAlias = Mapping[str, str]
Maker: TypeAlias = Callable[[Attributes, str], dict[str, Json] | None]


@dataclass(frozen=True, slots=True)
class Open:
    """A tag that waits for its end."""

    tag: str
    attributes: Attributes
    offset: int
    place: int


class Reader:
    """Reads one text; what is read so far is in `text` and `entities`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.offset = 0
        self.open: list[Open] = []
        self.entities: list[Object] = []

    def read(self) -> tuple[str, list[Object]]:
        """The text without tags, and its entities in order."""
        last = 0
        for token in TOKEN.finditer(self.source):
            self.write(self.source[last : token.start()])
            self.take(token)
            last = token.end()
        self.write(self.source[last:])
        if self.open:
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.pieces), sorted(self.entities, key=_in_order)

    def write(self, text: str) -> None:
        """Add plain text."""
        if text:
            self.pieces.append(text)
            self.offset += units(text)

    def take(self, token: re.Match[str]) -> None:
        """Act on one tag or character reference."""
        if token["stray"]:
            raise cannot_parse(self._at(f'Unescaped "{token["stray"]}"', token.start()))
        if token["entity"]:
            self.write(html.unescape(token["entity"]))
        elif token["slash"]:
            self.end(token["tag"].lower(), token.start())
        else:
            self.begin(token["tag"].lower(), token["attributes"], token.start())

    def begin(self, tag: str, attributes: str, start: int) -> None:
        """A start tag."""
        if tag not in MAKERS:
            raise cannot_parse(self._at(f'Unsupported start tag "{tag}"', start))
        if not ATTRIBUTES.fullmatch(attributes):
            raise cannot_parse(self._at(f'Unclosed or malformed attribute in the tag "{tag}"', start))
        given = {name.lower(): _value(value) for name, value in ATTRIBUTE.findall(attributes)}
        if tag == "span" and given.get("class") != "tg-spoiler":
            raise cannot_parse(self._at('Tag "span" must have class "tg-spoiler"', start))
        self.open.append(Open(tag, given, self.offset, len(self.pieces)))

    def end(self, tag: str, start: int) -> None:
        """An end tag: the entity is made."""
        if not self.open:
            raise cannot_parse(self._at("Unexpected end tag", start))
        begun = self.open.pop()
        if tag not in ("", begun.tag):
            wanted = f'expected "</{begun.tag}>", found "</{tag}>"'
            raise cannot_parse(self._at("Unmatched end tag", start) + f", {wanted}")
        made = MAKERS[begun.tag](begun.attributes, "".join(self.pieces[begun.place :]))
        if made and self.offset > begun.offset:
            self._add({**made, "offset": begun.offset, "length": self.offset - begun.offset})

    def _add(self, entity: dict[str, Json]) -> None:
        """Keep an entity; `pre` right around `code` is one entity that knows the language."""
        inner = self.entities[-1] if self.entities else {}
        same = all(inner.get(name) == entity[name] for name in ("offset", "length"))
        if entity["type"] == "pre" and inner.get("type") == "code" and same:
            self.entities.pop()
            entity |= {"language": inner["language"]} if "language" in inner else {}
        self.entities.append(entity)

    def _at(self, what: str, place: int) -> str:
        """What is wrong and where: Telegram counts bytes."""
        return f"{what} at byte offset {len(self.source[:place].encode())}"


def parse_html(source: str) -> tuple[str, list[Object]]:
    """The text that people will see, and its entities."""
    if "<" not in source and "&" not in source:
        return source, []
    text, entities = Reader(source).read()
    return text, [_finished(entity) for entity in entities]


def cannot_parse(why: str) -> RefusedError:
    """Telegram's refusal of markup."""
    return bad(f"can't parse entities: {why}")


def _in_order(entity: Object) -> tuple[int, int]:
    """Outer entities come before inner ones."""
    offset, length = entity["offset"], entity["length"]
    assert isinstance(offset, int)
    assert isinstance(length, int)
    return offset, -length


def _finished(entity: Object) -> Object:
    """Only `pre` keeps a language; on a lone `code` it is forgotten."""
    keep = entity["type"] == "pre"
    return entity if keep else {name: value for name, value in entity.items() if name != "language"}


def _value(written: str) -> str:
    """The value of an attribute without its quotes."""
    return html.unescape(written[1:-1] if written[:1] in ("'", '"') else written)


def _plain(kind: str) -> Maker:
    """A tag without attributes."""
    return lambda _attributes, _inner: {"type": kind}


def _code(attributes: Attributes, _inner: str) -> dict[str, Json]:
    """`code`, which may tell the language of the `pre` around it."""
    given = attributes.get("class", "")
    language = given.removeprefix("language-")
    return {"type": "code", "language": language} if language != given else {"type": "code"}


def _link(attributes: Attributes, inner: str) -> dict[str, Json] | None:
    """A link; Telegram silently makes plain text of one whose address is no address."""
    url = attributes.get("href") or inner
    return {"type": "text_link", "url": url} if ADDRESS.fullmatch(url) else None


def _quote(attributes: Attributes, _inner: str) -> dict[str, Json]:
    """A quotation, collapsed or not."""
    return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}


def _emoji(attributes: Attributes, _inner: str) -> dict[str, Json]:
    """A custom emoji."""
    if not re.fullmatch(r"[1-9]\d*", attributes.get("emoji-id", "")):
        raise cannot_parse("Invalid custom emoji identifier specified")
    return {"type": "custom_emoji", "custom_emoji_id": attributes["emoji-id"]}


def _time(attributes: Attributes, _inner: str) -> dict[str, Json]:
    """A moment, shown in the reader's own time zone."""
    form = attributes.get("format", "")
    if not re.fullmatch(r"\d{1,10}", attributes.get("unix", "")):
        raise cannot_parse('Tag "tg-time" must have a valid attribute "unix"')
    if not TIME_FORMAT.fullmatch(form):
        raise cannot_parse(f'Invalid date-time format "{form}" specified')
    made: dict[str, Json] = {"type": "date_time", "unix_time": int(attributes["unix"])}
    return made | ({"date_time_format": form} if form else {})


MAKERS: dict[str, Maker] = {
    **dict.fromkeys(("b", "strong"), _plain("bold")),
    **dict.fromkeys(("i", "em"), _plain("italic")),
    **dict.fromkeys(("u", "ins"), _plain("underline")),
    **dict.fromkeys(("s", "strike", "del"), _plain("strikethrough")),
    **dict.fromkeys(("span", "tg-spoiler"), _plain("spoiler")),
    "pre": _plain("pre"),
    "code": _code,
    "a": _link,
    "blockquote": _quote,
    "tg-emoji": _emoji,
    "tg-time": _time,
}
