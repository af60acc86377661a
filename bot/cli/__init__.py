"""The command line: the door of the house."""

# In the order in which the help lists their commands.
from bot.cli import running

# isort: split
from bot.cli import announce, backup, staff, writing
from bot.cli.door import cli

__all__ = ["announce", "backup", "cli", "running", "staff", "writing"]
