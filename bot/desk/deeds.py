"""What people do for themselves beside asking: votes, help by a person, being told later, being forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from bot.content.values import Content
from bot.desk.handover import Handover
from bot.desk.house import WEB
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import answers, handover, privacy, talk
from bot.pages.deeds import (
    AskPerson,
    Deed,
    EndConversation,
    ForgetMe,
    Rate,
    ReadAnswer,
    ReadEnd,
    ReadLetter,
    ShowPrivacy,
    TellMe,
)
from bot.pages.page import Page, Shown, Toast
from bot.pages.voice import Voice
from bot.store.conversations import Closed
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.people import People
from bot.store.questions import Question, Questions


@cache
def _zones() -> frozenset[str]:
    """Looked up once: it means reading through a folder."""
    return frozenset(available_timezones())


class PersonDeeds:
    """The deeds. What belongs to somebody else is as if it were not there."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        handover: Handover,
        keep_days: int,
    ) -> None:
        self._questions = Questions(database)
        self._people = People(database)
        self._inbox = Inbox(database)
        self._voices = voices
        self._content = content
        self._now = now
        self._handover = handover
        self._keep_days = keep_days
        # Called when somebody wants to be told of something that may be known already.
        self.wanted: Callable[[], None] = lambda: None

    async def do(self, deed: Deed, visitor: Visitor) -> Shown:
        """Do it, and say what was done."""
        voice = self._voices[visitor.language]
        match deed:
            case Rate() | TellMe() | AskPerson():
                return await self._about_question(deed, visitor, voice)
            case EndConversation():
                return await self._end(visitor, voice)
            case ShowPrivacy():
                return privacy.privacy_page(voice, self._content(), self._keep_days)
            case ForgetMe(sure):
                return await self._forget(visitor, voice) if sure else privacy.forget_page(voice)
            case _:
                return await self._read(deed, visitor, voice)

    async def live_in(self, visitor: Visitor, zone: str) -> None:
        """Remember the time zone that a channel tells of somebody, unless it is known, or no zone at all.

        They may have chosen another one than that of the machine at which they sit.
        """
        if zone and visitor.person.zone is None and zone in _zones():
            await self._people.live_in(visitor.person, zone)

    async def own(self, number: int | None, visitor: Visitor) -> Question | None:
        """The question with this number, if it is the person's own."""
        question = await self._questions.find(number) if number is not None else None
        return question if question is not None and question.person == visitor.person.id else None

    async def _about_question(self, deed: Rate | TellMe | AskPerson, visitor: Visitor, voice: Voice) -> Shown:
        question = await self.own(deed.question, visitor)
        if isinstance(deed, AskPerson):
            return await self._handover.begin(visitor, question)
        if question is None:
            return await self._not_theirs(deed.question, voice)
        voice = self._voices[question.language]
        if isinstance(deed, TellMe):
            await self._questions.subscribe(question, self._now())
            self.wanted()
            return Toast(handover.will_tell_page(question.id, voice, on_page=_is_on_page(visitor)))
        feedback = 1 if deed.helped else -1
        if question.feedback != feedback:
            await self._questions.rate(question.id, feedback)
        return Toast(answers.rated_page(question.id, feedback, voice))

    async def _not_theirs(self, number: int, voice: Voice) -> Toast:
        """Somebody else asked, in a group, or the question was forgotten. The answer stays where it is to be read."""
        there = await self._questions.find(number) is not None
        return Toast(answers.not_yours_page(voice) if there else talk.gone_page(voice), keeps=there)

    async def _end(self, visitor: Visitor, voice: Voice) -> Page:
        talking = visitor.person.talking
        if talking is not None:
            await self._handover.end(talking, Closed.PERSON)
        return handover.ended_page(voice)

    async def _forget(self, visitor: Visitor, voice: Voice) -> Page:
        if visitor.person.id is not None:
            await self._handover.forget(visitor.person)
        return privacy.forgotten_page(voice, on_page=_is_on_page(visitor))

    async def _read(self, deed: Deed, visitor: Visitor, voice: Voice) -> Page:
        """What the web page is told of by the inbox."""
        if isinstance(deed, ReadLetter):
            found = await self._handover.conversations.letter(deed.letter)
            if found is not None and found[1].person == visitor.person.id and found[0].from_staff:
                link = f"letters/{deed.letter}" if await self._has_file(deed.letter, visitor) else None
                return handover.letter_page(found[0].text, link, voice)
        elif isinstance(deed, ReadEnd):
            conversation = await self._handover.conversations.find(deed.conversation)
            if conversation is not None and conversation.person == visitor.person.id:
                return await self._handover.ended_page(conversation, voice)
        elif isinstance(deed, ReadAnswer):
            question = await self.own(deed.question, visitor)
            page = self.known_page(question) if question is not None else None
            if page is not None:
                return page
        return talk.gone_page(voice)

    async def _has_file(self, letter: int, visitor: Visitor) -> bool:
        return visitor.person.id is not None and await self._inbox.file(letter, visitor.person.id) is not None

    def known_page(self, question: Question) -> Page | None:
        """The answer to a question that was asked in vain; None if its entry is not there any more."""
        entry = self._content().entries.get(question.entry or "")
        if entry is None:
            return None
        voice = self._voices[question.language]
        return handover.now_known_page(question.text, entry, voice, self._content(), question.id)


def _is_on_page(visitor: Visitor) -> bool:
    """Whether somebody cannot be written to: they find what is new when they come again."""
    return visitor.person.address.channel == WEB
