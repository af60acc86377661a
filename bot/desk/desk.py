"""The desk: what every channel may ask of the bot."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.content.values import SMALL_TALK, Content, Entry
from bot.desk.announcing import Announcing
from bot.desk.asked import asked, is_small_talk, matched, stored
from bot.desk.browse import browse
from bot.desk.deeds import PersonDeeds
from bot.desk.followed import Followed
from bot.desk.handover import Handover
from bot.desk.house import WEB, House
from bot.desk.limits import Limits, Verdict
from bot.desk.lines import BulkLine, InboxLine
from bot.desk.mail import Mail
from bot.desk.pace import Pacer
from bot.desk.rehearsal import Ways
from bot.desk.staff import StaffDesk
from bot.desk.teaching import Teaching
from bot.desk.visitor import Source, Visitor
from bot.desk.wishes import Wishes
from bot.language import Language
from bot.matching.conversation import answer, hear, sure, understand
from bot.matching.decide import Answer, Choice, Reply, Several, Unknown, answers_of
from bot.matching.encoders import EncoderError
from bot.matching.matcher import Matcher
from bot.matching.meaning import Meaning
from bot.pages import answers, handover, replies, talk
from bot.pages.actions import Action, NoneOfThese, SetLanguage, ShowEntry, Welcome
from bot.pages.announce_deeds import AnnounceDeed
from bot.pages.commands import read_command
from bot.pages.deeds import AskPerson, Deed, StaffDeed
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.pages.wishes import Wish
from bot.store.conversations import Kind
from bot.store.database import Database, StoreError
from bot.store.inbox import Inbox
from bot.store.notes import Notes
from bot.store.people import Address, People, Person
from bot.store.questions import Questions

log = logging.getLogger(__name__)

# After that, "and how much?" is a new question.
STILL_TALKING = timedelta(minutes=15)


def _now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """One desk for one process. Content can be replaced at any moment; a question in hand keeps the old one."""

    def __init__(
        self,
        matcher: Matcher,
        voices: Mapping[Language, Voice],
        database: Database,
        now: Callable[[], datetime] = _now,
        house: House = House(),  # noqa: B008, frozen
        base: Content | None = None,
    ) -> None:
        """`base` is the content of the files, where the matcher has lessons of staff on top of it."""
        self.matcher = matcher
        self.voices = voices
        self.database = database
        self.house = house
        self.now = now
        self._people = People(database)
        self._questions = Questions(database)
        self.notes = Notes(database)
        self.inbox = Inbox(database)
        self.limits = Limits(time.monotonic)
        self.handover = Handover(database, voices, lambda: self.content, now)
        self.handover.lines[WEB] = InboxLine(self.inbox, now)
        self.handover.staff_language = house.staff_language
        self.teaching = Teaching(database, self, base or matcher.content, now)
        self.deeds = PersonDeeds(database, voices, lambda: self.content, now, self.handover, house.keep_days)
        self.wishes = Wishes(database, voices, lambda: self.content, now)
        self.mail = Mail(self.inbox, self.do, self.wishes.read, now)
        self.followed = Followed(database, voices, lambda: self.content, now, house.staff_language)
        # The ways to many people at once, by channel, and how fast they may be used.
        self.bulk: dict[str, BulkLine] = {}
        self.pacer = Pacer(house.per_second)
        ways = Ways(self.bulk, self.pacer, self.handover)
        self.announcing = Announcing(database, voices, lambda: self.content, now, ways)
        self.staff = StaffDesk(database, house.admins, voices, lambda: self.content, now, self.handover, self.teaching)
        # Set whenever other content has gone live.
        self.new_content = asyncio.Event()
        # Set when there may be something to tell people.
        self.due = asyncio.Event()
        self.deeds.wanted = self.announcing.wanted = self.announcing.announced.wanted = self.due.set

    @property
    def content(self) -> Content:
        """What staff wrote and taught, as it is live now."""
        return self.matcher.content

    def replace(self, matcher: Matcher) -> None:
        """Put new content live, in one step."""
        self.matcher = matcher
        self.new_content.set()
        self.due.set()

    def add_meaning(self, meaning: Meaning, content: Content) -> None:
        """Let sentence embeddings of this content help, if it is still live."""
        if self.matcher.content is content:
            self.matcher = self.matcher.with_meaning(meaning)

    async def meet(self, address: Address, hint: str | None = None, called: str = "") -> Visitor:
        """Somebody comes. `hint` is the language that their channel tells of them, an IETF tag."""
        return self._visitor(await self._people.find(address), hint, called)

    async def welcome(
        self, address: Address, hint: str | None = None, called: str = "", username: str | None = None
    ) -> Visitor:
        """Somebody comes who can be written to from now on, and so is remembered."""
        person = await self._people.welcome(await self._people.find(address), username, Language.from_code(hint))
        return self._visitor(person, hint, called)

    async def remember(self, visitor: Visitor) -> Visitor:
        """Keep somebody who has come already."""
        return replace(visitor, person=await self._people.welcome(visitor.person, None))

    def _visitor(self, person: Person, hint: str | None, called: str) -> Visitor:
        hinted = Language.from_code(hint)
        return Visitor(person, person.chosen or hinted or Language.EN, bool(person.chosen or hinted), called)

    async def block(self, address: Address) -> None:
        """Somebody does not want to be written to any more."""
        person = await self._people.find(address)
        await self._people.block(address, self.now())
        await self.handover.left(person)

    async def erase_old(self) -> None:
        """Take the words from what is older than it may be."""
        before = self.now() - timedelta(days=self.house.keep_days)
        await self._questions.erase_texts(before)
        await self.handover.conversations.erase_texts(before)
        await self.database.scrub()

    def admit(self, visitor: Visitor, internet_address: str = "", group: int | None = None) -> Verdict:
        """Whether somebody may ask one more thing now, and in this group. Staff always may.

        An internet address is not kept. A group in which there is too much is not told so: that would be even more.
        """
        address = visitor.person.address
        # Before the person, because of names there are as many as one likes.
        behind = self.house.behind(internet_address, new=visitor.person.id is None) if internet_address else []
        verdict = self.limits.admit_all([*behind, (f"{address.channel}:{address.name}", self.house.per_person)])
        if group is not None and self.limits.admit(f"group:{group}", self.house.per_group) is not Verdict.WELCOME:
            verdict = Verdict.SILENCE
        if verdict is not Verdict.WELCOME and self.staff.role_of(visitor.person) is not None:
            return Verdict.WELCOME
        return verdict

    async def ask(self, text: str, visitor: Visitor) -> Reply:
        """The reply to a question in free text. Sentence embeddings work in a thread, so that nobody else waits."""
        matcher = self.matcher
        heard = hear(matcher, text, self._before(visitor.person, matcher.content))
        if not sure(matcher, heard):
            try:
                heard = await asyncio.to_thread(understand, matcher, heard)
            except EncoderError as error:
                self._go_without_meaning(matcher, error)
        return answer(heard, visitor.language)

    def _go_without_meaning(self, matcher: Matcher, error: EncoderError) -> None:
        if self.matcher is matcher:  # else somebody else has noticed, or new content is live
            self.matcher = matcher.with_meaning(None)
            log.error("sentence embeddings failed, so questions are answered without them until a restart: %s", error)

    def _before(self, person: Person, content: Content) -> Entry | None:
        """The entry that was talked of a moment ago."""
        entry = content.entries.get(person.entry or "")
        recent = person.entry_at is not None and self.now() - person.entry_at < STILL_TALKING
        return entry if recent else None

    async def hear(self, text: str, visitor: Visitor, source: Source = Source()) -> Shown:  # noqa: B008, frozen
        """What to show for whatever somebody wrote: a command, a question, or words for the staff."""
        action = read_command(text, self.content)
        if isinstance(action, AskPerson):
            return await self._ask_person(text, visitor, source)
        if action is not None:
            return await self.do(action, visitor)
        if source.private and source.edited is None and visitor.person.talking is not None:
            return await self.handover.write(visitor, Kind.TEXT, text, source.spot)
        content = self.content
        reply = await matched(self.ask(text, visitor))
        number = await stored(self._keep(text, reply, visitor, source))
        page = self.reply_page(reply, content, number)  # of the content that was asked, whatever is live meanwhile
        missed = isinstance(reply, Unknown | Choice) and source.private
        if missed and self.staff.role_of(visitor.person) is not None:
            return await self.announcing.again.meant(page, visitor)
        return page

    async def _ask_person(self, text: str, visitor: Visitor, source: Source) -> Shown:
        """`/human`, perhaps with the words that are for the person."""
        page = await self.do(AskPerson(), visitor)
        words, now = text.split(maxsplit=1)[1:], await self._people.find(visitor.person.address)
        if not words or now.talking is None:
            return page
        await self.handover.write(replace(visitor, person=now), Kind.TEXT, words[0].strip(), source.spot)
        return handover.handed_over_page(self.voices[visitor.language], self.content, self.now(), asked=True)

    async def _keep(self, text: str, reply: Reply, visitor: Visitor, source: Source) -> int | None:
        """Keep the question; None where there is nobody to keep it for, nothing was asked, or it cannot be kept."""
        about: dict[str, object] = {}
        if not visitor.language_known and not isinstance(reply, Unknown):
            about["language"] = reply.language.value
        address = visitor.person.address
        try:
            if is_small_talk(reply):
                if about and address.name:
                    await self._people.choose_language(visitor.person, reply.language)
                return None
            if isinstance(reply, Answer | Several):
                about |= {"entry": answers_of(reply)[-1].match.entry.id, "entry_at": self.now()}
            if not address.name:
                return None
            return await self._questions.keep(address, asked(text, reply, source), about, self.now())
        except StoreError as error:  # the answer is there, and worth more than its being remembered
            log.error("a question could not be kept: %s", error)
            return None

    def reply_page(self, reply: Reply, content: Content, question: int | None = None) -> Page:
        """The page of a reply, in the language of the question, whose number in the store is `question`."""
        return replies.reply_page(reply, self.voices[reply.language], content, question, person=self._has_staff)

    @property
    def _has_staff(self) -> bool:
        return self.handover.staff is not None

    async def do(self, action: Action, visitor: Visitor) -> Shown:
        """What a button, a command or a link asks for."""
        match action:
            case Deed() | StaffDeed():
                return await self._deed(action, visitor)
            case SetLanguage(language):
                await self._people.choose_language(visitor.person, language)
                return talk.welcome_page(self.voices[language], self.content)
            case Welcome() if not visitor.language_known:
                return talk.languages_page(self.voices)
            case ShowEntry():
                return await self._entry(action, visitor)
            case NoneOfThese(number):
                return await self._none_of_these(number, visitor)
            case _:
                await self.wishes.notice(action, visitor)
                return browse(action, visitor.language, self.voices, self.content, self.now())

    async def _deed(self, deed: Deed | StaffDeed, visitor: Visitor) -> Shown:
        match deed:
            case AnnounceDeed() if await self.staff.role(visitor.person.address) is not None:
                return await self.announcing.do(deed, visitor)
            case StaffDeed():
                return await self.staff.do(deed, visitor)
            case Wish():
                return await self.wishes.do(deed, visitor)
            case _:
                return await self.deeds.do(deed, visitor)

    async def _none_of_these(self, number: int | None, visitor: Visitor) -> Page:
        question = await self.deeds.own(number, visitor)
        if question is None:
            return replies.unknown_page(self.voices[visitor.language], self.content, None, person=self._has_staff)
        await self._questions.fail(question.id)
        return replies.unknown_page(self.voices[question.language], self.content, question.id, person=self._has_staff)

    async def _entry(self, action: ShowEntry, visitor: Visitor) -> Page:
        """An entry, perhaps one that was offered as an answer to a question."""
        voice = self.voices[action.language or visitor.language]
        entry = self.content.entries.get(action.entry)
        if entry is None:
            return talk.gone_page(voice)
        question = await self.deeds.own(action.question, visitor)
        await self._talk_of(entry, visitor)
        if question is None:
            return answers.answer_page(entry, voice, self.content)
        await self._questions.choose(question.id, entry.id)
        feedback = question.feedback if question.entry == entry.id else None
        return answers.answer_page(entry, voice, self.content, question.id, feedback)

    async def _talk_of(self, entry: Entry, visitor: Visitor) -> None:
        if entry.topic == SMALL_TALK or not visitor.person.address.name:
            return
        try:
            await self._people.talk_of(visitor.person, entry.id, self.now())
        except StoreError as error:  # the answer is there, and worth more than a follow-up
            log.error("what was talked of could not be remembered: %s", error)
