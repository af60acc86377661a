"""Deeds as text: a mark and their fields, `rate:17:1`. What is read back has been checked for form only."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from bot.language import Language
from bot.pages import announce_deeds as announce
from bot.pages import deeds, wishes
from bot.pages.deeds import Deed, StaffDeed

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# PostgreSQL counts to 2,147,483,647.
MAX_NUMBER_DIGITS = 9
_NUMBER = re.compile(rf"[0-9]{{1,{MAX_NUMBER_DIGITS}}}")

_KINDS: Mapping[str, type[Deed | StaffDeed]] = {
    "rate": deeds.Rate,
    "person": deeds.AskPerson,
    "tell": deeds.TellMe,
    "end": deeds.EndConversation,
    "privacy": deeds.ShowPrivacy,
    "forget": deeds.ForgetMe,
    "letter": deeds.ReadLetter,
    "ended": deeds.ReadEnd,
    "told": deeds.ReadAnswer,
    "un": deeds.ShowUnanswered,
    "group": deeds.ShowGroup,
    "is": deeds.BelongsTo,
    "search": deeds.SearchEntry,
    "not": deeds.NotForUs,
    "drop": deeds.Dismiss,
    "learned": deeds.ShowLearned,
    "unlearn": deeds.Unlearn,
    "stats": deeds.ShowFigures,
    "csv": deeds.ExportQuestions,
    "staff": deeds.ShowStaff,
    "staff+": deeds.AddEditor,
    "staff-": deeds.RemoveEditor,
    "waiting": deeds.ShowWaiting,
    "here": deeds.OpenHere,
    "close": deeds.CloseConversation,
    "subs": wishes.ShowSubscriptions,
    "switch": wishes.Switch,
    "unsub": wishes.Unsubscribe,
    "course": wishes.FollowCourse,
    "unfollow": wishes.Unfollow,
    "remind": wishes.RemindMe,
    "reminders": wishes.ShowReminders,
    "rem": wishes.SwitchReminder,
    "unremind": wishes.StopReminders,
    "zones": wishes.ShowZones,
    "zone": wishes.SetZone,
    "news": wishes.ReadAnnouncement,
    "announce": announce.Announce,
    "history": announce.ShowHistory,
    "new": announce.NewDraft,
    "newof": announce.NewOfSession,
    "notnow": announce.NotNow,
    "draft": announce.ShowDraft,
    "write": announce.WriteText,
    "texts": announce.ShowTexts,
    "unwrite": announce.DropText,
    "attach": announce.AttachFile,
    "unattach": announce.DropFile,
    "who": announce.ShowAudience,
    "whoc": announce.ShowCourseAudience,
    "whos": announce.ShowSessionAudience,
    "to": announce.ChooseAudience,
    "when": announce.ShowTimes,
    "day": announce.ChooseTime,
    "byday": announce.SwitchDaytime,
    "time": announce.AskTime,
    "at": announce.ChooseMoment,
    "fall": announce.SwitchFallback,
    "look": announce.Preview,
    "try": announce.TryOut,
    "send": announce.AskSend,
    "sure": announce.Send,
    "undraft": announce.DropDraft,
    "redraft": announce.BackToDraft,
    "how": announce.ShowProgress,
    "shown": announce.ShowSent,
    "again": announce.DraftOfSent,
    "pause": announce.Pause,
    "resume": announce.Resume,
    "cancel": announce.Cancel,
    "tally": announce.ExportTally,
    "correct": announce.Correct,
    "retake": announce.TakeSession,
    "apply": announce.Apply,
    "uncorrect": announce.DropCorrection,
    "recall": announce.Recall,
}
_MARKS = {kind: mark for mark, kind in _KINDS.items()}


def encode_deed(deed: Deed | StaffDeed) -> str:
    """The deed as text."""
    values = [getattr(deed, field.name) for field in dataclasses.fields(deed)]
    return ":".join([_MARKS[type(deed)], *map(_write, values)])


def decode_deed(text: str) -> Deed | StaffDeed | None:
    """The deed that `encode_deed` wrote, or None for anything else."""
    mark, *parts = text.split(":")
    kind = _KINDS.get(mark)
    if kind is None:
        return None
    readers = _READERS[kind]
    if not _LEAST[kind] <= len(parts) <= len(readers):
        return None
    try:
        return kind(*(read(part) for read, part in zip(readers, parts, strict=False)))
    except ValueError:
        return None


def is_id(text: str) -> bool:
    """Whether the text has the form of an id; there need not be such a thing."""
    return _ID.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether the text has the form of a number that the store gives; there need not be such a thing."""
    return _NUMBER.fullmatch(text) is not None


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _number(text: str) -> int:
    if not is_number(text):
        raise ValueError(text)
    return int(text)


def _yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError(text)
    return text


def _language(text: str) -> Language:
    return Language(text)


def _id_or_none(text: str) -> str | None:
    return _id(text) if text else None


def _number_or_none(text: str) -> int | None:
    return _number(text) if text else None


_READ: Mapping[Any, Callable[[str], object]] = {
    int: _number,
    bool: _yes,
    str: _id,
    int | None: _number_or_none,
    str | None: _id_or_none,
    Language: _language,
}
_READERS = {kind: [_READ[hint] for hint in get_type_hints(kind).values()] for kind in _KINDS.values()}


def _least(kind: type[Deed | StaffDeed]) -> int:
    """How many fields are written at least: buttons of wishes that were sent before there were more have fewer."""
    fields = dataclasses.fields(kind)
    needed = [field for field in fields if field.default is dataclasses.MISSING]
    return len(needed) if issubclass(kind, wishes.Wish) else len(fields)


_LEAST = {kind: _least(kind) for kind in _KINDS.values()}
