"""What people want to be told of, and what not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.store.database import Database
from bot.store.tables import SubscriptionRow

# The kinds, beside those of reminders (`bot.content.reminders`). The target is, in this order: the number of a
# question; the id of a course; the id of a course; the id of a session; what is not wanted ("news", "sessions"); the
# id of a course that was followed until sessions were not wanted any more.
ANSWER = "answer"
COURSE = "course"
OPENED = "opened"
SESSION = "session"
WITHOUT = "without"
LEFT = "left"
# What somebody can do without.
NEWS, SESSIONS = "news", "sessions"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One thing that somebody wants to be told of, or does not."""

    kind: str
    target: str


class Subscriptions:
    """The subscriptions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, person: int) -> list[Subscription]:
        """Everything that a person has said, the answers to questions left out, oldest first."""
        theirs = select(SubscriptionRow.kind, SubscriptionRow.target).where(
            SubscriptionRow.person_id == person, SubscriptionRow.kind != ANSWER
        )
        async with self._database.transaction() as session:
            rows = await session.execute(theirs.order_by(SubscriptionRow.id))
            return [Subscription(kind, target) for kind, target in rows]

    async def add(self, person: int, kinds: Iterable[str], target: str, now: datetime) -> None:
        """Remember these kinds for one target; what is remembered already keeps its date."""
        for kind in kinds:
            wish = {"person_id": person, "kind": kind, "target": target}
            try:
                async with self._database.transaction() as session:
                    await session.execute(insert(SubscriptionRow).values(**wish, since=now))
            except IntegrityError:
                continue  # pressed twice, or the person was forgotten meanwhile: either way there is nothing to add

    async def remove(self, person: int, kinds: Sequence[str], target: str) -> None:
        """Forget these kinds for one target."""
        theirs = (SubscriptionRow.person_id == person) & (SubscriptionRow.target == target)
        async with self._database.transaction() as session:
            await session.execute(delete(SubscriptionRow).where(theirs, SubscriptionRow.kind.in_(kinds)))
