"""The ways in which one phrasing is typed: on another keyboard layout, in Latin letters, in pinyin."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching.folds import fold
from bot.matching.typings import other_layout, pinyin_of, romanised, sound
from tests.typed import on_the_other_layout


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rfr ghjlkbnm", "как продлить"),
        ("RFR", "как"),
        ("rfq vtjzl", "кай меояд"),
        ("j,otcndj", "общество"),
        ("'nj ;", "это ж"),
        ("<S", "бы"),
        ("рщц", "how"),
        ("мшыф", "visa"),
    ],
)
def test_the_other_keyboard_layout_is_turned_back(typed: str, meant: str) -> None:
    assert other_layout(typed) == meant


@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя ", min_size=1))
def test_whatever_russian_is_typed_on_the_latin_layout_comes_back(meant: str) -> None:
    assert fold(other_layout(on_the_other_layout(meant))) == fold(meant)


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
    assert isinstance(fold(other_layout(text)), str)
    assert set(sound(fold(romanised(text)))) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert fold(pinyin_of(text)) == pinyin_of(text)
