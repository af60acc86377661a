"""The bot as python-telegram-bot has it, with a shorter way for what it says most: answers."""

from __future__ import annotations

from typing import Any

from telegram.constants import ParseMode
from telegram.ext import ExtBot

from bot.pages.markup import telegram
from bot.pages.page import Button, Page

NO_PREVIEW = {"is_disabled": True}


class AnsweringBot(ExtBot[int]):
    """Nobody looks at the message that comes back for an answer, so no objects are made of it, nor of the buttons.

    That is half of the time which `send_message` takes. All else is python-telegram-bot's: limits, errors, values.
    """

    def __repr__(self) -> str:
        """Without the token, which python-telegram-bot would show here and wherever an object shows its bot."""
        return type(self).__name__

    async def answer(self, chat: int, page: Page, quoted: int | None = None, topic: int | None = None) -> None:
        """Send a page, as an answer to the message with the number `quoted`. Raises TelegramError."""
        values = {
            "chat_id": chat,
            "text": telegram(page.text),
            "parse_mode": ParseMode.HTML.value,
            "reply_markup": _markup(page),
            "reply_parameters": _reply_to(quoted),
            "message_thread_id": topic,
            "link_preview_options": NO_PREVIEW,
        }
        await self._post("sendMessage", values)


def _markup(page: Page) -> dict[str, Any] | None:
    if page.prompt:
        return {"force_reply": True, "selective": True, "input_field_placeholder": page.prompt}
    if not page.buttons:
        return None
    return {"inline_keyboard": [[_button(button) for button in row] for row in page.buttons]}


def _button(button: Button) -> dict[str, str]:
    if button.link:
        return {"text": button.label, "url": button.link}
    return {"text": button.label, "callback_data": button.action}


def _reply_to(message: int | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {"message_id": message, "allow_sending_without_reply": True}
