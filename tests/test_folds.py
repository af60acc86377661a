"""Folding: each fold alone with its examples, then all of them in a row over any text there is."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.values import Content
from bot.language import Language
from bot.matching.folds import (
    FOLDS,
    MAX_CHARACTERS,
    Fold,
    calm,
    compose,
    drop_invisible,
    drop_tags,
    fold,
    join,
    lower,
    once,
    plain_letters,
    shorten,
    simplify,
    unmix,
    whole,
    words_only,
)

EXAMPLES: dict[Fold, tuple[tuple[str, str], ...]] = {
    shorten: (("виза?", "виза?"), ("в" * 10_000, "в" * 500)),
    whole: (("виза\ud83d", "виза"), ("виза👋", "виза👋")),
    compose: (("и\u0304", "ӣ"), ("ＶＩＳＡ", "VISA")),
    drop_invisible: (("ви\u200bза", "виза"), ("\u200fvisa\ufe0f", "visa")),
    join: (("don't", "dont"), ("за\u0301мок", "замок")),
    drop_tags: (("<b>visa</b>", " visa "), ("a < b", "a < b")),
    lower: (("ВИЗА", "виза"), ("Straße", "strasse")),
    simplify: (("簽證", "签证"), ("軟體", "软件")),
    unmix: (("вuзa", "вuза"), ("visa", "visa")),
    plain_letters: (("ҷӣ ҳуҷҷат", "чи хуччат"), ("ещё", "еще")),
    calm: (("soooo", "soo"), ("1000", "1000")),
    once: (("visa visa visa", "visa"), ("visas visa", "visas visa")),
    words_only: (("Виза?!  24/7", "Виза 24 7"), ("👋", "")),
}

# Where letters, marks, scripts and markup meet.
ALPHABET = st.one_of(
    st.characters(),
    st.characters(categories=["Cs"]),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.sampled_from("визаҷӣӯёЁұөhx'’`_<>/\u0301\u0306\u0304\u0345\u200b\u202eﷺ裡著签aaa"),
)
TEXT = st.text(ALPHABET, max_size=40)


@pytest.mark.parametrize(
    ("one", "before", "after"),
    [(one, before, after) for one, pairs in EXAMPLES.items() for before, after in pairs],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_fold_does_what_its_examples_say(one: Fold, before: str, after: str) -> None:
    assert one(before) == after


def test_each_fold_has_two_examples_here_and_in_its_own_words() -> None:
    for one in FOLDS:
        assert len(EXAMPLES[one]) == 2
        assert (one.__doc__ or "").count("→") == 2, one.__name__


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Чӣ тавр ҳуҷҷат гирам?", "чи тавр хуччат гирам"),  # Tajik letters on a Russian keyboard
        ("чi тавр", "чи тавр"),  # a Ukrainian or Latin i, as some keyboards have it
        ("РAСПИСAНИЕ", "расписание"),  # Latin A in a Russian word
        ("Ещё раз!!!", "еще раз"),
        ("виииизаааа", "виизаа"),
        ("怎麼延長簽證？", "怎么延长签证"),
        ("ＷｉＦｉ　密码", "wifi 密码"),
        ("<b>Виза</b> &", "виза"),
        ("I don’t know", "i dont know"),
        ("  ", ""),
        ("🤷‍♀️?!", ""),
    ],
)
def test_what_people_mean_to_be_the_same_is_the_same(typed: str, meant: str) -> None:
    assert fold(typed) == fold(meant) == meant


def test_tajik_in_single_pieces_is_the_same_as_composed(content: Content) -> None:
    """Some phones send letter and macron one after the other."""
    for entry in content.entries.values():
        for phrasing in entry.ask[Language.TG]:
            assert fold(unicodedata.normalize("NFD", phrasing)) == fold(phrasing)


@given(TEXT)
@settings(max_examples=400, deadline=None)
def test_any_text_folds_and_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded


@given(TEXT)
@settings(max_examples=200, deadline=None)
def test_what_is_left_are_words_and_single_spaces(text: str) -> None:
    folded = fold(text)
    assert len(folded) <= MAX_CHARACTERS
    assert folded == " ".join(folded.split())
    assert all(letter.isalnum() or letter == " " for letter in folded)
    assert not set(folded) & set(string.ascii_uppercase)


@given(st.text(st.sampled_from("\ufdfaß\u0390\u1f80㍿"), min_size=400, max_size=500))
@settings(max_examples=20, deadline=None)
def test_signs_that_become_many_letters_make_no_long_text(text: str) -> None:
    assert len(fold(text)) <= MAX_CHARACTERS


def test_only_the_first_500_characters_count() -> None:
    assert fold("виза " * 100 + "общежитие") == fold("виза " * 100)
