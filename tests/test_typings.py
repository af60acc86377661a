"""The ways in which one phrasing is typed: on another keyboard layout, in Latin letters, in pinyin."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import Language
from bot.matching.folds import fold
from bot.matching.typings import layouts, pinyin_of, romanised, sound


@pytest.mark.parametrize(
    ("language", "meant", "typed"),
    [
        (Language.RU, "как продлить", "rfr ghjlkbnm"),
        (Language.TG, "кай меояд", "rfq vtjzl"),
        (Language.EN, "how", "рщц"),
        (Language.EN, "visa", "мшыф"),
    ],
)
def test_the_other_keyboard_layout(language: Language, meant: str, typed: str) -> None:
    assert list(layouts(meant, language)) == [typed]


def test_chinese_has_no_other_layout() -> None:
    assert list(layouts("签证", Language.ZH)) == []


@pytest.mark.parametrize(
    ("meant", "typed"),
    [("Как продлить", "kak prodlit"), ("ҷавоб", "javob"), ("Чӣ тавр", "chi tavr"), ("ещё", "eshchyo")],
)
def test_russian_and_tajik_in_latin_letters(meant: str, typed: str) -> None:
    assert romanised(meant) == typed


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("общежитие", ["obshchezhitie", "obshezhitie", "obwejitie", "obschezhitiye"]),
        ("хобгоҳ", ["khobgoh", "xobgoh", "hobgoh", "khobgokh"]),
        ("қабул", ["qabul", "kabul", "ckabul"]),
        ("ғизо", ["ghizo", "gizo"]),
        ("ҷой", ["joy", "joi", "zhoy", "djoy"]),
        ("цена", ["tsena", "cena", "tzena"]),
        ("шаш", ["shash", "schash"]),
        ("ещё", ["eshchyo", "esche", "ewe"]),
    ],
)
def test_spellings_that_vary_freely_sound_the_same(word: str, spellings: list[str]) -> None:
    assert {sound(fold(spelling)) for spelling in spellings} == {sound(fold(romanised(word)))}


@pytest.mark.parametrize(("one", "other"), [("виза", "вода"), ("кай", "чӣ"), ("стипендия", "столовая")])
def test_other_words_do_not_sound_the_same(one: str, other: str) -> None:
    assert sound(fold(romanised(one))) != sound(fold(romanised(other)))


@pytest.mark.parametrize(
    ("meant", "typed"), [("学费", "xue fei"), ("签证", "qian zheng"), ("X1和X2", "x1 he x2"), ("你好！", "ni hao")]
)
def test_chinese_in_pinyin(meant: str, typed: str) -> None:
    assert pinyin_of(meant) == typed


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_typed_in_every_way(text: str) -> None:
    for language in Language:
        assert all(isinstance(fold(typed), str) for typed in layouts(text.casefold(), language))
    assert set(sound(fold(romanised(text)))) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert fold(pinyin_of(text)) == pinyin_of(text)
