"""How the desk reaches people and staff; each channel has a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.pages.actions import encode
from bot.pages.deeds import Deed, ReadLetter
from bot.pages.page import Page
from bot.store.conversations import Conversation, Letter, Spot
from bot.store.inbox import Inbox
from bot.store.people import Person

# So many messages are sent unasked at the same moment, at most: as many as may come twice after a crash.
IN_HAND = 8


class LineError(Exception):
    """Nobody could be reached just now; it may be tried again. The message says why."""


class GoneError(LineError):
    """The person does not want to be written to, or is not there any more; trying again is no use."""


class RefusedError(LineError):
    """This very message is refused; trying again is no use, another one may be taken."""


class UnsentError(LineError):
    """There was no connection at all: certainly nothing was sent. After any other LineError something may have been."""


class FloodError(LineError):
    """The channel wants nothing to be sent for so many `seconds`; certainly nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"flood limit: wait {seconds:g} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be sent: "photo" or "document"; by what the channel calls it, else (None) by its bytes."""

    kind: str
    name: str
    file_id: str | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """A message that was sent; `file_id` is what the channel calls the file in it."""

    spot: Spot
    file_id: str | None


class BulkLine(Protocol):
    """To many people on one channel, one message after the other, never in the way of answers.

    All methods raise LineError: GoneError, RefusedError, FloodError, UnsentError, or another one.
    """

    async def post(
        self, chat: int, page: Page, file: Upload | None = None, topic: int | None = None, kind: str = "announcement"
    ) -> Copy:
        """Send a page, with a file above it, into a topic of the chat if it has topics; `kind` is what it counts as.

        The copy is in another chat where the person's chat has moved.
        """

    async def edit(self, spot: Spot, page: Page, *, with_file: bool) -> None:
        """Put another page in the place of one that was sent; the file stays."""

    async def delete(self, spot: Spot) -> None:
        """Delete what was sent. What is gone already is deleted."""


class PersonLine(Protocol):
    """To the people on one channel. All methods raise LineError."""

    # Whether what was delivered is known by its copies, so that what was not can be found and is tried again.
    leaves_copies: bool

    async def send(self, person: Person, page: Page, action: Deed) -> None:
        """Show a page; `action` opens the same page, for channels that cannot write to people by themselves."""

    async def deliver(self, person: Person, letter: Letter, first: Page | None, done: Page) -> None:
        """Hand over what staff wrote. `first` goes before it, the buttons of `done` under it."""

    async def rewrite(self, person: Person, letter: Letter, copies: Sequence[Spot], done: Page) -> None:
        """Staff have edited a letter; the buttons of `done` stay under it."""


class StaffLine(Protocol):
    """To the staff. All methods but `share` and `arrived` raise LineError."""

    async def head(self, conversation: Conversation, page: Page, title: str) -> None:
        """Show who wants a person, where staff read."""

    async def open_in(self, chat: int, conversation: Conversation, page: Page, title: str) -> None:
        """Show the head of a conversation in one more chat."""

    async def repeat(self, chat: int, conversation: Conversation, letter: Letter) -> None:
        """Show a letter once more, in one chat."""

    async def share(self, conversation: Conversation, letter: Letter) -> None:
        """Show what one of the staff has answered to the others who follow the conversation elsewhere, if possible."""

    async def arrived(self, letter: Letter) -> None:
        """What one of the staff has written is with the person now: they see a sign at it."""

    async def pass_on(self, conversation: Conversation, letter: Letter, head: Page, title: str) -> None:
        """Show what the person wrote. Where the head of the conversation is gone, it is shown again before it."""

    async def rewrite(self, letter: Letter, copies: Sequence[Spot]) -> None:
        """The person has edited a letter. A LineError says that it could not be changed where it is shown."""

    async def note(self, conversation: Conversation, page: Page) -> None:
        """Say something about a conversation where it is shown."""

    async def post(self, page: Page) -> list[Spot]:
        """Show a page where staff read: in the staff group, else in the private chats of all. Returns the messages."""

    async def clear(self, shown: Sequence[Spot], topics: Sequence[tuple[int, int]]) -> None:
        """Delete what is shown of a person's conversations, as far as Telegram lets it be deleted."""


class InboxLine:
    """To the visitors of the web page: they are shown it when their page asks next."""

    leaves_copies = False

    def __init__(self, inbox: Inbox, now: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._now = now

    async def send(self, person: Person, page: Page, action: Deed) -> None:  # noqa: ARG002
        """Put the page's action into the inbox."""
        await self._put(person, action)

    async def deliver(self, person: Person, letter: Letter, first: Page | None, done: Page) -> None:  # noqa: ARG002
        """Put the letter into the inbox."""
        await self._put(person, ReadLetter(letter.id))

    async def rewrite(self, person: Person, letter: Letter, copies: Sequence[Spot], done: Page) -> None:  # noqa: ARG002
        """The letter comes once more, as it is now; one that was not seen yet comes once only."""
        assert person.id is not None
        action = ReadLetter(letter.id)
        if encode(action) not in {news.action for news in await self._inbox.unseen(person.id)}:
            await self._put(person, action)

    async def _put(self, person: Person, action: Deed) -> None:
        assert person.id is not None
        await self._inbox.put(person.id, encode(action), self._now())
