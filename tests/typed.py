"""What one types instead of pressing a button."""

from __future__ import annotations

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

ALONE: dict[Action, str] = {
    Welcome(): "/start",
    Help(): "/help",
    About(): "/about",
    ChooseLanguage(): "/language",
    NoneOfThese(): "/none",
    ShowCourses(): "/courses",
    AskPerson(): "/human",
    ShowPrivacy(): "/privacy",
    ForgetMe(): "/forget",
    EndConversation(): "/done",
    ShowUnanswered(): "/unanswered",
    ShowWaiting(): "/waiting",
    ShowLearned(): "/learned",
    ShowStaff(): "/staff",
}


def typed(action: Action) -> str:  # noqa: C901, one line an action
    """The command that does the same as a button with this action. People count pages from 1."""
    match action:
        case SetLanguage(language):
            return f"/language {language}"
        case ShowTopics(page):
            return f"/faq {page + 1}"
        case ShowTopic(topic, page):
            return f"/faq {topic} {page + 1}"
        case ShowEntry(entry, language, None):
            return f"/faq {entry} {language or ''}"
        case ShowSessions(course, mode, page):
            return f"/sessions {course or ''} {mode or ''} {page + 1}"
        case ShowSession(session):
            return f"/session {session}"
        case GetCalendar(session):
            return f"/calendar {session}"
        case ShowFigures(days):
            return f"/stats {days}"
        case AddEditor(who):
            return f"/staff add {who}"
        case RemoveEditor(who):
            return f"/staff remove {who}"
        case _:
            return ALONE[action]


_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_OTHER_KEYS = str.maketrans(_RUSSIAN_KEYS + _LATIN_KEYS, _LATIN_KEYS + _RUSSIAN_KEYS)


def on_the_other_layout(text: str) -> str:
    """Typed without a look at the keyboard: "как" → "rfr", "how" → "рщц". Chinese has no other layout."""
    return text.casefold().translate(_OTHER_KEYS)
