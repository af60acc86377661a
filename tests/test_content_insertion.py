"""The text of a content file keeps every character when phrasings are put into it: order, comments, quotes, layout."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

import pytest

from bot.content.learned import Learned
from bot.content.merge import Merged, merge
from bot.content.reader import read
from bot.language import Language
from tests.conftest import HOME
from tests.staff import VISA, Staff

EN, RU, TG, ZH = Language
ID = "visa-extension"
FLOW = "      en: [How do I extend my visa?]\n"
BLOCK = "      en:\n        - How do I extend my visa?\n"


def asked(text: str, language: Language = EN) -> Learned:
    return Learned(ID, language, text)


def visa(list_of_en: str) -> str:
    """The file of the visa topic with another list of English phrasings."""
    return VISA.replace(FLOW, list_of_en)


def merged(staff: Staff, before: str, *learned: Learned) -> str:
    """The file of the visa topic as it is after a merge in which nothing was left."""
    staff.writes("visa.yaml", before)
    outcome = merge(staff.folder, learned)
    assert outcome == Merged(learned, (), (staff.folder / "visa.yaml",))
    return (staff.folder / "visa.yaml").read_bytes().decode()


def test_every_list_of_the_shipped_files_can_be_added_to_and_nothing_else_in_them_changes(tmp_path: Path) -> None:
    folder = tmp_path / "faq"
    shutil.copytree(HOME / "faq", folder)
    before = read(folder).content
    assert before is not None
    places = [(entry.id, language) for entry in before.entries.values() for language in Language]
    learned = [Learned(entry, language, f"{entry}: {language}") for entry, language in places]
    learned += [Learned(None, language, f"#{language}?") for language in Language]
    outcome = merge(folder, learned)
    assert (outcome.done, outcome.left) == (tuple(learned), ())
    added = 0
    for path in folder.glob("*.yaml"):
        old, new = ((root / path.name).read_bytes().decode().splitlines(True) for root in (HOME / "faq", folder))
        signs = [line[0] for line in difflib.unified_diff(old, new, n=0) if not line.startswith(("---", "+++", "@@"))]
        assert set(signs) <= {"+"}, path
        assert bool(signs) == (path in outcome.files), path
        added += len(signs)
    after = read(folder)
    assert after.content is not None, after.errors
    assert added == len(learned)
    for entry, language in places:
        old_ask, new_ask = before.entries[entry].ask[language], after.content.entries[entry].ask[language]
        assert new_ask == (*old_ask, f"{entry}: {language}")
    for language in Language:
        assert after.content.out_of_scope[language] == (*before.out_of_scope[language], f"#{language}?")


LISTS = {
    "indented": (BLOCK, BLOCK + "        - New?\n"),
    "not indented": ("      en:\n      - How?\n", "      en:\n      - How?\n      - New?\n"),
    "wide dash": ("      en:\n        -   How?\n", "      en:\n        -   How?\n        -   New?\n"),
    "comments": (
        "      en: # a\n        # b\n        - How? # c\n        # d\n\n",
        "      en: # a\n        # b\n        - How? # c\n        - New?\n        # d\n\n",
    ),
    "blank lines": ("      en:\n\n        - How?\n\n\n", "      en:\n\n        - How?\n        - New?\n\n\n"),
    "quotes": (
        "      en:\n        - 'How: x'\n        - \"a\n          b\"\n",
        "      en:\n        - 'How: x'\n        - \"a\n          b\"\n        - New?\n",
    ),
    "folded": (
        "      en:\n        - >-\n          How\n          come?\n",
        "      en:\n        - >-\n          How\n          come?\n        - New?\n",
    ),
    "long plain text": (
        f"      en:\n        - {'word ' * 35}\n        - on\n          two lines\n",
        f"      en:\n        - {'word ' * 35}\n        - on\n          two lines\n        - New?\n",
    ),
    "brackets": (FLOW, "      en: [How do I extend my visa?, New?]\n"),
    "brackets, spaces and a comma": (
        "      en: [ How?, 'When?' , ]  # x\n",
        "      en: [ How?, 'When?', New? , ]  # x\n",
    ),
    "brackets over lines": (
        "      en: [\n        How?,\n        When?\n      ]\n",
        "      en: [\n        How?,\n        When?,\n        New?\n      ]\n",
    ),
    "brackets over lines, a comma": (
        "      en: [\n        How?,\n      ]\n",
        "      en: [\n        How?,\n        New?,\n      ]\n",
    ),
    "brackets with a comment": (
        "      en: [\n        How?  # x\n      ]\n",
        "      en: [\n        How?, New?  # x\n      ]\n",
    ),
    "quoted key": ('      "en":\n        - How?\n', '      "en":\n        - How?\n        - New?\n'),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(("before", "after"), LISTS.values(), ids=LISTS)
def test_a_list_keeps_its_style(staff: Staff, before: str, after: str, ends: str) -> None:
    new = merged(staff, visa(before).replace("\n", ends), asked("New?"))
    assert new == visa(after).replace("\n", ends)
    assert staff.content().entries[ID].ask[EN][-1] == "New?"


def test_a_byte_order_mark_stays(staff: Staff) -> None:
    assert merged(staff, "\ufeff" + visa(BLOCK), asked("New?")) == "\ufeff" + visa(BLOCK + "        - New?\n")


@pytest.mark.parametrize("end", ["", "\n", "  # the last", "\n\n# the last"])
def test_the_last_line_of_a_file_ends_as_before(staff: Staff, end: str) -> None:
    head, _, tail = VISA.partition("    ask:\n")
    asks, answers = tail[: tail.index("    answer:")], tail[tail.index("    answer:") :]
    before = f"{head}{answers}    ask:\n{asks.replace(FLOW, '')}{BLOCK.rstrip()}"
    rest = end.replace("\n", "\n        - New?\n", 1) if "\n" in end else f"{end}\n        - New?"
    assert merged(staff, before + end, asked("New?")) == before + rest


def test_a_mapping_in_brackets_is_added_to_inside_them(staff: Staff) -> None:
    asks = VISA[VISA.index("      en: [How") : VISA.index("    answer:")]
    before = VISA.replace(f"    ask:\n{asks}", "    ask: {en: [How?], ru: [Как?], tg: [Чӣ?]}\n")
    new = merged(staff, before, asked("怎么？", ZH), asked("什么？", ZH), asked("New?"))
    assert "    ask: {en: [How?, New?], ru: [Как?], tg: [Чӣ?], zh: [怎么？, 什么？]}\n" in new


def test_a_language_that_an_entry_does_not_have_comes_behind_the_others(staff: Staff) -> None:
    rest = VISA[VISA.index("      ru: [Как") : VISA.index("    answer:")]
    block = merged(staff, visa(BLOCK).replace(rest, ""), asked("Виза?", RU), asked("New?"), asked("виза: как", RU))
    assert BLOCK + "        - New?\n      ru:\n        - Виза?\n        - 'виза: как'\n    answer:\n" in block
    flow = merged(staff, VISA.replace(rest, ""), asked("Виза?", RU), asked("виза, как", RU))
    assert FLOW + "      ru: [Виза?, 'виза, как']\n    answer:\n" in flow


@pytest.mark.parametrize(
    ("text", "in_a_list", "in_brackets"),
    [
        ("How long?", "How long?", "How long?"),
        ("visa, passport", "visa, passport", "'visa, passport'"),
        ("a:b c#d", "a:b c#d", "a:b c#d"),
        ("visa: how", "'visa: how'", "'visa: how'"),
        ("what's #1: that", '"what\'s #1: that"', '"what\'s #1: that"'),
        ("what's up", "what's up", "what's up"),
        ("room #5", "'room #5'", "'room #5'"),
        ("- visa", "'- visa'", "'- visa'"),
        ("-visa", "-visa", "-visa"),
        ("{email}", "'{email}'", "'{email}'"),
        ("to {email}", "to {email}", "'to {email}'"),
        ("yes", "'yes'", "'yes'"),
        ("No", "'No'", "'No'"),
        ("null", "'null'", "'null'"),
        ("~", "'~'", "'~'"),
        ("5555", "'5555'", "'5555'"),
        ("0o17", "'0o17'", "'0o17'"),
        ("18:30", "'18:30'", "'18:30'"),
        ("2027-01-31", "'2027-01-31'", "'2027-01-31'"),
        ("@desk", "'@desk'", "'@desk'"),
        ("'visa'", "\"'visa'\"", "\"'visa'\""),
        ('"visa" \\n', "'\"visa\" \\n'", "'\"visa\" \\n'"),
        ("виза?", "виза?", "виза?"),
        ("👩‍👩‍👧 签证：多久？", "👩‍👩‍👧 签证：多久？", "👩‍👩‍👧 签证：多久？"),
    ],
)
def test_quotes_stand_exactly_where_yaml_needs_them(staff: Staff, text: str, in_a_list: str, in_brackets: str) -> None:
    assert merged(staff, visa(BLOCK), asked(text)) == visa(f"{BLOCK}        - {in_a_list}\n")
    assert merged(staff, VISA, asked(text)) == visa(FLOW.replace("]", f", {in_brackets}]"))
    assert staff.content().entries[ID].ask[EN][-1] == text
