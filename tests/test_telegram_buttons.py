"""Buttons that are old, forged, pressed twice, or whose page is gone; and the commands that do the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from telegram import CallbackQuery, Chat, InaccessibleMessage, User

from bot.content.values import Content
from bot.desk import Desk
from bot.handlers.answering import AnsweringBot
from bot.handlers.show import show
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import answers, talk
from bot.pages.actions import decode
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.tables import UpdateRow
from tests.conftest import NOW
from tests.standin.arguments import word
from tests.standin.offline import OfflineRequest
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, answering, labels, shows
from tests.typed import typed

NO_LONGER_HERE = "This is no longer here."


async def test_a_press_that_comes_too_late_still_shows_its_page(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    press = john.presses(page, "All topics", too_old=True)
    await rohnamo.settled()
    assert page.html.startswith("<b>All topics</b>")
    assert not press.answered


async def test_every_press_stops_its_spinner(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    press = john.presses(page, "All topics")
    await rohnamo.settled()
    assert press.answered


async def test_a_button_pressed_twice_changes_nothing_the_second_time(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    topics = [button["callback_data"] for row in page.rows for button in row if button["text"] == "All topics"]
    for _ in range(3):
        john.presses_data(page, str(topics[0]))
    await rohnamo.settled()
    assert page.html.startswith("<b>All topics</b>")
    assert telegram.replies(john) == [page]
    assert [call.description for call in telegram.calls_of("editMessageText") if "not modified" in call.description]


@pytest.mark.parametrize("label", ["RU", "All topics"])
async def test_a_page_whose_message_is_deleted_comes_anew(
    telegram: Telegram, rohnamo: RunningBot, content: Content, label: str
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says(content.entries["visa-extension"].title(Language.EN)))
    data = next(word(button, "callback_data") for row in page.rows for button in row if button["text"] == label)
    telegram.remove(page)
    press = john.presses_data(page, data)
    await rohnamo.settled()
    assert len(telegram.replies(john)) == 1
    assert press.answered


async def test_a_calendar_file_comes_even_when_the_message_of_its_button_is_deleted(
    telegram: Telegram, rohnamo: RunningBot
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/session multimedia-2026-12"))
    telegram.remove(page)
    john.presses_data(page, "i:multimedia-2026-12")
    await rohnamo.settled()
    assert telegram.replies(john)[-1].document is not None


async def test_a_message_deleted_at_the_very_moment_comes_anew(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    john.presses(page, "All topics")
    telegram.remove(page)
    await rohnamo.settled()
    [anew] = telegram.replies(john)
    assert anew.html.startswith("<b>All topics</b>")


async def test_a_press_on_a_message_too_old_to_be_changed_gets_its_page_too(
    telegram: Telegram, voices: Mapping[Language, Voice]
) -> None:
    john = telegram.person("John", "en")
    network = OfflineRequest(telegram)
    async with AnsweringBot(telegram.token, request=network, get_updates_request=network) as bot:
        place = InaccessibleMessage(Chat(john.id, Chat.PRIVATE), 7)
        place.chat.set_bot(bot)
        query = CallbackQuery("1", User(john.id, "John", is_bot=False), "1", message=place)
        await show(query, talk.help_page(voices[Language.EN]))
    assert telegram.replies(john)[0].text.startswith("How to use me")


def _forged() -> st.SearchStrategy[str]:
    ours = ["e", "t", "s", "d", "i", "l", "w", "n", ":", "::", "visa", "visa-extension", "0", "99", "tg"]
    deeds = "rate person tell end forget letter told un group is stats staff staff+ here".split()
    pieces = st.sampled_from([*ours, *deeds])
    any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
    return st.one_of(any_text, st.lists(pieces, min_size=1, max_size=7).map("".join))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_forged(), min_size=10, max_size=20))
async def test_a_forged_button_never_breaks_anything(
    matcher: Matcher, voices: Mapping[Language, Voice], database: Database, forged: list[str]
) -> None:
    telegram = Telegram()  # which counts its updates from the beginning
    async with database.transaction() as session:
        await session.execute(delete(UpdateRow))
    async with answering(telegram, Desk(matcher, voices, database, now=lambda: NOW)) as bot:
        john = telegram.person("John", "en")
        for data in forged:
            page = await telegram.answer(john.says("/about"))
            await bot.settled()
            press = john.presses_data(page, data)
            await bot.settled()
            assert press.answered
            assert page.text
            assert "something went wrong" not in page.text
            if decode(data) is None:
                assert page.text.startswith(NO_LONGER_HERE)
    assert telegram.violations == []
    refusals = [call.description for call in telegram.calls if call.status != 200]
    assert [reason for reason in refusals if "not modified" not in reason] == []


@pytest.mark.parametrize("data", ["e:visa-extensio:en", "t:nothing:0", "d:nothing", "i:nothing", "nonsense", "\x00"])
async def test_a_button_of_a_former_version_says_that_its_page_is_gone(
    telegram: Telegram, rohnamo: RunningBot, data: str
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    await rohnamo.settled()
    john.presses_data(page, data)
    await rohnamo.settled()
    gone = telegram.replies(john)[-1]
    assert gone.text.startswith(NO_LONGER_HERE)
    assert labels(gone) == ["All topics", "Course sessions"]
    assert (gone is page) == (data != "i:nothing"), "the way to a calendar file can be under an announcement"


async def test_an_answer_that_staff_took_away_is_gone_for_old_buttons_too(
    telegram: Telegram, rohnamo: RunningBot, desk: Desk, content: Content
) -> None:
    john, topic = telegram.person("John", "en"), content.topics_by_id["visa"]
    page = await telegram.answer(john.says("/faq visa"))
    less = dataclasses.replace(content, topics=(dataclasses.replace(topic, entries=topic.entries[1:]),))
    desk.replace(Matcher(less))
    await rohnamo.press(john, page, topic.entries[0].title(Language.EN))
    assert page.text.startswith(NO_LONGER_HERE)
    await rohnamo.press(john, page, "All topics")
    await rohnamo.press(john, page, topic.title.of(Language.EN))
    assert labels(page)[0] == topic.entries[1].title(Language.EN)


async def test_a_session_button_works_until_the_session_is_over(
    telegram: Telegram, matcher: Matcher, voices: Mapping[Language, Voice], database: Database, content: Content
) -> None:
    session = content.sessions_by_id["multimedia-2026-12"]
    clock = {"now": NOW}
    desk = Desk(matcher, voices, database, now=lambda: clock["now"])
    async with answering(telegram, desk) as bot:
        john = telegram.person("John", "en")
        page = await telegram.answer(john.says("/sessions"))
        clock["now"] = session.end
        await bot.press(john, page, f"d:{session.id}")
    assert page.text.startswith(NO_LONGER_HERE)


BUTTONS = [
    "w", "h", "b", "l", "n", "c", "l:tg", "t::0", "t:living:0", "t:living:1", "e:visa-extension:",
    "e:visa-extension:zh", "s:::0", "s:::1", "s:multimedia::0", "s:multimedia:on-site:0", "s::both:0",
    "d:chinese-2027-07", "privacy", "forget:0",
]  # fmt: skip
# What they are told does not take the place of the page; for somebody who is not staff that is a refusal.
ANEW = ["person:", "end", "un:0", "waiting", "learned:0", "stats:30", "staff", "staff+:5000001"]


@pytest.mark.parametrize("data", [*BUTTONS, *ANEW])
async def test_a_button_and_its_typed_command_show_the_same(telegram: Telegram, rohnamo: RunningBot, data: str) -> None:
    zarina = telegram.person("Zarina", "tg")
    action = decode(data)
    assert action is not None
    pressed = await telegram.answer(zarina.says("/none" if data != "n" else "/help"))
    await rohnamo.settled()
    zarina.presses_data(pressed, data)
    await rohnamo.settled()
    shown = telegram.replies(zarina)[-1]
    assert (shown is pressed) is (data in BUTTONS)
    written = await telegram.answer(zarina.says(typed(action)))
    assert (shown.html, shown.rows) == (written.html, written.rows)


async def test_pages_in_a_persons_own_language_follow_an_answer_in_another(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Mapping[Language, Voice]
) -> None:
    zarina = telegram.person("Zarina", "tg")
    page = await telegram.answer(zarina.says("/faq visa-extension zh"))
    assert shows(page, answers.answer_page(content.entries["visa-extension"], voices[Language.ZH], content))
    await rohnamo.press(zarina, page, voices[Language.ZH].say("All topics"))
    assert shows(page, answers.topics_page(0, voices[Language.TG], content))
