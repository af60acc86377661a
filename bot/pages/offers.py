"""What staff are offered when they have written something that people may want to know."""

from __future__ import annotations

from datetime import datetime

from bot.content.values import Content, Session
from bot.pages.actions import encode
from bot.pages.announce_deeds import NewOfSession
from bot.pages.page import Button, Page
from bot.pages.sessions import session_page
from bot.pages.voice import Voice


def offer_page(session: Session, voice: Voice, content: Content, now: datetime) -> Page:
    """A session is new: what people see of it, and the way to announce it."""
    head = voice.rich("There is a new course session. Do you want to announce it? I tell nobody unless you do.")
    seen = session_page(session, voice, content, now)
    announce = Button(voice.say("📣 Announce it"), encode(NewOfSession(session.id)))
    return Page((*head, *seen.text), ((announce,),), voice.language)
