# `make run` and `make test` do everything from nothing: they need Python 3.11+ and no root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: run test lint words schema bench clean

run: $(VENV)/run
	@$(BIN)/python main.py

test: $(VENV)/test lint
	@$(BIN)/python -m pytest

lint: $(VENV)/test
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

words: $(VENV)/run
	@$(BIN)/python locales/words.py

schema: $(VENV)/run
	@$(BIN)/python main.py schema

bench: $(VENV)/run
	@$(BIN)/python -m benchmarks.speed

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps remember what was installed, so that the second start is immediate.
$(VENV)/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rohnamo needs Python 3.11 or newer")'
	@echo "Installing (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/test: $(VENV)/run
	@$(PIP) --editable '.[test]'
	@touch $@
