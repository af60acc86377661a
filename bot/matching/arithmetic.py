"""The arithmetic of the index: the compiled one (kernel.c) where the installation could make it, else that of numpy.

Both give the same; to find an answer takes little more than half the time with the first.
"""

from __future__ import annotations

from bot.matching import plain


def _is_compiled() -> bool:
    try:
        from bot.matching import kernel
    except ImportError:
        return False
    return kernel.VERSION == plain.VERSION


COMPILED = _is_compiled()

if COMPILED:
    from bot.matching.kernel import familiar, hashes, highest, likeness, nearest, scores, weigh
else:
    from bot.matching.plain import familiar, hashes, highest, likeness, nearest, scores, weigh

__all__ = ["COMPILED", "familiar", "hashes", "highest", "likeness", "nearest", "scores", "weigh"]
