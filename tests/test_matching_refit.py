"""Neighbours weighed together: the arithmetic against plain numpy, and what it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.values import Content
from bot.language import Language
from bot.matching import forms
from bot.matching.arrays import Numbers, Vector
from bot.matching.channel import PARTS, Channel, Evidence, Typed
from bot.matching.folds import fold
from bot.matching.matcher import Matcher
from bot.matching.ngrams import Grams, NgramIndex, grams
from bot.matching.refit import RIDGE, refit

REFIT = PARTS.index("refit")
# Weights of n-grams are kept as 16-bit numbers.
HALF = 2e-3

Kernel = Callable[[Numbers], Vector]


def cosines(vectors: Vector) -> Kernel:
    def kernel(documents: Numbers) -> Vector:
        return np.asarray(vectors[documents] @ vectors[documents].T, np.float32)

    return kernel


def plain_ridge(vectors: Vector, question: Vector, classes: Numbers, size: int) -> Vector:
    """Kernel ridge regression as a textbook has it: one target a class, solved over all documents."""
    targets = np.eye(size)[classes]
    duals = np.linalg.solve(vectors @ vectors.T + RIDGE * np.eye(len(vectors)), targets)
    return np.asarray(vectors @ question @ duals, np.float32)


def directions(count: int, seed: int) -> Vector:
    """Unit vectors, no two of which are at a right angle or more."""
    found = np.random.default_rng(seed).uniform(0.2, 1, (count, 8))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_over_all_documents_it_is_plain_kernel_ridge_regression(count: int, size: int, seed: int) -> None:
    *documents, question = directions(count + 1, seed)
    vectors = np.array(documents)
    classes = np.random.default_rng(seed).integers(0, size, count)
    found = refit(vectors @ question, classes, size, neighbours=count, kernel=cosines(vectors))
    np.testing.assert_allclose(found, plain_ridge(vectors, question, classes, size), atol=1e-4)


@given(st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_with_fewer_neighbours_it_is_the_same_over_the_nearest(neighbours: int, seed: int) -> None:
    *documents, question = directions(21, seed)
    vectors, classes = np.array(documents), np.arange(20) % 3
    likeness = vectors @ question
    near = np.argsort(-likeness)[:neighbours]
    found = refit(likeness, classes, 3, neighbours, cosines(vectors))
    np.testing.assert_allclose(found, plain_ridge(vectors[near], question, classes[near], 3), atol=1e-4)


def test_a_document_of_less_than_a_tenth_of_the_best_likeness_is_no_neighbour() -> None:
    vectors = np.array([[1, 0], [0.09, 0.996]], np.float32)
    likeness = vectors @ np.array([1, 0], np.float32)
    found = refit(likeness, np.array([0, 1]), 2, 10, cosines(vectors))
    np.testing.assert_allclose(found, [1 / (1 + RIDGE), 0], atol=1e-6)


@pytest.mark.parametrize("likeness", [[], [0, 0], [-0.5, -0.1]])
def test_what_is_like_nothing_tells_nothing(likeness: list[float]) -> None:
    classes = np.zeros(len(likeness), np.int64)
    found = refit(np.array(likeness, np.float32), classes, 3, 10, cosines(np.eye(2, dtype=np.float32)))
    assert found.tolist() == [0, 0, 0]


@pytest.fixture(scope="module")
def small(content: Content) -> Content:
    """The first topic, and all questions out of scope."""
    return replace(content, topics=content.topics[:1])


@pytest.fixture(scope="module")
def channel(small: Content) -> Channel:
    return Matcher(small).written


def test_likeness_of_documents_is_what_each_of_them_scores_as_a_question(channel: Channel) -> None:
    texts = [*(form.text for form in channel.forms), *channel.outside]
    documents = np.arange(0, len(texts), 29)
    likeness = channel._index.likeness(documents)
    scores = np.array([channel._index.scores(texts[number])[documents] for number in documents.tolist()])
    np.testing.assert_allclose(likeness, scores, atol=HALF)
    np.testing.assert_array_equal(likeness, likeness.T)
    np.testing.assert_array_equal(np.diag(likeness), 1)
    assert 0.1 < likeness[~np.eye(len(likeness), dtype=bool)].max() < 1  # some are alike, none the same


def test_likeness_keeps_to_the_order_in_which_it_was_asked(channel: Channel) -> None:
    documents = np.array([40, 3, 17])
    likeness = channel._index.likeness(documents)
    backwards = np.array([17, 3, 40])
    np.testing.assert_array_equal(channel._index.likeness(backwards), likeness[::-1, ::-1])


def test_texts_taken_together_score_like_one_document_that_has_them_all() -> None:
    texts = ["how do i extend my visa", "visa extension", "где столовая", "签证延期"]
    single = grams(texts)
    both = grams(texts[:2])
    together = Grams(
        np.concatenate((single.owners, np.full(len(both.owners), 4))), np.concatenate((single.hashes, both.hashes))
    )
    index = NgramIndex(together, 5, weigh_by=4)
    for question in ("extend a visa", "visa visa", "столовая", "签证", "qwerty"):
        assert index.score_of(texts[:2], question) == pytest.approx(index.scores(question)[4], abs=HALF)
        assert index.score_of(texts[2:3], question) == pytest.approx(index.scores(question)[2], abs=HALF)
    assert index.score_of(texts[:2], "extend a visa") > 0.3
    assert index.score_of([], "visa") == index.score_of(texts, "") == 0


def typed(*texts: str, entry: int = 0) -> list[Typed]:
    return [Typed(text, entry, f"entry-{entry}", text, Language.EN, "written") for text in texts]


def told(question: str, phrasings: list[Typed], outside: tuple[str, ...] = ()) -> Evidence:
    channel = Channel(phrasings, outside, 1 + max(form.entry for form in phrasings))
    return channel.refit(channel.compare(question))


def test_what_is_said_ten_times_counts_as_if_said_once() -> None:
    once = told("extend my visa", [*typed("extend the visa"), *typed("where is my room", entry=1)])
    often = told("extend my visa", [*typed(*["extend the visa"] * 10), *typed("where is my room", entry=1)])
    assert float(once.parts[0, REFIT]) > 0.2
    assert float(often.parts[0, REFIT]) < 1.6 * float(once.parts[0, REFIT])  # and not ten times as much


def test_two_phrasings_that_say_different_things_of_the_question_tell_more_than_one_said_twice() -> None:
    question = "price of the dormitory"
    two = told(question, typed("price of tickets", "the dormitory is cold"))
    same = told(question, typed("price of tickets", "price of tickets"))
    assert float(two.parts[0, REFIT]) > 1.3 * float(same.parts[0, REFIT])


def test_a_near_question_out_of_scope_speaks_against_the_phrasings_that_look_like_it() -> None:
    question, phrasings = "a visa for America", typed("a visa for China")
    alone, marked = told(question, phrasings), told(question, phrasings, ("how to get a visa for America",))
    assert alone.refit_outside == 0
    assert marked.refit_outside > float(marked.parts[0, REFIT])
    assert float(marked.parts[0, REFIT]) < 0.8 * float(alone.parts[0, REFIT])


def test_a_question_out_of_scope_about_something_else_takes_nothing_away() -> None:
    question, phrasings = "a visa for America", typed("a visa for China")
    alone, marked = told(question, phrasings), told(question, phrasings, ("who won the football",))
    assert float(marked.parts[0, REFIT]) == pytest.approx(float(alone.parts[0, REFIT]), abs=0.05)
    assert marked.refit_outside < 0.1


def test_no_entry_is_near_because_of_a_question_out_of_scope() -> None:
    phrasings = [*typed("visa extension"), *typed("lost passport", entry=1)]
    evidence = Channel(phrasings, ("football match",), 2).compare("football match")
    assert evidence.outside.tolist() == pytest.approx([1], abs=HALF)
    assert evidence.near.tolist() == pytest.approx([0, 0], abs=0.1)


def without(channel: Channel, small: Content, form: int) -> Channel:
    """The channel of content in which this phrasing does not stand."""
    rest = [*channel.forms[:form], *channel.forms[form + 1 :]]
    answers = tuple(forms.answers(tuple(small.entries.values())))
    return Channel(rest, channel.outside, len(small.entries), answers)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.99])
def test_leaving_a_phrasing_out_is_as_if_it_had_never_been_written(
    channel: Channel, small: Content, share: float
) -> None:
    form = int(share * len(channel.forms))
    text = channel.forms[form].text
    left_out = channel.refit(channel.compare(text, without=form))
    other = without(channel, small, form)
    never_there = other.refit(other.compare(text))
    # One phrasing of hundreds hardly changes how rare an n-gram is; how rare a word is, is counted over a few entries.
    tolerances = np.array([0.02, 0.15, 0.02, 0.05])
    assert (np.abs(left_out.parts - never_there.parts).max(axis=0) < tolerances).all()
    np.testing.assert_allclose(left_out.near, never_there.near, atol=0.02)
    np.testing.assert_allclose(left_out.outside, never_there.outside, atol=0.02)
    np.testing.assert_allclose(np.delete(left_out.documents, form), never_there.documents, atol=0.02)
    assert left_out.documents[form] == 0
    # With it, its entry would be far ahead.
    entry = channel.forms[form].entry
    assert float(channel.compare(text).near[entry]) > 0.99
    assert float(left_out.near[entry]) < 0.9


def test_what_leaves_a_phrasing_out_changes_nothing_for_the_next_question(channel: Channel) -> None:
    text = channel.forms[5].text
    before = channel.compare(text)
    channel.compare(text, without=5)
    after = channel.compare(text)
    np.testing.assert_array_equal(before.parts, after.parts)
    np.testing.assert_array_equal(before.documents, after.documents)


def test_an_entry_of_a_single_phrasing_has_none_without_it() -> None:
    channel = Channel([*typed("visa extension"), *typed("lost passport", "stolen passport", entry=1)], (), 2)
    alone = channel.refit(channel.compare("visa extension", without=0))
    assert alone.near[0] == 0
    assert alone.parts[0].tolist() == [0, 0, 0, 0]
    twin = channel.compare("lost passport", without=1)
    assert 0.2 < float(twin.near[1]) < 0.9


def test_a_phrasing_that_stands_there_twice_is_still_there_once_when_left_out() -> None:
    channel = Channel([*typed("visa extension", "visa extension"), *typed("lost passport", entry=1)], (), 2)
    assert float(channel.compare("visa extension", without=0).near[0]) == pytest.approx(1, abs=HALF)
    assert float(channel.compare("visa extension", without=0).parts[0, PARTS.index("coverage")]) == pytest.approx(1)


WORDS = st.sampled_from("visa extend как продлить визу раводид 签证 延期 dorm x1 qwerty zzzz".split())
QUESTIONS = st.text(max_size=40) | st.lists(WORDS | st.text(max_size=5), max_size=12).map(" ".join)


@given(QUESTIONS, st.integers(0))
def test_whatever_is_asked_has_evidence_of_finite_numbers(channel: Channel, text: str, number: int) -> None:
    """And so it is with whichever phrasing left out."""
    form = number % len(channel.forms)
    entries = int(channel.forms[-1].entry) + 1
    for left_out in (None, form):
        evidence = channel.refit(channel.compare(fold(text), without=left_out))
        assert evidence.parts.shape == (entries, len(PARTS))
        assert evidence.near.shape == (entries,)
        assert evidence.outside.shape == (len(channel.outside),)
        assert evidence.documents.shape == (len(channel.forms) + len(channel.outside),)
        for values in (evidence.parts[:, :REFIT], evidence.near, evidence.documents):
            assert ((values >= 0) & (values <= 1 + HALF)).all()
        assert np.isfinite(evidence.parts).all()
        assert np.abs(evidence.parts[:, REFIT]).max() < 2
        assert np.isfinite(evidence.refit_outside)


@given(st.lists(st.text(max_size=12).map(fold), min_size=1, max_size=5), st.text(max_size=12).map(fold))
def test_an_index_of_any_phrasings_can_be_asked_anything(texts: list[str], question: str) -> None:
    phrasings = [form for entry, text in enumerate(texts) for form in typed(text, entry=entry)]
    channel = Channel(phrasings, texts[:2], len(texts), ((0, texts[0]),))
    evidence = channel.refit(channel.compare(question, without=0))
    assert np.isfinite(evidence.parts).all()
    likeness = channel._index.likeness(np.arange(len(texts)))
    assert likeness.shape == (len(texts), len(texts))
    assert np.isfinite(likeness).all()
