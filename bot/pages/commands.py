"""Typed commands: one table of names, what each does, and what it is told to be for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.content.values import Content, Mode
from bot.language import Language
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
    from_payload,
    page_number,
)
from bot.pages.announce_deeds import Announce
from bot.pages.codec import is_id
from bot.pages.deeds import (
    AddEditor,
    AskPerson,
    EndConversation,
    ForgetMe,
    RemoveEditor,
    ShowFigures,
    ShowLearned,
    ShowPrivacy,
    ShowStaff,
    ShowUnanswered,
    ShowWaiting,
)
from bot.pages.voice import Voice
from bot.pages.wishes import ShowSubscriptions


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what its words after the name ask for. `menu` commands are shown in Telegram's menu."""

    action: Callable[[list[str], Content], Action]
    menu: bool = True


def _start(words: list[str], content: Content) -> Action:  # noqa: ARG001
    return from_payload(words[0] if words else "")


def _faq(words: list[str], content: Content) -> Action:
    """`/faq`, `/faq 2`, `/faq visa`, `/faq visa 2`, `/faq visa-extension`, `/faq visa-extension tg`."""
    name, rest = (words[0].casefold(), words[1:]) if words else ("", [])
    if name in content.entries:
        return ShowEntry(name, Language.from_code(rest[0]) if rest else None)
    if name in content.topics_by_id:
        return ShowTopic(name, _page(rest))
    if is_id(name) and not name.isdigit():
        return ShowEntry(name)
    return ShowTopics(_page(words))


def _sessions(words: list[str], content: Content) -> Action:
    """`/sessions`, and in any order a course, a mode, a page."""
    courses = {course.id for course in content.courses}
    lowered = [word.casefold() for word in words]
    course = next((word for word in lowered if word in courses), None)
    mode = next((Mode(word) for word in lowered if word in set(Mode)), None)
    return ShowSessions(course, mode, _page([word for word in words if word.isdigit()]))


def _language(words: list[str], content: Content) -> Action:  # noqa: ARG001
    language = Language.from_code(words[0]) if words else None
    return SetLanguage(language) if language else ChooseLanguage()


def _session(words: list[str], content: Content) -> Action:  # noqa: ARG001
    return ShowSession(words[0].casefold()) if words else ShowSessions()


def _calendar(words: list[str], content: Content) -> Action:  # noqa: ARG001
    return GetCalendar(words[0].casefold()) if words else ShowSessions()


def _page(words: list[str]) -> int:
    """A page as people count, from 1, made into one counted from 0."""
    return max((page_number(words[0]) or 1) - 1, 0) if words else 0


def _forget(words: list[str], content: Content) -> Action:  # noqa: ARG001
    return ForgetMe()


def _stats(words: list[str], content: Content) -> Action:  # noqa: ARG001
    """`/stats`, `/stats 7`."""
    return ShowFigures(int(words[0])) if words and words[0].isdecimal() and len(words[0]) <= 3 else ShowFigures()


def _staff(words: list[str], content: Content) -> Action:  # noqa: ARG001
    """`/staff`, `/staff add @name`, `/staff remove 5000001`."""
    deeds: Mapping[str, Callable[[str], Action]] = {"add": AddEditor, "remove": RemoveEditor}
    deed = deeds.get(words[0].casefold()) if len(words) > 1 else None
    return deed(words[1]) if deed else ShowStaff()


COMMANDS: Mapping[str, Command] = {
    "start": Command(_start),
    "faq": Command(_faq),
    "sessions": Command(_sessions),
    "subscriptions": Command(lambda words, content: ShowSubscriptions()),  # noqa: ARG005
    "language": Command(_language),
    "help": Command(lambda words, content: Help()),  # noqa: ARG005
    "about": Command(lambda words, content: About()),  # noqa: ARG005
    "human": Command(lambda words, content: AskPerson()),  # noqa: ARG005
    "privacy": Command(lambda words, content: ShowPrivacy()),  # noqa: ARG005
    "forget": Command(_forget, menu=False),
    "done": Command(lambda words, content: EndConversation(), menu=False),  # noqa: ARG005
    "session": Command(_session, menu=False),
    "calendar": Command(_calendar, menu=False),
    "courses": Command(lambda words, content: ShowCourses(), menu=False),  # noqa: ARG005
    "none": Command(lambda words, content: NoneOfThese(), menu=False),  # noqa: ARG005
}

# What only staff may do; the desk checks it. Trainees are not shown these.
STAFF_COMMANDS: Mapping[str, Command] = {
    "unanswered": Command(lambda words, content: ShowUnanswered()),  # noqa: ARG005
    "waiting": Command(lambda words, content: ShowWaiting()),  # noqa: ARG005
    "learned": Command(lambda words, content: ShowLearned()),  # noqa: ARG005
    "announce": Command(lambda words, content: Announce()),  # noqa: ARG005
    "stats": Command(_stats),
    "staff": Command(_staff),
}
_ALL = {**COMMANDS, **STAFF_COMMANDS}


def read_command(text: str, content: Content) -> Action | None:
    """What a typed command asks for; None if the text is not a command that we know. `/faq@name_bot` is `/faq`."""
    head, *words = text.split(maxsplit=4)[:4] or [""]
    command = _ALL.get(head[1:].split("@")[0].casefold()) if head.startswith("/") else None
    return command.action(words, content) if command else None


def menu(voice: Voice) -> Mapping[str, str]:
    """The commands that Telegram shows, each with what it is for."""
    return {
        "start": voice.say("Begin again"),
        "faq": voice.say("All questions by topic"),
        "sessions": voice.say("Coming course sessions"),
        "subscriptions": voice.say("What I tell you of"),
        "language": voice.say("Change the language"),
        "help": voice.say("How to use me"),
        "about": voice.say("Who am I?"),
        "human": voice.say("Ask a person"),
        "privacy": voice.say("What is kept about me"),
    }


def staff_menu(voice: Voice) -> Mapping[str, str]:
    """The commands that staff are shown beside the others."""
    return {
        "unanswered": voice.say("Questions without an answer"),
        "waiting": voice.say("Who waits for a person"),
        "learned": voice.say("What was taught"),
        "announce": voice.say("Announcements"),
        "stats": voice.say("Figures"),
        "staff": voice.say("Editors"),
    }
