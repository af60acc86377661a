"""Pages for staff: what can be announced, and what has become of a draft that is there no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.content.markdown import Paragraph, Rich, Span
from bot.content.values import Content, Session
from bot.pages.actions import encode
from bot.pages.announce_deeds import Announce, NewDraft, NewOfSession, ShowDraft, ShowHistory
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.session_facts import period
from bot.pages.tally import headline
from bot.pages.voice import Voice
from bot.store.announcement import Announcement

MOST_DRAFTS, MOST_SESSIONS = 8, 20
# Of a draft, so much is shown on its button.
SHOWN = 50


def start_page(
    drafts: Sequence[Announcement], announced: frozenset[str], voice: Voice, content: Content, now: datetime,
    told: Rich = (),
) -> Page:  # fmt: skip
    """What can be announced: free text, or a session (`announced` are the ids of those that were); the open drafts."""
    sessions = content.upcoming(now)[:MOST_SESSIONS]
    rows = [(Button(voice.say("✍️ Write an announcement"), encode(NewDraft())),)]
    rows += [(Button(_draft(one, voice, content), encode(ShowDraft(one.id))),) for one in drafts[:MOST_DRAFTS]]
    rows += [(Button(_session(one, announced, voice), encode(NewOfSession(one.id))),) for one in sessions]
    rows.append((Button(voice.say("🗂 All announcements"), encode(ShowHistory())),))
    text = [*told, *voice.rich("**Announcements**\n\nWhat would you like to announce?")]
    if any(one.id in announced for one in sessions):
        text += voice.rich("Sessions with ✓ were announced already.")
    if drafts:
        count = voice.count("{number} draft is open.", "{number} drafts are open.", len(drafts))
        text.append(Paragraph((Span(count),)))
    return Page(tuple(text), tuple(rows), voice.language)


def _session(session: Session, announced: frozenset[str], voice: Voice) -> str:
    mark = "✓ " if session.id in announced else ""
    return f"{mark}{period(session, voice.language)} · {session.course.title.of(voice.language)}"


def _draft(draft: Announcement, voice: Voice, content: Content) -> str:
    return f"📝 #{draft.id} · {short(headline(draft, voice, content), SHOWN)}"


def gone_page(voice: Voice) -> Page:
    """The draft, or the session, of an old button is not there any more."""
    text = voice.rich("This draft or session is no longer there.")
    return Page(text, ((start_button(voice),),), voice.language)


def start_button(voice: Voice) -> Button:
    """The way to what can be announced."""
    return Button(voice.say("📣 Announcements"), encode(Announce()))


def joined(author: str, voice: Voice) -> Rich:
    """Instead of another draft of the same session they are shown that of a colleague."""
    return voice.rich("{author} has begun this draft already. Nobody has changed it so far.", author=author)
