"""A bot as python-telegram-bot's first example has it, to compare with: it says what it was told.

`python -m benchmarks.stock_echo [AT_A_TIME]`: without a number updates are handled one after the other.
"""

from __future__ import annotations

import os
import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG001
    """Say it again."""
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def main(at_a_time: str = "1") -> None:
    """Answer until the process is ended."""
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{os.environ['BOT_API_URL']}/bot")
    app = builder.concurrent_updates(int(at_a_time)).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
