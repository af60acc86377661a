"""In groups the bot speaks when it is spoken to."""

from __future__ import annotations

import pytest

from bot.content.values import Content
from bot.language import Language
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, labels


@pytest.fixture
def group(telegram: Telegram) -> Group:
    """The bot is an administrator here, so it sees every message."""
    return telegram.group("Trainees 2027")


@pytest.fixture
def zarina(telegram: Telegram, group: Group) -> Person:
    person = telegram.person("Zarina", "en")
    group.admits(person)
    return person


@pytest.fixture
def question(content: Content) -> str:
    return content.entries["visa-extension"].title(Language.EN)


async def test_what_people_say_to_each_other_is_not_answered(
    telegram: Telegram, rohnamo: RunningBot, group: Group, zarina: Person, question: str
) -> None:
    first = zarina.says(question, in_chat=group)
    zarina.says("I do not know either", reply_to=first)
    zarina.says("ask @rohnamo_bots_friend", in_chat=group)
    zarina.says("write to rohnamo_bot or a@rohnamo_bot", in_chat=group)
    zarina.sends_sticker(in_chat=group)
    await rohnamo.settled()
    assert telegram.replies(group) == []


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("form", ["@rohnamo_bot {}", "{} @rohnamo_bot", "😀😀 @Rohnamo_Bot {}", "@rohnamo_bot,\n{}"])
async def test_a_mention_is_answered_by_quoting_and_is_no_part_of_the_question(
    telegram: Telegram, group: Group, zarina: Person, question: str, form: str
) -> None:
    asked = zarina.says(form.format(question), in_chat=group)
    reply = await telegram.answer(asked)
    assert reply.html.startswith(f"<b>{question}</b>")
    assert reply.reply_to is asked
    assert telegram.replies(zarina) == []


@pytest.mark.usefixtures("rohnamo")
async def test_a_mention_alone_is_answered(telegram: Telegram, group: Group, zarina: Person) -> None:
    assert labels(await telegram.answer(zarina.says("@rohnamo_bot", in_chat=group)))


@pytest.mark.usefixtures("rohnamo")
async def test_a_reply_to_the_bot_is_answered(telegram: Telegram, group: Group, zarina: Person, question: str) -> None:
    first = await telegram.answer(zarina.says("/help@rohnamo_bot", in_chat=group))
    asked = zarina.says(question, reply_to=first)
    reply = await telegram.answer(asked)
    assert reply.html.startswith(f"<b>{question}</b>")
    assert reply.reply_to is asked


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("command", ["/faq", "/faq@rohnamo_bot", "/faq@Rohnamo_BOT", "@rohnamo_bot /faq"])
async def test_its_own_commands_are_obeyed(telegram: Telegram, group: Group, zarina: Person, command: str) -> None:
    reply = await telegram.answer(zarina.says(command, in_chat=group))
    assert reply.html.startswith("<b>All topics</b>")


async def test_commands_to_another_bot_are_ignored(
    telegram: Telegram, rohnamo: RunningBot, group: Group, zarina: Person
) -> None:
    mine = await telegram.answer(zarina.says("/help@rohnamo_bot", in_chat=group))
    zarina.says("/help@other_bot", in_chat=group)
    zarina.says("/faq@other_bot visa", in_chat=group)
    zarina.says("/help@other_bot", reply_to=mine)
    await rohnamo.settled()
    assert telegram.replies(group) == [mine]


async def test_an_edited_question_is_answered_again_if_it_mentions_the_bot(
    telegram: Telegram, rohnamo: RunningBot, group: Group, zarina: Person, question: str
) -> None:
    asked = zarina.says(question, in_chat=group)
    await rohnamo.settled()
    assert telegram.replies(group) == []
    zarina.edits(asked, f"@rohnamo_bot {question}")
    await rohnamo.settled()
    [reply] = telegram.replies(group)
    assert reply.reply_to is asked


async def test_buttons_work_for_everybody_and_change_one_message(
    telegram: Telegram, rohnamo: RunningBot, group: Group, zarina: Person, question: str
) -> None:
    reply = await telegram.answer(zarina.says(f"@rohnamo_bot {question}", in_chat=group))
    await rohnamo.press(telegram.person("Anna", "ru"), reply, "RU")
    assert reply.buttons[0] == ["TG", "EN", "中文"]
    assert telegram.replies(group) == [reply]


async def test_a_calendar_file_stays_in_the_group(
    telegram: Telegram, rohnamo: RunningBot, group: Group, zarina: Person
) -> None:
    page = await telegram.answer(zarina.says("/session multimedia-2026-12", in_chat=group))
    await rohnamo.press(zarina, page, "Add to calendar")
    assert telegram.replies(group)[-1].document is not None
    assert telegram.replies(zarina) == []


@pytest.mark.usefixtures("rohnamo")
async def test_in_a_forum_the_answer_stays_in_its_topic(telegram: Telegram, question: str) -> None:
    forum, zarina = telegram.group("Trainees", forum=True), telegram.person("Zarina", "en")
    forum.chat.topics[7] = "Visa"
    reply = await telegram.answer(zarina.says(f"@rohnamo_bot {question}", in_chat=forum, topic=7))
    assert reply.topic == 7


@pytest.mark.usefixtures("rohnamo")
async def test_in_a_forum_the_answer_stays_in_its_topic_even_when_the_question_is_deleted(
    telegram: Telegram, question: str
) -> None:
    forum, zarina = telegram.group("Trainees", forum=True), telegram.person("Zarina", "en")
    forum.chat.topics[7] = "Visa"
    asked = zarina.says(f"@rohnamo_bot {question}", in_chat=forum, topic=7)
    telegram.remove(asked)
    reply = await telegram.until(lambda: next(iter(telegram.replies(forum)), None))
    assert reply.topic == 7


@pytest.mark.usefixtures("rohnamo")
async def test_a_bot_that_is_no_administrator_is_reached_by_its_name(telegram: Telegram, question: str) -> None:
    group, zarina = telegram.group("Trainees", bot="member"), telegram.person("Zarina", "en")
    reply = await telegram.answer(zarina.says(f"@rohnamo_bot {question}", in_chat=group))
    assert reply.html.startswith(f"<b>{question}</b>")
