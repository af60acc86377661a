"""Sending, changing, repeating and deleting messages."""

from collections.abc import Sequence

from tests.standin.arguments import Arguments
from tests.standin.chats import Message
from tests.standin.keyboards import inline_keyboard
from tests.standin.values import Json, Object, ViolationError, bad
from tests.standin.world import World

from .registry import answers
from .sending import copied, new_message, publish
from .texts import caption, message_text

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TWO_DAYS = 48 * 3600
MOST_DELETED = 100


@answers("sendMessage")
def send_message(world: World, args: Arguments) -> Json:
    """A text."""
    message = new_message(world, args)
    message.text, message.entities = message_text(args)
    return publish(world, message, args).to_json()


@answers("editMessageText")
def edit_text(world: World, args: Arguments) -> Json:
    """Another text; buttons that are not given again go away."""
    message = _own(world, args, "edit")
    text, entities = message_text(args, "MESSAGE_TOO_LONG")
    if message.has_media:
        raise bad("there is no text in the message to edit")
    return _change(world, message, text, entities, args)


@answers("editMessageCaption")
def edit_caption(world: World, args: Arguments) -> Json:
    """Another caption."""
    message = _own(world, args, "edit")
    if not message.takes_caption:
        raise bad("there is no caption in the message to edit")
    return _change(world, message, *caption(args), args)


@answers("editMessageReplyMarkup")
def edit_markup(world: World, args: Arguments) -> Json:
    """Other buttons under the same words."""
    message = _own(world, args, "edit")
    return _change(world, message, message.text, message.entities, args)


@answers("deleteMessage")
def delete_message(world: World, args: Arguments) -> Json:
    """Away with one message."""
    world.remove(_deletable(world, args, args.number("message_id")))
    return True


@answers("deleteMessages")
def delete_messages(world: World, args: Arguments) -> Json:
    """Away with many; those that are not found are skipped."""
    ids = args.values.get("message_ids")
    chat = world.open_chat(args.number("chat_id"))
    wanted = [one for one in ids if isinstance(one, int)] if isinstance(ids, Sequence) else []
    if not wanted:
        raise bad("message identifiers are not specified")
    if len(wanted) > MOST_DELETED:
        raise bad("too many message identifiers specified")
    for message_id in wanted:
        if message_id in chat.messages:
            world.remove(_deletable(world, args, message_id))
    return True


@answers("copyMessage")
def copy_message(world: World, args: Arguments) -> Json:
    """The same content as a message of the bot's own."""
    original = _original(world, args, "copy")
    if original.service:
        raise bad("the message can't be copied")
    message = copied(new_message(world, args), original)
    if args.has("caption") and original.takes_caption:
        message.text, message.entities = caption(args)
    return {"message_id": publish(world, message, args).id}


@answers("forwardMessage")
def forward_message(world: World, args: Arguments) -> Json:
    """The same content, with its origin."""
    original = _original(world, args, "forward")
    if original.service:
        raise bad("the message can't be forwarded")
    message = copied(new_message(world, args), original)
    message.origin = original.origin or {"type": "user", "date": original.date, "sender_user": original.sender}
    return publish(world, message, args).to_json()


def _original(world: World, args: Arguments, purpose: str) -> Message:
    """The message that is to be repeated elsewhere."""
    source = world.find_chat(args.number("from_chat_id"))
    return world.find_message(source, args.number("message_id"), purpose)


def _own(world: World, args: Arguments, purpose: str) -> Message:
    """A message of the bot that may be changed: only one that has inline buttons, or none."""
    if args.has("inline_message_id"):
        raise ViolationError(400, "Bad Request: the stand-in has no inline messages to edit")
    chat = world.open_chat(args.number("chat_id"))
    message = world.find_message(chat, args.number("message_id"), purpose)
    if not message.from_bot or message.origin or message.service or message.interface:
        raise bad("message can't be edited")
    return message


def _change(world: World, message: Message, text: str, entities: Sequence[Object], args: Arguments) -> Json:
    """The message with new content, if it is new."""
    markup = inline_keyboard(args.object("reply_markup"))
    if (text, list(entities), markup) == (message.text, list(message.entities), message.markup):
        raise bad(NOT_MODIFIED)
    message.text, message.entities, message.markup, message.edited = text, entities, markup, world.now
    return message.to_json()


def _deletable(world: World, args: Arguments, message_id: int | None) -> Message:
    """A message that the bot may delete: for two days in private, as long as it is administrator in groups."""
    chat = world.open_chat(args.number("chat_id"))
    message = world.find_message(chat, message_id, "delete")
    if not message.from_bot and not chat.is_private and not chat.bot_may("can_delete_messages"):
        raise bad("message can't be deleted")
    if "forum_topic_created" in message.service:
        raise bad("message can't be deleted")
    if chat.is_private and world.now - message.date > TWO_DAYS:
        raise bad("message can't be deleted for everyone")
    return message
