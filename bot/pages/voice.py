"""The bot's own sentences in one language, from the gettext catalogues that translators edit.

Catalogues are compiled in memory: a translator saves a .po file and needs nothing else.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from bot.content import markdown
from bot.content.markdown import Block, Items, Line, Paragraph, Rich, Span
from bot.language import Language
from bot.pages import dates

FOLDERS = {Language.EN: "en", Language.RU: "ru", Language.TG: "tg", Language.ZH: "zh_Hans"}
CATALOGUE = "messages.po"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

# What each language calls itself, and the short name on buttons; the same in every language, so not in catalogues.
NAMES = {Language.EN: "English", Language.RU: "Русский", Language.TG: "Тоҷикӣ", Language.ZH: "中文"}
SHORT_NAMES = {Language.RU: "RU", Language.TG: "TG", Language.EN: "EN", Language.ZH: "中文"}


class CatalogueError(Exception):
    """A catalogue of the bot's sentences cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The bot speaking one language. Sentences are looked up by their English text."""

    language: Language
    catalogue: gettext.NullTranslations

    def say(self, message: str, **values: str) -> str:
        """A sentence without markup."""
        return _put(self.catalogue.gettext(message), values)

    def count(self, one: str, many: str, number: int, **values: str) -> str:
        """A sentence about `number` things, in the right plural form; `{number}` stands for it."""
        text = self.catalogue.ngettext(one, many, number)
        return _put(text, {"number": dates.number(number, self.language), **values})

    def rich(self, message: str, **values: str | Span) -> Rich:
        """A text in light Markdown. Values are put in after the markup is read: nothing in them counts as markup."""
        parsed = markdown.parse(self.catalogue.gettext(message))
        return tuple(_fill(block, values) for block in parsed) if values else parsed


def _put(text: str, values: Mapping[str, str]) -> str:
    """Put values into a text. Not str.format: with that, a catalogue could say `{name:>9999999999}`."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text) if values else text


def _fill(block: Block, values: Mapping[str, str | Span]) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(_fill_line(block.spans, values))
    return Items(tuple(_fill_line(line, values) for line in block.lines), block.first)


def _fill_line(line: Line, values: Mapping[str, str | Span]) -> Line:
    return tuple(part for span in line for part in _fill_span(span, values))


def _fill_span(span: Span, values: Mapping[str, str | Span]) -> Line:
    """Put values into one span in one go: a value is not searched itself, and one that is a span keeps its style."""
    if "{" not in span.text:
        return (span,)
    made, said = [], ""
    for place, part in enumerate(_PLACEHOLDER.split(span.text)):
        value = values.get(part, f"{{{part}}}") if place % 2 else part
        if isinstance(value, Span):
            made += [replace(span, text=said), value]
            said = ""
        else:
            said += value
    return tuple(piece for piece in (*made, replace(span, text=said)) if piece.text)


def load_voices(folder: Path) -> Mapping[Language, Voice]:
    """Read the catalogue of every language. Raises CatalogueError."""
    return {language: Voice(language, _load(folder, language)) for language in Language}


def catalogue_path(folder: Path, language: Language) -> Path:
    """Where a language's catalogue is."""
    return folder / FOLDERS[language] / "LC_MESSAGES" / CATALOGUE


def _load(folder: Path, language: Language) -> gettext.GNUTranslations:
    path = catalogue_path(folder, language)
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=FOLDERS[language], abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: the catalogue cannot be read: {error}; set LOCALES_DIR or mend it") from error
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
