"""Pages as Telegram's HTML, the web's HTML and plain text: well formed whatever people wrote."""

from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markdown import Items, Paragraph, Rich, Span, parse, spans
from bot.pages.markup import plain, telegram, web
from tests.standin.entities import to_html
from tests.standin.markup import parse_html

MOMENT = datetime(2027, 7, 5, 19, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

# Letters, and everything that means something in Markdown or HTML.
LITTER = st.sampled_from(
    [*"*_`[]()<>&\"'\\#|>-+.!~=:/", "\n", "\n\n", "- ", "1. ", "](", "**", "<b>", "&amp;", "https://", "ӯ", "学"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(LITTER, max_size=30).map("".join)


class Balance(HTMLParser):
    """Counts what is open, and collects the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def browser(html: str) -> Balance:
    reader = Balance()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@given(TEXTS)
def test_any_text_of_staff_is_well_formed_on_telegram_and_loses_no_word(text: str) -> None:
    rich = parse(text)
    shown, _ = parse_html(telegram(rich))
    for span in spans(rich):
        assert span.text in shown


@given(TEXTS)
def test_any_text_of_staff_is_well_formed_in_a_browser(text: str) -> None:
    rich = parse(text)
    reader = browser(web(rich))
    for span in spans(rich):
        assert span.text.replace("\n", "") in reader.text
    assert all(address.startswith(("http://", "https://", "mailto:", "tel:")) for address in reader.addresses)


@given(TEXTS, st.booleans(), st.booleans(), st.booleans(), st.none() | st.just(MOMENT), st.none() | TEXTS)
def test_any_span_is_well_formed(
    text: str, bold: bool, italic: bool, code: bool, moment: datetime | None, link: str | None
) -> None:
    rich: Rich = (Paragraph((Span(text, bold, italic, code, link, moment),)),)
    shown, _ = parse_html(telegram(rich))
    assert shown == text
    assert browser(web(rich)).text == text.replace("\n", "")


def test_the_light_markdown_of_staff_looks_the_same_everywhere() -> None:
    rich = parse(
        "Go to **room 5** or *ask* `110`, [map](https://example.org/?a=1&b=2).\n\n- one\n- two\n\n3. three\n4. four"
    )
    assert telegram(rich) == (
        "Go to <b>room 5</b> or <i>ask</i> <code>110</code>, "
        '<a href="https://example.org/?a=1&amp;b=2">map</a>.\n\n• one\n• two\n\n3. three\n4. four'
    )
    assert web(rich) == (
        "<p>Go to <strong>room 5</strong> or <em>ask</em> <code>110</code>, "
        '<a href="https://example.org/?a=1&amp;b=2">map</a>.</p><ul><li>one</li><li>two</li></ul>'
        '<ol start="3"><li>three</li><li>four</li></ol>'
    )
    assert plain(rich) == (
        "Go to room 5 or ask 110, map (https://example.org/?a=1&b=2).\n\n• one\n• two\n\n3. three\n4. four"
    )


def test_bold_within_italic_is_both() -> None:
    text, entities = parse_html(telegram(parse("*all **of** it*")))
    assert text == "all of it"
    assert to_html(text, entities).count("<b>") == 1
    assert {entity["type"] for entity in entities} == {"bold", "italic"}


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "/path", "https://a b", "tg://resolve?x", ""]
)
def test_an_address_that_could_do_harm_is_no_link(link: str) -> None:
    rich: Rich = (Paragraph((Span("press", link=link),)),)
    assert telegram(rich) == "press"
    assert "<a" not in web(rich)


def test_a_moment_is_a_time_that_every_channel_can_show() -> None:
    rich: Rich = (Items(((Span("5 July, 19:00", moment=MOMENT),),)),)
    assert telegram(rich) == '• <tg-time unix="1814785200" format="wDt">5 July, 19:00</tg-time>'
    assert web(rich) == '<ul><li><time datetime="2027-07-05T19:00:00+08:00">5 July, 19:00</time></li></ul>'
    assert plain(rich) == "• 5 July, 19:00"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://example.org/apply.", ["https://example.org/apply"]),
        ("write to office@example.org, please", ["mailto:office@example.org"]),
        ("请看https://example.org/map。", ["https://example.org/map"]),
        ("(https://example.org/a?b=1&c=2)", ["https://example.org/a?b=1&c=2"]),
        ("110, 18:30, user@, https://", []),
    ],
)
def test_addresses_in_text_can_be_pressed_in_a_browser(text: str, addresses: list[str]) -> None:
    reader = browser(web(parse(text)))
    assert reader.addresses == addresses
    assert reader.text == text
