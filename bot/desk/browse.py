"""Pages that anybody can look at: topics, sessions, help. Nothing is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.content.values import Content
from bot.language import Language
from bot.pages import answers, sessions, talk
from bot.pages.actions import (
    About,
    Action,
    ChooseLanguage,
    GetCalendar,
    Help,
    ShowCourses,
    ShowSession,
    ShowSessions,
    ShowTopic,
    ShowTopics,
)
from bot.pages.page import File, Page
from bot.pages.voice import Voice


def browse(  # noqa: C901, one line an action
    action: Action, language: Language, voices: Mapping[Language, Voice], content: Content, now: datetime
) -> Page | File:
    """The page, or the file, that an action asks for; the greeting for anything else."""
    voice = voices[language]
    match action:
        case ShowTopics(page):
            return answers.topics_page(page, voice, content)
        case ShowTopic(topic, page):
            return answers.topic_page(topic, page, voice, content) or talk.gone_page(voice)
        case ShowSessions():
            return replace(sessions.sessions_page(action, voice, content, now), anew=action.anew)
        case ShowCourses():
            return sessions.courses_page(voice, content)
        case ShowSession(session, anew):
            return replace(_session(session, voice, content, now), anew=anew)
        case GetCalendar(session):
            return _session_file(session, voice, content, now)
        case ChooseLanguage():
            return talk.languages_page(voices)
        case Help():
            return talk.help_page(voice)
        case About():
            return talk.about_page(voice, content)
        case _:
            return talk.welcome_page(voice, content)


def _session(name: str, voice: Voice, content: Content, now: datetime) -> Page:
    session = content.sessions_by_id.get(name)
    if session is None or session.over(now):
        return talk.gone_page(voice)
    return sessions.session_page(session, voice, content, now)


def _session_file(name: str, voice: Voice, content: Content, now: datetime) -> Page | File:
    session = content.sessions_by_id.get(name)
    if session is None or session.over(now):
        return replace(talk.gone_page(voice), anew=True)  # the button can be under an announcement, which is to stay
    return sessions.calendar_file(session, voice, content, now)
