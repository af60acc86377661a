"""The desk: what every channel may ask of the bot. Telegram, the web page and the terminal all come here."""

from bot.desk.desk import Desk
from bot.desk.house import House
from bot.desk.visitor import Source, Visitor

__all__ = ["Desk", "House", "Source", "Visitor"]
