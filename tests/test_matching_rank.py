"""Ranking: questions as trainees write them, and the expected order with the reason for each place."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bot.content.values import Content, Entry, Topic
from bot.language import Language, Text
from bot.matching.matcher import Matcher
from bot.matching.ranking import Match


class Case(NamedTuple):
    question: str
    places: dict[str, str]  # entry, and why it stands where it stands


CASES = [
    Case(
        "I lost my passport",
        {
            "lost-passport": "both of its words",
        },
    ),
    Case(
        "where can muslims eat",
        {
            "halal-food": "about Muslims and about eating",
        },
    ),
    Case("is there pork in the canteen", {"halal-food": "pork, the rarer word", "canteen": "the canteen"}),
    Case("dorm price per month", {"dormitory-cost": "dorm and price"}),
    Case(
        "сертификат признают в Казахстане?",
        {
            "certificate-recognition": "being recognised is the rare word of the question",
        },
    ),
    Case(
        "потерял сертификат",
        {
            "lost-certificate": "lost, in another gender",
        },
    ),
    Case("встретите в аэропорту?", {"airport-pickup": "to be met there", "directions": "the airport alone"}),
    Case("как добраться из аэропорта", {"directions": "to get somewhere"}),
    Case("стипендия кай мешавад", {"stipend": "when it is paid", "scholarship": "how to get one"}),
    Case("хобгох чанд пул аст", {"dormitory-cost": "Tajik without its letters"}),
    Case("rfr ghjlkbnm dbpe", {"visa-extension": "как продлить визу on the Latin layout"}),
    Case("kogda nachalo kursa", {"course-duration": "когда начало курса in Latin letters"}),
    Case("namoz xondan mumkin?", {"prayer-room": "намоз хондан as chats write it"}),
    Case("qianzheng yanqi", {"visa-extension": "签证延期", "visa-type": "签证 alone", "visa-documents": "the same"}),
    Case("護照丟了", {"lost-passport": "护照丢了 in traditional characters", "lost-and-found": "丢了, but no paper"}),
    Case("食堂有清真菜吗", {"halal-food": "清真菜 and 食堂", "prayer-room": "清真, as in 清真寺"}),
    Case("wi fi dont wrok", {"wifi": "a misspelt word counts by its likeness"}),
    Case("hi, how do I extend my visa?", {"visa-extension": "who greets and asks wants the question answered"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.question)
def test_the_shipped_entries_come_in_the_right_order(matcher: Matcher, case: Case) -> None:
    found = [match.entry.id for match in matcher.rank(case.question).matches]
    assert found[: len(case.places)] == list(case.places)


def entry(name: str, *phrasings: str, answer: str = "-", language: Language = Language.EN) -> Entry:
    return Entry(name, "topic", {language: phrasings}, Text({language: answer}))


def order(question: str, *entries: Entry) -> list[str]:
    topic = Topic("topic", Text.same("Topic"), entries)
    content = Content((topic,), (), (), {}, {}, {}, "1")
    return [match.entry.id for match in Matcher(content).rank(question).matches]


def test_a_rare_word_counts_more_than_common_ones() -> None:
    found = order(
        "where is the laundry",
        entry("canteen", "where is the canteen", "where is the food"),
        entry("library", "where is the library", "where is the reading room"),
        entry("gym", "where is the gym", "where is the sports hall"),
        entry("bank", "where is the bank", "where is the cash machine"),
        entry("laundry", "washing clothes", "laundry prices", "dirty laundry"),
    )
    assert found[0] == "laundry"  # three words of the question are in all the others


def test_several_near_phrasings_are_more_than_a_single_one() -> None:
    found = order(
        "visa extension",
        entry("once", "visa extension fee", "bank card", "sports hall", "city map"),
        entry("often", "extension of the visa", "to extend a visa", "visa extension letter", "visa extensions"),
    )
    assert found == ["often", "once"]


def test_words_of_the_answer_count_too() -> None:
    found = order(
        "Alipay",
        entry("money", "how do I pay", answer="Nearly everybody pays with Alipay."),
        entry("sport", "where can I swim", answer="In the hall beside the campus."),
    )
    assert found == ["money"]  # no phrasing has the word, and the other entry not even a letter of it


def test_all_languages_are_in_one_ranking() -> None:
    found = order(
        "сколько стоит visa",
        entry("ru", "сколько стоит виза", language=Language.RU),
        entry("en", "visa price"),
        entry("zh", "签证多少钱", language=Language.ZH),
    )
    assert found == ["ru", "en"]  # more words; one word; none


def test_scores_are_on_one_ruler_and_fall(matcher: Matcher) -> None:
    for case in CASES:
        matches = matcher.rank(case.question).matches
        scores = [match.score for match in matches]
        assert all(0 <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)


def winner(matcher: Matcher, question: str) -> Match:
    return matcher.rank(question).matches[0]


@pytest.mark.parametrize(
    ("question", "typing", "language"),
    [
        ("Как продлить визу?", "written", Language.RU),
        ("rfr ghjlkbnm dbpe?", "wrong layout", Language.RU),
        ("kak prodlit vizu", "Latin letters", Language.RU),
        ("huzhao diu le", "pinyin", Language.ZH),
    ],
)
def test_the_phrasing_that_won_is_told_with_its_way_of_typing(
    matcher: Matcher, question: str, typing: str, language: Language
) -> None:
    found = winner(matcher, question)
    assert (found.typing, found.language) == (typing, language)
    assert found.phrasing in found.entry.ask[language]


def test_content_without_entries_has_no_matches() -> None:
    assert order("visa") == []


def test_a_limit_is_kept(matcher: Matcher) -> None:
    assert len(matcher.rank("visa", limit=2).matches) == 2


def test_only_the_first_500_characters_count(matcher: Matcher) -> None:
    question = "How do I extend my visa? " * 20
    assert len(question) == 500
    assert matcher.rank(question + "I lost my passport. " * 500) == matcher.rank(question)
