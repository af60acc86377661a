"""The desk: what every channel may ask of the bot. Telegram, the web page and the terminal all come here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.content.values import SMALL_TALK, Content, Entry
from bot.language import Language
from bot.matching.conversation import answer, hear, sure, understand
from bot.matching.decide import Answer, Choice, Reply, Several, Unknown, answers_of
from bot.matching.encoders import EncoderError
from bot.matching.matcher import Matcher
from bot.matching.meaning import Meaning
from bot.pages import answers, sessions, talk
from bot.pages.actions import (
    About,
    Action,
    ChooseLanguage,
    GetCalendar,
    Help,
    NoneOfThese,
    SetLanguage,
    ShowCourses,
    ShowEntry,
    ShowSession,
    ShowSessions,
    ShowTopic,
    ShowTopics,
    Welcome,
)
from bot.pages.commands import read_command
from bot.pages.page import File, Page
from bot.pages.voice import Voice
from bot.store.database import Database, StoreError
from bot.store.notes import Notes
from bot.store.people import Address, People, Person

log = logging.getLogger(__name__)

# After that, "and how much?" is a new question.
STILL_TALKING = timedelta(minutes=15)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as they stand at the desk now, with the language to speak to them."""

    person: Person
    language: Language
    # Whether the language is known (chosen, or told by the channel), not only assumed.
    language_known: bool


class Desk:
    """One desk for one process. Content can be replaced at any moment; a question in hand keeps the old one."""

    def __init__(
        self, matcher: Matcher, voices: Mapping[Language, Voice], database: Database, now: Callable[[], datetime] = _now
    ) -> None:
        self._matcher = matcher
        self.voices = voices
        self._people = People(database)
        self.notes = Notes(database)
        self._now = now
        # Set whenever other content has gone live.
        self.new_content = asyncio.Event()

    @property
    def content(self) -> Content:
        """What staff wrote, as it is live now."""
        return self._matcher.content

    def replace(self, matcher: Matcher) -> None:
        """Put new content live, in one step."""
        self._matcher = matcher
        self.new_content.set()

    def add_meaning(self, meaning: Meaning, content: Content) -> None:
        """Let sentence embeddings of this content help, if it is still live."""
        if self._matcher.content is content:
            self._matcher = self._matcher.with_meaning(meaning)

    async def meet(self, address: Address, hint: str | None = None) -> Visitor:
        """Somebody comes. `hint` is the language that their channel tells of them, an IETF tag."""
        person = await self._people.find(address)
        hinted = Language.from_code(hint)
        return Visitor(person, person.chosen or hinted or Language.EN, bool(person.chosen or hinted))

    async def ask(self, text: str, visitor: Visitor) -> Reply:
        """The reply to a question in free text. Sentence embeddings work in a thread, so that nobody else waits."""
        matcher = self._matcher
        heard = hear(matcher, text, self._before(visitor.person, matcher.content))
        if not sure(matcher, heard):
            try:
                heard = await asyncio.to_thread(understand, matcher, heard)
            except EncoderError as error:
                self._go_without_meaning(matcher, error)
        return answer(heard, visitor.language)

    def _go_without_meaning(self, matcher: Matcher, error: EncoderError) -> None:
        if self._matcher is matcher:  # else somebody else has noticed, or new content is live
            self._matcher = matcher.with_meaning(None)
            log.error("sentence embeddings failed, so questions are answered without them until a restart: %s", error)

    def _before(self, person: Person, content: Content) -> Entry | None:
        """The entry that was talked of a moment ago."""
        entry = content.entries.get(person.entry or "")
        recent = person.entry_at is not None and self._now() - person.entry_at < STILL_TALKING
        return entry if recent else None

    async def hear(self, text: str, visitor: Visitor) -> Page | File:
        """The page for whatever somebody wrote: a command or a question."""
        action = read_command(text, self.content)
        if action is not None:
            return await self.do(action, visitor)
        content = self.content
        reply = await self.ask(text, visitor)
        page = self.reply_page(reply, content)  # of the content that was asked, whatever has gone live meanwhile
        if isinstance(reply, Answer | Several):
            await self._talk_of(answers_of(reply)[-1].match.entry, visitor)
        if not visitor.language_known and not isinstance(reply, Unknown):
            await self._people.choose_language(visitor.person, reply.language)
        return page

    async def _talk_of(self, entry: Entry, visitor: Visitor) -> None:
        if entry.topic == SMALL_TALK:
            return
        try:
            await self._people.talk_of(visitor.person, entry.id, self._now())
        except StoreError as error:  # the answer is there, and worth more than a follow-up
            log.error("what was talked of could not be remembered: %s", error)

    def reply_page(self, reply: Reply, content: Content) -> Page:
        """The page of a reply, in the language of the question."""
        voice = self.voices[reply.language]
        if isinstance(reply, Answer):
            return answers.answer_page(reply.match.entry, voice, content)
        if isinstance(reply, Several):
            return answers.several_page([one.match.entry for one in reply.answers], voice, content)
        if isinstance(reply, Choice):
            return answers.choice_page(reply, voice)
        return talk.unknown_page(voice, content)

    async def do(self, action: Action, visitor: Visitor) -> Page | File:
        """What a button, a command or a link asks for."""
        if isinstance(action, SetLanguage):
            await self._people.choose_language(visitor.person, action.language)
            return talk.welcome_page(self.voices[action.language], self.content)
        if isinstance(action, Welcome) and not visitor.language_known:
            return talk.languages_page(self.voices)
        if isinstance(action, ShowEntry) and action.entry in self.content.entries:
            await self._talk_of(self.content.entries[action.entry], visitor)
        return self._open(action, visitor.language)

    def _open(self, action: Action, language: Language) -> Page | File:  # noqa: C901, one line an action
        voice, content = self.voices[language], self.content
        match action:
            case ShowEntry(entry, wanted):
                return self._entry(entry, wanted or language)
            case ShowTopics(page):
                return answers.topics_page(page, voice, content)
            case ShowTopic(topic, page):
                return answers.topic_page(topic, page, voice, content) or talk.gone_page(voice)
            case ShowSessions():
                return sessions.sessions_page(action, voice, content, self._now())
            case ShowCourses():
                return sessions.courses_page(voice, content)
            case ShowSession(session) | GetCalendar(session):
                return self._session(session, voice, as_file=isinstance(action, GetCalendar))
            case NoneOfThese():
                return talk.unknown_page(voice, content)
            case ChooseLanguage():
                return talk.languages_page(self.voices)
            case Help():
                return talk.help_page(voice)
            case About():
                return talk.about_page(voice, content)
            case _:
                return talk.welcome_page(voice, content)

    def _entry(self, name: str, language: Language) -> Page:
        entry = self.content.entries.get(name)
        if entry is None:
            return talk.gone_page(self.voices[language])
        return answers.answer_page(entry, self.voices[language], self.content)

    def _session(self, name: str, voice: Voice, *, as_file: bool) -> Page | File:
        session = self.content.sessions_by_id.get(name)
        if session is None or session.over(self._now()):
            return talk.gone_page(voice)
        if as_file:
            return sessions.calendar_file(session, voice, self.content, self._now())
        return sessions.session_page(session, voice, self.content, self._now())
