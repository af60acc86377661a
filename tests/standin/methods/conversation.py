"""Small signs between bot and people: answers to presses, "typing…", reactions."""

from telegram.constants import ChatAction, ReactionEmoji

from tests.standin.arguments import Arguments, word
from tests.standin.entities import units
from tests.standin.values import Json, bad
from tests.standin.world import TOO_OLD, World

from .registry import answers

LONGEST_ANSWER = 200
ACTIONS = frozenset(action.value for action in ChatAction)
REACTIONS = frozenset(emoji.value for emoji in ReactionEmoji)


@answers("answerCallbackQuery")
def answer_callback(world: World, args: Arguments) -> Json:
    """What a person sees for a moment after a press."""
    press = world.presses.get(args.text("callback_query_id"))
    if not press or press.too_old:
        raise bad(TOO_OLD)
    if units(args.text("text")) > LONGEST_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    press.answered, press.text = True, args.text("text")
    press.alert, press.url = args.flag("show_alert"), args.text("url")
    return True


@answers("sendChatAction")
def send_action(world: World, args: Arguments) -> Json:
    """The line "typing…"."""
    world.open_chat(args.number("chat_id"))
    if args.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    return True


@answers("setMessageReaction")
def set_reaction(world: World, args: Arguments) -> Json:
    """An emoji on a message; a bot may set one."""
    chat = world.open_chat(args.number("chat_id"))
    message = world.find_message(chat, args.number("message_id"), "react")
    emojis = [word(reaction, "emoji") for reaction in args.objects("reaction")]
    if len(emojis) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if not REACTIONS.issuperset(emojis):
        raise bad("REACTION_INVALID")
    message.reactions = emojis
    return True
