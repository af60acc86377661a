"""Who has blocked the bot, and who lets it write again."""

from __future__ import annotations

from telegram import ChatMember, Update
from telegram.constants import ChatType

from bot.handlers.context import Context
from bot.handlers.incoming import CHANNEL, meet
from bot.store.people import Address


async def changed(update: Update, context: Context) -> None:
    """The bot's standing in a private chat has changed."""
    change = update.my_chat_member
    if change is None or change.chat.type != ChatType.PRIVATE:
        return
    if change.new_chat_member.status == ChatMember.BANNED:
        await context.desk.block(Address(CHANNEL, str(change.from_user.id)))
    else:
        await meet(change.from_user, context, private=True)
