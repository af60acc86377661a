# kernel.c, to the reader of types; plain.py says what the functions do.
from bot.matching.arrays import Halves, Hashes, Numbers, Places, Postings, Vector

VERSION: int

def hashes(codes: bytes, smallest: int, largest: int) -> bytes: ...
def scores(
    asked: bytes,
    known: Hashes,
    shelves: Places,
    idf: Vector,
    unknown: float,
    starts: Places,
    postings: Postings,
    out: Vector,
) -> None: ...
def likeness(documents: Numbers, starts: Places, columns: Places, weights: Halves, out: Vector) -> None: ...
def solve(system: Vector, right: Vector) -> None: ...
