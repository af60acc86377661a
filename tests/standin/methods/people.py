"""Who is who: the bot, chats, members."""

from collections.abc import Collection

from tests.standin.arguments import Arguments
from tests.standin.chats import LEADERS, Chat
from tests.standin.schema import api
from tests.standin.values import Json, Object, bad
from tests.standin.world import World

from .registry import answers

BOT_ABILITIES: Object = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": True,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}
GIFTS: Object = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
GIVEN = ("can_manage_chat", "can_delete_messages", "can_pin_messages", "can_manage_topics")
ADMINISTRATOR = api()["types"]["ChatMemberAdministrator"]
RIGHTS: Object = {name: False for name in ADMINISTRATOR["required"] if ADMINISTRATOR["fields"][name] == "Boolean"}


@answers("getMe")
def get_me(world: World, args: Arguments) -> Json:
    """The bot itself."""
    return {**world.bot, **BOT_ABILITIES}


@answers("getChat")
def get_chat(world: World, args: Arguments) -> Json:
    """All that can be known of a chat."""
    chat = world.open_chat(args.number("chat_id"))
    more: dict[str, Json] = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": GIFTS}
    return {**chat.to_json(), **more}


@answers("getChatMember")
def get_member(world: World, args: Arguments) -> Json:
    """A person's standing in a chat."""
    chat, user_id = world.open_chat(args.number("chat_id")), args.number("user_id") or 0
    if user_id == world.bot["id"]:
        return get_bot(world, chat)
    if user_id in chat.members:
        return as_member(*chat.members[user_id])
    known = world.chats.get(user_id)
    if not known:
        raise bad("member not found")
    return as_member(known.members[user_id][0], "left")


@answers("getChatAdministrators")
def get_administrators(world: World, args: Arguments) -> Json:
    """Those who lead a group; bots other than this one there are none."""
    chat = world.open_chat(args.number("chat_id"))
    if chat.is_private:
        raise bad("there are no administrators in the private chat")
    leaders = [as_member(user, status) for user, status in chat.members.values() if status in LEADERS]
    return [*leaders, *([get_bot(world, chat)] if chat.bot_status in LEADERS else [])]


@answers("leaveChat")
def leave_chat(world: World, args: Arguments) -> Json:
    """The bot goes."""
    chat = world.open_chat(args.number("chat_id"))
    if chat.is_private:
        raise bad("chat member status can't be changed in private chats")
    chat.closed, chat.bot_status = "bot is not a member of the supergroup chat", "left"
    return True


def get_bot(world: World, chat: Chat) -> dict[str, Json]:
    """The bot's own standing in a chat."""
    return as_member(world.bot, chat.bot_status, chat.denied)


def as_member(user: Object, status: str, denied: Collection[str] = ()) -> dict[str, Json]:
    """A ChatMember; an administrator has the rights that a desk needs, but for those denied."""
    more: dict[str, Json] = {}
    if status == "administrator":
        more = {**RIGHTS, **{right: right not in denied for right in GIVEN}}
    elif status == "creator":
        more = {"is_anonymous": False}
    elif status == "kicked":
        more = {"until_date": 0}
    return {"status": status, "user": user, **more}
