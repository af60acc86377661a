"""Pages about the bot itself: greeting, help, languages, and what to say when there is nothing to answer."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.markdown import Paragraph, Rich, Span
from bot.content.values import SMALL_TALK, Content
from bot.language import Language
from bot.pages.actions import About, ChooseLanguage, Help, SetLanguage, ShowSessions, ShowTopic, ShowTopics, encode
from bot.pages.page import Button, Page
from bot.pages.voice import NAMES, Voice
from bot.pages.wishes import ShowReminders, ShowSubscriptions


def topics_button(voice: Voice) -> Button:
    """The way to everything that can be asked."""
    return Button(voice.say("All topics"), encode(ShowTopics()))


def sessions_button(voice: Voice, *, anew: bool = False) -> Button:
    """The way to the upcoming sessions; from an announcement `anew`, so that it stays."""
    return Button(voice.say("Course sessions"), encode(ShowSessions(anew=anew)))


def subscriptions_button(voice: Voice, *, anew: bool = False) -> Button:
    """The way to everything that one is told of; from an announcement `anew`, so that it stays."""
    return Button(voice.say("What I tell you of"), encode(ShowSubscriptions(anew)))


def reminders_button(session: str, voice: Voice, *, anew: bool = False) -> Button:
    """The way to the reminders that one has of a session; from an announcement `anew`, so that it stays."""
    return Button(voice.say("🔔 My reminders"), encode(ShowReminders(session, anew)))


def _help_row(voice: Voice) -> tuple[Button, ...]:
    return (
        Button(voice.say("How to use me"), encode(Help())),
        Button(NAMES[voice.language] + " ▾", encode(ChooseLanguage())),
    )


def welcome_page(voice: Voice, content: Content) -> Page:
    """The greeting and what can be asked: every topic is a button."""
    name = content.facts["name"].of(voice.language)
    text = voice.rich(
        "Hello! I am **Rohnamo**, the guide of **{institute}**.\n\n"
        "Write your question in your own words, in English, Russian, Tajik or Chinese. "
        "Or choose what you would like to know about:",
        institute=name,
    )
    topics = [
        Button(topic.title.of(voice.language), encode(ShowTopic(topic.id)))
        for topic in content.topics
        if topic.id != SMALL_TALK
    ]
    pairs = tuple(tuple(topics[start : start + 2]) for start in range(0, len(topics), 2))
    return Page(text, (*pairs, (sessions_button(voice),), _help_row(voice)), voice.language)


def help_page(voice: Voice) -> Page:
    """How to use the bot, with every command."""
    text = voice.rich(
        "**How to use me**\n\n"
        "- Write a question as you would to a person. Mistakes and other keyboards are fine.\n"
        "- Under an answer, press a language to read it in that language.\n"
        "- /faq shows all questions by topic.\n"
        "- /sessions shows the coming course sessions.\n"
        "- /subscriptions shows what I tell you of, and changes it.\n"
        "- /language changes the language.\n"
        "- /human passes your question on to a person.\n"
        "- /privacy says what is kept about you, /forget deletes it.\n"
        "- /about tells who I am.\n\n"
        "If I do not know something, I say so, and a person can answer you."
    )
    return Page(text, ((topics_button(voice), sessions_button(voice)), (_about_button(voice),)), voice.language)


def _about_button(voice: Voice) -> Button:
    return Button(voice.say("Who am I?"), encode(About()))


def about_page(voice: Voice, content: Content) -> Page:
    """What the bot is, and how to reach people."""
    text = voice.rich(
        "*Rohnamo* is Tajik for “guide”. I am a program of **{institute}**: every answer that I give was written "
        "by its staff, and I never make one up.\n\n"
        "To reach a person, write to {email} or call {phone}.",
        **_contacts(voice, content),
    )
    return Page(text, ((topics_button(voice), sessions_button(voice)),), voice.language)


def languages_page(voices: Mapping[Language, Voice]) -> Page:
    """The choice of a language, asked in all of them because the reader's is not known."""
    text: Rich = tuple(Paragraph((Span(voice.say("Please choose your language.")),)) for voice in voices.values())
    buttons = [Button(NAMES[language], encode(SetLanguage(language))) for language in voices]
    return Page(text, (tuple(buttons[:2]), tuple(buttons[2:])), Language.EN)


def unknown_page(voice: Voice, content: Content, ways: tuple[tuple[Button, ...], ...] = ()) -> Page:
    """An honest "I don't know", with ways on: `ways` are those to a person who answers."""
    text = voice.rich(
        "I do not know the answer to that. Please try other words, or look through the topics.\n\n"
        "A person can help, too: write to {email} or call {phone}.",
        **_contacts(voice, content),
    )
    return Page(text, (*ways, (topics_button(voice), sessions_button(voice))), voice.language)


def no_text_page(voice: Voice) -> Page:
    """The reply to a sticker, photo, voice message or place."""
    text = voice.rich("Thank you! I can only read text so far. Please write your question in words.")
    return Page(text, ((topics_button(voice), sessions_button(voice)),), voice.language)


def gone_page(voice: Voice) -> Page:
    """The reply to an old button or link whose entry or session is no longer there."""
    text = voice.rich("This is no longer here. Please look at what there is now:")
    return Page(text, ((topics_button(voice), sessions_button(voice)),), voice.language)


def _contacts(voice: Voice, content: Content) -> dict[str, str]:
    facts = content.facts
    return {
        "institute": facts["name"].of(voice.language),
        "email": facts["email"].of(voice.language),
        "phone": facts["phone"].of(voice.language),
    }


def failed_page(voice: Voice) -> Page:
    """The reply when the program itself failed; the administrators find the reason in the log."""
    text = voice.rich("Sorry, something went wrong on our side. Please try again in a minute.")
    return Page(text, ((topics_button(voice), sessions_button(voice)),), voice.language)
