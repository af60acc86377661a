"""Chats of the stand-in drawn as a messenger shows them, for the pictures in the documents.

`python -m tests.chats_drawn` writes docs/pictures/staff-*.png and trainee-*.png: the words, buttons and files are
what the real bot sent in a scenario; only the drawing around them is ours.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bot.content.reader import read
from bot.delivery.sender import Sender
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import load_voices
from bot.store.database import Database
from tests.browser import launched
from tests.conftest import HOME, NOW
from tests.office import Office, at_work
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram

PICTURES = HOME / "docs" / "pictures"
WIDTH = 420

STYLE = """
body { margin: 0; padding: 14px; background: #d5dfe6; width: 392px;
  font: 15px/1.4 "Noto Sans", "Noto Sans CJK SC", "Noto Color Emoji", sans-serif; }
h1 { font-size: 14px; margin: 0 0 10px; color: #34495a; }
.m { max-width: 340px; margin: 0 0 10px; } .own { margin-left: auto; }
.b { background: #fff; border-radius: 12px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
.own .b { background: #e3f6d2; } .who { color: #2a7ab0; font-weight: 600; font-size: 13px; }
.row { display: flex; gap: 4px; margin-top: 4px; }
.row span { flex: 1; background: #6d8798; color: #fff; border-radius: 8px; padding: 6px 4px; text-align: center;
  font-size: 13px; }
.row .pressed { background: #d9822b; } img { width: 100%; border-radius: 8px; display: block; }
.sign { font-size: 13px; margin-top: 2px; }
.to { border-left: 3px solid #2a7ab0; padding-left: 6px; color: #5b6f7c; font-size: 13px; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }
"""


def drawn(title: str, messages: Sequence[Message], me: Person | None, pressed: str = "") -> str:
    """A chat as somebody sees it; `me` is whose phone it is."""
    shown = "".join(_message(message, me, pressed) for message in messages)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><h1>{escape(title)}</h1>{shown}"


def _message(message: Message, me: Person | None, pressed: str) -> str:
    own = me is not None and message.sender == me.user
    who = "" if own else f"<div class=who>{escape(str(message.sender['first_name']))}</div>"
    replied = message.reply_to
    to = f"<div class=to>{escape(' '.join(replied.text.split()))}</div>" if replied is not None and replied.text else ""
    rows = "".join(
        f"<div class=row>{''.join(_button(label, pressed) for label in row)}</div>" for row in message.buttons
    )
    signs = f"<div class=sign>{' '.join(message.reactions)}</div>" if message.reactions else ""
    body = f"<div class=b>{who}{to}{_picture(message)}{message.html}{signs}</div>"
    return f'<div class="m{" own" if own else ""}">{body}{rows}</div>'


def _button(label: str, pressed: str) -> str:
    return f"<span{' class=pressed' if label == pressed else ''}>{escape(label)}</span>"


def _picture(message: Message) -> str:
    if message.photo is None:
        return ""
    return f'<img src="data:image/png;base64,{base64.b64encode(message.photo.content).decode()}">'


async def scenes() -> dict[str, str]:
    """Every picture as HTML, by the name of its file."""
    content = read(HOME / "faq").content
    assert content is not None
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'rohnamo.db'}")
        await database.open()
        voices = load_voices(HOME / "locales")
        async with at_work(Telegram(), Matcher(content), voices, database, NOW) as office:
            made = await _staff(office)
            made |= await _announcement(office)
            for language in Language:
                made[f"trainee-{language}"] = await _trainee(office, language)
        await database.close()
    return made


async def _staff(office: Office) -> dict[str, str]:
    """A day of the staff: a question that fails, an answer, a lesson, the figures."""
    telegram, group = office.telegram, office.group
    assert group is not None
    await office.makes_editor()
    zarina = telegram.person("Zarina", "tg", username="zarina")
    await office.says(zarina, "How do I extend my visa?")
    await office.asks_for_a_person(zarina, "My laptop fell into the sea, who repairs it?")
    head = office.staff_sees()[-1]
    office.editor.says("The shop by the east gate repairs laptops, also on Sundays.", reply_to=head)
    await office.settled()
    zarina.says("Thank you! Do they speak Russian?")
    await office.settled()
    made = {
        "staff-conversation": drawn("Staff group", telegram.chat(group)[-4:], None),
        "staff-answer": drawn("Zarina's phone", telegram.chat(zarina)[-4:], zarina),
    }
    await _history(office)
    wang = office.editor
    page = await office.says(wang, "/unanswered")
    made["staff-unanswered"] = drawn("Wang's phone", telegram.chat(wang)[-2:], wang, page.buttons[0][0])
    await office.press(wang, page, page.buttons[0][0])
    right = "→ How do I extend my visa?"
    made["staff-group"] = drawn("Wang's phone", [page], wang, right)
    await office.press(wang, page, right)
    made["staff-taught"] = drawn("Wang's phone", [page], wang)
    await office.says(wang, "/stats 7")
    made["staff-figures"] = drawn("Wang's phone", telegram.chat(wang)[-2:], wang)
    return made


async def _announcement(office: Office) -> dict[str, str]:
    """An announcement from the draft to its end: as staff see it, and as a trainee gets it."""
    telegram, wang = office.telegram, office.editor
    zarina = telegram.person("Zarina", "tg")
    await office.says(zarina, "/start")
    page = await office.says(wang, "/announce")
    await office.press(wang, page, "✍️ Write an announcement")
    for language, words in (
        ("ru", "Библиотека открыта **и в воскресенье**."),
        ("tg", "Китобхона **якшанбе ҳам** кушода аст."),
    ):
        wang.presses_data(page, f"write:1:{language}")
        await office.settled()
        wang.says(words, reply_to=telegram.replies(wang)[-1])
        await office.settled()
    draft = telegram.replies(wang)[-1]
    made = {"staff-draft": drawn("Wang's phone", [draft], wang, "👁 Preview")}
    await office.press(wang, draft, "✉️ Send …")
    asked = telegram.replies(wang)[-1]
    sure = next(label for row in asked.buttons for label in row if label.startswith("✅ Yes"))
    made["staff-sure"] = drawn("Wang's phone", [asked], wang, sure)
    await office.press(wang, asked, sure)
    sender = Sender(office.desk, "one")
    while await sender.step():
        pass
    await sender.progress.report()
    made["staff-sent"] = drawn("Wang's phone", [asked], wang)
    made["trainee-announcement"] = drawn("Zarina's phone", telegram.replies(zarina)[-1:], zarina)
    return made


async def _history(office: Office) -> None:
    """A week of questions."""
    asked = (
        ("Anna", "ru", ["Как продлить визу?", "где получить стипендию", "можно ли с собакой в общежитие"]),
        ("Farrukh", "tg", ["Чӣ тавр раводидро дароз кунам?", "хобгоҳ чанд пул аст", "Оё варзишгоҳи шатранҷ ҳаст?"]),
        ("Li", "zh", ["怎么延长签证？", "宿舍有空调吗", "可以带狗住宿舍吗"]),
        ("John", "en", ["where in Qingdao do they renew visas for foreigners?", "dormitory price"]),
        ("Mary", "en", ["where in qingdao they renew visas for foreigners", "wifi password"]),
        ("Ivan", "ru", ["как оформить стипендию", "где поесть халяль", "когда начинаются курсы"]),
    )
    voted = 0
    for name, code, questions in asked:
        office.clock.goes_on(hours=20)
        person = office.telegram.person(name, code)
        for question in questions:
            reply = await office.says(person, question)
            helped = reply.buttons[0][0]
            if helped.startswith("👍"):
                voted += 1
                await office.press(person, reply, reply.buttons[0][1] if voted % 4 == 0 else helped)


async def _trainee(office: Office, language: Language) -> str:
    """What a trainee sees: an answer, and a question that nobody has answered yet."""
    texts = {
        Language.EN: ("my visa ends next week", "Which laptop is best for drawing?"),
        Language.RU: ("виза скоро кончается", "Какой ноутбук лучше для рисования?"),
        Language.TG: ("раводидам ба охир мерасад", "Барои расмкашӣ кадом ноутбук беҳтар аст?"),
        Language.ZH: ("我的签证快到期了", "画画用什么笔记本电脑好？"),
    }
    names = {Language.EN: "John", Language.RU: "Анна", Language.TG: "Фаррух", Language.ZH: "阿力"}
    person = office.telegram.person(names[language], language.value)
    for text in texts[language]:
        await office.says(person, text)
    return drawn(names[language], office.telegram.chat(person), person)


async def main() -> None:
    """Draw everything."""
    made = await scenes()
    async with launched() as chromium:
        page = await chromium.browser.new_page(viewport={"width": WIDTH, "height": 200}, device_scale_factor=1.5)
        for name, html in made.items():
            await page.set_content(html)
            await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


if __name__ == "__main__":
    asyncio.run(main())
