"""What became of every question, and why an answer came twice: proved one by one, by times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from tests.asking_crowd import Asker, Copy, Heard


@dataclass(frozen=True, slots=True)
class Kill:
    """The death of a process, which had these updates in hand: claimed, and not yet written down as dealt with."""

    at: float
    numbers: frozenset[int]


@dataclass(slots=True)
class Proof:
    """Questions by what became of them; `lost`, `unexplained`, `disordered` and `strange` have to be empty."""

    answered: int = 0
    twice: int = 0
    # Pairs of one chat that were told at the same time, and answered in the other order: no bot can know better.
    overtaken: int = 0
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        kinds = ("lost", "unexplained", "disordered", "strange")
        return [f"{kind}: {one}" for kind in kinds for one in getattr(self, kind)]


def prove(
    askers: Sequence[Asker], copies: Sequence[Copy], kills: Sequence[Kill], is_first: Callable[[int, int], bool]
) -> Proof:
    """Look at all copies, in the order in which they came into the chats.

    `is_first` says of the numbers of two updates whether the bot had the lower one before it heard of the other.
    """
    proof, by_chat = Proof(), defaultdict[int, list[Copy]](list)
    for copy in copies:
        by_chat[copy.chat].append(copy)
    for asker in askers:
        seen = by_chat[asker.person.id]
        proof.strange += [f"{asker.person.id} sees {copy.title!r}" for copy in seen if copy.title not in asker.asked]
        _prove_copies(proof, asker, seen, kills)
        _prove_order(proof, asker, seen, is_first)
    return proof


def _prove_copies(proof: Proof, asker: Asker, seen: Sequence[Copy], kills: Sequence[Kill]) -> None:
    for question, number in asker.asked.items():
        mine = sorted((copy for copy in seen if copy.title == question), key=lambda copy: copy.begun)
        told = f"{asker.person.id} asks {question!r} (update {number})"
        if not mine:
            proof.lost.append(told)
            continue
        proof.answered += 1
        proof.twice += len(mine) > 1
        if not all(_is_in_doubt(number, *pair, kills) for pair in pairwise(mine)):
            proof.unexplained.append(f"{told}: {mine}")


def _is_in_doubt(number: int, copy: Copy, after: Copy, kills: Sequence[Kill]) -> bool:
    """Whether the bot could not know of a copy when it began the next one.

    Telegram's word of it was lost, or who was to hear it was killed before it was written down.
    """
    if copy.heard in (Heard.CUT, Heard.TOO_LATE):
        return True
    # What a process sent at its last moment may be read after its death.
    gone = copy.heard is Heard.GONE
    return any((copy.begun <= kill.at or gone) and kill.at <= after.begun and number in kill.numbers for kill in kills)


def _prove_order(proof: Proof, asker: Asker, seen: Sequence[Copy], is_first: Callable[[int, int], bool]) -> None:
    for (earlier, first), (later, then) in combinations(_first_copies(asker, seen), 2):
        if seen.index(first) < seen.index(then):
            continue
        if not is_first(earlier, later):
            proof.overtaken += 1
        else:
            proof.disordered.append(f"{asker.person.id}: {later} ({then}) before {earlier} ({first})")


def _first_copies(asker: Asker, seen: Sequence[Copy]) -> Iterator[tuple[int, Copy]]:
    """The first copy of each answer, in the order of the questions."""
    for question, number in sorted(asker.asked.items(), key=lambda asked: asked[1]):
        first = next((copy for copy in seen if copy.title == question), None)
        if first is not None:
            yield number, first
