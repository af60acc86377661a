"""Accuracy over labelled questions: the shares by hand, and files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language import Language
from bot.matching.decide import Answer
from bot.matching.matcher import Matcher
from bot.matching.measure import (
    Labelled,
    LabelsError,
    Outcome,
    ask_timed,
    read_labels,
    summarise,
    table,
    try_one,
)
from tests.conftest import HOME
from tests.staff import INSTITUTE, Staff

ROW = [
    "questions",
    "top1",
    "top3",
    "right",
    "choice",
    "wrong",
    "missed",
    "oos",
    "oos_answered",
    "oos_choice",
    "oos_refused",
    "ms",
]


def inside(reply: str, place: int | None, milliseconds: float, *, right: bool, kind: str = "plain") -> Outcome:
    return Outcome(Labelled("en", frozenset({"visa"}), kind, "?"), place, reply, right, milliseconds)


def outside(reply: str, milliseconds: float) -> Outcome:
    return Outcome(Labelled("ru", frozenset(), "oos", "?"), None, reply, False, milliseconds)


OUTCOMES = [
    inside("answer", 0, 1, right=True),
    inside("answer", 0, 2, right=True),
    inside("answer", 1, 3, right=False),  # the right entry came second, another one was answered
    inside("choice", 2, 4, right=True),
    inside("choice", None, 5, right=False),
    inside("unknown", 0, 6, right=False, kind="typo"),
    inside("unknown", None, 7, right=False, kind="typo"),
    inside("answer", None, 8, right=False),
    outside("answer", 9),
    outside("choice", 10),
    outside("unknown", 11),
    outside("unknown", 12),
]


def test_the_shares_are_those_that_one_counts_by_hand() -> None:
    row = summarise(OUTCOMES)
    assert (row.questions, row.oos) == (8, 4)
    assert row.top1 == 3 / 8
    assert row.top3 == 5 / 8
    assert row.right == 2 / 8
    assert row.choice == 1 / 8
    assert row.wrong == 2 / 8
    assert row.missed == 3 / 8
    assert row.right + row.choice + row.wrong + row.missed == 1
    assert (row.oos_answered, row.oos_choice, row.oos_refused) == (1 / 4, 1 / 4, 2 / 4)


def test_half_of_the_questions_are_faster_than_p50() -> None:
    assert summarise(OUTCOMES).ms == {"p50": 6, "p99": 12}
    assert summarise(OUTCOMES[:1]).ms == {"p50": 1, "p99": 1}


def test_a_share_of_no_questions_is_none() -> None:
    row = summarise([])
    assert (row.questions, row.top1, row.oos, row.oos_answered, row.ms) == (0, 0, 0, 0, {"p50": 0, "p99": 0})


def test_the_table_has_a_row_for_all_for_each_language_and_for_each_kind() -> None:
    measured = table(OUTCOMES)
    assert list(measured) == ["all", "languages", "kinds"]
    assert list(measured["languages"]) == ["en", "ru"]
    assert list(measured["kinds"]) == ["plain", "typo", "oos"]
    for row in (measured["all"], *measured["languages"].values(), *measured["kinds"].values()):
        assert list(row) == ROW
    assert measured["kinds"]["typo"]["top1"] == 1 / 2
    assert measured["languages"]["ru"]["oos_refused"] == 2 / 4


def labels(tmp_path: Path, *lines: str, header: str = "language\texpected\tkind\ttext") -> Path:
    path = tmp_path / "questions.tsv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def test_labelled_questions_are_read(tmp_path: Path) -> None:
    path = labels(tmp_path, 'en\ta|b\tplain\tsay "hi"', "ru\tOOS\tfar\tкто там", "")
    assert read_labels(path) == [
        Labelled("en", frozenset({"a", "b"}), "plain", 'say "hi"'),
        Labelled("ru", frozenset(), "far", "кто там"),
    ]


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = labels(tmp_path, "en\ta\tplain\tvisa?")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert [question.text for question in read_labels(path)] == ["visa?"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ":1: the first line must be language expected kind text, separated by tabs"),
        (b"language,expected,kind,text\n", ":1: the first line must be"),
        (
            b"language\texpected\tkind\ttext\nen\ta\tvisa?\n",
            ":2: 4 columns separated by tabs are expected, 3 are there",
        ),
        (b"language\texpected\tkind\ttext\nen\ta\tplain\t\xff\n", " cannot be read: "),
        (b"language\texpected\tkind\ttext\n" + b"x" * 200_000, " cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "questions.tsv"
    path.write_bytes(content)
    with pytest.raises(LabelsError) as error:
        read_labels(path)
    assert str(error.value).startswith(f"{path}{told}")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="cannot be read"):
        read_labels(tmp_path / "nowhere.tsv")


def test_either_of_two_entries_is_right(matcher: Matcher) -> None:
    outcome = try_one(matcher, Labelled("en", frozenset({"reentry", "visa-extension"}), "plain", "visa extension"))
    assert (outcome.place, outcome.reply, outcome.right) == (0, "answer", True)


def test_a_wrong_answer_and_an_unexpected_one_are_not_right(matcher: Matcher) -> None:
    wrong = try_one(matcher, Labelled("en", frozenset({"wifi"}), "plain", "How do I extend my visa?"))
    assert (wrong.place, wrong.reply, wrong.right) == (None, "answer", False)
    unexpected = try_one(matcher, Labelled("en", frozenset(), "oos", "How do I extend my visa?"))
    assert (unexpected.reply, unexpected.right) == ("answer", False)


def test_asking_takes_some_time(matcher: Matcher) -> None:
    asked = ask_timed(matcher, "How do I extend my visa?", Language.EN)
    assert isinstance(asked.reply, Answer)
    assert asked.milliseconds > 0


def test_content_in_a_single_language_can_be_measured(staff: Staff) -> None:
    staff.writes("institute.yaml", INSTITUTE)
    (staff.folder / "sessions.yaml").unlink()
    staff.writes(
        "visa.yaml",
        "topic: visa\ntitle: {tg: Раводид}\nentries:\n"
        "  - {id: longer, ask: {tg: [Раводидро чӣ тавр дароз кунам?]}, answer: {tg: Ба полис равед.}}\n"
        "  - {id: lost, ask: {tg: [Шиносномаамро гум кардам]}, answer: {tg: Ба полис равед.}}\n",
    )
    assert staff.mistakes() == []
    matcher = Matcher(staff.content())
    questions = [
        Labelled("tg", frozenset({"longer"}), "plain", "раводидро дароз кардан"),
        Labelled("tg", frozenset({"lost"}), "plain", "шиноснома гум шуд"),
    ]
    assert summarise([try_one(matcher, question) for question in questions]).top1 == 1


@pytest.mark.parametrize("language", Language)
def test_the_projects_own_questions_name_entries_that_exist(matcher: Matcher, language: Language) -> None:
    questions = read_labels(HOME / "tests" / "questions" / f"{language}.tsv")
    assert {question.language for question in questions} == {language.value}
    assert len([question for question in questions if question.expected]) >= 150
    assert len([question for question in questions if not question.expected]) >= 30
    assert {name for question in questions for name in question.expected} <= set(matcher.content.entries)


@pytest.mark.parametrize("language", Language)
def test_the_projects_own_questions_are_not_phrasings_of_the_faq(matcher: Matcher, language: Language) -> None:
    """A question that is a phrasing measures nothing; but two key words, or a greeting, are soon the same."""
    known = {text.casefold() for entry in matcher.content.entries.values() for text in entry.ask[language]}
    folder = HOME / "tests" / "questions"
    questions = [one for path in folder.glob(f"**/{language}.tsv") for one in read_labels(path)]
    copied = [q.text for q in questions if q.text.casefold() in known and q.kind not in ("greeting", "keywords")]
    assert copied == []
