"""Words that are weapons: texts that take a program for ever, that grow, that hide, that are formulas or markup."""

from __future__ import annotations

import csv
import io
import pkgutil
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.content.markdown import parse, plain
from bot.language import Language
from bot.matching.conversation import hear
from bot.matching.folds import MAX_CHARACTERS, fold
from bot.matching.matcher import Matcher
from bot.pages.figures import harmless, without_names
from bot.pages.markup import name_of, telegram, web
from bot.pages.voice import Voice
from tests.standin.markup import parse_html

LONGEST = 4096
# In seconds of a processor, which do not pass while others work; less than two of them are needed.
ENOUGH = 20
PIECES = [*"a1а签 \n\t.-+([<`*_@|\\{?'", "</a", "a@", "a@a.", "@a.", "http://", "http://.", "1 ", "+(", "и а ", "，",
          ", ", "a? ", "](", "![", "<a", "1:", "1. ", "t.me/", "наме", "меам", "#1 ", "\u0301", "\u200b", "\ufdfa",
          "\r", "\r\n", "1 января ", "12:3", "2026-1", "and ", "also ", "hi, ", "спасибо! ", "://a:"]  # fmt: skip
ENDS = ["", "!", "@"]


def patterns() -> Iterator[re.Pattern[str]]:
    """Every pattern that a module of the bot keeps, also in lists and tables."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            __import__(module.name)
            yield from _in(tuple(vars(sys.modules[module.name]).values()))


def _in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _in(one)


@contextmanager
def little_processor_time() -> Iterator[None]:
    """Interrupts what takes too long; Python's regular expressions listen to signals while they search."""

    def too_long(*_: object) -> None:
        raise AssertionError(f"this takes more than {ENOUGH} seconds of a processor")

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENOUGH)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


# What is not cut to the length of a question before, and how many of the longest messages it gets at once: where time
# grows with the square, that tells. Markdown, which only staff write, takes 0.06 s for 4,096 stars.
UNBOUNDED: Mapping[str, tuple[Callable[[str], object], int]] = {
    "web": (lambda text: web(plain(text)), 8),
    "Markdown": (lambda text: web(parse(text)), 1),
    "without names": (without_names, 8),
    "harmless": (harmless, 8),
    "name": (name_of, 8),
}
# Blanks inside of a sentence took two seconds, greetings 66 ms, an export of 4,096 underscores 0.2 s.
KILLERS = [
    f"a{' ' * (MAX_CHARACTERS - 2)}b",
    f"how{' ' * 200},{' ' * 200}and{' ' * 80}what",
    "".join(chr(0x4E00 + 3 * place) for place in range(LONGEST)),
    " ".join(f"w{number}" for number in range(2000))[:LONGEST],
    "? ".join(f"how {number} visa" for number in range(200)),
    "hello! " * 500,
    "hi, salam! privet. " * 50,
    "\ufdfa " * 2000,
    "\U000e0061" * 4000,
    "👨‍👩‍👧" * 800,
    "a" + "\u0301" * 4000,
    "\ud800" * LONGEST,
]


def test_no_pattern_takes_the_processor_for_long() -> None:
    found = set(patterns())
    assert len(found) > 50
    with little_processor_time():
        for text in (piece * (MAX_CHARACTERS // len(piece)) + end for piece in PIECES for end in ENDS):
            for pattern in found:
                assert pattern.fullmatch(text) is None or pattern.match(text)
                assert all(found.end() <= len(text) for found in pattern.finditer(text))


@pytest.mark.parametrize("what", UNBOUNDED)
def test_what_reads_whole_messages_takes_no_longer_for_long_ones(what: str) -> None:
    read, times = UNBOUNDED[what]
    with little_processor_time():
        for piece in PIECES:
            read(piece * (times * LONGEST // len(piece)) + "!")


def test_no_message_takes_the_processor_for_long(matcher: Matcher) -> None:
    with little_processor_time():
        for text in (*(piece * (LONGEST // len(piece)) for piece in PIECES), *KILLERS):
            assert len(hear(matcher, text).whole.text) <= 2 * MAX_CHARACTERS


@given(
    st.text(st.characters(), max_size=60) | st.sampled_from(["\ufdfa", "ﷺ", "㌖", "ẞ", "ŉ", "ΐ", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]),
    st.integers(1, 500),
)
def test_what_is_compared_never_outgrows_a_question(text: str, times: int) -> None:
    assert len(fold(text * times)) <= MAX_CHARACTERS
    assert len(fold("visa " + text * times)) <= MAX_CHARACTERS


@pytest.mark.parametrize(
    "dressed",
    ["\u202eHow do I extend my visa?", "How do I \u2066extend\u2069 my visa?",
     "H\u200bow d\u200do I ext\u2060end my v\ufeffisa?",
     "Ḧ̵̛o̷w̶ d̴o̵ I̷ e̶x̶t̴e̸n̵d̸ m̶y̴ v̸i̷s̷a̶?", "Ｈｏｗ ｄｏ Ｉ ｅｘｔｅｎｄ ｍｙ ｖｉｓａ？", "𝐇𝐨𝐰 𝐝𝐨 𝐈 𝐞𝐱𝐭𝐞𝐧𝐝 𝐦𝐲 𝐯𝐢𝐬𝐚?",
     "Нow dо I ехtеnd my visa?", "How do I extend my visa?\U000e0041\U000e0042", "How do I extend my visa?\ud800"],
)  # fmt: skip
def test_a_disguise_hides_nothing_from_the_matcher(matcher: Matcher, dressed: str) -> None:
    assert hear(matcher, dressed).whole.matches[0].entry.id == "visa-extension"


WRITTEN = st.text(st.characters() | st.sampled_from("<>&\"'`*_[]()=+-@;,\t\r\u202e\u2028\0"), max_size=80)


@given(WRITTEN)
def test_words_of_people_are_never_markup_anywhere(text: str) -> None:
    shown = plain(text)
    read, entities = parse_html(telegram(shown))
    assert read == text
    assert entities == []
    assert not re.search(r"<(?!/?(?:p|br|a)\b)", web(shown))
    assert not re.search(r"<a (?!href=\"(?:https?://|mailto:)[^\"<>]*\">)", web(shown))


@given(WRITTEN)
def test_what_staff_write_is_no_other_markup_than_light_markdown(text: str) -> None:
    html = web(parse(text))
    assert not re.search(r"<(?!/?(?:p|br|a|ul|ol|li|strong|em|code)\b)", html)
    assert not re.search(r"<\w+ (?!href=\"(?:https?://|mailto:|tel:)[^\"<>]*\">|start=\"\d+\">)", html)


# Tables


@pytest.mark.parametrize(
    "text",
    ["visa;=1+1", "visa; \"=cmd|' /C calc'!A0\"", "a;'+1", "a;;-1", "a;＝1", "\0=1", "\x1b=1", "\x0b=1",
     "a\t=1", "a\n=1"],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_however_a_spreadsheet_parts_cells_none_is_a_formula(text: str, separator: str) -> None:
    made = io.StringIO()
    csv.writer(made).writerow(["2026-11-26", "telegram", harmless(text)])
    for row in csv.reader(io.StringIO(made.getvalue()), delimiter=separator):
        for cell in row:
            assert not cell.strip(" \"'").startswith(("=", "+", "-", "@", "＝")) or cell.lstrip(' "').startswith("'")


@given(WRITTEN)
def test_no_control_sign_reaches_a_table(text: str) -> None:
    assert all(ord(sign) >= 32 for sign in harmless(text))


def test_only_a_semicolon_that_begins_a_formula_is_changed() -> None:
    assert harmless("visa; hotel; 5 + 5; a-b") == "visa; hotel; 5 + 5; a-b"


# Catalogues


@pytest.mark.parametrize("hostile", ["{name:>9999999999}", "{name.__class__}", "{name!r}", "{0}", "{", "}", "{}", "{{"])
def test_a_catalogue_is_words_and_no_program(hostile: str) -> None:
    class Hostile:
        def gettext(self, message: str) -> str:
            return f"{hostile} {message}"

    voice = Voice(Language.EN, Hostile())  # type: ignore[arg-type]
    assert voice.say("Hello, {name}", name="{name} %s") == f"{hostile} Hello, {{name}} %s"
