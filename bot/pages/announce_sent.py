"""Pages for staff: an announcement that has left the desk, shown once more, and that somebody has sent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.content.markdown import Paragraph, Rich, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.announce_deeds import ShowDraft, ShowProgress
from bot.pages.page import Button, Page
from bot.pages.tally import headline, new_button
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State


def sent_page(announcement: Announcement, shown: Sequence[Language], voice: Voice, told: Rich = ()) -> Page:
    """What stands below an announcement that is shown again; `shown` are the languages of what is above, in order."""
    text = [*told]
    if shown:
        names = [dates.language_name(one, voice.language) for one in shown]
        text += voice.rich(
            "⬆️ **#{number}**, as it is for readers of {languages}, in this order.",
            number=str(announcement.id),
            languages=dates.listed(names, voice.language),
        )
    elif not told:
        text += voice.rich("There is nothing to show.")
    back = Button(voice.say("← Back"), encode(ShowProgress(announcement.id)))
    return Page(tuple(text), ((new_button(announcement.id, voice), back),), voice.language, anew=bool(shown))


def begun_page(announcement: Announcement, who: str, voice: Voice, content: Content) -> Page:
    """Tells the staff group what one of them has sent from a private chat."""
    what = f"#{announcement.id} · {headline(announcement, voice, content)}"
    if announcement.state is State.SCHEDULED:
        text = voice.say("{who} has set a time for an announcement: {what}", who=who, what=what)
    else:
        text = voice.count(
            "{who} is sending an announcement to {number} person: {what}",
            "{who} is sending an announcement to {number} people: {what}",
            announcement.planned,
            who=who,
            what=what,
        )
    look = Button(voice.say("Look"), encode(ShowProgress(announcement.id)))
    return Page((Paragraph((Span(f"📣 {text}"),)),), ((look,),), voice.language, anew=True)


def meant_page(page: Page, draft: Announcement, voice: Voice) -> Page:
    """The page of words that were not understood, with the way to the draft for which they may have been meant."""
    told = voice.rich(
        "Was this meant for draft #{number}? Then please reply to the message that asked for it: hold that message "
        "and choose “Reply”.",
        number=str(draft.id),
    )
    to_draft = Button(voice.say("Open the draft"), encode(ShowDraft(draft.id)))
    return replace(page, text=(*told, *page.text), buttons=((to_draft,), *page.buttons))
