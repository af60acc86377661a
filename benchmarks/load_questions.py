"""Who asks, and what: the labelled questions of the tests in four languages, from all people of an institute."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

from bot.language import Language
from bot.matching.measure import read_labels

QUESTIONS = sorted((Path(__file__).parent.parent / "tests" / "questions").glob("*.tsv"))
PEOPLE = 7_200
FIRST_PERSON = 9_000_000_000
LANGUAGES = tuple(language.value for language in Language)
# No common divisor with the number of a language's questions: people begin at different ones, and nobody repeats.
STEP = 7_919


def username(place: int) -> str | None:
    """What the person at a place calls themselves on Telegram; every third does not."""
    return f"trainee_{place}" if place % 3 else None


def language(place: int) -> str:
    """The language of the person at a place, the only one in which they ask."""
    return LANGUAGES[place % len(LANGUAGES)]


class Crowd:
    """People who ask one after the other, and then again; nobody says the same twice in a row."""

    def __init__(self, people: int = PEOPLE) -> None:
        self._texts = _texts()
        self._people = [_person(place) for place in range(people)]
        self.asked = 0

    def ask(self) -> tuple[int, bytes]:
        """The next question: who asks, and their update as Telegram writes it."""
        again, place = divmod(self.asked, len(self._people))
        self.asked += 1
        update = b'{"update_id":%d,"message":{"message_id":%d,"date":%d,%b,"text":%b}}'
        text = self.text(place, again).encode()
        return FIRST_PERSON + place, update % (self.asked, again + 1, time.time(), self._people[place], text)

    def text(self, place: int, again: int) -> str:
        """What a person says the next time, as JSON."""
        texts = self._texts[language(place)]
        return texts[(place * STEP + again) % len(texts)]


def _texts() -> dict[str, Sequence[str]]:
    questions = [question for path in QUESTIONS for question in read_labels(path)]
    return {code: [json.dumps(one.text) for one in questions if one.language == code] for code in LANGUAGES}


def _person(place: int) -> bytes:
    """The part of a message that says whose it is."""
    who: dict[str, object] = {"id": FIRST_PERSON + place, "first_name": f"Trainee {place}"}
    if (name := username(place)) is not None:
        who["username"] = name
    sender = who | {"is_bot": False, "language_code": language(place)}
    return json.dumps({"from": sender, "chat": who | {"type": "private"}})[1:-1].encode()
