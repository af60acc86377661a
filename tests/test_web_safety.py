"""What strangers, other sites, bad lines and our own faults cannot do to the web page."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.web.guard import MAX_BODY
from tests.conftest import NOW
from tests.webpage import ONE_LOOP, Site, browser_at, opened, read_page

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
pytestmark = ONE_LOOP
EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></article><form action=https://evil.example><input name=text>",
    '"\' onmouseover="alert(1)" x=\'',
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "{{ 7 * 7 }} {% include 'page.html' %}",
    "javascript:alert(1) https://evil.example/<b>",
    "\u202e\u2066abc\u2069 \u200f\u061c \u200b\ufeff",
    "да" * 1000,
    "签" * 2000,
]


async def connection(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(site.address)
    return await asyncio.open_connection(parts.hostname, parts.port)


@pytest.mark.parametrize("question", EVIL)
async def test_the_text_of_a_question_is_never_markup(web: httpx.AsyncClient, question: str) -> None:
    response = await web.post("/", data={"text": question})
    said, answer = read_page(response).messages
    assert (said.kind, said.text, said.rows) == ("you", question, [])
    assert answer.kind == "bot"
    for dangerous in ("<script>alert", "<img", "<b>", "<form action", ' onmouseover="'):
        assert dangerous not in response.text


@pytest.mark.parametrize(
    "path",
    ["/", "/?start=visa-extension", "/static/chat.js", "/calendar/chinese-2027-03.ics", "/nowhere", "/talk", "/news",
     "/letters/1"],
)  # fmt: skip
async def test_every_reply_forbids_what_the_page_does_not_need(web: httpx.AsyncClient, path: str) -> None:
    headers = (await web.get(path)).headers
    assert set(headers["content-security-policy"].split("; ")) == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/talk"])
@pytest.mark.parametrize(
    "sender",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Origin": "http://user@evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "OURS"},
    ],
)
async def test_a_form_of_another_site_is_refused_and_changes_nothing(
    web: httpx.AsyncClient, path: str, sender: dict[str, str]
) -> None:
    await web.post("/", data={"do": "l:tg"})
    sender = {name: value.replace("OURS", str(web.base_url).rstrip("/")) for name, value in sender.items()}
    refused = await web.post(path, data={"do": "l:zh"}, headers=sender)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert read_page(await web.get("/")).language == Language.TG


async def test_our_own_form_is_taken(web: httpx.AsyncClient) -> None:
    for sender in ({"Origin": str(web.base_url).rstrip("/")}, {"Sec-Fetch-Site": "same-origin"}, {}):
        assert (await web.post("/talk", data={"text": "visa"}, headers=sender)).status_code == 200


async def test_our_own_form_is_taken_behind_a_web_server_that_changes_the_host(web: httpx.AsyncClient) -> None:
    sender = {"Host": "127.0.0.1:8080", "Origin": "https://ask.example.org", "Sec-Fetch-Site": "same-origin"}
    assert (await web.post("/talk", data={"text": "visa"}, headers=sender)).status_code == 200


async def test_a_huge_body_is_refused(web: httpx.AsyncClient) -> None:
    for path in ("/", "/talk"):
        assert (await web.post(path, content=b"text=" + b"a" * MAX_BODY)).status_code == 413
    assert (await web.post("/", content=b"text=" + b"a" * (MAX_BODY - 5))).status_code == 200


async def test_a_form_with_a_thousand_fields_is_refused(web: httpx.AsyncClient) -> None:
    assert (await web.post("/", content="&".join(f"f{number}=1" for number in range(1000)))).status_code == 400


@pytest.mark.parametrize("body", [b"\xff\xfe=%FF", b"text=%ED%A0%80%00", b"&&==&", b"", b'{"text": "visa"}', b"do"])
async def test_a_body_that_is_no_form_is_no_fault_of_ours(web: httpx.AsyncClient, body: bytes) -> None:
    for path in ("/", "/talk"):
        assert read_page(await web.post(path, content=body)).answer.kind == "bot"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/",
        "/static/%00",
        "/static/" + "a" * 5000,
        "/calendar/..%2f..%2fapp.py",
        "/templates/page.html",
    ],
)
async def test_no_path_leads_out_of_the_folder_of_static_files(site: Site, path: str) -> None:
    reader, writer = await connection(site)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"import" not in answer


async def test_a_connection_that_breaks_in_the_middle_of_a_question_is_nothing_to_log(
    site: Site, web: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await connection(site)
    writer.write(b"POST /talk HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\ntext=vi")
    await writer.drain()
    assert (await web.get("/")).status_code == 200  # by now the server is reading the first question
    writer.close()
    await writer.wait_closed()
    assert (await web.get("/")).status_code == 200  # and by now it knows that nobody waits for the answer
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("language", Language)
async def test_when_the_program_itself_fails_it_says_so_in_the_persons_language(
    matcher: Matcher, voices: Mapping[Language, Voice], tmp_path: Path, language: Language
) -> None:
    sorry = voices[language].say("Sorry, something went wrong on our side. Please try again in a minute.")
    async with opened(matcher, voices, NOW, tmp_path / "broken.db") as site, browser_at(site.address) as web:
        with closing(sqlite3.connect(site.memory)) as memory:
            memory.execute("DROP TABLE people")
        for path in ("/", "/talk"):
            response = await web.post(path, data={"text": "visa"}, headers={"Accept-Language": language})
            assert (response.status_code, read_page(response).answer.text) == (500, sorry)
            assert set(response.headers["content-security-policy"].split("; ")) == POLICY


@pytest.mark.parametrize("number", ["0", "1", "٣", "-1", "1" * 19, "9" * 5000, "", "x", "%00", "1' OR '1'='1"])
async def test_a_forged_number_shows_nothing_of_what_staff_wrote(web: httpx.AsyncClient, number: str) -> None:
    await web.post("/", data={"text": "visa"})
    news = await web.get("/news", params={"after": number})
    assert (news.status_code, news.text) == (200, "")
    letter = await web.get(f"/letters/{number}")
    assert letter.status_code in (200, 404)
    assert "content-disposition" not in letter.headers


@pytest.mark.parametrize("path", ["/", "/static/chat.css", "/calendar/chinese-2027-03.ics"])
async def test_head_tells_the_same_as_get_without_the_body(web: httpx.AsyncClient, path: str) -> None:
    head, get = await web.head(path), await web.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "cache-control", "content-security-policy", "etag", "content-disposition"):
        assert head.headers.get(name) == get.headers.get(name)


async def test_other_ways_of_asking_are_refused(web: httpx.AsyncClient) -> None:
    for method, path in [
        ("PUT", "/"),
        ("DELETE", "/"),
        ("GET", "/talk"),
        ("POST", "/news"),
        ("POST", "/static/chat.js"),
    ]:
        assert (await web.request(method, path)).status_code == 405
