"""A real browser for the tests of the page: Debian's Chromium, driven by Playwright. Without one they are skipped."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Locator, Page, Request, async_playwright

from tests.webpage import Message, read_html

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PHONE = (390, 844)
DESKTOP = (1280, 800)
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Chromium:
    """The browser, and its windows that are free: to open a window takes longer than most tests."""

    browser: Browser
    free: dict[tuple[bool, bool], Page]

    async def window(self, *, script: bool, touch: bool) -> Page:
        """A window in which nobody has been yet, or in which nothing is left of who was."""
        if (script, touch) in self.free:
            return self.free.pop((script, touch))
        context = await self.browser.new_context(java_script_enabled=script, has_touch=touch)
        return await context.new_page()

    async def give_back(self, page: Page, *, script: bool, touch: bool) -> None:
        """Forget who was there; a window that shows something else than our page is closed."""
        await page.unroute_all()
        await page.context.set_offline(offline=False)
        await page.context.clear_cookies()
        if page.url.startswith("http") and (script, touch) not in self.free:
            await page.evaluate("sessionStorage.clear()")
            self.free[script, touch] = page
        else:
            await page.context.close()


@asynccontextmanager
async def launched() -> AsyncIterator[Chromium]:
    """Chromium, for as long as the block runs."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(f"no Chromium is installed (looked for {', '.join(NAMES)}), so the page is not tried in a browser")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield Chromium(browser, {})
        await browser.close()


class Window:
    """The page in one person's browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.log = page.get_by_role("log")
        self.answers = page.locator("article.bot")
        self.field = page.get_by_role("textbox")
        self.answer = self.answers.last

    async def open(self, path: str) -> None:
        """Type an address of the page, or follow a link to it."""
        await self.page.goto(self.address + path)

    async def ask(self, text: str) -> Message:
        """Type a question, press Enter, and read the answer."""
        before = await self.answers.count()
        await self.field.fill(text)
        await self.field.press("Enter")
        return await self.answered(before + 1)

    async def press(self, label: str) -> Message:
        """Press a button of the last answer, and read what comes."""
        before = await self.answers.count()
        await self.button(label).click()
        return await self.answered(before + 1)

    def button(self, label: str) -> Locator:
        return self.answer.get_by_role("button", name=label, exact=True)

    async def answered(self, count: int) -> Message:
        """The newest of so many answers, once it is there."""
        await self.answers.nth(count - 1).wait_for()
        await self.page.locator("#log:not([aria-busy])").wait_for()
        return (await self.messages())[-1]

    async def messages(self) -> list[Message]:
        return read_html(await self.page.content()).messages

    async def texts(self) -> list[str]:
        return [message.text for message in await self.messages()]

    async def speaks(self, language: str) -> None:
        """Wait until the page around the messages is in this language."""
        await self.page.locator(f"html[lang={language}]").wait_for()
        await self.page.wait_for_load_state()


class Visit:
    """Opens windows, and notes what they must never do: load from elsewhere, break the policy, fail in the script."""

    def __init__(self, chromium: Chromium, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._chromium = chromium
        self._opened: list[tuple[Page, bool, bool]] = []

    async def __call__(
        self,
        language: str = "en",
        size: tuple[int, int] = PHONE,
        *,
        script: bool = True,
        scheme: Scheme = "light",
        touch: bool = False,
        path: str = "/",
    ) -> Window:
        """Somebody new opens the page."""
        page = await self._chromium.window(script=script, touch=touch)
        self._opened.append((page, script, touch))
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_extra_http_headers({"Accept-Language": language})
        page.on("console", self._console)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)
        window = Window(page, self.address)
        await window.open(path)
        return window

    async def close(self) -> list[str]:
        """Leave all windows and tell what they did wrong."""
        for page, script, touch in self._opened:
            page.remove_listener("console", self._console)
            page.remove_listener("pageerror", self._failed)
            page.remove_listener("request", self._asked)
            await self._chromium.give_back(page, script=script, touch=touch)
        return self.faults

    def _console(self, message: ConsoleMessage) -> None:
        # That a request failed is what some tests bring about.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.address}/", "about:")):
            self.faults.append(f"asked another site: {request.url}")
