"""Whether the bot has its place in the staff group, and may write to its administrators."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from telegram import Bot, ChatFullInfo, ChatMember, ChatMemberAdministrator, User
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.findings import Finding, fine, warning, wrong
from bot.settings import Settings

GROUP, ADMINS = "staff group", "administrators"
IN_GROUP = frozenset({ChatMember.MEMBER, ChatMember.RESTRICTED, ChatMember.ADMINISTRATOR, ChatMember.OWNER})


async def staff_group(bot: Bot, number: int | None, me: User) -> Sequence[Finding]:
    """Whether the bot can do in the group what staff need. Raises TelegramError."""
    if number is None:
        return [fine(GROUP, "none (STAFF_CHAT_ID), so staff get everything in their private chats")]
    try:
        chat = await bot.get_chat(number)
        member = await bot.get_chat_member(number, me.id)
    except ChatMigrated as error:
        words = f"{number} has become a supergroup with another number; the bot has followed"
        moved = warning(GROUP, words, f"write STAFF_CHAT_ID={error.new_chat_id} into .env")
        return [moved, *await staff_group(bot, error.new_chat_id, me)]
    except (BadRequest, Forbidden) as error:
        step = f"add @{me.username} to the group as an administrator, and check STAFF_CHAT_ID"
        return [wrong(GROUP, f"the bot cannot see {number} ({error.message})", step)]
    if chat.type == ChatType.PRIVATE:
        return [fine(GROUP, f"{number} is a person, who gets what staff get")]
    return _place(chat, member, me)


def _place(chat: ChatFullInfo, member: ChatMember, me: User) -> Sequence[Finding]:
    """What the bot is in the group, and may do there."""
    where = f"“{chat.title}”"
    if member.status not in IN_GROUP:
        return [wrong(GROUP, f"the bot is not in {where}", f"add @{me.username} there as an administrator")]
    if not isinstance(member, ChatMemberAdministrator):
        step = f"make @{me.username} an administrator there, who may manage topics and delete messages"
        if chat.is_forum:
            return [wrong(GROUP, f"the bot is no administrator of {where}, and cannot make topics", step)]
        sees = "" if me.can_read_all_group_messages else ", and only sees replies to its messages (privacy mode)"
        return [warning(GROUP, f"the bot is no administrator of {where}{sees}", step)]
    found = []
    if chat.is_forum and not member.can_manage_topics:
        found.append(wrong(GROUP, f"the bot may not manage the topics of {where}", "give it that right there"))
    if not member.can_delete_messages:
        words = f"the bot may not delete messages in {where}, as /forget has to"
        found.append(warning(GROUP, words, "give it that right there"))
    return found or [fine(GROUP, f"the bot is an administrator of {where}{', which has topics' * bool(chat.is_forum)}")]


async def administrators(bot: Bot, settings: Settings, me: User) -> Sequence[Finding]:
    """Whether the bot may write to each of them. Raises TelegramError."""
    if not settings.admin_ids:
        step = "put your own Telegram id into it; @userinfobot tells it"
        return [warning(ADMINS, "there is none (ADMIN_IDS), so nobody can choose editors", step)]
    found = await asyncio.gather(*(_admin(bot, number, me) for number in sorted(settings.admin_ids)))
    faults = [fault for fault in found if fault is not None]
    reached = len(found) - len(faults)
    if not reached and settings.staff_chat_id is None:
        faults.append(wrong(ADMINS, "no staff can be told anything", "see the lines above, or set STAFF_CHAT_ID"))
    return [*([fine(ADMINS, f"the bot may write to {reached} of {len(found)}")] if reached else []), *faults]


async def _admin(bot: Bot, number: int, me: User) -> Finding | None:
    """Why the bot cannot write to somebody, if so. Raises TelegramError."""
    try:
        chat = await bot.get_chat(number)
    except (BadRequest, Forbidden) as error:
        step = f"have them send /start to @{me.username}, and check the number in ADMIN_IDS"
        return warning(ADMINS, f"the bot may not write to {number} ({error.message})", step)
    if chat.type != ChatType.PRIVATE:
        return wrong(ADMINS, f"{number} in ADMIN_IDS is a group", "a group goes into STAFF_CHAT_ID, and people here")
    return None
