"""Fitted numbers: their file, how it goes live, and the fitting itself, by numbers known beforehand and by promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.running import UNUSABLE
from bot.language import Language
from bot.matching.decide import Answer, decide
from bot.matching.fitted import Fitted, FittedError, Thresholds, parse, shipped
from bot.matching.fitting import fit
from bot.matching.matcher import Matcher
from bot.matching.measure import Labelled, read_labels, summarise, try_one
from bot.matching.regression import Flags, Matrix, area, conditional_logit, cross_validated, logistic
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.conftest import HOME
from tests.staff import Staff
from tests.test_command_line import Shell
from tests.test_content_live import open_office

QUESTION = "How do I extend my visa?"
# With these nothing is ever sure enough.
STRICT = replace(shipped(), lexical_thresholds=Thresholds(2, 2))


def test_what_was_fitted_is_read_back_as_it_was_written() -> None:
    assert parse(shipped().text()) == shipped()
    assert parse(STRICT.text()) == STRICT != shipped()


def changed(**parts: object) -> str:
    """The file with some of its parts changed by hand."""
    return json.dumps(json.loads(shipped().text()) | parts)


DAMAGED = {
    "not closed": "{",
    "a list": "[]",
    "nothing": "null",
    "cut off": shipped().text()[:-20],
    "too deep": "[" * 100_000,
    "unknown part": changed(ranking={"profile": 0.5, "wisdom": 0.5}),
    "unknown signal": changed(lexical={"bias": 1, "wisdom": 2}),
    "embeddings where they have no say": changed(lexical={"bias": 1, "meaning": 2}),
    "no number": changed(semantic={"bias": "much"}),
    "no bias, so no probability": changed(lexical={}),
    "missing": changed(sharpness=None),
    "not a number": changed(sharpness=float("nan")),
    "too large": changed(sharpness=10**400),
    "no choice": changed(lexical_thresholds={"answer": 0.9}),
    "no entries": changed(basis={"questions": 1}),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_cannot_be_used_says_so_and_what_to_do(text: str) -> None:
    with pytest.raises(FittedError) as told:
        parse(text)
    assert str(told.value).startswith("fitted.json cannot be used (")
    assert str(told.value).endswith("; make it anew with `python main.py fit`")


def test_a_signal_that_nobody_knows_is_named() -> None:
    with pytest.raises(FittedError, match="insight, wisdom is not known"):
        parse(changed(lexical={"bias": 1, "wisdom": 1, "insight": 1}))


def test_a_signal_that_was_not_fitted_counts_nothing(staff: Staff) -> None:
    staff.writes("fitted.json", changed(lexical={"bias": 0.0}))
    assert Matcher(staff.content()).rank(QUESTION).matches[0].score == 0.5


def test_content_with_numbers_of_its_own_uses_them(staff: Staff) -> None:
    assert Matcher(staff.content()).fitted == shipped()
    staff.writes("fitted.json", STRICT.text())
    matcher = Matcher(staff.content())
    assert matcher.fitted == STRICT
    assert not isinstance(decide(matcher.rank(QUESTION), Language.EN), Answer)


async def test_saving_fitted_numbers_makes_them_live_and_deleting_them_the_old_ones(
    staff: Staff, voices: Mapping[Language, Voice], database: Database
) -> None:
    async with open_office(staff, voices, database) as office:
        assert await office.knows(QUESTION)
        staff.writes("fitted.json", STRICT.text())
        await office.readings.get()
        assert not await office.knows(QUESTION)
        (staff.folder / "fitted.json").unlink()
        await office.readings.get()
        assert await office.knows(QUESTION)


async def test_numbers_that_cannot_be_used_keep_the_old_content_live_until_they_are_mended(
    staff: Staff, voices: Mapping[Language, Voice], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_office(staff, voices, database) as office:
        before = office.desk.content
        staff.writes("fitted.json", changed(ranking={"wisdom": 1}))
        await office.readings.get()
        assert "the old content stays live: fitted.json cannot be used (ValueError: wisdom is not known)" in caplog.text
        assert office.desk.content is before
        assert await office.knows(QUESTION)
        staff.writes("fitted.json", STRICT.text())
        await office.readings.get()
        assert office.desk.content is not before
        assert not await office.knows(QUESTION)


def sample(count: int) -> tuple[Matrix, np.random.Generator]:
    """Signals of very different spread and mean, as ours are."""
    chance = np.random.default_rng(3)
    return chance.normal(size=(count, 3)) * [0.1, 1, 5] + [0.5, -2, 10], chance


def test_logistic_regression_finds_the_weights_that_made_the_data() -> None:
    signals, chance = sample(40_000)
    bias, weights = -6.0, np.array([8.0, -1.0, 0.2])
    right = chance.uniform(size=len(signals)) < 1 / (1 + np.exp(-(bias + signals @ weights)))
    np.testing.assert_allclose(logistic(signals, right), [bias, *weights], rtol=0.08)


@pytest.mark.parametrize("right", [np.ones(200, bool), np.zeros(200, bool), np.arange(200) < 100])
def test_logistic_regression_stays_finite_where_everything_is_certain(right: Flags) -> None:
    signals = np.linspace(1, -1, 200)[:, None]
    sure = cross_validated(signals, right)
    assert np.isfinite(logistic(signals, right)).all()
    assert ((sure > 0.5) == right).mean() > 0.98


def test_no_question_judges_itself() -> None:
    signals, chance = sample(200)
    right = chance.uniform(size=200) < 0.5
    before = cross_validated(signals, right)
    turned = right.copy()
    turned[17] ^= True
    after = cross_validated(signals, turned)
    assert after[17] == pytest.approx(before[17], abs=1e-12)
    assert (np.abs(after - before) > 1e-9).sum() > 150  # the others have seen it


def test_the_conditional_logit_finds_the_weights_that_made_the_data() -> None:
    chance, weights = np.random.default_rng(5), np.array([6.0, 20.0, 1.0])
    parts = chance.uniform(size=(20_000, 6, 3)) * [1, 0.1, 3]
    drawn = (parts @ weights + chance.gumbel(size=(20_000, 6))).argmax(axis=1)
    np.testing.assert_allclose(conditional_logit(parts, np.arange(6) == drawn[:, None]), weights, rtol=0.1)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40))
def test_the_area_is_how_often_a_right_one_is_surer_than_another_counted_one_by_one(
    answers: list[tuple[int, bool]],
) -> None:
    sure, right = (np.array(column) for column in zip(*answers, strict=True))
    pairs = [(mine, other) for mine in sure[right] for other in sure[~right]]
    found = area(sure / 6, right)
    if not pairs:
        assert np.isnan(found)
    else:
        won = sum(1.0 if mine > other else 0.5 if mine == other else 0.0 for mine, other in pairs)
        assert found == pytest.approx(won / len(pairs))


@pytest.fixture(scope="module")
def asked() -> list[Labelled]:
    return read_labels(HOME / "tests" / "questions" / "ru.tsv")


@pytest.fixture(scope="module")
def russian(matcher: Matcher, asked: list[Labelled]) -> Fitted:
    """Fitted to the shipped content and the Russian questions alone."""
    return fit(matcher, asked, lambda _: None)


def test_fitted_thresholds_keep_what_is_promised(matcher: Matcher, russian: Fitted, asked: list[Labelled]) -> None:
    other = matcher.with_fitted(russian)
    row = summarise([try_one(other, question) for question in asked])
    assert row.oos_answered <= 0.05
    assert row.wrong <= 0.02
    assert row.right > 0.6  # silence would keep promises, too
    assert row.top1 > 0.85


def test_fitting_says_what_it_is_based_on_and_leaves_what_it_did_not_look_at(
    matcher: Matcher, russian: Fitted, asked: list[Labelled]
) -> None:
    outside = sum(not question.expected for question in asked)
    assert (russian.basis.questions, russian.basis.out_of_scope) == (len(asked), outside)
    assert russian.basis.phrasings == matcher.content.phrasings
    assert russian.basis.entries == tuple(matcher.content.entries)
    assert (russian.semantic, russian.meaning) == (matcher.fitted.semantic, matcher.fitted.meaning)
    assert russian.lexical != matcher.fitted.lexical


def test_fitted_numbers_can_be_used(russian: Fitted) -> None:
    assert parse(russian.text()) == russian
    assert sum(russian.ranking.values()) == pytest.approx(1, abs=1e-3)
    assert min(russian.ranking.values()) >= 0
    assert 0 < russian.lexical_thresholds.choice <= russian.lexical_thresholds.answer < 1
    assert russian.lexical_thresholds.answer <= russian.certain <= 1


SUBJECTS = "visa dormitory canteen library stipend laundry insurance airport timetable certificate".split()
STRANGERS = "football bitcoin weather election iPhone".split()
WAYS = [
    "where do I find the {}", "tell me about the {}", "how much is the {}", "I need the {} today", "is the {} open",
    "who can help me with the {}", "what about my {}", "problem with the {}", "the {} please", "{} for a friend",
]  # fmt: skip
ENTRY = """\
  - id: {0}
    ask:
      en: [Where is the {0}?, How does the {0} work?, I have a question about the {0}, "{0}", Any news of the {0}?]
    answer: {{en: All about the {0}.}}
"""


def questions(inside: int = 100, outside: int = 50) -> str:
    """So many questions about the ten entries, and about what no entry answers."""
    known = [f"en\t{subject}\tplain\t{way.format(subject)}" for way in WAYS for subject in SUBJECTS]
    strange = [f"en\tOOS\tfar\t{way.format(subject)}" for way in WAYS for subject in STRANGERS]
    return "\n".join(("language\texpected\tkind\ttext", *known[:inside], *strange[:outside])) + "\n"


@pytest.fixture
def shell(staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Somebody at a terminal with ten entries and enough questions."""
    monkeypatch.chdir(tmp_path)
    staff.writes("visa.yaml", "topic: all\ntitle: {en: All}\nentries:\n" + "".join(map(ENTRY.format, SUBJECTS)))
    Path("questions.tsv").write_text(questions(), encoding="utf-8")
    return Shell(staff, tmp_path)


def test_fitting_writes_the_file_beside_the_content_and_everybody_uses_it(shell: Shell, staff: Staff) -> None:
    path = staff.folder / "fitted.json"
    result = shell.runs("fit", "questions.tsv")
    assert result.exit_code == 0
    assert result.stdout == f"{path}: fitted to 150 questions and 50 phrasings\n"
    numbers = parse(path.read_text(encoding="utf-8"))
    assert Matcher(staff.content()).fitted == numbers != shipped()
    assert numbers.basis.entries == tuple(SUBJECTS)
    score = Matcher(staff.content()).rank("the visa please").matches[0].score
    (told,) = json.loads(shell.runs("ask", "the visa please", "--json").stdout)["entries"]
    assert (told["id"], told["score"]) == ("visa", pytest.approx(score, abs=1e-4))


def test_the_file_may_be_written_elsewhere_and_then_changes_nothing_here(shell: Shell, staff: Staff) -> None:
    result = shell.runs("fit", "questions.tsv", "--to", "elsewhere.json")
    assert result.stdout.startswith("elsewhere.json: fitted to 150 questions")
    assert parse(Path("elsewhere.json").read_text(encoding="utf-8")).basis.questions == 150
    assert staff.content().fitted == ""


@pytest.mark.parametrize(("inside", "outside"), [(99, 50), (100, 49), (0, 0)])
def test_too_few_questions_end_with_a_sentence(shell: Shell, staff: Staff, inside: int, outside: int) -> None:
    Path("few.tsv").write_text(questions(inside, outside), encoding="utf-8")
    result = shell.runs("fit", "few.tsv")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == ("at least 100 questions that an entry answers and 50 that none answers (OOS) are needed\n")
    assert not (staff.folder / "fitted.json").exists()


def test_questions_about_entries_that_are_not_there_end_with_a_sentence(shell: Shell, staff: Staff) -> None:
    strange = "en\tvisa|gym\tplain\twhere\nen\tbank\tplain\twhere\n"
    Path("other.tsv").write_text(questions() + strange, encoding="utf-8")
    result = shell.runs("fit", "other.tsv")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "the questions expect entries that the content does not have: bank, gym\n"
    assert not (staff.folder / "fitted.json").exists()


@pytest.mark.parametrize("command", [("ask", "visa"), ("check",), ("measure", "questions.tsv"), ("run",), ("chat",)])
def test_numbers_that_cannot_be_used_end_every_command_with_a_sentence(
    shell: Shell, staff: Staff, command: tuple[str, ...]
) -> None:
    staff.writes("fitted.json", "{")
    result = shell.runs(*command, WEB_PORT="0")
    assert result.exit_code == (UNUSABLE if command == ("run",) else 1)
    assert result.stderr.startswith("fitted.json cannot be used (")


def test_numbers_that_cannot_be_used_are_made_anew_as_the_sentence_says(shell: Shell, staff: Staff) -> None:
    staff.writes("fitted.json", changed(ranking={"wisdom": 1}))
    assert shell.runs("fit", "questions.tsv").exit_code == 0
    assert Matcher(staff.content()).fitted.basis.questions == 150


def test_a_place_where_nothing_can_be_written_is_told(shell: Shell) -> None:
    Path("in-the-way").write_text("", encoding="utf-8")
    result = shell.runs("fit", "questions.tsv", "--to", "in-the-way/fitted.json")
    assert isinstance(result.exception, SystemExit), "a sentence is expected, not a traceback"
    assert result.exit_code == 1
    assert "in-the-way/fitted.json" in result.stderr
