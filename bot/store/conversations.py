"""Conversations between people and staff: who talks, what was written, and where copies of it are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.store.database import Database
from bot.store.people import Address
from bot.store.tables import ConversationRow, CopyRow, LetterFileRow, LetterRow, PersonRow, TopicRow


class Closed(StrEnum):
    """Who ended a conversation."""

    PERSON = "person"
    STAFF = "staff"
    SILENCE = "silence"


class Kind(StrEnum):
    """What a letter is. Everything else that Telegram can carry is copied as it is."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Spot:
    """A message on Telegram: the number of its chat and its own."""

    chat: int
    message: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A person and the staff in conversation. `closed` is None as long as it is open."""

    id: int
    person: int
    address: Address
    question: int | None
    opened_at: datetime
    last_at: datetime
    closed: Closed | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a conversation. `spot` is where it was written on Telegram, None for the web page."""

    id: int
    conversation: int
    from_staff: bool
    kind: Kind
    text: str
    spot: Spot | None


class Conversations:
    """The conversations in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, person: int, question: int | None, now: datetime) -> tuple[Conversation, bool]:
        """The person's open conversation, a new one if there is none; and whether it is new."""
        try:
            async with self._database.transaction() as session:
                new = {"person_id": person, "question_id": question, "opened_at": now, "last_at": now}
                await session.execute(insert(ConversationRow).values(**new))
            is_new = True
        except IntegrityError:  # there is one, which the unique index knows
            is_new = False
        found = await self.of_person(person)
        assert found is not None, "it was opened, or was open, a moment ago"
        return found, is_new

    async def of_person(self, person: int) -> Conversation | None:
        """The person's open conversation."""
        mine = conversations().where(ConversationRow.person_id == person, ConversationRow.closed_at.is_(None))
        return await self._first(mine)

    async def find(self, number: int) -> Conversation | None:
        """The conversation with this number, open or not."""
        return await self._first(conversations().where(ConversationRow.id == number))

    async def shown_at(self, spot: Spot) -> Conversation | None:
        """The conversation of which the bot shows something to staff in this message."""
        shown = conversations().join(CopyRow, CopyRow.conversation_id == ConversationRow.id)
        shown = shown.outerjoin(LetterRow, LetterRow.id == CopyRow.letter_id)
        # In the person's own chat there are the letters of staff, too.
        to_person = LetterRow.from_staff.is_(True) & (PersonRow.name == str(spot.chat))
        here = (CopyRow.chat == spot.chat) & (CopyRow.message == spot.message)
        return await self._first(shown.where(here, func.coalesce(to_person, false()).is_(False)))

    async def in_topic(self, chat: int, thread: int) -> Conversation | None:
        """The latest conversation with the person to whom a forum topic belongs."""
        theirs = conversations().join(TopicRow, TopicRow.person_id == ConversationRow.person_id)
        found = theirs.where(TopicRow.chat == chat, TopicRow.thread == thread)
        return await self._first(found.order_by(ConversationRow.id.desc()))

    async def waiting(self, limit: int) -> list[Conversation]:
        """The conversations that want staff, the one that has waited longest first.

        They are open, or, behind those, were closed by silence although nobody had answered.
        """
        letters = exists().where(LetterRow.conversation_id == ConversationRow.id)
        asked = ConversationRow.question_id.is_not(None) | letters
        forgotten = (ConversationRow.closed_by == Closed.SILENCE) & asked & ~letters.where(LetterRow.from_staff)
        wanting = conversations().where(or_(ConversationRow.closed_at.is_(None), forgotten))
        order = (ConversationRow.closed_at.is_not(None), ConversationRow.last_at)
        async with self._database.transaction() as session:
            rows = await session.execute(wanting.order_by(*order).limit(limit))
            return [conversation_of(*row) for row in rows]

    async def wants_answer(self, conversation: Conversation) -> bool:
        """Whether something was asked in a conversation that nobody of the staff has answered."""
        letters = select(LetterRow.from_staff).where(LetterRow.conversation_id == conversation.id)
        async with self._database.transaction() as session:
            from_staff = set(await session.scalars(letters.distinct()))
        return True not in from_staff and (conversation.question is not None or bool(from_staff))

    async def close(self, number: int, by: Closed, now: datetime) -> bool:
        """End a conversation; whether it was open until now. Staff also end what only silence had ended."""
        silent: ColumnElement[bool] = ConversationRow.closed_by == Closed.SILENCE if by is Closed.STAFF else false()
        mine = (ConversationRow.id == number) & or_(ConversationRow.closed_at.is_(None), silent)
        return bool(await self._close(update(ConversationRow).where(mine), by, now))

    async def close_silent(self, before: datetime, now: datetime) -> list[int]:
        """End the conversations in which nobody has written since then; returns their numbers."""
        silent = (ConversationRow.last_at < before) & ConversationRow.closed_at.is_(None)
        return await self._close(update(ConversationRow).where(silent), Closed.SILENCE, now)

    async def _close(self, change: Update, by: Closed, now: datetime) -> list[int]:
        ended = change.values(closed_at=now, closed_by=by.value).returning(ConversationRow.id)
        async with self._database.transaction() as session:
            return sorted((await session.execute(ended)).scalars())

    async def write(
        self, conversation: Conversation, kind: Kind, text: str, spot: Spot | None, now: datetime, *, from_staff: bool
    ) -> Letter | None:
        """Keep a letter; None if this very message is kept already. Who writes keeps the conversation going.

        A closed conversation to which staff write is open again, unless the person has opened another one.
        """
        row = LetterRow(
            conversation_id=conversation.id,
            from_staff=from_staff,
            kind=kind.value,
            text=text,
            chat=spot.chat if spot else None,
            message=spot.message if spot else None,
            sent_at=now,
        )
        try:
            async with self._database.transaction() as session:
                session.add(row)
                await session.flush()
                going_on = update(ConversationRow).where(ConversationRow.id == conversation.id)
                await session.execute(going_on.values(last_at=now, closed_at=None, closed_by=None))
        except IntegrityError:
            return None
        return letter_of(row)

    async def letter(self, number: int) -> tuple[Letter, Conversation] | None:
        """The letter with this number, and its conversation."""
        async with self._database.transaction() as session:
            row = await session.get(LetterRow, number)
        if row is None:
            return None
        conversation = await self.find(row.conversation_id)
        return (letter_of(row), conversation) if conversation is not None else None

    async def letter_at(self, spot: Spot) -> Letter | None:
        """The letter that was written in this message."""
        here = select(LetterRow).where(LetterRow.chat == spot.chat, LetterRow.message == spot.message)
        async with self._database.transaction() as session:
            row = await session.scalar(here)
        return letter_of(row) if row is not None else None

    async def letters(self, conversation: int, limit: int) -> list[Letter]:
        """The last letters of a conversation, oldest first."""
        found = select(LetterRow).where(LetterRow.conversation_id == conversation).order_by(LetterRow.id.desc())
        async with self._database.transaction() as session:
            return [letter_of(row) for row in await session.scalars(found.limit(limit))][::-1]

    async def drop(self, letter: int) -> None:
        """Forget a letter that never reaches anybody."""
        async with self._database.transaction() as session:
            await session.execute(delete(LetterRow).where(LetterRow.id == letter))

    async def rewrite(self, letter: Letter, text: str) -> None:
        """Keep the new text of a letter that its writer has edited."""
        async with self._database.transaction() as session:
            await session.execute(update(LetterRow).where(LetterRow.id == letter.id).values(text=text))

    async def erase_texts(self, before: datetime) -> None:
        """Take text and files from letters older than that."""
        old = select(LetterRow.id).where(LetterRow.sent_at < before)
        async with self._database.transaction() as session:
            await session.execute(delete(LetterFileRow).where(LetterFileRow.letter_id.in_(old)))
            has_text = (LetterRow.sent_at < before) & LetterRow.text.is_not(None)
            await session.execute(update(LetterRow).where(has_text).values(text=None))

    async def copied(self, conversation: int, letter: int | None, spot: Spot) -> None:
        """Remember that the bot shows a letter, or without one the head of a conversation, in this message."""
        new = {"conversation_id": conversation, "letter_id": letter, "chat": spot.chat, "message": spot.message}
        async with self._database.transaction() as session:
            await session.execute(insert(CopyRow).values(**new))

    async def copies(self, letter: int) -> list[Spot]:
        """Where a letter is shown."""
        return await self._spots(select(CopyRow).where(CopyRow.letter_id == letter))

    async def heads(self, conversation: int) -> list[Spot]:
        """Where the head of a conversation is shown: the chats in which its letters are wanted."""
        head = select(CopyRow).where(CopyRow.conversation_id == conversation, CopyRow.letter_id.is_(None))
        return await self._spots(head.order_by(CopyRow.id))

    async def shown_of_person(self, person: int) -> list[Spot]:
        """Every message in which the bot shows something of a person's conversations."""
        theirs = select(CopyRow).join(ConversationRow, ConversationRow.id == CopyRow.conversation_id)
        return await self._spots(theirs.where(ConversationRow.person_id == person))

    async def written_to_person(self, person: int) -> list[Spot]:
        """Every message in which staff wrote to a person."""
        theirs = select(LetterRow).join(ConversationRow, ConversationRow.id == LetterRow.conversation_id)
        theirs = theirs.where(ConversationRow.person_id == person, LetterRow.from_staff)
        async with self._database.transaction() as session:
            letters = [letter_of(row) for row in await session.scalars(theirs)]
        return [letter.spot for letter in letters if letter.spot is not None]

    async def _spots(self, found: Select[CopyRow]) -> list[Spot]:
        async with self._database.transaction() as session:
            return [Spot(row.chat, row.message) for row in await session.scalars(found)]

    async def topics(self, person: int) -> list[tuple[int, int]]:
        """The person's forum topics: chat and thread."""
        theirs = select(TopicRow).where(TopicRow.person_id == person)
        async with self._database.transaction() as session:
            return [(row.chat, row.thread) for row in await session.scalars(theirs)]

    async def set_topic(self, person: int, chat: int, thread: int | None) -> None:
        """Remember the person's forum topic in a chat, or that there is none any more."""
        async with self._database.transaction() as session:
            mine = (TopicRow.person_id == person) & (TopicRow.chat == chat)
            await session.execute(delete(TopicRow).where(mine))
            if thread is not None:
                await session.execute(insert(TopicRow).values(person_id=person, chat=chat, thread=thread))

    async def _first(self, found: Select[ConversationRow, str, str]) -> Conversation | None:
        async with self._database.transaction() as session:
            row = (await session.execute(found.limit(1))).first()
        return conversation_of(*row) if row is not None else None


def conversations() -> Select[ConversationRow, str, str]:
    """Conversations, each with the address of its person."""
    columns = select(ConversationRow, PersonRow.channel, PersonRow.name)
    return columns.join(PersonRow, PersonRow.id == ConversationRow.person_id)


def conversation_of(row: ConversationRow, channel: str, name: str) -> Conversation:
    """The value of a row of `conversations`."""
    closed = Closed(row.closed_by) if row.closed_by else None
    return Conversation(
        row.id, row.person_id, Address(channel, name), row.question_id, row.opened_at, row.last_at, closed
    )


def letter_of(row: LetterRow) -> Letter:
    """The value of a row."""
    spot = Spot(row.chat, row.message) if row.chat is not None and row.message is not None else None
    return Letter(row.id, row.conversation_id, row.from_staff, Kind(row.kind), row.text or "", spot)
