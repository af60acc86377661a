"""Whoever asks in the very words of an entry gets that entry, in whatever way these words are typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

import pytest
from opencc import OpenCC

from bot.content.values import Content
from bot.language import Language
from bot.matching.decide import Answer, Choice, decide
from bot.matching.folds import plain_letters
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking
from bot.matching.typings import pinyin_of, romanised
from tests.typed import on_the_other_layout

TRADITIONAL = OpenCC("s2twp")

# Some Tajik phrasings are Russian but for a word, as people do talk; nobody can tell them from Russian.
RUSSIAN_IN_TAJIK = {"отзыв, жалоба, таклиф", "тартиботи общежитие", "спасибо"}
# A number and "3q" are in no language: the reply is in the person's own.
IN_NO_LANGUAGE = {"886", "3q"}


def phrasings(content: Content) -> Iterator[tuple[str, Language, str]]:
    for entry in content.entries.values():
        for language, texts in entry.ask.items():
            for text in texts:
                yield entry.id, language, text


def first(matcher: Matcher, text: str) -> str | None:
    matches = matcher.rank(text, limit=1).matches
    return matches[0].entry.id if matches else None


@pytest.fixture(scope="module")
def asked(matcher: Matcher, content: Content) -> list[tuple[str, Language, Ranking]]:
    """Every phrasing there is, asked once: its entry, its language and what came of it."""
    return [(entry, language, matcher.rank(text)) for entry, language, text in phrasings(content)]


def test_each_phrasing_finds_its_own_entry_first(asked: list[tuple[str, Language, Ranking]]) -> None:
    lost = [(entry, ranking.text) for entry, _, ranking in asked if ranking.matches[0].entry.id != entry]
    assert lost == []


def test_no_phrasing_gets_the_answer_of_another_entry(asked: list[tuple[str, Language, Ranking]]) -> None:
    for entry, language, ranking in asked:
        reply = decide(ranking, language)
        assert isinstance(reply, Answer | Choice), ranking.text
        assert isinstance(reply, Choice) or reply.match.entry.id == entry


def test_a_phrasing_is_answered_in_its_language_whatever_the_person_has_chosen(
    asked: list[tuple[str, Language, Ranking]],
) -> None:
    wrong = [
        ranking.text
        for _, language, ranking in asked
        if ranking.text not in RUSSIAN_IN_TAJIK | IN_NO_LANGUAGE
        and not {decide(ranking, person).language for person in Language if not shared(ranking, person)} <= {language}
    ]
    assert wrong == []


def shared(ranking: Ranking, person: Language) -> bool:
    """Whether the person's own language asks for the entry in these very words, too."""
    return ranking.matches[0].said_in(person, ranking.folded)


def test_a_word_of_two_languages_is_answered_in_the_persons_own(matcher: Matcher) -> None:
    for person in (Language.RU, Language.TG):
        assert decide(matcher.rank("дедлайн"), person).language is person


def test_a_number_is_answered_in_the_persons_language(matcher: Matcher) -> None:
    for person in Language:
        assert decide(matcher.rank("886"), person).language is person


def with_the_wrong_layout(text: str, _: Language) -> str:
    return on_the_other_layout(text)


def in_latin_letters(text: str, _: Language) -> str:
    return romanised(text)


def in_the_latin_letters_of_chats(text: str, _: Language) -> str:
    return romanised(text).replace("sh", "w").replace("kh", "x").replace("q", "k").replace("zh", "j").replace("yo", "e")


def without_tajik_letters(text: str, _: Language) -> str:
    return plain_letters(text.casefold())


def in_single_pieces(text: str, _: Language) -> str:
    return unicodedata.normalize("NFD", text)


def in_capitals(text: str, _: Language) -> str:
    return text.upper()


def without_signs(text: str, _: Language) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter == " ")


def in_pinyin(text: str, _: Language) -> str:
    return pinyin_of(text)


def in_joined_pinyin(text: str, _: Language) -> str:
    return pinyin_of(text).replace(" ", "")


def in_traditional_characters(text: str, _: Language) -> str:
    return str(TRADITIONAL.convert(text))


WAYS: list[tuple[Language, Callable[[str, Language], str], float]] = [
    (Language.EN, with_the_wrong_layout, 1.0),
    (Language.RU, with_the_wrong_layout, 1.0),
    (Language.TG, with_the_wrong_layout, 1.0),
    (Language.RU, in_latin_letters, 0.98),
    (Language.TG, in_latin_letters, 0.98),
    (Language.RU, in_the_latin_letters_of_chats, 0.95),
    (Language.TG, in_the_latin_letters_of_chats, 0.95),
    (Language.TG, without_tajik_letters, 1.0),
    (Language.RU, in_single_pieces, 1.0),
    (Language.TG, in_single_pieces, 1.0),
    (Language.EN, in_capitals, 1.0),
    (Language.RU, in_capitals, 1.0),
    (Language.TG, in_capitals, 1.0),
    (Language.EN, without_signs, 1.0),
    (Language.ZH, without_signs, 1.0),
    (Language.ZH, in_pinyin, 0.95),
    (Language.ZH, in_joined_pinyin, 0.95),
    (Language.ZH, in_traditional_characters, 0.98),
]


@pytest.mark.parametrize(("language", "way", "share"), WAYS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_an_entry_is_found_by_its_title_in_every_way_of_typing(
    matcher: Matcher, content: Content, language: Language, way: Callable[[str, Language], str], share: float
) -> None:
    titles = [(entry.id, way(entry.title(language), language)) for entry in content.entries.values()]
    lost = [(entry, typed) for entry, typed in titles if first(matcher, typed) != entry]
    assert len(lost) <= (1 - share) * len(titles), lost
