"""Topics in groups that have them."""

from tests.standin import topics
from tests.standin.arguments import Arguments
from tests.standin.chats import Chat
from tests.standin.values import Json, RefusedError, bad
from tests.standin.world import World

from .registry import answers

LONGEST_NAME = 128


@answers("createForumTopic")
def create_topic(world: World, args: Arguments) -> Json:
    """A new topic."""
    chat, name = _forum(world, args), args.text("name")
    if not chat.bot_may("can_manage_topics"):
        raise bad("not enough rights to create a topic")
    if not 1 <= len(name) <= LONGEST_NAME:
        raise bad("TOPIC_TITLE_INVALID" if name else "TOPIC_TITLE_EMPTY")
    color = args.number("icon_color") or topics.BLUE
    thread = topics.open_topic(world, chat, world.bot, name, color)
    return {"message_thread_id": thread, "name": name, "icon_color": color}


@answers("editForumTopic")
def edit_topic(world: World, args: Arguments) -> Json:
    """Another name, or another icon, which nobody looks at here."""
    chat, thread = _editable(world, args)
    name = args.text("name") or chat.topics[thread]
    if len(name) > LONGEST_NAME:
        raise bad("TOPIC_TITLE_INVALID")
    if name == chat.topics[thread] and not args.has("icon_custom_emoji_id"):
        raise _not_modified()
    topics.rename_topic(world, chat, world.bot, thread, name)
    return True


@answers("closeForumTopic")
def close_topic(world: World, args: Arguments) -> Json:
    """Only administrators write there from now on."""
    chat, thread = _editable(world, args)
    if thread in chat.closed_topics:
        raise _not_modified()
    topics.close_topic(world, chat, world.bot, thread)
    return True


@answers("reopenForumTopic")
def reopen_topic(world: World, args: Arguments) -> Json:
    """Everybody writes there again."""
    chat, thread = _editable(world, args)
    if thread not in chat.closed_topics:
        raise _not_modified()
    topics.reopen_topic(world, chat, world.bot, thread)
    return True


@answers("deleteForumTopic")
def delete_topic(world: World, args: Arguments) -> Json:
    """The topic goes, with all that was written in it."""
    chat = _forum(world, args)
    if not chat.bot_may("can_delete_messages"):
        raise bad("not enough rights to delete the topic")
    topics.delete_topic(world, chat, _topic(chat, args))
    return True


def _editable(world: World, args: Arguments) -> tuple[Chat, int]:
    """A topic that the bot may change: any if it manages topics, else its own."""
    chat = _forum(world, args)
    thread = _topic(chat, args)
    root = chat.messages.get(thread)
    if not chat.bot_may("can_manage_topics") and not (root and root.from_bot):
        raise bad("not enough rights to edit the topic")
    return chat, thread


def _topic(chat: Chat, args: Arguments) -> int:
    """A topic that is there."""
    thread = args.number("message_thread_id") or 0
    if thread not in chat.topics:
        raise bad("TOPIC_ID_INVALID")
    return thread


def _forum(world: World, args: Arguments) -> Chat:
    """A group with topics."""
    chat = world.open_chat(args.number("chat_id"))
    if not chat.is_forum:
        raise bad("the chat is not a forum")
    return chat


def _not_modified() -> RefusedError:
    """The refusal of a change that changes nothing."""
    return bad("TOPIC_NOT_MODIFIED")
