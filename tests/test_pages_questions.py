"""Any text as a question gives a page that Telegram takes, whatever language its writer speaks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk import Desk, Visitor
from bot.language import Language
from bot.matching.conversation import answer, hear
from bot.matching.matcher import Matcher
from bot.pages.markup import telegram
from bot.pages.page import MAX_ACTION_BYTES
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.people import Address, Person
from tests.conftest import NOW
from tests.crawl import buttons
from tests.standin.markup import parse_html

ALPHABETS = st.one_of(
    st.text(max_size=200),
    st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюяӣӯҳқғҷ ?", max_size=60),
    st.text("abcdefghijklmnopqrstuvwxyz '?", max_size=60),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=20),
    st.text("<>&*_`[]()/\\\"'#@:;\u200b\u202e\u0301😀", max_size=60),
)
VISITORS = [Visitor(Person(Address("test", one), one), one, language_known=True) for one in Language]


@pytest.fixture(scope="module")
def still(matcher: Matcher, voices: Mapping[Language, Voice]) -> Desk:
    """A desk that remembers nobody."""
    return Desk(matcher, voices, Database("sqlite+aiosqlite://"), now=lambda: NOW)


@settings(max_examples=80)
@given(ALPHABETS)
def test_any_question_gives_a_page_within_telegrams_limits(still: Desk, matcher: Matcher, text: str) -> None:
    for visitor in VISITORS:
        page = still.reply_page(answer(hear(matcher, text), visitor.language), matcher.content)
        shown, _ = parse_html(telegram(page.text))
        assert 1 <= len(shown.encode("utf-16-le")) // 2 <= 4096
        assert buttons(page)
        assert all(len(button.action.encode()) <= MAX_ACTION_BYTES for button in buttons(page))
