"""Takes what staff see of somebody off their screens."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.desk.lines import LineError, StaffLine
from bot.store.conversations import Conversations, Spot

log = logging.getLogger(__name__)


async def clear(person: int, conversations: Conversations, staff: StaffLine) -> None:
    """Delete a person's topics and messages, as far as Telegram lets them be deleted; what stays is told in the log."""
    shown = await conversations.shown_of_person(person)
    await _clear(staff, shown, await conversations.topics(person))
    # What colleagues wrote themselves can only be deleted by a bot that has the right to.
    await _clear(staff, await conversations.written_to_person(person), ())


async def _clear(staff: StaffLine, shown: Sequence[Spot], topics: Sequence[tuple[int, int]]) -> None:
    try:
        await staff.clear(shown, topics)
    except LineError as error:
        log.warning("not everything that staff see of somebody could be deleted: %s", error)
