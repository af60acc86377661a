"""What is kept about a person, and how to have it deleted."""

from __future__ import annotations

from bot.content.values import Content
from bot.pages.actions import encode
from bot.pages.deeds import ForgetMe, ShowPrivacy
from bot.pages.page import Button, Page
from bot.pages.talk import sessions_button, topics_button
from bot.pages.voice import Voice


def privacy_page(voice: Voice, content: Content, days: int) -> Page:
    """What is kept, why and for how long; `days` is how long the words of a question are kept."""
    text = voice.rich(
        "**What is kept about you**\n\n"
        "- On Telegram: the number of your account, your username and the language of your app. "
        "On the web page: a random number in a cookie, and your time zone. No name, no phone number, no address.\n"
        "- Since when you have been here, your language, your time zone if you choose one, which answer you read last, "
        "and whether you have blocked me.\n"
        "- About announcements: what you want to be told of and what not, which courses you opened or follow, of which "
        "sessions you want to be reminded, and which announcements you got.\n"
        "- Your questions with my answers and your 👍 or 👎, so that staff see what is missing. "
        "The words of a question are deleted after {days} days.\n"
        "- What you send, as it comes, until I have answered it. What I could not deal with is kept, to be tried "
        "again, for {days} days at most.\n"
        "- What you and staff write to each other. These words, too, are deleted after {days} days. "
        "In the chats of the staff they stay until staff delete them.\n\n"
        "Only the staff of {institute} see it. When you ask for a person, they also see the name that you use on "
        "Telegram; I do not keep it. Nothing is sold or given to others. A wording that staff have added to "
        "my list of questions stays there, but without any trace of you.\n\n"
        "You can have everything deleted at any moment: /forget.",
        days=str(days),
        institute=content.facts["name"].of(voice.language),
    )
    forget = Button(voice.say("Delete everything about me"), encode(ForgetMe()))
    return Page(text, ((forget,), (topics_button(voice), sessions_button(voice))), voice.language)


def forget_page(voice: Voice) -> Page:
    """Are you sure?"""
    text = voice.rich(
        "**Delete everything about me**\n\n"
        "Your questions, your conversations with staff and your settings are deleted for good. "
        "This cannot be undone. Shall I?"
    )
    yes = Button(voice.say("Yes, delete everything"), encode(ForgetMe(sure=True)))
    no = Button(voice.say("No"), encode(ShowPrivacy()))
    return Page(text, ((yes,), (no,)), voice.language)


def forgotten_page(voice: Voice, *, on_page: bool) -> Page:
    """It is done. On Telegram the chat stays on the phone; a web page is empty by now."""
    if on_page:
        text = voice.rich(
            "Everything about you is deleted. If you write to me again, I will treat you as somebody new."
        )
    else:
        text = voice.rich(
            "Everything about you is deleted. What is shown in this chat, you can delete yourself. "
            "If you write to me again, I will treat you as somebody new."
        )
    return Page(text, (), voice.language)


def slow_down_page(voice: Voice) -> Page:
    """Somebody asks faster than a person can read."""
    text = voice.rich("That is a lot of messages at once. Please wait a minute, and then ask again: I will be here.")
    return Page(text, (), voice.language, anew=True)
