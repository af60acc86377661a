"""What visitors of the web page are still to be shown, and files that staff sent them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from bot.store.database import Database
from bot.store.tables import ConversationRow, InboxRow, LetterFileRow, LetterRow


@dataclass(frozen=True, slots=True)
class News:
    """Something for a visitor: an encoded Action. `id` grows with time."""

    id: int
    action: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """The file of a letter."""

    name: str
    media_type: str
    data: bytes


class Inbox:
    """The visitors' inboxes in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, person: int, action: str, now: datetime) -> None:
        """Something new for a person."""
        async with self._database.transaction() as session:
            await session.execute(insert(InboxRow).values(person_id=person, action=action, made_at=now))

    async def unseen(self, person: int) -> list[News]:
        """What the person has not seen yet, oldest first."""
        theirs = select(InboxRow).where(InboxRow.person_id == person, InboxRow.seen_at.is_(None))
        async with self._database.transaction() as session:
            return [News(row.id, row.action) for row in await session.scalars(theirs.order_by(InboxRow.id))]

    async def recent(self, person: int, since: datetime) -> list[News]:
        """What the person has not seen yet, and what came since then, oldest first."""
        fresh = InboxRow.seen_at.is_(None) | (InboxRow.made_at >= since)
        theirs = select(InboxRow).where(InboxRow.person_id == person, fresh)
        async with self._database.transaction() as session:
            return [News(row.id, row.action) for row in await session.scalars(theirs.order_by(InboxRow.id))]

    async def seen(self, person: int, last: int, now: datetime) -> None:
        """The person has seen everything up to this number."""
        theirs = (InboxRow.person_id == person) & (InboxRow.id <= last) & InboxRow.seen_at.is_(None)
        async with self._database.transaction() as session:
            await session.execute(update(InboxRow).where(theirs).values(seen_at=now))

    async def attach(self, letter: int, file: Attachment) -> None:
        """Keep the file of a letter."""
        new = LetterFileRow(letter_id=letter, name=file.name, media_type=file.media_type, data=file.data)
        async with self._database.transaction() as session:
            await session.merge(new)

    async def file(self, letter: int, person: int) -> Attachment | None:
        """The file of a letter, for the person to whom it was written and nobody else."""
        theirs = (
            select(LetterFileRow)
            .join(LetterRow, LetterRow.id == LetterFileRow.letter_id)
            .join(ConversationRow, ConversationRow.id == LetterRow.conversation_id)
            .where(LetterFileRow.letter_id == letter, ConversationRow.person_id == person)
        )
        async with self._database.transaction() as session:
            row = await session.scalar(theirs)
        return Attachment(row.name, row.media_type, row.data) if row is not None else None
