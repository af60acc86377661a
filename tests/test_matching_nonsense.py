"""What is no question: never an exception, never a nonsense answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.values import Content
from bot.language import Language
from bot.matching.decide import Answer, Unknown, decide
from bot.matching.matcher import Matcher


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b\u200d\ufeff", "\u202e", "\ud800", "\0", "\u0301"])
def test_nothing_at_all(matcher: Matcher, text: str) -> None:
    assert matcher.rank(text).matches == ()


@pytest.mark.parametrize("text", ["👋", "😂😂😂", "🏳️‍🌈", "🇹🇯", "❤️", "👨‍👩‍👧", "☎️", "♥"])
def test_emoji_ask_nothing(matcher: Matcher, text: str) -> None:
    assert isinstance(decide(matcher.rank(text), Language.RU), Unknown)


@pytest.mark.parametrize("text", ["?", "???", "...", "!", "-", "。", "？！", "( )", "***", "/", "\\", "<>", "{}", "''"])
def test_punctuation_asks_nothing(matcher: Matcher, text: str) -> None:
    assert isinstance(decide(matcher.rank(text), Language.EN), Unknown)


@pytest.mark.parametrize("text", [*"aвҳşя好你病签мx", "Z!", "ы?", "«к»", "1а", "aaaa", "ааааа"])
def test_one_letter_asks_nothing(matcher: Matcher, text: str) -> None:
    assert isinstance(decide(matcher.rank(text), Language.EN), Unknown)


@pytest.mark.parametrize("text", ["no", "ok", "да", "не", "ҳа", "ok!", "Да.", "хм", "ага", "yes", "нет", "是", "不"])
def test_a_bare_yes_or_no_is_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.RU), Answer)


@pytest.mark.parametrize(
    "text", ["1", "2", "7", "19", "24", "24/7", "123", "2026", "3.14", "+86 138 0000 0000", "٣", "²"]
)
def test_a_bare_number_asks_nothing(matcher: Matcher, text: str) -> None:
    assert isinstance(decide(matcher.rank(text), Language.EN), Unknown)


@pytest.mark.parametrize(("text", "entry"), [("112", "emergency"), ("X1", "visa-type"), ("x2?", "visa-type")])
def test_a_number_or_code_that_staff_wrote_into_a_phrasing_asks_for_its_entry(
    matcher: Matcher, text: str, entry: str
) -> None:
    reply = decide(matcher.rank(text), Language.EN)
    assert isinstance(reply, Answer)
    assert (reply.match.entry.id, reply.language) == (entry, Language.EN)


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "виза " * 2_000, "签证" * 5_000, "a b " * 2_500, "👋" * 10_000, "\u0301" * 10_000, "ﷺ" * 10_000],
    ids=["one letter", "one word", "Chinese", "letters", "emoji", "marks", "one sign for eighteen"],
)
def test_ten_thousand_letters_are_no_answer(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.EN), Answer)


@pytest.mark.parametrize(
    "text", ["مرحبا، كيف أمدد تأشيرتي؟", "שלום, מה שלומך", "نمی‌دانم", "ვიზა", "ビザ", "비자", "वीज़ा"]
)
def test_other_scripts_are_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.EN), Answer)


@pytest.mark.parametrize(
    "dressed",
    [
        "<b>How do I</b> extend <i>my visa</i>?",
        "\u202bHow do I extend my visa?\u202c",
        "How do I ex\u200btend my\u00a0vi\u00adsa?",
        "ＨＯＷ ＤＯ Ｉ ＥＸＴＥＮＤ ＭＹ ＶＩＳＡ？",
        "How do I extend my visa? \ud83d",
        "🙏 How do I extend my visa 🙏🙏",
        "How_do_I_extend_my_visa",
        "\0How do I extend my visa\0",
    ],
)
def test_a_dressed_up_question_is_the_same_question(matcher: Matcher, dressed: str) -> None:
    reply = decide(matcher.rank(dressed), Language.RU)
    assert isinstance(reply, Answer)
    assert (reply.match.entry.id, reply.language) == ("visa-extension", Language.EN)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "%00%0a"])
def test_attacks_are_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.EN), Answer)


@pytest.mark.parametrize("text", ["asdfgh", "qwerty", "йцукен", "zzzzzz zzz", "bla bla", "ъъъъ", "hmm", "щшгн"])
def test_keys_hit_at_random_are_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.EN), Answer)


def test_what_staff_marked_as_out_of_scope_is_refused(matcher: Matcher, content: Content) -> None:
    for language, questions in content.out_of_scope.items():
        for question in questions:
            assert isinstance(decide(matcher.rank(question), language), Unknown), question


ANYTHING = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cc", "Cf", "Mn"]),
        st.sampled_from("визаҷӣӯкудом visa签证護照0123<>&/'\u202e\u200b"),
    ),
    max_size=120,
)


@given(ANYTHING, st.sampled_from(Language))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_some_reply(matcher: Matcher, text: str, person: Language) -> None:
    ranking = matcher.rank(text)
    assert len(ranking.matches) <= 5
    assert all(0 <= match.score <= 1 for match in ranking.matches)
    assert decide(ranking, person).language in Language


@given(st.text(st.characters(categories=["P", "S", "Z", "C"]), max_size=80))
@settings(max_examples=150, deadline=None)
def test_signs_without_letters_are_never_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(decide(matcher.rank(text), Language.EN), Answer)
