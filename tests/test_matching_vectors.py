"""Encoding all phrasings takes a minute, in which a process may be killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.matching.meaning import BATCH, KEEP_EVERY, KeptVectors
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
