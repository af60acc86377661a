"""What the web page says while Telegram, where staff read, cannot be reached."""

from __future__ import annotations

from dataclasses import replace

from bot.pages.page import Page
from bot.pages.voice import Voice


def away_line(voice: Voice) -> str:
    """At the top of the page, for everybody."""
    return voice.say(
        "Telegram cannot be reached at the moment. This page answers all the same; what you write to staff is kept for "
        "them."
    )


def kept_page(page: Page, voice: Voice) -> Page:
    """Said to who has just written to staff, or wants to: a page with the reason why their answer may take longer."""
    kept = voice.rich(
        "Staff read your messages on Telegram, which cannot be reached at the moment. Nothing is lost: they will see "
        "everything as soon as Telegram is back."
    )
    return replace(page, text=(*page.text, *kept))
