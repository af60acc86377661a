"""What staff are told when a content file is readable but not right: which file, line and column, and what to do."""

from __future__ import annotations

import pytest

from tests.staff import SESSIONS, VISA, Staff


def test_content_without_a_fault_is_told_nothing(staff: Staff) -> None:
    assert staff.is_told() == []


def test_a_misspelt_key_is_told_with_the_key_that_was_meant(staff: Staff) -> None:
    staff.changes("visa.yaml", "    answer:", "    anser:")
    assert staff.is_told() == [
        "visa.yaml:4:5: error: “answer:” is missing here",
        "visa.yaml:10:5: error: the key “anser” is not known here; did you mean “answer”?",
    ]


def test_a_key_that_is_like_no_other_is_told_without_a_guess(staff: Staff) -> None:
    staff.changes("visa.yaml", "    ask:", "    wallpaper: blue\n    ask:")
    assert staff.is_told() == ["visa.yaml:5:5: error: the key “wallpaper” is not known here"]


def test_a_repeated_key_is_told_where_it_stands_the_second_time(staff: Staff) -> None:
    staff.changes("visa.yaml", "      zh: [怎么", "      tg: [Боз як бор]\n      zh: [怎么")
    assert staff.is_told() == ["visa.yaml:9:7: error: the key “tg” stands here a second time; keep one of them"]


def test_an_id_used_twice_in_a_file_is_told_with_the_place_of_the_first(staff: Staff) -> None:
    staff.writes("visa.yaml", VISA + VISA[VISA.index("  - id:") :].replace("?", " now?").replace("？", "，现在？"))
    assert staff.is_told() == [
        "visa.yaml:19:9: error: the id “visa-extension” is used already at visa.yaml:4; give this one another"
    ]


def test_an_id_used_in_two_files_is_told_with_the_place_of_the_first(staff: Staff) -> None:
    other = VISA.replace("topic: visa", "topic: more").replace("?", " now?").replace("？", "，现在？")
    staff.writes("visa-more.yaml", other)
    assert staff.is_told() == [
        "visa.yaml:4:9: error: the id “visa-extension” is used already at visa-more.yaml:4; give this one another"
    ]


def test_a_topic_that_has_two_files_is_told(staff: Staff) -> None:
    staff.writes("visa-more.yaml", VISA.replace("id: visa-extension", "id: longer").replace("visa?", "visa now?"))
    assert staff.mistakes() == [
        "visa.yaml:1:8: error: the id “visa” is used already at visa-more.yaml:1; give this one another"
    ]


def test_a_course_that_is_there_twice_is_told(staff: Staff) -> None:
    course = SESSIONS[SESSIONS.index("  - id: trade\n") : SESSIONS.index("sessions:")]
    staff.changes("sessions.yaml", course, course * 2)
    assert staff.is_told() == [
        "sessions.yaml:5:9: error: the id “trade” is used already at sessions.yaml:2; give this one another"
    ]


def test_a_session_that_is_there_twice_is_told(staff: Staff) -> None:
    staff.writes("sessions.yaml", SESSIONS + SESSIONS[SESSIONS.index("  - id: trade-2027") :])
    assert staff.is_told() == [
        "sessions.yaml:17:9: error: the id “trade-2027” is used already at sessions.yaml:6; give this one another"
    ]


@pytest.mark.parametrize("wrong", ["Visa", "visa extension", "виза", "-visa", "v" * 41, "visa_extension"])
def test_an_id_that_cannot_be_in_a_link_is_told(staff: Staff, wrong: str) -> None:
    staff.changes("visa.yaml", "id: visa-extension", f"id: {wrong}")
    assert staff.is_told() == [
        f"visa.yaml:4:9: error: “{wrong}” is not an id; use 1 to 40 small Latin letters, digits and hyphens"
    ]


def test_a_language_that_the_bot_does_not_speak_is_told_at_its_key(staff: Staff) -> None:
    staff.changes("visa.yaml", "      zh: [怎么", "      fr: [Comment prolonger mon visa ?]\n      zh: [怎么")
    assert staff.is_told() == ["visa.yaml:9:7: error: this language is not known here; use one of en, ru, tg, zh"]


def test_missing_languages_are_warnings_and_the_content_goes_live(staff: Staff) -> None:
    staff.changes("visa.yaml", "      tg: [Чӣ тавр раводидро дароз кунам?]\n", "")
    staff.changes("visa.yaml", "      tg: Ба {email} сари вақт нависед.\n      zh: 请及时写信至 {email}。\n", "")
    staff.changes("visa.yaml", ", zh: 签证}", "}")
    assert staff.is_told() == [
        "visa.yaml:2:1: warning: this title is missing in zh; readers get another language",
        "visa.yaml:5:5: warning: these phrasings are missing in tg; readers get another language",
        "visa.yaml:9:5: warning: this answer is missing in tg, zh; readers get another language",
    ]
    assert staff.reading().content is not None


def test_a_phrasing_that_leads_to_two_entries_is_a_warning(staff: Staff) -> None:
    staff.writes("more.yaml", VISA.replace("topic: visa", "topic: more").replace("id: visa-extension", "id: longer"))
    warnings = staff.is_told()
    assert len(warnings) == 4
    assert warnings[0] == (
        "visa.yaml:6:12: warning: “How do I extend my visa?” also leads to “longer” (more.yaml:6);"
        " keep it at one of the two"
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[How do I extend my visa?]", "How do I extend my visa?", "6:11: error: a list is expected here"),
        ("[How do I extend my visa?]", "[]", "6:11: error: at least one is needed here"),
        ("[How do I extend my visa?]", "['  ']", "6:12: error: this is empty; write something or leave the line out"),
        ("How do I extend my visa?", "W" * 201, "6:12: error: this text has 201 characters; at most 200 fit"),
        ("ru: Напишите на {email} вовремя.", "ru: [Напишите]", "16:11: error: text is expected here, not a list"),
        ("title: {en: Visa, ru: Виза, tg: Раводид, zh: 签证}", "title: Visa", "2:8: error: names with values are"),
    ],
)
def test_each_kind_of_wrong_value_has_a_sentence_of_its_own(staff: Staff, before: str, after: str, told: str) -> None:
    staff.changes("visa.yaml", before, after)
    assert [line[: len(told) + 10] for line in staff.mistakes()] == [f"visa.yaml:{told}"]


@pytest.mark.parametrize("fact", ["name", "time_zone", "email", "phone"])
def test_a_fact_that_the_bot_needs_is_missed(staff: Staff, fact: str) -> None:
    staff.changes("institute.yaml", f"  {fact}:", f"  my_{fact}:")
    assert f"institute.yaml:2:3: error: the fact “{fact}:” is missing here" in staff.mistakes()


@pytest.mark.parametrize("zone", ["Qingdao", "Asia", "../etc/passwd", "{ru: Пекин}"])
def test_a_time_zone_that_does_not_exist_is_told(staff: Staff, zone: str) -> None:
    staff.changes("institute.yaml", "Asia/Shanghai", zone)
    assert [line for line in staff.mistakes() if line.startswith("institute.yaml:3:14: error: “")]


@pytest.mark.parametrize("value", ["office@example.org", "+86 000 0000 0000", "https://example.org/map", "000 CNY"])
def test_facts_with_example_values_are_warnings(staff: Staff, value: str) -> None:
    staff.changes("institute.yaml", "+86 532 8888 7777", value)
    assert staff.is_told() == [
        "institute.yaml:5:10: warning: “phone” still has its example value; put the institute's own in"
    ]


@pytest.mark.parametrize("value", ["110", "+86 532 8888 7000", "2000 CNY", "10:00", "100 %"])
def test_real_facts_are_not_taken_for_examples(staff: Staff, value: str) -> None:
    staff.changes("institute.yaml", "+86 532 8888 7777", f'"{value}"')
    assert staff.is_told() == []


def test_a_fact_cannot_mention_another_fact(staff: Staff) -> None:
    staff.changes("institute.yaml", "+86 532 8888 7777", "see {email}")
    assert staff.is_told() == ["institute.yaml:5:10: error: a fact has no { or }: facts are not put into facts"]
