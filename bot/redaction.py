"""Takes secrets out of text, in whatever spelling they are there."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote

BLOT = "[secret]"
# A secret as short as this may be a part of ordinary words; it is taken out where it stands alone.
SHORT = 8
# Pieces of a secret, or of its Base64, that are shorter say nothing of it, and are everywhere.
LEAST_PIECE, LEAST_CODED = 3, 8

# A bot's token is known by its shape; a password in an address by its place.
_BOT_KEY = r"(?<!\d)\d{6,}(?::|%(?:25)*3[Aa])[A-Za-z0-9_-]{30,}"
_IN_ADDRESS = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")

# user:password@ as SQLAlchemy and as browsers understand it, and up to the last @, for what somebody forgot to encode.
_CREDENTIALS = (
    re.compile(r"://([^:/@]*):([^@]*)@"),
    re.compile(r"://([^:/?#@]*):([^/?#]*)@"),
    re.compile(r"://([^:/@]*):(.*)@"),
)
_QUERY = re.compile(r"\?([\w.-]+=.*)$")
# Where programs cut an address apart.
_CUTS = re.compile(r"[:/?#@]")


class Redaction:
    """Knows secrets, and takes them out."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take out these from now on, in the place of those before. What is empty is no secret."""
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._secret = re.compile("|".join([*(one for secret in known for one in _patterns(secret)), _BOT_KEY]))

    def blot(self, text: str) -> str:
        """The text with a sign in the place of each secret, be it quoted, percent-encoded or in Base64."""
        return _IN_ADDRESS.sub(rf"\1{BLOT}", self._secret.sub(BLOT, text))


def secrets_in(address: str) -> frozenset[str]:
    """What must not be shown of an address: its passwords, their pieces, and "user:password" in Base64.

    A password may have been written as it is, so that programs misread the address and tell of pieces of it.
    """
    query = _QUERY.search(address)
    found = {value for name, value in parse_qsl(query[1] if query else "") if "pass" in name.lower()}
    for form in _CREDENTIALS:
        if match := form.search(address[: query.start()] if query else address):
            user, password = match.groups()
            found |= {password, unquote(password), *(_CUTS.split(password))}
            found |= set(_basic(f"{unquote(user)}:{unquote(password)}"))
    return frozenset(secret for secret in found if len(secret) >= LEAST_PIECE)


def _basic(credentials: str) -> Iterator[str]:
    """As HTTP sends them; some libraries encode as Latin-1."""
    for encoding in ("utf-8", "latin-1"):
        yield base64.b64encode(credentials.encode(encoding, "replace")).decode()


def _patterns(secret: str) -> Iterator[str]:
    spelled = _spelled(secret)
    # The letters of a percent-encoded character before it are no part of a word.
    yield rf"(?:(?<!\w)|(?<=%[0-9A-Fa-f]{{2}})){spelled}(?!\w)" if len(secret) <= SHORT else spelled
    yield from _coded(secret.encode("utf-8", "surrogatepass"))


def _spelled(secret: str) -> str:
    """Each character as it is, or as an address, JSON, HTML or `repr` would write it; quoted again and again, too."""
    first, *others = (run[0] for run in re.finditer(r"\\+|[^\\]", secret))
    # A search that began anew at each of many backslashes would take a minute.
    return r"(?<!\\)(?<!%5[Cc])" * first.startswith("\\") + _character(first) + "".join(map(_quoted, others))


def _quoted(run: str) -> str:
    """With any number of backslashes before it; those that are a part of the secret have them already."""
    return _character(run) if run.startswith("\\") else rf"\\*+{_character(run)}"


def _character(run: str) -> str:
    """One character, or a run of backslashes, in all its spellings."""
    if run.startswith("\\"):
        return r"(?:\\|%(?:25)*5[Cc])++"
    coded = run.encode("utf-8", "surrogatepass")
    ways = {re.escape(run), "".join(rf"%(?:25)*(?i:{byte:02x})" for byte in coded), re.escape(html.escape(run))}
    if run == " ":
        ways.add(r"\+")
    if not run.isascii() or not run.isprintable():
        units = run.encode("utf-16-be", "surrogatepass").hex()
        ways.add(r"\\*+".join(rf"(?i:u{units[at : at + 4]})" for at in range(0, len(units), 4)))
        ways |= {rf"(?i:x{ord(run):02x}|u{ord(run):08x})", r"\\*+".join(rf"(?i:x{byte:02x})" for byte in coded)}
    return f"(?:{'|'.join(sorted(ways, key=len, reverse=True))})"


def _coded(secret: bytes) -> Iterator[str]:
    """The secret within something in Base64: three ways, for three bytes become four letters."""
    for before in range(3):
        letters = base64.b64encode(bytes(before) + secret).decode().rstrip("=")
        # The first and the last letter may be made of what is beside the secret, too.
        whole = letters[(before * 8 + 5) // 6 : len(secret + bytes(before)) * 8 // 6]
        if len(whole) >= LEAST_CODED:
            yield re.escape(whole).replace(r"\+", "[+-]").replace("/", "[/_]") + r"[\w+/=-]*+"
