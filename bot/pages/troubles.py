"""What staff are told when something goes wrong in the program itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.content.markdown import Items, Line, Span
from bot.pages import dates
from bot.pages.markup import short
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.troubles import Trouble

# So many kinds of errors are told in one message; so many characters of names that stand in the code.
MOST, NAME = 10, 120
# Where a value was to be put in.
_VALUE = re.compile(r"%[-#0 +]*[\d.]*[a-zA-Z]")


def troubles_page(troubles: Sequence[Trouble], voice: Voice, zone: ZoneInfo) -> Page:
    """What went wrong, how often, since when, and where the log says more; moments in this zone."""
    head = voice.rich(
        "⚠️ **Something went wrong in the bot itself.** Its log says more than I may tell here: please show this to "
        "whoever looks after the bot. I tell each kind of error once a day."
    )
    return Page((*head, Items(tuple(_line(one, voice, zone) for one in troubles))), (), voice.language)


def _line(trouble: Trouble, voice: Voice, zone: ZoneInfo) -> Line:
    kind, since = trouble.signature, trouble.since.astimezone(zone)
    when = f"{dates.short_day(since, voice.language)}, {dates.clock(since, voice.language)}"
    often = voice.count("{number} time, at {when}", "{number} times since {when}", trouble.times, when=when)
    told = [Span(_title(trouble), bold=True)]
    told.append(Span(f"\n{short(f'{kind.error or kind.logger} · {kind.place}', NAME)}\n{often}"))
    if trouble.request:
        latest = voice.say("The latest one in the log:")
        told += [Span(f"\n{latest} "), Span(short(trouble.request, NAME), code=True)]
    return tuple(told)


def _title(trouble: Trouble) -> str:
    first, *_ = trouble.signature.message.strip().splitlines() or [trouble.signature.logger]
    return short(_VALUE.sub("…", first), NAME)
