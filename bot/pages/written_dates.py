"""Dates in a text that somebody wrote: only such as can mean one day, with their year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

from bot.language import Language
from bot.pages import dates

_YEAR, _MONTH, _DAY = r"(?P<year>20[0-9]{2})", r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"


def written_dates(text: str) -> Iterator[tuple[str, date]]:
    """Each date with the words that say it, in any of the languages.

    "2027-01-31", "31.01.2027", "31 January 2027", "January 31, 2027", "31 января 2027",
    "31 январи 2027", "2027年1月31日".
    """
    for pattern in _patterns():
        for found in pattern.finditer(text):
            month = found["month"].casefold()
            number = _months().get(month) or int(month)
            try:
                yield found[0], date(int(found["year"]), number, int(found["day"]))
            except ValueError:
                continue  # 31.02.2027 is no date; a version of something, perhaps


@lru_cache
def _months() -> Mapping[str, int]:
    """The numbers of the months by their names, as they stand within a date."""
    numbers: dict[str, int] = {}
    for number in range(1, 13):
        first = date(2027, number, 1)
        # "Friday, 1 January 2027", "пятница, 1 января 2027 г.", "ҷумъа, 1 январи 2027"
        english, russian, tajik = (
            dates.day(first, language).split()[2].casefold() for language in (Language.EN, Language.RU, Language.TG)
        )
        numbers |= dict.fromkeys((english, english[:3], russian, tajik, tajik.removesuffix("и")), number)
    return numbers


@lru_cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    longest_first = sorted(_months(), key=len, reverse=True)
    name = rf"(?P<month>{'|'.join(longest_first)})"
    written = (
        rf"(?<!\d){_YEAR}-{_MONTH}-{_DAY}(?!\d)",
        rf"(?<![\d.]){_DAY}\.{_MONTH}\.{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}\s?年\s?{_MONTH}\s?月\s?{_DAY}\s?[日号]",
        rf"(?<!\d){_DAY}(?:st|nd|rd|th)?\s+{name},?\s+{_YEAR}(?!\d)",
        rf"\b{name}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in written)
