"""What staff teach, live on top of the content files, and the questions that can be answered since."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.content.learned import Learned, tidy, with_learned
from bot.content.models import MAX_PHRASING
from bot.content.values import SMALL_TALK, Content, Entry
from bot.language import Language
from bot.matching.clusters import cluster
from bot.matching.conversation import answer, hear, understand
from bot.matching.decide import Answer
from bot.matching.encoders import EncoderError
from bot.matching.matcher import Matcher
from bot.matching.trial import Trial, try_phrasing
from bot.pages.unanswered import Group
from bot.store.database import Database
from bot.store.lessons import Lessons
from bot.store.questions import Question, Questions, Settled

log = logging.getLogger(__name__)

# Only who asked so recently is told of an answer.
STILL_WANTED = timedelta(days=30)
# Of a longer list nobody sees the end.
MOST_FAILED = 3000
GUESSES = 3
FOUND = 8
# So many questions are asked again before others get their turn.
_BATCH = 20


class Live(Protocol):
    """Where the matcher is that answers now."""

    @property
    def matcher(self) -> Matcher:
        """The matcher that answers now."""

    def replace(self, matcher: Matcher) -> None:
        """Put another one in its place."""


class Teaching:
    """The lessons of one process. Another process's lessons are found by `refresh`."""

    def __init__(self, database: Database, live: Live, base: Content, now: Callable[[], datetime]) -> None:
        """`base` is the content of the files, without any lessons."""
        self.lessons = Lessons(database)
        self.questions = Questions(database)
        self._live = live
        self._base = base
        self._taught: tuple[Learned, ...] = ()
        self._now = now
        # One change of what is live at a time: each builds an index, and the last one built must be the newest.
        self._changing = asyncio.Lock()

    def started_with(self, taught: Sequence[Learned]) -> None:
        """The live content has these lessons in it already."""
        self._taught = tuple(taught)

    async def put_live(self, base: Content) -> None:
        """Make new content of the files live, with the lessons on top. Raises FittedError; then the old one stays."""
        async with self._changing:
            await self._rebuild(base, await self._active())

    async def refresh(self) -> None:
        """Learn what other processes were taught, and unlearn what they took back."""
        taught = await self._active()
        if taught != self._taught:
            async with self._changing:
                await self._rebuild(self._base, await self._active())

    async def _active(self) -> tuple[Learned, ...]:
        return tuple(lesson.learned for lesson in await self.lessons.active())

    async def _rebuild(self, base: Content, taught: tuple[Learned, ...]) -> None:
        content = with_learned(base, taught)
        if content.version != self._live.matcher.content.version:
            self._live.replace(await asyncio.to_thread(Matcher, content))
        self._base, self._taught = base, taught

    # Questions that failed

    async def groups(self) -> list[Group]:
        """Similar questions that failed, together; most frequent first."""
        failed = await self.questions.failed(datetime.min.replace(tzinfo=self._now().tzinfo), MOST_FAILED)
        found = await asyncio.to_thread(cluster, [one.text or "" for one in failed])
        return [Group(tuple(failed[number] for number in numbers)) for numbers in found]

    async def group(self, question: int) -> Group | None:
        """The group to which a question belongs, led by it; None if it has been dealt with."""
        for group in await self.groups():
            for one in group.questions:
                if one.id == question:
                    return Group((one, *(other for other in group.questions if other is not one)))
        return None

    def guesses(self, question: Question) -> list[Entry]:
        """The entries that the question most likely asks for, but not the one that did not help."""
        return [entry for entry in self._ranked(question.text or "", FOUND) if entry.id != question.entry][:GUESSES]

    def search(self, words: str) -> list[Entry]:
        """The entries that words of an editor's own find."""
        return self._ranked(words, FOUND)

    def _ranked(self, text: str, limit: int) -> list[Entry]:
        ranking = self._live.matcher.rank(text, limit)
        return [match.entry for match in ranking.matches if match.entry.topic != SMALL_TALK]

    # Lessons

    async def teach(
        self, group: Group, entry: str | None, by: int | None, *, sure: bool
    ) -> tuple[Learned, Trial, tuple[int, list[int]] | None] | None:
        """Teach the wording of a group's first question, unless the content doctor has something against it.

        Returns the lesson, the doctor's finding, and, when it was taught, its number and those of the questions that
        it settles. None if another editor was first.
        """
        leader = group.leader
        learned = Learned(entry, leader.language, tidy(leader.text or "")[:MAX_PHRASING].strip())
        if not learned.text:
            return None
        async with self._changing:
            if not await self._is_open(leader):
                return None
            trial = await asyncio.to_thread(try_phrasing, self._live.matcher, learned)
            if trial.broken or (trial.alike and not sure):
                return learned, trial, None
            taught = await self.lessons.teach(learned, group.questions, by, self._now())
            if taught is None:
                return None
            self._live.replace(trial.matcher)
            self._taught = (*self._taught, learned)
        return learned, trial, taught

    async def _is_open(self, question: Question) -> bool:
        """Whether nobody has dealt with a question meanwhile, while its editor waited for another one's lesson."""
        now = await self.questions.find(question.id)
        return now is not None and now.settled is None

    async def unlearn(self, lesson: int, by: int | None) -> Learned | None:
        """Take a lesson back; None if that has been done already, or it is in the files now."""
        learned = await self.lessons.undo(lesson, by, self._now())
        if learned is not None:
            await self.refresh()
        return learned

    async def dismiss(self, group: Group, by: int | None) -> list[int]:
        """Nothing is to be learned from these; returns those that were still open."""
        numbers = [question.id for question in group.questions]
        return await self.questions.settle(numbers, Settled.DISMISSED, by, self._now())

    async def settle_answered(self) -> int:
        """Find the recent questions that had failed and are answered by what is live now; returns how many."""
        matcher, settled = self._live.matcher, 0
        failed = await self.questions.failed(self._now() - STILL_WANTED, MOST_FAILED)
        for start in range(0, len(failed), _BATCH):
            for question, entry in await asyncio.to_thread(_answered, matcher, failed[start : start + _BATCH]):
                done = await self.questions.settle([question.id], Settled.ANSWERED, None, self._now(), entry)
                settled += len(done)
        return settled


def _answered(matcher: Matcher, questions: Sequence[Question]) -> list[tuple[Question, str]]:
    """Those of the questions that have a sure answer, with its entry. One that did not help is none."""
    found = []
    for question in questions:
        if question.feedback == -1 and question.entry is None:
            continue  # a lesson was taken back, and it is not known any more which answer had not helped
        entry = _sure_answer(matcher, question.text or "", question.language)
        if entry is not None and entry.topic != SMALL_TALK and entry.id != question.entry:
            found.append((question, entry.id))
    return found


def _sure_answer(matcher: Matcher, text: str, language: Language) -> Entry | None:
    heard = hear(matcher, text, None)
    reply = answer(heard, language)
    if not isinstance(reply, Answer) and matcher.meaning is not None:
        try:
            reply = answer(understand(matcher, heard), language)
        except EncoderError as error:
            log.warning("a question was asked again without sentence embeddings: %s", error)
    return reply.match.entry if isinstance(reply, Answer) else None
