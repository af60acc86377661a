"""The content doctor: what staff are told about their phrasings, at which place, and what they are not told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.language import Language
from bot.matching.doctor import COLLIDING, Finding, examine
from bot.matching.matcher import Matcher
from tests.conftest import HOME
from tests.staff import Staff
from tests.test_command_line import Shell

VISA = [
    "How do I extend my visa?",
    "My visa runs out soon",
    "Can I stay longer on this visa?",
    "extension of a Chinese visa",
    "Who extends visas here?",
]
DORMITORY = [
    "How much is the dormitory?",
    "Price of a bed in the dormitory",
    "dormitory fee for a month",
    "What does a dormitory room cost?",
    "Is the dormitory paid monthly?",
]
# These have nothing in common with each other, nor with the rest.
BAG = ["umbrella", "bicycle", "laundry", "gymnastics", "whiskey"]
FIRST_LINE = 8


def topic(entry: str, phrasings: list[str], *, name: str = "", language: str = "en") -> str:
    """A file with one entry; its phrasings stand from line 8 on, each at column 11."""
    lines = "".join(f"        - {phrasing}\n" for phrasing in phrasings)
    return (
        f"topic: {name or entry}\ntitle: {{en: Life}}\nentries:\n  # what staff wrote\n"
        f"  - id: {entry}\n    ask:\n      {language}:\n{lines}    answer: {{en: '-'}}\n"
    )


class Office(Staff):
    """Somebody whose content has two good entries with five phrasings each, and changes it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.entry("visa", VISA)
        self.entry("dormitory", DORMITORY)

    def entry(self, name: str, phrasings: list[str], language: str = "en") -> None:
        self.writes(f"{name}.yaml", topic(name, phrasings, language=language))

    def marks(self, *questions: str) -> None:
        lines = "".join(f"    - {question}\n" for question in questions)
        self.writes("out-of-scope.yaml", f"out_of_scope:\n  en:\n{lines}")

    def findings(self) -> list[Finding]:
        return list(examine(Matcher(self.content())))

    def hears(self) -> list[str]:
        """What the doctor says, as `check` prints it but for the folder; not what is said about files."""
        shell = Shell(self, self.folder.parent)
        quick, full = (shell.runs("check", *options) for options in (("--quick",), ()))
        assert (quick.exit_code, full.exit_code) == (0, 0)
        known = quick.stdout.splitlines()[:-1]
        lines = [line for line in full.stdout.splitlines()[:-1] if line not in known]
        return [line.removeprefix(f"{self.folder}/") for line in lines]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path / "faq")


def test_good_phrasings_are_told_nothing(office: Office) -> None:
    office.marks("Who won the football match?", "a visa for America")
    assert office.hears() == []


@pytest.mark.parametrize(
    ("count", "told"), [(1, "this is the only phrasing"), (2, "these are only 2 phrasings"), (4, "these are only 4")]
)
def test_few_phrasings_are_told_where_the_language_begins(office: Office, count: int, told: str) -> None:
    office.entry("visa", VISA[:count])
    (line,) = office.hears()
    assert line.startswith(f"visa.yaml:{FIRST_LINE}:9: warning: {told}")
    assert line.endswith(" in en; six to ten with different words are understood far better")


def test_few_phrasings_are_counted_in_each_language(office: Office) -> None:
    office.changes("visa.yaml", "    answer:", "      ru: [Как продлить визу?]\n    answer:")
    (line,) = office.hears()
    assert line.startswith("visa.yaml:13:11: warning: this is the only phrasing in ru;")


def test_a_phrasing_that_says_nearly_the_same_is_told_at_the_later_one(office: Office) -> None:
    office.entry("visa", [*VISA, "how do I extend my visas"])
    assert office.hears() == [
        f"visa.yaml:{FIRST_LINE + 5}:11: warning: “how do I extend my visas” says nearly the same as "
        "“How do I extend my visa?”; other words would teach more"
    ]


def test_the_same_words_in_another_language_of_the_entry_are_no_repetition(office: Office) -> None:
    office.changes("visa.yaml", "    answer:", f"      tg: {VISA}\n    answer:")
    assert not [finding for finding in office.findings() if "nearly the same" in finding.message]


def test_phrasings_of_two_entries_that_are_hard_to_tell_apart_are_told_with_the_other_one(office: Office) -> None:
    office.entry("visa", [*VISA, "What does the dormitory room cost?"])
    told = [line for line in office.hears() if "is hard to tell from" in line]
    assert told == [
        f"visa.yaml:{FIRST_LINE + 5}:11: warning: “What does the dormitory room cost?” is hard to tell from “What does "
        "a dormitory room cost?” of “dormitory”; put in a word that only this entry has, or keep one of them"
    ]


def test_phrasings_are_hard_to_tell_apart_in_whatever_languages_they_stand(office: Office) -> None:
    office.entry("visa", [*VISA, "What does the dormitory room cost?"], language="tg")
    (finding,) = [finding for finding in office.findings() if "is hard to tell from" in finding.message]
    assert (finding.entry, finding.language, finding.number) == ("visa", Language.TG, 5)


def test_one_word_in_common_makes_no_two_phrasings_hard_to_tell_apart(office: Office) -> None:
    office.entry("dormitory", [*DORMITORY, "Is my visa needed to move into the dormitory?"])
    assert not [finding for finding in office.findings() if "is hard to tell from" in finding.message]


def test_a_phrasing_that_belongs_to_another_entry_is_told_with_what_would_answer_it(office: Office) -> None:
    office.entry("dormitory", [*DORMITORY[:2], "Can my visa be extended?", *DORMITORY[2:]])
    assert office.hears() == [
        f"dormitory.yaml:{FIRST_LINE + 2}:11: warning: “Can my visa be extended?” would be answered with “visa” if it "
        "did not stand here (because of “How do I extend my visa?”); add phrasings like it here, or move it there"
    ]


def test_phrasings_like_it_make_a_phrasing_at_home(office: Office) -> None:
    """The advice that the doctor gives is worth following."""
    at_home = [f"Can my visa be extended {way} the dormitory?" for way in ("at", "inside", "by people of")]
    office.entry("dormitory", [*DORMITORY, *at_home])
    assert not [finding for finding in office.findings() if "would be answered with" in finding.message]


def test_an_entry_whose_phrasings_have_nothing_in_common_is_told_once(office: Office) -> None:
    office.entry("bag", BAG)
    assert office.hears() == [
        f"bag.yaml:{FIRST_LINE}:9: warning: 5 of 5 phrasings are not understood when left out, such as “umbrella”; add "
        "phrasings that share words with them"
    ]


def test_an_entry_of_which_a_single_phrasing_stands_alone_is_told_nothing(office: Office) -> None:
    office.entry("visa", [*VISA, "umbrella"])
    assert office.hears() == []


def test_greetings_need_nothing_in_common(office: Office) -> None:
    office.writes("bag.yaml", topic("thanks", BAG, name="small-talk"))
    assert office.hears() == []


def test_a_question_out_of_scope_that_is_answered_all_the_same_is_told_in_its_file(office: Office) -> None:
    office.marks("Who won the football match?", "Who extends visas here?")
    assert office.hears() == [
        "out-of-scope.yaml:4:7: warning: “Who extends visas here?” is out of scope, and yet would be answered with "
        "“visa” (because of “Who extends visas here?”); make that phrasing more specific, or add questions like this "
        "one"
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_question_out_of_scope_that_is_only_like_a_phrasing_is_told_nothing(office: Office, count: int) -> None:
    """Staff marked it, so it is not answered; however few they marked."""
    marked = ("Price of a bed in the shop", "Who extends visas in Brazil?", "Who won?", "dormitory fee in Berlin")
    office.marks(*marked[:count])
    assert [finding for finding in office.findings() if finding.entry is None] == []


def test_a_quick_check_does_not_ask_the_doctor(office: Office) -> None:
    office.entry("bag", BAG[:2])
    printed = Shell(office, office.folder.parent).runs("check", "--quick").stdout
    assert "phrasings" not in printed.replace("these phrasings are missing in", "")


def test_content_without_entries_of_a_kind_can_be_examined(office: Office) -> None:
    office.entry("visa", ["???", "👋"])
    office.entry("dormitory", ["签证"], language="zh")
    assert {(finding.entry, finding.number) for finding in office.findings()} == {("visa", None), ("dormitory", None)}


def test_no_two_phrasings_of_different_shipped_entries_are_hard_to_tell_apart(matcher: Matcher) -> None:
    forms = matcher.written.forms
    pairs = {
        frozenset({(form.name, form.phrasing), (forms[other].name, forms[other].phrasing)})
        for form, (near, _) in zip(forms, matcher.written.alike(COLLIDING), strict=True)
        for other in near.tolist()
        if forms[other].entry != form.entry
    }
    assert pairs == set()


class Told(NamedTuple):
    path: Path
    line: int
    column: int
    message: str

    def there(self) -> str:
        """What stands at the place."""
        return self.path.read_text(encoding="utf-8").splitlines()[self.line - 1][self.column - 1 :]


def test_the_shipped_content_can_go_live_and_each_finding_points_at_the_phrasing_it_names(
    staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = Shell(staff, tmp_path).runs("check", "--faq", str(HOME / "faq"))
    assert result.exit_code == 0
    *lines, last = result.stdout.splitlines()
    assert last == f"71 entries ready to go live, {len(lines)} warnings"
    found = [re.fullmatch(r"(.+?):(\d+):(\d+): warning: (.+)", line) for line in lines]
    told = [Told(Path(one[1]), int(one[2]), int(one[3]), one[4]) for one in found if one]
    assert len(told) == len(lines)
    named = [(one, re.match("“(.+?)” (?:would be|is hard|says nearly|is out of)", one.message)) for one in told]
    wrong = [one for one, match in named if match and not one.there().lstrip("\"'").startswith(match[1])]
    assert any(match for _, match in named)
    assert wrong == []
