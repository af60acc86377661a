"""What is new for the visitors of a channel that cannot write to them: they have to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.desk.visitor import Visitor
from bot.pages.actions import Action, decode
from bot.pages.page import Page, Shown
from bot.pages.wishes import ReadAnnouncement
from bot.store.inbox import Inbox, News

# So long something new can be read again.
AGAIN = timedelta(days=1)


class Mail:
    """Opens the inboxes of visitors."""

    def __init__(
        self,
        inbox: Inbox,
        do: Callable[[Action, Visitor], Awaitable[Shown]],
        read: Callable[[int, Visitor], Awaitable[Page | None]],
        now: Callable[[], datetime],
    ) -> None:
        """`do` opens an action as a page, `read` an announcement; None if there is nothing to tell any more."""
        self._inbox = inbox
        self._do = do
        self._read = read
        self._now = now

    async def news(self, visitor: Visitor, *, again: bool = False) -> list[tuple[int, Page]]:
        """What somebody has not seen yet, each page with its number.

        What came within a day is told `again` to who opens the channel anew. Announcements of which nothing is to be
        told any more, such as reminders of what has begun, are left out.
        """
        person = visitor.person.id
        if person is None:
            return []
        found = await (self._inbox.recent(person, self._now() - AGAIN) if again else self._inbox.unseen(person))
        latest = {one.action: one for one in found}.values()
        shown = [(one.id, page) for one in latest if isinstance(page := await self._open(one, visitor), Page)]
        if len(shown) < len(latest):  # what is left out is not looked at again and again
            await self.seen(visitor, min((number for number, _ in shown), default=found[-1].id + 1) - 1)
        return shown

    async def _open(self, news: News, visitor: Visitor) -> Shown:
        match decode(news.action):
            case None:
                return None
            case ReadAnnouncement(number):
                return await self._read(number, visitor)
            case action:
                return await self._do(action, visitor)

    async def seen(self, visitor: Visitor, last: int) -> None:
        """Somebody has seen the news up to this number."""
        if visitor.person.id is not None:
            await self._inbox.seen(visitor.person.id, last, self._now())
