"""When to expect an answer: told outside office hours, in local words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.content.hours import Hours, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages.handover import handed_over_page
from bot.pages.markup import plain, telegram, web
from bot.pages.voice import Voice

Voices = Mapping[Language, Voice]
WEEK = {day: (Span(9 * 60, 12 * 60), Span(14 * 60, 18 * 60)) for day in range(5)}
HOLIDAY = frozenset({date(2026, 11, 26), date(2026, 11, 27)})
NOBODY = "Nobody is in the office right now."


@pytest.fixture
def open_house(content: Content) -> Content:
    """Monday to Friday, 9 to 12 and 14 to 18; Thursday and Friday of this week are holidays."""
    return replace(content, hours=Hours(WEEK, HOLIDAY, content.zone))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November, by the clock of the institute."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


def told(now: datetime, language: Language, voices: Voices, content: Content) -> str:
    """What somebody is told who asks at this time of the institute."""
    return plain(handed_over_page(voices[language], content, now, asked=True).text)


@pytest.mark.parametrize("language", Language)
def test_nothing_is_said_about_hours_while_somebody_is_there(
    voices: Voices, open_house: Content, language: Language
) -> None:
    while_open = told(at(23, 10), language, voices, open_house)
    unknown = told(at(23, 3), language, voices, replace(open_house, hours=None))
    assert while_open == unknown
    assert told(at(23, 13), language, voices, open_house) != while_open


TODAY, TOMORROW, AFTER = at(23, 13), at(23, 18), at(25, 18, 30)


@pytest.mark.parametrize(
    ("language", "now", "moment"),
    [
        (Language.EN, TODAY, "today at 14:00"),
        (Language.RU, TODAY, "сегодня в 14:00"),
        (Language.TG, TODAY, "имрӯз соати 14:00"),
        (Language.ZH, TODAY, "今天 14:00"),
        (Language.EN, TOMORROW, "tomorrow at 09:00"),
        (Language.RU, TOMORROW, "завтра в 09:00"),
        (Language.TG, TOMORROW, "фардо соати 09:00"),
        (Language.ZH, TOMORROW, "明天 09:00"),
        (Language.EN, AFTER, "Monday, 30 November 2026 at 09:00"),
        (Language.RU, AFTER, "30 ноября"),
        (Language.TG, AFTER, "30 ноябр"),
        (Language.ZH, AFTER, "11月30日"),
    ],
)
def test_when_staff_are_back_is_told_in_local_words(
    voices: Voices, open_house: Content, language: Language, now: datetime, moment: str
) -> None:
    words = told(now, language, voices, open_house)
    assert moment in words
    assert open_house.facts["city"].of(language) in words


@pytest.mark.parametrize("language", [Language.RU, Language.TG, Language.ZH])
def test_no_word_of_another_language_is_in_it(voices: Voices, open_house: Content, language: Language) -> None:
    city = open_house.facts["city"].of(language)
    words = told(AFTER, language, voices, open_house).replace(city, "")
    assert not [letter for letter in words if letter.isascii() and letter.isalpha()]


def test_by_the_clock_of_the_institute_wherever_the_machine_is(voices: Voices, open_house: Content) -> None:
    in_london = at(23, 13).astimezone(ZoneInfo("Europe/London"))
    page = handed_over_page(voices[Language.EN], open_house, in_london, asked=True)
    assert "today at 14:00" in plain(page.text)
    assert "14:00" in telegram(page.text)
    assert "14:00" in web(page.text)


def test_the_hours_of_the_files_are_an_example_until_staff_fill_them_in(voices: Voices, content: Content) -> None:
    assert content.hours is None
    assert NOBODY not in told(at(22, 3), Language.EN, voices, content)
