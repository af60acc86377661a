"""From a ranking to a reply: an answer, a short choice, or an honest "I don't know"; and in which language."""

from __future__ import annotations

import pytest

from bot.content.values import Entry
from bot.language import Language, Text
from bot.matching.decide import Answer, Choice, Reply, Unknown, decide
from bot.matching.fitted import Thresholds, shipped
from bot.matching.guess import guess
from bot.matching.matcher import Matcher
from bot.matching.ranking import Match, Ranking

THRESHOLDS = Thresholds(answer=0.9, choice=0.4)


def match(name: str, score: float) -> Match:
    entry = Entry(name, "topic", {Language.EN: (name,)}, Text({Language.EN: name}))
    return Match(entry, score, name, Language.EN, "written")


def reply_to(*scores: float) -> Reply:
    matches = tuple(match(f"entry {number}", score) for number, score in enumerate(scores))
    return decide(Ranking("a question", "a question", THRESHOLDS, matches), Language.EN)


def test_a_sure_match_is_answered() -> None:
    reply = reply_to(0.9, 0.1)
    assert isinstance(reply, Answer)
    assert (reply.match.entry.id, reply.confidence) == ("entry 0", 0.9)


def test_a_likely_match_is_a_choice_of_at_most_three_best_first() -> None:
    reply = reply_to(0.899, 0.5, 0.4, 0.3, 0.2)
    assert isinstance(reply, Choice)
    assert [one.entry.id for one in reply.matches] == ["entry 0", "entry 1", "entry 2"]


def test_a_choice_of_one_is_possible() -> None:
    reply = reply_to(0.4)
    assert isinstance(reply, Choice)
    assert len(reply.matches) == 1


def test_an_unlikely_match_is_not_shown() -> None:
    assert reply_to(0.399, 0.2) == Unknown(Language.EN, 0.399)


def test_without_a_match_nothing_is_known() -> None:
    assert reply_to() == Unknown(Language.EN, 0.0)


def test_the_fitted_thresholds_leave_room_for_each_reply() -> None:
    numbers = shipped()
    for thresholds in (numbers.lexical_thresholds, numbers.semantic_thresholds):
        assert 0 < thresholds.choice < thresholds.answer < 1


@pytest.mark.parametrize(
    ("question", "person", "expected", "why"),
    [
        ("How do I extend my visa?", Language.RU, Language.EN, "the winning phrasing, in its own letters"),
        ("Как продлить визу?", Language.EN, Language.RU, "Russian letters and words"),
        ("Чӣ тавр раводидро дароз кунам?", Language.RU, Language.TG, "letters that only Tajik has"),
        ("чи тавр раводидро дароз кунам", Language.RU, Language.TG, "Tajik words without these letters"),
        ("怎么延长签证", Language.EN, Language.ZH, "Chinese characters"),
        ("怎麼延長簽證", Language.EN, Language.ZH, "traditional ones, too"),
        ("rfr ghjlkbnm dbpe", Language.EN, Language.RU, "the winner was typed on the Latin layout"),
        ("рщц вщ ш учеутв ьн мшыф", Language.RU, Language.EN, "English on the Russian layout, whatever its letters"),
        ("kak prodlit vizu", Language.EN, Language.RU, "the winner was typed in Latin letters"),
        ("huzhao diu le", Language.EN, Language.ZH, "the winner was typed in pinyin"),
        ("хобгоҳ", Language.RU, Language.TG, "Tajiks with a Russian phone write Tajik all the same"),
        ("продлить кардани виза", Language.RU, Language.TG, "a Russian verb, but the winning phrasing is Tajik"),
        ("X1", Language.ZH, Language.ZH, "no word of any language: the person's own"),
        ("112", Language.TG, Language.TG, "no word of any language: the person's own"),
        ("kjhgf zxcvb", Language.TG, Language.TG, "nothing is like it: the person's own"),
        ("🤷", Language.ZH, Language.ZH, "nothing was asked: the person's own"),
        ("что-то совсем другое", Language.EN, Language.RU, "nothing answers it, but it is Russian"),
        ("明天股票会涨吗", Language.RU, Language.ZH, "nothing answers it, but it is Chinese"),
    ],
)
def test_the_reply_is_in_the_language_of_the_question(
    matcher: Matcher, question: str, person: Language, expected: Language, why: str
) -> None:
    assert decide(matcher.rank(question), person).language is expected, why


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ҷавоб", Language.TG),
        ("Қабул", Language.TG),
        ("жаңа қала", None),  # Kazakh shares letters with Tajik
        ("сыр", Language.RU),
        ("где это", Language.RU),
        ("дар куҷо", Language.TG),
        ("ин чист", Language.TG),
        ("заказро ба общежитие меоранд ё не?", Language.TG),
        ("он когда приедет", Language.RU),
        ("виза", None),
        ("visa", None),
        ("签证", Language.ZH),
        ("виза 签证", None),
        ("и\u0304н", Language.TG),  # a macron of its own
        ("", None),
    ],
)
def test_letters_and_small_words_tell_the_language(text: str, language: Language | None) -> None:
    assert guess(text) is language


@pytest.mark.parametrize("noun", ["passport", "visa", "общежитие", "сертификат", "хобгоҳ", "签证", "宿舍"])
def test_a_bare_noun_gets_a_choice(matcher: Matcher, noun: str) -> None:
    assert isinstance(decide(matcher.rank(noun), Language.EN), Choice)


@pytest.mark.parametrize("word", ["Привет", "thanks", "你好"])
def test_a_single_word_that_is_a_whole_phrasing_is_answered(matcher: Matcher, word: str) -> None:
    assert isinstance(decide(matcher.rank(word), Language.EN), Answer)
