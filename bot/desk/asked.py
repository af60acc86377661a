"""What is kept, and counted, of a question and its reply."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from bot.content.values import SMALL_TALK
from bot.desk.visitor import Source
from bot.matching.decide import Answer, Choice, Reply, Several, answers_of
from bot.meters import METERS
from bot.store.keeping import Asked, Outcome

Kept = TypeVar("Kept")


def is_small_talk(reply: Reply) -> bool:
    """Whether it is a greeting or thanks, which is no question."""
    return isinstance(reply, Answer) and reply.match.entry.topic == SMALL_TALK


def asked(text: str, reply: Reply, source: Source) -> Asked:
    """The question as it is kept; of several answers, the first one's entry."""
    outcome, entry = Outcome.UNKNOWN, None
    if isinstance(reply, Answer | Several):
        outcome, entry = Outcome.ANSWER, answers_of(reply)[0].match.entry.id
    elif isinstance(reply, Choice):
        outcome = Outcome.CHOICE
    return Asked(text, reply.language, outcome, entry, reply.confidence, source.key)


async def matched(asking: Awaitable[Reply]) -> Reply:
    """The reply, timed and counted."""
    with METERS.stage("match"):
        reply = await asking
    outcome = asked("", reply, Source()).outcome.value
    METERS.asked(reply.language.value, "small-talk" if is_small_talk(reply) else outcome)
    return reply


async def stored(keeping: Awaitable[Kept]) -> Kept:
    """What was kept, timed."""
    with METERS.stage("store"):
        return await keeping
