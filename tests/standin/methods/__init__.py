"""The Bot API's methods, one function each; `METHODS` has all that the stand-in can do."""

from . import conversation, forums, inline, media, messages, people, polling, profile
from .registry import METHODS

__all__ = ["METHODS", "conversation", "forums", "inline", "media", "messages", "people", "polling", "profile"]
