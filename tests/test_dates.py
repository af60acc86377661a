"""Dates, times, numbers and lists as each language writes them; FACTS.md says what Babel gets wrong in Tajik."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.content.values import Content
from bot.language import Language
from bot.pages import dates

EN, RU, TG, ZH = Language.EN, Language.RU, Language.TG, Language.ZH
MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def as_typed(text: str) -> str:
    """Without the narrow and the unbreakable spaces that only printers see."""
    return text.replace("\u202f", " ").replace("\u2009", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "text"),
    [(EN, "Monday, 23 November 2026"), (RU, "понедельник, 23 ноября 2026 г."), (TG, "душанбе, 23 ноябри 2026"),
     (ZH, "2026年11月23日星期一")],
)  # fmt: skip
def test_a_day_is_written_in_full(language: Language, text: str) -> None:
    assert as_typed(dates.day(MONDAY, language)) == text


def test_babels_tajik_still_needs_mending() -> None:
    """When this fails, Babel has learnt Tajik, and the small table can go."""
    assert format_date(MONDAY, "full", locale="tg") == "Душанбе, 23 Ноябр 2026"


@pytest.mark.parametrize(
    ("day", "text"),
    [(date(2027, 1, 1), "ҷумъа, 1 январи 2027"), (date(2027, 5, 9), "якшанбе, 9 майи 2027"),
     (date(2027, 6, 15), "сешанбе, 15 июни 2027"), (date(2027, 7, 31), "шанбе, 31 июли 2027"),
     (date(2028, 2, 29), "сешанбе, 29 феврали 2028"), (date(2027, 9, 1), "чоршанбе, 1 сентябри 2027"),
     (date(2027, 8, 12), "панҷшанбе, 12 августи 2027")],
)  # fmt: skip
def test_tajik_months_take_the_izofat_and_days_are_no_capital_city(day: date, text: str) -> None:
    assert dates.day(day, TG) == text


@pytest.mark.parametrize(
    ("language", "within", "over_months", "over_years"),
    [
        (EN, "11–22 Jan 2027", "25 Jan – 5 Feb 2027", "28 Dec 2026 – 8 Jan 2027"),
        (RU, "11–22 янв. 2027 г.", "25 янв. – 5 февр. 2027 г.", "28 дек. 2026 г. – 8 янв. 2027 г."),
        (TG, "11–22 январи 2027", "25 январ – 5 феврали 2027", "28 декабри 2026 – 8 январи 2027"),
        (ZH, "2027年1月11日至22日", "2027年1月25日至2月5日", "2026年12月28日至2027年1月8日"),
    ],
)
def test_a_period_says_once_what_both_ends_share(
    language: Language, within: str, over_months: str, over_years: str
) -> None:
    shown = [
        dates.period(first, last, language)
        for first, last in (
            (date(2027, 1, 11), date(2027, 1, 22)),
            (date(2027, 1, 25), date(2027, 2, 5)),
            (date(2026, 12, 28), date(2027, 1, 8)),
        )
    ]
    assert list(map(as_typed, shown)) == [within, over_months, over_years]


@pytest.mark.parametrize("language", Language)
def test_a_period_of_one_day_is_that_day(language: Language) -> None:
    assert dates.period(MONDAY, MONDAY, language) == dates.day(MONDAY, language)


@given(DAYS, st.integers(0, 800), st.sampled_from(Language))
def test_every_period_names_its_years_and_is_short_enough_for_a_button(
    first: date, days: int, language: Language
) -> None:
    last = first + timedelta(days=days)
    text = dates.period(first, last, language)
    assert str(last.year) in text
    assert str(first.year) in text
    assert len(text) <= 40


@given(DAYS)
def test_a_date_is_the_same_day_in_every_language(day: date) -> None:
    for language in Language:
        text = dates.day(day, language)
        assert str(day.day) in text
        assert str(day.year) in text
    assert dates.day(day, TG)[0].islower()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("hour", "text"), [(0, "00:05"), (9, "09:05"), (18, "18:05")])
def test_the_clock_has_24_hours(language: Language, hour: int, text: str) -> None:
    assert dates.clock(datetime(2027, 3, 1, hour, 5), language) == text  # noqa: DTZ001, the wall's time is printed


@pytest.mark.parametrize(
    ("language", "three", "two"),
    [(EN, "a, b and c", "a and b"), (RU, "a, b и c", "a и b"), (TG, "a, b ва c", "a ва b"), (ZH, "a、b和c", "a和b")],
)
def test_a_list_ends_with_and(language: Language, three: str, two: str) -> None:
    assert dates.listed(["a", "b", "c"], language) == three
    assert dates.listed(["a", "b"], language) == two
    assert dates.listed(["a"], language) == "a"
    assert dates.listed([], language) == ""


@pytest.mark.parametrize(("language", "text"), [(EN, "7,200"), (RU, "7 200"), (TG, "7 200"), (ZH, "7,200")])
def test_thousands_are_separated(language: Language, text: str) -> None:
    assert as_typed(dates.number(7200, language)) == text


@pytest.mark.parametrize(
    ("language", "names"),
    [
        (EN, ["English", "Russian", "Tajik", "Chinese"]),
        (RU, ["английский", "русский", "таджикский", "китайский"]),
        (TG, ["англисӣ", "русӣ", "тоҷикӣ", "чинӣ"]),
        (ZH, ["英语", "俄语", "塔吉克语", "中文"]),
    ],
)
def test_languages_are_named_in_every_language(language: Language, names: list[str]) -> None:
    assert [dates.language_name(one, language) for one in Language] == names


@pytest.mark.parametrize(("language", "city"), [(EN, "Shanghai"), (RU, "Шанхай"), (TG, "Шанхай"), (ZH, "上海")])
def test_where_staff_did_not_say_their_city_that_of_the_time_zone_is_told(
    content: Content, language: Language, city: str
) -> None:
    assert dates.home_city(content, language) == content.facts["city"].of(language) != city
    facts = {name: fact for name, fact in content.facts.items() if name != "city"}
    assert dates.home_city(replace(content, facts=facts), language) == city
