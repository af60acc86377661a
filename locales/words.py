"""`make words`: collects every sentence of the bot into the four catalogues; translations already there are kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).parent
KEYWORDS = {"say": None, "rich": None, "count": (1, 2)}


def collect() -> Catalog:
    """All sentences of bot/pages, the only room that has any, in the order of the files."""
    found = Catalog(project="Rohnamo", charset="utf-8")
    rows = extract_from_dir(
        LOCALES.parent / "bot" / "pages", [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for file, _, message, comments, _ in sorted(rows, key=lambda row: row[:2]):
        found.add(message, None, [(f"bot/pages/{file}", 1)], auto_comments=comments)
    return found


def update(folder: Path, found: Catalog) -> int:
    """Bring the catalogue of one language up to date; returns how many sentences it still lacks."""
    path = folder / "LC_MESSAGES" / "messages.po"
    before = path.read_text(encoding="utf-8")
    catalogue = read_po(io.StringIO(before), locale=folder.name)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for message in catalogue:
        # The sentences in the code are English already.
        if folder.name == "en" and message.id and not all(_parts(message.string)):
            message.string = message.id
    written = io.BytesIO()
    write_po(written, catalogue, width=110, include_lineno=False, omit_header=True)
    # Babel would add dates and empty addresses to the header, and every run would change every file.
    header = before.split("\n\n", 1)[0].rstrip()
    path.write_text(f"{header}\n\n{written.getvalue().decode().strip()}\n", encoding="utf-8")
    return len([message for message in catalogue if message.id and not all(_parts(message.string))])


def _parts(string: str | Sequence[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


if __name__ == "__main__":
    for language in ("ru", "tg", "en", "zh_Hans"):
        print(f"{language}: {update(LOCALES / language, collect())} sentences without a translation")
