"""News as people get them: in each language, always short enough for one message."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markdown import Items, Paragraph, parse, spans
from bot.content.values import Content
from bot.language import FALLBACK, Language
from bot.pages.actions import decode
from bot.pages.announcements import languages_of, recalled_page, size
from bot.pages.findings import findings
from bot.pages.markup import plain, telegram
from bot.pages.voice import NAMES, Voice
from bot.pages.wishes import Unsubscribe
from bot.store.announcement import Body, FileOf
from bot.store.audiences import Kind
from tests.announcement_shown import PHOTO, TEXTS, Post, announcement, fits, news
from tests.conftest import NOW
from tests.crawl import buttons

Voices = Mapping[Language, Voice]

EN, RU, TG = Language.EN, Language.RU, Language.TG


@pytest.fixture(scope="module")
def post(voices: Voices, content: Content) -> Post:
    return Post(voices, content)


@pytest.mark.parametrize("language", Language)
def test_news_arrive_in_the_language_of_the_reader(post: Post, language: Language) -> None:
    told = news({one: f"Words in **{one}**." for one in Language})
    page = post.page(told, language)
    assert page is not None
    assert page.language is language
    assert telegram(page.text) == f"📣 Words in <b>{language}</b>."
    assert [decode(button.action) for button in buttons(page)] == [Unsubscribe(12)]


@pytest.mark.parametrize("language", Language)
def test_news_that_lack_a_language_arrive_in_the_nearest_and_say_so(post: Post, language: Language) -> None:
    told = news({one: f"Words in {one}." for one in Language if one is not language})
    nearest = FALLBACK[language][1]
    page = post.page(told, language)
    assert page is not None
    assert plain(page.text).startswith(f"📣 Words in {nearest}.\n\n")
    [note] = [span for span in spans(page.text) if NAMES[nearest] in span.text]
    assert note.italic


def test_facts_are_put_in_and_what_is_none_stays_as_it_is(post: Post) -> None:
    text = post.text(news({RU: "**{city}**: {email}, {nothing}, {"}), TG)
    email = post.content.facts["email"].of(RU)
    assert text.startswith(f"📣 Циндао: {email}, {{nothing}}, {{\n\n")


def test_a_list_has_the_sign_above_it(post: Post) -> None:
    page = post.page(news({EN: "- one\n- two"}))
    assert page is not None
    assert [type(block) for block in page.text] == [Paragraph, Items]
    assert plain(page.text) == "📣 \n\n• one\n• two"


def test_where_nothing_is_written_nothing_is_sent(post: Post) -> None:
    empty = news({EN: " \n", RU: "- "})
    assert post.page(empty) is None
    assert languages_of(empty) == ()
    assert languages_of(news({RU: "Да", EN: ""})) == (RU,)
    for kind in set(Kind) - {Kind.FREE}:
        assert post.page(announcement(kind, Body({}))) is None
        assert languages_of(announcement(kind, Body({}))) == ()


@given(TEXTS, st.sampled_from(Language), st.sampled_from([None, PHOTO]))
def test_whatever_staff_wrote_is_shown_as_telegram_accepts_it(
    post: Post, texts: dict[Language, str], language: Language, file: FileOf | None
) -> None:
    told = news(texts, file)
    page = post.page(told, language)
    assert (page is None) == (languages_of(told) == ())
    assert page is None or fits(page, 4096 if file is None else 1024)


@given(st.text(min_size=3900, max_size=4200), st.sampled_from(Language))
def test_what_has_no_errors_arrives_whole(post: Post, text: str, language: Language) -> None:
    told = news({RU: text})
    found = findings(told, post.voices, post.content, NOW, post.voices[EN])
    if not any(finding.severity == "error" for finding in found):
        page = post.page(told, language)
        assert page is not None
        assert size(page.text) >= size(parse(text))


def test_the_length_of_a_text_is_without_the_addresses_of_its_links() -> None:
    assert size(parse("[here](https://example.org) 😀\n\n- **a**\n- b")) == len("here 😀😀"[:-1]) + 1 + 2 + len(
        "• a\n• b"
    )


@pytest.mark.parametrize("language", Language)
def test_what_takes_the_place_of_a_recalled_copy_has_no_buttons(voices: Voices, language: Language) -> None:
    page = recalled_page(voices[language])
    assert plain(page.text)
    assert page.buttons == ()
