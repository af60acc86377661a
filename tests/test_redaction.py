"""Secrets in all the spellings in which programs write them, and everything else left as it is."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.redaction import BLOT, SHORT, Redaction, secrets_in

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded, but for some": quote,
    "in small letters": lambda text: quote(text, safe="").replace("%3A", "%3a").replace("%5C", "%5c"),
    "encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "of a form": quote_plus,
    "repr": repr,
    "ascii": ascii,
    "repr of a repr": lambda text: repr(repr(text)),
    "bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "HTML": html.escape,
}
# What somebody may choose as a password: anything but half characters and what cannot be typed.
PASSWORDS = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=SHORT + 1)


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(password=PASSWORDS)
@example("\\\\a\\\"'\\<&>%41 +/\\")
@example("пароль 密码 😀😀")
def test_a_secret_is_found_in_every_spelling(spelling: str, password: str) -> None:
    blotted = Redaction([password]).blot(f"before {SPELLINGS[spelling](password)} after")
    assert BLOT in blotted
    # Left are the quotes around it, and the backslashes before its first character.
    assert blotted.removeprefix("before ").removesuffix(" after").replace(BLOT, "").strip("b'\"\\") == ""


@given(password=PASSWORDS, before=st.text(), after=st.text())
def test_a_secret_within_base64_is_found(password: str, before: str, after: str) -> None:
    written = (before + password + after).encode("utf-8", "replace")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert BLOT in Redaction([password]).blot(encode(written).decode())


@given(st.text())
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Redaction(["hunter2 of the house", TOKEN]).blot(text) == text


def test_a_short_secret_is_found_where_it_stands_alone() -> None:
    redaction = Redaction(["bot"])
    assert redaction.blot("bot.robots: postgres://bot:bot@db, user%3Abot%40db") == (
        "[secret].robots: postgres://[secret]:[secret]@db, user%3A[secret]%40db"
    )


@pytest.mark.parametrize(
    ("address", "hidden"),
    [
        ("postgresql://bot:p%40ss%2Fword@db:5432/rohnamo", {"p%40ss%2Fword", "p@ss/word"}),
        ("postgresql+psycopg://bot:plain-one@db/x?sslpassword=in%20query", {"plain-one", "in query"}),
        ("postgresql://bot@/x?host=/run&password=in-query", {"in-query"}),
        ("socks5://me:hidden@proxy:1080", {"hidden"}),
        # Written as it is, so that programs see the host ssword or the port port, and say so.
        ("postgresql://bot:p@ssword@db/x", {"p@ssword", "ssword"}),
        ("http://me:port/of:call@proxy:3128", {"port/of:call", "port", "call"}),
        ("http://me:what?now#there@proxy:3128", {"what?now#there", "what", "now", "there"}),
        ("sqlite+aiosqlite:////var/lib/rohnamo.db", set()),
        ("", set()),
    ],
)
def test_what_must_not_be_shown_of_an_address(address: str, hidden: set[str]) -> None:
    in_base64 = tuple(base64.b64encode(user).decode() for user in (b"me:", b"bot"))
    assert {secret for secret in secrets_in(address) if not secret.startswith(in_base64)} == hidden


def test_what_a_proxy_is_sent_is_a_secret() -> None:
    sent = base64.b64encode(b"me:hid den").decode()
    assert Redaction(secrets_in("http://me:hid%20den@proxy")).blot(f"Proxy-Authorization: Basic {sent}.") == (
        f"Proxy-Authorization: Basic {BLOT}."
    )


def test_tokens_and_passwords_in_addresses_that_nobody_named_are_known_by_their_shape() -> None:
    blot = Redaction().blot
    assert blot(f"https://api.telegram.org/bot{TOKEN}/getMe") == f"https://api.telegram.org/bot{BLOT}/getMe"
    assert blot(f"bot{quote(TOKEN, safe='')}/getMe") == f"bot{BLOT}/getMe"
    assert blot("no route to http://me:hidden@proxy:3128/") == f"no route to http://me:{BLOT}@proxy:3128/"


@pytest.mark.parametrize("text", ["\\", "1", "://", "%25", "%5C", "://a:b ", "p@ss\\", "A"])
def test_no_text_makes_it_slow(text: str) -> None:
    """Whoever writes to the bot may write the worst that there is; a search of the square would take minutes here."""
    assert Redaction(['p@ss\\/w"o\\rd 密', "\\\\xyz", TOKEN]).blot(text * 100_000) == text * 100_000
