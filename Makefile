# autovis: `make lab` to learn, `make test` to check.
PYTHON ?= python3
WORKERS ?= 2
CI ?= false
export CI

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
REPORTS := test-artifacts
NODE := $(shell command -v node)
LESSONS := $(wildcard lessons/*/*.ipynb)
PYTEST = $(PY) -m pytest --junitxml=$(REPORTS)/$(1).xml
NBVAL = $(call PYTEST,$(1)) -n $(WORKERS) --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout=60 \
	--nbval-sanitize-with lessons/sanitize.cfg -o addopts= -q $(LESSONS)

.PHONY: lab test lint format types layers front unit notebooks browser packaging bench gallery parity lessons translations lite docs clean

## lab: open JupyterLab on the first lesson
lab: $(VENV)/.lab
	$(BIN)/autovis lab 01

## test: everything, from nothing
test: $(VENV)/.dev
	@rm -rf $(REPORTS) && mkdir -p $(REPORTS)
	@$(MAKE) --no-print-directory lint types layers front unit notebooks browser packaging
	@echo "ruff, mypy and import contracts passed; front end $(if $(NODE),passed,not run: no node); pytest, step by step:"
	@$(PY) tests/summary.py $(REPORTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

front:
ifeq ($(NODE),)
	@echo "front: not run: no node"; [ "$(CI)" != true ]
else
	node --test tests/js/*.mjs
endif

unit: $(VENV)/.dev
	$(call PYTEST,unit) -n $(WORKERS) --dist loadfile -q

# Twice: with the `dot` program, and with a PATH that has none.
notebooks: $(VENV)/.dev
	@command -v dot >/dev/null || [ "$(CI)" != true ] || { echo "notebooks: CI=true needs the program dot (package graphviz)"; exit 1; }
	AUTOVIS_MODE=ci $(call NBVAL,lessons-with-dot)
	AUTOVIS_MODE=ci PATH="$(abspath $(BIN))" $(call NBVAL,lessons-without-dot)

browser: $(VENV)/.dev
	$(call PYTEST,browser) -m browser -q tests/browser

packaging: $(VENV)/.dev
	$(call PYTEST,packaging) -m packaging -q tests/packaging

## bench: the same programs on autovis, on PyTorch and in plain NumPy, in turn
bench: $(VENV)/.dev
	$(PY) -m tests.bench

## gallery: every state of the pictures on one page, build/gallery.html
gallery: $(VENV)/.dev
	$(PY) tests/viz/gallery.py build/gallery.html

## parity: write PARITY.md from the tables that the tests run
parity: $(VENV)/.dev
	$(PY) -m tests.parity.table

## lessons: execute the lessons again, clean them, and write what they cover
lessons: $(VENV)/.dev
	AUTOVIS_MODE=ci $(PY) lessons/execute.py
	$(PY) lessons/coverage.py

## translations: write and run the lessons in other languages, from lessons/po
translations: $(VENV)/.dev
	$(PY) lessons/translate.py build
	$(PY) lessons/translate.py lint

## lite: build the site on which the lessons run in the browser alone, in build/lite
lite: $(VENV)/.dev
	$(PY) lessons/lite.py

## docs: build the documentation in build/docs, to be read from there without a server
docs: $(VENV)/.dev
	$(PY) -m sphinx --quiet --fresh-env --fail-on-warning --keep-going --doctree-dir build/doctrees lessons/site build/docs
	@echo "open build/docs/index.html"

## clean: remove what can be made again
clean:
	rm -rf $(VENV) $(REPORTS) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "autovis needs Python 3.11 or newer; say which: make PYTHON=python3.13 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.pip: | $(PY)
	$(PY) -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.lab: pyproject.toml | $(VENV)/.pip
	$(PY) -m pip install --quiet --editable ".[lab]"
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.pip
	$(PY) -m pip install --quiet --editable ".[lab]" --group dev
	@touch $@ $(VENV)/.lab
