"""What people do in a conversation: ask several things at once, and go on with what was talked of a moment ago.

No dialogue engine: a message is ranked as a whole, and each question in it for itself, and then it is decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.content.values import COURTESIES
from bot.language import Language
from bot.matching.decide import Answer, Reply, Several, decide
from bot.matching.folds import fold, has_han, shorten
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking

# More answers in one message are not read on a phone.
MOST_ANSWERS = 3
# A longer list is a pasted text and not a handful of questions.
MOST_PARTS = 6
# "And the gym?" is no question of its own; Chinese says as much in four characters.
FEWEST_LETTERS, FEWEST_HAN = 8, 4

# A question, to its mark or the end of its line. Sentences without a mark tell what happened and ask nothing.
_QUESTION = re.compile(r"[^?？؟.!。！\n]+(?:[?？؟]|(?=\n|$))")
_AND = re.compile(
    r"\s*[,，]?\s+(?:and also|and|also|а также|и ещё|и еще|и|а|ва инчунин|ва|инчунин)\s+"
    r"|[,，]?(?:还有|另外|以及|并且)[,，]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message ranked as a whole, and in each of its parts if it may hold several questions."""

    whole: Ranking
    parts: tuple[Ranking, ...] = ()
    one_sentence: bool = False


def hear(matcher: Matcher, text: str, topic: str | None = None) -> Heard:
    """Rank a message by letters and words. `topic` is what was talked of a moment ago."""
    several = questions(text)
    parts = several or halves(text)
    return Heard(matcher.rank(text, topic=topic), tuple(map(matcher.rank, parts)), one_sentence=not several)


def sure(matcher: Matcher, heard: Heard) -> bool:
    """Whether sentence embeddings would add nothing."""
    return all(matcher.sure(ranking) for ranking in (heard.whole, *heard.parts))


def understand(matcher: Matcher, heard: Heard) -> Heard:
    """Ask sentence embeddings about whatever is not certain; 10 to 30 ms each. Raises EncoderError."""

    def better(ranking: Ranking) -> Ranking:
        return ranking if matcher.sure(ranking) else matcher.understand(ranking)

    return replace(heard, whole=better(heard.whole), parts=tuple(map(better, heard.parts)))


def answer(heard: Heard, person: Language) -> Reply:
    """Several answers if at least two parts of the message have one each; else the reply to the whole.

    Parts of one sentence count only if nothing answers the whole: "passport and photos" are one question.
    """
    reply = decide(heard.whole, person)
    if heard.one_sentence and isinstance(reply, Answer):
        return reply
    answers = _different([decide(part, person) for part in heard.parts])
    if len(answers) < 2:
        return reply
    return Several(tuple(replace(one, language=reply.language) for one in answers), reply.language)


def _different(replies: Sequence[Reply]) -> list[Answer]:
    """The first answer of each entry, in the order in which they were asked; a greeting is no question."""
    by_entry: dict[str, Answer] = {}
    for reply in replies:
        if isinstance(reply, Answer) and reply.match.entry.id not in COURTESIES:
            by_entry.setdefault(reply.match.entry.id, reply)
    return list(by_entry.values())[:MOST_ANSWERS]


def questions(text: str) -> tuple[str, ...]:
    """The questions of a message that has several of them: "Where is the gym? How much is it?" → both."""
    found = [part.strip() for part in _QUESTION.findall(shorten(text)) if _long_enough(part)]
    return tuple(found) if 2 <= len(found) <= MOST_PARTS else ()


def halves(text: str) -> tuple[str, ...]:
    """What a sentence joins by "and": "how much is the dorm and where is the gym" → both."""
    found = [part.strip() for part in _AND.split(shorten(text))]
    return tuple(found) if 2 <= len(found) <= MOST_ANSWERS and all(map(_long_enough, found)) else ()


def _long_enough(part: str) -> bool:
    folded = fold(part)
    return sum(map(str.isalpha, folded)) >= (FEWEST_HAN if has_han(folded) else FEWEST_LETTERS)
