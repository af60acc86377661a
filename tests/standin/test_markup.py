"""Telegram's HTML is read and refused as Telegram does it."""

import pytest

from tests.standin.entities import to_html, trimmed, typed_entities, units
from tests.standin.markup import parse_html
from tests.standin.values import RefusedError


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b> &lt;&amp;&#x27;", "a <&'", [("bold", 0, 1)]),
        ("😀<i>é</i>", "😀é", [("italic", 2, 1)]),  # an emoji is two units
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<B>a</b><u></u>", "a", [("bold", 0, 1)]),  # an empty entity is none
        ("<span class='tg-spoiler'>x</span>", "x", [("spoiler", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<a href='nonsense'>x</a>", "x", []),  # what is no address is no link
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    read, found = parse_html(source)
    assert read == text
    assert [(one["type"], one["offset"], one["length"]) for one in found] == entities


@pytest.mark.parametrize(
    "source",
    [
        "<b>bold</b> <i>italic <u>both</u></i> <s>x</s> <tg-spoiler>y</tg-spoiler>",
        '<a href="https://example.org/?a=1&amp;b=2">link</a>',
        '<pre><code class="language-python">1 &lt; 2</code></pre> <code>x</code>',
        "<blockquote>q</blockquote> <blockquote expandable>long</blockquote>",
        '<tg-time unix="1764000000" format="wDT">Monday</tg-time> <tg-time unix="1">long ago</tg-time>',
        '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji> after 😀 <b>😀</b>',
    ],
)
def test_html_comes_back_as_it_went_in(source: str) -> None:
    assert to_html(*parse_html(source)) == source


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("я<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("1 < 2", 'Unescaped "<" at byte offset 2'),
        ("1 < 2 <b>x</b>", 'Unescaped "<" at byte offset 2'),
        ("AT&T", 'Unescaped "&" at byte offset 2'),
        ("&nbsp;", 'Unescaped "&" at byte offset 0'),
        ('<a href="x>y</a>', 'Unescaped "<" at byte offset 0'),
        ("<b/>", 'Unclosed or malformed attribute in the tag "b" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-time>x</tg-time>", 'Tag "tg-time" must have a valid attribute "unix"'),
        ('<tg-time unix="1" format="Y">x</tg-time>', 'Invalid date-time format "Y" specified'),
    ],
)
def test_html_that_telegram_refuses_is_refused(source: str, why: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {why}"


def test_white_space_around_a_text_goes_and_entities_move_along() -> None:
    text, entities = trimmed(*parse_html("  <b> a </b> \n"))
    assert (text, to_html(text, entities)) == ("a", "<b>a</b>")
    assert trimmed(*parse_html("<b> </b>")) == ("", [])


def test_a_typed_text_has_its_commands_mentions_and_links() -> None:
    found = typed_entities("/start@rohnamo_bot 😀 @zarina https://a.b/c zarina@example.org #виза 5/6")
    assert [(one["type"], one["offset"], one["length"]) for one in found] == [
        ("bot_command", 0, 18),
        ("mention", 22, 7),
        ("url", 30, 13),
        ("email", 44, 18),
        ("hashtag", 63, 5),
    ]
    assert units("😀я") == 3
