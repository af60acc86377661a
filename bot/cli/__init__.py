"""The command line: the door of the house."""

# In the order in which the help lists their commands.
from bot.cli import running

# isort: split
from bot.cli import announce, backup, doctor, staff, updates, writing
from bot.cli.door import cli

__all__ = ["announce", "backup", "cli", "doctor", "running", "staff", "updates", "writing"]
