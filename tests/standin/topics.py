"""Forum topics: what the bot and people do with them alike. All but deletion is announced by a service message."""

from .chats import Chat
from .values import Object
from .world import World

BLUE = 7322096


def open_topic(world: World, chat: Chat, by: Object, name: str, color: int = BLUE) -> int:
    """A new topic; its number is that of the message that announces it."""
    thread = next(chat.ids)
    chat.topics[thread] = name
    world.announce(chat, by, {"forum_topic_created": {"name": name, "icon_color": color}}, thread, thread)
    return thread


def rename_topic(world: World, chat: Chat, by: Object, thread: int, name: str) -> None:
    """Another name."""
    chat.topics[thread] = name
    world.announce(chat, by, {"forum_topic_edited": {"name": name}}, thread)


def close_topic(world: World, chat: Chat, by: Object, thread: int) -> None:
    """From now on only administrators write there."""
    chat.closed_topics.add(thread)
    world.announce(chat, by, {"forum_topic_closed": {}}, thread)


def reopen_topic(world: World, chat: Chat, by: Object, thread: int) -> None:
    """Everybody may write again."""
    chat.closed_topics.discard(thread)
    world.announce(chat, by, {"forum_topic_reopened": {}}, thread)


def delete_topic(world: World, chat: Chat, thread: int) -> None:
    """The topic goes with all that was written in it, and no update tells so."""
    del chat.topics[thread]
    chat.closed_topics.discard(thread)
    for message in [one for one in chat.messages.values() if one.topic == thread]:
        world.remove(message)
