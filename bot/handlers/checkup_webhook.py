"""What Telegram says of the way on which it hands over updates. Nothing is set, taken away or fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from telegram import Bot, WebhookInfo

from bot.findings import Finding, fine, warning, wrong
from bot.handlers.polling import UPDATES
from bot.settings import Settings

NAME = "webhook"
# What went wrong longer ago is over, if nothing waits.
RECENT = timedelta(hours=1)
# Updates that may wait for a moment on a good day.
MANY = 100


async def webhook(bot: Bot, settings: Settings) -> Sequence[Finding]:
    """Whether Telegram hands over updates as the settings want it. Raises TelegramError."""
    info = await bot.get_webhook_info()
    if settings.webhook_url is None:
        return [_polling(info)]
    if not info.url:
        return [warning(NAME, "Telegram has none yet", "start the bot, which sets it; if it runs already, see its log")]
    if info.url != settings.webhook_url:
        step = (
            "start the bot, which sets its own; if that does not last, another program has this token: see @BotFather"
        )
        return [warning(NAME, f"Telegram sends updates to {_shown(info.url)} and not to WEBHOOK_URL", step)]
    return [*_trouble(info, settings.webhook_url, datetime.now(UTC)), *_waiting(info), *_kinds(info)]


def _polling(info: WebhookInfo) -> Finding:
    if info.url:
        step = "a start takes it away; if another program wants it, give this bot a token of its own (@BotFather)"
        return warning(NAME, f"WEBHOOK_URL is not set, but Telegram sends updates to {_shown(info.url)}", step)
    waiting = f"; {info.pending_update_count} wait" if info.pending_update_count else ""
    return fine(NAME, f"none, the bot asks for updates itself{waiting}")


def _shown(address: str) -> str:
    """Another program's address without what may be its secret."""
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}/…"


def _trouble(info: WebhookInfo, address: str, now: datetime) -> Sequence[Finding]:
    at = info.last_error_date
    if not info.last_error_message or at is None:
        return [fine(NAME, f"Telegram sends updates to {address}")]
    words = f"{info.last_error_message} ({at.astimezone(UTC):%Y-%m-%d %H:%M} UTC)"
    if info.pending_update_count or now - at < RECENT:
        step = "see what is said of the public address; Telegram itself tries again"
        return [wrong(NAME, f"Telegram could not hand over updates: {words}", step)]
    return [fine(NAME, f"Telegram sends updates to {address}; its last trouble is over: {words}")]


def _waiting(info: WebhookInfo) -> Sequence[Finding]:
    if info.pending_update_count <= MANY:
        return []
    words = f"{info.pending_update_count} updates wait at Telegram"
    return [warning(NAME, words, "see whether the bot runs and keeps up (docs/watching.md)")]


def _kinds(info: WebhookInfo) -> Sequence[Finding]:
    if set(info.allowed_updates) == set(UPDATES):
        return []
    return [warning(NAME, "Telegram was asked for other kinds of updates", "start the bot, which asks for its own")]
