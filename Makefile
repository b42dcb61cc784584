# Accord: the commands for people and for CI. `make help` lists them.
# The rest of the recipes is in scripts/, one small file a task.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
export PORT
export DJANGO_SETTINGS_MODULE ?= accord.settings
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Images for containers often set it: then every process compiles anew what it imports, and pytest every test.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --quiet
CATALOGUES := $(wildcard src/accord/locale/*/LC_MESSAGES/*.po)
WORKERS ?= 2
ARGS ?=

.PHONY: help install run test lint seen pictures prove bench catalogues docs clean

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/make \1|\2/' | while IFS='|' read -r name what; do printf '  %-16s %s\n' "$$name" "$$what"; done

install: .venv/.catalogues ## make .venv with everything that a running Accord needs

.venv/.python:
	@scripts/venv.sh .venv
	@touch $@

.venv/.run: requirements/run.txt pyproject.toml | .venv/.python
	@echo 'Installing what Accord runs on (about a minute) ...'
	@$(PIP) -r requirements/run.txt
	@$(PIP) --no-deps -e .
	@touch $@

.venv/.catalogues: .venv/.run $(CATALOGUES) scripts/catalogues.py
	@$(BIN)/python -m scripts.catalogues compile
	@touch $@

.venv/.test: requirements/test.txt .venv/.run
	@echo 'Installing what the tests need ...'
	@$(PIP) -r requirements/test.txt
	@touch $@

.venv/.prove: requirements/prove.txt .venv/.test
	@echo 'Installing what the slow proofs need ...'
	@$(PIP) -r requirements/prove.txt
	@touch $@

run: install ## serve Accord at http://127.0.0.1:PORT (8000); an empty home gets the simulated company first
	@$(BIN)/accord demo --if-empty
	@$(BIN)/accord init
	@exec $(BIN)/accord serve --port "$$PORT"

test: install .venv/.test lint ## linters, then every test, beside those marked both on PostgreSQL; ends with pytest's summary line
	@scripts/machine.sh
	@ACCORD_TESTS_MISSING="$$(cat .tools/missing)" WORKERS=$(WORKERS) scripts/tests.sh $(ARGS)

lint: .venv/.catalogues .venv/.test ## ruff, import contracts, mypy, budgets, generated pages
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo 'Some files are not formatted: run .venv/bin/ruff format .'; exit 1; }
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/python -m scripts.budgets
	@$(BIN)/python -m scripts.loop_doc --check
	@$(BIN)/python -m scripts.permissions_doc --check
	@$(BIN)/python -m scripts.openapi_doc --check
	@$(BIN)/python -m scripts.agreement_doc --check

seen: install .venv/.test ## screenshots of every page over widths, themes, fillings and languages
	@scripts/machine.sh
	@ACCORD_TESTS_MISSING="$$(cat .tools/missing)" $(BIN)/python -m scripts.seen $(ARGS)

pictures: install .venv/.test ## take the pictures of README and docs again, of a house whose story was told
	@scripts/machine.sh
	@ACCORD_TESTS_MISSING="$$(cat .tools/missing)" $(BIN)/python -m scripts.pictures

prove: install .venv/.prove ## the slow proofs, written to docs/reference/proofs.md: make prove, or ARGS="tests pages"
	@scripts/machine.sh
	@ACCORD_TESTS_MISSING="$$(cat .tools/missing)" $(BIN)/python -m scripts.prove $(ARGS)

bench: install .venv/.test ## measured claims: make bench lists them, make bench ARGS=importing runs one
	@$(BIN)/python -m bench $(ARGS)

catalogues: .venv/.test ## bring the translation catalogues up to date with the strings in the code
	@$(BIN)/python -m scripts.catalogues update
	@$(BIN)/python -m scripts.catalogues compile

docs: install ## write again the pages of docs/reference that are generated
	@$(BIN)/python -m scripts.loop_doc
	@$(BIN)/python -m scripts.permissions_doc
	@$(BIN)/python -m scripts.openapi_doc
	@$(BIN)/python -m scripts.agreement_doc

clean: ## remove what install and tests wrote; the home in var/ stays
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
