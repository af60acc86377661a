"""The forms in which phrasings, answers and questions out of scope are indexed: folded, and as people type them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.content.values import Content, Entry
from bot.language import Language
from bot.matching.channel import Typed
from bot.matching.everyday import Everyday
from bot.matching.folds import fold
from bot.matching.typings import pinyin_of, romanised, sound

_CYRILLIC = (Language.RU, Language.TG)


def written(entries: Sequence[Entry], everyday: Everyday) -> Iterator[Typed]:
    """Phrasings as they are written, with what their everyday words stand for."""
    for number, name, language, phrasing in _phrasings(entries):
        yield Typed(everyday.add(fold(phrasing)), number, name, phrasing, language, "written")


def in_latin_letters(entries: Sequence[Entry]) -> Iterator[Typed]:
    """Russian and Tajik phrasings as they sound in Latin letters."""
    for number, name, language, phrasing in _phrasings(entries):
        if language in _CYRILLIC:
            yield Typed(_sound_of(phrasing), number, name, phrasing, language, "Latin letters")


def in_pinyin(entries: Sequence[Entry]) -> Iterator[Typed]:
    """Chinese phrasings as pinyin without spaces."""
    for number, name, language, phrasing in _phrasings(entries):
        if language is Language.ZH:
            yield Typed(_joined_pinyin(phrasing), number, name, phrasing, language, "pinyin")


def answers(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """The number of each entry, and its answer, in every language."""
    return ((number, fold_long(text)) for number, _, text in _answers(entries))


def answers_in_latin_letters(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """The same for Russian and Tajik, as they sound in Latin letters."""
    for number, language, text in _answers(entries):
        if language in _CYRILLIC:
            yield number, sound(fold_long(romanised(text)))


def answers_in_pinyin(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """The same for Chinese, as pinyin without spaces."""
    return ((number, _joined_pinyin(text)) for number, language, text in _answers(entries) if language is Language.ZH)


def outside_written(content: Content, everyday: Everyday) -> Iterator[str]:
    """Questions out of scope as they are written."""
    for questions in content.out_of_scope.values():
        yield from (everyday.add(fold(question)) for question in questions)


def outside_in_latin_letters(content: Content) -> Iterator[str]:
    """Russian and Tajik questions out of scope as they sound in Latin letters."""
    for language in _CYRILLIC:
        yield from (_sound_of(question) for question in content.out_of_scope.get(language, ()))


def outside_in_pinyin(content: Content) -> Iterator[str]:
    """Chinese questions out of scope as pinyin without spaces."""
    return (_joined_pinyin(question) for question in content.out_of_scope.get(Language.ZH, ()))


def fold_long(text: str) -> str:
    """Fold a text of any length; `fold` itself reads only as much as a message may have."""
    return " ".join(fold(line) for line in text.splitlines() if line.strip())


def _answers(entries: Sequence[Entry]) -> Iterator[tuple[int, Language, str]]:
    for number, entry in enumerate(entries):
        for language, text in entry.answer.versions.items():
            yield number, language, text


def _phrasings(entries: Sequence[Entry]) -> Iterator[tuple[int, str, Language, str]]:
    for number, entry in enumerate(entries):
        for language, phrasings in entry.ask.items():
            for phrasing in phrasings:
                yield number, entry.id, language, phrasing


def _sound_of(text: str) -> str:
    return sound(fold(romanised(text)))


def _joined_pinyin(text: str) -> str:
    return pinyin_of(text).replace(" ", "")
