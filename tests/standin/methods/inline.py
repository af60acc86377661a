"""Answers to inline queries; those that are not personal are kept for everybody, as Telegram keeps them."""

from collections.abc import Mapping

from tests.standin.arguments import Arguments, word
from tests.standin.values import Json, Object, bad
from tests.standin.world import TOO_OLD, World

from .registry import answers
from .texts import formatted

CACHE_SECONDS = 300
MOST_RESULTS = 50


@answers("answerInlineQuery")
def answer_inline(world: World, args: Arguments) -> Json:
    """The results that a person may choose from."""
    ask, results = world.asks.get(args.text("inline_query_id")), args.objects("results")
    if not ask or ask.too_old:
        raise bad(TOO_OLD)
    _check(results)
    ask.results, ask.answered, ask.personal = results, True, args.flag("is_personal")
    seconds = args.number("cache_time")
    if not ask.personal and seconds != 0:
        world.inline_cache[ask.query] = (world.clock() + (seconds or CACHE_SECONDS), ask)
    return True


def _check(results: list[Object]) -> None:
    """Refuse results that Telegram would refuse."""
    ids = [word(result, "id") for result in results]
    if len(results) > MOST_RESULTS:
        raise bad("too many inline query results specified")
    if len(set(ids)) < len(ids):
        raise bad("RESULT_ID_DUPLICATE")
    if not all(1 <= len(one.encode()) <= 64 for one in ids):
        raise bad("RESULT_ID_INVALID")
    for result in results:
        _check_text(result.get("input_message_content"))


def _check_text(content: Json) -> None:
    """Refuse a text that could not be sent."""
    if isinstance(content, Mapping) and "message_text" in content:
        text, _ = formatted(word(content, "message_text"), word(content, "parse_mode"), ())
        if not text:
            raise bad("MESSAGE_EMPTY")
