"""The sentences around the pages: the bot's profile on Telegram, the web page's labels."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.values import Content
from bot.pages.voice import Voice


@dataclass(frozen=True, slots=True)
class Profile:
    """What Telegram shows of the bot before the first message (at most 512 and 120 characters)."""

    description: str
    short_description: str


def profile(voice: Voice, content: Content) -> Profile:
    """The bot's profile in one language."""
    name = content.facts["name"].of(voice.language)
    return Profile(
        voice.say(
            "I answer your questions about studying at {institute}: visa, courses, arrival, living, certificates. "
            "Ask in English, Russian, Tajik or Chinese.",
            institute=name,
        ),
        voice.say("Answers for trainees, in English, Russian, Tajik and Chinese."),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """The labels of the web page."""

    title: str
    question: str
    send: str
    you: str
    conversation: str
    languages: str
    offline: str
    menu: str
    look: str
    announcements: str
    photo: str
    open_file: str


def frame(voice: Voice) -> Frame:
    """The web page's labels in one language."""
    return Frame(
        title=voice.say("Rohnamo, the guide for trainees"),
        question=voice.say("Your question"),
        send=voice.say("Send"),
        you=voice.say("You"),
        conversation=voice.say("Conversation"),
        languages=voice.say("Language"),
        offline=voice.say("There is no connection at the moment. Your question is still here: press “Send” again."),
        menu=voice.say("Begin again"),
        look=voice.say("Is there an answer yet?"),
        announcements=voice.say("Announcements"),
        photo=voice.say("Photo"),
        open_file=voice.say("Open the file"),
    )


def feed_title(voice: Voice, content: Content) -> str:
    """What the feed of announcements is called in one language."""
    return voice.say("Announcements of {institute}", institute=content.facts["name"].of(voice.language))
