"""The line to staff: the staff group, with a forum topic a person where it has topics, or their private chats."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from telegram import Message, MessageId
from telegram.constants import ParseMode, ReactionEmoji
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.ext import ExtBot

from bot.desk.lines import GoneError, LineError, RefusedError
from bot.desk.staff import StaffDesk
from bot.handlers.people import answering, rewrite
from bot.handlers.refusals import original_is_gone, told, topic_is_gone
from bot.handlers.show import NO_PREVIEW, keyboard, sign
from bot.meters import METERS
from bot.pages.markup import telegram
from bot.pages.page import Page
from bot.store.conversations import Conversation, Conversations, Kind, Letter, Spot
from bot.store.notes import Notes

log = logging.getLogger(__name__)

# Where the staff group has moved to, when Telegram made a supergroup of it.
MOVED = "staff-chat-moved"
# Telegram deletes so many messages in one call.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a conversation is shown in a chat: in a topic, or below its head."""

    chat: int
    thread: int | None
    head: int | None


Where = TypeVar("Where")
Send = Callable[[_Place], Awaitable[Message | MessageId]]


class TelegramStaff:
    """Writes to staff."""

    def __init__(
        self, bot: ExtBot[int], group: int | None, staff: StaffDesk, conversations: Conversations, notes: Notes
    ) -> None:
        """`group` is the staff group's chat id; without one, all staff have everything in their private chats.

        `chat` is where the group is now.
        """
        self._bot = bot
        self.chat = group
        self._group = group
        self._staff = staff
        self._conversations = conversations
        self._notes = notes
        self._has_topics: bool | None = None

    async def find_group(self) -> None:
        """Remember where the group has moved to."""
        moved = await self._notes.read(MOVED) or ""
        if self._group is not None and moved.startswith(f"{self._group} "):
            self.chat = int(moved.partition(" ")[2])

    async def head(self, conversation: Conversation, page: Page, title: str) -> None:
        """Show who wants a person. Raises LineError when nobody could be told.

        Where the group cannot be used at all, staff are told in their private chats, so that nobody waits in vain.
        """
        if self.chat is not None:
            try:
                await self.open_in(self.chat, conversation, page, title)
            except (GoneError, RefusedError) as error:
                log.error("the staff group cannot be used (%s); check STAFF_CHAT_ID and the bot's place in it", error)
            else:
                return
        chats = [int(one.name) for one in await self._staff.everybody()]
        if not chats:
            raise LineError("there are no administrators; set ADMIN_IDS")
        await _everywhere(lambda chat: self.open_in(chat, conversation, page, title), chats)

    async def open_in(self, chat: int, conversation: Conversation, page: Page, title: str) -> None:
        """Show the head of a conversation in a chat; what is written from now on follows there. Raises LineError."""
        # No reply to an earlier head: that may be in a topic which is closed.
        sent = await self._send(conversation, chat, title, lambda place: self._page(page, replace(place, head=None)))
        await self._conversations.copied(conversation.id, None, sent)

    async def repeat(self, chat: int, conversation: Conversation, letter: Letter) -> None:
        """Show a letter of either side once more, in one chat. Raises LineError."""
        sent = await self._send(conversation, chat, None, lambda place: self._letter(letter, place))
        await self._conversations.copied(conversation.id, letter.id, sent)

    async def pass_on(self, conversation: Conversation, letter: Letter, head: Page, title: str) -> None:
        """Show what the person wrote wherever the conversation is followed. Raises LineError when that is nowhere."""
        if not await self._followed(conversation):
            await self.head(conversation, head, title)

        async def show(chat: int) -> None:
            if not await self._heads(conversation, chat):  # the group has moved
                await self.open_in(chat, conversation, head, title)
            sent = await self._send(conversation, chat, title, lambda place: self._letter(letter, place), head)
            await self._conversations.copied(conversation.id, letter.id, sent)

        await _everywhere(show, await self._followed(conversation))

    async def share(self, conversation: Conversation, letter: Letter) -> None:
        """Show an answer where else its conversation is followed, as far as possible."""
        here = letter.spot.chat if letter.spot is not None else None
        others = [chat for chat in await self._followed(conversation) if chat != here]
        await _somewhere(lambda chat: self.repeat(chat, conversation, letter), others)

    async def arrived(self, letter: Letter) -> None:
        """Put the sign on an answer that has reached the person."""
        if letter.spot is not None:
            await sign(self._bot, letter.spot.chat, letter.spot.message, ReactionEmoji.OK_HAND_SIGN)

    async def _followed(self, conversation: Conversation) -> list[int]:
        """The chats in which staff follow a conversation; those of who is staff no more are left out."""
        heads = {self._moved(spot.chat) for spot in await self._conversations.heads(conversation.id)}
        staff = {int(one.name) for one in await self._staff.everybody()}
        # Where STAFF_CHAT_ID is the number of a person, they need not be an editor to be shown everything.
        return sorted(chat for chat in heads if chat < 0 or chat == self.chat or chat in staff)

    def _moved(self, chat: int) -> int:
        """The number that a chat has now."""
        return self.chat if chat == self._group and self.chat is not None else chat

    async def _heads(self, conversation: Conversation, chat: int) -> list[int]:
        """The messages in a chat that show the head of a conversation."""
        return [spot.message for spot in await self._conversations.heads(conversation.id) if spot.chat == chat]

    async def _letter(self, letter: Letter, place: _Place) -> Message | MessageId:
        """Text is sent as the bot's own, so that it can be edited as long as one likes; all else is copied."""
        if letter.kind is not Kind.TEXT and letter.spot is not None:
            try:
                return await self._bot.copy_message(
                    place.chat,
                    letter.spot.chat,
                    letter.spot.message,
                    message_thread_id=place.thread,
                    reply_parameters=answering(place.head),
                )
            except BadRequest as error:
                if not original_is_gone(error):
                    raise
        return await self._bot.send_message(
            place.chat,
            _words(letter),
            message_thread_id=place.thread,
            reply_parameters=answering(place.head),
            link_preview_options=NO_PREVIEW,
        )

    async def rewrite(self, letter: Letter, copies: Sequence[Spot]) -> None:
        """Change what staff see of a letter. Raises LineError when it can be changed nowhere."""
        await _everywhere(lambda copy: rewrite(self._bot, letter, _words(letter), copy), copies)

    async def note(self, conversation: Conversation, page: Page) -> None:
        """Say something below every head of a conversation. Raises LineError."""

        async def show(chat: int) -> None:
            await self._send(conversation, chat, None, lambda place: self._page(page, place))

        await _everywhere(show, await self._followed(conversation))

    async def _page(self, page: Page, place: _Place) -> Message:
        return await self._bot.send_message(
            place.chat,
            telegram(page.text),
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(page),
            message_thread_id=place.thread,
            reply_parameters=answering(place.head),
            link_preview_options=NO_PREVIEW,
        )

    async def post(self, page: Page) -> list[Spot]:
        """Show a page in the staff group, else in the private chats of all staff. Raises LineError."""
        chats = [self.chat] if self.chat is not None else [int(one.name) for one in await self._staff.everybody()]
        shown: list[Spot] = []

        async def show(chat: int) -> None:
            with told():
                sent = await self._page(page, _Place(chat, None, None))
            shown.append(Spot(sent.chat.id, sent.message_id))

        await _everywhere(show, chats)
        return shown

    async def clear(self, shown: Sequence[Spot], topics: Sequence[tuple[int, int]]) -> None:
        """Delete topics and messages. What Telegram does not let go is told. Raises LineError."""
        for chat, thread in topics:
            try:
                await self._bot.delete_forum_topic(chat, thread)
            except TelegramError as error:  # gone already, or without the right: its messages are tried one by one
                log.info("a forum topic could not be deleted: %s", error.message)
        for chat in {spot.chat for spot in shown}:
            numbers = [spot.message for spot in shown if spot.chat == chat]
            for start in range(0, len(numbers), AT_ONCE):
                with told():
                    await self._bot.delete_messages(chat, numbers[start : start + AT_ONCE])

    # Topics

    async def _send(
        self, conversation: Conversation, chat: int, title: str | None, send: Send, head: Page | None = None
    ) -> Spot:
        """Send something of a conversation into a chat; where its topic was deleted, into a new one below the head."""
        with told():
            place = None
            try:
                place = await self._place(conversation, chat, title)
                sent = await send(place)
            except ChatMigrated as moved:
                if chat == self.chat:
                    await self.move(moved.new_chat_id)
                return await self._send(conversation, moved.new_chat_id, title, send)
            except BadRequest as error:
                if place is None or place.thread is None or not topic_is_gone(error):
                    raise
                await self._conversations.set_topic(conversation.person, chat, None)
                if title is None:
                    raise
                if head is not None:
                    await self.open_in(chat, conversation, head, title)
                sent = await send(await self._place(conversation, chat, title))
        METERS.sent("staff")
        return Spot(place.chat, sent.message_id)

    async def move(self, new: int) -> None:
        """The group has become a supergroup, which has another number."""
        log.warning("the staff group has moved: set STAFF_CHAT_ID=%d; until then this is remembered", new)
        self.chat = new
        self._has_topics = None
        await self._notes.write(MOVED, f"{self._group} {new}")

    async def _place(self, conversation: Conversation, chat: int, title: str | None) -> _Place:
        if chat == self.chat and await self._is_forum(chat):
            thread = await self._thread(conversation, chat, title)
            if thread is not None:
                return _Place(chat, thread, None)
        heads = await self._heads(conversation, chat)
        return _Place(chat, None, heads[-1] if heads else None)

    async def _is_forum(self, chat: int) -> bool:
        if self._has_topics is None:
            self._has_topics = bool((await self._bot.get_chat(chat)).is_forum)
        return self._has_topics

    async def _thread(self, conversation: Conversation, chat: int, title: str | None) -> int | None:
        """The person's topic, a new one if there is none. Where the bot may not make topics, there are none."""
        for known, thread in await self._conversations.topics(conversation.person):
            if known == chat:
                return thread
        if title is None:
            return None
        try:
            topic = await self._bot.create_forum_topic(chat, title)
        except BadRequest as error:
            log.warning(
                "no forum topic could be made (%s): let the bot manage topics in the staff group", error.message
            )
            return None
        await self._conversations.set_topic(conversation.person, chat, topic.message_thread_id)
        return topic.message_thread_id


async def _everywhere(show: Callable[[Where], Awaitable[object]], places: Sequence[Where]) -> None:
    """Show something in all places; one that fails costs no other.

    Raises LineError when all have failed, RefusedError when all have refused.
    """
    failures = await _somewhere(show, places)
    if failures and len(failures) == len(places):
        kind = RefusedError if all(isinstance(error, RefusedError) for error in failures) else LineError
        raise kind("; ".join(map(str, failures)))


async def _somewhere(show: Callable[[Where], Awaitable[object]], places: Sequence[Where]) -> list[LineError]:
    """Show something in as many places as possible; returns why it failed in others."""
    failures: list[LineError] = []
    for place in places:
        try:
            await show(place)
        except LineError as error:
            log.info("some of the staff could not be shown something: %s", error)
            failures.append(error)
    return failures


def _words(letter: Letter) -> str:
    """What staff see of a text; that of one of them is told from the person's by its sign."""
    words = letter.text or f"[{letter.kind}]"
    return f"↩️ {words}" if letter.from_staff else words
