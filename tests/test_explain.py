"""`ask --why`: somebody who mends the content sees what the question was read as, and what decided."""

from __future__ import annotations

import json
import re
import shutil
from math import exp, log
from pathlib import Path

import pytest

from bot.content.values import Content
from bot.matching.decide import MOST_CHOICES
from bot.matching.fitted import shipped
from bot.matching.signals import LEXICAL
from tests.conftest import HOME
from tests.staff import Staff
from tests.test_command_line import Shell

FEW = ("institute.yaml", "sessions.yaml", "small-talk.yaml", "visa.yaml", "out-of-scope.yaml", "words.yaml")

RUSSIAN = "Продлите визу, пожалуйста"
WRONG_LAYOUT = "rfr ghjlkbnm dbpe?"
PINYIN = "huzhao diu le"
NONSENSE = "qwzxv bnmkj"
QUESTIONS = [RUSSIAN, WRONG_LAYOUT, PINYIN, NONSENSE]


class Why:
    """What `ask --why` printed: the reply, and behind it the explanation."""

    def __init__(self, printed: str) -> None:
        self.reply = printed[: printed.index("\nread as ")]
        self.text = printed[printed.index("\nread as ") :]

    def line(self, name: str) -> str:
        """The line that begins with this name, without it."""
        found = re.search(rf"^{name} {{2,}}(.*?) *$", self.text, re.MULTILINE)
        assert found, f"no line “{name}” in {self.text}"
        return found[1]

    def signals(self) -> dict[str, tuple[float, float, float]]:
        """Value, weight and log odds of each signal."""
        rows = re.findall(r"^ (\w+) +(-?\d+\.\d+) +(-?\d+\.\d+) +([+-]\d+\.\d+) +\S", self.text, re.MULTILINE)
        return {name: (float(value), float(weight), float(odds)) for name, value, weight, odds in rows}

    def bias(self) -> float:
        return float(re.findall(r"^ bias +([+-]\d+\.\d+)", self.text, re.MULTILINE)[0])

    def entries(self) -> list[tuple[str, float]]:
        """The entries of the table with their scores."""
        rows = re.findall(r"^ \d +([a-z-]+) +(\d\.\d\d) ", self.text, re.MULTILINE)
        return [(name, float(score)) for name, score in rows]

    def confidence(self) -> float:
        return float(self.line("confidence").split(";")[0])


class Staffer(Shell):
    """Somebody with the shipped entries about visas and small talk, at a terminal as wide as they like."""

    def asks_why(self, question: str, columns: int = 200) -> Why:
        result = self.runs("ask", "--why", question, COLUMNS=str(columns))
        assert result.exit_code == 0, result.output
        return Why(result.stdout)


@pytest.fixture(scope="module")
def staffer(tmp_path_factory: pytest.TempPathFactory) -> Staffer:
    folder = tmp_path_factory.mktemp("office")
    staff = Staff(folder / "faq")
    for name in FEW:
        shutil.copy(HOME / "faq" / name, staff.folder)
    return Staffer(staff, folder)


@pytest.fixture
def newcomer(staff: Staff, tmp_path: Path) -> Staffer:
    """Somebody with one small entry."""
    return Staffer(staff, tmp_path)


@pytest.fixture(scope="module")
def explained(staffer: Staffer) -> dict[str, Why]:
    return {question: staffer.asks_why(question) for question in QUESTIONS}


@pytest.mark.parametrize(
    ("question", "read_as", "typing", "entry"),
    [
        (RUSSIAN, "продлите визу пожалуйста", "written: продлите визу пожалуйста раводид", "visa-extension"),
        (WRONG_LAYOUT, "rfr ghjlkbnm dbpe", "wrong layout: как продлить визу раводид", "visa-extension"),
        (PINYIN, "huzhao diu le", "pinyin: huzhaodiule", "lost-passport"),
    ],
)
def test_what_the_question_was_read_as_and_the_typing_that_won_are_told(
    explained: dict[str, Why], question: str, read_as: str, typing: str, entry: str
) -> None:
    why = explained[question]
    assert why.line("read as") == read_as
    tried = [line for line in why.text.splitlines() if line.startswith("typed as")]
    (line,) = [line for line in tried if line.endswith("← won")] or tried
    assert line.startswith(f"typed as      {typing}  (best fit 0.")
    assert why.entries()[0][0] == entry


def test_nonsense_is_told_with_all_that_was_tried(explained: dict[str, Why]) -> None:
    why = explained[NONSENSE]
    assert why.line("read as") == NONSENSE
    assert why.line("typed as")
    assert re.fullmatch(r"\w+ \(unknown\), \w+ \(unknown\)", why.line("words"))
    assert why.confidence() < shipped().lexical_thresholds.answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_signal_is_told_with_its_weight_and_what_it_adds(explained: dict[str, Why], question: str) -> None:
    why = explained[question]
    weights = shipped().lexical
    signals = why.signals()
    assert tuple(signals) == LEXICAL
    assert why.bias() == pytest.approx(weights["bias"], abs=0.005)
    for name, (value, weight, odds) in signals.items():
        assert weight == pytest.approx(weights[name], abs=0.0051)
        assert odds == pytest.approx(value * weights[name], abs=0.0051 + 0.0005 * abs(weights[name]))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_log_odds_add_up_to_the_confidence(explained: dict[str, Why], question: str) -> None:
    why = explained[question]
    added = why.bias() + sum(odds for _, _, odds in why.signals().values())
    assert why.confidence() == pytest.approx(1 / (1 + exp(-added)), abs=0.02)
    odds = log(why.confidence() / (1 - why.confidence()))
    # Each of the summands is rounded to two digits, and a confidence near 1 to three.
    assert odds == pytest.approx(added, abs=0.08 + 0.0005 / (1 - why.confidence()))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_thresholds_are_told_beside_the_confidence(explained: dict[str, Why], question: str) -> None:
    thresholds = shipped().lexical_thresholds
    told = explained[question].line("confidence").split("; ")[1]
    assert told == f"an answer from {thresholds.answer:.3f} on, a choice from {thresholds.choice:.3f} on"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_runner_up_is_told_with_its_phrasing(content: Content, explained: dict[str, Why], question: str) -> None:
    why = explained[question]
    first, second, *_ = why.entries()
    name, phrasing, score = re.fullmatch(r"([a-z-]+): “(.+)” \((\d\.\d\d)\)", why.line("runner-up")).groups()  # type: ignore[union-attr]
    assert (name, float(score)) == second
    assert any(phrasing in phrasings for phrasings in content.entries[name].ask.values())
    assert first[1] == pytest.approx(why.confidence(), abs=0.006)
    assert first[1] >= second[1]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_explanation_is_of_the_very_reply_that_is_given(
    staffer: Staffer, explained: dict[str, Why], question: str
) -> None:
    reply, why = json.loads(staffer.runs("ask", "--json", question).stdout), explained[question]
    outcome, sure = re.findall(r"^(\w+), (\d+)% sure", why.reply)[0]
    assert outcome == reply["outcome"]
    assert int(sure) == pytest.approx(100 * why.confidence(), abs=0.6)
    shown = [entry["id"] for entry in reply["entries"]]
    assert len(shown) <= MOST_CHOICES
    assert [name for name, _ in why.entries()][: len(shown)] == shown


def test_a_misspelt_word_is_told_with_the_one_it_is_taken_for(staffer: Staffer) -> None:
    words = staffer.asks_why("passporrt lost zzqq").line("words")
    assert re.fullmatch(r"passporrt \(≈ passport, 0\.\d\d\), lost, zzqq \(unknown\)", words)


def test_without_embeddings_that_is_told(explained: dict[str, Why]) -> None:
    assert explained[RUSSIAN].line("embeddings") == "not at hand"


@pytest.mark.parametrize(("text", "read_as"), [("👋", "(nothing)"), ("no", "no"), ("?!", "(nothing)")])
def test_what_asks_nothing_is_told_in_a_sentence(staffer: Staffer, text: str, read_as: str) -> None:
    why = staffer.asks_why(text)
    assert why.line("read as") == read_as
    assert why.text.splitlines()[-1] == "That asks nothing: there is no word to look for."


def test_a_word_that_is_like_no_other_is_not_said_to_be_no_word(newcomer: Staffer) -> None:
    why = newcomer.asks_why("asdf")
    assert why.line("read as") == "asdf"
    assert "there is no word to look for" not in why.text


def test_without_why_nothing_is_explained(staffer: Staffer) -> None:
    printed = staffer.runs("ask", RUSSIAN).stdout
    assert "read as" not in printed
    assert "confidence" not in printed


def test_a_question_that_looks_like_markup_is_shown_as_it_is(staffer: Staffer) -> None:
    why = staffer.asks_why("[bold]visa[/bold] [/red]")
    assert why.line("read as") == "bold visa bold red"
    assert "visa" in why.line("words")


def test_on_a_narrow_terminal_no_entry_score_or_signal_is_lost(staffer: Staffer, explained: dict[str, Why]) -> None:
    narrow = staffer.asks_why(PINYIN, columns=80)
    assert narrow.signals() == explained[PINYIN].signals()
    assert narrow.entries() == explained[PINYIN].entries()
