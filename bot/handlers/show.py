"""Puts pages and files into Telegram's messages."""

from __future__ import annotations

import logging

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest

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
    if isinstance(shown, File):
        await message.reply_document(InputFile(shown.data, shown.name), reply_parameters=quoted)
        return
    await message.reply_text(
        telegram(shown.text),
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(shown),
        reply_parameters=quoted,
        link_preview_options=_NO_PREVIEW,
    )


async def replace(query: CallbackQuery, page: Page) -> None:
    """Put a page in the place of the one whose button was pressed; send it anew where that is no longer possible."""
    try:
        await query.edit_message_text(
            telegram(page.text),
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(page),
            link_preview_options=_NO_PREVIEW,
        )
    except BadRequest as error:
        if "not modified" in error.message.lower():
            return  # the same button was pressed twice
        log.info("a page could not be replaced (%s), so it is sent anew", error.message)
        if isinstance(query.message, Message):
            await reply(query.message, page)


async def acknowledge(query: CallbackQuery) -> None:
    """Stop the button's spinner. Telegram refuses this for old presses; the page is shown all the same."""
    try:
        await query.answer()
    except BadRequest as error:
        log.info("a press came too late to be acknowledged: %s", error.message)
