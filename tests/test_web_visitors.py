"""Who visits the web page, and in which language it speaks to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import NAMES, Voice
from bot.web.app import build_web
from tests.conftest import NOW
from tests.standin.http import running
from tests.webpage import ONE_LOOP, Site, WholePage, browser_at, opened, read_page

pytestmark = ONE_LOOP
HALF_A_YEAR = 180 * 24 * 3600


async def looked_at(browser: httpx.AsyncClient, accept: str = "") -> WholePage:
    return read_page(await browser.get("/", headers={"Accept-Language": accept}))


def cookie_of(response: httpx.Response) -> Morsel[str]:
    [(_, cookie)] = SimpleCookie(response.headers["set-cookie"]).items()
    return cookie


@pytest.mark.parametrize(
    ("accept", "spoken"),
    [
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", Language.RU),
        ("tg", Language.TG),
        ("zh-CN,zh;q=0.9", Language.ZH),
        ("zh-Hant-TW", Language.ZH),
        ("fr-FR, de;q=0.9, TG-tj;q=0.8, en;q=0.1", Language.TG),
    ],
)
async def test_the_page_greets_in_the_first_language_of_the_browser_that_it_speaks(
    web: httpx.AsyncClient, voices: Mapping[Language, Voice], accept: str, spoken: Language
) -> None:
    page = await looked_at(web, accept)
    assert (page.language, page.answer.language) == (spoken, spoken)
    assert page.answer.labels[-1].startswith(NAMES[spoken])
    assert voices[spoken].say("Course sessions") in page.answer.labels


@pytest.mark.parametrize("accept", ["", "fr-FR,fr;q=0.9", "*", ";;,,q=;", "e" * 5000])
async def test_somebody_whose_language_nobody_knows_is_asked_in_all_four(web: httpx.AsyncClient, accept: str) -> None:
    page = await looked_at(web, accept)
    assert page.answer.labels == list(NAMES.values())
    assert len(page.answer.lines) == len(Language)


async def test_the_row_of_languages_marks_the_one_that_is_spoken(web: httpx.AsyncClient) -> None:
    for language in Language:
        page = read_page(await web.post("/", data={"do": f"l:{language}"}))
        assert page.offered == {f"l:{one}": one == language for one in Language}
        assert (page.language, page.answer.language) == (language, language)


async def test_a_chosen_language_survives_a_restart_of_the_server(
    matcher: Matcher, voices: Mapping[Language, Voice], tmp_path: Path
) -> None:
    async with opened(matcher, voices, NOW, tmp_path / "memory.db") as site, browser_at(site.address) as browser:
        await browser.post("/", data={"do": "l:tg"})
        [(_, name)] = browser.cookies.items()
    async with opened(matcher, voices, NOW, tmp_path / "memory.db") as site, browser_at(site.address) as browser:
        browser.cookies.set("visitor", name)
        page = await looked_at(browser, "ru-RU")
    assert (page.language, page.answer.language) == (Language.TG, Language.TG)


async def test_the_language_of_one_visitor_is_not_that_of_another(web: httpx.AsyncClient, site: Site) -> None:
    await web.post("/", data={"do": "l:zh"})
    async with browser_at(site.address) as other:
        await other.post("/", data={"do": "l:tg"})
        assert (await looked_at(other)).language == Language.TG
    assert (await looked_at(web)).language == Language.ZH


async def test_the_first_question_tells_the_language_of_somebody_unknown(web: httpx.AsyncClient) -> None:
    page = read_page(await web.post("/", data={"text": "Муҳлати раводидро чӣ тавр дароз кунам?"}))
    assert (page.language, page.answer.language) == (Language.TG, Language.TG)
    assert (await looked_at(web)).language == Language.TG


async def test_after_choosing_a_language_a_reload_sends_nothing_twice(web: httpx.AsyncClient) -> None:
    response = await web.post("/", data={"do": "l:zh"})
    assert [step.status_code for step in response.history] == [303]
    assert (response.request.method, read_page(response).language) == ("GET", "zh")


async def test_a_language_can_be_typed(web: httpx.AsyncClient) -> None:
    page = read_page(await web.post("/", data={"text": "/language zh"}, headers={"Accept-Language": "ru"}))
    assert (page.language, page.answer.language) == (Language.ZH, Language.ZH)


async def test_a_new_message_tells_the_page_around_it_which_language_to_speak_from_now_on(
    web: httpx.AsyncClient,
) -> None:
    answer = await web.post("/talk", data={"do": "e:visa-extension:zh"}, headers={"Accept-Language": "tg"})
    assert (read_page(answer).answer.language, answer.headers["content-language"]) == ("zh", "tg")
    answer = await web.post("/talk", data={"text": "/language ru"}, headers={"Accept-Language": "tg"})
    assert (read_page(answer).answer.language, answer.headers["content-language"]) == ("ru", "ru")


async def test_who_only_looks_gets_no_cookie(web: httpx.AsyncClient) -> None:
    for path in ("/", "/?start=visa-extension", "/calendar/chinese-2027-03.ics", "/static/chat.css"):
        assert "set-cookie" not in (await web.get(path)).headers


async def test_the_cookie_is_a_random_name_that_scripts_and_other_sites_cannot_use(web: httpx.AsyncClient) -> None:
    cookie = cookie_of(await web.post("/talk", data={"text": "visa"}))
    assert re.fullmatch(r"[0-9a-f]{32}", cookie.value)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert (cookie["max-age"], cookie["secure"], cookie["domain"]) == (str(HALF_A_YEAR), "", "")


async def test_the_name_stays_the_same_from_question_to_question(web: httpx.AsyncClient) -> None:
    names = {cookie_of(await web.post("/talk", data={"text": "visa"})).value for _ in range(3)}
    assert len(names) == 1


async def test_behind_tls_the_cookie_never_travels_in_the_clear(site: Site) -> None:
    behind_tls = ProxyHeadersMiddleware(build_web(site.desk))  # type: ignore[arg-type]  # uvicorn and starlette differ
    async with running(behind_tls) as address, httpx.AsyncClient(verify=False) as browser:  # type: ignore[arg-type]
        response = await browser.post(f"{address}/", data={"text": "visa"}, headers={"X-Forwarded-Proto": "https"})
    assert cookie_of(response)["secure"] is True


@pytest.mark.parametrize(
    "forged", ["", "x", "../../etc/passwd", "0" * 31, "0" * 33, "A" * 32, "٠" * 32, "'; DROP TABLE"]
)
async def test_a_forged_name_is_replaced_by_a_random_one(web: httpx.AsyncClient, forged: str) -> None:
    header = {b"Cookie": f"visitor={forged}".encode()}
    assert (await web.get("/", headers=header)).status_code == 200
    fresh = cookie_of(await web.post("/talk", data={"do": "l:ru"}, headers=header)).value
    assert fresh != forged
    assert re.fullmatch(r"[0-9a-f]{32}", fresh)
