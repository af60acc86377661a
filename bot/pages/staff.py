"""Pages for staff: who they are, who waits, what was taught."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.answers import paged
from bot.pages.deeds import (
    CloseConversation,
    OpenHere,
    RemoveEditor,
    ShowFigures,
    ShowLearned,
    ShowUnanswered,
    ShowWaiting,
    Unlearn,
)
from bot.pages.markup import ROOM, length, short
from bot.pages.page import Button, Page
from bot.pages.voice import NAMES, Voice
from bot.store.conversations import Closed, Conversation
from bot.store.keeping import Outcome
from bot.store.lessons import Lesson
from bot.store.questions import Question
from bot.store.staff import Editor

# Longer words of trainees are cut in lists; the whole text is one press away.
SHORT = 40


def staff_row(voice: Voice) -> tuple[Button, ...]:
    """The ways between the pages for staff."""
    return (
        Button(voice.say("Unanswered"), encode(ShowUnanswered())),
        Button(voice.say("Waiting"), encode(ShowWaiting())),
        Button(voice.say("Figures"), encode(ShowFigures())),
    )


def note(voice: Voice, text: Rich) -> Page:
    """A few words to staff, with the ways on."""
    return Page(text, (staff_row(voice),), voice.language)


def not_staff_page(voice: Voice) -> Page:
    """Somebody else, or somebody who no longer is staff, pressed or typed what is for staff."""
    return Page(voice.rich("This is for the staff of the institute only."), (), voice.language, anew=True)


def not_editor_page(voice: Voice) -> Page:
    """Somebody who is no editor replied to a trainee."""
    text = voice.rich("I have not passed this on: only editors answer. An administrator can make you one, with /staff.")
    return Page(text, (), voice.language, anew=True)


def elsewhere_page(voice: Voice) -> Page:
    """Somebody wants pages for staff in a group that is not theirs."""
    text = voice.rich("Please ask me for that in the staff group or in private: here others would read it.")
    return Page(text, (), voice.language, anew=True)


def not_here_page(voice: Voice) -> Page:
    """Somebody begins an announcement in the topic of a person."""
    text = voice.rich("Please do that in General, or in private: what is written here goes to the person.")
    return Page(text, (), voice.language, anew=True)


def only_admins_page(voice: Voice) -> Page:
    """An editor tried what only administrators may do."""
    return Page(voice.rich("Only an administrator can do that."), (), voice.language, anew=True)


def staff_page(editors: Sequence[Editor], voice: Voice, *, admin: bool, told: Rich = ()) -> Page:
    """Who is staff; `told` is what has just been done. Administrators see how to change it."""
    head = voice.rich("**Editors**")
    names = tuple((Span(name_of(editor.username, editor.address.name)),) for editor in editors)
    listed: Rich = (Items(names),) if names else voice.rich("There are no editors yet.")
    how = voice.rich(
        "Editors answer people, teach me and see the figures. To add one, reply to a message of theirs with "
        "`/staff add`, or write `/staff add @username`; the person must have written to me before."
    )
    rows = [
        (Button(voice.say("Remove {name}", name=name_of(one.username, one.address.name)), encode(_remove(one))),)
        for one in editors
    ]
    return Page((*told, *head, *listed, *(how if admin else ())), tuple(rows) if admin else (), voice.language)


def _remove(editor: Editor) -> RemoveEditor:
    return RemoveEditor(editor.address.name)


def name_of(username: str | None, number: str) -> str:
    """What staff call somebody: by their username, else by their number."""
    return f"@{username}" if username else number


def added(voice: Voice, name: str) -> Rich:
    """Somebody is an editor now."""
    return voice.rich("{name} is an editor now.", name=name)


def removed(voice: Voice, name: str) -> Rich:
    """Somebody is no editor any more."""
    return voice.rich("{name} is no longer an editor.", name=name)


def is_admin(voice: Voice, name: str) -> Rich:
    """Somebody was to be made, or to be no more, an editor who may do everything anyway."""
    return voice.rich("{name} is an administrator. That is changed in the settings (`ADMIN_IDS`) only.", name=name)


def unknown_person(voice: Voice) -> Rich:
    """Nobody of that name has ever written to the bot."""
    return voice.rich("I do not know this person. They have to write to me once, then I can find them.")


# Conversations


def head_page(
    conversation: Conversation, called: str, language: Language, asked: Question | None, before: Sequence[Question],
    voice: Voice, content: Content,
) -> Page:  # fmt: skip
    """What staff see of somebody who wants a person: who it is, what they asked, and the exchanges before."""
    channel = voice.say("web page") if conversation.address.channel == "web" else "Telegram"
    head = voice.rich(
        "🙋 **{name}** asks for a person.\n{language}, {channel}",
        name=called, language=dates.language_name(language, voice.language), channel=channel,
    )  # fmt: skip
    earlier = [_exchange(one, voice, content) for one in before if asked is None or one.id != asked.id]
    told = (*voice.rich("Before that:"), Items(tuple(earlier))) if earlier else ()
    how = voice.rich("*Reply to this message, and I pass it on. What begins with // stays among you.*")
    question: Rich = ()
    if asked and asked.text:
        question = (Paragraph((Span(_fitting(asked.text, (*head, *told, *how)), bold=True),)),)
    close = Button(voice.say("✅ Done"), encode(CloseConversation(conversation.id)))
    return Page((*head, *question, *told, *how), ((close,),), voice.language, anew=True)


def _fitting(text: str, beside: Rich) -> str:
    """So much of a text as fits into a message beside other ones, as Telegram counts letters: in UTF-16."""
    units, room = text.encode("utf-16-le"), 2 * (ROOM - length(beside))
    return text if len(units) <= room else units[: room - 2].decode("utf-16-le", "ignore") + "…"


def _exchange(question: Question, voice: Voice, content: Content) -> Line:
    """A question, and what the bot made of it."""
    entry = content.entries.get(question.entry or "")
    if entry is not None:
        answer = entry.title(voice.language)
    elif question.outcome is Outcome.CHOICE:
        answer = voice.say("a choice was offered")
    else:
        answer = voice.say("no answer")
    mark = {1: " 👍", -1: " 👎"}.get(question.feedback or 0, "")
    return (Span(short(question.text or "", 200)), Span(f" → {answer}{mark}", italic=True))


def topic_title(called: str, language: Language) -> str:
    """The name of a person's forum topic."""
    return f"{short(called, 80)} · {NAMES[language]}"


def ended_note(by: Closed, voice: Voice) -> Page:
    """The conversation is over."""
    texts = {
        Closed.PERSON: voice.rich("✅ The person needs nothing more. Whatever you reply here opens it again."),
        Closed.STAFF: voice.rich("✅ Closed. Whatever you reply here opens it again."),
        Closed.SILENCE: voice.rich("✅ Closed after a day of silence. Whatever you reply here opens it again."),
    }
    return Page(texts[by], (), voice.language)


def unanswered_note(voice: Voice) -> Page:
    """The conversation has ended by silence, and nobody had answered."""
    text = voice.rich(
        "⏳ Nobody has answered for a day. The question stays in /waiting; whatever you reply here still reaches the "
        "person."
    )
    return Page(text, (), voice.language)


def blocked_note(voice: Voice) -> Page:
    """The person cannot be reached any more."""
    text = voice.rich("⛔ The person has blocked me, so nothing that you reply reaches them until they come back.")
    return Page(text, (), voice.language)


def anonymous_page(voice: Voice) -> Page:
    """Somebody writes as the group, so that it cannot be known whether they are staff."""
    text = voice.rich("Please write under your own name, not anonymously: I pass on only what editors write.")
    return Page(text, (), voice.language)


def not_delivered_page(reason: str, voice: Voice, *, gone: bool) -> Page:
    """A reply did not reach the person."""
    if gone:
        return blocked_note(voice)
    text = voice.rich("⚠️ This has not reached the person: {reason}. Please send it in another way.", reason=reason)
    return Page(text, (), voice.language)


def unfit_page(voice: Voice) -> Page:
    """A sticker or the like to somebody who reads on the web page."""
    text = voice.rich("The person reads on the web page, which shows text, photos, files and voice messages only.")
    return Page(text, (), voice.language)


def too_large_page(voice: Voice) -> Page:
    """A file that the web page cannot carry."""
    text = voice.rich(
        "This file is larger than 10 MB, too large for the web page on which the person reads. Please send a link."
    )
    return Page(text, (), voice.language)


def late_page(reason: str, voice: Voice) -> Page:
    """A reply did not reach the person, and is tried again."""
    text = voice.rich(
        "⚠️ This has not reached the person yet: {reason}. I try again every minute; 👌 will show that it is there.",
        reason=reason,
    )
    return Page(text, (), voice.language)


def waiting_page(waiting: Sequence[tuple[Conversation, str]], voice: Voice, now: datetime) -> Page:
    """The open conversations, each with its last words; pressing one shows it in this chat."""
    if not waiting:
        return note(voice, voice.rich("Nobody waits for a person."))
    count = voice.count(
        "{number} person waits for an answer. Press it to follow it here.",
        "{number} people wait for an answer. Press one to follow it here.",
        len(waiting),
    )
    rows = tuple(
        (Button(f"{_ago(one.last_at, now, voice)} · {short(words, SHORT)}", encode(OpenHere(one.id))),)
        for one, words in waiting
    )
    return Page((Paragraph((Span(count),)),), (*rows, staff_row(voice)), voice.language)


def _ago(then: datetime, now: datetime, voice: Voice) -> str:
    minutes = max(int((now - then).total_seconds() // 60), 0)
    if minutes < 60:
        return voice.say("{minutes} min", minutes=str(minutes))
    return voice.say("{hours} h", hours=str(minutes // 60))


# Lessons


def learned_page(lessons: Sequence[Lesson], page: int, voice: Voice, content: Content, told: Rich = ()) -> Page:
    """What was taught and is not in the files yet; pressing a lesson takes it back."""
    if not lessons:
        return note(
            voice,
            (*told, *voice.rich("There are no new wordings: nothing has been taught, or it is in the files already.")),
        )
    buttons = [Button(f"↩ {short(one.learned.text, SHORT)}", encode(Unlearn(one.id))) for one in lessons]
    shown, paging = paged(buttons, page, voice, ShowLearned)
    start = next((place for place, button in enumerate(buttons) if button is shown[0]), 0)
    lines = tuple(_lesson(one, voice, content) for one in lessons[start : start + len(shown)])
    text = (*told, *voice.rich("**Taught by staff**\n\nPress one to take it back."), Items(lines))
    return Page(text, (*((button,) for button in shown), *paging, staff_row(voice)), voice.language)


def _lesson(lesson: Lesson, voice: Voice, content: Content) -> Line:
    entry = content.entries.get(lesson.learned.entry or "")
    if lesson.learned.entry is None:
        where = voice.say("not for us")
    else:
        where = entry.title(voice.language) if entry else voice.say("a question that is no longer there")
    who = lesson.by or voice.say("somebody")
    day = dates.day(lesson.at.astimezone(content.zone).date(), voice.language)
    return (Span(short(lesson.learned.text, 200), bold=True), Span(f" → {where} · {who}, {day}"))
