"""What staff do about announcements. All of it is checked again when a button is pressed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.language import Language
from bot.pages.deeds import StaffDeed


@dataclass(frozen=True, slots=True)
class AnnounceDeed(StaffDeed):
    """Something about announcements."""


@dataclass(frozen=True, slots=True)
class Announce(AnnounceDeed):
    """What can be announced."""


@dataclass(frozen=True, slots=True)
class ShowHistory(AnnounceDeed):
    """What was announced, by whom."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class NewDraft(AnnounceDeed):
    """Begin an announcement in free text."""


@dataclass(frozen=True, slots=True)
class NewOfSession(AnnounceDeed):
    """Begin the announcement of a session."""

    session: str


@dataclass(frozen=True, slots=True)
class NotNow(AnnounceDeed):
    """Do not announce a session that was offered."""


@dataclass(frozen=True, slots=True)
class ShowDraft(AnnounceDeed):
    """A draft with everything that can be done to it."""

    announcement: int


@dataclass(frozen=True, slots=True)
class WriteText(AnnounceDeed):
    """Write, or rewrite, the text in a language; of what was sent already, the correction."""

    announcement: int
    language: Language


@dataclass(frozen=True, slots=True)
class ShowTexts(AnnounceDeed):
    """The texts of a draft, to take one out."""

    announcement: int


@dataclass(frozen=True, slots=True)
class DropText(AnnounceDeed):
    """Take the text in a language out of a draft, or out of a correction."""

    announcement: int
    language: Language


@dataclass(frozen=True, slots=True)
class AttachFile(AnnounceDeed):
    """Add a photo or document."""

    announcement: int


@dataclass(frozen=True, slots=True)
class DropFile(AnnounceDeed):
    """Take the photo or document away."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ShowAudience(AnnounceDeed):
    """Who can be told."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ShowCourseAudience(AnnounceDeed):
    """The courses whose followers can be told."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ShowSessionAudience(AnnounceDeed):
    """The sessions whose followers can be told."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ChooseAudience(AnnounceDeed):
    """Tell these: `audience` is a value of `Audience`, `target` what it is of, languages joined by hyphens.

    Everybody is of "all", because no target can be empty in a button.
    """

    announcement: int
    audience: str
    target: str


@dataclass(frozen=True, slots=True)
class ShowTimes(AnnounceDeed):
    """When it can begin."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ChooseTime(AnnounceDeed):
    """Begin at once; by `daytime`, with each person when it is day for them."""

    announcement: int
    daytime: bool


@dataclass(frozen=True, slots=True)
class SwitchDaytime(AnnounceDeed):
    """Whether each person gets it only by day, once it has begun."""

    announcement: int


@dataclass(frozen=True, slots=True)
class AskTime(AnnounceDeed):
    """Say at what time it begins."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ChooseMoment(AnnounceDeed):
    """Begin at this moment, in minutes since 1970 (UTC)."""

    announcement: int
    minutes: int


@dataclass(frozen=True, slots=True)
class SwitchFallback(AnnounceDeed):
    """Whether who speaks a missing language gets the nearest one."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Preview(AnnounceDeed):
    """See it in every language as it will arrive."""

    announcement: int


@dataclass(frozen=True, slots=True)
class TryOut(AnnounceDeed):
    """Send it to oneself only, or to all staff."""

    announcement: int
    staff: bool


@dataclass(frozen=True, slots=True)
class AskSend(AnnounceDeed):
    """Say how many get it, and ask; before that have each person get it only `by_day`."""

    announcement: int
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class Send(AnnounceDeed):
    """Send the revision that was seen, when so many like it had been told `before`."""

    announcement: int
    revision: int
    before: int = 0


@dataclass(frozen=True, slots=True)
class DropDraft(AnnounceDeed):
    """Throw a draft away; when they are not `sure`, ask first if something is written in it."""

    announcement: int
    sure: bool = False


@dataclass(frozen=True, slots=True)
class BackToDraft(AnnounceDeed):
    """Change what waits for its time."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ShowProgress(AnnounceDeed):
    """How far it is, or how it ended."""

    announcement: int


@dataclass(frozen=True, slots=True)
class ShowSent(AnnounceDeed):
    """See again what has left the desk, in every language as people have it."""

    announcement: int


@dataclass(frozen=True, slots=True)
class DraftOfSent(AnnounceDeed):
    """Begin a new draft with what has left the desk."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Pause(AnnounceDeed):
    """Send no more for now."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Resume(AnnounceDeed):
    """Go on."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Cancel(AnnounceDeed):
    """Send no more for good; when they are not `sure`, ask first."""

    announcement: int
    sure: bool = False


@dataclass(frozen=True, slots=True)
class ExportTally(AnnounceDeed):
    """The outcomes as a table, without names."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Correct(AnnounceDeed):
    """What a correction would change."""

    announcement: int


@dataclass(frozen=True, slots=True)
class TakeSession(AnnounceDeed):
    """Correct it to the session as it is in the content files now."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Apply(AnnounceDeed):
    """Change every copy to the correction that was seen; it was made to this revision."""

    announcement: int
    revision: int


@dataclass(frozen=True, slots=True)
class DropCorrection(AnnounceDeed):
    """Forget the correction."""

    announcement: int


@dataclass(frozen=True, slots=True)
class Recall(AnnounceDeed):
    """Delete every copy; when they are not `sure`, ask first."""

    announcement: int
    sure: bool = False
