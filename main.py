"""`python main.py`: see `python main.py --help`."""

import os

# python-telegram-bot will tell flood waits as timedeltas later; asking for it now avoids its warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

from bot.cli import cli

if __name__ == "__main__":
    cli()
