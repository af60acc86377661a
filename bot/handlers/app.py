"""Every Telegram handler in order, on one page. The first that fits gets the update."""

from __future__ import annotations

from collections.abc import Callable

from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.desk import Desk
from bot.desk.lines import IN_HAND
from bot.handlers import failures, members, network, staff, trainee
from bot.handlers.answering import AnsweringBot
from bot.handlers.bulk import Lanes, TelegramBulk
from bot.handlers.context import App, Context, Shared
from bot.handlers.incoming import ADDRESSED, CHANNEL
from bot.handlers.people import TelegramLine
from bot.handlers.staffline import TelegramStaff
from bot.handlers.worker import AT_A_TIME
from bot.pages.commands import COMMANDS, STAFF_COMMANDS
from bot.settings import Settings

# A flood wait is waited out this often before the reply is given up.
FLOOD_RETRIES = 3
WRITTEN = ~filters.StatusUpdate.ALL
# A shared place that moves along is an edited message every few seconds.
NO_TEXT = WRITTEN & filters.ChatType.PRIVATE & (filters.UpdateType.MESSAGE | filters.CAPTION)


def build_app(settings: Settings, desk: Desk, request: Callable[[], BaseRequest] | None = None) -> App:
    """The whole bot on Telegram. `request` makes a stand-in for the network in tests."""
    assert settings.bot_token is not None
    way = request() if request else network.request(settings, AT_A_TIME + IN_HAND)
    bot = AnsweringBot(
        settings.bot_token.get_secret_value(),
        base_url=settings.bot_api_url,
        base_file_url=settings.bot_file_url,
        request=way,
        get_updates_request=way,
        rate_limiter=Lanes(desk.pacer, FLOOD_RETRIES, settings.announce_per_second),
    )
    builder = (
        Application.builder()
        .bot(bot)
        .context_types(ContextTypes(context=Context, bot_data=Shared, user_data=dict, chat_data=dict))
        .updater(None)
        .job_queue(None)
    )
    app: App = builder.build()
    app.bot_data.desk = desk
    line = _lines(settings, desk, bot)
    app.bot_data.staff = line
    app.bot_data.bulk = desk.bulk[CHANNEL] = TelegramBulk(bot)
    add_handlers(app, line)
    return app


def _lines(settings: Settings, desk: Desk, bot: ExtBot[int]) -> TelegramStaff:
    """The ways by which the desk reaches people and staff on Telegram."""
    conversations = desk.handover.conversations
    line = TelegramStaff(bot, settings.staff_chat_id, desk.staff, conversations, desk.notes)
    desk.handover.lines[CHANNEL] = TelegramLine(bot, conversations)
    if settings.staff_chat_id is not None or settings.admin_ids:
        desk.handover.staff = line
        desk.followed.post = line.post
    return line


def add_handlers(app: App, line: TelegramStaff) -> None:
    """Order matters. Of several filters the one that seldom holds comes first: `WRITTEN` looks for forty things."""
    app.add_handler(ChatMemberHandler(members.changed, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_handler(CallbackQueryHandler(trainee.press))
    app.add_handler(CommandHandler([*COMMANDS, *STAFF_COMMANDS], trainee.question))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, staff.moved))
    app.add_handler(MessageHandler(staff.InStaffGroup(line) & WRITTEN, trainee.in_staff_group))
    app.add_handler(MessageHandler(filters.TEXT & ADDRESSED, trainee.question))
    app.add_handler(MessageHandler(NO_TEXT, trainee.no_text))
    app.add_error_handler(failures.note)
