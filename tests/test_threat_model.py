"""What docs/threat-model.md says is proved, is: the tests that it names are there, and for every well-known attack."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import HOME

DOCUMENT = HOME / "docs" / "threat-model.md"
PROOFS = DOCUMENT.read_text(encoding="utf-8").partition("## What proves it")[2].partition("\n## ")[0]
TEST = re.compile(r"`(\w+)(?:: (\w+))?`(?=[,. |])")
NAMED = sorted(set(TEST.findall(PROOFS.replace("`faq/`", ""))))
# The attacks of the table, and the tests beside each.
ROWS = [
    (attack, TEST.findall(f"{tests}|"))
    for attack, tests in re.findall(r"^\| (.+) \| (`.+?`) \|$", PROOFS, re.MULTILINE)
]
# What anybody would try first.
ATTACKS = (
    "forged callback data",
    "forged update bodies",
    "replayed webhooks",
    "path tricks",
    "huge bodies",
    "slow clients",
    "YAML bombs and tags",
    "Markdown and HTML injection",
    "CSV formula injection",
    "unicode tricks",
)


def is_there(module: str, word: str) -> bool:
    """Whether a module has a test whose name has the word; any test, where there is no word."""
    path = HOME / "tests" / f"test_{module}.py"
    if not path.exists():
        return False
    names = [node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if hasattr(node, "name")]
    return any(name.startswith("test_") and word in name for name in names if name)


def test_the_document_names_many_tests() -> None:
    assert len(NAMED) > 80


def test_every_attack_of_the_table_has_tests_beside_it() -> None:
    lines = [line for line in PROOFS.splitlines() if line.startswith("|")]
    assert len(ROWS) == len(lines) - 2, "a row without a test"
    assert [attack for attack, tests in ROWS if not tests] == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_everybody_tries_is_in_the_document_with_tests_that_are_there(attack: str) -> None:
    proofs = [test for written, tests in ROWS if attack in written for test in tests]
    assert proofs, f"docs/threat-model.md does not say what stops {attack}"
    assert [f"{module}: {word}" for module, word in proofs if not is_there(module, word)] == []


@pytest.mark.parametrize(("module", "word"), NAMED)
def test_a_test_that_the_threat_model_names_is_there(module: str, word: str) -> None:
    assert is_there(module, word)
