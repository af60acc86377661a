"""Conversations between people and staff: begun, carried both ways, and ended, on whatever channel the person is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.content.values import Content
from bot.desk.clearing import clear
from bot.desk.courier import Courier
from bot.desk.heads import Heads
from bot.desk.lines import GoneError, LineError, PersonLine, RefusedError, StaffLine
from bot.desk.outages import OutageLog
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import handover as pages
from bot.pages import staff as staff_pages
from bot.pages.actions import encode
from bot.pages.deeds import ReadEnd, ReadLetter
from bot.pages.page import Page, PassedOn
from bot.pages.voice import Voice
from bot.store.conversations import Closed, Conversation, Conversations, Kind, Letter, Spot
from bot.store.database import Database
from bot.store.inbox import Attachment, Inbox
from bot.store.late import Late
from bot.store.people import People, Person
from bot.store.questions import Question, Questions

log = logging.getLogger(__name__)

SILENCE = timedelta(hours=24)  # without a word, then a conversation is over
# What an editor sees of a conversation that is followed in one more chat.
LETTERS_SHOWN = 10
# What could not be carried is tried again after so long, when whoever was at it has ended, and so much of it at once.
LATE, TOO_LATE, MOST_LATE = timedelta(minutes=1), timedelta(days=7), 50


class Handover:
    """Carries letters. A letter is kept before it is carried, so that one that could not be is carried later."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self.conversations = Conversations(database)
        self.people = People(database)
        self._questions = Questions(database)
        self._inbox = Inbox(database)
        self._waiting = Late(database, encode(ReadLetter(0)).removesuffix("0"))
        self._heads = Heads(database, content)
        self._voices = voices
        self._content = content
        self._now = now
        # Set by the channels when they are there.
        self.staff: StaffLine | None = None
        self.lines: dict[str, PersonLine] = {}
        self.staff_language = Language.EN
        self._courier = Courier(self._heads, self)
        self._outage = OutageLog(log, "answers of staff")

    @property
    def staff_voice(self) -> Voice:
        """The voice in which staff are spoken to, all together."""
        return self._voices[self.staff_language]

    # From people to staff

    async def begin(self, visitor: Visitor, question: Question | None) -> Page:
        """Somebody wants a person: staff are told, with the question and what was said before."""
        voice = self._voices[question.language if question else visitor.language]
        if self.staff is None or visitor.person.id is None:
            return pages.nobody_page(voice, self._content())
        number = question.id if question else None
        if question is not None:
            await self._questions.hand_over(question.id, self._now())
        elif visitor.person.chosen is None and visitor.language_known:  # staff and the end speak it, too
            await self.people.choose_language(visitor.person, visitor.language)
        conversation, is_new = await self.conversations.open(visitor.person.id, number, self._now())
        if is_new:
            self._courier.carry(conversation, None, visitor.called)
        elif question is not None:
            await self._add(conversation, question, visitor.called)
        return pages.handed_over_page(voice, self._content(), self._now(), asked=question is not None)

    async def _add(self, conversation: Conversation, question: Question, called: str) -> None:
        """One more question in a conversation; its button can be pressed as often as one likes."""
        known = {letter.text for letter in await self.conversations.letters(conversation.id, MOST_LATE)}
        if question.text and question.id != conversation.question and question.text not in known:
            await self._keep(conversation, Kind.TEXT, question.text, None, called)

    async def write(self, visitor: Visitor, kind: Kind, text: str, spot: Spot | None) -> PassedOn | Page | None:
        """What somebody in a conversation writes goes to staff. None for a message that came before."""
        voice, person = self._voices[visitor.language], visitor.person
        conversation = await self.conversations.find(person.talking) if person.talking is not None else None
        if conversation is None:
            return pages.not_passed_on_page(voice)
        letter = await self._keep(conversation, kind, text, spot, visitor.called)
        return PassedOn(pages.passed_on_page(voice)) if letter is not None else None

    async def _keep(
        self, conversation: Conversation, kind: Kind, text: str, spot: Spot | None, called: str
    ) -> Letter | None:
        letter = await self.conversations.write(conversation, kind, text, spot, self._now(), from_staff=False)
        if letter is not None:
            self._courier.carry(conversation, letter, called)
        return letter

    async def follow(self, conversation: Conversation, chat: int) -> None:
        """Show a conversation, with its last letters, in one more chat of staff. Raises LineError."""
        assert self.staff is not None
        head, title = await self._heads.head(conversation, "", self.staff_voice)
        await self.staff.open_in(chat, conversation, head, title)
        for letter in await self.conversations.letters(conversation.id, LETTERS_SHOWN):
            await self.staff.repeat(chat, conversation, letter)

    async def edited(self, spot: Spot, text: str, called: str) -> bool:
        """A message was edited; whether it was a letter of a person's, which is then changed for staff, too."""
        letter = await self.conversations.letter_at(spot)
        if letter is None or letter.from_staff:
            return False
        await self.conversations.rewrite(letter, text)
        conversation = await self.conversations.find(letter.conversation)
        if self.staff is None or conversation is None or letter.text == text:
            return True
        changed = replace(letter, text=text)
        try:
            await self.staff.rewrite(changed, await self.conversations.copies(letter.id))
        except LineError:  # deleted with its topic, or too old to be changed: the new words are shown anew
            async with self._courier.turn(conversation.person):
                await self._courier.pass_on(conversation, changed, called)
        return True

    async def left(self, person: Person) -> None:
        """Somebody has blocked the bot: staff who talk with them are told."""
        conversation = await self.conversations.find(person.talking) if person.talking is not None else None
        if conversation is not None:
            await self._note(conversation, staff_pages.blocked_note(self.staff_voice))

    async def settled(self, seconds: float | None = None) -> None:
        """Wait until everything has been carried to staff, or for so many seconds."""
        await self._courier.settled(seconds)

    # From staff to people

    async def answer(
        self, conversation: Conversation, kind: Kind, text: str, spot: Spot, file: Attachment | None = None
    ) -> Letter | None:
        """Staff answer. None if this message has been carried already.

        Raises GoneError, RefusedError, or a LineError after which it is tried again.
        """
        async with self._courier.turn(conversation.person):
            going_on = await self.conversations.of_person(conversation.person)
            going_on = going_on or await self.conversations.find(conversation.id)
            if going_on is None:
                raise GoneError("this person cannot be reached any more")
            letter = await self.conversations.write(going_on, kind, text, spot, self._now(), from_staff=True)
            if letter is None:
                return None
            if file is not None:
                await self._inbox.attach(letter.id, file)
            await self._deliver(going_on, letter)
        return letter

    async def _deliver(self, conversation: Conversation, letter: Letter) -> None:
        """Give what staff wrote to the person; who has it last is told that a person begins, or begins again."""
        letters = await self.conversations.letters(conversation.id, MOST_LATE)
        first = not any(one.from_staff for one in letters if one.id < letter.id)
        person, line, voice = await self._to(conversation)
        opening = pages.answered_page(voice) if first or conversation.closed else None
        try:
            await line.deliver(person, letter, opening, pages.passed_on_page(voice))
        except GoneError:
            await self.people.block(person.address, self._now())
            raise
        except RefusedError:
            await self.conversations.drop(letter.id)
            raise
        if self.staff is not None:
            await self.staff.share(conversation, letter)

    async def rewrite(self, spot: Spot, text: str) -> bool:
        """Staff have edited a message; whether it was a letter, which is then changed for the person, too."""
        letter = await self.conversations.letter_at(spot)
        if letter is None or not letter.from_staff:
            return False
        conversation = await self.conversations.find(letter.conversation)
        await self.conversations.rewrite(letter, text)
        if conversation is not None and letter.text != text:
            person, line, voice = await self._to(conversation)
            copies = await self.conversations.copies(letter.id)
            await line.rewrite(person, replace(letter, text=text), copies, pages.passed_on_page(voice))
        return True

    async def _to(self, conversation: Conversation) -> tuple[Person, PersonLine, Voice]:
        """The person of a conversation, the line to them, and the voice that they understand."""
        person = await self.people.by_id(conversation.person)
        line = self.lines.get(conversation.address.channel)
        if person is None or line is None:
            raise GoneError("this person cannot be reached any more")
        asked = await self._questions.find(conversation.question) if conversation.question else None
        return person, line, self._voices[await self._heads.language(person, asked)]

    # The end

    async def end(self, number: int, by: Closed) -> bool:
        """End a conversation and tell both sides; whether it wanted staff until now."""
        conversation = await self.conversations.find(number)
        if conversation is None or not await self.conversations.close(number, by, self._now()):
            return False
        if conversation.closed is None:
            await self._tell_end(conversation, by)
        else:  # the person was told of the silence
            await self._note(conversation, staff_pages.ended_note(by, self.staff_voice))
        return True

    async def end_silent(self) -> None:
        """End the conversations in which nobody has written for a day."""
        for number in await self.conversations.close_silent(self._now() - SILENCE, self._now()):
            conversation = await self.conversations.find(number)
            if conversation is not None:
                await self._tell_end(conversation, Closed.SILENCE)

    async def _tell_end(self, conversation: Conversation, by: Closed) -> None:
        waits = by is Closed.SILENCE and await self.conversations.wants_answer(conversation)
        note = staff_pages.unanswered_note(self.staff_voice) if waits else staff_pages.ended_note(by, self.staff_voice)
        await self._note(conversation, note)
        if by is Closed.PERSON:  # who pressed the button sees it
            return
        try:
            person, line, voice = await self._to(conversation)
            page = await self.ended_page(replace(conversation, closed=by), voice)
            await line.send(person, page, ReadEnd(conversation.id))
        except LineError as error:
            log.info("somebody could not be told that conversation %d is closed: %s", conversation.id, error)

    async def ended_page(self, conversation: Conversation, voice: Voice) -> Page:
        """What the person reads at the end of a conversation."""
        if conversation.closed is not Closed.SILENCE:
            return pages.ended_page(voice)
        return pages.silent_page(voice, open_question=await self.conversations.wants_answer(conversation))

    async def _note(self, conversation: Conversation, page: Page) -> None:
        if self.staff is None:
            return
        try:
            await self.staff.note(conversation, page)
        except LineError as error:
            log.warning("a note on conversation %d could not be shown: %s", conversation.id, error)

    async def forget(self, person: Person) -> None:
        """Delete somebody, when what staff see of them is off their screens, and nothing more is on its way there."""
        assert person.id is not None, "of somebody unknown there is nothing to forget"
        async with self._courier.turn(person.id):
            if self.staff is not None:
                await clear(person.id, self.conversations, self.staff)
            await self.people.forget(person)

    async def catch_up(self) -> None:
        """Carry what could not be carried before, to staff until they cannot be reached, to people their answers."""
        if self.staff is None:
            return
        before, since = self._now() - LATE, self._now() - TOO_LATE
        for conversation in await self._waiting.headless(before, MOST_LATE):
            async with self._courier.turn(conversation.person):
                heads = await self.conversations.heads(conversation.id)
                if not heads and not await self._courier.pass_on(conversation, None, ""):
                    break
        for letter in await self._waiting.not_passed_on(since, before, MOST_LATE):
            if not await self._late(letter):
                break
        for channel, line in self.lines.items():
            missing = self._waiting.not_delivered if line.leaves_copies else self._waiting.not_in_inbox
            for letter in await missing(channel, since, before, MOST_LATE):
                await self._late(letter)

    async def _late(self, letter: Letter) -> bool:
        """Carry a letter late, unless it has been carried meanwhile; whether it is there."""
        conversation = await self.conversations.find(letter.conversation)
        if conversation is None or self.staff is None:
            return True
        async with self._courier.turn(conversation.person):
            shown = await self.conversations.copies(letter.id)
            if not letter.from_staff:
                return bool(shown) or await self._courier.pass_on(conversation, letter, "")
            if conversation.address.name in {str(spot.chat) for spot in shown}:
                return True
            try:
                await self._deliver(conversation, letter)
                await self.staff.arrived(letter)
            except LineError as error:
                self._outage.failed(error)
                return False
            self._outage.worked()
        return True
