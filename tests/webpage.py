"""The web page as somebody without JavaScript gets it: over real HTTP, and taken apart into what a person can read."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser
from itertools import count, repeat
from pathlib import Path

import httpx
import pytest

from bot.desk import Desk, House
from bot.handlers.show import rows_of
from bot.language import Language
from bot.matching.conversation import answer, hear
from bot.matching.decide import Answer, Choice, Reply, Unknown
from bot.matching.matcher import Matcher
from bot.matching.measure import read_labels
from bot.pages.actions import NoneOfThese, ShowEntry, decode, encode
from bot.pages.deeds import AskPerson, Rate, TellMe
from bot.pages.markup import telegram as telegram_html
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.pages.wishes import FollowCourse
from bot.store.database import Database
from bot.web.app import build_web
from tests.standin.http import running
from tests.standin.markup import parse_html

# The tests of the page share one server and one Chromium, so they run in one event loop.
ONE_LOOP = pytest.mark.asyncio(loop_scope="session")
QUESTIONS = Path(__file__).parent / "questions"

Pressable = tuple[str, str]
# What buttons ask for about one question, by its number.
OfQuestion = ShowEntry | NoneOfThese | Rate | TellMe | AskPerson


@dataclass(slots=True)
class Message:
    """One message on the page: the lines that Telegram would show, the buttons as (label, what it asks for)."""

    kind: str
    language: str | None
    lines: list[str] = field(default_factory=list)
    rows: list[list[Pressable]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def labels(self) -> list[str]:
        return [label for row in self.rows for label, _ in row]

    def asks_for(self, label: str) -> str:
        return next(action for row in self.rows for name, action in row if name == label)


class _Reader(HTMLParser):
    """Reads messages out of HTML: paragraphs and list items become lines, rows become rows of buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.language: str | None = None
        self.offered: dict[str, bool] = {}
        self._inside = False  # a message
        self._opened: str | None = None  # the p, li, button or a whose words are read
        self._words = self._action = ""
        self._marks: Iterator[str] = repeat("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = values.get("lang")
        elif tag == "article":
            self._inside = True
            self.messages.append(Message(values["class"], values.get("lang")))
        elif values.get("class") == "row":
            self.messages[-1].rows.append([])
        elif "aria-pressed" in values:
            self.offered[values["value"]] = values["aria-pressed"] == "true"
        else:
            self._read_words(tag, values)

    def _read_words(self, tag: str, values: dict[str, str]) -> None:
        if tag == "ul":
            self._marks = repeat("• ")
        elif tag == "ol":
            self._marks = (f"{number}. " for number in count(int(values["start"])))
        elif tag == "br":
            self._words += "\n"
        elif self._inside and self._opened is None and tag in ("p", "li", "button", "a"):
            self._opened, self._words, self._action = tag, "", values.get("value") or values.get("href", "")

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "article"
        if tag != self._opened:
            return
        message, self._opened = self.messages[-1], None
        if tag in ("button", "a") and message.rows:
            message.rows[-1].append((self._words, self._action))
        elif tag in ("p", "li"):
            mark = next(self._marks) if tag == "li" else ""
            message.lines += _lines(mark + self._words)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@dataclass(frozen=True, slots=True)
class WholePage:
    """A whole page: its own language, the languages offered with the chosen one marked, its messages."""

    language: str | None
    offered: dict[str, bool]
    messages: list[Message]

    @property
    def answer(self) -> Message:
        return self.messages[-1]


def read_page(response: httpx.Response) -> WholePage:
    """What a response shows."""
    return read_html(response.text)


def read_html(html: str) -> WholePage:
    """What HTML shows."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return WholePage(reader.language, reader.offered, reader.messages)


def as_on_telegram(page: Page) -> Message:
    """The page as Telegram shows it; a calendar file is a link on the web and a button there.

    To follow a course is for who can be written to: there is no button for it on the web.
    """
    text, _ = parse_html(telegram_html(page.text))
    rows = [
        [(button.text, _linked(str(button.callback_data or button.url))) for button in row]
        for row in rows_of(page.buttons).inline_keyboard
        if not isinstance(decode(str(row[0].callback_data)), FollowCourse)
    ]
    return Message("bot", page.language, _lines(text), rows)


def _linked(action: str) -> str:
    return re.sub(r"\Ai:(.+)", r"calendar/\1.ics", action)


def without_number(message: Message) -> Message:
    """The message with 0 for the question's number, which is another one whenever somebody asks."""
    zeroed, numbers = dict[str, str](), set[int]()
    for code in (code for row in message.rows for _, code in row):
        action = decode(code)
        if isinstance(action, OfQuestion) and action.question is not None:
            zeroed[code] = encode(replace(action, question=0))
            numbers.add(action.question)
    assert len(numbers) <= 1, f"one message is about one question, not about {numbers}"
    return replace(message, rows=[[(label, zeroed.get(code, code)) for label, code in row] for row in message.rows])


def questions_of_every_kind(desk: Desk, language: Language, of_each: int = 1) -> dict[type[Reply], list[str]]:
    """Some of the project's own questions that get an answer, a choice, and an honest unknown."""
    found: dict[type[Reply], list[str]] = {Answer: [], Choice: [], Unknown: []}
    for question in read_labels(QUESTIONS / f"{language}.tsv"):
        of_kind = found.get(type(answer(hear(desk.matcher, question.text), language)), [])
        of_kind += [question.text][: of_each - len(of_kind)]
        if all(len(some) == of_each for some in found.values()):
            break
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """The page at work: its address, the desk behind it, the file in which the desk remembers."""

    address: str
    desk: Desk
    memory: Path


@asynccontextmanager
async def opened(
    matcher: Matcher, voices: Mapping[Language, Voice], now: datetime, memory: Path
) -> AsyncIterator[Site]:
    """The page over real HTTP, for as long as the block runs."""
    database = Database(f"sqlite+aiosqlite:///{memory}")
    await database.open()
    generous = House(per_person=10**6, per_address=10**6, new_per_address=10**6)
    desk = Desk(matcher, voices, database, lambda: now, generous)
    try:
        async with running(build_web(desk)) as address:
            yield Site(address, desk, memory)
    finally:
        await database.close()


def browser_at(address: str) -> httpx.AsyncClient:
    """A browser without JavaScript; it keeps cookies and follows redirects."""
    return httpx.AsyncClient(base_url=address, follow_redirects=True, verify=False)
