"""Meaning: sentence embeddings of all phrasings as more evidence beside the letters and words, never alone.

Vectors are centred on the mean of their language, because what a language has in common says nothing about the
question, and the nearest ones are refitted (bot.matching.refit). They are kept on disk by the text they were made
from, so that an edit costs only the new phrasings.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.content.values import Content
from bot.language import Language
from bot.matching.arrays import Numbers, Vector
from bot.matching.encoders import Encoder, Vectors
from bot.matching.folds import shorten, whole
from bot.matching.refit import refit

log = logging.getLogger(__name__)

# So many nearest phrasings are weighed against each other; 100 lose half a point of Tajik questions.
NEIGHBOURS = 200
# The cosine is squared: likeness below a half is next to nothing.
POWER = 2
# So many texts are encoded between two looks at whether somebody still waits.
BATCH = 64
# After so many batches what is done is kept, so that a process that is killed in its first minute has not lost it.
KEEP_EVERY = 16
DIGEST_BYTES = 16
SEAL_BYTES = 32

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What the neighbours in meaning tell: for each entry, shape (entries,), and for "no entry answers this"."""

    entries: Vector
    outside: float


class Meaning:
    """The vectors of one Content. Immutable after building."""

    def __init__(self, content: Content, encoder: Encoder, kept: KeptVectors, progress: Progress | None = None) -> None:
        """Encode what is not kept yet; `progress` hears how many of how many are done. Raises EncoderError."""
        self._encoder = encoder
        texts = list(_texts(content))
        vectors = kept.vectors([text for text, _, _ in texts], encoder, progress or (lambda _done, _all: None))
        languages = np.array([language for _, language, _ in texts])
        self._means: Mapping[Language, Vector] = {
            language: vectors[languages == language].mean(axis=0) for language in set(languages.tolist())
        }
        means = np.array([self._means[language] for language in languages.tolist()], np.float32)
        self._vectors = _unit(vectors - means) if len(texts) else vectors
        self._classes = np.array([entry for _, _, entry in texts], np.int64)
        self._entries = len(content.entries)

    def tell(self, text: str, language: Language) -> Told:
        """What the meaning of a question in this language tells. Raises EncoderError."""
        vector = self._encoder.encode([whole(shorten(text))])[0]
        vector = _unit((vector - self._means.get(language, np.float32(0)))[None])[0]
        told = refit(_kernel(self._vectors @ vector), self._classes, self._entries + 1, NEIGHBOURS, self._likeness)
        return Told(told[:-1], float(told[-1]))

    def _likeness(self, documents: Numbers) -> Vector:
        vectors = self._vectors[documents]
        return _kernel(vectors @ vectors.T)


def _kernel(cosine: Vector) -> Vector:
    return np.asarray(np.maximum(cosine, 0) ** POWER, np.float32)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def _texts(content: Content) -> Iterator[tuple[str, Language, int]]:
    """Every phrasing with its language and entry's number, and questions out of scope with one number more."""
    for number, entry in enumerate(content.entries.values()):
        for language, phrasings in entry.ask.items():
            yield from ((phrasing, language, number) for phrasing in phrasings)
    for language, questions in content.out_of_scope.items():
        yield from ((question, language, len(content.entries)) for question in questions)


class KeptVectors:
    """Vectors on disk, one file an encoder, found by a digest of their text. Losing the file costs a minute."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def missing(self, content: Content, encoder: Encoder) -> int:
        """How many texts of the content have to be encoded yet."""
        known = self._read(encoder)
        return sum(_digest(text) not in known for text, _, _ in _texts(content))

    def vectors(self, texts: Sequence[str], encoder: Encoder, progress: Progress) -> Vectors:
        """The vectors of texts, shape (n, d), encoded where they are not kept; only these texts are kept then."""
        known = self._read(encoder)
        digests = [_digest(text) for text in texts]
        new = list({digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}.values())
        for start in range(0, len(new), BATCH):
            progress(start, len(new))
            batch = new[start : start + BATCH]
            known.update(zip(map(_digest, batch), encoder.encode(batch), strict=True))
            if start // BATCH % KEEP_EVERY == KEEP_EVERY - 1 or start + BATCH >= len(new):
                self._write(encoder, {digest: known[digest] for digest in digests if digest in known})
        progress(len(new), len(new))
        return np.array([known[digest] for digest in digests], np.float32).reshape(len(texts), -1 if texts else 0)

    def _path(self, encoder: Encoder) -> Path:
        return self._folder / f"vectors-{encoder.name}.cache"

    def _read(self, encoder: Encoder) -> dict[bytes, Vector]:
        """What is kept, by the digest of its text; nothing if the file did not arrive on disk whole."""
        try:
            whole = self._path(encoder).read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            log.warning("the kept vectors cannot be read and are made anew: %s", error)
            return {}
        seal, payload = whole[:SEAL_BYTES], whole[SEAL_BYTES:]
        if _seal(payload) != seal:
            log.warning("the kept vectors are damaged and are made anew")
            return {}
        return _unpack(payload)

    def _write(self, encoder: Encoder, known: Mapping[bytes, Vector]) -> None:
        """Write beside and rename, so that a file under its name is a whole one."""
        path = self._path(encoder)
        beside = path.with_suffix(f".{os.getpid()}")
        payload = _pack(known)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(_seal(payload) + payload)
            beside.replace(path)
        except OSError as error:
            log.warning("the vectors could not be kept for the next start: %s", error)


def _pack(known: Mapping[bytes, Vector]) -> bytes:
    """How many, all digests, and all vectors as 16-bit floats, one after the other."""
    vectors = np.array(list(known.values()), np.float16)
    return len(known).to_bytes(8, "little") + b"".join(known) + vectors.tobytes()


def _unpack(payload: bytes) -> dict[bytes, Vector]:
    count = int.from_bytes(payload[:8], "little")
    end = 8 + count * DIGEST_BYTES
    digests = [payload[at : at + DIGEST_BYTES] for at in range(8, end, DIGEST_BYTES)]
    vectors = np.frombuffer(payload[end:], np.float16).astype(np.float32).reshape(count, -1)
    return dict(zip(digests, vectors, strict=True))


def _seal(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
