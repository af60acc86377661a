"""Commands for the administrator: the figures, and what staff taught."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.door import cli, count, fail, say, settings_or_fail
from bot.content.merge import merge
from bot.content.reader import read
from bot.content.values import Content
from bot.desk.reports import Reports
from bot.language import Language
from bot.pages.figures import figures_page
from bot.pages.markup import plain
from bot.pages.voice import CatalogueError, load_voices
from bot.pictures.draw import PictureError
from bot.store.database import Database, StoreError
from bot.store.lessons import Lesson, Lessons

LanguageOption = Annotated[str, typer.Option("--language", help="ru, tg, en or zh.")]


@cli.command()
def stats(
    days: Annotated[int, typer.Option(min=1, max=366, help="Of how many days, today among them.")] = 30,
    language: LanguageOption = "en",
    picture: Annotated[Path | None, typer.Option(help="Write the picture (PNG) to this file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the questions, without names, to this file.")] = None,
) -> None:
    """Tell the figures: people, questions, answers, votes, what is asked and missed most."""
    spoken = Language.from_code(language)
    if spoken is None:
        fail(f"“{language}” is not a language of the bot; use ru, tg, en or zh.")
    try:
        text, drawn, table = asyncio.run(_stats(days, spoken, draw=picture is not None))
        say(text)
        for path, data in ((picture, drawn), (csv, table)):
            if path is not None:
                path.write_bytes(data)
                say(str(path))
    except (StoreError, CatalogueError, PictureError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename} cannot be written: {error.strerror}")


async def _stats(days: int, language: Language, *, draw: bool) -> tuple[str, bytes, bytes]:
    """The figures as text, as a picture if that is wanted, and the questions as a table."""
    content, voice = _content(), load_voices(settings_or_fail().locales_dir)[language]
    async with _database() as database:
        reports = Reports(database, lambda: content, lambda: datetime.now(UTC))
        counted, misses = await reports.count(days)
        text = plain(figures_page(counted, misses, days, voice, content).text)
        drawn = await reports.picture(days, voice) if draw else b""
        return text, drawn, (await reports.table(days)).data


@cli.command()
def learned(
    write: Annotated[bool, typer.Option("--write", help="Write them into the content files.")] = False,
) -> None:
    """Tell what staff taught and is not in the content files yet; with --write, put it there."""
    try:
        asyncio.run(_learned(write=write))
    except StoreError as error:
        fail(str(error))


async def _learned(*, write: bool) -> None:
    async with _database() as database:
        lessons = Lessons(database)
        active = await lessons.active()
        if not active:
            say("Nothing is taught that is not in the files already.")
        elif write:
            await _merge(lessons, active)
        else:
            for lesson in active:
                say(_line(lesson))
            say(f"{count(len(active), 'phrasing', 'phrasings')}; --write puts them into the content files")


def _line(lesson: Lesson) -> str:
    learned = lesson.learned
    who = f"{lesson.by or '?'} {lesson.at:%Y-%m-%d}"
    return f"{learned.entry or 'out of scope'}  {learned.language}  “{learned.text}”  {who}"


async def _merge(lessons: Lessons, active: list[Lesson]) -> None:
    merged = merge(settings_or_fail().faq_dir, [lesson.learned for lesson in active])
    done = set(merged.done)
    await lessons.merged([lesson.id for lesson in active if lesson.learned in done], datetime.now(UTC))
    for path in merged.files:
        say(str(path))
    for one, why in merged.left:
        say(f"“{one.text}” is left: {why}", "yellow")
    say(f"{count(len(done), 'phrasing is', 'phrasings are')} in the files now")
    if merged.left:
        raise typer.Exit(1)


def _content() -> Content:
    reading = read(settings_or_fail().faq_dir)
    if reading.content is None:
        fail("The content has errors:\n" + "\n".join(map(str, reading.errors)))
    return reading.content


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    database = Database(settings_or_fail().database)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
