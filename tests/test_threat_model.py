"""What docs/threat-model.md says is proved, is: the tests that it names are there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import HOME

DOCUMENT = HOME / "docs" / "threat-model.md"
PROOFS = DOCUMENT.read_text(encoding="utf-8").partition("## What proves it")[2].partition("\n## ")[0]
NAMED = sorted(set(re.findall(r"`(\w+)(?:: (\w+))?`(?=[,. |])", PROOFS.replace("`faq/`", ""))))


def test_the_document_names_many_tests() -> None:
    assert len(NAMED) > 50


@pytest.mark.parametrize(("module", "word"), NAMED)
def test_a_test_that_the_threat_model_names_is_there(module: str, word: str) -> None:
    path = HOME / "tests" / f"test_{module}.py"
    names = [node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if hasattr(node, "name")]
    assert any(name.startswith("test_") and word in name for name in names if name)
