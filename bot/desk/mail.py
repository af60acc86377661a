"""What is new for the visitors of a channel that cannot write to them: they have to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.desk.visitor import Visitor
from bot.pages.actions import Action, decode
from bot.pages.page import Page, Shown
from bot.store.inbox import Inbox, News

# So long something new can be read again.
AGAIN = timedelta(days=1)


class Mail:
    """Opens the inboxes of visitors."""

    def __init__(
        self, inbox: Inbox, do: Callable[[Action, Visitor], Awaitable[Shown]], now: Callable[[], datetime]
    ) -> None:
        """`do` opens an action as a page."""
        self._inbox = inbox
        self._do = do
        self._now = now

    async def news(self, visitor: Visitor, *, again: bool = False) -> list[tuple[int, Page]]:
        """What somebody has not seen yet, each page with its number.

        What came within a day is told `again` to who opens the channel anew.
        """
        person = visitor.person.id
        if person is None:
            return []
        found = await (self._inbox.recent(person, self._now() - AGAIN) if again else self._inbox.unseen(person))
        latest = {one.action: one for one in found}.values()
        return [(one.id, page) for one in latest if isinstance(page := await self._open(one, visitor), Page)]

    async def _open(self, news: News, visitor: Visitor) -> Shown:
        action = decode(news.action)
        return await self._do(action, visitor) if action is not None else None

    async def seen(self, visitor: Visitor, last: int) -> None:
        """Somebody has seen the news up to this number."""
        if visitor.person.id is not None:
            await self._inbox.seen(visitor.person.id, last, self._now())
