"""What could not be carried between people and staff when it was written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Cast, ColumnElement, String, exists, literal, select

from bot.store.conversations import Conversation, Letter, conversation_of, conversations, letter_of
from bot.store.database import Database
from bot.store.tables import ConversationRow, CopyRow, InboxRow, LetterRow, PersonRow


class Late:
    """Conversations and letters that are shown nowhere."""

    def __init__(self, database: Database, read: str) -> None:
        """`read` is what an action in an inbox begins with that shows a letter; its number follows."""
        self._database = database
        self._read = read

    async def headless(self, before: datetime, limit: int) -> list[Conversation]:
        """The open conversations of before then that staff have never been shown, oldest first."""
        shown = exists().where(CopyRow.conversation_id == ConversationRow.id, CopyRow.letter_id.is_(None))
        found = conversations().where(ConversationRow.closed_at.is_(None), ConversationRow.opened_at <= before, ~shown)
        async with self._database.transaction() as session:
            return [
                conversation_of(*row) for row in await session.execute(found.order_by(ConversationRow.id).limit(limit))
            ]

    async def not_passed_on(self, since: datetime, before: datetime, limit: int) -> list[Letter]:
        """The letters of people of that time that are shown nowhere, oldest first."""
        return await self._late(
            LetterRow.from_staff.is_(False), CopyRow.letter_id == LetterRow.id, since, before, limit
        )

    async def not_delivered(self, channel: str, since: datetime, before: datetime, limit: int) -> list[Letter]:
        """The letters of staff of that time that are not in the chats of their people, oldest first.

        Whoever has blocked the bot, or is on another channel, is left out.
        """
        wanted = LetterRow.from_staff & (PersonRow.channel == channel) & PersonRow.blocked_at.is_(None)
        theirs = (CopyRow.letter_id == LetterRow.id) & (Cast(CopyRow.chat, String) == PersonRow.name)
        return await self._late(wanted, theirs, since, before, limit)

    async def not_in_inbox(self, channel: str, since: datetime, before: datetime, limit: int) -> list[Letter]:
        """The letters of staff of that time that are not in the inboxes of their people, oldest first."""
        wanted = LetterRow.from_staff & (PersonRow.channel == channel)
        shows = InboxRow.action == literal(self._read).concat(Cast(LetterRow.id, String))
        return await self._late(wanted, shows & (InboxRow.person_id == PersonRow.id), since, before, limit)

    async def _late(
        self, wanted: ColumnElement[bool], copy: ColumnElement[bool], since: datetime, before: datetime, limit: int
    ) -> list[Letter]:
        found = select(LetterRow).join(ConversationRow, ConversationRow.id == LetterRow.conversation_id)
        found = found.join(PersonRow, PersonRow.id == ConversationRow.person_id)
        found = found.where(LetterRow.sent_at >= since, LetterRow.sent_at <= before, wanted, ~exists().where(copy))
        async with self._database.transaction() as session:
            return [letter_of(row) for row in await session.scalars(found.order_by(LetterRow.id).limit(limit))]
