"""The command line: the door of the house."""

from bot.cli import running, staff, writing
from bot.cli.door import cli

__all__ = ["cli", "running", "staff", "writing"]
