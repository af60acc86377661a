"""A bot as python-telegram-bot's first example has it, to compare with: it says what it was told.

`python -m benchmarks.stock_echo [AT_A_TIME [PORT]]`: without a number updates are handled one after the other, and
without a port they are asked for, not posted.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG001
    """Say it again."""
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def main(at_a_time: str = "1", port: str = "") -> None:
    """Answer until the process is ended."""
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{os.environ['BOT_API_URL']}/bot")
    app = builder.concurrent_updates(int(at_a_time)).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    if port:
        address, secret = os.environ["WEBHOOK_URL"], os.environ["WEBHOOK_SECRET"]
        path = urlsplit(address).path
        app.run_webhook("127.0.0.1", int(port), path, webhook_url=address, secret_token=secret)
    else:
        app.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
