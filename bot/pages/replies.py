"""What is shown for a reply, whatever it is."""

from __future__ import annotations

from bot.content.values import Content
from bot.matching.decide import Answer, Choice, Reply, Several
from bot.pages import answers, handover, talk
from bot.pages.page import Page
from bot.pages.voice import Voice


def reply_page(reply: Reply, voice: Voice, content: Content, question: int | None, *, person: bool) -> Page:
    """The page of a reply to the `question` with this number; `person`: there are staff to ask."""
    if isinstance(reply, Answer):
        return answers.answer_page(reply.match.entry, voice, content, question)
    if isinstance(reply, Several):
        return answers.several_page([one.match.entry for one in reply.answers], voice, content, question)
    if isinstance(reply, Choice):
        return answers.choice_page(reply, voice, question)
    return unknown_page(voice, content, question, person=person)


def unknown_page(voice: Voice, content: Content, question: int | None, *, person: bool) -> Page:
    """An honest "I don't know", with the ways on."""
    return talk.unknown_page(voice, content, handover.ways(question, voice, person=person))
