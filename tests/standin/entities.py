"""Text and its entities, counted as Telegram counts: in UTF-16 units."""

import html
import re
from collections.abc import Sequence

from .arguments import whole, word
from .values import Object

TYPED = re.compile(
    r"(?P<url>https?://\S+)"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?)(?!\w)"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{2,31})"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
)
TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def units(text: str) -> int:
    """The length of a text as Telegram counts it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def typed_entities(text: str) -> list[Object]:
    """What Telegram finds in a typed text: commands, mentions, hashtags, links, addresses."""
    return [
        {"type": found.lastgroup or "", "offset": units(text[: found.start()]), "length": units(found[0])}
        for found in TYPED.finditer(text)
    ]


def trimmed(text: str, entities: Sequence[Object]) -> tuple[str, list[Object]]:
    """Text without white space around it; the entities move along."""
    ahead = units(text) - units(text.lstrip())
    kept = text.strip()
    length = units(kept)
    moved = [_moved(entity, ahead, length) for entity in entities]
    return kept, [entity for entity in moved if whole(entity, "length") > 0]


def _moved(entity: Object, ahead: int, length: int) -> Object:
    """An entity in a text that lost its first units and may be shorter."""
    start = whole(entity, "offset") - ahead
    end = min(start + whole(entity, "length"), length)
    return {**entity, "offset": max(start, 0), "length": end - max(start, 0)}


def to_html(text: str, entities: Sequence[Object]) -> str:
    """The text as one would write it in HTML for Telegram; entities without a tag are left out."""
    raw = text.encode("utf-16-le")
    written: list[str] = []
    open_ends: list[tuple[int, str]] = []
    at = 0

    def write_until(offset: int) -> None:
        nonlocal at
        written.append(html.escape(raw[at * 2 : offset * 2].decode("utf-16-le"), quote=False))
        at = offset

    def close_until(offset: int) -> None:
        while open_ends and open_ends[-1][0] <= offset:
            end, tag = open_ends.pop()
            write_until(end)
            written.append(tag)

    for entity in sorted(entities, key=lambda one: (whole(one, "offset"), -whole(one, "length"))):
        start = whole(entity, "offset")
        opening, closing = _tags(entity)
        close_until(start)
        write_until(start)
        written.append(opening)
        open_ends.append((start + whole(entity, "length"), closing))
    close_until(len(raw) // 2)
    write_until(len(raw) // 2)
    return "".join(written)


def _tags(entity: Object) -> tuple[str, str]:
    """The opening and the closing tag of an entity."""
    match word(entity, "type"):
        case "text_link":
            return f'<a href="{html.escape(word(entity, "url"))}">', "</a>"
        case "custom_emoji":
            return f'<tg-emoji emoji-id="{word(entity, "custom_emoji_id")}">', "</tg-emoji>"
        case "date_time":
            return _time_tag(entity), "</tg-time>"
        case "pre" if language := word(entity, "language"):
            return f'<pre><code class="language-{html.escape(language)}">', "</code></pre>"
        case "pre":
            return "<pre>", "</pre>"
        case kind:
            return TAGS.get(kind, ("", ""))


def _time_tag(entity: Object) -> str:
    """The opening tag of a moment."""
    form = word(entity, "date_time_format")
    return f'<tg-time unix="{whole(entity, "unix_time")}"' + (f' format="{form}">' if form else ">")
