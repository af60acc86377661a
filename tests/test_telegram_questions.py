"""A question in free text, and what can be done with the answer."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping

import pytest

from bot.content.values import Content
from bot.language import Language
from bot.matching.decide import Choice, decide
from bot.matching.matcher import Matcher
from bot.pages import answers, talk
from bot.pages.voice import SHORT_NAMES, Voice
from tests.conftest import HOME
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, labels, shows

Voices = Mapping[Language, Voice]

VISA = "visa-extension"
NOT_OUR_BUSINESS = "Who won the football world cup in 1998?"


@pytest.fixture
def between_two(matcher: Matcher) -> tuple[str, Choice]:
    """Somebody's question that the matcher asks back about."""
    with (HOME / "tests" / "questions" / "en.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            reply = decide(matcher.rank(row["text"]), Language.EN)
            if isinstance(reply, Choice):
                return row["text"], reply
    raise AssertionError("every question has one sure answer: a happy day for everything but this test")


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("language", Language)
async def test_a_question_is_answered_in_its_own_language(
    telegram: Telegram, content: Content, voices: Voices, language: Language
) -> None:
    entry = content.entries[VISA]
    asker = telegram.person("Anna", "en" if language is Language.ZH else "zh")
    reply = await telegram.answer(asker.says(entry.title(language)))
    assert shows(reply, answers.answer_page(entry, voices[language], content, question=1))
    assert reply.html.startswith(f"<b>{entry.title(language)}</b>")


async def test_the_answer_changes_its_language_in_place(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices
) -> None:
    john, entry = telegram.person("John", "en"), content.entries[VISA]
    reply = await telegram.answer(john.says(entry.title(Language.EN)))
    for language in (Language.RU, Language.TG, Language.ZH, Language.EN):
        others = [name for other, name in SHORT_NAMES.items() if other is not language]
        await rohnamo.press(john, reply, SHORT_NAMES[language])
        assert shows(reply, answers.answer_page(entry, voices[language], content, question=1))
        assert reply.buttons[1] == others
    assert telegram.replies(john) == [reply]


async def test_looking_at_another_language_does_not_change_the_chosen_one(
    telegram: Telegram, rohnamo: RunningBot, content: Content
) -> None:
    john = telegram.person("John", "en")
    reply = await telegram.answer(john.says(content.entries[VISA].title(Language.EN)))
    await rohnamo.press(john, reply, "中文")
    assert (await telegram.answer(john.says("/help"))).text.startswith("How to use me")


async def test_related_questions_lead_through_the_whole_topic(
    telegram: Telegram, rohnamo: RunningBot, content: Content
) -> None:
    zarina = telegram.person("Zarina", "tg")
    entries = content.topics_by_id["visa"].entries
    reply = await telegram.answer(zarina.says(f"/faq {entries[0].id}"))
    for following in (*entries[1:], entries[0]):
        await rohnamo.press(zarina, reply, following.title(Language.TG))
        assert reply.html.startswith(f"<b>{following.title(Language.TG)}</b>")
    assert telegram.replies(zarina) == [reply]


async def test_an_unclear_question_is_asked_back_with_a_few_buttons(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices, between_two: tuple[str, Choice]
) -> None:
    john, (text, choice) = telegram.person("John", "en"), between_two
    reply = await telegram.answer(john.says(text))
    titles = [match.entry.title(Language.EN) for match in choice.matches]
    assert reply.text == "Do you mean one of these?"
    assert labels(reply) == [*titles, "None of these"]
    assert len(titles) <= 3
    await rohnamo.press(john, reply, titles[-1])
    assert shows(reply, answers.answer_page(choice.matches[-1].entry, voices[Language.EN], content, question=1))


async def test_none_of_these_leads_to_the_topics_and_to_people(
    telegram: Telegram, rohnamo: RunningBot, content: Content, between_two: tuple[str, Choice]
) -> None:
    john = telegram.person("John", "en")
    reply = await telegram.answer(john.says(between_two[0]))
    await rohnamo.press(john, reply, "None of these")
    assert content.facts["email"].of(Language.EN) in reply.text
    assert labels(reply) == ["🔔 Tell me when you know", "All topics", "Course sessions"]


@pytest.mark.parametrize("text", [NOT_OUR_BUSINESS, "qwzxv bnmkj", "😀😀😀", "??", "w", "\u200b\u200d\u2060", "<b>"])
async def test_what_nobody_wrote_an_answer_to_is_honestly_unknown(
    telegram: Telegram, rohnamo: RunningBot, text: str
) -> None:
    john = telegram.person("John", "en")
    reply = await telegram.answer(john.says(text))
    assert reply.text.startswith("I do not know the answer to that.")
    await rohnamo.press(john, reply, "All topics")
    assert reply.html.startswith("<b>All topics</b>")


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("text", ["ы" * 4096, "visa " * 800, "ﷺ" * 4096, "😀" * 2048, "(" * 4096])
async def test_the_longest_message_is_answered_too(telegram: Telegram, text: str) -> None:
    assert (await telegram.answer(telegram.person("John", "en").says(text))).text


@pytest.mark.usefixtures("rohnamo")
async def test_an_unknown_command_is_a_question_like_any_other(telegram: Telegram) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says("/qwzxv"))
    assert reply.text.startswith("I do not know the answer to that.")


@pytest.mark.usefixtures("rohnamo")
async def test_small_talk_is_answered_without_a_heading(telegram: Telegram, content: Content, voices: Voices) -> None:
    greeting = content.entries["greeting"]
    reply = await telegram.answer(telegram.person("Anna", "ru").says(greeting.title(Language.RU)))
    assert shows(reply, answers.answer_page(greeting, voices[Language.RU], content))
    assert not reply.html.startswith("<b>")


async def test_an_edited_question_is_answered_again(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Voices
) -> None:
    anna = telegram.person("Anna", "ru")
    question = anna.says(NOT_OUR_BUSINESS)
    unknown = await telegram.answer(question)
    anna.edits(question, content.entries[VISA].title(Language.RU))
    await rohnamo.settled()
    assert telegram.replies(anna)[0] is unknown
    second = telegram.replies(anna)[1]
    assert shows(second, answers.answer_page(content.entries[VISA], voices[Language.RU], content, question=2))
    assert second.reply_to is question


@pytest.mark.usefixtures("rohnamo")
async def test_an_edited_command_is_obeyed_again(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    command = john.says("/hepl")
    await telegram.answer(command)
    john.edits(command, "/help")
    await rohnamo.settled()
    assert telegram.replies(john)[-1].text.startswith("How to use me")


Sends = Callable[[Person], Message]


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize(
    "sends",
    [
        Person.sends_sticker,
        Person.sends_photo,
        Person.sends_voice,
        Person.sends_location,
        Person.sends_contact,
        lambda person: person.sends_document("passport.pdf", b"%PDF"),
    ],
    ids=["sticker", "photo", "voice", "location", "contact", "document"],
)
async def test_what_is_no_text_gets_a_kind_sentence(telegram: Telegram, voices: Voices, sends: Sends) -> None:
    reply = await telegram.answer(sends(telegram.person("Zarina", "tg")))
    assert shows(reply, talk.no_text_page(voices[Language.TG]))


async def test_a_place_that_moves_along_is_answered_once(telegram: Telegram, rohnamo: RunningBot) -> None:
    zarina = telegram.person("Zarina", "tg")
    place = zarina.sends_location()
    await telegram.answer(place)
    for step in range(3):
        moved = {**place.to_json(), "edit_date": place.date + step, "location": {"latitude": 36.1, "longitude": 120.4}}
        telegram.push("edited_message", moved)
    await rohnamo.settled()
    assert len(telegram.replies(zarina)) == 1
