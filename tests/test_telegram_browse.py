"""Looking around by buttons: topics, questions, courses, sessions, calendar files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from icalendar import Calendar

from bot.content.values import SMALL_TALK, Content, Mode, Session
from bot.language import Language
from bot.pages import answers
from bot.pages.voice import Voice
from tests.conftest import NOW
from tests.standin.chats import Message
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, labels, shows

ONLINE = {Mode.ONLINE, Mode.BOTH}


def dated(message: Message) -> list[str]:
    """The buttons of sessions: a date and a course."""
    return [label for label in labels(message) if " · " in label]


def courses_of(sessions: list[Session]) -> list[str]:
    return [session.course.title.of(Language.EN) for session in sessions]


def courses_shown(message: Message) -> list[str]:
    return [label.split(" · ")[1] for label in dated(message)]


@pytest.fixture
def coming(content: Content) -> list[Session]:
    return sorted((one for one in content.sessions if one.end > NOW), key=lambda one: one.start)


async def test_faq_leads_from_topics_to_questions_to_an_answer_in_one_message(
    telegram: Telegram, rohnamo: RunningBot, content: Content, voices: Mapping[Language, Voice]
) -> None:
    zarina, topic = telegram.person("Zarina", "tg"), content.topics_by_id["visa"]
    page = await telegram.answer(zarina.says("/faq"))
    titles = [one.title.of(Language.TG) for one in content.topics if one.id != SMALL_TALK]
    assert labels(page)[: len(titles)] == titles
    await rohnamo.press(zarina, page, topic.title.of(Language.TG))
    assert labels(page)[: len(topic.entries)] == [entry.title(Language.TG) for entry in topic.entries]
    await rohnamo.press(zarina, page, topic.entries[0].title(Language.TG))
    assert shows(page, answers.answer_page(topic.entries[0], voices[Language.TG], content))
    await rohnamo.press(zarina, page, voices[Language.TG].say("All topics"))
    assert labels(page)[: len(titles)] == titles
    assert telegram.replies(zarina) == [page]


async def test_a_long_topic_is_paged_forth_and_back_without_losing_a_question(
    telegram: Telegram, rohnamo: RunningBot, content: Content
) -> None:
    john, topic = telegram.person("John", "en"), max(content.topics, key=lambda topic: len(topic.entries))
    titles = [entry.title(Language.EN) for entry in topic.entries]
    page = await telegram.answer(john.says(f"/faq {topic.id}"))
    first = labels(page)
    assert first[:8] == titles[:8]
    assert "← Previous" not in first
    seen = first[:8]
    while "More →" in labels(page):
        await rohnamo.press(john, page, "More →")
        seen += [label for label in labels(page) if label in titles]
    assert seen == titles
    while "← Previous" in labels(page):
        await rohnamo.press(john, page, "← Previous")
    assert labels(page) == first
    assert telegram.replies(john) == [page]


@pytest.mark.usefixtures("rohnamo")
async def test_sessions_come_soonest_first_with_their_dates_in_words(telegram: Telegram, coming: list[Session]) -> None:
    page = await telegram.answer(telegram.person("John", "en").says("/sessions"))
    assert f"{len(coming)} sessions are coming." in page.text
    assert courses_shown(page) == courses_of(coming[:8])
    assert dated(page)[:2] == ["7–18 Dec 2026 · Multimedia", "11–22 Jan 2027 · Cross-border e-commerce"]


async def test_all_sessions_can_be_paged_through(
    telegram: Telegram, rohnamo: RunningBot, coming: list[Session]
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/sessions"))
    seen = courses_shown(page)
    await rohnamo.press(john, page, "More →")
    assert seen + courses_shown(page) == courses_of(coming)


async def test_sessions_are_filtered_by_where_they_take_place(
    telegram: Telegram, rohnamo: RunningBot, coming: list[Session]
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/sessions"))
    await rohnamo.press(john, page, "Online")
    assert courses_shown(page) == courses_of([one for one in coming if one.mode in ONLINE])[:8]
    await rohnamo.press(john, page, "On site")
    assert courses_shown(page) == courses_of([one for one in coming if one.mode is not Mode.ONLINE])[:8]
    await rohnamo.press(john, page, "Any place")
    assert courses_shown(page) == courses_of(coming[:8])
    assert telegram.replies(john) == [page]


async def test_sessions_are_filtered_by_course_and_then_by_place(
    telegram: Telegram, rohnamo: RunningBot, coming: list[Session], content: Content
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/sessions"))
    await rohnamo.press(john, page, "Choose a course")
    assert labels(page)[: len(content.courses)] == [course.title.of(Language.EN) for course in content.courses]
    await rohnamo.press(john, page, "Chinese language")
    chinese = [one for one in coming if one.course.id == "chinese-language"]
    assert courses_shown(page) == ["Chinese language"] * len(chinese)
    await rohnamo.press(john, page, "Online")
    assert len(dated(page)) == len([one for one in chinese if one.mode in ONLINE])
    assert page.html.startswith("<b>Chinese language</b>")


@pytest.mark.usefixtures("rohnamo")
async def test_course_and_place_can_be_typed_in_any_order(telegram: Telegram) -> None:
    john = telegram.person("John", "en")
    one = await telegram.answer(john.says("/sessions online chinese-language"))
    other = await telegram.answer(john.says("/sessions Chinese-Language ONLINE"))
    assert one.buttons == other.buttons
    assert dated(one) == ["5–30 Jul 2027 · Chinese language"]


async def test_a_session_shows_what_one_needs_to_decide(telegram: Telegram, rohnamo: RunningBot) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/sessions"))
    await rohnamo.press(john, page, "11–22 Jan 2027 · Cross-border e-commerce")
    for fact in ("When: 11–22 Jan 2027", "On site and online", "Qingdao University", "Russian and Chinese"):
        assert fact in page.text
    assert "40 seats" in page.text
    assert "Apply by: Sunday, 20 December 2026" in page.text
    [apply] = [button for row in page.rows for button in row if button["text"] == "Apply"]
    assert apply["url"] == "https://example.org/apply/ecommerce-2027-01"


@pytest.mark.usefixtures("rohnamo")
async def test_an_exact_moment_is_shown_in_the_readers_zone_with_the_institutes_time_in_print(
    telegram: Telegram,
) -> None:
    page = await telegram.answer(telegram.person("John", "en").says("/session chinese-2027-07"))
    begins, ends = 1814785200, 1816950600  # 19:00 and 20:30 in Qingdao, 11:00 and 12:30 UTC
    assert f'<tg-time unix="{begins}" format="wDt">Monday, 5 July 2027, 19:00 (Qingdao time)</tg-time>' in page.html
    assert f'<tg-time unix="{ends}" format="wDt">Friday, 30 July 2027, 20:30 (Qingdao time)</tg-time>' in page.html


async def test_a_session_goes_into_the_calendar_as_a_file(telegram: Telegram, rohnamo: RunningBot) -> None:
    zarina = telegram.person("Zarina", "tg")
    page = await telegram.answer(zarina.says("/session chinese-2027-07"))
    await rohnamo.press(zarina, page, page.buttons[0][1])
    sent = telegram.replies(zarina)[-1].document
    assert sent is not None
    assert sent.name == "chinese-2027-07.ics"
    [event] = Calendar.from_ical(sent.content).walk("VEVENT")
    assert event["summary"] == "Забони чинӣ"
    assert len(telegram.replies(zarina)) == 2


@pytest.mark.usefixtures("rohnamo")
async def test_a_calendar_file_can_be_typed_for(telegram: Telegram) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says("/calendar multimedia-2026-12"))
    assert reply.document is not None
    assert reply.document.name == "multimedia-2026-12.ics"


@pytest.mark.usefixtures("rohnamo")
@pytest.mark.parametrize("command", ["/session nothing", "/calendar nothing"])
async def test_a_session_that_does_not_exist_is_told(telegram: Telegram, command: str) -> None:
    reply = await telegram.answer(telegram.person("John", "en").says(command))
    assert reply.text.startswith("This is no longer here.")
