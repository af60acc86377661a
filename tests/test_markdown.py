"""Light Markdown: what an answer may contain, how it is understood, and what its writer is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.markdown import Items, Paragraph, Rich, Span, parse, plain, problems, spans
from bot.content.values import Content

# Characters that mean something in Markdown come often, so that they meet.
MARKUP = st.text(st.one_of(st.sampled_from(list("*_`[]()<>#|!\\-1. \n\r\tа签{}")), st.characters()), max_size=80)


def shown(rich: Rich) -> str:
    return "".join(span.text for span in spans(rich))


def test_a_paragraph_keeps_its_lines() -> None:
    assert parse("one\ntwo\n\nthree") == (
        Paragraph((Span("one"), Span("\n"), Span("two"))),
        Paragraph((Span("three"),)),
    )


def test_bold_italic_and_code_are_told_apart() -> None:
    (block,) = parse("**b** *i* `c` ***both***")
    assert isinstance(block, Paragraph)
    assert block.spans[0] == Span("b", bold=True)
    assert block.spans[2] == Span("i", italic=True)
    assert block.spans[4] == Span("c", code=True)
    assert block.spans[6] == Span("both", bold=True, italic=True)


def test_a_link_keeps_its_address_as_staff_wrote_it() -> None:
    (block,) = parse("[карта **здесь**](https://a.cn/карта?q=1&b=ф)")
    assert isinstance(block, Paragraph)
    assert block.spans == (
        Span("карта ", link="https://a.cn/карта?q=1&b=ф"),
        Span("здесь", bold=True, link="https://a.cn/карта?q=1&b=ф"),
    )


def test_bullets_and_numbers_are_lists_and_a_list_may_begin_with_any_number() -> None:
    assert parse("- a\n- **b**") == (Items(((Span("a"),), (Span("b", bold=True),))),)
    assert parse("3. c\n4. d") == (Items(((Span("c"),), (Span("d"),)), first=3),)


def test_a_list_can_follow_a_paragraph_without_an_empty_line() -> None:
    assert parse("Bring:\n- a\n- b") == (Paragraph((Span("Bring:"),)), Items(((Span("a"),), (Span("b"),))))


def test_bold_works_inside_chinese_text_which_has_no_spaces() -> None:
    assert parse("请在**24小时**内登记") == (Paragraph((Span("请在"), Span("24小时", bold=True), Span("内登记"))),)


@pytest.mark.parametrize("text", ["# a", "> a", "| a |", "<b>a</b>", "~~a~~", "---", "![a](b)"])
def test_what_a_channel_cannot_show_stays_text_so_that_no_word_is_lost(text: str) -> None:
    words = text.replace("](b)", "]")  # an address is no word
    assert "".join(filter(str.isalpha, shown(parse(text)))) == "".join(filter(str.isalpha, words))


def test_a_persons_own_words_are_no_markup() -> None:
    assert plain("**not bold** <b>") == (Paragraph((Span("**not bold** <b>"),)),)


@pytest.mark.parametrize(
    "fine",
    [
        "**Bold**, *italic*, `code`, [link](https://a.cn), [mail](mailto:a@b.cn), [call](tel:+86532)",
        "5 * 3 = 15, snake_case_name, 2 < 3 > 1, #1, a|b, x^2",
        "1. one\n2. two\n\n- three\n- four",
        "`**` begins bold text",
        "a \\*star\\* as it is",
    ],
)
def test_nothing_is_found_wrong_with_what_is_fine(fine: str) -> None:
    assert list(problems(fine)) == []


@pytest.mark.parametrize(
    ("wrong", "offset"),
    [
        ("fine\n\n## not", 6),
        ("**fine**\n\na ** b", 12),
        ("`fine`\nbut ` not", 11),
        ("- fine\n- [no](here)", 14),
        ("fine\nx <i>y</i>", 7),
        ("- one\n  - inside", 6),
    ],
)
def test_each_problem_is_told_at_its_place(wrong: str, offset: int) -> None:
    assert next(iter(problems(wrong)))[0] == offset


def test_nothing_is_found_wrong_with_the_shipped_answers(content: Content) -> None:
    answers = [text for entry in content.entries.values() for text in entry.answer.versions.values()]
    assert [(text[:30], list(problems(text))) for text in answers if list(problems(text))] == []


@given(MARKUP)
@settings(max_examples=300, deadline=None)
def test_any_text_is_understood_somehow(text: str) -> None:
    for span in spans(parse(text)):
        assert span.text
    for offset, message in problems(text):
        assert 0 <= offset <= len(text)
        assert message


@given(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=60))
@settings(max_examples=200, deadline=None)
def test_letters_digits_and_spaces_are_never_lost(text: str) -> None:
    assert shown(parse(text)).split() == text.split()


@pytest.mark.parametrize("sign", ["*", "_", "`", "[", "](", "- ", "<", "\\", "**a ", "[a](", "1. "])
def test_thousands_of_signs_are_no_trap(sign: str) -> None:
    text = sign * 4000
    assert list(problems(text)) is not None
    assert shown(parse(text)) is not None
