"""A member of staff who edits a small content folder, and what they are told about it."""

from __future__ import annotations

from pathlib import Path

from bot.content.reader import Reading, read
from bot.content.values import Content, Severity

INSTITUTE = """\
institute:
  name: {en: Institute, ru: Институт, tg: Донишкада, zh: 学院}
  time_zone: Asia/Shanghai
  email: office@institute.cn
  phone: +86 532 8888 7777
"""

HOURS = """\
hours:
  monday: 09:00-18:00
  tuesday: [09:00-12:00, 13:30-18:00]
  saturday:
    - 22:00 – 24:00
closed: [2027-01-01]
"""

VISA = """\
topic: visa
title: {en: Visa, ru: Виза, tg: Раводид, zh: 签证}
entries:
  - id: visa-extension
    ask:
      en: [How do I extend my visa?]
      ru: [Как продлить визу?]
      tg: [Чӣ тавр раводидро дароз кунам?]
      zh: [怎么延长签证？]
    answer:
      en: |
        Write to **{email}** in time.

        - your passport
        - a letter
      ru: Напишите на {email} вовремя.
      tg: Ба {email} сари вақт нависед.
      zh: 请及时写信至 {email}。
"""

SESSIONS = """\
courses:
  - id: trade
    title: {en: Trade, ru: Торговля, tg: Савдо, zh: 贸易}
    about: {en: Buying, ru: Покупка, tg: Харид, zh: 买}
sessions:
  - id: trade-2027
    course: trade
    start: 2027-03-01
    end: 2027-03-12
    time_zone: Asia/Shanghai
    mode: on-site
    place: {en: Qingdao, ru: Циндао, tg: Чиндао, zh: 青岛}
    language: [en]
    seats: 30
    apply_by: 2027-02-01
    link: https://institute.cn/trade
"""


class Staff:
    """Somebody with an editor. The folder begins without a fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.writes("institute.yaml", INSTITUTE)
        self.writes("visa.yaml", VISA)
        self.writes("sessions.yaml", SESSIONS)

    def writes(self, file: str, text: str | bytes) -> None:
        (self.folder / file).write_bytes(text.encode() if isinstance(text, str) else text)

    def changes(self, file: str, before: str, after: str) -> None:
        text = (self.folder / file).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {file}"
        self.writes(file, text.replace(before, after))

    def reading(self) -> Reading:
        return read(self.folder)

    def content(self) -> Content:
        content = self.reading().content
        assert content is not None, self.is_told()
        return content

    def is_told(self) -> list[str]:
        """Everything, errors and warnings, as `check` prints it but for the folder."""
        return [str(problem) for problem in self.reading().problems]

    def mistakes(self) -> list[str]:
        """What keeps the content from going live."""
        return [str(problem) for problem in self.reading().problems if problem.severity is Severity.ERROR]
