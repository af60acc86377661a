"""Puts pages and files into Telegram's messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from telegram import (
    Bot,
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatType, ParseMode, ReactionEmoji
from telegram.error import BadRequest, TelegramError

from bot.handlers.answering import AnsweringBot
from bot.meters import METERS
from bot.pages.actions import decode, encode
from bot.pages.deeds import AskPerson, Rate
from bot.pages.markup import plain, telegram
from bot.pages.page import Button, File, Page, PassedOn, Shown, Toast

log = logging.getLogger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Telegram shows no more of a passing line.
LONGEST_NOTICE = 200
PICTURE = "image/"

Rows = tuple[tuple[Button, ...], ...]


def keyboard(page: Page) -> InlineKeyboardMarkup | None:
    """The page's buttons, if it has any."""
    return rows_of(page.buttons) if page.buttons else None


def rows_of(rows: Rows) -> InlineKeyboardMarkup:
    """Rows of buttons."""
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])


def _button(button: Button) -> InlineKeyboardButton:
    if button.link:
        return InlineKeyboardButton(button.label, url=button.link)
    return InlineKeyboardButton(button.label, callback_data=button.action)


async def reply(message: Message, shown: Shown, *, quote: bool = False) -> None:
    """Answer a message; in groups, and when asked to, by quoting it. What was passed on to staff gets a sign."""
    if isinstance(shown, PassedOn):
        await mark(message, ReactionEmoji.EYES)
        return
    quoted = None
    if quote or message.chat.type != ChatType.PRIVATE:
        quoted = message.message_id
    await _send(message.chat, shown, quoted, topic_of(message))


def topic_of(message: Message) -> int | None:
    """The forum topic in which a message is."""
    return message.message_thread_id if message.is_topic_message else None


async def mark(message: Message, emoji: ReactionEmoji) -> None:
    """Put a sign on a message. Where reactions are forbidden it goes without."""
    await sign(message.get_bot(), message.chat.id, message.message_id, emoji)


async def sign(bot: Bot, chat: int, message: int, emoji: ReactionEmoji) -> None:
    """Put a sign on the message with this number."""
    try:
        await bot.set_message_reaction(chat, message, emoji)
    except TelegramError as error:
        log.info("a message could not be marked: %s", error.message)


async def _send(chat: Chat, shown: Shown, quoted: int | None = None, topic: int | None = None) -> None:
    match shown:
        case None:
            return
        case File():
            await _send_file(chat, shown, quoted, topic)
            if shown.page is not None:
                await _send(chat, shown.page, None, topic)
        case Toast(page=page) | PassedOn(page):
            await _send(chat, page, quoted, topic)
        case Page():
            with _measured():
                bot = chat.get_bot()
                assert isinstance(bot, AnsweringBot)
                await bot.answer(chat.id, shown, quoted, topic)


@contextmanager
def _measured() -> Iterator[None]:
    """An answer is sent, or put in the place of another one, unless the block fails."""
    with METERS.stage("send"):
        yield
    METERS.sent("answer")


async def _send_file(chat: Chat, file: File, quoted: int | None, topic: int | None) -> None:
    made, to = InputFile(file.data, file.name), None
    if quoted is not None:
        to = ReplyParameters(quoted, allow_sending_without_reply=True)
    with _measured():
        if file.media_type.startswith(PICTURE):
            await chat.send_photo(made, reply_parameters=to, message_thread_id=topic)
        else:
            await chat.send_document(made, reply_parameters=to, message_thread_id=topic)


async def show(query: CallbackQuery, shown: Shown) -> None:
    """Put a page in the place of the one whose button was pressed; send files, and pages without a place, anew."""
    if isinstance(shown, Toast):
        await acknowledge(query, plain(shown.page.text))
        if not shown.keeps:
            await _replace_row(query, shown.page.buttons)
        return
    in_place = isinstance(shown, Page) and not shown.anew and isinstance(query.message, Message)
    if in_place and isinstance(shown, Page) and await _replaced(query, shown):
        return
    if isinstance(query.message, Message):
        await reply(query.message, shown)
    elif query.message is not None:  # the message is deleted or too old, its chat is still there
        await _send(query.message.chat, shown)


async def _replaced(query: CallbackQuery, page: Page) -> bool:
    try:
        with _measured():
            await query.edit_message_text(
                telegram(page.text),
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard(page),
                link_preview_options=NO_PREVIEW,
            )
    except BadRequest as error:
        if "not modified" in error.message.lower():
            return True  # the same button was pressed twice
        log.info("a page could not be replaced (%s), so it is sent anew", error.message)
        return False
    return True


async def _replace_row(query: CallbackQuery, rows: Rows) -> None:
    """Put other buttons in the place of the pressed one's row, and of what the press before this one put there."""
    if not isinstance(query.message, Message) or query.message.reply_markup is None:
        return
    new = rows_of(rows).inline_keyboard
    gone = {button.callback_data for row in new for button in row} | {query.data}
    pressed = decode(query.data or "")
    if isinstance(pressed, Rate):  # the way to a person is only there after a no
        gone.add(encode(AskPerson(pressed.question)))
    old = query.message.reply_markup.inline_keyboard
    place = next((number for number, row in enumerate(old) if any(one.callback_data in gone for one in row)), 0)
    kept = [row for row in old if not any(one.callback_data in gone for one in row)]
    try:
        shown = [*kept[:place], *new, *kept[place:]]
        await query.edit_message_reply_markup(InlineKeyboardMarkup(shown) if shown else None)
    except BadRequest as error:  # pressed twice, or too old to be changed: what was meant is done all the same
        log.info("buttons could not be replaced: %s", error.message)


async def acknowledge(query: CallbackQuery, notice: str = "") -> None:
    """Stop the button's spinner, with a passing line. Telegram refuses this for old presses; the page is shown."""
    try:
        await query.answer(notice[:LONGEST_NOTICE] or None)
    except TelegramError as error:
        log.info("a press could not be acknowledged: %s", error.message)
