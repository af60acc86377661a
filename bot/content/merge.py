"""Writes phrasings that were learned while running into the content files, of which nothing else changes."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.content.files import content_paths
from bot.content.insertion import Wish, at, obstacle, scalar, with_wishes
from bot.content.learned import Learned, tidy
from bot.content.models import MAX_PHRASING, OutOfScopeFile, TopicFile, kind_of
from bot.content.tree import Path as Place
from bot.content.tree import Tree, parse

OUT_OF_SCOPE = "out-of-scope.yaml"

_NEW_FILE = """\
# yaml-language-server: $schema=.schema/out-of-scope.schema.json
# Questions the bot must NOT answer: it learns from them when to say "I don't know that".
out_of_scope:
  {language}:
    - {phrasing}
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """What is now in the files (or was before), what could not be put in and why, and the files that changed."""

    done: tuple[Learned, ...]
    left: tuple[tuple[Learned, str], ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is now; without text it is to be made. With trouble it is left alone."""

    path: Path
    text: str = ""
    bom: bytes = b""
    data: Tree = ""
    trouble: str = ""


class _RefusedError(Exception):
    """Why a phrasing cannot be put in."""


def merge(folder: Path, learned: Sequence[Learned]) -> Merged:
    """Put each phrasing at the end of its entry's list of that language, or tell why that is not possible."""
    files = _files(folder)
    wishes: dict[Path, dict[Wish, list[Learned]]] = {file.path: {} for file in files}
    left: dict[Learned, str] = {}
    for one in dict.fromkeys(learned):
        try:
            file, wish = _wish(one, files)
            wishes[file.path].setdefault(wish, []).append(one)
        except _RefusedError as reason:
            left[one] = str(reason)
    changed = []
    for file in files:
        text, refused = _written(file, list(wishes[file.path]))
        left.update((one, reason) for wish, reason in refused.items() for one in wishes[file.path][wish])
        if text != file.text:
            changed.append(file.path)
    return Merged(
        done=tuple(one for one in dict.fromkeys(learned) if one not in left),
        left=tuple((one, left[one]) for one in dict.fromkeys(learned) if one in left),
        files=tuple(changed),
    )


def _files(folder: Path) -> list[_File]:
    """What the reader takes for content, of the kinds that have phrasings."""
    files = [_load(path) for path in content_paths(folder) if kind_of(path.name) in (TopicFile, OutOfScopeFile)]
    if not any(file.path.name == OUT_OF_SCOPE for file in files):
        files.append(_File(folder / OUT_OF_SCOPE, data={"out_of_scope": {}}))
    return files


def _load(path: Path) -> _File:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        return _File(path, trouble=f"{path.name} cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return _File(path, trouble=f"{path.name} is not saved as UTF-8")
    document = parse(text, path.name)
    trouble = str(document.problems[0]) if document.problems else ""
    bom = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    return _File(path, text, bom, document.data, trouble)


def _wish(one: Learned, files: Iterable[_File]) -> tuple[_File, Wish]:
    text = tidy(one.text)
    if not text:
        raise _RefusedError("there is nothing in it to be read")
    if len(text) > MAX_PHRASING:
        raise _RefusedError(f"it has {len(text):,} characters; at most {MAX_PHRASING:,} fit")
    file, place = _place(one.entry, files)
    if file.trouble:
        raise _RefusedError(file.trouble)
    languages = at(file.data, place)
    phrasings = languages.get(one.language.value, []) if isinstance(languages, dict) else ""
    if not isinstance(phrasings, list):
        raise _RefusedError(f"{file.path.name} has no list where it belongs; mend that first")
    return file, Wish(place, one.language, text)


def _place(entry: str | None, files: Iterable[_File]) -> tuple[_File, Place]:
    """The file of an entry, and where in it the mapping of its phrasings is."""
    if entry is None:
        return next(file for file in files if file.path.name == OUT_OF_SCOPE), ("out_of_scope",)
    topics = [file for file in files if kind_of(file.path.name) is TopicFile]
    for file in topics:
        entries = at(file.data, ("entries",))
        for number, model in enumerate(entries if isinstance(entries, list) else []):
            if at(model, ("id",)) == entry:
                return file, ("entries", number, "ask")
    broken = [file.trouble for file in topics if file.trouble]
    raise _RefusedError("; ".join((f"no file has the entry “{entry}”", *broken)))


def _written(file: _File, wishes: list[Wish]) -> tuple[str, dict[Wish, str]]:
    """The text of the file as it is afterwards, and why some wishes are not in it."""
    new = [wish for wish in wishes if not _has(file.data, wish)]
    if not new:
        return file.text, {}
    start = file.text or _NEW_FILE.format(language=new[0].language, phrasing=scalar(new[0].text, flow=False))
    text, failed = with_wishes(start, new if file.text else new[1:])
    try:
        if text != file.text:
            _replace(file.path, file.bom + text.encode())
    except OSError as error:
        return file.text, dict.fromkeys(new, f"{file.path.name} cannot be written: {error.strerror}")
    return text, dict.fromkeys(failed, _by_hand(file) if failed else "")


def _by_hand(file: _File) -> str:
    found = obstacle(file.text)
    return f"nothing can be added safely to {file.path.name}{found and f' ({found})'}; do it by hand"


def _has(data: Tree, wish: Wish) -> bool:
    phrasings = at(data, (*wish.place, wish.language.value))
    return isinstance(phrasings, list) and any(isinstance(one, str) and one.strip() == wish.text for one in phrasings)


def _replace(path: Path, payload: bytes) -> None:
    """Write beside and rename, so that a file under its name is a whole one; who may read and write it, stays."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_bytes(payload)
        if target.exists():
            was = target.stat()
            with suppress(PermissionError):
                os.chown(beside, was.st_uid, was.st_gid)
            beside.chmod(stat.S_IMODE(was.st_mode))
        beside.replace(target)
    finally:
        with suppress(OSError):
            beside.unlink()
