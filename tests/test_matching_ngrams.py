"""The arithmetic of the n-gram index: what is done a quicker way comes to the same as done the plain way."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.arrays import Hashes
from bot.matching.folds import _SIGN, fold
from bot.matching.ngrams import Grams, NgramIndex, _hashes, grams
from bot.matching.plain import _counted, _ranges, _shared, _widened

WORDS = st.sampled_from("visa виза раводид 签证 签证x1 a 签 x1签证延期b".split())
TEXTS = st.lists(st.lists(WORDS | st.text(max_size=5), max_size=6).map(" ".join).map(fold), max_size=4)
NUMBERS = st.lists(st.integers(0, 20), max_size=60).map(lambda found: np.array(found, np.int32))


def hashes_of(text: str) -> Hashes:
    return np.frombuffer(_hashes(text), np.uint64)


@given(TEXTS)
def test_the_ngrams_of_a_text_alone_are_those_it_has_among_others(texts: list[str]) -> None:
    found = grams(texts)
    for owner, text in enumerate(texts):
        assert sorted(hashes_of(text)) == sorted(found.hashes[found.owners == owner])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),  # " a "
        ("visa", 9),  # " vi", "vis", "isa", "sa ", " vis", "visa", "isa ", " visa", "visa "
        ("签", 1),
        ("签证", 3),  # both, and the two together
        ("签 证", 2),
        ("x1签证", 6),  # " x1", "x1 ", " x1 ", and Chinese as before
    ],
)
def test_alphabets_have_runs_of_three_to_five_and_chinese_of_one_to_three(text: str, count: int) -> None:
    assert len(np.unique(hashes_of(text))) == len(hashes_of(text)) == count


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 3), min_size=1, max_size=40))
def test_what_is_counted_is_what_numpy_counts(found: list[int]) -> None:
    hashes = np.array(found, np.uint64)
    for left, right in zip(_counted(hashes), np.unique(hashes, return_counts=True), strict=True):
        np.testing.assert_array_equal(left, right)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=20))
def test_ranges_come_one_after_the_other(found: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in found], np.int32)
    lengths = np.array([length for _, length in found], np.int32)
    numbers, counted = _ranges(starts, starts + lengths)
    assert numbers.tolist() == [start + step for start, length in found for step in range(length)]
    assert counted.tolist() == lengths.tolist()


@given(NUMBERS)
def test_only_what_is_there_more_than_once_is_shared(columns: np.ndarray[tuple[int], np.dtype[np.int32]]) -> None:
    chosen, numbers = _shared(columns)
    again = [place for place, column in enumerate(columns) if (columns == column).sum() > 1]
    assert chosen.tolist() == again
    # As many numbers as columns, from 0 on, and the same number where the same column is.
    assert sorted(set(numbers.tolist())) == list(range(len(set(columns[chosen].tolist()))))
    assert len(set(zip(columns[chosen].tolist(), numbers.tolist(), strict=True))) == len(set(numbers.tolist()))


def test_every_16_bit_number_from_zero_up_is_widened_as_numpy_widens_it() -> None:
    numbers = np.arange(0x7C00, dtype=np.uint16).view(np.float16)
    np.testing.assert_array_equal(_widened(numbers), numbers.astype(np.float32))


def test_an_index_of_so_many_documents_that_their_numbers_need_more_room_scores_alike() -> None:
    found = grams(["how do i extend my visa", "где столовая", "签证延期"])
    last = Grams(found.owners + 69_997, found.hashes)
    few, many = NgramIndex(found, 3, 70_000), NgramIndex(last, 70_000, 70_000)
    for question in ("extend a visa", "столовая", "签证", "qwerty", ""):
        np.testing.assert_array_equal(many.scores(question)[-3:], few.scores(question))
        assert not many.scores(question)[:-3].any()


def test_no_mark_that_is_put_on_a_letter_is_a_letter_or_a_blank() -> None:
    marks = [sign for sign in map(chr, range(0x110000)) if unicodedata.combining(sign)]
    assert len(marks) > 800
    assert all(map(_SIGN.match, marks))
