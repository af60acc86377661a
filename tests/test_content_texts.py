"""What is wrong inside an answer is told in the line of the file where it stands."""

from __future__ import annotations

import pytest

from tests.staff import VISA, Staff

LETTER = "        - a letter\n"


def told(staff: Staff, before: str, after: str) -> list[str]:
    staff.changes("visa.yaml", before, after)
    return [line.removeprefix("visa.yaml:") for line in staff.is_told()]


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("## Papers", 9, "headings (#) are not shown; make the line **bold** instead"),
        ("| a | b |", 9, "tables are not shown; write a list instead"),
        ("> quoted", 9, "quotes (>) are not shown; leave the sign out"),
        ("so <b>bold</b>", 12, "HTML is not shown; use light Markdown"),
        ("look: ![map](https://a.cn/b.png)", 15, "pictures are not shown; link to them instead"),
        ("see [here]()", 18, "a link without an address"),
        ("see [here](", 18, "a broken link: write [text](https://address)"),
        ("see [here](map)", 20, "“map” is not an address that begins with https://"),
        ("see [here](javascript:alert)", 20, "“javascript:alert” is not an address that begins with https://"),
        ("use `code", 13, "` without its partner"),
    ],
)
def test_broken_markdown_is_told_in_its_own_line(staff: Staff, written: str, column: int, message: str) -> None:
    found = told(staff, LETTER, f"{LETTER}\n        {written}\n")
    assert f"17:{column}: error: {message}" in found


def test_bold_without_its_partner_is_told_in_its_line_and_not_at_the_bold_before_it(staff: Staff) -> None:
    assert told(staff, "a letter", "a **letter") == [
        "15:13: error: ** without its partner: bold text begins and ends with **"
        " and no space or punctuation stands just inside"
    ]


def test_a_list_inside_a_list_is_told_in_its_line(staff: Staff) -> None:
    assert told(staff, LETTER, f"{LETTER}          - with a stamp\n") == [
        "16:9: error: a list inside a list is not shown well on a phone; make it one list"
    ]


def test_empty_lines_before_the_text_do_not_shift_the_place(staff: Staff) -> None:
    found = told(staff, "        Write to", "\n\n        # Write to")
    assert found == ["14:9: error: headings (#) are not shown; make the line **bold** instead"]


def test_a_text_that_is_not_a_block_is_told_where_it_begins(staff: Staff) -> None:
    (line,) = told(staff, "Напишите на {email}", "Напишите **на {email}")
    assert line.startswith("16:11: error: ** without its partner")


def test_an_unknown_placeholder_is_told_where_it_stands(staff: Staff) -> None:
    assert told(staff, "a letter", "a letter to {adress}") == [
        "15:23: error: {adress} is not a fact in institute.yaml; add it there or mend the name"
    ]


@pytest.mark.parametrize(
    ("written", "sign"), [("{ email }", "{}"), ("{email", "{"), ("email}", "}"), ("{e mail}", "{}")]
)
def test_a_misshapen_placeholder_is_told(staff: Staff, written: str, sign: str) -> None:
    lines = told(staff, "a letter", f"a letter to {written}")
    expected = [f"15:{23 + written.index(one)}: error: “{one}” without its partner" for one in sign]
    assert [line.split(";")[0] for line in lines] == expected


def test_placeholders_are_known_in_courses_and_places_too(staff: Staff) -> None:
    staff.changes("sessions.yaml", "{en: Buying,", '{en: "{nothing}",')
    staff.changes("sessions.yaml", "{en: Qingdao, ru: Циндао, tg: Чиндао, zh: 青岛}", '"{nowhere}"')
    assert staff.is_told() == [
        "sessions.yaml:4:17: error: {nothing} is not a fact in institute.yaml; add it there or mend the name",
        "sessions.yaml:12:12: error: {nowhere} is not a fact in institute.yaml; add it there or mend the name",
    ]


def test_a_fact_that_breaks_a_link_is_told_where_the_link_is(staff: Staff) -> None:
    staff.changes("institute.yaml", "  email:", "  map: institute.cn/map\n  email:")
    assert told(staff, "a letter", "a letter, see [map]({map})") == [
        "15:31: error: “institute.cn/map” is not an address that begins with https://"
    ]


def test_facts_of_a_file_that_cannot_be_read_are_not_called_unknown(staff: Staff) -> None:
    staff.writes("institute.yaml", "institute: [")
    assert [line.split(":")[0] for line in staff.is_told()] == ["institute.yaml"]


def test_a_faulty_fact_is_told_once_and_not_at_every_answer(staff: Staff) -> None:
    staff.changes("institute.yaml", "email: office@institute.cn", "email: {fr: office@institute.cn}")
    assert staff.is_told() == ["institute.yaml:4:11: error: this language is not known here; use one of en, ru, tg, zh"]


def answer_of(length: int) -> str:
    return f"ru: Напишите на {{email}} {'!' * (length - len('Напишите на office@institute.cn '))}"


def test_an_answer_of_4000_characters_with_its_facts_is_accepted(staff: Staff) -> None:
    assert told(staff, "ru: Напишите на {email} вовремя.", answer_of(4000)) == []


def test_an_answer_of_4001_characters_with_its_facts_is_told(staff: Staff) -> None:
    assert told(staff, "ru: Напишите на {email} вовремя.", answer_of(4001)) == [
        "16:11: error: this text has 4,001 characters with its facts; at most 4,000 fit"
    ]


def test_characters_are_counted_as_telegram_counts_them(staff: Staff) -> None:
    """An emoji is two UTF-16 units."""
    assert told(staff, "Напишите на {email} вовремя.", "👍" * 2001) == [
        "16:11: error: this text has 4,002 characters with its facts; at most 4,000 fit"
    ]


def test_a_long_fact_counts_in_its_own_language_only(staff: Staff) -> None:
    staff.changes("institute.yaml", "zh: 学院}", f"zh: {'长' * 3000}}}")
    staff.changes("visa.yaml", "Напишите на {email}", f"«{{name}}»{'!' * 3000}")
    assert staff.is_told() == []
    staff.changes("visa.yaml", "请及时写信至 {email}。", f"《{{name}}》{'。' * 999}")
    assert staff.is_told() == [
        "visa.yaml:18:11: error: this text has 4,001 characters with its facts; at most 4,000 fit"
    ]


def test_facts_are_put_in_each_in_the_language_of_its_answer(staff: Staff) -> None:
    staff.writes("visa.yaml", VISA.replace("{email}", "{name}"))
    answer = staff.content().entries["visa-extension"].answer
    assert [text.split("\n")[0] for text in answer.versions.values()] == [
        "Write to **Institute** in time.",
        "Напишите на Институт вовремя.",
        "Ба Донишкада сари вақт нависед.",
        "请及时写信至 学院。",
    ]
