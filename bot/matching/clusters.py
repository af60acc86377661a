"""Puts questions together that ask the same in nearly the same letters: what many ask in vain is to be seen at once.

Likeness is RapidFuzz's ratio of the folded texts, or of their words in alphabetical order if that is higher. Measured
on the 2,669 questions of tests/questions: of the groups in which an entry is asked for, 97 in 100 ask for one alone
(94 at 78, 91 at 75); with token_set_ratio, to which "visa" and "visa photo" are the same, only 83 in 100 do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.matching.folds import fold, has_han

# In percent. Finds 97 in 100 questions of up to ten letters again by one letter mistyped, and all longer ones.
SIMILAR = 80
# A word more ("please") is a small part of a long text, and a large one of a text of two to six words.
FEWEST_WORDS, MOST_WORDS = 2, 6
# Time and memory grow with the square of the number: so many take about a second and a dozen megabytes. What is asked
# more rarely than the 2,000 most frequent texts can wait until these have been dealt with.
MOST_COMPARED = 2000
# Time grows with the square of the length, too, and whoever sends long texts must not stop the desk: of these, 2 in 100
# of the questions, only both ends are compared.
END = 64

_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\s\u3400-\u9fff\uf900-\ufaff]+")


def cluster(texts: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Groups of the numbers of similar texts; the biggest first, in each the most typical text first.

    Texts that fold to the same are together in any case, those that fold to nothing only if they are the same.
    """
    members: dict[tuple[str, str], list[int]] = {}
    for number, text in enumerate(texts):
        folded = fold(text)
        members.setdefault((folded, "" if folded else text), []).append(number)
    # Sorted, so that the same texts in another order make the same groups.
    comparable = sorted((key for key in members if key[0]), key=lambda key: (-len(members[key]), key))
    compared = comparable[:MOST_COMPARED]
    counts = np.array([len(members[key]) for key in compared], np.int64)
    together = [[compared[one] for one in group] for group in _groups(_similar([text for text, _ in compared]), counts)]
    alone = [[key] for key in members if not key[0]] + [[key] for key in comparable[MOST_COMPARED:]]
    groups = [tuple(number for key in group for number in members[key]) for group in together + alone]
    return tuple(sorted(groups, key=lambda group: (-len(group), min(group))))


def _groups(similar: NDArray[np.bool_], counts: NDArray[np.int64]) -> Iterator[list[int]]:
    """The text that most are like, with what is like it; then the same among the rest.

    All are like their leader. Chains, in which each is only like the next, would end at another question.
    """
    free = np.ones(len(counts), np.bool_)
    askings = similar @ counts
    while free.any():
        leader = int(np.where(free, askings, 0).argmax())
        group = np.flatnonzero(similar[leader] & free)
        free[group] = False
        askings -= counts[group] @ similar[group]
        yield [leader, *(one for one in group.tolist() if one != leader)]


def _similar(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which different folded texts are similar, shape (texts, texts); each is to itself."""
    found = np.eye(len(texts), dtype=np.bool_)
    for some in (texts, map(_in_order, texts)):
        forms = [text if len(text) <= 2 * END else text[:END] + text[-END:] for text in some]
        found |= process.cdist(forms, forms, scorer=fuzz.ratio, score_cutoff=SIMILAR, dtype=np.uint8, workers=1) > 0
    for one, other in _a_word_more(texts):
        found[one, other] = found[other, one] = True
    return found


def _in_order(text: str) -> str:
    """The words in alphabetical order; of Chinese, which has no spaces, the characters."""
    return "".join(word if has_han(word) else f"{word} " for word in sorted(_WORD.findall(text)))


def _a_word_more(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of texts, the first of which has all words of the second and one more."""
    bags = [frozenset(text.split()) for text in texts]
    numbers: dict[frozenset[str], list[int]] = {}
    for number, bag in enumerate(bags):
        numbers.setdefault(bag, []).append(number)
    for number, bag in enumerate(bags):
        if FEWEST_WORDS < len(bag) <= MOST_WORDS + 1:
            for word in bag:
                yield from ((number, other) for other in numbers.get(bag - {word}, ()))
