"""Topics in groups that have them."""

from tests.standin.arguments import Arguments
from tests.standin.chats import Chat
from tests.standin.values import Json, bad
from tests.standin.world import World

from .registry import answers

LONGEST_NAME = 128
BLUE = 7322096


@answers("createForumTopic")
def create_topic(world: World, args: Arguments) -> Json:
    """A new topic."""
    chat, name = _forum(world, args), args.text("name")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise bad("TOPIC_TITLE_INVALID" if name else "TOPIC_TITLE_EMPTY")
    thread = next(chat.ids)
    chat.topics[thread] = name
    return {"message_thread_id": thread, "name": name, "icon_color": args.number("icon_color") or BLUE}


@answers("editForumTopic")
def edit_topic(world: World, args: Arguments) -> Json:
    """Another name."""
    chat, thread = _topic(world, args)
    chat.topics[thread] = args.text("name") or chat.topics[thread]
    return True


@answers("closeForumTopic", "reopenForumTopic")
def close_topic(world: World, args: Arguments) -> Json:
    """Closing keeps nobody from writing here: the bot and staff are administrators."""
    _topic(world, args)
    return True


@answers("deleteForumTopic")
def delete_topic(world: World, args: Arguments) -> Json:
    """The topic goes, with all that was written in it."""
    chat, thread = _topic(world, args)
    del chat.topics[thread]
    for message in [one for one in chat.messages.values() if one.topic == thread]:
        world.remove(message)
    return True


def _topic(world: World, args: Arguments) -> tuple[Chat, int]:
    """A topic that is there."""
    chat, thread = _forum(world, args), args.number("message_thread_id") or 0
    if thread not in chat.topics:
        raise bad("message thread not found")
    return chat, thread


def _forum(world: World, args: Arguments) -> Chat:
    """A group with topics where the bot may manage them."""
    chat = world.open_chat(args.number("chat_id"))
    if not chat.is_forum:
        raise bad("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad("not enough rights to create a topic")
    return chat
