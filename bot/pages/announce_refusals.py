"""What staff are told when something cannot be done to an announcement any more, or has been done already."""

from __future__ import annotations

from bot.content.markdown import Rich
from bot.pages.voice import Voice


def not_sent(voice: Voice) -> Rich:
    """There is no such announcement, or it has not left the desk."""
    return voice.rich("This announcement is not there, or not sent yet.")


def not_sending(voice: Voice) -> Rich:
    """It is paused, over, or waits for its time."""
    return voice.rich("It is not being sent at the moment.")


def not_paused(voice: Voice) -> Rich:
    """Somebody has let it go on already."""
    return voice.rich("It is not paused any more.")


def is_over(voice: Voice) -> Rich:
    """Nothing is left to be sent or changed."""
    return voice.rich("It is over already.")


def recalled_already(voice: Voice) -> Rich:
    """It was taken back before."""
    return voice.rich("It was recalled already.")


def nothing_to_recall(voice: Voice) -> Rich:
    """Nobody has it."""
    return voice.rich("It was never sent, so there is nothing to recall.")


def correction_forgotten(voice: Voice) -> Rich:
    """It stays as it is."""
    return voice.rich("The correction is forgotten.")


def no_session(voice: Voice) -> Rich:
    """It was written by staff."""
    return voice.rich("This is not the announcement of a session.")


def session_gone(voice: Voice) -> Rich:
    """The session was taken out of the content files."""
    return voice.rich("This session is no longer in the list.")


def changed_meanwhile(voice: Voice) -> Rich:
    """What was seen is not what is there now."""
    return voice.rich("Somebody has changed this meanwhile. Please look at it once more.")


def recalled_not_corrected(voice: Voice) -> Rich:
    """Nobody has it any more."""
    return voice.rich("It was recalled, so there is nothing to correct.")


def never_sent(voice: Voice) -> Rich:
    """Nobody has it."""
    return voice.rich("It was never sent, so there is nothing to correct.")


def told_by_itself(voice: Voice) -> Rich:
    """The program tells followers of sessions by itself."""
    return voice.rich("I tell this by myself, from the list of sessions: please correct it there.")


def thrown_away(number: int, voice: Voice) -> Rich:
    """A draft is deleted."""
    return voice.rich("Draft #{number} is thrown away.", number=str(number))
