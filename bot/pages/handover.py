"""What somebody reads who waits for, or talks with, a person of the institute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.content.markdown import Paragraph, Rich, Span
from bot.content.values import Content, Entry
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.answers import answer_page, person_button
from bot.pages.deeds import EndConversation, TellMe
from bot.pages.markup import ROOM, length, short
from bot.pages.page import Button, Page
from bot.pages.talk import sessions_button, topics_button
from bot.pages.voice import Voice

LONGEST_QUOTE, SHORT_QUOTE = 300, 30


def ways(question: int | None, voice: Voice, *, person: bool) -> tuple[tuple[Button, ...], ...]:
    """What can be done about a question that the bot cannot answer; a `person` only where there is staff to ask."""
    rows = [(person_button(question, voice),)] if person else []
    if question is not None:
        rows.append((Button(voice.say("🔔 Tell me when you know"), encode(TellMe(question))),))
    return tuple(rows)


def done_button(voice: Voice) -> Button:
    """The end of a conversation."""
    return Button(voice.say("✅ Done"), encode(EndConversation()))


def handed_over_page(voice: Voice, content: Content, now: datetime, *, asked: bool) -> Page:
    """Staff have been told; `asked` is whether they have the question, or only know that there will be one."""
    if asked:
        text = voice.rich("Your question is with a person now; the answer comes here. You can add to it: just write.")
    else:
        text = voice.rich("A person will read what you write next, and answer here. Please write your question.")
    ending = voice.rich("Press “✅ Done” when you need nothing more; then I answer again.")
    return Page((*text, *_when(voice, content, now), *ending), ((done_button(voice),),), voice.language, anew=True)


def _when(voice: Voice, content: Content, now: datetime) -> Rich:
    """When to expect the answer, if that is not soon."""
    opening = content.hours.next_opening(now) if content.hours is not None else None
    if opening is None or opening <= now:
        return ()
    return voice.rich(
        "Nobody is in the office right now. Staff are back: **{moment}**.",
        # No moment that Telegram would put into its own words, in the language of the phone.
        moment=_moment(voice, content, opening, now),
    )


def _moment(voice: Voice, content: Content, opening: datetime, now: datetime) -> str:
    """The day in words where it is near, and the time of day at the institute."""
    days = (opening.date() - now.astimezone(opening.tzinfo).date()).days
    clock, city = dates.clock(opening, voice.language), dates.home_city(content, voice.language)
    if days == 0:
        return voice.say("today at {clock} ({city} time)", clock=clock, city=city)
    if days == 1:
        return voice.say("tomorrow at {clock} ({city} time)", clock=clock, city=city)
    day = dates.day(opening.date(), voice.language)
    return voice.say("{day} at {clock} ({city} time)", day=day, clock=clock, city=city)


def nobody_page(voice: Voice, content: Content) -> Page:
    """There is no staff on this channel, so the old ways to reach people are told."""
    facts = content.facts
    text = voice.rich(
        "Staff cannot be reached from here. Please write to {email} or call {phone}.",
        email=facts["email"].of(voice.language),
        phone=facts["phone"].of(voice.language),
    )
    return Page(text, ((topics_button(voice), sessions_button(voice)),), voice.language, anew=True)


def in_private_page(username: str, voice: Voice) -> Page:
    """Said in a group: a person is asked where nobody else reads it."""
    text = voice.rich("To ask a person, please write to me in private, where nobody else reads it.")
    button = Button(voice.say("💬 Write to me"), link=f"https://t.me/{username}")
    return Page(text, ((button,),), voice.language, anew=True)


def passed_on_page(voice: Voice) -> Page:
    """What was written went to staff."""
    return Page(voice.rich("Passed on to a person."), ((done_button(voice),),), voice.language)


def not_passed_on_page(voice: Voice) -> Page:
    """Something that cannot be given to staff."""
    text = voice.rich("This cannot be passed on. Please send text, a photo, a file or a voice message.")
    return Page(text, ((done_button(voice),),), voice.language)


def answered_page(voice: Voice) -> Page:
    """Goes before the first words of a person."""
    text = voice.rich("👤 **A person from the institute answers you:**")
    return Page(text, (), voice.language, anew=True)


def letter_page(text: str, file: str | None, voice: Voice) -> Page:
    """What a person from the institute wrote, for channels that do not show it by themselves. `file` is a link."""
    head = Paragraph((Span(voice.say("A person from the institute:"), bold=True),))
    blocks = [Paragraph((Span(part),)) for part in text.split("\n\n") if part.strip()]
    button = ((Button(voice.say("Open the file"), link=file),),) if file else ()
    return Page((head, *blocks), (*button, (done_button(voice),)), voice.language, anew=True)


def ended_page(voice: Voice) -> Page:
    """The conversation is over, by somebody's wish."""
    return _ended(voice.rich("This conversation with a person is closed."), voice)


def silent_page(voice: Voice, *, open_question: bool) -> Page:
    """The conversation is over because nobody has written for a day; staff still see an `open_question`."""
    if not open_question:
        text = voice.rich("Nobody has written here for a day, so this conversation with a person is closed.")
    else:
        text = voice.rich(
            "Nobody could answer you within a day. I am sorry. Your question stays on the list of the staff, and their "
            "answer will still come here."
        )
    return _ended(text, voice)


def _ended(text: Rich, voice: Voice) -> Page:
    again = voice.rich(
        "From now on I answer again. If you have more questions, ask me; to reach a person, send /human."
    )
    return Page((*text, *again), ((topics_button(voice), sessions_button(voice)),), voice.language, anew=True)


def will_tell_page(question: int, voice: Voice, *, on_page: bool) -> Page:
    """They will be told; `on_page` those cannot be written to."""
    row = (Button(voice.say("🔔 I will tell you ✓"), encode(TellMe(question))),)
    if on_page:
        text = voice.rich(
            "Good: as soon as I know the answer, you will find it here when you open this page again in this browser."
        )
    else:
        text = voice.rich("Good: as soon as I know the answer, I will write to you.")
    return Page(text, (row,), voice.language)


def now_known_page(asked: str | None, entry: Entry, voice: Voice, content: Content, question: int) -> Page:
    """You asked, and here is the answer. Where both are too long for a message, the question is shortened, or left out.

    `asked` is None when it is too old to be kept.
    """
    answer = answer_page(entry, voice, content, question)
    room = ROOM - length(answer.text)
    for longest in (LONGEST_QUOTE, SHORT_QUOTE):
        head = voice.rich("🔔 You asked: *{question}*\n\nNow I know the answer.", question=short(asked or "…", longest))
        if length(head) <= room:
            return Page((*head, *answer.text), answer.buttons, voice.language, anew=True)
    return replace(answer, anew=True)
