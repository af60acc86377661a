"""Pages for staff who make an announcement: the draft, and what asks for words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.announce_choices import Choices
from bot.pages.announce_deeds import (
    AskSend,
    AttachFile,
    DropDraft,
    DropFile,
    DropText,
    Preview,
    ShowAudience,
    ShowDraft,
    ShowTexts,
    ShowTimes,
    SwitchFallback,
    WriteText,
)
from bot.pages.announce_start import start_button
from bot.pages.announcements import languages_of
from bot.pages.markup import ROOM, length, short
from bot.pages.page import Button, Page
from bot.pages.tally import headline
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.store.announcement import Announcement, FileOf
from bot.store.audiences import Kind

# Of a text, so much is shown on the page of its draft.
SHOWN = 100
# By these, at the beginning of what is replied to, a reply finds back to its announcement.
TEXT, FILE, TIME = "📣", "📎", "🕘"


# The draft


def draft_page(
    draft: Announcement, counts: Mapping[Language, int], found: int, voice: Voice, content: Content, told: Rich = ()
) -> Page:
    """A draft with all that is settled; `counts` are those who would get it, by language, `found` the findings."""
    choices = Choices(voice, content)
    head = voice.rich("**Draft #{number}**", number=str(draft.id))
    what = _texts(draft, voice) if draft.kind is Kind.FREE else _built(draft, voice, content)
    settled = [
        *_file(draft.file, voice),
        choices.audience(draft),
        choices.counted(counts),
        choices.time(draft),
        *_fallback(draft, voice),
    ]
    text = (*told, *head, *what, Items(tuple((Span(line),) for line in settled)))
    if found:
        look = voice.count(
            "⚠️ {number} thing to look at before it is sent", "⚠️ {number} things to look at before it is sent", found
        )
        text = (*text, Paragraph((Span(look),)))
    return Page(text, tuple(_rows(draft, voice)), voice.language)


def _texts(draft: Announcement, voice: Voice) -> Rich:
    written = languages_of(draft)
    return (Items(tuple(_text(one, draft) if one in written else _missing(one, voice) for one in SHORT_NAMES)),)


def _text(language: Language, draft: Announcement) -> Line:
    return (Span(NAMES[language], bold=True), Span(f": {short(draft.body.texts[language], SHOWN)}"))


def _missing(language: Language, voice: Voice) -> Line:
    return (Span(f"{NAMES[language]}: "), Span(voice.say("not written"), italic=True))


def _built(draft: Announcement, voice: Voice, content: Content) -> Rich:
    name = Paragraph((Span(headline(draft, voice, content), bold=True),))
    return (name, *voice.rich("Its texts are built from the data of the session, in all four languages."))


def _file(file: FileOf | None, voice: Voice) -> Iterator[str]:
    if file is not None and file.kind == "photo":
        yield voice.say("With a photo")
    elif file is not None:
        yield voice.say("With a file: {name}", name=short(file.name, SHOWN))


def _fallback(draft: Announcement, voice: Voice) -> Iterator[str]:
    if draft.kind is not Kind.FREE:
        return
    if draft.falls_back:
        yield voice.say("Who reads a language that is not written gets the nearest one.")
    else:
        yield voice.say("It is sent only when it is written in all languages of those who get it.")


def _rows(draft: Announcement, voice: Voice) -> Iterator[tuple[Button, ...]]:
    number = draft.id
    if draft.kind is Kind.FREE:
        written = languages_of(draft)
        yield tuple(
            Button(f"✏️ {name}{' ✓' if one in written else ''}", encode(WriteText(number, one)))
            for one, name in SHORT_NAMES.items()
        )
        if written:
            yield (Button(voice.say("✖ Take a text out …"), encode(ShowTexts(number))),)
    yield _file_row(draft, voice)
    yield (
        Button(voice.say("👥 For whom"), encode(ShowAudience(number))),
        Button(voice.say("🕘 When"), encode(ShowTimes(number))),
    )
    if draft.kind is Kind.FREE:
        label = voice.say("Require all languages") if draft.falls_back else voice.say("Allow the nearest")
        yield (Button(label, encode(SwitchFallback(number))),)
    yield preview_button(number, voice), send_button(number, voice)
    yield Button(voice.say("🗑 Throw the draft away"), encode(DropDraft(number))), start_button(voice)


def _file_row(draft: Announcement, voice: Voice) -> tuple[Button, ...]:
    if draft.file is None:
        return (Button(voice.say("📎 Add a photo or file"), encode(AttachFile(draft.id))),)
    return (
        Button(voice.say("📎 Another one"), encode(AttachFile(draft.id))),
        Button(voice.say("✖ Without it"), encode(DropFile(draft.id))),
    )


def texts_page(draft: Announcement, voice: Voice) -> Page:
    """Which text is to be taken out."""
    written = languages_of(draft)
    head = voice.rich("**Which text is to be taken out?**")
    text = (*head, Items(tuple(_text(one, draft) for one in written))) if written else head
    rows = [(Button(f"✖ {NAMES[one]}", encode(DropText(draft.id, one))),) for one in written]
    return Page(text, (*rows, (back_button(draft.id, voice),)), voice.language)


def ask_drop_page(draft: Announcement, voice: Voice) -> Page:
    """Whether a draft is to be thrown away in which something is written."""
    head = voice.rich("**Throw draft #{number} away?**\n\nWhat is written in it is lost.", number=str(draft.id))
    written = tuple(_text(one, draft) for one in languages_of(draft))
    yes = Button(voice.say("🗑 Yes, throw it away"), encode(DropDraft(draft.id, sure=True)))
    text = (*head, Items(written)) if written else head
    return Page(text, ((yes,), (back_button(draft.id, voice),)), voice.language)


def back_button(number: int, voice: Voice) -> Button:
    """The way back to the draft."""
    return Button(voice.say("← Back to the draft"), encode(ShowDraft(number)))


def preview_button(number: int, voice: Voice) -> Button:
    """The way to the preview."""
    return Button(voice.say("👁 Preview"), encode(Preview(number)))


def send_button(number: int, voice: Voice) -> Button:
    """The way to the question before it is sent."""
    return Button(voice.say("✉️ Send …"), encode(AskSend(number)))


# What wants words, or a file


def text_prompt(announcement: Announcement, language: Language, voice: Voice, told: Rich = ()) -> Page:
    """Asks for the text in a language. What there is so far can be copied, if there is room for it."""
    so_far = (announcement.correction or announcement.body).texts.get(language)
    # Translators: keep “{mark} #{number} {code}:” at the beginning; by it the reply finds back.
    head = voice.rich(
        "{mark} #{number} {code}: **{language}**\n\nReply to this message with the text. Formatting counts, and so do "
        "`**bold**`, `*italic*`, `[text](https://…)` and lists.",
        mark=TEXT,
        number=str(announcement.id),
        code=language.value,
        language=dates.language_name(language, voice.language),
    )
    text = _prompting(head, told, voice)
    if so_far is not None:
        text = (*text, *voice.rich("It takes the place of this:"))
        old = Paragraph((Span(so_far, code=True),))
        text = (*text, old if length((*text, old)) <= ROOM else Paragraph((Span(short(so_far, SHOWN)),)))
    return Page(text, (), voice.language, anew=True, prompt=voice.say("Text of the announcement"))


def _prompting(asked: Rich, told: Rich, voice: Voice) -> Rich:
    """What is asked, with what was wrong with the last reply between its first line, with the mark, and the rest."""
    how = voice.rich("*(To reply, hold this message and choose “Reply”, or swipe it to the left.)*")
    return (*asked[:1], *told, *asked[1:], *how)


def file_prompt(number: int, voice: Voice, told: Rich = ()) -> Page:
    """Asks for a photo or document."""
    # Translators: keep “{mark} #{number}:” at the beginning; by it the reply finds back.
    text = voice.rich(
        "{mark} #{number}: **A photo or a file**\n\nReply to this message with one photo or one file of at most 10 MB. "
        "Below it there is room for 1,024 characters.",
        mark=FILE,
        number=str(number),
    )
    prompt = voice.say("A photo or a file")
    return Page(_prompting(text, told, voice), (), voice.language, anew=True, prompt=prompt)


def time_prompt(number: int, voice: Voice, content: Content, now: datetime, told: Rich = ()) -> Page:
    """Asks for the time at which it begins."""
    # Translators: keep “{mark} #{number}:” at the beginning; by it the reply finds back.
    text = voice.rich(
        "{mark} #{number}: **When does it begin?**\n\nReply to this message with the time in {city}, like this: "
        "`{clock}`, or with a day, like this: `{example}`",
        mark=TIME,
        number=str(number),
        city=dates.home_city(content, voice.language),
        clock="18:30",
        example=f"{now.astimezone(content.zone):%Y-%m-%d} 18:30",
    )
    prompt = "18:30 · 2027-01-31 09:00"
    return Page(_prompting(text, told, voice), (), voice.language, anew=True, prompt=prompt)


def no_text(voice: Voice) -> Rich:
    """Something without words came where a text was asked for."""
    return voice.rich("That has no text. Please write the text, or send it below a photo or file.")


def words_not_taken(draft: Announcement, voice: Voice) -> Rich:
    """There were words below a file that was sent where only a file was asked for."""
    told = voice.rich("⚠️ I have taken the file, but not the words below it.")
    if draft.kind is not Kind.FREE:
        return (*told, *built_told(voice))
    return (*told, *voice.rich("To write a text, press ✏️ with its language, and reply with the words."))


def no_file(voice: Voice) -> Rich:
    """Something else came where a photo or document was asked for."""
    return voice.rich("That is no photo or file. Please send one, not as a sticker, voice message or video.")


def too_large(voice: Voice) -> Rich:
    """A file is too large to be kept, and so could not be sent again when Telegram does not know it any more."""
    return voice.rich(
        "This file is larger than 10 MB. I keep a copy, to show it on the web page too and to send it again if need "
        "be; larger ones I cannot keep. Please send a smaller one, or put a link into the text."
    )


def not_fetched(reason: str, voice: Voice) -> Rich:
    """Telegram did not hand out the file."""
    return voice.rich("I could not fetch the file: {reason}. Please send it once more.", reason=reason)


def no_time(voice: Voice) -> Rich:
    """What was typed is no time."""
    return voice.rich("I do not understand this as a day and a time.")


def past_time(typed: str, voice: Voice) -> Rich:
    """The time has passed."""
    return voice.rich("{time} has passed already. Please choose a later time.", time=typed)


def built_told(voice: Voice) -> Rich:
    """There is no text to write in the announcement of a session."""
    return voice.rich("The texts of a session are built from its data: there is nothing to write.")
