"""What staff are told of somebody who wants a person: who it is, in what language, and what was said before."""

from __future__ import annotations

from collections.abc import Callable

from bot.content.values import Content
from bot.language import Language
from bot.pages import staff as pages
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.conversations import Conversation
from bot.store.database import Database
from bot.store.people import People, Person
from bot.store.questions import Question, Questions

# What staff see of what was said before.
EXCHANGES = 3


class Heads:
    """Makes the pages on top of conversations."""

    def __init__(self, database: Database, content: Callable[[], Content]) -> None:
        self._people = People(database)
        self._questions = Questions(database)
        self._content = content

    async def head(self, conversation: Conversation, called: str, voice: Voice) -> tuple[Page, str]:
        """The page on top of a conversation, and the title of its forum topic; `called` is the person's name."""
        asked = await self._questions.find(conversation.question) if conversation.question else None
        before = await self._questions.last(conversation.person, EXCHANGES + 1)
        before = [one for one in before if asked is None or one.id != asked.id][-EXCHANGES:]
        person = await self._people.by_id(conversation.person)
        name = called or _number_plate(conversation, person)
        language = await self.language(person, asked)
        page = pages.head_page(conversation, name, language, asked, before, voice, self._content())
        return page, pages.topic_title(name, language)

    async def language(self, person: Person | None, asked: Question | None) -> Language:
        """The language in which to write to somebody who `asked` that, or anything else, before."""
        if person is not None and person.chosen is not None:
            return person.chosen
        if asked is None and person is not None and person.id is not None:
            asked = next(iter(await self._questions.last(person.id, 1)), None)
        return asked.language if asked is not None else Language.EN


def _number_plate(conversation: Conversation, person: Person | None) -> str:
    """What to call somebody whose name is not known just now."""
    return f"@{person.username}" if person is not None and person.username else f"№ {conversation.person}"
