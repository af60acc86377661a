"""Encoding all phrasings takes a minute, in which a process may be killed; and when it is not worth asking for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.matching.matcher import Matcher
from bot.matching.meaning import BATCH, KEEP_EVERY, KeptVectors, Meaning
from tests.test_matching_meaning import Counting, Letters

TEXTS = [f"phrasing {number}" for number in range(3 * BATCH * KEEP_EVERY)]


class KilledError(Exception):
    """In the middle of the work."""


def test_what_was_encoded_before_an_end_in_the_middle_is_not_encoded_again(tmp_path: Path) -> None:
    def killed_after_half(done: int, count: int) -> None:
        if done > count / 2:
            raise KilledError

    with pytest.raises(KilledError):
        KeptVectors(tmp_path).vectors(TEXTS, Letters(), killed_after_half)
    counting = Counting(Letters())
    vectors = KeptVectors(tmp_path).vectors(TEXTS, counting, lambda _done, _count: None)
    assert counting.texts == TEXTS[BATCH * KEEP_EVERY :]
    assert vectors == pytest.approx(Letters().encode(TEXTS), abs=1e-3)


def test_a_follow_up_goes_by_what_was_talked_of_and_not_by_its_meaning(matcher: Matcher, tmp_path: Path) -> None:
    content = matcher.content
    helped = matcher.with_meaning(Meaning(content, Letters(), KeptVectors(tmp_path)))
    dormitory = content.entries["dormitory"]
    assert not helped.sure(helped.rank("and how much?"))
    for question in ("and how much?", "чанд пул?", "多少钱？"):
        ranking = helped.rank(question, before=dormitory)
        assert ranking.matches[0].entry.id == "dormitory-cost"
        assert helped.sure(ranking)
