"""Keeps the index on disk between two starts, because building it takes longer than everything else at the start.

The file is the program's own, in its data folder. It is used only if it was made from the same content by the same
code, and arrived on disk whole; else the index is built anew. Losing it costs a second.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
from pathlib import Path

import numpy as np

from bot.content.values import Content
from bot.matching.matcher import Matcher

log = logging.getLogger(__name__)

FILE = "index.cache"
_DIGEST_BYTES = hashlib.sha256().digest_size


def load_matcher(content: Content, folder: Path) -> Matcher:
    """The matcher of this content, from the folder's cache if that fits, else built and then cached there."""
    key = _key(content)
    kept = _read(folder / FILE, key)
    if kept is not None:
        return kept
    matcher = Matcher(content)
    _write(folder / FILE, key, matcher)
    return matcher


def _key(content: Content) -> bytes:
    """Changes with the content, with the code of this room and with the library that lays out the arrays."""
    digest = hashlib.sha256(f"{content.version} {np.__version__}".encode())
    for source in sorted(Path(__file__).parent.glob("*.*")):
        digest.update(source.read_bytes())
    return digest.digest()


def _read(path: Path, key: bytes) -> Matcher | None:
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    payload = whole[2 * _DIGEST_BYTES :]
    if whole[: 2 * _DIGEST_BYTES] != key + hashlib.sha256(payload).digest():
        return None
    matcher = pickle.loads(payload)  # noqa: S301, our own file, whole and by this very code
    assert isinstance(matcher, Matcher)
    return matcher


def _write(path: Path, key: bytes, matcher: Matcher) -> None:
    """Write beside and rename, so that a file under its name is a whole one. Not to be able to is no misfortune."""
    payload = pickle.dumps(matcher, protocol=pickle.HIGHEST_PROTOCOL)
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(key + hashlib.sha256(payload).digest() + payload)
        beside.replace(path)
    except OSError as error:
        log.warning("the index could not be kept for the next start: %s", error)
