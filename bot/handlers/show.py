"""Puts pages and files into Telegram's messages."""

from __future__ import annotations

import logging

from telegram import (
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.pages.markup import telegram
from bot.pages.page import Button, File, Page

log = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(page: Page) -> InlineKeyboardMarkup:
    """The page's buttons."""
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in page.buttons])


def _button(button: Button) -> InlineKeyboardButton:
    if button.link:
        return InlineKeyboardButton(button.label, url=button.link)
    return InlineKeyboardButton(button.label, callback_data=button.action)


async def reply(message: Message, shown: Page | File, *, quote: bool = False) -> None:
    """Answer a message; in groups, and when asked to, by quoting it."""
    quoted = None
    if quote or message.chat.type != ChatType.PRIVATE:
        quoted = ReplyParameters(message.message_id, allow_sending_without_reply=True)
    await _send(message.chat, shown, quoted, message.message_thread_id if message.is_topic_message else None)


async def _send(
    chat: Chat, shown: Page | File, quoted: ReplyParameters | None = None, topic: int | None = None
) -> None:
    if isinstance(shown, File):
        file = InputFile(shown.data, shown.name)
        await chat.send_document(file, reply_parameters=quoted, message_thread_id=topic)
        return
    await chat.send_message(
        telegram(shown.text),
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(shown),
        reply_parameters=quoted,
        message_thread_id=topic,
        link_preview_options=_NO_PREVIEW,
    )


async def show(query: CallbackQuery, shown: Page | File) -> None:
    """Put a page in the place of the one whose button was pressed; send files, and pages without a place, anew."""
    if isinstance(shown, Page) and isinstance(query.message, Message) and await _replaced(query, shown):
        return
    if isinstance(query.message, Message):
        await reply(query.message, shown)
    elif query.message is not None:  # the message is deleted or too old, its chat is still there
        await _send(query.message.chat, shown)


async def _replaced(query: CallbackQuery, page: Page) -> bool:
    try:
        await query.edit_message_text(
            telegram(page.text),
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(page),
            link_preview_options=_NO_PREVIEW,
        )
    except BadRequest as error:
        if "not modified" in error.message.lower():
            return True  # the same button was pressed twice
        log.info("a page could not be replaced (%s), so it is sent anew", error.message)
        return False
    return True


async def acknowledge(query: CallbackQuery) -> None:
    """Stop the button's spinner. Telegram refuses this for old presses; the page is shown all the same."""
    try:
        await query.answer()
    except TelegramError as error:
        log.info("a press could not be acknowledged: %s", error.message)
