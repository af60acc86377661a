"""Text and captions as they come: parsed, trimmed, measured."""

from collections.abc import Sequence

from tests.standin.arguments import Arguments, whole
from tests.standin.entities import trimmed, units
from tests.standin.markup import parse_html
from tests.standin.values import Object, ViolationError, bad

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


def message_text(args: Arguments, too_long: str = "message is too long") -> tuple[str, list[Object]]:
    """The text of a message: never empty, never too long."""
    text, entities = formatted(args.text("text"), args.text("parse_mode"), args.objects("entities"))
    if not text:
        raise bad("message text is empty")
    if units(text) > LONGEST_TEXT:
        raise bad(too_long)
    return text, entities


def caption(args: Arguments) -> tuple[str, list[Object]]:
    """The words under a file; there need not be any."""
    text, entities = formatted(args.text("caption"), args.text("parse_mode"), args.objects("caption_entities"))
    if units(text) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    return text, entities


def formatted(source: str, mode: str, given: Sequence[Object]) -> tuple[str, list[Object]]:
    """The text that people see, with its entities."""
    if mode and mode.upper() != "HTML":
        raise ViolationError(400, f"Bad Request: unsupported parse_mode: the stand-in reads HTML only, not {mode}")
    text, entities = parse_html(source) if mode else (source, list(given))
    if any(whole(entity, "offset") + whole(entity, "length") > units(text) for entity in given if not mode):
        raise bad("ENTITY_BOUNDS_INVALID")
    return trimmed(text, entities)
