"""A real browser for the tests of the page: Debian's Chromium, driven by Playwright. Without one they are skipped."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright

from tests.webpage import Message, read_html

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PHONE = (390, 844)
DESKTOP = (1280, 800)
Scheme = Literal["light", "dark"]


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Chromium, for as long as the block runs."""
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip(f"no Chromium is installed (looked for {', '.join(NAMES)}), so the page is not tried in a browser")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        await browser.close()


class Window:
    """The page in one person's browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.answers = page.locator("article.bot")
        self.field = page.get_by_role("textbox")
        self.answer = self.answers.last

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

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

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
        context = await self._browser.new_context(
            base_url=self.address,
            locale=language,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            color_scheme=scheme,
            has_touch=touch,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        page = await context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        await page.goto(path)
        return Window(page)

    async def close(self) -> list[str]:
        """Close all windows and tell what they did wrong."""
        for context in self._contexts:
            await context.close()
        return self.faults

    def _console(self, message: ConsoleMessage) -> None:
        # That a request failed is what some tests bring about.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def _asked(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith((f"{self.address}/", "about:")):
            self.faults.append(f"asked another site: {url}")
