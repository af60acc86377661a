"""Dates, times and lists in the words of each language: Babel's, mended for Tajik.

Babel's Tajik has capital week days ("Душанбе, 23 Ноябр 2026" reads as the capital city), no izofat on months and no
"ва" in lists, so Tajik dates come from the small table here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.content.values import Content
from bot.language import Language

LOCALES = {
    Language.EN: Locale.parse("en_GB"),
    Language.RU: Locale.parse("ru"),
    Language.TG: Locale.parse("tg"),
    Language.ZH: Locale.parse("zh_Hans"),
}

_TAJIK_MONTHS = "январ феврал март апрел май июн июл август сентябр октябр ноябр декабр".split()
_TAJIK_DAYS = "душанбе сешанбе чоршанбе панҷшанбе ҷумъа шанбе якшанбе".split()
_TAJIK_CITIES = {"Asia/Karachi": "Карочӣ"}
# Babel has the city under the old name only, and does not look there.
_OLD_ZONES = {"Asia/Kolkata": "Asia/Calcutta"}


def day(when: date, language: Language) -> str:
    """A date with its week day: "Monday, 11 January 2027"; "душанбе, 11 январи 2027"."""
    if language is Language.TG:
        return f"{_TAJIK_DAYS[when.weekday()]}, {_tajik(when, year=True)}"
    return format_date(when, "full", locale=LOCALES[language])


def short_day(when: date, language: Language) -> str:
    """Day and month: "11 Jan"; "11 янв"; "1月11日"."""
    if language is Language.TG:
        return f"{when.day} {_TAJIK_MONTHS[when.month - 1][:3]}"
    return str(format_skeleton("MMMd", datetime.combine(when, datetime.min.time()), locale=LOCALES[language]))


def period(first: date, last: date, language: Language) -> str:
    """Both dates, what they share said once: "11–22 Jan 2027"; "11–22 январи 2027"; one date if they are the same."""
    if first == last:
        return day(first, language)
    if language is Language.TG:
        return _tajik_period(first, last)
    return str(format_interval(first, last, "yMMMd", locale=LOCALES[language]))


def clock(when: datetime, language: Language) -> str:
    """The time of day: "09:00"."""
    return str(format_time(when, "short", locale=LOCALES[language]))


def listed(items: Sequence[str], language: Language) -> str:
    """ "a, b and c"; "а, б ва в"."""
    if language is Language.TG and len(items) > 1:
        return f"{', '.join(items[:-1])} ва {items[-1]}"
    return format_list(items, locale=LOCALES[language])


def number(value: int, language: Language) -> str:
    """Thousands separated as the language does."""
    return format_decimal(value, locale=LOCALES[language])


def language_name(named: Language, language: Language) -> str:
    """What a language is called in another: "Russian", "русӣ"."""
    if named is Language.ZH and language is Language.TG:
        return "чинӣ"  # Babel has "хитоӣ"; the content says Чин, not Хитой
    return str(LOCALES[language].languages[named.value])


def zone_city(zone: ZoneInfo, language: Language) -> str:
    """The city after which a time zone is called: "Yekaterinburg"; "Екатеринбург"; "叶卡捷琳堡"."""
    if language is Language.TG and zone.key in _TAJIK_CITIES:
        return _TAJIK_CITIES[zone.key]
    if zone.key in _OLD_ZONES:
        return str(LOCALES[language].time_zones[_OLD_ZONES[zone.key]]["city"])
    return get_timezone_location(zone, locale=LOCALES[language], return_city=True).rsplit("/", 1)[-1]


def home_city(content: Content, language: Language) -> str:
    """What the institute's own time is called by: its city, or that of its time zone where staff have not said it."""
    city = content.facts.get("city")
    return city.of(language) if city is not None else zone_city(content.zone, language)


def _tajik(when: date, *, year: bool) -> str:
    """With the year the month takes the izofat: "11 январи 2027", without it "11 январ"."""
    month = _TAJIK_MONTHS[when.month - 1]
    return f"{when.day} {month}и {when.year}" if year else f"{when.day} {month}"


def _tajik_period(first: date, last: date) -> str:
    if first.year != last.year:
        return f"{_tajik(first, year=True)} – {_tajik(last, year=True)}"
    if first.month != last.month:
        return f"{_tajik(first, year=False)} – {_tajik(last, year=True)}"
    return f"{first.day}–{_tajik(last, year=True)}"
