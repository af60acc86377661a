"""What staff are told before a phrasing is learned: what it would break, and what it cannot be told from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.learned import Learned
from bot.language import Language
from bot.matching.decide import Answer, Unknown, decide
from bot.matching.matcher import Matcher
from bot.matching.measure import Labelled, read_labels
from bot.matching.trial import Alike, Broken, Trial, try_phrasing
from tests.conftest import HOME
from tests.test_matching_doctor import Office

EN, RU, ZH = Language.EN, Language.RU, Language.ZH


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "faq")


def taught(office: Office, text: str, entry: str | None, language: Language = EN) -> Trial:
    return try_phrasing(Matcher(office.content()), Learned(entry, language, text))


def told(trial: Trial) -> tuple[tuple[Broken, ...], tuple[Alike, ...], bool]:
    return trial.broken, trial.alike, trial.understood


def warned(trial: Trial) -> list[tuple[str, str | None]]:
    """The phrasings that staff are shown, and their entries."""
    broken = [(one.phrasing, one.entry) for one in trial.broken]
    return broken + [(one.phrasing, one.entry) for one in trial.alike]


def answered(matcher: Matcher, text: str) -> str | None:
    reply = decide(matcher.rank(text), EN)
    return reply.match.entry.id if isinstance(reply, Answer) else None


def test_other_words_for_an_entry_are_learned_and_break_nothing(office: Office) -> None:
    trial = taught(office, "Where do I prolong my permit?", "visa")
    assert told(trial) == ((), (), True)
    assert answered(trial.matcher, "where do i prolong my permit") == "visa"


def test_the_matcher_that_was_asked_learns_nothing(office: Office) -> None:
    matcher = Matcher(office.content())
    try_phrasing(matcher, Learned("visa", EN, "Where do I prolong my permit?"))
    assert answered(matcher, "Where do I prolong my permit?") is None


def test_the_fitted_numbers_stay(office: Office) -> None:
    matcher = Matcher(office.content())
    strict = matcher.with_fitted(replace(matcher.fitted, certain=0.5))
    trial = try_phrasing(strict, Learned("visa", EN, "Where do I prolong my permit?"))
    assert trial.matcher.fitted is strict.fitted


def test_what_its_entry_has_already_changes_nothing(office: Office) -> None:
    trial = taught(office, "How do I extend my visa?", "visa")
    assert told(trial) == ((), (), True)


def test_what_an_entry_that_is_gone_would_learn_changes_nothing(office: Office) -> None:
    trial = taught(office, "Where is the umbrella?", "umbrella")
    assert told(trial) == ((), (), False)


def test_what_asks_nothing_is_not_understood(office: Office) -> None:
    assert told(taught(office, "👋", "visa")) == ((), (), False)


@pytest.mark.parametrize("text", ["How do I extend my visa?", "how do i extend my VISA"])
def test_a_phrasing_of_another_entry_is_broken(office: Office, text: str) -> None:
    """Nobody who types it can mean both."""
    (broken, *_) = taught(office, text, "dormitory").broken
    assert broken == Broken("How do I extend my visa?", EN, "visa", "dormitory")


@pytest.mark.parametrize("language", [EN, RU])
def test_nearly_the_words_of_another_entry_are_told_with_its_phrasing(office: Office, language: Language) -> None:
    trial = taught(office, "How do I extend my visas?", "dormitory", language)
    assert ("How do I extend my visa?", "visa") in warned(trial)


def test_what_another_entry_answers_now_is_told_with_the_phrasing_that_answers_it(office: Office) -> None:
    """Few letters are the same, and yet what is typed a little differently will be answered as before."""
    trial = taught(office, "Can my visa be extended?", "dormitory")
    assert Alike("How do I extend my visa?", EN, "visa") in trial.alike


def test_what_is_broken_is_not_told_twice(office: Office) -> None:
    trial = taught(office, "How do I extend my visa", "dormitory")
    assert {one.phrasing for one in trial.broken}.isdisjoint({one.phrasing for one in trial.alike})


def test_a_question_out_of_scope_that_an_entry_would_learn_is_broken(office: Office) -> None:
    office.marks("Who won the football match?")
    (broken,) = taught(office, "who won the football match", "visa").broken
    assert broken == Broken("Who won the football match?", EN, None, "visa")


def test_a_question_out_of_scope_that_is_nearly_learned_is_told(office: Office) -> None:
    office.marks("Who won the football match?")
    trial = taught(office, "Who wins the football match?", "visa")
    assert warned(trial) == [("Who won the football match?", None)]


def test_a_question_out_of_scope_is_learned_and_breaks_nothing(office: Office) -> None:
    trial = taught(office, "Who won the football match?", None)
    assert told(trial) == ((), (), True)
    assert isinstance(decide(trial.matcher.rank("who won the football match"), EN), Unknown)


def test_marking_a_good_question_as_out_of_scope_breaks_it(office: Office) -> None:
    office.marks("Who won the football match?")
    (broken, *_) = taught(office, "how do i extend my visa", None).broken
    assert broken == Broken("How do I extend my visa?", EN, "visa", None)


def test_a_question_out_of_scope_can_be_left_out_as_a_phrasing_can(office: Office) -> None:
    """As numbered behind the phrasings, in the order of the languages."""
    office.marks("Who won the football match?", "Who extends visas in Brazil?")
    matcher = Matcher(office.content())
    number = len(matcher.written.forms)
    marked, left_out = matcher.rank("Who extends visas in Brazil?"), matcher.rank_without(number + 1)
    assert left_out.text == marked.text
    assert marked.signals is not None
    assert left_out.signals is not None
    assert left_out.signals.outside < 0.5 < marked.signals.outside
    assert matcher.rank_without(number).text == "Who won the football match?"


def test_new_languages_can_be_learned(office: Office) -> None:
    office.marks("Who won the football match?")
    assert told(taught(office, "怎么延长签证", "visa", ZH)) == ((), (), True)
    assert told(taught(office, "谁赢了比赛", None, ZH)) == ((), (), True)


def labelled(language: Language) -> list[Labelled]:
    return read_labels(HOME / f"tests/questions/{language.value}.tsv")


def test_the_shipped_content_learns_what_it_did_not_understand(matcher: Matcher) -> None:
    """Of 60 such questions, each with its entry, 2 broke something; see how it goes with the first of a language."""
    for language in (RU, ZH):
        missed = next(
            one
            for one in labelled(language)
            if len(one.expected) == 1 and not isinstance(decide(matcher.rank(one.text), language), Answer)
        )
        (entry,) = missed.expected
        trial = try_phrasing(matcher, Learned(entry, language, missed.text))
        assert told(trial) == ((), (), True), missed.text


def test_the_shipped_content_keeps_what_it_answers(matcher: Matcher) -> None:
    asked = "Can I extend my visa in Qingdao?"
    other, outside = (try_phrasing(matcher, Learned(entry, EN, asked)) for entry in ("dormitory-cost", None))
    for trial in (other, outside):
        assert "visa-extension" in {entry for _, entry in warned(trial)}


@pytest.mark.parametrize(
    ("text", "language", "entry", "broken"),
    [
        # Who faints is not helped by the state of an application.
        (
            "有人晕倒了！！打几啊快",
            ZH,
            "application-status",
            Broken("有人晕倒了，快救人", ZH, "emergency", "application-status"),
        ),
        ("multiple entry", EN, None, Broken("double entry, multi-entry", EN, "reentry", None)),
    ],
)
def test_what_others_type_like_a_phrasing_is_broken_too(
    matcher: Matcher, text: str, language: Language, entry: str | None, broken: Broken
) -> None:
    """The phrasing itself is answered as before, but those who ask in other words are not."""
    trial = try_phrasing(matcher, Learned(entry, language, text))
    assert broken in trial.broken
    reply = decide(trial.matcher.rank(broken.phrasing), language)
    assert isinstance(reply, Answer)
    assert reply.match.entry.id == broken.entry


def test_the_shipped_content_refuses_what_is_marked_as_out_of_scope(matcher: Matcher) -> None:
    trial = try_phrasing(matcher, Learned(None, RU, "Как продлить визу?"))
    assert ("visa-extension", None) in {(one.entry, one.now) for one in trial.broken}
