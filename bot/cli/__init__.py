"""The command line: the door of the house."""

from bot.cli import content, running, staff
from bot.cli.door import cli

__all__ = ["cli", "content", "running", "staff"]
