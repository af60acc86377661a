"""What would become of the content if staff taught a phrasing: the content doctor, on one phrasing, beforehand.

Asks the real matcher by letters and words; sentence embeddings, which take seconds for new content, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.content.learned import Learned, with_learned
from bot.language import Language
from bot.matching.decide import Answer, Choice, Reply, decide
from bot.matching.doctor import COLLIDING
from bot.matching.matcher import Matcher

# Texts further away have nearer neighbours than the new one.
NEAREST = 60


@dataclass(frozen=True, slots=True)
class Broken:
    """A phrasing, or without an entry a question out of scope, that is handled right and would not be any more.

    `now` is the entry that would answer it then; None if it would be found no more.
    """

    phrasing: str
    language: Language
    entry: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Alike:
    """A phrasing of another entry that cannot be told from the new one when somebody types it a little differently.

    Its letters are nearly the same, or it is why the other entry answers the new one now. Without an entry it is a
    question out of scope.
    """

    phrasing: str
    language: Language
    entry: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The matcher with the phrasing learned, without embeddings, and what that would do; what is nearest comes first.

    What is broken is not told again among what is alike. `understood`: the very text is now answered with its entry,
    or, for a question out of scope, not answered.
    """

    matcher: Matcher
    broken: tuple[Broken, ...]
    alike: tuple[Alike, ...]
    understood: bool


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """A text of another entry, or of none, its numbers in the matchers before and after, and how like the new it is."""

    entry: str | None
    language: Language
    phrasing: str
    before: int
    after: int
    likeness: float
    same: bool


def try_phrasing(matcher: Matcher, learned: Learned) -> Trial:
    """Teach a copy of the content, and compare. Takes as long as building a matcher, and some tenths of a second.

    A phrasing that its entry has already changes nothing, nor does one of an entry that is gone. One that also stands
    in another entry, or out of scope, always breaks that: whoever types it cannot mean both.
    """
    content = with_learned(matcher.content, [learned])
    if content is matcher.content:
        return Trial(matcher.with_meaning(None), (), (), _understood(matcher, learned))
    after = Matcher(content).with_fitted(matcher.fitted)
    broken: list[Broken] = []
    alike = list(_answered_now(matcher, learned))
    for one in _neighbours(after, learned):
        text = one.phrasing, one.language, one.entry
        lost, now = _harm(matcher, after, one, learned)
        if lost:
            broken.append(Broken(*text, now))
        elif one.likeness >= COLLIDING:
            alike.append(Alike(*text))
    told = {(one.phrasing, one.language, one.entry) for one in broken}
    rest = (one for one in dict.fromkeys(alike) if (one.phrasing, one.language, one.entry) not in told)
    return Trial(after, tuple(broken), tuple(rest), _understood(after, learned))


def _answered_now(matcher: Matcher, learned: Learned) -> Iterator[Alike]:
    """The phrasing because of which another entry answers the text until it is learned, and its variants ever after."""
    reply = decide(matcher.rank(learned.text), learned.language)
    if isinstance(reply, Answer) and reply.match.entry.id != learned.entry:
        yield Alike(reply.match.phrasing, reply.match.language, reply.match.entry.id)


def _understood(matcher: Matcher, learned: Learned) -> bool:
    return _answered(decide(matcher.rank(learned.text), learned.language)) == learned.entry


def _neighbours(after: Matcher, learned: Learned) -> Iterator[_Neighbour]:
    """The nearest texts of other entries and out of scope, nearest first."""
    texts = _texts(after)
    new = texts.index((learned.entry, learned.language, learned.text))
    folded = [*(form.text for form in after.written.forms), *after.written.outside]
    others = np.array([entry != learned.entry for entry, _, _ in texts])
    likeness = after.written.compare(folded[new]).documents * others
    for number in np.argsort(-likeness, kind="stable")[:NEAREST].tolist():
        if likeness[number] > 0:
            # The new text moved those behind it by one.
            before, same = number - (number > new), folded[number] == folded[new]
            entry, language, phrasing = texts[number]
            yield _Neighbour(entry, language, phrasing, before, number, float(likeness[number]), same)


def _texts(matcher: Matcher) -> list[tuple[str | None, Language, str]]:
    """The entry, language and words of every text, in the order in which the matcher numbers them."""
    outside = matcher.content.out_of_scope.items()
    return [
        *((form.name, form.language, form.phrasing) for form in matcher.written.forms),
        *((None, language, question) for language, questions in outside for question in questions),
    ]


def _harm(matcher: Matcher, after: Matcher, one: _Neighbour, learned: Learned) -> tuple[bool, str | None]:
    """Whether the lesson breaks a text, and the entry that would answer it then.

    Asked by those who do not know the text, that is, as if it did not stand there; and in its very words.
    """
    if one.same:
        return True, learned.entry
    then = decide(after.rank_without(one.after), one.language)
    # A confidence near a threshold crosses it by chance; what answers because of the new phrasing is its doing.
    chance = isinstance(then, Answer) and then.match.phrasing != learned.text
    if not chance and not _right(then, one.entry):
        now = decide(matcher.rank_without(one.before), one.language)
        if _worse(now, then, one.entry):
            return True, _answered(then)
    then = decide(after.rank(one.phrasing), one.language)
    lost = not _right(then, one.entry) and _worse(decide(matcher.rank(one.phrasing), one.language), then, one.entry)
    return lost, _answered(then)


def _worse(now: Reply, then: Reply, entry: str | None) -> bool:
    """Whether a reply that is not right is an answer where no wrong one was until now, or no answer where one was.

    Choices come and go with any lesson: counted as lost, they made one good lesson in three a bad one.
    """
    if _answered(then) is not None:
        return _answered(now) in {None, entry}
    return _answered(now) == entry


def _right(reply: Reply, entry: str | None) -> bool:
    """Whether the entry answers, or is among the choices; without an entry, whether there is no answer."""
    if entry is not None and isinstance(reply, Choice):
        return entry in {match.entry.id for match in reply.matches}
    return _answered(reply) == entry


def _answered(reply: Reply) -> str | None:
    return reply.match.entry.id if isinstance(reply, Answer) else None
