"""What people do in a conversation: ask several things at once, and go on with what was talked of a moment ago.

No dialogue engine: a message is ranked as a whole, and each question in it for itself, and then it is decided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.content.values import COURTESIES, Entry
from bot.language import Language
from bot.matching.decide import Answer, Reply, Several, decide, is_answered
from bot.matching.folds import fold, has_han, shorten
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking

# More answers in one message are not read on a phone.
MOST_ANSWERS = 3
# A longer list is a pasted text and not a handful of questions.
MOST_PARTS = 6
# Where one entry answers the whole message, only what is asked so clearly is another question.
CLEARLY_ASKED = 0.98
# "And the gym?" is no question of its own; Chinese says as much in four characters.
FEWEST_LETTERS, FEWEST_HAN = 8, 4

# A question, to its mark or the end of its line. Sentences without a mark tell what happened and ask nothing.
_QUESTION = re.compile(r"(?<![^?？؟.!。！\n])[^?？؟.!。！\n]++(?:[?？؟]|(?=\n|$))")
_SENTENCE = re.compile(r"[^?？؟.!。！\n]+[?？؟.!。！\n]*")
# Blanks are taken at once and from their first one: tried in every other way, 500 of them would take two seconds.
_AND = re.compile(
    r"(?:(?<!\s)\s++(?:[,，]\s++)?+|[,，]\s++)(?:and also|and|also|а также|и ещё|и еще|и|а|ва инчунин|ва|инчунин)\s+"
    r"|[,，]?(?:还有|另外|以及|并且)[,，]?|[,，、]\s*",
    re.IGNORECASE,
)
# What makes a part of a sentence a question of its own; letters as after folding.
_ASKING = frozenset(
    "how what where when who which why can may do does is are should "
    "как где куда откуда когда кто что какой какая какие какое сколько почему можно нужно нужен нужна надо есть ли "
    "чи чанд кучо кай ки кадом чаро чигуна мумкин лозим даркор хаст оё".split()
)
_ASKING_HAN = re.compile("怎么|怎样|如何|哪|多少|什么|几|吗|能不能|可不可以|可以|有没有|谁|为什么|多久|多长")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message ranked as a whole, and in each of its parts if it may hold several questions."""

    whole: Ranking
    parts: tuple[Ranking, ...] = ()
    # The only question among sentences that tell what happened.
    core: Ranking | None = None

    @property
    def all(self) -> tuple[Ranking, ...]:
        """Everything that was ranked."""
        return (self.whole, *self.parts, *([self.core] if self.core else []))


def hear(matcher: Matcher, text: str, before: Entry | None = None) -> Heard:
    """Rank a message by letters and words. `before` is the entry that was talked of a moment ago."""
    whole = matcher.rank(text, before=before)
    parts = questions(text) or halves(text)
    core = "" if is_answered(whole) else the_question(text)
    ranked = {part: matcher.rank(part) for part in {*parts, core} - {""}}
    return Heard(whole, tuple(ranked[part] for part in parts), ranked.get(core))


def sure(matcher: Matcher, heard: Heard) -> bool:
    """Whether sentence embeddings would add nothing."""
    return all(map(matcher.sure, heard.all))


def understand(matcher: Matcher, heard: Heard) -> Heard:
    """Ask sentence embeddings about whatever is not certain; 10 to 30 ms each. Raises EncoderError."""

    def better(ranking: Ranking) -> Ranking:
        return ranking if matcher.sure(ranking) else matcher.understand(ranking)

    core = better(heard.core) if heard.core else None
    return Heard(better(heard.whole), tuple(map(better, heard.parts)), core)


def answer(heard: Heard, person: Language) -> Reply:
    """Several answers if at least two parts of the message have one each; else the reply to the whole or its core."""
    reply = decide(heard.whole, person)
    answers = _different([decide(part, person) for part in heard.parts])
    if len(answers) >= 2 and (not isinstance(reply, Answer) or min(one.confidence for one in answers) >= CLEARLY_ASKED):
        return Several(tuple(replace(one, language=reply.language) for one in answers), reply.language)
    if heard.core and not isinstance(reply, Answer):
        core = decide(heard.core, person)
        return replace(core, language=reply.language) if isinstance(core, Answer) else reply
    return reply


def _different(replies: Sequence[Reply]) -> list[Answer]:
    """The first answer of each entry, in the order in which they were asked; a greeting is no question."""
    by_entry: dict[str, Answer] = {}
    for reply in replies:
        if isinstance(reply, Answer) and reply.match.entry.id not in COURTESIES:
            by_entry.setdefault(reply.match.entry.id, reply)
    return list(by_entry.values())[:MOST_ANSWERS]


def questions(text: str) -> tuple[str, ...]:
    """The questions of a message that has several of them: "Where is the gym? How much is it?" → both."""
    parts = [part.strip() for part in _QUESTION.findall(shorten(text))]
    found = tuple(filter(_long_enough, parts)) if len(parts) > 1 else ()
    return found if 2 <= len(found) <= MOST_PARTS else ()


def halves(text: str) -> tuple[str, ...]:
    """What a sentence joins that asks twice: "who pays and where is the gym" → both; "visa and hotel" → none."""
    found = [part.strip() for part in _AND.split(shorten(text)) if part.strip()]
    asks_twice = 2 <= len(found) <= MOST_ANSWERS and all(_long_enough(part) and _asks(part) for part in found)
    return tuple(found) if asks_twice else ()


def the_question(text: str) -> str:
    """The only sentence with a question mark among others: "I am new. Where is the gym?" → the second; else ""."""
    sentences = [part.strip() for part in _SENTENCE.findall(shorten(text))]
    if len(sentences) < 2:
        return ""
    asked = [part for part in sentences if part.endswith(("?", "？", "؟")) and _long_enough(part)]
    return asked[0] if len(asked) == 1 and len(list(filter(fold, sentences))) > 1 else ""


def _asks(part: str) -> bool:
    folded = fold(part)
    return bool(_ASKING_HAN.search(folded)) or not _ASKING.isdisjoint(folded.split())


def _long_enough(part: str) -> bool:
    folded = fold(part)
    return sum(map(str.isalpha, folded)) >= (FEWEST_HAN if has_han(folded) else FEWEST_LETTERS)
