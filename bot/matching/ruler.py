"""One ruler for everything that is scored: the probability (0..1) that an entry is the right one.

Likeness alone runs on another scale in every script and for every length. The ruler is a logistic regression over three
signals, fitted by maximum likelihood on the project's own questions (tests/questions, in scope and out of scope);
docs/matching.md has the figures of a ten-fold cross-validation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ruler:
    """Log odds = bias + each signal times its weight."""

    bias: float = -1.27
    # How well the entry fits. Alone: area under the answer-refuse curve .851.
    fit: float = 18.19
    # How far it is ahead of the best other entry; a near tie is a choice, not an answer. Together .887.
    lead: float = 33.77
    # How near the question is to one that staff marked as not answered here. Together .914.
    out_of_scope: float = -11.46

    def probability(self, fit: float, rival: float, out_of_scope: float) -> float:
        """From the entry's fit, the best other entry's, and the likeness to questions out of scope (each 0..1)."""
        odds = self.bias + self.fit * fit + self.lead * (fit - rival) + self.out_of_scope * out_of_scope
        return 1 / (1 + math.exp(-odds))


RULER = Ruler()
