"""`announce`: look at an announcement that is written in a file, and send it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.door import cli, fail, log_as_set, say, settings_or_fail
from bot.cli.sending import INTERRUPTED, people, send
from bot.content.announcement_file import Attachment, Planned, read_announcement
from bot.content.values import Severity
from bot.desk import Desk
from bot.desk.house import TELEGRAM
from bot.desk.lines import LineError
from bot.language import Language
from bot.pages.announce_deeds import SwitchFallback
from bot.pages.announcements import message_page
from bot.pages.dates import language_name
from bot.pages.findings import Finding
from bot.pages.markup import plain
from bot.pages.tally import duration
from bot.pages.voice import CatalogueError
from bot.service import StartError, open_desk
from bot.settings import Settings
from bot.store.announcement import Announcement, Body, FileOf, State
from bot.store.audiences import Audience, Kind
from bot.store.database import StoreError

CHANNELS = (TELEGRAM,)
NOTHING = "nothing was sent"


@cli.command()
def announce(
    file: Annotated[Path, typer.Argument(help="The file that says what, to whom and when.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only show it; send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send it without asking, for scripts.")] = False,
) -> None:
    """Announce something: look at it, send it, see how far it is."""
    settings = settings_or_fail()
    log_as_set(settings)
    try:
        # Nobody asks anything here.
        code = asyncio.run(_announce(settings.model_copy(update={"semantic": "off"}), file, preview=preview, yes=yes))
    except (StartError, StoreError, CatalogueError, LineError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(code)


async def _announce(settings: Settings, file: Path, *, preview: bool, yes: bool) -> int:
    """Returns the exit code. Raises StartError, StoreError, CatalogueError, LineError."""
    async with open_desk(settings) as desk:
        planned, problems = read_announcement(file, desk.content)
        if planned is None:
            fail("\n".join(map(str, problems)))
        announcement = _announcement(planned, desk)
        counts = await desk.announcing.announcements.audiences.count(announcement.wanted, CHANNELS)
        found = await desk.announcing.advice(announcement, desk.voices[Language.EN])
        _show(announcement, planned.attachment, counts, found, desk)
        if preview:
            return 0
        number = sum(counts.values())
        _check(settings, announcement, number, yes=yes)
        if not yes and not _confirmed(f"Send to {people(number)}?"):
            say(NOTHING.capitalize())
            return 0
        return await _go(settings, announcement, planned.attachment, desk)


def _announcement(planned: Planned, desk: Desk) -> Announcement:
    """The announcement as it will be; it has no number yet."""
    attachment = planned.attachment
    return Announcement(
        id=0,
        kind=Kind.FREE if planned.session is None else Kind.SESSION,
        origin=None,
        author=None,
        made_at=desk.now(),
        body=Body(planned.texts, planned.session),
        revision=1,
        correction=None,
        file=FileOf(attachment.kind, attachment.name, None) if attachment is not None else None,
        audience=Audience(planned.audience),
        target=planned.target,
        falls_back=planned.falls_back,
        begin_at=planned.at,
        daytime=planned.daytime,
        expires_at=None,
        state=State.DRAFT,
        begun_at=None,
        ended_at=None,
        corrected_at=None,
        recalled_at=None,
        planned=0,
        progress=None,
    )


# Looking at it


def _show(
    announcement: Announcement,
    file: Attachment | None,
    counts: Mapping[Language, int],
    found: Sequence[Finding],
    desk: Desk,
) -> None:
    """Everything that is to be seen before it is sent. What has to be mended ends the command."""
    for language in Language:
        if announcement.audience is not Audience.LANGUAGE or language.value in announcement.target.split("-"):
            say(f"── {language_name(language, Language.EN)}: {people(counts.get(language, 0))}", "bold")
            say(f"{_as_it_arrives(announcement, language, desk)}\n")
    if file is not None:
        say(f"With the {file.kind} {file.name}, {len(file.data):,} bytes")
    say(f"For {_audience(announcement)}: {people(sum(counts.values()))}")
    say(f"{_when(announcement, desk)}. {_duration(sum(counts.values()), desk)}")
    for one in found:
        say(_told(one), "red" if one.severity is Severity.ERROR else "yellow")
    if not sum(counts.values()):
        say("warning: As it is now, nobody would get it", "yellow")
    if any(one.severity is Severity.ERROR for one in found):
        fail(f"It cannot be sent like this; {NOTHING}")


def _told(found: Finding) -> str:
    """The finding, with what mends it in the file where that is not the text itself."""
    if found.language is None:
        return f"{found.severity}: {found.sentence}"
    told = f"{found.severity} ({language_name(found.language, Language.EN)}): {found.sentence}"
    if any(isinstance(deed, SwitchFallback) for deed in found.mends):
        told += f" In the file: “{found.language}:” below “text:”, or “missing: fallback”."
    return told


def _as_it_arrives(announcement: Announcement, language: Language, desk: Desk) -> str:
    """The message as text, with the labels of its buttons."""
    begins = max(desk.now(), announcement.begin_at or desk.now())
    page = message_page(announcement, language, None, desk.voices[language], desk.content, begins)
    if page is None:
        return "(nothing)"
    rows = (" ".join(f"[{button.label}]" for button in row) for row in page.buttons)
    return "\n".join((plain(page.text), *rows))


def _audience(announcement: Announcement) -> str:
    """For whom it is, in words."""
    target = announcement.target
    match announcement.audience:
        case Audience.LANGUAGE:
            names = [language_name(Language(code), Language.EN) for code in target.split("-")]
            return f"who reads {' or '.join(names)}"
        case Audience.COURSE:
            return f"who has opened or follows the course “{target}”"
        case Audience.SESSION:
            return f"who follows the session “{target}”"
        case _:
            return "everybody"


def _when(announcement: Announcement, desk: Desk) -> str:
    """When it begins, in the institute's zone."""
    at = announcement.begin_at
    begins = f"At {at:%Y-%m-%d %H:%M} ({desk.content.zone.key})" if at is not None else "Now"
    return f"{begins}, by day where people are" if announcement.daytime else begins


def _duration(number: int, desk: Desk) -> str:
    return duration(number * desk.pacer.gap, desk.voices[Language.EN])


# Sending it


def _check(settings: Settings, announcement: Announcement, number: int, *, yes: bool) -> None:
    """What keeps it from being sent ends the command."""
    if settings.bot_token is None:
        fail(f"BOT_TOKEN is not set, so {NOTHING}; put the bot's token into .env")
    if not number and announcement.begin_at is None:
        fail(f"Nobody would get it, so {NOTHING}")
    if not yes and not sys.stdin.isatty():
        fail(f"There is no terminal to ask whether to send it, so {NOTHING}; scripts say --yes")


def _confirmed(question: str) -> bool:
    """Ask. Ctrl-C ends the command here, where asyncio would wait for the answer first."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return typer.confirm(question)
    finally:
        signal.signal(signal.SIGINT, before)


async def _go(settings: Settings, announcement: Announcement, file: Attachment | None, desk: Desk) -> int:
    """Have it begin, now or at its time; returns the exit code."""
    if announcement.begin_at is not None:
        draft = await _drafted(announcement, file, desk)
        if not await desk.announcing.control.schedule(draft):
            fail(_changed(draft))
        say(f"Announcement #{draft.id} waits for its time; the running service sends it (python main.py run)")
        return 0
    # Imported here because it costs 25 MB and half a second, and no other command needs it.
    from bot.handlers.outgoing import outgoing
    from bot.handlers.running import TokenError

    try:
        async with outgoing(settings, desk):
            draft = await _drafted(announcement, file, desk)
            if not await desk.announcing.control.begin(draft, CHANNELS, desk.now()):
                fail(_changed(draft))
            return await send(desk, draft.id)
    except TokenError as error:
        fail(str(error))


async def _drafted(announcement: Announcement, file: Attachment | None, desk: Desk) -> Announcement:
    """The announcement in the store."""
    store = desk.announcing.announcements
    number = await store.draft(announcement.kind, announcement.body, None, desk.now())
    await store.change(
        number,
        audience=announcement.audience.value,
        target=announcement.target,
        falls_back=announcement.falls_back,
        begin_at=announcement.begin_at,
        daytime=announcement.daytime,
    )
    if file is not None:
        await store.attach(number, FileOf(file.kind, file.name, None), file.media_type, file.data)
    draft = await store.find(number)
    # Whoever changes it from now on is noticed by its revision: that of a draft that was changed once, or twice.
    return replace(draft or announcement, id=number, revision=2 + (file is not None))


def _changed(draft: Announcement) -> str:
    return f"Somebody has changed announcement #{draft.id} at this moment; it is in the staff chat (/announce)"
