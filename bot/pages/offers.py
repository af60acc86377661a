"""What staff are offered when they have written something that people may want to know."""

from __future__ import annotations

from datetime import datetime

from bot.content.values import Content, Session
from bot.pages.actions import encode
from bot.pages.announce_deeds import NewOfSession, NotNow
from bot.pages.page import Button, Page, Toast
from bot.pages.sessions import session_page
from bot.pages.voice import Voice


def offer_page(session: Session, voice: Voice, content: Content, now: datetime) -> Page:
    """A session is new: what people see of it, and the way to announce it."""
    head = voice.rich("There is a new course session. Do you want to announce it? I tell nobody unless you do.")
    seen = session_page(session, voice, content, now)
    announce = Button(voice.say("📣 Announce it"), encode(NewOfSession(session.id)))
    not_now = Button(voice.say("Not now"), encode(NotNow()))
    return Page((*head, *seen.text), ((announce, not_now),), voice.language)


def not_now(voice: Voice) -> Toast:
    """The offer is put aside: its buttons go."""
    return Toast(Page(voice.rich("All right. You can still announce it: /announce"), (), voice.language))
