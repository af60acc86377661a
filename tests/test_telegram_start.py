"""The first minutes: the greeting, the language, links that open something."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.content.values import SMALL_TALK, Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import answers, talk
from bot.pages.voice import NAMES, Voice
from bot.store.database import Database
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, answering, labels, shows

Voices = Mapping[Language, Voice]

PHONES = [("en-GB", Language.EN), ("ru-RU", Language.RU), ("tg", Language.TG), ("zh-hans", Language.ZH)]


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize(("code", "language"), PHONES)
async def test_start_greets_in_the_language_of_the_phone_and_shows_what_can_be_asked(
    telegram: Telegram, content: Content, voices: Voices, code: str, language: Language
) -> None:
    person = telegram.person("Anna", code)
    greeting = await telegram.answer(person.says("/start"))
    assert shows(greeting, talk.welcome_page(voices[language], content))
    assert content.facts["name"].of(language) in greeting.text
    topics = {topic.title.of(language) for topic in content.topics if topic.id != SMALL_TALK}
    assert topics <= set(labels(greeting))


@pytest.mark.parametrize("code", ["uz", None])
async def test_who_speaks_another_language_chooses_one_by_buttons(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices, code: str | None
) -> None:
    aziz = telegram.person("Aziz", code)
    offer = await telegram.answer(aziz.says("/start"))
    assert labels(offer) == list(NAMES.values())
    for voice in voices.values():
        assert voice.say("Please choose your language.") in offer.text
    await rohnamo.press(aziz, offer, "Тоҷикӣ")
    assert shows(offer, talk.welcome_page(voices[Language.TG], content))
    assert telegram.replies(aziz) == [offer]
    told = await telegram.answer(aziz.says("/help"))
    assert shows(told, talk.help_page(voices[Language.TG]))


@pytest.mark.usefixtures("rohnamo")
async def test_who_asks_before_choosing_is_spoken_to_in_the_language_of_the_question(
    telegram: Telegram, content: Content, voices: Voices
) -> None:
    aziz = telegram.person("Aziz", "uz")
    await telegram.answer(aziz.says(content.entries["visa-extension"].title(Language.TG)))
    told = await telegram.answer(aziz.says("/help"))
    assert shows(told, talk.help_page(voices[Language.TG]))


@pytest.mark.usefixtures("rohnamo")
async def test_a_question_in_another_language_does_not_change_the_chosen_one(
    telegram: Telegram, content: Content, voices: Voices
) -> None:
    anna = telegram.person("Anna", "ru")
    await telegram.answer(anna.says(content.entries["visa-extension"].title(Language.ZH)))
    assert shows(await telegram.answer(anna.says("/help")), talk.help_page(voices[Language.RU]))


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize(("code", "language"), [("tg", Language.TG), ("uz", Language.EN)])
async def test_a_link_to_an_answer_opens_the_answer(
    telegram: Telegram, content: Content, voices: Voices, code: str, language: Language
) -> None:
    reply = await telegram.answer(telegram.person("Aziz", code).says("/start visa-extension"))
    assert shows(reply, answers.answer_page(content.entries["visa-extension"], voices[language], content))


@pytest.mark.usefixtures("rohnamo")
async def test_a_link_to_a_session_opens_the_session(telegram: Telegram, content: Content) -> None:
    session = content.sessions_by_id["chinese-2027-03"]
    reply = await telegram.answer(telegram.person("John", "en").says("/start s_chinese-2027-03"))
    assert reply.html.startswith(f"<b>{session.course.title.of(Language.EN)}</b>")
    assert f"{session.seats} seats" in reply.text


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("payload", ["visa-extensio", "s_chinese-1999-03"])
async def test_a_link_to_what_is_no_longer_there_says_so(telegram: Telegram, payload: str) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says(f"/start {payload}"))
    assert reply.text.startswith("This is no longer here.")
    assert labels(reply) == ["All topics", "Course sessions"]


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize(
    "payload", ["S_", "s_", "a_b", "-visa", "UTM_campaign-7", "x" * 64, "../../etc", "виза", "<b>"]
)
async def test_a_link_that_makes_no_sense_greets(telegram: Telegram, payload: str) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says(f"/start {payload}"))
    assert reply.text.startswith("Hello! I am Rohnamo")


async def test_language_is_changed_by_buttons(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices
) -> None:
    zarina = telegram.person("Zarina", "tg")
    offer = await telegram.answer(zarina.says("/language"))
    await rohnamo.press(zarina, offer, "中文")
    assert shows(offer, talk.welcome_page(voices[Language.ZH], content))


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("language", Language)
async def test_language_is_changed_by_a_word(
    telegram: Telegram, content: Content, voices: Voices, language: Language
) -> None:
    reply = await telegram.answer(telegram.person("Zarina", "tg").says(f"/language {language}"))
    assert shows(reply, talk.welcome_page(voices[language], content))


@pytest.mark.usefixtures("rohnamo")
async def test_a_language_nobody_speaks_here_offers_the_four(telegram: Telegram) -> None:
    reply = await telegram.answer(telegram.person("Zarina", "tg").says("/language klingon"))
    assert labels(reply) == list(NAMES.values())


async def test_the_chosen_language_survives_a_restart(
    telegram: Telegram, matcher: Matcher, content: Content, voices: Voices, tmp_path: Path
) -> None:
    zarina = telegram.person("Zarina", "en")
    for said in ("/language tg", "/start"):
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'rohnamo.db'}")
        await database.open()
        async with answering(telegram, Desk(matcher, voices, database)):
            greeting = await telegram.answer(zarina.says(said))
        await database.close()
    assert shows(greeting, talk.welcome_page(voices[Language.TG], content))


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("language", Language)
async def test_help_names_the_commands_and_about_names_the_institute(
    telegram: Telegram, content: Content, language: Language
) -> None:
    person = telegram.person("Anna", language)
    told = await telegram.answer(person.says("/help"))
    for command in ("/faq", "/sessions", "/language", "/about"):
        assert command in told.text
    about = await telegram.answer(person.says("/about"))
    for fact in ("name", "email", "phone"):
        assert content.facts[fact].of(language) in about.text


@pytest.mark.usefixtures("rohnamo")
async def test_commands_are_understood_in_capital_letters(telegram: Telegram) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says("/HELP"))
    assert reply.text.startswith("How to use me")
