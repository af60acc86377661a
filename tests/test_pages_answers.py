"""Answers, choices and lists of topics as pages: pure functions of content and a voice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from bot.content.markdown import plain, spans
from bot.content.values import SMALL_TALK, Content, Entry, Topic
from bot.language import FALLBACK, Language, Text
from bot.matching.decide import Choice
from bot.matching.matcher import Matcher
from bot.pages import answers, talk
from bot.pages.actions import NoneOfThese, ShowEntry, ShowSessions, ShowTopics, decode
from bot.pages.markup import plain as words
from bot.pages.markup import telegram
from bot.pages.page import Page
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from tests.crawl import buttons
from tests.standin.markup import parse_html

Voices = Mapping[Language, Voice]


def entry_in(languages: tuple[Language, ...], text: str = "Some **words**.", name: str = "seal") -> Entry:
    return Entry(name, "stamps", {one: (f"Seal in {one}?",) for one in languages}, Text(dict.fromkeys(languages, text)))


def content_of(content: Content, *entries: Entry) -> Content:
    return dataclasses.replace(content, topics=(Topic("stamps", Text.same("Stamps"), entries), *content.topics))


def labels(page: Page) -> list[list[str]]:
    return [[button.label for button in row] for row in page.buttons]


@pytest.mark.parametrize("language", Language)
def test_an_answer_offers_the_other_languages_by_their_own_names(
    content: Content, voices: Voices, language: Language
) -> None:
    page = answers.answer_page(content.entries["visa-extension"], voices[language], content)
    assert labels(page)[0] == [name for one, name in SHORT_NAMES.items() if one is not language]
    actions = [decode(button.action) for button in page.buttons[0]]
    assert actions == [ShowEntry("visa-extension", one) for one in SHORT_NAMES if one is not language]
    assert page.language is language


@pytest.mark.parametrize("language", Language)
def test_an_answer_missing_in_a_language_is_shown_in_the_nearest_and_says_so(
    content: Content, voices: Voices, language: Language
) -> None:
    written = tuple(one for one in Language if one is not language)
    entry = entry_in(written)
    page = answers.answer_page(entry, voices[language], content_of(content, entry))
    nearest = FALLBACK[language][1]
    assert words(page.text).startswith(f"Seal in {nearest}?\n\nSome words.\n\n")
    [note] = [span for span in spans(page.text) if NAMES[nearest] in span.text]
    assert note.italic
    assert labels(page)[0] == [name for one, name in SHORT_NAMES.items() if one in written]


def test_an_answer_in_one_language_only_offers_no_others(content: Content, voices: Voices) -> None:
    entry = entry_in((Language.ZH,))
    page = answers.answer_page(entry, voices[Language.TG], content_of(content, entry))
    assert labels(page)[0] == ["中文"]
    alone = answers.answer_page(entry, voices[Language.ZH], content_of(content, entry))
    assert "中文" not in {label for row in labels(alone) for label in row}


def test_a_topic_of_one_answer_relates_it_to_nothing(content: Content, voices: Voices) -> None:
    entry = entry_in(tuple(Language))
    page = answers.answer_page(entry, voices[Language.EN], content_of(content, entry))
    assert labels(page) == [["RU", "TG", "中文"], ["All topics", "Course sessions"]]


def test_every_answer_is_related_to_some_other_of_its_topic(content: Content, voices: Voices) -> None:
    for topic in content.topics:
        reached = {
            action.entry
            for entry in topic.entries
            for row in answers.answer_page(entry, voices[Language.EN], content).buttons[1:]
            for action in (decode(button.action) for button in row)
            if isinstance(action, ShowEntry)
        }
        assert reached == ({entry.id for entry in topic.entries} if topic.id != SMALL_TALK else set())


@pytest.mark.parametrize("letter", ["a", "ж", "ҳ", "学", "😀", "&", "<"])
def test_the_longest_answer_that_staff_may_write_still_fits_into_one_message(
    content: Content, voices: Voices, letter: str
) -> None:
    longest = letter * (4000 // (len(letter.encode("utf-16-le")) // 2))
    for fewer in range(0, 600, 90):
        for written in Language:
            entry = Entry("seal", "stamps", dict.fromkeys(Language, ("?" * 200,)), Text({written: longest[fewer:]}))
            page = answers.answer_page(entry, voices[Language.TG], content_of(content, entry))
            shown, _ = parse_html(telegram(page.text))
            assert len(shown.encode("utf-16-le")) // 2 <= 4096


def test_a_choice_shows_each_match_and_a_way_out(matcher: Matcher, voices: Voices) -> None:
    matches = matcher.rank("виза").matches[:3]
    entries = [match.entry for match in matches]
    page = answers.choice_page(Choice(matches, Language.RU, 0.5), voices[Language.RU])
    assert [button.label for button in buttons(page)][:-1] == [entry.title(Language.RU) for entry in entries]
    assert decode(buttons(page)[-1].action) == NoneOfThese()
    assert [decode(button.action) for button in buttons(page)][:-1] == [
        ShowEntry(entry.id, Language.RU) for entry in entries
    ]


@pytest.mark.parametrize("page", range(12))
def test_whatever_page_is_asked_for_there_is_one(content: Content, voices: Voices, page: int) -> None:
    entries = tuple(entry_in(tuple(Language), name=f"seal-{number}") for number in range(17))
    shown = answers.topic_page("stamps", page, voices[Language.EN], content_of(content, *entries))
    assert shown is not None
    seals = [action.entry for button in buttons(shown) if isinstance(action := decode(button.action), ShowEntry)]
    first = 8 * min(page, 2)
    assert seals == [f"seal-{number}" for number in range(first, min(first + 8, 17))]
    row = [button.label for button in shown.buttons[-2]] if page or len(seals) == 8 else []
    assert row == [["More →"], ["← Previous", "More →"], ["← Previous"]][min(page, 2)]


def test_a_topic_that_does_not_exist_has_no_page(content: Content, voices: Voices) -> None:
    assert answers.topic_page("nothing", 0, voices[Language.EN], content) is None


def test_small_talk_is_no_topic_to_browse(content: Content, voices: Voices) -> None:
    page = answers.topics_page(0, voices[Language.EN], content)
    assert "Small talk" not in {button.label for button in buttons(page)}


@pytest.mark.parametrize("language", Language)
def test_every_dead_end_leads_to_topics_sessions_and_people(
    content: Content, voices: Voices, language: Language
) -> None:
    voice = voices[language]
    for page in (
        talk.unknown_page(voice, content),
        talk.gone_page(voice),
        talk.no_text_page(voice),
        talk.failed_page(voice),
    ):
        assert [decode(button.action) for button in buttons(page)] == [ShowTopics(), ShowSessions()]
    unknown = words(talk.unknown_page(voice, content).text)
    assert content.facts["email"].of(language) in unknown
    assert content.facts["phone"].of(language) in unknown


def test_words_of_people_are_no_markup() -> None:
    assert telegram(plain("**<b>&amp;")) == "**&lt;b&gt;&amp;amp;"
