"""The line to many people on Telegram: without the limiter of answers, because it has a pace of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from telegram import InputFile, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, RetryAfter
from telegram.ext import AIORateLimiter, ExtBot

from bot.desk.lines import Copy, Upload
from bot.desk.pace import Pacer
from bot.handlers.refusals import seconds_of, told
from bot.handlers.show import NO_PREVIEW, keyboard
from bot.meters import METERS
from bot.pages.markup import telegram
from bot.pages.page import Page
from bot.store.conversations import Spot

# What `Lanes` is told of a message that must not wait for the limiter: it has waited for its own moment.
UNASKED = -1
PHOTO = "photo"
# What Telegram takes from every bot.
ANSWERS_PER_SECOND = 30.0

Answered: TypeAlias = bool | dict[str, Any] | list[dict[str, Any]]


class Lanes(AIORateLimiter):
    """The limiter of answers. What is sent unasked passes it by, and makes room for them."""

    def __init__(self, pacer: Pacer, max_retries: int, per_second: float) -> None:
        """`per_second` is what the bot may send unasked; it may answer as many, and never fewer than any bot."""
        super().__init__(max(per_second, ANSWERS_PER_SECOND), overall_time_period=1, max_retries=max_retries)
        self._pacer = pacer

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answered]],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Answered:
        """Run a call to Telegram at its time."""
        callback = _counting(callback)
        if rate_limit_args == UNASKED:
            return await callback(*args, **kwargs)
        if "chat_id" in data:
            self._pacer.took()
            if not str(data["chat_id"]).startswith("-"):  # a group has a limit of its own
                callback = self._noticing(callback)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)

    def _noticing(
        self, callback: Callable[..., Coroutine[Any, Any, Answered]]
    ) -> Callable[..., Coroutine[Any, Any, Answered]]:
        """A refused answer means that there was too much of everything: what is unasked waits, too."""

        async def call(*args: Any, **kwargs: Any) -> Answered:  # noqa: ANN401, whatever the caller gives
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._pacer.refused(seconds_of(error.retry_after))
                raise

        return call


def _counting(callback: Callable[..., Coroutine[Any, Any, Answered]]) -> Callable[..., Coroutine[Any, Any, Answered]]:
    """Counts how often Telegram wants less, whoever asked and however often it is tried again."""

    async def call(*args: Any, **kwargs: Any) -> Answered:  # noqa: ANN401, whatever the caller gives
        try:
            return await callback(*args, **kwargs)
        except RetryAfter:
            METERS.flood_limited()
            raise

    return call


class TelegramBulk:
    """Writes to people in their private chats, and shows staff how far it is. All methods raise LineError."""

    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def settled(self, patience: float) -> None:
        """Wait, but not for longer than so many seconds, until nothing is being sent."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.wait()

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[None]:
        self._under_way += 1
        self._idle.clear()
        try:
            with told():
                yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def post(
        self,
        chat: int,
        page: Page,
        file: Upload | None = None,
        topic: int | None = None,
        kind: str = "announcement",
    ) -> Copy:
        """Send a page, with a file above it; it is counted as one of `bot.meters.SENT`."""
        async with self._calling():
            try:
                sent = await self._send(chat, page, file, topic)
            except ChatMigrated as moved:
                sent = await self._send(moved.new_chat_id, page, file)
        METERS.sent(kind)
        return Copy(Spot(sent.chat.id, sent.message_id), _file_id(sent))

    async def _send(self, chat: int, page: Page, file: Upload | None, topic: int | None = None) -> Message:
        if file is None:
            return await self._bot.send_message(
                chat,
                telegram(page.text),
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(page),
                message_thread_id=topic,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=UNASKED,
            )
        try:
            return await self._send_file(chat, page, file, file.file_id, topic)
        except BadRequest as error:
            # Another bot's token: Telegram knows the file no more, and gets it once again.
            if file.file_id is None or not file.data or "file identifier" not in error.message.casefold():
                raise
            return await self._send_file(chat, page, file, None, topic)

    async def _send_file(self, chat: int, page: Page, file: Upload, file_id: str | None, topic: int | None) -> Message:
        content = file_id or InputFile(file.data, file.name)
        send = self._bot.send_photo if file.kind == PHOTO else self._bot.send_document
        return await send(
            chat,
            content,
            caption=telegram(page.text),
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(page),
            message_thread_id=topic,
            rate_limit_args=UNASKED,
        )

    async def edit(self, spot: Spot, page: Page, *, with_file: bool) -> None:
        """Put another page in the place of one that was sent; one that is there already stays."""
        text, buttons = telegram(page.text), keyboard(page)
        async with self._calling():
            try:
                if with_file:
                    await self._bot.edit_message_caption(
                        spot.chat,
                        spot.message,
                        caption=text,
                        parse_mode=ParseMode.HTML,
                        reply_markup=buttons,
                        rate_limit_args=UNASKED,
                    )
                else:
                    await self._bot.edit_message_text(
                        text,
                        spot.chat,
                        spot.message,
                        parse_mode=ParseMode.HTML,
                        reply_markup=buttons,
                        link_preview_options=NO_PREVIEW,
                        rate_limit_args=UNASKED,
                    )
            except BadRequest as error:
                if "not modified" not in error.message.casefold():
                    raise

    async def delete(self, spot: Spot) -> None:
        """Delete what was sent; what the person has deleted is deleted."""
        async with self._calling():
            try:
                await self._bot.delete_message(spot.chat, spot.message, rate_limit_args=UNASKED)
            except BadRequest as error:
                if "to delete not found" not in error.message.casefold():
                    raise


def _file_id(message: Message) -> str | None:
    if message.photo:
        return message.photo[-1].file_id
    return message.document.file_id if message.document is not None else None
