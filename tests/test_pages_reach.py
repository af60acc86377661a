"""Everything that staff wrote can be reached by pressing, in every language, and is as Telegram wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from bot.content.values import SMALL_TALK, Content
from bot.desk import Desk
from bot.handlers.show import keyboard
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import markup, talk
from bot.pages.actions import Action, GetCalendar, ShowCourses, ShowEntry, ShowSession, ShowSessions, ShowTopic
from bot.pages.deeds import AskPerson, ForgetMe, ShowPrivacy
from bot.pages.page import MAX_ACTION_BYTES, File, Page
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.conftest import NOW
from tests.crawl import Seen, buttons, everything
from tests.standin.markup import parse_html
from tests.standin.offline import offline_bot
from tests.standin.telegram import Telegram

pytestmark = pytest.mark.parametrize("language", Language)

# A label of more letters than this is cut off on a phone that is 390 points wide.
LONGEST_LABEL = 64


@pytest.fixture(scope="module")
def reached(
    matcher: Matcher, voices: Mapping[Language, Voice], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[Language, Seen]:
    async def all_languages() -> Mapping[Language, Seen]:
        database = Database(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('reach') / 'rohnamo.db'}")
        await database.open()
        desk = Desk(matcher, voices, database, now=lambda: NOW)
        seen = {language: await everything(desk, language) for language in Language}
        await database.close()
        return seen

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(all_languages())


def pages(seen: Seen) -> dict[Action, Page]:
    return {action: page for action, page in seen.items() if isinstance(page, Page)}


def test_every_answer_session_and_course_is_a_few_presses_away(
    reached: Mapping[Language, Seen], content: Content, language: Language
) -> None:
    seen = reached[language]
    browsable = [entry.id for entry in content.entries.values() if entry.topic != SMALL_TALK]
    for entry in browsable:
        for other in Language:
            assert ShowEntry(entry, other) in seen
    for session in content.upcoming(NOW):
        assert ShowSession(session.id) in seen
        assert isinstance(seen[GetCalendar(session.id)], File)
    for course in content.courses:
        assert ShowSessions(course.id) in seen
    for topic in content.topics:
        assert (ShowTopic(topic.id) in seen) is (topic.id != SMALL_TALK)
    assert {ShowCourses(), AskPerson(), ShowPrivacy(), ForgetMe()} <= set(seen)


def test_no_button_leads_to_what_is_not_there(
    reached: Mapping[Language, Seen], voices: Mapping[Language, Voice], language: Language
) -> None:
    gone = [talk.gone_page(voice).text for voice in voices.values()]
    assert [action for action, page in pages(reached[language]).items() if page.text in gone] == []


async def test_telegram_takes_every_page(
    reached: Mapping[Language, Seen], telegram: Telegram, language: Language
) -> None:
    john = telegram.person("John", language)
    async with offline_bot(telegram) as bot:
        for page in pages(reached[language]).values():
            text, markup_of_buttons = markup.telegram(page.text), keyboard(page)
            await bot.send_message(john.id, text, parse_mode="HTML", reply_markup=markup_of_buttons)
    assert {call.status for call in telegram.calls} == {200}
    assert [
        message for message in john.sees if any(litter in message.text for litter in ("**", "](", "&lt;", "{"))
    ] == []


def test_no_page_is_longer_than_a_phone_can_bear(reached: Mapping[Language, Seen], language: Language) -> None:
    lengths = {
        action: len(parse_html(markup.telegram(page.text))[0]) for action, page in pages(reached[language]).items()
    }
    assert max(lengths.values()) <= 4096
    assert [action for action, length in lengths.items() if length > 2000] == []


def test_every_button_says_in_words_what_it_does(reached: Mapping[Language, Seen], language: Language) -> None:
    for action, page in pages(reached[language]).items():
        for button in buttons(page):
            assert any(map(str.isalpha, button.label)), f"{action}: {button.label!r} is an emoji alone"
            assert len(button.label) <= LONGEST_LABEL, f"{action}: {button.label!r} is cut off on a phone"
            assert len(button.action.encode()) <= MAX_ACTION_BYTES


def test_no_page_has_two_buttons_that_look_the_same(reached: Mapping[Language, Seen], language: Language) -> None:
    for action, page in pages(reached[language]).items():
        labels = [button.label for button in buttons(page)]
        assert len(labels) == len(set(labels)), f"{action}: {labels}"


def test_every_page_has_a_way_on(reached: Mapping[Language, Seen], language: Language) -> None:
    farewell = ForgetMe(sure=True)
    assert [action for action, page in pages(reached[language]).items() if not page.buttons] == [farewell]
