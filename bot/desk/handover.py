"""Conversations between people and staff: begun, carried both ways, and ended, on whatever channel the person is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.content.values import Content
from bot.desk.lines import GoneError, LineError, PersonLine, StaffLine
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import handover as pages
from bot.pages import staff as staff_pages
from bot.pages.deeds import ReadEnd
from bot.pages.page import Page, PassedOn
from bot.pages.voice import Voice
from bot.store.conversations import Closed, Conversation, Conversations, Kind, Letter, Spot
from bot.store.database import Database
from bot.store.inbox import Attachment, Inbox
from bot.store.people import People, Person
from bot.store.questions import Question, Questions

log = logging.getLogger(__name__)

# After so long without a word a conversation is over.
SILENCE = timedelta(hours=24)
# What staff see of what was said before.
EXCHANGES = 3
# What an editor sees of a conversation that is followed in one more chat.
LETTERS_SHOWN = 10
# What is passed on at once when staff could not be reached before.
MOST_LATE = 50


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
        self._voices = voices
        self._content = content
        self._now = now
        # Set by the channels when they are there.
        self.staff: StaffLine | None = None
        self.lines: dict[str, PersonLine] = {}
        self.staff_language = Language.EN

    @property
    def _staff_voice(self) -> Voice:
        return self._voices[self.staff_language]

    # From people to staff

    async def begin(self, visitor: Visitor, question: Question | None) -> Page:
        """Somebody wants a person: staff are told, with the question and what was said before."""
        voice = self._voices[question.language if question else visitor.language]
        if self.staff is None or visitor.person.id is None:
            return pages.nobody_page(voice, self._content())
        number = question.id if question else None
        conversation, is_new = await self.conversations.open(visitor.person.id, number, self._now())
        if question is not None:
            await self._questions.hand_over(question.id, self._now())
        if is_new:
            await self._show_head(conversation, visitor.called)
        elif question is not None and question.text and question.id != conversation.question:
            await self._carry(conversation, Kind.TEXT, question.text, None, visitor.called)
        return pages.handed_over_page(voice, self._content(), self._now(), asked=question is not None)

    async def write(self, visitor: Visitor, kind: Kind, text: str, spot: Spot | None) -> PassedOn | Page | None:
        """What somebody in a conversation writes goes to staff. None for a message that came before."""
        voice, person = self._voices[visitor.language], visitor.person
        conversation = await self.conversations.find(person.talking) if person.talking is not None else None
        if conversation is None:
            return pages.not_passed_on_page(voice)
        letter = await self._carry(conversation, kind, text, spot, visitor.called)
        return PassedOn(pages.passed_on_page(voice)) if letter is not None else None

    async def _carry(
        self, conversation: Conversation, kind: Kind, text: str, spot: Spot | None, called: str
    ) -> Letter | None:
        letter = await self.conversations.write(conversation, kind, text, spot, self._now(), from_staff=False)
        if letter is not None:
            await self._pass_on(conversation, letter, called)
        return letter

    async def _pass_on(self, conversation: Conversation, letter: Letter, called: str) -> None:
        if self.staff is None:
            return
        head, title = await self._head(conversation, called)
        try:
            await self.staff.pass_on(conversation, letter, head, title)
        except LineError as error:
            log.error("a letter of conversation %d could not be passed on yet: %s", conversation.id, error)

    async def _show_head(self, conversation: Conversation, called: str) -> None:
        assert self.staff is not None
        head, title = await self._head(conversation, called)
        try:
            await self.staff.head(conversation, head, title)
        except LineError as error:
            log.error("staff could not be told of conversation %d yet: %s", conversation.id, error)

    async def _head(self, conversation: Conversation, called: str) -> tuple[Page, str]:
        """The page on top of a conversation, and the title of its forum topic."""
        asked = await self._questions.find(conversation.question) if conversation.question else None
        before = await self._questions.last(conversation.person, EXCHANGES + 1)
        before = [one for one in before if asked is None or one.id != asked.id][-EXCHANGES:]
        person = await self.people.by_id(conversation.person)
        name = called or _number_plate(conversation, person)
        language = await self._language(person, asked)
        page = staff_pages.head_page(conversation, name, language, asked, before, self._staff_voice, self._content())
        return page, staff_pages.topic_title(name, language)

    async def _language(self, person: Person | None, asked: Question | None) -> Language:
        if person is not None and person.chosen is not None:
            return person.chosen
        if asked is None and person is not None and person.id is not None:
            asked = next(iter(await self._questions.last(person.id, 1)), None)
        return asked.language if asked is not None else Language.EN

    async def follow(self, conversation: Conversation, chat: int) -> None:
        """Show a conversation, with its last letters, in one more chat of staff. Raises LineError."""
        assert self.staff is not None
        head, title = await self._head(conversation, "")
        await self.staff.open_in(chat, conversation, head, title)
        for letter in await self.conversations.letters(conversation.id, LETTERS_SHOWN):
            await self.staff.repeat(chat, conversation, letter)

    async def edited(self, spot: Spot, text: str) -> bool:
        """A message was edited; whether it was a letter of a person's, which is then changed for staff, too."""
        letter = await self.conversations.letter_at(spot)
        if letter is None or letter.from_staff:
            return False
        await self.conversations.rewrite(letter, text)
        if self.staff is not None and letter.text != text:
            changed = Letter(letter.id, letter.conversation, letter.from_staff, letter.kind, text, letter.spot)
            await self.staff.rewrite(changed, await self.conversations.copies(letter.id))
        return True

    async def left(self, person: Person) -> None:
        """Somebody has blocked the bot: staff who talk with them are told."""
        conversation = await self.conversations.find(person.talking) if person.talking is not None else None
        if conversation is not None:
            await self._note(conversation, staff_pages.blocked_note(self._staff_voice))

    # From staff to people

    async def answer(
        self, conversation: Conversation, kind: Kind, text: str, spot: Spot, file: Attachment | None = None
    ) -> Letter | None:
        """Staff answer. None if this message has been carried already. Raises LineError, GoneError."""
        going_on = await self.conversations.of_person(conversation.person) or conversation
        first = not any(letter.from_staff for letter in await self.conversations.letters(going_on.id, MOST_LATE))
        letter = await self.conversations.write(going_on, kind, text, spot, self._now(), from_staff=True)
        if letter is None:
            return None
        if file is not None:
            await self._inbox.attach(letter.id, file)
        person, line, voice = await self._to(going_on)
        opening = pages.answered_page(voice) if first else None
        try:
            await line.deliver(person, letter, opening, pages.passed_on_page(voice))
        except GoneError:
            await self.people.block(person.address, self._now())
            raise
        return letter

    async def rewrite(self, spot: Spot, text: str) -> bool:
        """Staff have edited a message; whether it was a letter, which is then changed for the person, too."""
        letter = await self.conversations.letter_at(spot)
        if letter is None or not letter.from_staff:
            return False
        conversation = await self.conversations.find(letter.conversation)
        await self.conversations.rewrite(letter, text)
        if conversation is not None and letter.text != text:
            changed = Letter(letter.id, letter.conversation, letter.from_staff, letter.kind, text, letter.spot)
            person, line, _ = await self._to(conversation)
            await line.rewrite(person, changed, await self.conversations.copies(letter.id))
        return True

    async def _to(self, conversation: Conversation) -> tuple[Person, PersonLine, Voice]:
        """The person of a conversation, the line to them, and the voice that they understand."""
        person = await self.people.by_id(conversation.person)
        line = self.lines.get(conversation.address.channel)
        if person is None or line is None:
            raise GoneError("this person cannot be reached any more")
        asked = await self._questions.find(conversation.question) if conversation.question else None
        return person, line, self._voices[await self._language(person, asked)]

    # The end

    async def end(self, number: int, by: Closed) -> bool:
        """End a conversation and tell both sides; whether it was open until now."""
        conversation = await self.conversations.find(number)
        if conversation is None or not await self.conversations.close(number, by, self._now()):
            return False
        await self._tell_end(conversation, by)
        return True

    async def end_silent(self) -> None:
        """End the conversations in which nobody has written for a day."""
        for number in await self.conversations.close_silent(self._now() - SILENCE, self._now()):
            conversation = await self.conversations.find(number)
            if conversation is not None:
                await self._tell_end(conversation, Closed.SILENCE)

    async def _tell_end(self, conversation: Conversation, by: Closed) -> None:
        await self._note(conversation, staff_pages.ended_note(by, self._staff_voice))
        if by is Closed.PERSON:  # who pressed the button sees it
            return
        try:
            person, line, voice = await self._to(conversation)
            page = pages.ended_page(voice, silent=by is Closed.SILENCE)
            await line.send(person, page, ReadEnd(conversation.id))
        except LineError as error:
            log.info("somebody could not be told that conversation %d is closed: %s", conversation.id, error)

    async def _note(self, conversation: Conversation, page: Page) -> None:
        if self.staff is None:
            return
        try:
            await self.staff.note(conversation, page)
        except LineError as error:
            log.warning("a note on conversation %d could not be shown: %s", conversation.id, error)

    async def forget(self, person: Person) -> None:
        """Take what staff see of somebody off their screens, before it is deleted here."""
        if self.staff is None or person.id is None:
            return
        shown = await self.conversations.shown_of_person(person.id)
        try:
            await self.staff.clear(shown, await self.conversations.topics(person.id))
        except LineError as error:
            log.warning("not everything that staff see of somebody could be deleted: %s", error)

    async def catch_up(self) -> None:
        """Tell staff of conversations and letters of which they could not be told before."""
        if self.staff is None:
            return
        for conversation in await self.conversations.waiting(MOST_LATE):
            if not await self.conversations.heads(conversation.id):
                await self._show_head(conversation, "")
            for letter in await self.conversations.letters(conversation.id, MOST_LATE):
                if not letter.from_staff and not await self.conversations.copies(letter.id):
                    await self._pass_on(conversation, letter, "")


def _number_plate(conversation: Conversation, person: Person | None) -> str:
    """What to call somebody whose name is not known just now."""
    return f"@{person.username}" if person is not None and person.username else f"№ {conversation.person}"
