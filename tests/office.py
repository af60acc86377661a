"""An institute at work: the bot with an administrator, an editor and a staff group, on the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot.content.values import Content
from bot.desk import Desk, House
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.settings import Settings
from bot.store.database import Database
from tests.standin.chats import Message
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, answering

TOPICS = ("visa", "living", "small-talk")
# Nothing in the small content comes near these.
UNKNOWN = "Which laptop is best for drawing?"
OTHER_UNKNOWN = "Where does the local orchestra rehearse?"


def small(content: Content) -> Content:
    """A part of the shipped content, so that a new index is built in a moment."""
    topics = tuple(topic for topic in content.topics if topic.id in TOPICS)
    outside = {language: texts[:20] for language, texts in content.out_of_scope.items()}
    return replace(content, topics=topics, out_of_scope=outside, version=f"{content.version}-small")


@dataclass(slots=True)
class Clock:
    """The time, which tests move."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def goes_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class Office:
    """The bot and the staff."""

    telegram: Telegram
    bot: RunningBot
    desk: Desk
    clock: Clock
    admin: Person
    editor: Person
    group: Group | None

    async def settled(self) -> None:
        """Everything has been dealt with."""
        await self.bot.settled()

    async def says(self, who: Person, text: str) -> Message:
        """Somebody writes in their private chat; returns the bot's reply."""
        reply = await self.telegram.answer(who.says(text))
        await self.settled()
        return reply

    async def press(self, who: Person, message: Message, label: str) -> None:
        """Somebody presses a button."""
        await self.bot.press(who, message, label)

    async def asks_for_a_person(self, who: Person, question: str = UNKNOWN) -> Message:
        """A question that fails, handed over to staff; returns what the trainee is told."""
        unknown = await self.says(who, question)
        await self.press(who, unknown, self.label(who, "🙋 Ask a person"))
        return self.telegram.replies(who)[-1]

    def label(self, who: Person, english: str) -> str:
        """A button's label in the language in which somebody is answered."""
        code = str(who.user.get("language_code", "en"))
        return self.desk.voices[Language.from_code(code) or Language.EN].say(english)

    def staff_sees(self) -> list[Message]:
        """What the bot wrote to the staff group, or without one to the administrator."""
        return self.telegram.replies(self.group or self.admin)

    async def answers(self, text: str, to: Message | None = None, by: Person | None = None) -> Message:
        """The editor, or another one, replies to what staff saw last, or to another message; returns the reply."""
        written = (by or self.editor).says(text, reply_to=to or self.staff_sees()[-1])
        await self.settled()
        return written

    async def writes(self, who: Person, text: str) -> Message:
        """Somebody writes what the bot may have no words for; returns what they wrote."""
        written = who.says(text)
        await self.settled()
        return written

    def reads(self, who: Person) -> list[str]:
        """What the bot wrote to somebody in private, and is still there."""
        return [message.text for message in self.telegram.replies(who)]

    async def makes_editor(self) -> None:
        """The administrator trusts the editor."""
        await self.says(self.editor, "/start")
        await self.says(self.admin, f"/staff add {self.editor.id}")


@asynccontextmanager
async def at_work(
    telegram: Telegram,
    matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    now: datetime,
    *,
    group: str | None = "plain",
) -> AsyncIterator[Office]:
    """The office for as long as the block runs; the group is "plain", a "forum", or None."""
    admin = telegram.person("Nigora", "en", username="nigora")
    editor = telegram.person("Wang", "en", username="wang_li")
    staff_group = telegram.group("Staff", forum=group == "forum") if group else None
    if staff_group is not None:
        staff_group.admits(admin, status="creator")
        staff_group.admits(editor)
    async with working(telegram, matcher, voices, database, Clock(now), admin, editor, staff_group) as office:
        yield office


@asynccontextmanager
async def working(
    telegram: Telegram,
    matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    clock: Clock,
    admin: Person,
    editor: Person,
    group: Group | None,
) -> AsyncIterator[Office]:
    """One process of an office whose people are there already: the first one, or the one after a restart."""
    settings = Settings(
        bot_token=SecretStr(telegram.token),
        admin_ids=frozenset({admin.id}),
        staff_chat_id=group.id if group is not None else None,
    )
    desk = Desk(matcher, voices, database, clock, House(admins=settings.admin_ids))
    async with answering(telegram, desk, settings) as bot:
        yield Office(telegram, bot, desk, clock, admin, editor, group)
