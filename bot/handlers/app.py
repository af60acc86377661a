"""Every Telegram handler in order, on one page. The first that fits gets the update."""

from __future__ import annotations

from collections.abc import Callable

from telegram import Update
from telegram.ext import (
    AIORateLimiter,
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.desk import Desk
from bot.handlers import network, trainee
from bot.handlers.context import App, Context, Shared
from bot.pages.commands import COMMANDS
from bot.settings import Settings

UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY]
# Sixteen at a time is twice as fast as 256 (docs/operations.md).
AT_A_TIME = 16
# A flood wait is waited out this often before the reply is given up.
FLOOD_RETRIES = 3
# Only new ones: a shared place that moves along is an edited message every few seconds.
NO_TEXT = filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL & filters.ChatType.PRIVATE


def build_app(settings: Settings, desk: Desk, request: Callable[[], BaseRequest] | None = None) -> App:
    """The whole bot on Telegram. `request` makes a stand-in for the network in tests."""
    assert settings.bot_token is not None
    builder = (
        Application.builder()
        .token(settings.bot_token.get_secret_value())
        .base_url(settings.bot_api_url)
        .context_types(ContextTypes(context=Context, bot_data=Shared, user_data=dict, chat_data=dict))
        .rate_limiter(AIORateLimiter(max_retries=FLOOD_RETRIES))
        .concurrent_updates(AT_A_TIME)
        .request(request() if request else network.request(settings, AT_A_TIME))
        .get_updates_request(request() if request else network.request(settings, 1))
    )
    app: App = builder.build()
    app.bot_data.desk = desk
    add_handlers(app)
    return app


def add_handlers(app: App) -> None:
    """Order matters."""
    app.add_handler(CallbackQueryHandler(trainee.press))
    app.add_handler(CommandHandler(list(COMMANDS), trainee.question))
    app.add_handler(MessageHandler(filters.TEXT & trainee.ADDRESSED, trainee.question))
    app.add_handler(MessageHandler(NO_TEXT, trainee.no_text))
    app.add_error_handler(trainee.failed)
