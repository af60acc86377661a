"""The line to people on Telegram: what staff write to them, and what the bot tells them unasked."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ParseMode
from telegram.ext import ExtBot

from bot.handlers.refusals import told
from bot.handlers.show import NO_PREVIEW, keyboard, rows_of
from bot.meters import METERS
from bot.pages.deeds import Deed
from bot.pages.markup import telegram
from bot.pages.page import Page
from bot.store.conversations import Conversations, Kind, Letter, Spot
from bot.store.people import Person


class TelegramLine:
    """Writes to people in their private chats."""

    leaves_copies = True

    def __init__(self, bot: ExtBot[int], conversations: Conversations) -> None:
        self._bot = bot
        self._conversations = conversations

    async def send(self, person: Person, page: Page, action: Deed) -> None:  # noqa: ARG002, the page itself is sent
        """Show a page. Raises LineError."""
        with told():
            await self._bot.send_message(
                int(person.address.name),
                telegram(page.text),
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(page),
                link_preview_options=NO_PREVIEW,
            )
        METERS.sent("notice")

    async def deliver(self, person: Person, letter: Letter, first: Page | None, done: Page) -> None:
        """Copy what staff wrote, whatever it is, with its formatting. Raises LineError."""
        assert letter.spot is not None, "staff write on Telegram"
        chat = int(person.address.name)
        with told():
            if first is not None:
                await self._bot.send_message(chat, telegram(first.text), parse_mode=ParseMode.HTML)
            copy = await self._bot.copy_message(
                chat, letter.spot.chat, letter.spot.message, reply_markup=rows_of(done.buttons)
            )
        METERS.sent("notice")
        await self._conversations.copied(letter.conversation, letter.id, Spot(chat, copy.message_id))

    async def rewrite(self, person: Person, letter: Letter, copies: Sequence[Spot], done: Page) -> None:
        """Change the copies of what staff wrote. Raises LineError."""
        for copy in copies:
            if copy.chat == int(person.address.name):
                await rewrite(self._bot, letter, letter.text, copy, rows_of(done.buttons))


async def rewrite(
    bot: ExtBot[int], letter: Letter, text: str, copy: Spot, buttons: InlineKeyboardMarkup | None = None
) -> None:
    """Change the text, or the caption, of a copy. Raises LineError."""
    with told():
        if letter.kind is Kind.TEXT:
            await bot.edit_message_text(
                text, copy.chat, copy.message, reply_markup=buttons, link_preview_options=NO_PREVIEW
            )
        else:
            await bot.edit_message_caption(copy.chat, copy.message, caption=text, reply_markup=buttons)


def answering(message: int | None) -> ReplyParameters | None:
    """The parameters that make a message a reply, if there is one to reply to."""
    return ReplyParameters(message, allow_sending_without_reply=True) if message is not None else None
