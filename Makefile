# The menu: `make` lists it. CI runs these same targets.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install -c constraints.txt
# uv takes a quarter of pip's time, but knows nothing of pip's settings, such as a mirror: then pip installs
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt $(1) || $(PIP) $(1)
NBA_ARCHIVE_DIR ?= $(abspath ../shared/data/nba)
WORKERS ?= 3
QUICK := not slow and not emulator and not archive
FAST := models nba_assets nba_resources test_house_rules.py
PYTEST := $(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What the demo and the UI import: compiled once, as otherwise each process may do it again
COMPILED := catboost, dagster_webserver.cli, matplotlib.figure, nba_platform.cli.demo, nba_platform.cli.ui, xgboost

# Otherwise each process of the tests and of the UI compiles our modules again
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo ui check test lint style definitions bench audit

help: ## List these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.installed ## Install what is needed and fill the warehouse with a simulated season
	@$(BIN)/nba demo

ui: $(VENV)/.installed ## Open the web UI with its daemon on http://127.0.0.1:3000
	@$(BIN)/nba ui

check: style $(VENV)/.test ## Check style, types and the fast tests within a minute, for the loop of a developer
	$(PYTEST) -m "$(QUICK)" $(addprefix tests/,$(FAST))

test: lint $(VENV)/.test ## Run everything CI runs: lint, then all tests, the quick ones first
	$(PYTEST)

lint: $(VENV)/.lint ## Check style, types and that the definitions load
	@$(MAKE) --no-print-directory -j 2 style definitions

definitions: $(VENV)/.lint
	$(BIN)/dg check defs

style: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed ## Time a day, and the real archive in NBA_ARCHIVE_DIR: every table, history, honest forecasts
	NBA_ARCHIVE_DIR=$(NBA_ARCHIVE_DIR) $(BIN)/python benchmarks/daily.py .bench
	NBA_ARCHIVE_DIR=$(NBA_ARCHIVE_DIR) $(BIN)/python benchmarks/backfill.py
	NBA_ARCHIVE_DIR=$(NBA_ARCHIVE_DIR) $(BIN)/python benchmarks/precompute.py
	NBA_ARCHIVE_DIR=$(NBA_ARCHIVE_DIR) $(BIN)/python benchmarks/forecasts.py

audit: $(VENV)/.installed ## Ask osv.dev for advisories about every pinned library; needs a network
	$(BIN)/uv tool run pip-audit@2.10.1 --requirement constraints.txt --no-deps --disable-pip --vulnerability-service osv

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (a minute, once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) uv
	@$(call INSTALL,-e .)
	@$(BIN)/python -c "import $(COMPILED)"
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	@$(call INSTALL,-e '.[test]')
	@touch $@

$(VENV)/.lint: $(VENV)/.installed
	@$(call INSTALL,-e '.[lint]')
	@touch $@
