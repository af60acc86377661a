"""What is kept of a question and its reply."""

from __future__ import annotations

from bot.content.values import SMALL_TALK
from bot.desk.visitor import Source
from bot.matching.decide import Answer, Choice, Reply, Several, answers_of
from bot.store.keeping import Asked, Outcome


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
