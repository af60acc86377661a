"""The compiled arithmetic of matching comes to the same as that of numpy, and which of the two is used."""

from __future__ import annotations

import random
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checkup import machine
from bot.content.values import Content
from bot.findings import State
from bot.language import Language
from bot.matching import arithmetic, conversation, plain
from bot.matching.arrays import Vector
from bot.matching.decide import Reply
from bot.matching.folds import fold
from bot.matching.matcher import Matcher
from bot.matching.measure import read_labels
from bot.matching.ngrams import HAN_SIZES, SIZES, Grams, NgramIndex, grams
from tests.compilers import CAN_COMPILE
from tests.conftest import HOME

SOURCE = HOME / "bot" / "matching" / "kernel.c"
# Sums of numbers of seven digits, taken in another order.
CLOSE = 2e-6
FUNCTIONS = ("hashes", "scores", "familiar", "likeness", "nearest", "highest", "weigh")

WORDS = st.sampled_from("visa visas виза визу раводид 签证 签证延期 x1 the the".split())
TEXTS = st.lists(st.lists(WORDS | st.text(max_size=5), max_size=6).map(" ".join).map(fold), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def kernel() -> object:
    return pytest.importorskip("bot.matching.kernel", reason="there was no C compiler at the installation")


def index_of(texts: list[str], first: int = 0) -> NgramIndex:
    """One document for each text; numbers from `first` on, so that it can need wider ones."""
    found = grams(texts)
    return NgramIndex(Grams(found.owners + first, found.hashes), first + len(texts), first + len(texts))


def both(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Vector]) -> tuple[Vector, Vector]:
    """What is found with the compiled arithmetic, and with numpy's."""
    compiled = ask()
    with monkeypatch.context() as patch:
        for name in FUNCTIONS:
            patch.setattr(arithmetic, name, getattr(plain, name))
        return compiled, ask()


@pytest.mark.skipif(not CAN_COMPILE, reason="no C compiler, or not Python's headers")
def test_it_is_compiled_and_used_wherever_it_can_be() -> None:
    assert arithmetic.COMPILED
    from bot.matching import kernel

    assert all(getattr(arithmetic, name) is getattr(kernel, name) for name in FUNCTIONS)


@pytest.mark.skipif(not CAN_COMPILE, reason="no C compiler, or not Python's headers")
def test_a_strict_compiler_has_nothing_to_say() -> None:
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-fsyntax-only"]
    headers = f"-isystem{sysconfig.get_path('include')}"
    done = subprocess.run(["cc", *flags, headers, SOURCE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@given(st.text(max_size=30), st.sampled_from([SIZES, HAN_SIZES]))
def test_hashes_are_the_same(kernel: object, text: str, sizes: tuple[int, ...]) -> None:
    codes = text.encode("utf-32-le", "surrogatepass")
    assert arithmetic.hashes(codes, sizes[0], sizes[-1]) == plain.hashes(codes, sizes[0], sizes[-1])


@pytest.mark.parametrize("first", [0, 70_000], ids=["numbers of 16 bits", "numbers of 32 bits"])
@given(texts=TEXTS, question=st.text(max_size=20) | st.lists(WORDS, max_size=9).map(" ".join))
def test_scores_are_the_same(kernel: object, first: int, texts: list[str], question: str) -> None:
    index = index_of(texts, first)
    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, lambda: index.scores(fold(question)))
    np.testing.assert_allclose(compiled, in_numpy, atol=CLOSE)


@given(TEXTS, st.integers(0))
def test_likeness_is_the_same(kernel: object, texts: list[str], seed: int) -> None:
    index = index_of(texts)
    documents = np.array(random.Random(seed).sample(range(len(texts)), seed % (len(texts) + 1)), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, lambda: index.likeness(documents))
    np.testing.assert_allclose(compiled, in_numpy, atol=CLOSE)
    np.testing.assert_array_equal(compiled, compiled.T)


@given(TEXTS, st.text(max_size=20) | st.lists(WORDS, max_size=9).map(" ".join))
def test_as_many_ngrams_are_familiar(kernel: object, texts: list[str], question: str) -> None:
    index = index_of(texts)
    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, lambda: np.array([index.known_share(fold(question))], np.float32))
    assert compiled == in_numpy


# Few different ones, so that many are equal.
VALUES = st.lists(st.integers(-2, 6), max_size=30).map(lambda values: np.array(values, np.float32))


@given(VALUES, st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(0, 12))
def test_the_nearest_are_the_same_in_the_same_order(kernel: object, values: Vector, share: float, most: int) -> None:
    def ask() -> Vector:
        out = np.full(most, -1, np.int64)
        return np.append(out, arithmetic.nearest(values, share, out) + (out < 0).sum())

    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, ask)
    np.testing.assert_array_equal(compiled, in_numpy)
    near = [number for number in compiled[:-1].tolist() if number >= 0]
    assert all(values[number] > values.max() * share for number in near)
    assert near == sorted(near, key=lambda number: -values[number])


@given(VALUES, st.lists(st.integers(0, 8), max_size=6))
def test_the_highest_are_the_same(kernel: object, values: Vector, lengths: list[int]) -> None:
    bounds = np.minimum(np.cumsum([0, *lengths]), len(values)).astype(np.int32)

    def ask() -> Vector:
        out = np.full(len(lengths), -9, np.float32)
        arithmetic.highest(values, bounds[:-1].copy(), bounds[1:].copy(), out)
        return out

    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, ask)
    np.testing.assert_array_equal(compiled, in_numpy)
    starts, ends = bounds[:-1].tolist(), bounds[1:].tolist()
    assert compiled.tolist() == [
        max(values[one:other].tolist(), default=0) for one, other in zip(starts, ends, strict=True)
    ]


@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_documents_are_weighed_together(kernel: object, size: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    vectors = generator.uniform(0, 1, (size, 60)) / 6
    system = (vectors @ vectors.T).astype(np.float32)
    documents = generator.permutation(50)[:size].astype(np.int64)
    likeness, classes = generator.uniform(0, 1, 50).astype(np.float32), generator.integers(0, 4, 50)

    def ask() -> Vector:
        out = np.full(4, 9, np.float32)
        arithmetic.weigh(system.copy(), 0.3, documents, likeness, classes, out)
        return out

    with pytest.MonkeyPatch.context() as patch:
        compiled, in_numpy = both(patch, ask)
    np.testing.assert_allclose(compiled, in_numpy, atol=1e-4)
    # As the definition has it: one system for each class.
    targets = np.eye(4)[classes[documents]]
    weights = np.linalg.solve(system + 0.3 * np.eye(size), targets)
    np.testing.assert_allclose(compiled, likeness[documents] @ weights, atol=1e-4)


def test_whatever_is_asked_gets_the_same_reply(
    kernel: object, content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labelled questions of all four languages: the same entries in the same order, and as sure of them."""
    matcher = Matcher(content)
    asked = [one for path in sorted((HOME / "tests/questions").glob("*.tsv")) for one in read_labels(path)[::12]]
    assert {one.language for one in asked} == {language.value for language in Language}
    for one in asked:
        language = Language.from_code(one.language)
        assert language is not None
        compiled = conversation.answer(conversation.hear(matcher, one.text), language)
        with monkeypatch.context() as patch:
            for name in FUNCTIONS:
                patch.setattr(arithmetic, name, getattr(plain, name))
            in_numpy = conversation.answer(conversation.hear(matcher, one.text), language)
        assert shown(compiled) == shown(in_numpy), one.text
        assert compiled.confidence == pytest.approx(in_numpy.confidence, abs=1e-4), one.text


def shown(reply: Reply) -> tuple[object, ...]:
    """What a person sees of a reply: its kind, its language, and which entries in which order."""
    matches = getattr(reply, "matches", None) or [one.match for one in getattr(reply, "answers", ())]
    match = getattr(reply, "match", None)
    return type(reply), reply.language, [one.entry.id for one in ([match] if match else matches)]


BYTES, F4, I4, I8 = b"12345678", np.zeros(2, np.float32), np.zeros(3, np.int32), np.zeros(1, np.int64)
KNOWN, POSTINGS = np.zeros(2, np.uint64), np.zeros(4, [("row", np.uint16), ("weight", np.float16)])


@pytest.mark.parametrize(
    ("name", "arrays"),
    [
        ("scores", (BYTES, KNOWN, I4[:2], F4, 1.0, I4, POSTINGS, F4)),  # one shelf
        ("scores", (BYTES, KNOWN, np.zeros(4, np.int32), F4, 1.0, I4, POSTINGS, F4)),  # three shelves
        ("scores", (BYTES, KNOWN, I4, F4[:1], 1.0, I4, POSTINGS, F4)),  # an n-gram without a weight
        ("scores", (BYTES, KNOWN, I4, F4, 1.0, I4[:2], POSTINGS, F4)),  # an n-gram without postings
        ("scores", (BYTES, KNOWN, I4, F4, 1.0, I4, POSTINGS["row"].copy(), F4)),  # rows without weights
        ("likeness", (np.array([2]), I4, I4, np.zeros(3, np.float16), F4[:1])),  # no such document
        ("likeness", (np.array([-1]), I4, I4, np.zeros(3, np.float16), F4[:1])),
        ("likeness", (I8, I4, I4, np.zeros(2, np.float16), F4[:1])),  # an n-gram without a weight
        ("likeness", (I8, I4, I4, np.zeros(3, np.float16), F4)),  # room for two cosines, and there is one
        ("familiar", (BYTES, KNOWN, I4[:2])),  # one shelf
        ("highest", (F4, I4, I4, F4)),  # three documents, and room for two
        ("highest", (F4, np.array([-1], np.int32), I4[:1], F4[:1])),  # no such number
        ("highest", (F4, I4[:1], np.array([3], np.int32), F4[:1])),
        ("weigh", (np.eye(1), 0.3, I8, F4, np.zeros(2, np.int64), F4)),  # numbers of 64 bits
        ("weigh", (F4[:1], 0.3, I8, F4, I8, F4)),  # a document without a class
        ("weigh", (F4[:1], 0.3, np.array([2]), F4, np.zeros(2, np.int64), F4)),  # no such document
        ("weigh", (F4[:1], 0.3, I8, F4, np.array([2, 2]), F4)),  # no such class
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(kernel: object, name: str, arrays: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        getattr(kernel, name)(*arrays)


def test_a_kernel_of_an_older_source_is_not_used(kernel: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "VERSION", plain.VERSION - 1)
    assert not arithmetic._is_compiled()


def test_without_a_kernel_numpy_does_it() -> None:
    """A process of its own, in which the kernel cannot be imported, as where it was never compiled."""
    told = (
        "import sys; sys.modules['bot.matching.kernel'] = None\n"
        "from bot.matching import arithmetic, plain\n"
        f"assert all(getattr(arithmetic, name) is getattr(plain, name) for name in {FUNCTIONS})\n"
        "assert not arithmetic.COMPILED\n"
        "from bot.matching.ngrams import NgramIndex, grams\n"
        "print(NgramIndex(grams(['extend my visa', 'where is the gym']), 2, 2).scores('visa').argmax())\n"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=HOME, capture_output=True, text=True, check=False)
    assert done.stdout == "0\n", done.stderr


@pytest.mark.parametrize("project", [HOME / "pyproject.toml", Path("an image has none")])
def test_the_doctor_tells_which_it_is_and_calls_neither_a_fault(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for compiled, words in ((True, "matching is compiled"), (False, "matching is not compiled, which makes it slower")):
        monkeypatch.setattr(arithmetic, "COMPILED", compiled)
        [found] = machine._program(project)
        assert found.state is State.FINE
        assert words in found.words
