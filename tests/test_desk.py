"""The desk remembers who speaks what, and a question in hand keeps the content it was asked of."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping

import pytest

from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import answers, talk
from bot.pages.actions import SetLanguage, ShowEntry, decode
from bot.pages.codec import MAX_NUMBER_DIGITS
from bot.pages.page import Page, Toast
from bot.pages.voice import Voice
from bot.store.people import Address
from tests.postgres import BOTH_STORES

Voices = Mapping[Language, Voice]

ZARINA = Address("telegram", "5000001")
VISA = "visa-extension"


@pytest.mark.parametrize(
    ("hint", "language", "known"),
    [("ru-RU", Language.RU, True), ("zh-hant", Language.ZH, True), ("TG", Language.TG, True),
     ("en_US", Language.EN, True), ("uz", Language.EN, False), ("", Language.EN, False), (None, Language.EN, False),
     ("russian", Language.EN, False)],
)  # fmt: skip
async def test_somebody_new_is_met_in_the_language_of_their_phone(
    desk: Desk, hint: str | None, language: Language, known: bool
) -> None:
    visitor = await desk.meet(ZARINA, hint)
    assert (visitor.language, visitor.language_known, visitor.person.chosen) == (language, known, None)


async def test_the_chosen_language_counts_more_than_the_phones(desk: Desk) -> None:
    await desk.do(SetLanguage(Language.TG), await desk.meet(ZARINA, "ru"))
    visitor = await desk.meet(ZARINA, "ru")
    assert (visitor.language, visitor.language_known) == (Language.TG, True)


async def test_the_same_number_on_another_channel_is_somebody_else(desk: Desk) -> None:
    await desk.do(SetLanguage(Language.TG), await desk.meet(ZARINA))
    assert (await desk.meet(Address("web", ZARINA.name))).person.chosen is None


async def test_an_unknown_question_teaches_no_language(desk: Desk) -> None:
    await desk.hear("qwzxv bnmkj", await desk.meet(ZARINA))
    assert not (await desk.meet(ZARINA)).language_known


async def test_a_question_in_hand_keeps_its_content_while_new_content_goes_live(
    desk: Desk, content: Content, voices: Voices
) -> None:
    entry, nobody_yet = content.entries[VISA], await desk.meet(ZARINA)
    asked = asyncio.create_task(desk.hear(entry.title(Language.EN), nobody_yet))
    await asyncio.sleep(0)  # the question is ranked and waits for the store
    desk.replace(Matcher(dataclasses.replace(content, topics=(content.topics_by_id["health"],))))
    assert await asked == answers.answer_page(entry, voices[Language.EN], content, question=1)
    gone = await desk.hear(f"/faq {VISA}", nobody_yet)
    assert gone == talk.gone_page(voices[Language.EN])


@BOTH_STORES
@pytest.mark.parametrize("form", ["rate:{}:1", "tell:{}", "letter:{}", "ended:{}", "told:{}"])
async def test_what_is_nobodys_is_no_longer_there_however_large_its_number(
    desk: Desk, voices: Voices, form: str
) -> None:
    visitor = await desk.welcome(ZARINA, "tg")
    for number in (0, 10**MAX_NUMBER_DIGITS - 1):
        action = decode(form.format(number))
        assert action is not None
        shown = await desk.do(action, visitor)
        assert (shown.page if isinstance(shown, Toast) else shown) == talk.gone_page(voices[Language.TG])


@BOTH_STORES
async def test_an_answer_to_nobodys_question_cannot_be_rated(desk: Desk, content: Content, voices: Voices) -> None:
    visitor = await desk.welcome(ZARINA, "tg")
    for number in (0, 10**MAX_NUMBER_DIGITS - 1):
        shown = await desk.do(ShowEntry(VISA, Language.RU, number), visitor)
        assert shown == answers.answer_page(content.entries[VISA], voices[Language.RU], content)


async def test_two_first_questions_at_once_are_both_answered(desk: Desk, content: Content) -> None:
    nobody_yet, title = await desk.meet(ZARINA), content.entries[VISA].title
    pages = await asyncio.gather(*(desk.hear(title(language), nobody_yet) for language in Language))
    assert [page.language for page in pages if isinstance(page, Page)] == list(Language)
    assert (await desk.meet(ZARINA)).person.chosen in set(Language)
