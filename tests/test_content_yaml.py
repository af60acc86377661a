"""Files that are not the YAML they should be: told with a place, in plain words, and never the end of the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.staff import VISA, Staff


def told(staff: Staff, text: str | bytes) -> list[str]:
    """What staff are told who save this as visa.yaml."""
    staff.writes("visa.yaml", text)
    return [line.removeprefix("visa.yaml:") for line in staff.is_told()]


def test_a_tab_is_told_where_it_stands(staff: Staff) -> None:
    assert told(staff, VISA.replace("    ask:", "\task:")) == ["5:1: error: a tab stands here; indent with spaces"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("title: {en: Visa,", "title: Visa: all\nx: {en: Visa,", "2:12: error: this line has a second “: ”"),
        ("title: {en: Visa,", 'title: {en: "Visa,', "2:13: error: these quotes are not closed"),
        ("zh: 签证}", "zh: 签证", "3:8: error: a comma or the closing bracket is missing"),
        ("    ask:", "   ask:", "5:4: error: the items of a list (“- ”) begin exactly below each other"),
        ("      ru: [Как", "     ru: [Как", "7:6: error: names begin exactly below each other"),
        ("    ask:", "    ask", "6:9: error: above this, a name lacks its “:”"),
        ("ru: Напишите", "ru: **Срочно** напишите", "16:12: error: a text that begins with * or & stands in quotes"),
        ("How do I extend", "@How do I extend", "6:12: error: a value cannot begin with this character"),
        ("topic: visa\n", "topic: visa\n---\n", "2:1: error: “---” begins a second document"),
        (
            "ru: Напишите на {email}",
            "ru: {email}",
            "16:19: error: names begin exactly below each other; text that begins with { or [ stands in quotes",
        ),
        ("ru: Напишите", "ru: !Напишите", "16:12: error: a text that begins with ! stands in quotes"),
    ],
)
def test_a_slip_of_the_keyboard_is_told_in_plain_words(staff: Staff, before: str, after: str, expected: str) -> None:
    assert VISA.count(before) == 1
    assert told(staff, VISA.replace(before, after))[0].startswith(expected)


def test_references_are_not_followed(staff: Staff) -> None:
    text = VISA.replace("How do I extend my visa?", "&title How do I extend my visa?")
    assert told(staff, text.replace("Как продлить визу?", "*title")) == [
        "6:12: error: references (&name, *name) are not allowed here; write the value out"
    ]


def test_a_file_that_unfolds_without_end_is_refused(staff: Staff) -> None:
    laughs = "a0: &a0 [ha, ha]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}, *a{n}]\n" for n in range(60))
    assert any("references" in line for line in told(staff, laughs))


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.mkdir [x]", "!!python/name:os.system x", "!secret x", "!!int 5", "!!binary aa"]
)
def test_tags_are_refused_and_nothing_is_run(
    staff: Staff, tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = "6:12: error: a value that begins with “!” stands in quotes; tags (!name) are not allowed here"
    assert refused in told(staff, VISA.replace("How do I extend my visa?", tag))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("sign", ["[", "{", "- ", "? ", "[{", "a: [", '{"a": '])
def test_a_hundred_thousand_brackets_are_told_and_not_the_end(staff: Staff, sign: str) -> None:
    (line,) = told(staff, sign * 100_000)
    assert line.startswith("1:")
    assert line.endswith("error: values are nested deeper than 30 levels")


def test_a_file_of_three_megabytes_is_told_to_be_too_large(staff: Staff) -> None:
    large = "# " + "x" * 3_000_000
    assert told(staff, large) == ["1:1: error: the file is larger than 2,000,000 bytes; is it really a content file?"]


@pytest.mark.parametrize("nothing", ["", "\n\n", "# to be written\n", "\ufeff"])
def test_an_empty_file_is_told(staff: Staff, nothing: str) -> None:
    assert told(staff, nothing) == ["1:1: error: the file is empty"]


@pytest.mark.parametrize("useless", ["visa", "- visa", "--- visa", "''", "[]", "{}"])
def test_a_file_without_names_and_values_is_told(staff: Staff, useless: str) -> None:
    lines = told(staff, useless)
    assert lines
    assert all(line.startswith("1:") for line in lines)


@pytest.mark.parametrize(("encoding", "place"), [("cp1251", "2:23"), ("koi8-r", "2:23"), ("utf-16", "1:1")])
def test_a_file_in_another_encoding_is_told_where_it_shows(staff: Staff, encoding: str, place: str) -> None:
    text = VISA.encode(encoding, "replace")
    message = "the file is not saved as UTF-8; choose the encoding UTF-8 in the editor"
    assert told(staff, text) == [f"{place}: error: {message}"]


@pytest.mark.parametrize("character", ["\0", "\a", "\x7f", "\ufffe"])
def test_a_character_that_yaml_does_not_allow_is_told_where_it_stands(staff: Staff, character: str) -> None:
    assert told(staff, VISA.replace("my visa?", f"my{character} visa?")) == [
        f"6:30: error: a character that YAML does not allow (number {ord(character):#x}) stands here; delete it"
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_welcome(staff: Staff) -> None:
    staff.writes("visa.yaml", b"\xef\xbb\xbf" + VISA.replace("\n", "\r\n").encode())
    assert staff.is_told() == []
    assert "\r" not in str(staff.content().entries["visa-extension"].answer)


def test_values_stay_the_text_that_staff_wrote(staff: Staff) -> None:
    """YAML itself would make 1110 of 18:30, False of no and 10 of 010."""
    staff.changes("visa.yaml", "en: [How do I extend my visa?]", "en: [18:30, no, 010, 2027-01-31, ~, 1e3]")
    ask = staff.content().entries["visa-extension"].ask
    assert next(iter(ask.values())) == ("18:30", "no", "010", "2027-01-31", "~", "1e3")


def test_a_list_in_the_place_of_a_name_is_told(staff: Staff) -> None:
    assert told(staff, VISA + "? [a, b]\n: c\n") == [
        "19:3: error: a name is expected before the colon; put text in brackets in quotes"
    ]
