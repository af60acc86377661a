"""Similar questions come together, questions after different things do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.clusters import MOST_COMPARED, cluster
from bot.matching.folds import fold
from bot.matching.measure import Labelled, read_labels
from tests.conftest import HOME

# Any text, and texts that are often the same, similar, or nothing at all when folded.
TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=40),
        st.sampled_from(["visa", "Visa!", "extend visa", "extend visa please", "签证", "簽證", "👋", "👋👋", "", " "]),
    ),
    max_size=25,
)


def grouped(texts: Sequence[str]) -> list[list[str]]:
    return [[texts[number] for number in group] for group in cluster(texts)]


def partition(texts: Sequence[str], groups: Iterable[Iterable[int]]) -> list[list[str]]:
    """The groups as texts, whatever their order."""
    return sorted(sorted(texts[number] for number in group) for group in groups)


@pytest.fixture(scope="module")
def questions() -> list[Labelled]:
    return [one for path in sorted((HOME / "tests/questions").glob("*.tsv")) for one in read_labels(path)]


@pytest.mark.parametrize(
    "texts",
    [
        ["How do I extend my visa?", "how do i extend my viza"],
        ["Как продлить визу?", "продлить визу как"],
        ["Как продлить визу?", "Как продлить визу, пожалуйста"],
        ["extend visa", "please extend visa"],
        ["Раводидро чӣ тавр дароз кунам?", "раводидро чи тавр дароз кунам лутфан"],
        ["怎么延长签证？", "签证怎么延长"],
        ["怎么延长签证？", "请问怎么延长签证"],
        ["怎么延长簽證", "怎么延长签证！！"],
        ["visa", "VISA??", "<b>visa</b>"],
        ["в", "В!"],
        ["👋", "👋"],
    ],
)
def test_the_same_question_typed_differently_is_one_group(texts: list[str]) -> None:
    assert grouped(texts) == [texts]


@pytest.mark.parametrize(
    "texts",
    [
        ["visa", "visa photo"],
        ["How much is the dormitory?", "How much is the canteen?"],
        ["Где столовая?", "Где библиотека?"],
        ["怎么延长签证", "怎么去学校"],
        ["👋", "👍"],
        ["", "👋"],
    ],
)
def test_different_questions_stay_apart(texts: list[str]) -> None:
    assert grouped(texts) == [[text] for text in texts]


def test_the_biggest_group_comes_first_then_what_was_asked_first() -> None:
    texts = ["Where is the gym?", "What do I eat?", "How do I extend my visa?", "what do i eat", "Is there a bus?"]
    assert cluster(texts) == ((1, 3), (0,), (2,), (4,))


def test_the_most_typical_text_leads_its_group() -> None:
    texts = ["how do i extend my visa please sir", "how do i extend my viza", "How do I extend my visa?"]
    texts += ["How do I extend my visa??", "how do i extend my visas"]
    (group,) = cluster(texts)
    assert group[0] == 2


def test_like_the_next_is_not_like_the_first() -> None:
    """From word to word one comes to another question; all of a group are like its leader."""
    chain = ["aaaaaaaaaa", "aaaaaaaabb", "aaaaaabbbb", "aaaabbbbbb", "aabbbbbbbb", "bbbbbbbbbb"]
    assert all(len({chain[0], chain[-1]} & set(group)) < 2 for group in grouped(chain))


def test_long_texts_are_compared_by_both_ends() -> None:
    """A letter mistyped is forgiven; the same greeting before another question is not enough."""
    greeting = "Good day, I am a trainee from Dushanbe who arrives in Qingdao in March with a friend of mine. "
    visa = f"{greeting}Our visas are valid for thirty days, so how do we extend them until the course has ended in May?"
    meals = f"{greeting}Neither of us eats pork, and we wonder whether any canteen near the campus serves halal dishes."
    assert cluster([visa, meals, visa.replace("extend", "extned")]) == ((0, 2), (1,))


def test_what_is_asked_most_is_compared_when_there_is_too_much() -> None:
    rng = random.Random(1)
    different = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(MOST_COMPARED)]
    texts = [*different, "how do i extend my visa", "how do i extend my viza", "how do i extend my visa"]
    first, *rest = cluster([*texts, "how do i extend my viza"])
    assert [len(group) for group in (first, *rest)][:2] == [4, 1]
    assert sorted(first) == list(range(MOST_COMPARED, MOST_COMPARED + 4))


def test_groups_of_labelled_questions_hardly_ever_mix_entries(questions: list[Labelled]) -> None:
    """Measured: of 38 groups, 30 are about entries, and 29 of these about one."""
    groups = [[questions[number] for number in group] for group in cluster([one.text for one in questions])]
    several = [group for group in groups if len({fold(one.text) for one in group}) > 1]
    about = [group for group in several if any(one.expected for one in group)]
    pure = [group for group in about if frozenset.intersection(*(one.expected for one in group))]
    assert len(several) >= 35
    assert len(pure) >= 0.95 * len(about)


@given(TEXTS)
def test_each_text_is_in_one_group(texts: list[str]) -> None:
    groups = cluster(texts)
    assert sorted(number for group in groups for number in group) == list(range(len(texts)))
    assert all(groups)
    assert list(groups) == sorted(groups, key=lambda group: (-len(group), min(group)))


@given(TEXTS)
def test_texts_that_fold_to_the_same_are_together(texts: list[str]) -> None:
    place = {number: group for group in cluster(texts) for number in group}
    for one, text in enumerate(texts):
        for other in range(one):
            if fold(text):
                assert fold(text) != fold(texts[other]) or place[one] == place[other]
            else:
                assert (text == texts[other]) == (place[one] == place[other])


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_change_the_groups(texts: list[str], rng: random.Random) -> None:
    shuffled = rng.sample(texts, len(texts))
    assert partition(shuffled, cluster(shuffled)) == partition(texts, cluster(texts))


def test_nothing_makes_no_groups() -> None:
    assert cluster([]) == ()
