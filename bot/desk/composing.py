"""What staff settle about a draft: its texts, its file, for whom it is, when it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.content.markdown import Rich
from bot.desk.drafts import Drafts
from bot.desk.typed_times import read_time
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_choices as choices
from bot.pages import announcing as pages
from bot.pages.announce_deeds import (
    AskTime,
    AttachFile,
    ChooseAudience,
    ChooseMoment,
    ChooseTime,
    Correct,
    DropFile,
    DropText,
    ShowAudience,
    ShowCourseAudience,
    ShowDraft,
    ShowSessionAudience,
    ShowTexts,
    ShowTimes,
    SwitchDaytime,
    SwitchFallback,
    WriteText,
)
from bot.pages.announce_start import gone_page
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, FileOf, State
from bot.store.audiences import Audience, Kind, Wanted

AudienceDeed = ShowAudience | ShowCourseAudience | ShowSessionAudience | ChooseAudience
TimeDeed = ShowTimes | ChooseTime | ChooseMoment | SwitchDaytime | AskTime
DraftDeed = ShowDraft | ShowTexts | AttachFile | DropFile | SwitchFallback | AudienceDeed | TimeDeed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Composing:
    """The deeds about drafts that are not sent yet, and about the texts of corrections."""

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts

    async def do(self, deed: DraftDeed, voice: Voice) -> Page:
        """Show a draft, or change it."""
        async with self._drafts.turn(deed.announcement):
            draft = await self._drafts.find(deed.announcement, voice)
            if isinstance(draft, Page):
                return draft
            match deed:
                case DropFile():
                    await self._drafts.store.detach(draft.id)
                case SwitchFallback():
                    await self._drafts.store.change(draft.id, falls_back=not draft.falls_back)
                case AttachFile() | ShowTexts():
                    ask = isinstance(deed, AttachFile)
                    return pages.file_prompt(draft.id, voice) if ask else pages.texts_page(draft, voice)
                case ShowTimes() | ChooseTime() | ChooseMoment() | SwitchDaytime() | AskTime():
                    return await self._time(deed, draft, voice)
                case ShowAudience() | ShowCourseAudience() | ShowSessionAudience() | ChooseAudience():
                    return await self._audience(deed, draft, voice)
                case ShowDraft():
                    pass
            return await self._drafts.page(draft.id, voice)

    # For whom

    async def _audience(self, deed: AudienceDeed, draft: Announcement, voice: Voice) -> Page:
        content, now = self._drafts.content, self._drafts.now()
        match deed:
            case ShowCourseAudience():
                courses = [(one, await self._count(draft, Audience.COURSE, one.id)) for one in content.courses]
                return choices.courses_page(draft, courses, voice)
            case ShowSessionAudience():
                sessions = [(one, await self._count(draft, Audience.SESSION, one.id)) for one in content.upcoming(now)]
                return choices.sessions_page(draft, sessions, voice, content)
            case ChooseAudience(_, audience, target) if self._is_audience(audience, target):
                target = "" if audience == Audience.ALL else target
                await self._drafts.store.change(draft.id, audience=audience, target=target)
                return await self._audience_page(draft.id, voice)
            case ChooseAudience():
                return await self._audience_page(draft.id, voice, is_gone=True)
            case _:
                return await self._audience_page(draft.id, voice)

    async def _audience_page(self, number: int, voice: Voice, *, is_gone: bool = False) -> Page:
        draft = await self._drafts.find(number, voice)
        if isinstance(draft, Page):
            return draft
        counts, everybody = await self._drafts.count(draft.wanted), await self._count(draft, Audience.ALL, "")
        told = choices.no_such_audience(voice) if is_gone else ()
        return choices.audience_page(draft, counts, everybody, voice, self._drafts.content, told)

    async def _count(self, draft: Announcement, audience: Audience, target: str) -> Mapping[Language, int]:
        wanted: Wanted = replace(draft.wanted, audience=audience, target=target)
        return await self._drafts.count(wanted)

    def _is_audience(self, audience: str, target: str) -> bool:
        """Whether there is such an audience now."""
        content = self._drafts.content
        known = {
            Audience.ALL.value: {choices.EVERYBODY},
            Audience.COURSE.value: {course.id for course in content.courses},
            Audience.SESSION.value: set(content.sessions_by_id),
        }
        if audience == Audience.LANGUAGE.value:
            languages = target.split("-")
            return len(set(languages)) == len(languages) and set(languages) <= {one.value for one in Language}
        return target in known.get(audience, ())

    # When

    async def _time(self, deed: TimeDeed, draft: Announcement, voice: Voice) -> Page:
        told: Rich = ()
        match deed:
            case AskTime():
                return pages.time_prompt(draft.id, voice, self._drafts.content, self._drafts.now())
            case ChooseTime(_, daytime):
                await self._drafts.store.change(draft.id, begin_at=None, daytime=daytime)
            case ChooseMoment(_, minutes):
                told = await self._begin_at(_EPOCH + timedelta(minutes=minutes), draft.id, voice)
            case SwitchDaytime():
                await self._drafts.store.change(draft.id, daytime=not draft.daytime)
            case _:
                pass
        return await self._times_page(draft.id, voice, told)

    async def _times_page(self, number: int, voice: Voice, told: Rich = ()) -> Page:
        draft = await self._drafts.find(number, voice)
        if isinstance(draft, Page):
            return draft
        return choices.times_page(draft, voice, self._drafts.content, self._drafts.now(), told)

    async def _begin_at(self, moment: datetime, number: int, voice: Voice) -> Rich:
        """Let it begin at a moment; if that has passed, what is said to it."""
        if moment <= self._drafts.now():
            return pages.past_time(choices.Choices(voice, self._drafts.content).moment(moment), voice)
        await self._drafts.store.change(number, begin_at=moment)
        return ()

    async def timed(self, number: int, typed: str, visitor: Visitor) -> Page:
        """Somebody of the staff has typed when it begins."""
        voice, content, now = self._drafts.voices[visitor.language], self._drafts.content, self._drafts.now()
        async with self._drafts.turn(number):
            draft = await self._drafts.find(number, voice)
            if isinstance(draft, Page):
                return draft
            moment = read_time(typed, content.zone, now)
            if moment is None:
                return pages.time_prompt(number, voice, content, now, pages.no_time(voice))
            if past := await self._begin_at(moment, number, voice):
                return pages.time_prompt(number, voice, content, now, past)
            return await self._times_page(number, voice)

    # Texts

    async def text(self, deed: WriteText | DropText, visitor: Visitor) -> Shown:
        """Ask for a text, or take one out."""
        voice = self._drafts.voices[visitor.language]
        async with self._drafts.turn(deed.announcement):
            found = await self._with_texts(deed.announcement, visitor, voice)
            if not isinstance(found, Announcement):
                return found
            if isinstance(deed, WriteText):
                return pages.text_prompt(found, deed.language, voice)
            return await self._put(found, deed.language, None, voice)

    async def written(self, number: int, language: Language, text: str, visitor: Visitor) -> Shown:
        """Somebody of the staff has written a text."""
        voice = self._drafts.voices[visitor.language]
        async with self._drafts.turn(number):
            found = await self._with_texts(number, visitor, voice)
            if not isinstance(found, Announcement):
                return found
            if not text.strip():
                return pages.text_prompt(found, language, voice, pages.no_text(voice))
            return await self._put(found, language, text, voice)

    async def _with_texts(self, number: int, visitor: Visitor, voice: Voice) -> Announcement | Shown:
        """An announcement of which texts can be written, or of which they can be corrected; else what is shown."""
        found = await self._drafts.store.find(number)
        if found is None:
            return gone_page(voice)
        if found.state is State.DRAFT:
            return found if found.kind is Kind.FREE else await self._drafts.page(number, voice, pages.built_told(voice))
        if found.state is State.SCHEDULED:
            return await self._drafts.find(number, voice)
        if found.kind is Kind.FREE and found.begun_at is not None and found.recalled_at is None:
            return found
        return await self._drafts.announced.do(Correct(number), visitor)

    async def _put(self, found: Announcement, language: Language, text: str | None, voice: Voice) -> Page:
        if found.state is State.DRAFT:
            await self._drafts.store.rewrite(found.id, found.body.with_text(language, text))
            return await self._drafts.page(found.id, voice)
        body = (found.correction or found.body).with_text(language, text)
        await self._drafts.store.prepare_correction(found.id, body)
        return await self._drafts.announced.correction(found.id, voice)

    # The file

    async def may_attach(self, number: int, visitor: Visitor) -> Page | None:
        """Why no file can be added to it, if that is so."""
        draft = await self._drafts.find(number, self._drafts.voices[visitor.language])
        return draft if isinstance(draft, Page) else None

    async def attached(
        self, number: int, file: FileOf, media_type: str, data: bytes, visitor: Visitor, *, lost_words: bool = False
    ) -> Page:
        """Somebody of the staff has sent the file, perhaps with words below it that are not taken."""
        voice = self._drafts.voices[visitor.language]
        async with self._drafts.turn(number):
            await self._drafts.store.attach(number, file, media_type, data)
            draft = await self._drafts.find(number, voice)
            told = pages.words_not_taken(draft, voice) if lost_words and isinstance(draft, Announcement) else ()
            return await self._drafts.page(number, voice, told)
