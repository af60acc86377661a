"""What staff may do. Each deed checks the role of who does it now: a button may be as old as it likes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.handover import Handover
from bot.desk.reports import Reports
from bot.desk.teaching import Teaching
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import staff as pages
from bot.pages import unanswered
from bot.pages.deeds import (
    AddEditor,
    BelongsTo,
    CloseConversation,
    Dismiss,
    ExportQuestions,
    NotForUs,
    OpenHere,
    RemoveEditor,
    SearchEntry,
    ShowFigures,
    ShowGroup,
    ShowLearned,
    ShowStaff,
    ShowUnanswered,
    ShowWaiting,
    StaffDeed,
    Unlearn,
)
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.conversations import Closed
from bot.store.database import Database
from bot.store.people import Address, People, Person
from bot.store.staff import Editors

# Staff are people on Telegram: nobody is known well enough on the web page.
CHANNEL = "telegram"
MOST_WAITING = 20


class Role(StrEnum):
    """What somebody may do beside asking."""

    ADMIN = "admin"
    EDITOR = "editor"


class StaffDesk:
    """The pages and deeds of staff."""

    def __init__(
        self,
        database: Database,
        admins: frozenset[int],
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        handover: Handover,
        teaching: Teaching,
    ) -> None:
        self.editors = Editors(database)
        self.reports = Reports(database, content, now)
        self._people = People(database)
        self._admins = frozenset(map(str, admins))
        self._voices = voices
        self._content = content
        self._now = now
        self._handover = handover
        self._teaching = teaching

    def role_of(self, person: Person) -> Role | None:
        """What somebody might do when they were looked up. Before a deed it is asked for their `role`, as of now."""
        if person.address.channel != CHANNEL:
            return None
        if person.address.name in self._admins:
            return Role.ADMIN
        return Role.EDITOR if person.editor else None

    async def role(self, address: Address) -> Role | None:
        """What the person at an address may do now."""
        return self.role_of(await self._people.find(address))

    async def everybody(self) -> list[Address]:
        """Administrators and editors."""
        admins = [Address(CHANNEL, name) for name in sorted(self._admins)]
        return list(dict.fromkeys([*admins, *(editor.address for editor in await self.editors.all())]))

    async def do(self, deed: StaffDeed, visitor: Visitor) -> Shown:
        """Do it, if the person may, and say what was done."""
        voice, role = self._voices[visitor.language], await self.role(visitor.person.address)
        if role is None:
            return pages.not_staff_page(voice)
        match deed:
            case AddEditor() | RemoveEditor() if role is not Role.ADMIN:
                return pages.only_admins_page(voice)
            case AddEditor() | RemoveEditor() | ShowStaff():
                return await self._staff(deed, visitor, voice, role)
            case ShowFigures(days):
                return await self.reports.figures(days, voice)
            case ExportQuestions(days):
                return await self.reports.table(days)
            case ShowWaiting() | OpenHere() | CloseConversation():
                return await self._conversations(deed, voice)
            case ShowLearned() | Unlearn():
                return await self._lessons(deed, visitor, voice)
            case _:
                return await self._unanswered(deed, visitor, voice)

    # Editors

    async def _staff(
        self, deed: AddEditor | RemoveEditor | ShowStaff, visitor: Visitor, voice: Voice, role: Role
    ) -> Page:
        told: Rich = ()
        if isinstance(deed, AddEditor | RemoveEditor):
            person = await self.known(deed.who)
            if person is None or person.id is None:
                told = pages.unknown_person(voice)
            elif person.address.name in self._admins:
                told = pages.is_admin(voice, pages.name_of(person.username, person.address.name))
            elif isinstance(deed, AddEditor):
                await self.editors.add(person.id, visitor.person.id, self._now())
                told = pages.added(voice, pages.name_of(person.username, person.address.name))
            else:
                await self.editors.remove(person.id)
                told = pages.removed(voice, pages.name_of(person.username, person.address.name))
        return pages.staff_page(await self.editors.all(), voice, admin=role is Role.ADMIN, told=told)

    async def known(self, who: str) -> Person | None:
        """A person by their Telegram id or username."""
        if who.isdigit():
            person = await self._people.find(Address(CHANNEL, who))
            return person if person.id is not None else None
        return await self._people.by_username(CHANNEL, who)

    # Conversations

    async def _conversations(self, deed: ShowWaiting | OpenHere | CloseConversation, voice: Voice) -> Page:
        store = self._handover.conversations
        if isinstance(deed, CloseConversation):
            if not await self._handover.end(deed.conversation, Closed.STAFF):
                return unanswered.already_page(voice)
            return pages.ended_note(Closed.STAFF, voice)
        waiting = []
        for conversation in await store.waiting(MOST_WAITING):
            last = await store.letters(conversation.id, 1)
            asked = await self._teaching.questions.find(conversation.question) if conversation.question else None
            words = last[0].text if last else (asked.text if asked and asked.text else "…")
            waiting.append((conversation, words))
        return pages.waiting_page(waiting, voice, self._now())

    # Questions and lessons

    async def _unanswered(self, deed: StaffDeed, visitor: Visitor, voice: Voice) -> Page:
        if isinstance(deed, ShowUnanswered):
            return unanswered.unanswered_page(await self._teaching.groups(), deed.page, voice)
        assert isinstance(deed, ShowGroup | BelongsTo | SearchEntry | NotForUs | Dismiss)
        group = await self._teaching.group(deed.question)
        if group is None:
            return unanswered.already_page(voice)
        match deed:
            case ShowGroup():
                return unanswered.group_page(group, self._teaching.guesses(group.leader), voice, self._content())
            case SearchEntry():
                return unanswered.search_page(group.leader, voice)
            case Dismiss():
                settled = await self._teaching.dismiss(group, visitor.person.id)
                return unanswered.dismissed_page(len(settled), voice) if settled else unanswered.already_page(voice)
            case BelongsTo(_, entry, sure):
                return await self._teach(group, entry, visitor, voice, sure=sure)
            case NotForUs(_, sure):
                return await self._teach(group, None, visitor, voice, sure=sure)
            case _:
                assert_never(deed)

    async def _teach(
        self, group: unanswered.Group, entry: str | None, visitor: Visitor, voice: Voice, *, sure: bool
    ) -> Page:
        if entry is not None and entry not in self._content().entries:
            guesses, gone = self._teaching.guesses(group.leader), unanswered.gone(voice)
            return unanswered.group_page(group, guesses, voice, self._content(), gone)
        taught = await self._teaching.teach(group, entry, visitor.person.id, sure=sure)
        if taught is None:
            return unanswered.already_page(voice)
        learned, trial, done = taught
        if done is None:
            return unanswered.finding_page(group.leader, learned, trial, voice, self._content())
        lesson, settled = done
        return unanswered.taught_page(
            learned, lesson, len(settled), voice, self._content(), understood=trial.understood
        )

    async def found(self, question: int, words: str, visitor: Visitor) -> Page:
        """The entries that an editor's words find for a question; the reply to `search_page`."""
        voice = self._voices[visitor.language]
        if await self.role(visitor.person.address) is None:
            return pages.not_staff_page(voice)
        asked = await self._teaching.questions.find(question)
        if asked is None:
            return unanswered.already_page(voice)
        return unanswered.found_page(asked, words, self._teaching.search(words), voice)

    async def _lessons(self, deed: ShowLearned | Unlearn, visitor: Visitor, voice: Voice) -> Page:
        if isinstance(deed, Unlearn):
            learned = await self._teaching.unlearn(deed.lesson, visitor.person.id)
            if learned is None:
                return unanswered.already_page(voice)
            return unanswered.undone_page(learned, voice, self._content())
        return pages.learned_page(await self._teaching.lessons.active(), deed.page, voice, self._content())
