"""What all methods that put a message into a chat have in common."""

from dataclasses import replace

from tests.standin.arguments import Arguments, whole
from tests.standin.chats import Chat, Message
from tests.standin.keyboards import inline_keyboard, interface, reply_keyboard
from tests.standin.values import bad
from tests.standin.world import World


def new_message(world: World, args: Arguments) -> Message:
    """An empty message of the bot, in the right chat and topic, with its buttons; not yet to be seen."""
    chat = world.open_chat(args.number("chat_id"))
    reply_to = replied_to(world, chat, args)
    message = Message(chat, next(chat.ids), world.now, world.bot, reply_to=reply_to, topic=topic(chat, args, reply_to))
    message.markup = inline_keyboard(args.object("reply_markup"))
    message.interface = interface(args.object("reply_markup"))
    return message


def publish(world: World, message: Message, args: Arguments) -> Message:
    """Let the message be seen."""
    message.chat.keyboard = reply_keyboard(args.object("reply_markup"), message.chat.keyboard)
    return world.keep(message)


def replied_to(world: World, chat: Chat, args: Arguments) -> Message | None:
    """The message that this one answers."""
    parameters = args.object("reply_parameters")
    if not parameters:
        return None
    elsewhere = whole(parameters, "chat_id")
    there = world.find_chat(elsewhere) if elsewhere else chat
    found = there.messages.get(whole(parameters, "message_id"))
    if not found and (there is not chat or not parameters.get("allow_sending_without_reply")):
        raise bad("message to be replied not found")
    return found


def topic(chat: Chat, args: Arguments, reply_to: Message | None) -> int | None:
    """The forum topic that the message goes to."""
    wanted = args.number("message_thread_id")
    if wanted is None:
        wanted = reply_to.topic if reply_to and reply_to.chat is chat else None
    elif wanted not in chat.topics:
        raise bad("message thread not found")
    if wanted in chat.closed_topics and not chat.bot_may("can_manage_topics"):
        raise bad("TOPIC_CLOSED")
    return wanted


def copied(message: Message, original: Message) -> Message:
    """The message with the content of another one."""
    return replace(
        message,
        text=original.text,
        entities=original.entities,
        media=original.media,
        file=original.file,
    )
